//! Tests of the decimator: every index is covered once, by values or by a gap, and heads say what was read.

use photophone_signal::units::SampleRate;
use photophone_signal::{FrameRate, GapCause};
use proptest::prelude::*;

use super::*;
use crate::feed::slicer::Slicer;
use crate::feed::test_frames::{RATE_HZ, START_US, epoch, frame, frames_of, mono};

fn gap(from: u64, to: Option<u64>) -> Gap {
    Gap { epoch: epoch(1), from_sample: from, to_sample: to, cause: GapCause::Device, exact: true, next_epoch: None }
}

/// What viewers of a decimated stream are told of its indices.
#[derive(Debug, PartialEq)]
enum Told {
    Values(Range<u64>),
    Gap(Range<u64>),
}

impl Told {
    fn range(&self) -> Range<u64> {
        match self {
            Self::Values(range) | Self::Gap(range) => range.clone(),
        }
    }
}

/// Feeds frames with the gaps between them.
fn told(decimator: &mut Decimator, frames: &[AudioFrame]) -> Vec<Told> {
    let mut told = Vec::new();
    let mut end = frames[0].first_sample;
    for frame in frames {
        if frame.first_sample > end {
            let wide = decimator.widen(&gap(end, Some(frame.first_sample)));
            told.push(Told::Gap(wide.from_sample..wide.to_sample.unwrap()));
        }
        told.extend(decimator.push(frame).map(|values| Told::Values(values.covered())));
        end = frame.end_sample();
    }
    told
}

#[test]
fn values_stand_at_multiples_of_the_factor_wherever_frames_begin() {
    let mut decimator = Decimator::new(4);
    assert_eq!(decimator.delay_samples(), 260);
    let frames = frames_of(1001, &[(0, 1600), (0, 1600)]);
    let values = decimator.push(&frames[0]).unwrap();
    assert_eq!((values.head.first_sample, values.factor, values.channel_a.len()), (1264, 4, 270));
    assert_eq!(values.covered(), 1264..2344);
    assert_eq!(decimator.push(&frames[1]).unwrap().covered(), 2344..3944);
}

#[test]
fn gaps_are_told_wider_by_what_has_no_value() {
    let frames = frames_of(0, &[(0, 1600), (100, 1600)]);
    let told = told(&mut Decimator::new(4), &frames);
    assert_eq!(told, [Told::Values(260..1340), Told::Gap(1340..1960), Told::Values(1960..3040)]);
}

#[test]
fn a_gap_at_the_end_of_an_epoch_begins_behind_the_last_value() {
    let mut decimator = Decimator::new(4);
    let end = decimator.push(&frame(0, 0, 1600)).unwrap().covered().end;
    assert_eq!(decimator.widen(&gap(1600, None)), gap(end, None));
    let other = AudioFrame { epoch: epoch(2), ..frame(0, 0, 1600) };
    assert_eq!(decimator.push(&other).unwrap().covered(), 260..1340);
}

#[test]
fn a_gap_of_another_epoch_begins_where_it_says() {
    let mut decimator = Decimator::new(4);
    decimator.push(&frame(0, 0, 1600));
    let other = Gap { epoch: epoch(2), ..gap(40, Some(50)) };
    assert_eq!(decimator.widen(&other), Gap { from_sample: 40, to_sample: Some(312), ..other });
}

#[test]
fn heads_have_the_time_of_the_first_value_and_the_frame_that_was_read_last() {
    let mut decimator = Decimator::new(8);
    decimator.push(&frame(7, 0, 1600));
    let values = decimator.push(&frame(8, 1600, 1600)).unwrap();
    let micros = SampleRate::new(RATE_HZ).unwrap().micros_of(values.head.first_sample);
    assert!(values.head.first_sample < 1600);
    assert_eq!((values.head.monotonic_us, values.head.captured_us), (micros, START_US + micros));
    assert_eq!((values.head.frame_number, values.head.epoch), (8, epoch(1)));
}

#[test]
fn flags_reach_as_far_as_the_filter_does() {
    let mut frames = frames_of(50, &[(5, 300); 6]);
    frames.iter_mut().enumerate().for_each(|(number, frame)| {
        frame.first_sample = 55 + 300 * number as u64;
        frame.flags.after_gap = number == 0;
        frame.flags.clipped = number == 0;
        frame.flags.nonfinite = number == 5;
    });
    let mut decimator = Decimator::new(4);
    let mut flags = Vec::new();
    for frame in &frames {
        flags.extend(decimator.push(frame).map(|values| (values.head.first_sample, values.head.flags)));
    }
    let shown: Vec<_> =
        flags.iter().map(|(at, flags)| (*at, flags.clipped, flags.nonfinite, flags.after_gap)).collect();
    assert_eq!(
        shown,
        [
            (316, true, false, true),
            (396, true, false, false),
            (696, false, false, false),
            (996, false, false, false),
            (1296, false, true, false),
        ]
    );
}

#[test]
fn by_one_samples_pass_as_they_are() {
    let frame = frame(0, 123, 500);
    let mut decimator = Decimator::new(1);
    let values = decimator.push(&frame).unwrap();
    assert_eq!((values.channel_a, values.channel_b), (&frame.channel_a[..], &frame.channel_b[..]));
    assert_eq!(values.covered(), 123..623);
    let mono = mono(frame);
    assert_eq!(decimator.push(&mono).unwrap().channel_b, [0.0; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_index_is_covered_once_by_values_or_a_gap(
        factor in 1_u64..=16,
        first in 0_u64..10_000,
        shape in prop::collection::vec((prop_oneof![2 => Just(0_u64), 1 => 1..3000_u64], 1..3000_u64), 1..12),
    ) {
        let mut decimator = Decimator::new(factor);
        let frames = frames_of(first, &shape);
        let mut at = decimator.first_covered(frames[0].first_sample);
        for told in told(&mut decimator, &frames) {
            let range = told.range();
            prop_assert_eq!(range.start, at);
            prop_assert!(range.end > range.start);
            at = range.end;
        }
        let end = frames.last().unwrap().end_sample();
        prop_assert!(at + decimator.delay_samples() >= end);
    }

    #[test]
    fn slices_give_the_same_values_as_frames(factor in 1_u64..=16, first in 0_u64..10_000, fps in 5_u32..60) {
        let frames = frames_of(first, &[(0, 1600); 6]);
        let (mut direct, mut sliced) = (Decimator::new(factor), Decimator::new(factor));
        let mut values = [Vec::new(), Vec::new()];
        let mut slicer = Slicer::new(FrameRate::from_fps(f64::from(fps)));
        let mut take = |slice: &AudioFrame| {
            values[1].extend(sliced.push(slice).into_iter().flat_map(|values| values.channel_a.to_vec()));
        };
        for frame in &frames {
            slicer.push(frame, &mut take);
        }
        slicer.flush(&mut take);
        for frame in &frames {
            values[0].extend(direct.push(frame).into_iter().flat_map(|values| values.channel_a.to_vec()));
        }
        prop_assert_eq!(&values[0], &values[1]);
    }
}
