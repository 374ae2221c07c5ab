//! Tests of the envelope: columns on the grid, each sample in one of them, extremes and power as they are.

use proptest::prelude::*;

use super::*;
use crate::feed::test_frames::{RATE_HZ, epoch, frame, frames_of, mono, runs, sample};

/// Events as a viewer reads them.
fn events(column_samples: u64, frames: &[AudioFrame]) -> Vec<EnvelopeJson<'static>> {
    let mut envelope = Envelope::new(NonZeroU64::new(column_samples).unwrap());
    let mut events = Vec::new();
    let mut take = |columns: EnvelopeColumns<'_>| {
        let json = serde_json::to_string(&EnvelopeJson::from(columns)).unwrap();
        events.push(serde_json::from_str(&json).unwrap());
    };
    for frame in frames {
        envelope.push(frame, &mut take);
    }
    envelope.flush(&mut take);
    events
}

/// The columns of an event as a reader finds them from its head.
fn columns(event: &EnvelopeJson<'_>) -> Vec<(u64, u64)> {
    let end = event.first_sample + event.samples;
    let mut columns = Vec::new();
    let mut at = event.first_sample;
    while at < end {
        let next = ((at / event.column_samples + 1) * event.column_samples).min(end);
        columns.push((at, next));
        at = next;
    }
    columns
}

#[test]
fn an_event_has_the_columns_that_a_frame_completes() {
    let events = events(1000, &frames_of(0, &[(0, 1600), (0, 1600), (0, 300)]));
    let extents: Vec<_> = events.iter().map(|event| (event.first_sample, event.samples, event.frame_number)).collect();
    assert_eq!(extents, [(0, 1000, 0), (1000, 2000, 1), (3000, 500, 2)]);
    assert_eq!(events[1].min_a.len(), 2);
    assert_eq!(events[1].duration_ms, 2000.0 * 1e3 / f64::from(RATE_HZ));
}

#[test]
fn no_column_spans_a_gap_or_an_epoch() {
    let events_over_gap = events(1000, &frames_of(0, &[(0, 1500), (200, 500)]));
    let extents: Vec<_> = events_over_gap.iter().map(|event| (event.first_sample, event.samples)).collect();
    assert_eq!(extents, [(0, 1000), (1000, 500), (1700, 300), (2000, 200)]);
    assert_eq!(events_over_gap[2].flags, ["after_gap"]);
    assert!(events_over_gap[3].flags.is_empty());
    let other = AudioFrame { epoch: epoch(2), ..frame(1, 1500, 500) };
    assert_eq!(events(1000, &[frame(0, 0, 1500), other])[1].samples, 500);
}

#[test]
fn a_mono_source_has_no_columns_of_channel_b() {
    let events = events(100, &[mono(frame(0, 0, 300))]);
    assert_eq!((events[0].min_a.len(), events[0].min_b.len()), (3, 0));
    assert!(events[0].max_b.is_empty() && events[0].rms_b.is_empty());
}

#[test]
fn flags_and_times_are_those_of_the_frames_that_columns_come_from() {
    let mut frames = frames_of(0, &[(0, 1600), (0, 1600), (0, 1600)]);
    frames[0].flags.clipped = true;
    frames[1].captured_us += 1_000_000;
    let clean = (frames[0].captured_us, frames[0].sample_rate);
    let events = events(1000, &frames);
    assert_eq!(events[0].flags, ["clipped"]);
    assert_eq!(events[1].flags, ["clipped"], "its first column began in the clipped frame");
    assert!(events[2].flags.is_empty());
    assert_eq!(events[1].captured_us, clean.0 + clean.1.micros_of(1000));
}

proptest! {
    #[test]
    fn every_sample_is_in_one_column_that_tells_of_it(
        first in 0_u64..10_000,
        column_samples in 1_u64..2500,
        shape in prop::collection::vec((prop_oneof![3 => Just(0_u64), 1 => 1..3000_u64], 1..3000_u64), 1..8),
    ) {
        let frames = frames_of(first, &shape);
        let mut covered: Vec<std::ops::Range<u64>> = Vec::new();
        for event in events(column_samples, &frames) {
            let columns = columns(&event);
            prop_assert_eq!(columns.len(), event.min_a.len());
            for (column, (from, to)) in columns.into_iter().enumerate() {
                match covered.last_mut() {
                    Some(run) if run.end == from => run.end = to,
                    _ => covered.push(from..to),
                }
                let read = [(&event.min_a, &event.max_a, &event.rms_a), (&event.min_b, &event.max_b, &event.rms_b)];
                for (channel, (min, max, rms)) in read.into_iter().enumerate() {
                    let samples: Vec<f32> = (from..to).map(|index| sample(channel, index)).collect();
                    prop_assert_eq!(min[column], samples.iter().copied().reduce(f32::min).unwrap());
                    prop_assert_eq!(max[column], samples.iter().copied().reduce(f32::max).unwrap());
                    let mean_square = samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64;
                    prop_assert!((f64::from(rms[column]) - mean_square.sqrt()).abs() < 1e-7);
                }
            }
        }
        prop_assert_eq!(covered, runs(&frames));
    }
}
