//! What a lock-in reads from signals that are known.

use std::f64::consts::TAU;
use std::ops::Range;

use photophone_signal::FrameRate;
use photophone_signal::units::SampleRate;

use super::*;

mod accuracy;
mod blocks;
mod following;
mod noise;
mod settings;

fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).unwrap()
}

fn settings(reference: &str, tau_s: f64, slope_db: u32) -> LockinSettings {
    LockinSettings::new(reference.parse().unwrap(), 1, tau_s, slope_db, FrameRate::from_fps(100.0)).unwrap()
}

/// `amplitude · cos(2π · hz · n / rate + phase)` with the turns counted in integers, `hz` to the microhertz.
fn tone(hz: f64, amplitude: f64, phase: f64, rate_hz: u32, samples: Range<u64>) -> Vec<f32> {
    let (micro_hz, turn) = ((hz * 1e6).round() as u128, u128::from(rate_hz) * 1_000_000);
    let turns = |n: u64| (u128::from(n) * micro_hz % turn) as f64 / turn as f64;
    samples.map(|n| (amplitude * (TAU * turns(n) + phase).cos()) as f32).collect()
}

fn sum(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter().zip(other).map(|(one, other)| one + other).collect()
}

/// All readings of a stereo signal that starts at `first_sample`, in blocks of 480.
fn readings(settings: &LockinSettings, rate_hz: u32, first_sample: u64, a: &[f32], b: &[f32]) -> Vec<Reading> {
    let mut lockin = Lockin::new(settings, rate(rate_hz), 2).unwrap();
    let mut readings = Vec::new();
    for ((a, b), at) in a.chunks(480).zip(b.chunks(480)).zip((first_sample..).step_by(480)) {
        lockin.push(at, a, b, &mut readings);
    }
    readings
}

/// How far apart two angles are, in degrees.
fn degrees_between(one: f64, other: f64) -> f64 {
    let turns = (one - other).rem_euclid(TAU) / TAU;
    360.0 * turns.min(1.0 - turns)
}
