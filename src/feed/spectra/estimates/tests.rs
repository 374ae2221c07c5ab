//! Estimates as a feed: joining in mid-stream, gaps, sources of another format, and which settings are one feed.

use std::collections::HashSet;

use photophone_signal::GapCause;
use photophone_signal::wire::binary::{Elements, Message};

use super::*;
use crate::feed::test_frames::{RATE_HZ, START_US, epoch, frame, frames_of, mono};
use crate::feed::{EstimateBasis, FeedSpec};
use crate::spectrum::{Calibration, SpectrumSettings};

/// Samples per frame.
const LENGTH: u64 = 1600;

fn settings(pairs: &[(&str, &str)]) -> SpectrumSettings {
    let mut settings = SpectrumSettings::new("1000".parse().unwrap(), "hann".parse().unwrap());
    settings.overlap = "0.5".parse().ok();
    settings.phase = false;
    for (key, value) in pairs {
        match *key {
            "averaging" => settings.averaging = value.parse().unwrap(),
            "unit" => settings.unit = value.parse().unwrap(),
            "fps" => settings.fps = value.parse().ok(),
            "overlap" => settings.overlap = value.parse().ok(),
            "window" => settings.window = value.parse().unwrap(),
            "phase" => settings.phase = value.parse().unwrap(),
            "cross" => settings.cross = value.parse().unwrap(),
            "peaks" => settings.peaks = value.parse().unwrap(),
            "max_hz" => settings.max_hz = value.parse().ok(),
            other => panic!("{other}"),
        }
    }
    settings
}

fn representation(pairs: &[(&str, &str)]) -> EstimateRepresentation {
    EstimateRepresentation::new(EstimateSpec::new(settings(pairs), Arc::default()))
}

/// What a feed makes of frames: of each event the id's sample, the end, and the bytes of both forms.
type Made = (u64, u64, Vec<u8>, Vec<u8>);

fn events_of(representation: &mut EstimateRepresentation, frames: &[AudioFrame]) -> Vec<Box<dyn Content>> {
    let mut events = Vec::new();
    frames.iter().for_each(|frame| representation.add(&Arc::new(frame.clone()), &mut events));
    events
}

fn made_by(representation: &mut EstimateRepresentation, frames: &[AudioFrame]) -> Vec<Made> {
    let made = events_of(representation, frames).into_iter().map(|event| {
        let (mut json, mut message) = (Vec::new(), Vec::new());
        event.write_json(&mut json);
        event.write_message(0, &mut message).unwrap();
        (event.id().sample, event.end().sample, json, message)
    });
    made.collect()
}

fn made(pairs: &[(&str, &str)], frames: &[AudioFrame]) -> Vec<Made> {
    made_by(&mut representation(pairs), frames)
}

fn frames(numbers: std::ops::Range<u64>) -> Vec<AudioFrame> {
    numbers.map(|number| frame(number, number * LENGTH, LENGTH)).collect()
}

fn json(made: &Made) -> EstimateJson<'static> {
    serde_json::from_slice(&made.2).unwrap()
}

#[test]
fn one_that_joins_in_mid_stream_agrees_on_all_that_it_has() {
    for pairs in [
        &[("phase", "true")][..],
        &[("averaging", "linear:7"), ("cross", "true"), ("peaks", "3")],
        &[("averaging", "linear:7"), ("fps", "9"), ("overlap", "0.3")],
        &[("averaging", "none"), ("fps", "30"), ("unit", "dbfs"), ("overlap", "0.9")],
    ] {
        let (early, late) = (made(pairs, &frames(0..60)), made(pairs, &frames(11..60)));
        let common: Vec<_> = early.iter().filter(|event| event.0 >= 11 * LENGTH + 8 * 500).cloned().collect();
        assert!(common.len() > 8, "{pairs:?}");
        assert!(late.ends_with(&common) && late.iter().all(|event| early.contains(event)), "{pairs:?}");
    }
}

