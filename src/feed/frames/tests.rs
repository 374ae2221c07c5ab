//! Tests of frames as viewers want them: the grid, joining, gaps, channels, and that all forms say the same.

use photophone_signal::wire::FrameJson;
use photophone_signal::wire::binary::{SampleFormat, write_frame};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::feed::FeedSpec;
use crate::feed::test_events::{Told, assert_complete, assert_joins_anywhere, events, numbers, play, uneven};
use crate::feed::test_frames::{RATE_HZ, epoch, frame, frames_of, mono, sample};

fn spec(format: Format, channels: Channels, decimate: &str, fps: Option<&str>) -> FeedSpec {
    let fps = fps.map(|fps| fps.parse().unwrap());
    FeedSpec::Frames(FramesSpec { format, channels, decimate: decimate.parse().unwrap(), fps })
}

fn at_fps(fps: &str) -> FeedSpec {
    spec(Format::Json, Channels::Both, "1", Some(fps))
}

fn decimated(factor: &str) -> FeedSpec {
    spec(Format::Json, Channels::Both, factor, None)
}

#[test]
fn without_parameters_events_are_the_published_frames() {
    for frame in [frame(5, 8000, 1600), mono(frame(5, 8000, 1600))] {
        let told = play(&FeedSpec::FRAMES, std::slice::from_ref(&frame));
        let Told::Event { json, message, .. } = &told[0] else { panic!("{told:?}") };
        assert_eq!(*json, serde_json::to_vec(&FrameJson::from(&frame)).unwrap());
        let mut expected = Vec::new();
        write_frame(&mut expected, 7, &frame, SampleFormat::F32).unwrap();
        assert_eq!(*message, expected);
    }
}

#[test]
fn events_say_what_differs_from_the_published_frames() {
    let frames = frames_of(0, &[(0, 1600)]);
    let fields = |spec: &FeedSpec| {
        let event = &events(&play(spec, &frames))[0];
        ["format", "channels", "decimate", "delay_samples"].map(|name| event[name].clone())
    };
    let none = Value::Null;
    assert_eq!(fields(&at_fps("15")), [none.clone(), none.clone(), none.clone(), none.clone()]);
    assert_eq!(fields(&spec(Format::I16, Channels::B, "4", None)), [json!("i16"), json!("b"), json!(4), json!(260)]);
    let event = &events(&play(&decimated("4"), &frames))[0];
    assert_eq!((&event["sample_rate"], &event["first_sample"]), (&json!(RATE_HZ), &json!(260)));
    assert_eq!(event["duration_ms"], json!(1080.0 * 1e3 / f64::from(RATE_HZ)));
}

#[test]
fn channel_b_of_a_mono_source_is_refused_until_there_is_one() {
    for (decimate, fps) in [("1", None), ("1", Some("15")), ("2", None)] {
        let mut feed = spec(Format::Json, Channels::B, decimate, fps).representation();
        let mut events = Vec::new();
        for stereo in frames_of(0, &[(0, 1600); 4]) {
            let (mono, stereo) = (Arc::new(mono(stereo.clone())), Arc::new(AudioFrame { epoch: epoch(2), ..stereo }));
            feed.add(&mono, &mut events);
            assert_eq!((feed.refusal().as_deref(), feed.passes_over(&mono)), (Some(Channels::NO_B), Some(mono.end())));
            assert!(events.iter().all(|event| event.id().epoch == epoch(2)), "nothing of a mono source");
            feed.add(&stereo, &mut events);
            assert_eq!((feed.refusal(), feed.passes_over(&stereo)), (None, None));
        }
        assert!(events.len() > 1, "{decimate} {fps:?}");
    }
}

#[test]
fn events_end_on_the_grid_of_fps() {
    let extents = |fps, frames: &[AudioFrame]| play(&at_fps(fps), frames).iter().map(Told::range).collect::<Vec<_>>();
    let frames = frames_of(0, &[(0, 1600), (0, 1600), (0, 1600), (500, 1600)]);
    assert_eq!(
        extents("15", &frames),
        [(0, 3200), (3200, 4800), (4800, 5300), (5300, 6400), (6400, 6900), (6900, 6901)]
    );
    let more = extents("60", &frames[..1]);
    assert_eq!(more, [(0, 800), (800, 1600), (1600, 1601)]);
    assert_eq!(extents("15", &frames[1..3]), [(3200, 4800), (4800, 4801)], "one half was before");
}

