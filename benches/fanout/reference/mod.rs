//! The servers that photophone is measured against. They serve frames of the same size, pace and clock.

pub(crate) mod per_client;
pub(crate) mod sockets;

use std::time::Duration;

use photophone::clock::SystemClock;
use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, FrameFlags};
use tokio::time::{Interval, MissedTickBehavior};

const FRAME_SAMPLES: u64 = 1600;
const RATE_HZ: u32 = 48_000;

/// A tone with noise in its digits, as a frame of 48 kHz stereo at 30 per second, captured just now.
pub(crate) fn frame(number: u64) -> AudioFrame {
    let sample_rate = SampleRate::new(RATE_HZ).unwrap();
    let first_sample = number * FRAME_SAMPLES;
    let wave = |shift: f64| {
        let samples = first_sample..first_sample + FRAME_SAMPLES;
        samples.map(|index| ((index as f64 * 0.129 + shift).sin() * 0.4) as f32).collect()
    };
    AudioFrame {
        epoch: Epoch::from_random_bytes([7; 16]),
        frame_number: number,
        first_sample,
        sample_rate,
        monotonic_us: 0,
        captured_us: SystemClock::shared().utc_us() - sample_rate.micros_of(FRAME_SAMPLES),
        flags: FrameFlags::default(),
        channel_a: wave(0.0),
        channel_b: wave(1.0),
    }
}

/// Thirty times per second.
pub(crate) fn ticks() -> Interval {
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / 30));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
