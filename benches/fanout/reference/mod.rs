//! The servers that photophone is measured against. They serve frames of the same size, pace and clock.

pub(crate) mod per_client;
pub(crate) mod rocket_body;
pub(crate) mod sockets;

use std::time::Duration;

use photophone::clock::SystemClock;
use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, FrameFlags};
use rocket::fairing::AdHoc;
use rocket::{Build, Rocket};
use tokio::time::{Interval, MissedTickBehavior};

const FRAMES_PER_SEC: u32 = 30;

/// A tone with noise in its digits, as a frame of stereo at 30 per second, captured just now.
pub(crate) fn frame(number: u64, rate_hz: u32) -> AudioFrame {
    let sample_rate = SampleRate::new(rate_hz).unwrap();
    let frame_samples = u64::from(rate_hz / FRAMES_PER_SEC);
    let first_sample = number * frame_samples;
    let wave = |shift: f64| {
        let samples = first_sample..first_sample + frame_samples;
        samples.map(|index| ((index as f64 * 0.129 + shift).sin() * 0.4) as f32).collect()
    };
    AudioFrame {
        epoch: Epoch::from_random_bytes([7; 16]),
        frame_number: number,
        first_sample,
        sample_rate,
        monotonic_us: 0,
        captured_us: SystemClock::shared().utc_us() - sample_rate.micros_of(frame_samples),
        flags: FrameFlags::default(),
        channel_a: wave(0.0),
        channel_b: wave(1.0),
    }
}

/// Thirty times per second.
pub(crate) fn ticks() -> Interval {
    let mut ticks = tokio::time::interval(Duration::from_micros(u64::from(1_000_000 / FRAMES_PER_SEC)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Serves with Rocket until killed.
async fn launch(rocket: Rocket<Build>) {
    let config = rocket::Config { port: 0, log_level: rocket::log::LogLevel::Off, ..rocket::Config::default() };
    let announce = AdHoc::on_liftoff("announcement", |rocket| {
        let port = rocket.config().port;
        Box::pin(async move { println!("listening on http://127.0.0.1:{port}") })
    });
    rocket.configure(config).attach(announce).launch().await.map(drop).unwrap();
}