#[test]
fn gaps_are_told_wider_when_decimated() {
    let told = play(&decimated("4"), &frames_of(0, &[(0, 1600), (100, 1600)]));
    let ranges: Vec<_> = told.iter().map(Told::range).collect();
    assert_eq!(ranges, [(260, 1340), (1340, 1960), (1960, 3040), (3040, 3564)]);
}

#[test]
fn an_epoch_that_follows_at_once_begins_with_its_first_value() {
    let (mut representation, mut contents) = (decimated("4").representation(), Vec::new());
    representation.add(&Arc::new(frame(1, 1600, 100)), &mut contents);
    assert!(contents.is_empty());
    representation.add(&Arc::new(AudioFrame { epoch: epoch(2), ..frame(0, 0, 1600) }), &mut contents);
    assert_eq!(contents[0].id(), SampleIndex { epoch: epoch(2), sample: 260 });
}

#[test]
fn a_channel_that_was_not_asked_for_is_empty() {
    let stereo = frames_of(0, &[(0, 1600)]);
    let lengths = |channels, frames: &[AudioFrame]| {
        let event = &events(&play(&spec(Format::Json, channels, "1", None), frames))[0];
        ["channel_a", "channel_b"].map(|name| event[name].as_array().unwrap().len())
    };
    assert_eq!(lengths(Channels::A, &stereo), [1600, 0]);
    assert_eq!(lengths(Channels::B, &stereo), [0, 1600]);
    let mono = [mono(stereo[0].clone())];
    assert_eq!(lengths(Channels::Both, &mono), [1600, 0]);
    let base64 = &events(&play(&spec(Format::F32, Channels::B, "2", None), &stereo))[0];
    assert_eq!(base64["channel_a"], json!(""));
}

#[test]
fn sixteen_bits_are_exact_for_samples_of_sixteen_bits() {
    let mut frame = frame(0, 0, 1600);
    for (n, sample) in frame.channel_a.iter_mut().enumerate() {
        *sample = (n as f32 * 40.0 - 32_768.0) / 32_768.0;
    }
    let event = &events(&play(&spec(Format::I16, Channels::A, "1", None), std::slice::from_ref(&frame)))[0];
    assert_eq!(numbers(&event["channel_a"], Some("i16")), frame.channel_a);
}

/// Frames with gaps, of which one decimated by 16 makes something.
fn shapes() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((prop_oneof![4 => Just(0_u64), 1 => 1..3000_u64], 800..3000_u64), 6..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn a_feed_that_begins_later_tells_the_same(shape in shapes(), factor in 1_u64..=16, fps in 5_u32..80) {
        let frames = uneven(frames_of(0, &shape));
        let factor = factor.to_string();
        let delay = Decimator::new(factor.parse().unwrap()).delay_samples();
        for fps in [None, Some(fps.to_string())] {
            let slice = fps.as_ref().map_or(0, |fps| u64::from(RATE_HZ) / fps.parse::<u64>().unwrap() + 1);
            let spec = spec(Format::I16, Channels::Both, &factor, fps.as_deref());
            assert_joins_anywhere(&spec, &frames, slice + delay + 16);
        }
    }

    #[test]
    fn every_sample_is_told_of_once(shape in shapes(), factor in 1_u64..=16, fps in 5_u32..80) {
        let frames = uneven(frames_of(0, &shape));
        let (factor, fps) = (factor.to_string(), fps.to_string());
        let told = play(&spec(Format::F32, Channels::Both, &factor, Some(&fps)), &frames);
        assert_complete(&told);
        let mut decimator = Decimator::new(factor.parse().unwrap());
        let mut expected = Vec::new();
        for frame in &frames {
            if let Some(values) = decimator.push(frame) {
                expected.extend(values.channel_a.iter().copied().zip(values.channel_b.iter().copied()));
            }
        }
        let mut read = Vec::new();
        for event in events(&told) {
            let [a, b] = ["channel_a", "channel_b"].map(|name| numbers(&event[name], Some("f32")));
            if factor == "1" {
                let first = event["first_sample"].as_u64().unwrap();
                prop_assert!(a.iter().zip(first..).all(|(value, index)| *value == sample(0, index)));
            }
            read.extend(a.into_iter().zip(b));
        }
        prop_assert_eq!(read, expected);
    }
}
