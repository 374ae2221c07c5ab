//! What fits into a message is let through, and what does not is refused, by a query and by a feed.

use photophone_signal::wire::binary::{Message, kind};

use super::*;
use crate::feed::FeedSpec;
use crate::feed::test_events::{Told, play};
use crate::feed::test_frames::{RATE_HZ, frames_of, mono};

/// The longest messages of a second channel or of finer columns that there can be, almost.
fn specs(fps: FrameRate) -> [FeedSpec; 3] {
    let frames = |format: &str| {
        let format = format.parse().unwrap();
        FeedSpec::Frames(FramesSpec { format, fps: Some(fps), ..FramesSpec::default() })
    };
    let column_samples = "1".parse().unwrap();
    let envelope = EnvelopeSpec { column_samples, fps: Some(fps), ..EnvelopeSpec::default() };
    [frames("f32"), frames("i16"), FeedSpec::Envelope(envelope)]
}

fn check(spec: &FeedSpec, channels: u8, samples: f64) -> Result<(), TooLong> {
    let frames = FrameShape { sample_rate: SampleRate::new(RATE_HZ).unwrap(), channels, samples };
    match spec {
        FeedSpec::Frames(spec) => spec.check_length(&frames),
        FeedSpec::Envelope(spec) => spec.check_length(&frames),
        _ => Ok(()),
    }
}

#[test]
fn an_event_at_the_least_rate_just_fits() {
    for (channels, number) in [(2, 0), (1, 0), (2, 1), (2, 2), (1, 2)] {
        let least_fps = check(&specs(FrameRate::from_fps(0.0001))[number], channels, 0.0).unwrap_err().least_fps;
        let spec = &specs(FrameRate::from_fps(least_fps))[number];
        assert_eq!(check(spec, channels, 0.0), Ok(()), "{spec}");
        assert!(check(&specs(FrameRate::from_fps(least_fps - 0.0011))[number], channels, 0.0).is_err(), "{spec}");
        let samples = (f64::from(RATE_HZ) / least_fps) as u64 + 1;
        let mut frames = frames_of(0, &[(0, samples)]);
        if channels == 1 {
            frames = frames.into_iter().map(mono).collect();
        }
        let told = play(spec, &frames);
        let Told::Event { message, .. } = &told[0] else { panic!("{spec}") };
        let message = Message::decode(message).unwrap();
        assert!([kind::FRAME, kind::ENVELOPE].contains(&message.header.kind), "{spec}: {:?}", message.header);
    }
}

#[test]
fn published_frames_are_refused_when_they_are_long() {
    let spec = FeedSpec::FRAMES;
    assert_eq!(check(&spec, 2, 2_000_000.0), Ok(()));
    let wrong = check(&spec, 2, 2_100_000.0).unwrap_err().to_string();
    let expected = "fps is not given; expected at least 0.023 with these parameters and this source, as a message has at \
        most 16777216 bytes";
    assert_eq!(wrong, expected);
}

#[test]
fn a_feed_refuses_a_source_whose_events_would_be_too_long() {
    let frames = frames_of(0, &[(0, 1600)]);
    for spec in specs(FrameRate::from_fps(0.01)) {
        let mut feed = spec.representation();
        feed.add(&frames[0].clone().into(), &mut Vec::new());
        assert_eq!(feed.refusal(), check(&spec, 2, 0.0).err().map(|wrong| wrong.to_string()), "{spec}");
    }
    assert!(check(&specs(FrameRate::from_fps(0.01))[0], 2, 0.0).is_err());
}