#[test]
fn at_the_beginning_and_behind_a_gap_a_shorter_average_comes_first() {
    let gapped = frames_of(0, &[(0, 9000), (2000, 9000)]);
    let events = made(&[("averaging", "linear:8"), ("overlap", "0")], &gapped);
    let expected = [(0, 1), (7, 8), (8, 1), (11, 1), (15, 5), (16, 1)];
    let averages: Vec<_> = events.iter().map(|event| (event.0 / 1000, json(event).averages as u64)).collect();
    for place in expected {
        assert!(averages.contains(&place), "{place:?} of {averages:?}");
    }
    assert!(!averages.iter().any(|(place, _)| [9, 10].contains(place)), "none across the gap: {averages:?}");
    let late = made(&[("averaging", "linear:8"), ("overlap", "0")], &gapped[1..]);
    assert_eq!(late, events[9..], "whoever begins behind the gap has the same");
    // A gap by which the feed itself fell behind is not in the frames' flags.
    let mut unflagged = gapped[1].clone();
    unflagged.flags.after_gap = false;
    let gap = Gap {
        epoch: epoch(1),
        from_sample: 9000,
        to_sample: Some(11_000),
        cause: GapCause::Subscriber,
        exact: true,
        next_epoch: None,
    };
    for before in [&gapped[..1], &[]] {
        let mut feed = representation(&[("averaging", "linear:8"), ("overlap", "0")]);
        events_of(&mut feed, before);
        assert_eq!(feed.interrupt(&gap, &mut Vec::new()), gap);
        assert_eq!(made_by(&mut feed, std::slice::from_ref(&unflagged)), late);
    }
}

#[test]
fn an_event_stands_for_its_last_window_and_the_time_since_the_one_before() {
    let events = made(&[("fps", "10")], &frames(0..9));
    let places: Vec<_> = events.iter().map(|event| (event.0, event.1)).collect();
    assert_eq!(places, [(0, 1000), (4000, 5000), (9000, 10_000)]);
    let us = |samples: u64| samples * 1_000_000 / u64::from(RATE_HZ);
    let mut feed = representation(&[("fps", "10")]);
    let durations: Vec<_> = events_of(&mut feed, &frames(0..9)).iter().map(|event| event.duration_us()).collect();
    assert_eq!(durations, [us(1000), us(4000), us(5000)]);
    let estimate = json(&events[1]);
    assert_eq!((estimate.frame_number, estimate.first_sample, estimate.size), (3, 4000, 1000));
    assert_eq!((estimate.captured_us, estimate.duration_ms), (START_US + us(4000), 1000.0 / 48.0));
    assert_eq!((estimate.overlap, estimate.averages, estimate.calibrated), (Some(0.5), 1.0, false));
    let gap = Gap {
        epoch: epoch(1),
        from_sample: 14_400,
        to_sample: Some(16_000),
        cause: GapCause::Device,
        exact: true,
        next_epoch: None,
    };
    assert_eq!(feed.interrupt(&gap, &mut Vec::new()), gap);
    let behind = events_of(&mut feed, &frames(10..20));
    assert_eq!(behind[0].duration_us(), us(1000), "nothing passed while samples were missing");
}

