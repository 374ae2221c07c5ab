//! Readings as a feed: their grid, joining in mid-stream, gaps, and what a source does not allow.

use photophone_signal::{FrameRate, GapCause};

use super::*;
use crate::feed::FeedSpec;
use crate::feed::test_frames::{RATE_HZ, START_US, epoch, frame, mono};

/// Samples per frame.
const LENGTH: u64 = 1000;

/// Both channels: 0.5 cos(2π 1000 t + 0.3).
fn tone(number: u64, after_gap: bool) -> AudioFrame {
    let first = number * LENGTH;
    let turn = |n: u64| std::f64::consts::TAU * (n % 48) as f64 / 48.0;
    let samples: Vec<f32> = (first..first + LENGTH).map(|n| (0.5 * (turn(n) + 0.3).cos()) as f32).collect();
    let flags = FrameFlags { after_gap, ..FrameFlags::default() };
    AudioFrame { channel_a: samples.clone(), channel_b: samples, flags, ..frame(number, first, LENGTH) }
}

fn settings(reference: &str) -> LockinSettings {
    LockinSettings::new(reference.parse().unwrap(), 1, 0.01, 24, FrameRate::from_fps(30.0)).unwrap()
}

fn representation(reference: &str) -> LockinRepresentation {
    LockinRepresentation::new(settings(reference))
}

fn read(feed: &mut LockinRepresentation, frames: impl IntoIterator<Item = AudioFrame>) -> Vec<LockinJson<'static>> {
    let mut events = Vec::new();
    frames.into_iter().for_each(|frame| feed.add(&Arc::new(frame), &mut events));
    let json = |event: Box<dyn Content>| {
        let mut json = Vec::new();
        event.write_json(&mut json);
        let reading: LockinJson<'static> = serde_json::from_slice(&json).unwrap();
        assert_eq!(event.id(), SampleIndex { epoch: reading.epoch, sample: reading.first_sample });
        reading
    };
    events.into_iter().map(json).collect()
}

#[test]
fn readings_stand_on_the_grid_and_know_their_frame() {
    let readings = read(&mut representation("1000"), (0..20).map(|number| tone(number, false)));
    let places: Vec<_> = readings.iter().map(|reading| (reading.first_sample, reading.samples)).collect();
    let grid: Vec<_> = (0..12).map(|k| (k * 1600, 1600)).collect();
    assert_eq!(places, grid);
    for reading in &readings {
        assert_eq!(reading.frame_number, (reading.first_sample + 1599) / LENGTH);
        assert_eq!(reading.captured_us, START_US + reading.first_sample * 1_000_000 / u64::from(RATE_HZ));
        assert_eq!((reading.harmonic, reading.slope, &*reading.reference), (1, 24, "1000"));
    }
    let last = readings.last().unwrap();
    let (a, b) = (last.channel_a.unwrap(), last.channel_b.unwrap());
    for channel in [a, b] {
        assert!((channel.amplitude - 0.5).abs() < 1e-3 && (channel.phase - 0.3).abs() < 1e-3, "{channel:?}");
    }
    assert!(last.settled && last.locked && last.reference_hz == Some(1000.0));
}

#[test]
fn one_that_joins_in_mid_stream_has_the_same_readings() {
    for reference in ["1000", "tracked"] {
        let early = read(&mut representation(reference), (0..120).map(|number| tone(number, false)));
        let late = read(&mut representation(reference), (33..120).map(|number| tone(number, false)));
        assert!(late.len() > 30, "{reference}: {}", late.len());
        let of_early = |reading: &LockinJson<'_>| {
            early.iter().find(|early| early.first_sample == reading.first_sample).cloned().unwrap()
        };
        for reading in &late {
            let same = of_early(reading);
            assert_eq!((same.samples, same.captured_us), (reading.samples, reading.captured_us));
            assert_eq!((same.frame_number, same.duration_ms), (reading.frame_number, reading.duration_ms));
            assert_eq!(reading.samples, 1600, "whole ones only");
        }
        let last = late.last().unwrap();
        let (ours, theirs) = (last.channel_a.unwrap(), of_early(last).channel_a.unwrap());
        assert!((ours.amplitude - theirs.amplitude).abs() < 1e-9 && (ours.phase - theirs.phase).abs() < 1e-9);
    }
}

