//! Tests of the end of a source: every kind that is cut from samples tells of all of them, before the state that ends
//! them, however they end.

use photophone_signal::{Epoch, GapCause};

use super::cost::CostMeter;
use super::test_events::{Told, assert_complete, play, play_to_end, play_to_stall};
use super::test_frames::{epoch, frames_of};
use super::worker::Worker;
use super::*;
use crate::clock::ManualClock;
use crate::stream::{Covers, DaemonState, FrameTally, Lateness, Start, StateChange};

const BOUNDS: Bounds = Bounds { lag_items: 1000, history_us: 0, history_bytes: u64::MAX };

/// The kinds whose events stand for every sample.
fn of_samples() -> Vec<FeedSpec> {
    let frames = |decimate: &str, fps: Option<&str>| {
        let (decimate, fps) = (decimate.parse().unwrap(), fps.map(|fps| fps.parse().unwrap()));
        FeedSpec::Frames(FramesSpec { decimate, fps, ..FramesSpec::default() })
    };
    let envelope = |fps: Option<&str>| {
        let (column_samples, fps) = ("1000".parse().unwrap(), fps.map(|fps| fps.parse().unwrap()));
        FeedSpec::Envelope(EnvelopeSpec { column_samples, fps, ..EnvelopeSpec::default() })
    };
    vec![
        frames("1", None),
        frames("1", Some("0.1")),
        frames("4", None),
        frames("3", Some("7")),
        envelope(None),
        envelope(Some("10")),
        FeedSpec::Levels(LevelsSpec::default()),
    ]
}

/// Frames that end on no grid, behind a gap.
fn frames() -> Vec<AudioFrame> {
    frames_of(0, &[(0, 1600), (0, 1600), (300, 1600), (0, 1600), (0, 1237)])
}

#[test]
fn at_the_end_every_sample_is_told_of() {
    let frames = frames();
    let end = frames.last().unwrap().end_sample();
    for spec in of_samples() {
        let told = play_to_end(&spec, &frames);
        assert_complete(&told);
        assert_eq!(told.last().unwrap().range().1, end, "{spec}");
        let tail = told.iter().rev().find_map(|told| match told {
            Told::Gap(gap) if gap.to_sample == Some(end) => Some((gap.cause, gap.exact)),
            _ => None,
        });
        let is_decimated = matches!(&spec, FeedSpec::Frames(frames) if frames.is_decimated());
        assert_eq!(tail, is_decimated.then_some((GapCause::Processor, true)), "{spec}");
    }
}

#[test]
fn what_was_told_at_the_end_is_not_told_again_with_a_gap_that_follows() {
    for spec in of_samples() {
        for frames in [&frames()[..], &frames_of(0, &[(0, 1600), (40, 30)])] {
            let (told, at_once) = (play_to_stall(&spec, frames), play(&spec, frames));
            assert_complete(&told);
            let events = |told: &[Told]| told.iter().filter(|told| told.is_event()).cloned().collect::<Vec<_>>();
            assert_eq!(events(&told), events(&at_once), "{spec}: whenever the gap is known, events are the same");
            assert_eq!(told.last().unwrap().range().1, at_once.last().unwrap().range().1, "{spec}");
        }
    }
}

fn change(state: DaemonState) -> StateChange {
    StateChange { state, reason: None, epoch: Some(epoch(1)), sample_rate: Some(48_000), channels: Some(2), at_us: 0 }
}

/// What a feed of one slice every ten seconds makes of `frames` and the states after them, in order: where events end,
/// and None for a state.
fn ends(states: &[DaemonState]) -> Vec<Option<u64>> {
    let clock = ManualClock::starting_at(0);
    let stream = SharedAudioStream::new(BOUNDS, clock.clone());
    stream.publish_state(change(DaemonState::Running), None);
    for frame in frames_of(0, &[(0, 1600), (0, 1237)]) {
        stream.publish_frame(frame, FrameTally::default());
    }
    states.iter().for_each(|state| stream.publish_state(change(*state), None));
    stream.close();
    let (source, state) = stream.subscribe_internally(Start::Oldest, Lateness::Skip);
    let shared = Shared::new(0, BOUNDS, &stream, &source, clock);
    let spec = &of_samples()[1];
    let worker = Worker::new(Arc::clone(&shared), spec.representation(), 0, CostMeter::new(f64::INFINITY));
    assert_eq!(worker.run(source, state, || false), EndReason::StreamEnded);
    shared.ring.close();
    let (mut events, _) = shared.ring.subscribe(Start::Oldest, Lateness::CatchUp);
    let told = std::iter::from_fn(|| events.next_blocking()).map(|next| match next {
        crate::stream::Next::Item(event) => Covers::end(&event).map(|end| end.sample),
        crate::stream::Next::Missed(gap) => panic!("{gap:?}"),
    });
    told.collect()
}

#[test]
fn what_is_held_comes_before_the_state_that_ends_the_samples() {
    use DaemonState::{Failed, Finished, Reopening, Running, Silent, Stalled};
    for state in [Stalled, Reopening, Finished, Failed] {
        assert_eq!(ends(&[state]), [None, Some(2837), None], "{state}");
        assert_eq!(ends(&[state, Failed]), [None, Some(2837), None, None], "{state}");
    }
    assert_eq!(ends(&[Silent, Running]), [None, None, None, Some(2837)], "samples flow on until the stream ends");
    assert_eq!(ends(&[]), [None, Some(2837)]);
}

#[test]
fn an_epoch_without_a_value_has_no_tail() {
    let spec = &of_samples()[2];
    assert_eq!(play_to_end(spec, &frames_of(0, &[(0, 200)])), []);
    let other: Epoch = epoch(2);
    let next = AudioFrame { epoch: other, ..frames_of(0, &[(0, 1600)]).remove(0) };
    let mut representation = spec.representation();
    let mut contents = Vec::new();
    representation.add(&Arc::new(frames_of(0, &[(0, 1600)]).remove(0)), &mut contents);
    let tail = representation.finish(&mut contents).unwrap();
    assert_eq!((tail.epoch, tail.from_sample, tail.to_sample), (epoch(1), 1340, Some(1600)));
    contents.clear();
    representation.add(&Arc::new(next), &mut contents);
    assert_eq!(contents[0].id(), SampleIndex { epoch: other, sample: 260 });
}