#[test]
fn what_was_not_asked_for_is_null_and_has_no_section() {
    let all = [("averaging", "linear:4"), ("cross", "true"), ("peaks", "2")];
    for (pairs, mono_source) in [(&all[..], false), (&[("phase", "true")], false), (&[("peaks", "2")], true)] {
        let frames: Vec<_> = frames(0..4).into_iter().map(|f| if mono_source { mono(f) } else { f }).collect();
        let last = made(pairs, &frames).pop().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&last.2).unwrap();
        let (has_cross, has_phase) = (pairs.contains(&("cross", "true")), pairs.contains(&("phase", "true")));
        assert_eq!(value["cross"].is_object(), has_cross);
        assert_eq!((value["phase_a"].is_array(), value["phase_b"].is_array()), (has_phase, has_phase));
        assert_eq!(value["peaks_a"].is_array(), pairs.contains(&("peaks", "2")));
        assert_eq!(value["peaks_b"].is_array(), pairs.contains(&("peaks", "2")) && !mono_source);
        assert_eq!(value["magnitude_b"].as_array().unwrap().is_empty(), mono_source);
        let message = Message::decode(&last.3).unwrap();
        let sections: Vec<_> = message.sections().map(|section| section.name).collect();
        let expected = ["frequencies", "magnitude_a"]
            .into_iter()
            .chain((!mono_source).then_some("magnitude_b"))
            .chain(["phase_a", "phase_b"].into_iter().filter(|_| has_phase))
            .chain(["cross_magnitude", "cross_phase", "cross_coherence"].into_iter().filter(|_| has_cross))
            .chain(["meta"]);
        assert_eq!(sections, expected.collect::<Vec<_>>());
        let Some(Elements::Json(meta)) = message.elements("meta") else { panic!("no meta") };
        let meta: serde_json::Value = serde_json::from_str(meta).unwrap();
        for (key, told) in meta.as_object().unwrap() {
            assert_eq!(told, &value[key], "{key}");
        }
        assert_eq!(message.header.place.unwrap().samples, 1000);
    }
}

#[test]
fn a_source_that_does_not_fit_is_refused_until_one_does() {
    let mut feed = representation(&[("averaging", "linear:4"), ("cross", "true")]);
    assert_eq!(feed.refusal(), None, "nothing is known yet");
    let source = mono(frame(0, 0, LENGTH));
    assert_eq!(made_by(&mut feed, std::slice::from_ref(&source)), []);
    assert_eq!(feed.refusal().unwrap(), "cross is \"true\"; expected false, as the source is mono");
    let stereo: Vec<_> = frames(0..4).into_iter().map(|frame| AudioFrame { epoch: epoch(2), ..frame }).collect();
    assert!(!made_by(&mut feed, &stereo).is_empty());
    assert_eq!(feed.refusal(), None);
}

#[test]
fn a_channel_that_is_not_calibrated_for_the_unit_has_no_values() {
    let mut calibration = Calibration::default();
    calibration.a.full_scale_v = Some(2.0);
    let basis = Arc::new(EstimateBasis::new(calibration));
    let spec = EstimateSpec::new(settings(&[("unit", "v"), ("phase", "true"), ("peaks", "2")]), basis);
    let mut feed = EstimateRepresentation::new(spec);
    let last = made_by(&mut feed, &frames(0..4)).pop().unwrap();
    assert_eq!(feed.refusal(), None);
    let estimate = json(&last);
    assert!(estimate.calibrated && estimate.magnitude_a.len() == 501);
    assert!(estimate.magnitude_b.is_empty() && estimate.phase_b.is_none() && estimate.peaks_b.is_none());
    let message = Message::decode(&last.3).unwrap();
    assert_eq!(message.header.place.unwrap().channels, 2, "those of the source");
    assert!(message.elements("magnitude_a").is_some() && message.elements("magnitude_b").is_none());
}

#[test]
fn equal_settings_are_one_feed() {
    let basis = Arc::<EstimateBasis>::default();
    let key = |pairs: &[(&str, &str)]| FeedSpec::Estimate(EstimateSpec::new(settings(pairs), Arc::clone(&basis)));
    let keys = [
        key(&[("overlap", "0.50"), ("window", "blackman-harris")]),
        key(&[("overlap", "5e-1"), ("window", "blackman_harris")]),
        key(&[("overlap", "0"), ("window", "kaiser:8.60")]),
        key(&[("overlap", "-0"), ("window", "kaiser:8.6")]),
        key(&[("fps", "30")]),
    ];
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 3);
    assert_eq!(
        key(&[("max_hz", "500"), ("averaging", "exp:0.250")]).to_string(),
        "size=1000&window=hann&overlap=0.5&averaging=exp:0.25&scale=amplitude&unit=fs&phase=false&cross=false&peaks=0\
         &max_hz=500"
    );
}
