//! References that are followed: channel B, and the signal itself.

use super::noise::white;
use super::*;

const RATE_HZ: u32 = 48_000;

fn last(settings: &LockinSettings, rate_hz: u32, a: &[f32], b: &[f32]) -> Reading {
    *readings(settings, rate_hz, 0, a, b).last().unwrap()
}

#[test]
fn a_tone_on_channel_b_serves_as_reference() {
    let (mut worst_hz, mut worst_amplitude, mut worst_degrees) = (0.0_f64, 0.0_f64, 0.0_f64);
    for rate_hz in [44_100, 192_000] {
        for hz in [35.0, 100.0, 4321.987654, 20_000.0] {
            for harmonic in [1, 3] {
                if hz * f64::from(harmonic) > 21_000.0 {
                    continue;
                }
                let reference = Reference::ChannelB;
                let settings = LockinSettings::new(reference, harmonic, 0.02, 24, FrameRate::from_fps(100.0)).unwrap();
                let samples = 0..u64::from(rate_hz) * 5 / 4;
                let b = tone(hz, 0.01, 0.4, rate_hz, samples.clone());
                let a = tone(f64::from(harmonic) * hz, 0.5, 0.7, rate_hz, samples);
                let last = last(&settings, rate_hz, &a, &b);
                assert!(last.locked && last.settled && last.channel_b.is_none());
                let read = last.channel_a.unwrap();
                worst_hz = worst_hz.max((last.reference_hz.unwrap() - hz).abs());
                worst_amplitude = worst_amplitude.max((read.amplitude / 0.5 - 1.0).abs());
                worst_degrees = worst_degrees.max(degrees_between(read.phase, 0.7 - f64::from(harmonic) * 0.4));
            }
        }
    }
    assert!(worst_hz < 1e-5 && worst_amplitude < 1e-6 && worst_degrees < 1e-3);
}

#[test]
fn a_square_wave_on_channel_b_serves_as_reference() {
    let b: Vec<f32> = tone(997.0, 1.0, 0.0, RATE_HZ, 0..72_000).iter().map(|sample| sample.signum() * 0.8).collect();
    let a = tone(997.0, 0.1, 0.7, RATE_HZ, 0..72_000);
    let last = last(&settings("channel_b", 0.03, 12), RATE_HZ, &a, &b);
    let read = last.channel_a.unwrap();
    assert!((last.reference_hz.unwrap() - 997.0).abs() < 0.01, "{last:?}");
    assert!((read.amplitude / 0.1 - 1.0).abs() < 1e-3, "{read:?}");
    assert!(degrees_between(read.phase, 0.7) < 0.1, "{read:?}");
}

/// The strongest tone of A is the reference; B is read against it.
#[test]
fn the_strongest_tone_of_the_signal_is_followed() {
    let samples = 0..96_000;
    let strong = tone(2345.678, 0.2, 1.1, RATE_HZ, samples.clone());
    let weak = tone(440.0, 0.1, 0.0, RATE_HZ, samples.clone());
    let a = sum(&sum(&strong, &weak), &white(0.01, 3, 96_000));
    let b = tone(2345.678, 0.05, 0.3, RATE_HZ, samples);
    let last = last(&settings("tracked", 0.05, 24), RATE_HZ, &a, &b);
    assert!((last.reference_hz.unwrap() - 2345.678).abs() < 0.01, "{last:?}");
    let (a, b) = (last.channel_a.unwrap(), last.channel_b.unwrap());
    assert!((a.amplitude / 0.2 - 1.0).abs() < 0.01 && degrees_between(a.phase, 0.0) < 0.1, "{a:?}");
    assert!((b.amplitude / 0.05 - 1.0).abs() < 0.01 && degrees_between(b.phase, 0.3 - 1.1) < 0.2, "{b:?}");
}

/// 5 Hz per second: 3.65° by the tracker's formula at a window of 16384 samples, always on the same side.
#[test]
fn a_drifting_reference_is_followed() {
    let turns = |n: u64| {
        let t_s = n as f64 / f64::from(RATE_HZ);
        800.0 * t_s + 2.5 * t_s * t_s
    };
    let signal = |phase: f64| (0..240_000).map(|n| (0.3 * (TAU * turns(n) + phase).cos()) as f32).collect::<Vec<_>>();
    let readings = readings(&settings("channel_b", 0.02, 12), RATE_HZ, 0, &signal(0.7), &signal(0.0));
    let settled: Vec<_> = readings.iter().filter(|reading| reading.settled).collect();
    assert!(settled.len() > 400);
    for reading in settled {
        let truth_hz = 800.0 + 5.0 * reading.end_sample as f64 / f64::from(RATE_HZ);
        let read = reading.channel_a.unwrap();
        assert!((reading.reference_hz.unwrap() - truth_hz).abs() < 0.25, "{reading:?} {truth_hz}");
        assert!((read.amplitude / 0.3 - 1.0).abs() < 0.002, "{read:?}");
        assert!((0.0..3.65).contains(&(0.7 - read.phase).to_degrees()), "{read:?}");
    }
}

#[test]
fn without_a_tone_nothing_is_read() {
    let (silence, noise) = (vec![0.0; 240_000], white(0.1, 7, 240_000));
    // Noise that falls with frequency, as of a room.
    let mut level = 0.0;
    let room: Vec<f32> = noise
        .iter()
        .map(|sample| {
            level = 0.999 * level + sample;
            level
        })
        .collect();
    for signal in [silence, noise, room] {
        let readings = readings(&settings("tracked", 0.01, 6), RATE_HZ, 0, &signal, &signal);
        assert!(readings.len() > 450);
        for reading in readings {
            assert!(!reading.locked && reading.channel_a.is_none() && reading.reference_hz.is_none(), "{reading:?}");
            assert!(!reading.settled && reading.n == 0);
        }
    }
}

#[test]
fn a_reference_that_ends_or_jumps_is_lost_and_found_again() {
    let second = |hz: f64| tone(hz, 0.3, 0.0, RATE_HZ, 0..48_000);
    let a = [second(1000.0), vec![0.0; 48_000], second(1000.0), second(1500.0), second(1500.0)].concat();
    let readings = readings(&settings("tracked", 0.01, 6), RATE_HZ, 0, &a, &a);
    let at = |secs: f64| *readings.iter().find(|reading| reading.end_sample as f64 >= secs * 48_000.0).unwrap();
    for (secs, hz) in [(0.7, Some(1000.0)), (1.6, None), (2.7, Some(1000.0)), (3.9, Some(1500.0)), (4.5, Some(1500.0))]
    {
        let reading = at(secs);
        assert_eq!((reading.locked, reading.channel_a.is_some()), (hz.is_some(), hz.is_some()), "{secs} s");
        if let Some(hz) = hz {
            assert!((reading.reference_hz.unwrap() - hz).abs() < 1e-3, "{reading:?}");
        }
    }
    let locks = readings.windows(2).filter(|pair| !pair[0].locked && pair[1].locked).count();
    assert_eq!(locks, 3);
}

#[test]
fn a_harmonic_beyond_nyquist_is_not_read() {
    let settings = LockinSettings::new(Reference::Tracked, 3, 0.01, 6, FrameRate::from_fps(100.0)).unwrap();
    let a = tone(8000.5, 0.3, 0.0, RATE_HZ, 0..48_000);
    let last = last(&settings, RATE_HZ, &a, &a);
    assert!(last.locked && last.channel_a.is_none() && (last.reference_hz.unwrap() - 8000.5).abs() < 1e-3, "{last:?}");
}
