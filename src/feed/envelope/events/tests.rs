//! Tests of envelopes as events: joining, gaps, channels, and that all forms say the same.

use proptest::prelude::*;

use super::*;
use crate::feed::test_events::{Told, assert_complete, assert_joins_anywhere, events, play, uneven};
use crate::feed::test_frames::{RATE_HZ, epoch, frames_of, mono};
use crate::feed::{Channels, FeedSpec};

fn spec(column_samples: &str, channels: Channels, fps: Option<&str>) -> FeedSpec {
    let (column_samples, fps) = (column_samples.parse().unwrap(), fps.map(|fps| fps.parse().unwrap()));
    FeedSpec::Envelope(EnvelopeSpec { column_samples, channels, fps })
}

fn ranges(spec: &FeedSpec, frames: &[AudioFrame]) -> Vec<(u64, u64)> {
    play(spec, frames).iter().map(Told::range).collect()
}

#[test]
fn events_have_the_columns_that_slices_complete() {
    let frames = frames_of(0, &[(0, 1600), (0, 1600), (0, 1600), (100, 1600)]);
    let each = ranges(&spec("1000", Channels::Both, None), &frames);
    let gap = (4800, 4900);
    assert_eq!(
        each,
        [(0, 1000), (1000, 3000), (3000, 4000), (4000, 4800), gap, (4900, 6000), (6000, 6500), (6500, 6501)]
    );
    let fewer = ranges(&spec("1000", Channels::Both, Some("15")), &frames);
    assert_eq!(fewer, [(0, 3000), (3000, 4000), (4000, 4800), gap, (4900, 6000), (6000, 6500), (6500, 6501)]);
}

#[test]
fn a_channel_that_was_not_asked_for_has_no_columns() {
    let stereo = frames_of(0, &[(0, 1600)]);
    let lengths = |channels, frames: &[AudioFrame]| {
        let event = &events(&play(&spec("64", channels, None), frames))[0];
        ["min_a", "max_a", "rms_a", "min_b", "max_b", "rms_b"].map(|name| event[name].as_array().unwrap().len())
    };
    assert_eq!(lengths(Channels::Both, &stereo), [25; 6]);
    assert_eq!(lengths(Channels::A, &stereo), [25, 25, 25, 0, 0, 0]);
    assert_eq!(lengths(Channels::B, &stereo), [0, 0, 0, 25, 25, 25]);
    assert_eq!(lengths(Channels::Both, &[mono(stereo[0].clone())]), [25, 25, 25, 0, 0, 0]);
}

#[test]
fn channel_b_of_a_mono_source_is_refused_until_there_is_one() {
    let mut feed = spec("1000", Channels::B, None).representation();
    let stereo = frames_of(0, &[(0, 1600)]).remove(0);
    let (mono, stereo) = (Arc::new(mono(stereo.clone())), Arc::new(AudioFrame { epoch: epoch(2), ..stereo }));
    let mut events = Vec::new();
    feed.add(&mono, &mut events);
    assert_eq!((feed.refusal().as_deref(), feed.passes_over(&mono)), (Some(Channels::NO_B), Some(mono.end())));
    feed.add(&stereo, &mut events);
    assert_eq!((feed.refusal(), feed.passes_over(&stereo)), (None, None));
    let epochs: Vec<_> = events.iter().map(|event| event.id().epoch).collect();
    assert_eq!(epochs, [epoch(2)], "nothing of a mono source");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn a_feed_that_begins_later_tells_the_same(
        shape in prop::collection::vec((prop_oneof![4 => Just(0_u64), 1 => 1..3000_u64], 1..3000_u64), 4..16),
        column_samples in 1_u64..5000,
        fps in 5_u32..80,
    ) {
        let frames = uneven(frames_of(0, &shape));
        for fps in [None, Some(fps.to_string())] {
            let slice = fps.as_ref().map_or(0, |fps| u64::from(RATE_HZ) / fps.parse::<u64>().unwrap() + 1);
            let spec = spec(&column_samples.to_string(), Channels::Both, fps.as_deref());
            assert_complete(&play(&spec, &frames));
            assert_joins_anywhere(&spec, &frames, slice);
        }
    }
}
