//! Levels: peak, RMS and crest of the samples of one frame or slice.

mod events;

use photophone_signal::AudioFrame;
use photophone_signal::units::{peak_dbfs, rms_dbfs};
use photophone_signal::wire::{ChannelLevelsJson, LevelsJson, flag_words};

pub(super) use events::LevelsRepresentation;

use super::Head;
use crate::stream::Summary;

/// Measures the samples of `frame`. Samples at `clip_level` and beyond are counted, as a fraction of full scale; without
/// it, nobody knows how many of a frame were clipped that has the flag.
pub fn levels(frame: &AudioFrame, clip_level: Option<f32>) -> LevelsJson<'static> {
    let head = Head::at(frame, frame.first_sample);
    let samples = frame.samples() as u64;
    let channel = |samples: &[f32]| {
        let levels = channel(samples, clip_level);
        ChannelLevelsJson { clipped: levels.clipped.or((!frame.flags.clipped).then_some(0)), ..levels }
    };
    LevelsJson {
        sample_rate: head.sample_rate.hz(),
        timestamp: head.captured_us / 1000,
        frame_number: head.frame_number,
        duration_ms: head.duration_ms(samples),
        epoch: head.epoch,
        first_sample: head.first_sample,
        captured_us: head.captured_us,
        samples,
        channel_a: channel(&frame.channel_a),
        channel_b: (!frame.is_mono()).then(|| channel(&frame.channel_b)),
        flags: flag_words(head.flags),
    }
}

fn channel(samples: &[f32], clip_level: Option<f32>) -> ChannelLevelsJson {
    let summary = Summary::of(samples);
    let (peak, mean_square) = (summary.peak(), summary.mean_square());
    let clipped = |limit: f32| samples.iter().filter(|sample| sample.abs() >= limit).count() as u64;
    ChannelLevelsJson {
        peak,
        peak_dbfs: peak_dbfs(peak),
        rms: summary.rms(),
        rms_dbfs: rms_dbfs(mean_square),
        crest_db: peak_dbfs(peak).map(|peak_db| peak_db - 10.0 * mean_square.log10()),
        clipped: clip_level.map(clipped),
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use photophone_signal::FrameFlags;

    use super::*;
    use crate::feed::test_frames::{frame, mono};

    fn of(samples: impl Iterator<Item = f32>) -> ChannelLevelsJson {
        channel(&samples.collect::<Vec<_>>(), Some(1.0))
    }

    fn near(value: Option<f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value - expected).abs() < 1e-5)
    }

    #[test]
    fn a_full_scale_sine_reads_zero_dbfs() {
        // 48 samples a period, two of them at the peaks.
        let sine = of((0..4800).map(|n| (TAU * (n % 48) as f32 / 48.0).sin()));
        assert!(near(sine.peak_dbfs, 0.0) && near(sine.rms_dbfs, 0.0), "{sine:?}");
        assert!(near(sine.crest_db, 3.010_299_96), "{sine:?}");
        assert_eq!((sine.peak, sine.clipped), (1.0, Some(200)));
    }

    #[test]
    fn a_square_wave_has_no_crest_and_its_dc_counts() {
        let square = of((0..100).map(|n| if n % 2 == 0 { 0.5 } else { -0.5 }));
        assert!(near(square.crest_db, 0.0) && near(square.rms_dbfs, -3.010_299_96), "{square:?}");
        assert_eq!(of([0.25; 8].into_iter()).rms, 0.25);
    }

    #[test]
    fn silence_has_no_level_in_decibels() {
        let silence = of([0.0, -0.0].into_iter());
        let expected = ChannelLevelsJson {
            peak: 0.0,
            peak_dbfs: None,
            rms: 0.0,
            rms_dbfs: None,
            crest_db: None,
            clipped: Some(0),
        };
        assert_eq!(silence, expected);
    }

    #[test]
    fn an_event_has_the_head_of_its_frame_and_says_what_is_not_known() {
        let stereo = frame(3, 4800, 1600);
        let clipped = AudioFrame { flags: FrameFlags { clipped: true, ..stereo.flags }, ..stereo.clone() };
        let event = levels(&clipped, None);
        assert_eq!((event.frame_number, event.first_sample, event.samples), (3, 4800, 1600));
        assert_eq!((event.captured_us, event.duration_ms), (stereo.captured_us, stereo.duration_ms()));
        assert_eq!(event.channel_a.clipped, None);
        assert_eq!(levels(&stereo, None).channel_a.clipped, Some(0));
        assert!(event.channel_b.is_some_and(|b| b.peak > 0.99));
        let json = serde_json::to_value(levels(&mono(stereo), Some(1.0))).unwrap();
        assert_eq!((&json["channel_b"], &json["channel_a"]["clipped"]), (&serde_json::Value::Null, &0.into()));
    }
}
