//! Tests of levels as events: the grid, joining, gaps, mono, and that all forms say the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::feed::FeedSpec;
use crate::feed::test_events::{Told, assert_complete, assert_joins_anywhere, events, play, uneven};
use crate::feed::test_frames::{RATE_HZ, frames_of, mono, sample};

fn at_fps(fps: &str) -> FeedSpec {
    FeedSpec::Levels(LevelsSpec { fps: fps.parse().unwrap() })
}

#[test]
fn ten_times_a_second_all_samples_since_the_last_are_measured() {
    let frames = frames_of(0, &[(0, 1600), (0, 1600), (0, 1600), (0, 1600), (700, 1600)]);
    let told = play(&FeedSpec::Levels(LevelsSpec::default()), &frames);
    let ranges: Vec<_> = told.iter().map(Told::range).collect();
    assert_eq!(ranges, [(0, 4800), (4800, 6400), (6400, 7100), (7100, 8700), (8700, 8701)]);
    for (event, from, to) in [(0, 0, 4800), (1, 4800, 6400), (2, 7100, 8700)] {
        let event = &events(&told)[event];
        assert_eq!(event["samples"], json!(to - from));
        for (name, channel) in [("channel_a", 0), ("channel_b", 1)] {
            let peak = (from..to).map(|index| sample(channel, index).abs()).fold(0.0, f32::max);
            assert_eq!(event[name]["peak"].as_f64().unwrap() as f32, peak);
            let squares: f64 = (from..to).map(|index| f64::from(sample(channel, index)).powi(2)).sum();
            let rms = event[name]["rms"].as_f64().unwrap();
            assert!((rms - (squares / (to - from) as f64).sqrt()).abs() < 1e-12, "{rms}");
        }
    }
}

#[test]
fn a_mono_source_has_no_level_of_channel_b() {
    let event = &events(&play(&at_fps("10"), &[mono(frames_of(0, &[(0, 4800)])[0].clone())]))[0];
    assert_eq!((&event["channel_b"], event["channel_a"].is_object()), (&Value::Null, true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn a_feed_that_begins_later_tells_the_same(
        shape in prop::collection::vec((prop_oneof![4 => Just(0_u64), 1 => 1..3000_u64], 1..3000_u64), 4..16),
        fps in 5_u32..80,
    ) {
        let frames = uneven(frames_of(0, &shape));
        let spec = at_fps(&fps.to_string());
        assert_complete(&play(&spec, &frames));
        assert_joins_anywhere(&spec, &frames, u64::from(RATE_HZ / fps) + 1);
    }
}
