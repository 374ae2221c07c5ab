//! Amplitude and phase of clean tones, and the response to what is beside them.

use std::f64::consts::PI;

use super::*;

/// After ten time constants with f·τ ≥ 50 at 6 dB per octave and f·τ ≥ 2 at 24 the promise is 1 % and 0.1°, as of a bench
/// instrument (Rev. Sci. Instrum. 78, 055108); f32 samples allow for far more.
#[test]
fn tones_read_their_amplitude_and_phase() {
    let (mut worst_amplitude, mut worst_degrees) = (0.0_f64, 0.0_f64);
    for rate_hz in [44_100, 48_000, 96_000, 192_000] {
        for hz in [100.0, 4321.987654, 12_000.0, 20_000.0] {
            for (slope_db, cycles) in [(6, 50.0), (12, 10.0), (18, 4.0), (24, 2.0)] {
                let tau_s = f64::max(cycles / hz, 2e-4);
                let settings = settings(&hz.to_string(), tau_s, slope_db);
                let samples = (10.0 * tau_s * f64::from(rate_hz)) as u64 + u64::from(rate_hz) / 50;
                let (a, b) = (
                    tone(hz, 0.5, 0.7, rate_hz, 0..samples),
                    // A sine reads −90°.
                    tone(hz, 1e-3, -PI / 2.0, rate_hz, 0..samples),
                );
                let readings = readings(&settings, rate_hz, 0, &a, &b);
                let last = readings.last().unwrap();
                assert!(last.age_tau >= 10.0, "{}", last.age_tau);
                for (read, amplitude, phase) in [(last.channel_a, 0.5, 0.7), (last.channel_b, 1e-3, -PI / 2.0)] {
                    let read = read.unwrap();
                    worst_amplitude = worst_amplitude.max((read.amplitude / amplitude - 1.0).abs());
                    worst_degrees = worst_degrees.max(degrees_between(read.phase, phase));
                    assert!((read.x - read.amplitude * read.phase.cos()).abs() < 1e-12);
                    assert!((read.y - read.amplitude * read.phase.sin()).abs() < 1e-12);
                }
            }
        }
    }
    assert!(worst_amplitude < 1e-6 && worst_degrees < 1e-4, "{worst_amplitude} {worst_degrees}°");
}

#[test]
fn a_harmonic_reads_relative_to_the_harmonic_of_the_reference() {
    let settings = LockinSettings::new("1000".parse().unwrap(), 3, 0.02, 24, FrameRate::from_fps(100.0)).unwrap();
    let samples = 0..48_000;
    let a = sum(&tone(1000.0, 0.5, 0.0, 48_000, samples.clone()), &tone(3000.0, 0.01, 1.5, 48_000, samples.clone()));
    let read = readings(&settings, 48_000, 0, &a, &a).last().unwrap().channel_a.unwrap();
    assert!((read.amplitude / 0.01 - 1.0).abs() < 1e-3 && degrees_between(read.phase, 1.5) < 0.1, "{read:?}");
}

/// A tone reads its amplitude long before the low-pass has settled, even at less than one cycle per time constant.
#[test]
fn a_steady_tone_is_right_from_the_first_time_constant_on() {
    for (hz, slope_db) in [(5.0, 6), (5.0, 24), (50.0, 24), (23_990.0, 24)] {
        let settings = settings(&hz.to_string(), 0.1, slope_db);
        let a = tone(hz, 0.5, 0.7, 48_000, 0..96_000);
        let mut early = 0;
        for reading in readings(&settings, 48_000, 0, &a, &a) {
            assert_eq!(reading.channel_a.is_some(), reading.age_tau >= 1.0);
            let Some(read) = reading.channel_a else { continue };
            assert!(
                (read.amplitude - 0.5).abs() < 1e-4 && degrees_between(read.phase, 0.7) < 0.01,
                "{hz}: {reading:?}"
            );
            early += usize::from(!reading.settled);
        }
        assert!(early > 30);
    }
}

/// `scipy.signal.freqz` of one to four stages of `[1 - b], [1, -b]` with τ = 10 ms at 48 kHz, at these offsets.
#[test]
fn what_lies_beside_the_reference_falls_off_as_the_slope_says() {
    let scipy: [(u32, [f64; 3]); 3] = [
        (6, [0.9540282334065943, 0.7071069092673179, 0.07932896229098539]),
        (12, [0.9101698701239993, 0.5000001811335908, 0.006293084258166739]),
        (24, [0.828409524295966, 0.24999904891873836, 3.960290949517519e-05]),
    ];
    for (slope_db, responses) in scipy {
        for (offset_hz, response) in [5.0, 15.9154943, 200.0].into_iter().zip(responses) {
            let settings = settings("6000", 0.01, slope_db);
            let a = tone(6000.0 + offset_hz, 0.9, 0.0, 48_000, 0..24_000);
            let readings = readings(&settings, 48_000, 0, &a, &a);
            let read = readings.last().unwrap().channel_a.unwrap();
            // The mirror image is at 12 kHz and counted as that of a tone at the reference itself.
            let image = (1.0 / (TAU * 12_000.0 * 0.01)).powi(slope_db as i32 / 6);
            assert!((read.amplitude / 0.9 - response).abs() < 2e-3 * response + image, "{offset_hz}: {read:?}");
        }
    }
}

#[test]
fn settled_means_to_one_percent() {
    for (slope_db, settling_tau) in [(6, 4.61), (12, 6.64), (18, 8.41), (24, 10.05)] {
        let readings = readings(&settings("1000", 0.05, slope_db), 48_000, 7, &[0.0; 48_000], &[0.0; 48_000]);
        for reading in &readings {
            assert!((reading.age_tau - reading.n as f64 / 2400.0).abs() < 1e-9);
            assert_eq!(reading.settled, reading.age_tau >= settling_tau, "{reading:?}");
        }
        let read = readings.last().unwrap().channel_a.unwrap();
        assert_eq!((read.amplitude, read.phase, read.noise_density), (0.0, 0.0, None));
    }
}