#[test]
fn behind_a_gap_the_low_pass_starts_anew_with_a_shorter_reading() {
    let mut feed = representation("1000");
    read(&mut feed, (0..20).map(|number| tone(number, false)));
    let gap = Gap {
        epoch: epoch(1),
        from_sample: 20_000,
        to_sample: Some(22_000),
        cause: GapCause::Device,
        exact: true,
        next_epoch: None,
    };
    assert_eq!(feed.interrupt(&gap, &mut Vec::new()), gap);
    let behind = read(&mut feed, (22..40).map(|number| tone(number, number == 22)));
    assert_eq!((behind[0].first_sample, behind[0].samples, behind[0].n), (22_000, 400, 400));
    assert_eq!((behind[1].first_sample, behind[1].samples, behind[1].n), (22_400, 1600, 2000));
    let late = read(&mut representation("1000"), (22..40).map(|number| tone(number, number == 22)));
    assert_eq!(late, behind, "whoever begins behind the gap has the same");
    // A gap by which the feed itself fell behind is not in the frames' flags.
    assert_eq!(feed.interrupt(&gap, &mut Vec::new()), gap);
    let mut new = representation("1000");
    new.interrupt(&gap, &mut Vec::new());
    for mut feed in [feed, new] {
        assert_eq!(read(&mut feed, (22..40).map(|number| tone(number, false))), behind);
    }
}

#[test]
fn ends_never_run_backwards() {
    let mut feed = representation("tracked");
    let mut at = 0;
    let mut count = 0;
    for number in 0..120 {
        let (frame, mut events) = (Arc::new(tone(number, false)), Vec::new());
        feed.add(&frame, &mut events);
        for event in &events {
            assert!(event.end().sample >= at, "{} after {at}", event.end().sample);
            at = event.end().sample;
        }
        count += events.len();
        if events.is_empty() {
            at = frame.end_sample();
        }
    }
    assert!(count > 30);
}

#[test]
fn a_source_that_does_not_fit_is_refused() {
    let mut feed = representation("channel_b");
    assert_eq!(read(&mut feed, [mono(tone(0, false))]), []);
    let refusal = feed.refusal().unwrap();
    assert_eq!(refusal, "reference is channel_b, and this source is mono; expected a frequency in Hz, or tracked");
    assert_eq!(FeedSpec::Lockin(settings("1e3")), FeedSpec::Lockin(settings("1000.0")));
    let shown = FeedSpec::Lockin(settings("1e3")).to_string();
    assert_eq!(shown, "reference=1000&harmonic=1&tau_s=0.01&slope=24&fps=30");
}

#[test]
fn a_message_has_the_values_in_meta() {
    let mut events = Vec::new();
    let mut feed = representation("1000");
    (0..3).for_each(|number| feed.add(&Arc::new(tone(number, false)), &mut events));
    let (mut message, mut json) = (Vec::new(), Vec::new());
    events[0].write_message(7, &mut message).unwrap();
    events[0].write_json(&mut json);
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let message = photophone_signal::wire::binary::Message::decode(&message).unwrap();
    assert_eq!((message.header.kind, message.header.feed), ("lockin", 7));
    let place = message.header.place.unwrap();
    assert_eq!((place.first_sample, place.samples, place.channels), (0, 1600, 2));
    let sections: Vec<_> = message.sections().map(|section| section.name).collect();
    assert_eq!(sections, ["meta"]);
    let Some(photophone_signal::wire::binary::Elements::Json(meta)) = message.elements("meta") else {
        panic!("no meta")
    };
    let meta: serde_json::Value = serde_json::from_str(meta).unwrap();
    for (key, told) in meta.as_object().unwrap() {
        assert_eq!(told, &json[key], "{key}");
    }
    assert_eq!(meta["channel_a"]["amplitude"], json["channel_a"]["amplitude"]);
}
