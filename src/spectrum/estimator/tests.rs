//! Where windows and events stand, what restarts them, and what the values of known signals are. Against scipy:
//! `tests/it/spectrum_estimator.rs`.

use std::f64::consts::{PI, SQRT_2, TAU};

use photophone_signal::{Epoch, FrameFlags};

use super::*;
use crate::config::WindowKind;
use crate::spectrum::settings::{Scale, WindowSize};
use crate::spectrum::{FLOOR_DB, FrequencyResponse, Peak, SlidingSpectrum, WindowFunction};

const RATE_HZ: u32 = 10_000;

/// Samples of both channels, by index.
type Signal = fn(u64) -> [f64; 2];

fn frame(first_sample: u64, samples: u64, signal: Signal) -> AudioFrame {
    let sample_rate = SampleRate::new(RATE_HZ).unwrap();
    let channel = |channel: usize| (first_sample..first_sample + samples).map(move |n| signal(n)[channel] as f32);
    AudioFrame {
        epoch: Epoch::from_random_bytes([1; 16]),
        frame_number: first_sample / 333,
        first_sample,
        sample_rate,
        monotonic_us: 0,
        captured_us: sample_rate.micros_of(first_sample),
        flags: FrameFlags::default(),
        channel_a: channel(0).collect(),
        channel_b: channel(1).collect(),
    }
}

/// Contiguous frames of 333 samples, the first and the last cut to the range.
fn frames(range: std::ops::Range<u64>, signal: Signal) -> impl Iterator<Item = AudioFrame> {
    let numbers = range.start / 333..range.end.div_ceil(333);
    numbers.map(move |number| {
        let (from, to) = ((number * 333).max(range.start), ((number + 1) * 333).min(range.end));
        frame(from, to - from, signal)
    })
}

/// Settings of 1000 samples without phases, changed by pairs of key and value.
fn settings(pairs: &[(&str, &str)]) -> SpectrumSettings {
    let mut settings = SpectrumSettings::new(WindowSize::new(1000).unwrap(), WindowKind::Hann.into());
    settings.phase = false;
    for (key, value) in pairs {
        match *key {
            "size" => settings.size = value.parse().unwrap(),
            "overlap" => settings.overlap = Some(value.parse().unwrap()),
            "window" => settings.window = value.parse().unwrap(),
            "averaging" => settings.averaging = value.parse().unwrap(),
            "scale" => settings.scale = value.parse().unwrap(),
            "unit" => settings.unit = value.parse().unwrap(),
            "phase" => settings.phase = value.parse().unwrap(),
            "cross" => settings.cross = value.parse().unwrap(),
            "peaks" => settings.peaks = value.parse().unwrap(),
            "max_hz" => settings.max_hz = Some(value.parse().unwrap()),
            "bins" => settings.bins = Some(value.parse().unwrap()),
            "fps" => settings.fps = Some(value.parse().unwrap()),
            other => panic!("{other}"),
        }
    }
    settings
}

fn estimator(pairs: &[(&str, &str)], calibration: &Calibration) -> SpectrumEstimator {
    let rate = SampleRate::new(RATE_HZ).unwrap();
    SpectrumEstimator::new(settings(pairs), rate, 2, calibration.clone(), &mut FftPlans::new()).unwrap()
}

/// Runs an estimator over frames; gives what `pick` takes of each estimate.
fn run<T>(
    pairs: &[(&str, &str)],
    frames: impl IntoIterator<Item = AudioFrame>,
    mut pick: impl FnMut(Estimate<'_>) -> T,
) -> Vec<T> {
    let mut estimator = estimator(pairs, &Calibration::default());
    let mut picked = Vec::new();
    for frame in frames {
        estimator.push(&frame, |estimate| picked.push(pick(estimate)));
    }
    picked
}

/// Noise in both channels, half of it common, with a tone in A.
fn noise(n: u64) -> [f64; 2] {
    let [common, a, b] = [3, 5, 7].map(|seed| white(n, seed));
    [(common + a) * 0.1 + 0.5 * (TAU * 0.1234 * n as f64).sin(), (common + b) * 0.1]
}

/// Sample `n` of white noise within ±1, by mixing the index (SplitMix64).
fn white(n: u64, seed: u64) -> f64 {
    let mut z = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed.wrapping_mul(0xD1B5_4A32_D192_ED03));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// A cosine of 1000 Hz in A, a quarter of a period later at half its amplitude in B; the amplitude of A is 0.8.
fn tone(n: u64) -> [f64; 2] {
    let turn = TAU * 0.1 * n as f64;
    [0.8 * turn.cos(), 0.4 * (turn - PI / 2.0).cos()]
}

#[test]
fn without_settings_it_is_the_sliding_spectrum() {
    let mut sliding = SlidingSpectrum::new(1000, WindowKind::Hann);
    let mut estimator = estimator(&[("phase", "true")], &Calibration::default());
    let mut compared = 0;
    for frame in frames(70..5000, noise) {
        sliding.push(&frame);
        let spectrum = sliding.spectrum();
        let mut estimated = false;
        estimator.push(&frame, |estimate| {
            let (spectrum, b) = (spectrum.unwrap(), estimate.channel_b.unwrap());
            assert_eq!(estimate.first_sample, spectrum.first_sample);
            assert_eq!((estimate.frame_number, estimate.captured_us), (spectrum.frame_number, spectrum.captured_us));
            assert_eq!((estimate.frequencies, estimate.enbw_hz), (spectrum.frequencies, spectrum.enbw_hz));
            for (ours, theirs) in [(estimate.channel_a, spectrum.channel_a), (b, spectrum.channel_b.unwrap())] {
                assert_eq!(ours.phase.unwrap(), theirs.phase);
                let pairs = ours.values.iter().zip(&theirs.magnitude);
                assert!(pairs.into_iter().all(|(ours, theirs)| (ours / theirs - 1.0).abs() < 1e-6));
            }
            estimated = true;
        });
        assert_eq!(estimated, spectrum.is_some());
        compared += u32::from(estimated);
    }
    assert_eq!(compared, 13);
}

#[test]
fn windows_begin_at_multiples_of_the_hop_and_never_span_a_gap() {
    let gapped = frames(70..2000, noise).chain(frames(2100..4001, noise));
    let windows = run(&[("overlap", "0.75")], gapped, |estimate| (estimate.first_sample, estimate.frame_number));
    let expected = [250, 500, 750, 1000, 2250, 2500, 2750, 3000].map(|first| (first, (first + 999) / 333));
    assert_eq!(windows, expected);
}

#[test]
fn an_interruption_starts_everything_anew() {
    let mut estimator = estimator(&[("overlap", "0"), ("averaging", "linear:4")], &Calibration::default());
    let mut averages = Vec::new();
    for frame in frames(0..2997, noise) {
        estimator.push(&frame, |estimate| averages.push((estimate.first_sample, estimate.averages)));
    }
    estimator.interrupt();
    for mut frame in frames(2997..7000, noise) {
        frame.flags.after_gap = frame.first_sample == 2997;
        estimator.push(&frame, |estimate| averages.push((estimate.first_sample, estimate.averages)));
    }
    assert_eq!(averages, [(0, 1.0), (1000, 2.0), (3000, 1.0), (4000, 1.0), (5000, 2.0), (6000, 3.0)]);
}

#[test]
fn estimators_that_start_at_different_samples_agree() {
    for averaging in ["none", "linear:3"] {
        for overlap in [&[("overlap", "0.6")][..], &[]] {
            let pairs = [&[("averaging", averaging), ("fps", "7"), ("unit", "dbfs")][..], overlap].concat();
            let pick =
                |estimate: Estimate<'_>| (estimate.first_sample, estimate.averages, estimate.channel_a.values.to_vec());
            let early = run(&pairs, frames(0..30_000, noise), pick);
            let late = run(&pairs, frames(11_111..30_000, noise), pick);
            let shared: Vec<_> = early.iter().filter(|(first, ..)| *first >= 14_000).cloned().collect();
            assert!(shared.len() > 8);
            assert!(late.ends_with(&shared), "{averaging} {overlap:?}");
            assert!(late.iter().all(|estimate| early.contains(estimate)), "{averaging} {overlap:?}");
        }
    }
}

#[test]
fn all_methods_average_power() {
    let loud_then_quiet = |n: u64| [if n < 2000 { 0.5 } else { 0.1 } * (TAU * 0.1 * n as f64).cos(), 0.0];
    let at_tone = |averaging| {
        let pairs = [("overlap", "0"), ("averaging", averaging), ("scale", "power")];
        let pick = |estimate: Estimate<'_>| (estimate.channel_a.values[100], estimate.averages);
        run(&pairs, frames(0..4000, loud_then_quiet), pick)
    };
    let (loud, quiet) = (0.125, 0.005);
    let alpha = 1.0 - (-0.1_f64 / 0.1).exp();
    let exp = [loud, loud, loud + alpha * (quiet - loud), quiet + (1.0 - alpha).powi(2) * (loud - quiet)];
    let third = alpha * alpha + (1.0 - alpha).powi(2) * (alpha * alpha + (1.0 - alpha).powi(2));
    let linear = [loud, loud, (2.0 * loud + quiet) / 3.0, quiet];
    let table: [(&str, [f64; 4], [f64; 3]); 5] = [
        ("none", [loud, loud, quiet, quiet], [1.0, 1.0, 1.0]),
        ("linear:3", linear, [1.0, 2.0, 3.0]),
        ("peak", [loud, loud, loud, loud], [1.0, 2.0, 3.0]),
        ("min", [loud, loud, quiet, quiet], [1.0, 2.0, 3.0]),
        ("exp:0.1", exp, [1.0, 1.0 / (alpha * alpha + (1.0 - alpha).powi(2)), 1.0 / third]),
    ];
    for (averaging, powers, averages) in table {
        let read = at_tone(averaging);
        for ((value, _), expected) in read.iter().zip(powers) {
            assert!((f64::from(*value) / expected - 1.0).abs() < 1e-5, "{averaging}: {read:?}");
        }
        for ((_, count), expected) in read.iter().zip(averages) {
            assert!((count - expected).abs() < 1e-9, "{averaging}: {read:?}");
        }
    }
}

#[test]
fn an_exponential_average_begins_as_a_plain_mean_and_settles_at_its_weight() {
    let pairs = [("overlap", "0.5"), ("averaging", "exp:1")];
    let averages = run(&pairs, frames(0..200_000, noise), |estimate| estimate.averages);
    assert!((averages[9] - 10.0).abs() < 1e-9);
    let alpha = 1.0 - (-0.05_f64).exp();
    assert!((averages.last().unwrap() - (2.0 - alpha) / alpha).abs() < 1e-3);
}

#[test]
fn a_full_scale_sine_reads_zero_dbfs_and_silence_the_floor() {
    let full = |n: u64| [(TAU * 0.1 * n as f64).cos(), 0.0];
    for scale in ["amplitude", "power"] {
        let pairs = [("overlap", "0"), ("scale", scale), ("unit", "dbfs"), ("peaks", "4")];
        run(&pairs, frames(0..1000, full), |estimate| {
            assert!(estimate.channel_a.values[100].abs() < 1e-5, "{scale}");
            assert!(!estimate.calibrated);
            let silent = estimate.channel_b.unwrap();
            assert!(silent.values.iter().all(|level| f64::from(*level) == FLOOR_DB));
            assert!(silent.peaks.is_empty());
        });
    }
}

fn microphones() -> Calibration {
    let mut calibration = Calibration::default();
    calibration.a.full_scale_v = Some(2.0);
    calibration.a.gain = 10.0;
    calibration.a.sensitivity_mv_pa = Some(50.0);
    calibration.b = calibration.a.clone();
    let response = FrequencyResponse::parse("100, 0, 0\n1000, 6, -90").unwrap();
    calibration.b.response = Some(response.into());
    calibration
}

#[test]
fn calibrated_values_are_volts_and_pascals_at_the_microphone() {
    let volts = 0.8 * 2.0 / 10.0;
    let spl = 20.0 * (volts / 0.05 / SQRT_2 / 20e-6_f64).log10();
    // B has half of the amplitude; its microphone adds 6 dB at 1000 Hz.
    let response = 10_f64.powf(6.0 / 20.0);
    for (unit, a, b) in [
        ("fs", 0.8, 0.4),
        ("v", volts, volts / 2.0),
        ("pa", volts / 0.05, volts / 0.1 / response),
        ("db_spl", spl, spl - 20.0 * 2_f64.log10() - 6.0),
    ] {
        let mut estimator = estimator(&[("unit", unit), ("peaks", "1"), ("scale", "power")], &microphones());
        let mut amplitude = self::estimator(&[("unit", unit)], &microphones());
        for frame in frames(0..1332, tone) {
            estimator.push(&frame, |estimate| {
                assert_eq!(estimate.calibrated, unit != "fs");
                for (channel, expected) in [(estimate.channel_a, a), (estimate.channel_b.unwrap(), b)] {
                    let read = f64::from(channel.peaks[0].amplitude);
                    assert!((read / expected - 1.0).abs() < 1e-5, "peak in {unit}: {read} {expected}");
                }
            });
            amplitude.push(&frame, |estimate| {
                let read =
                    [estimate.channel_a, estimate.channel_b.unwrap()].map(|channel| f64::from(channel.values[100]));
                assert!((read[0] / a - 1.0).abs() < 1e-5 && (read[1] / b - 1.0).abs() < 1e-5, "{unit}: {read:?}");
            });
        }
    }
}

#[test]
fn phases_and_cross_phases_are_less_those_of_the_microphones() {
    let mut single = estimator(&[("unit", "pa"), ("phase", "true")], &microphones());
    let mut cross = estimator(&[("unit", "pa"), ("cross", "true"), ("averaging", "linear:2")], &microphones());
    for frame in frames(0..1332, tone) {
        single.push(&frame, |estimate| {
            let start = (TAU * 0.1 * estimate.first_sample as f64).rem_euclid(TAU);
            for channel in [estimate.channel_a, estimate.channel_b.unwrap()] {
                // B is 90° late, which is what its microphone does.
                let away = (f64::from(channel.phase.unwrap()[100]) - start).rem_euclid(TAU);
                assert!(away.min(TAU - away) < 1e-4, "{away}");
            }
        });
        cross.push(&frame, |estimate| {
            if let Some(cross) = estimate.cross {
                assert!(cross.phase[100].abs() < 1e-4, "{}", cross.phase[100]);
                assert!((cross.coherence[100] - 1.0).abs() < 1e-5);
            }
        });
    }
}

#[test]
fn coherence_comes_with_the_second_average() {
    let pairs = [("overlap", "0"), ("averaging", "linear:3"), ("cross", "true")];
    let told = run(&pairs, frames(0..7000, noise), |estimate| (estimate.averages, estimate.cross.is_some()));
    assert_eq!(told[..4], [(1.0, false), (2.0, true), (3.0, true), (1.0, false)]);
    // Half of the power of each channel is common: the coherence is 1/4 but for the tone.
    let pairs = [("overlap", "0.5"), ("averaging", "linear:300"), ("cross", "true")];
    let means = run(&pairs, frames(0..150_500, noise), |estimate| {
        estimate.cross.map_or(0.0, |cross| cross.coherence[150..500].iter().sum::<f32>() / 350.0)
    });
    assert!((means[299] - 0.25).abs() < 0.02, "{}", means[299]);
}

#[test]
fn mono_has_one_channel_and_no_cross_spectrum() {
    let mono = frames(0..6000, noise).map(|frame| AudioFrame { channel_b: Vec::new(), ..frame });
    let pairs = [("overlap", "0"), ("averaging", "linear:3"), ("cross", "true")];
    let told = run(&pairs, mono, |estimate| estimate.channel_b.is_none() && estimate.cross.is_none());
    assert_eq!(told, [true; 6]);
}

#[test]
fn bands_keep_the_largest_value() {
    let whole = run(&[("overlap", "0")], frames(0..1000, noise), |estimate| estimate.channel_a.values.to_vec());
    let pairs = [("overlap", "0"), ("bins", "linear:100"), ("phase", "true")];
    run(&pairs, frames(0..1000, noise), |estimate| {
        let values = estimate.channel_a.values;
        assert_eq!(
            (values.len(), estimate.frequencies.len(), estimate.channel_a.phase.unwrap().len()),
            (100, 100, 100)
        );
        for (j, value) in values.iter().enumerate() {
            let band = &whole[0][j * 501 / 100..(j + 1) * 501 / 100];
            assert_eq!(*value, band.iter().copied().fold(0.0, f32::max));
        }
    });
}

/// Windows, with the errors that are allowed of the frequency in bins and of the amplitude relative to it, for a lone sine
/// near bin 100, anywhere between two bins. About half of each was measured: it is what the sine's own image at the
/// negative frequency does through the side lobes of the window.
const PEAK_ERRORS: [(&str, f64, f64); 9] = [
    ("rectangular", 3e-3, 1e-3),
    ("kaiser:1", 3e-3, 1e-3),
    ("hann", 1e-7, 2e-7),
    ("hamming", 7e-4, 1e-3),
    ("blackman", 4e-8, 6e-8),
    ("kaiser:8.6", 1e-5, 2e-5),
    ("kaiser:20", 1e-8, 1e-8),
    ("blackman-harris", 4e-7, 7e-7),
    ("flattop", 3e-6, 7e-6),
];

#[test]
fn the_peak_of_a_sine_is_its_frequency_and_amplitude() {
    for (window, frequency_bins, amplitude_part) in PEAK_ERRORS {
        let finder_settings = settings(&[("size", "1001"), ("window", window), ("peaks", "3")]);
        let (mut worst_frequency, mut worst_amplitude) = (0.0_f64, 0.0_f64);
        for step in 0..21 {
            let bins = 100.5 + f64::from(step) / 20.0;
            let phase = f64::from(step);
            let power = power_of_sine(finder_settings.window, bins, phase);
            let window = crate::spectrum::Window::new(finder_settings.window, 1001);
            let mut finder = PeakFinder::new(&finder_settings, &window).unwrap();
            let found = finder.find(&power, power.len(), 1.0);
            // All others are rounding of the samples to f32.
            assert!(found[1..].iter().all(|other| other.power < 1e-15), "{finder_settings:?} {bins}: {found:?}");
            worst_frequency = worst_frequency.max((found[0].place_bins - bins).abs());
            worst_amplitude = worst_amplitude.max(((2.0 * found[0].power).sqrt() / 0.5 - 1.0).abs());
        }
        let figures = format!("{window}: {worst_frequency:.1e} bins, {worst_amplitude:.1e} of the amplitude");
        assert!(worst_frequency < frequency_bins && worst_amplitude < amplitude_part, "{figures}");
    }
}

/// Mean squares of a sine of amplitude 0.5 in samples of f32.
fn power_of_sine(function: WindowFunction, bins: f64, phase: f64) -> Vec<f64> {
    let mut transform = Transform::new(1001, function, &mut FftPlans::new());
    let mut spectrum = transform.make_bins();
    let sine: Vec<f32> = (0..1001).map(|n| (0.5 * (TAU * bins * f64::from(n) / 1001.0 + phase).cos()) as f32).collect();
    transform.run(sine.iter(), &mut spectrum);
    let mut average = Average::new(&settings(&[("size", "1001")]), transform.window());
    average.add(&spectrum, None, Place { index: 0, end_sample: 1001, previous_end_sample: 0 }, 1e4);
    average.power_a
}

fn peaks_of(pairs: &[(&str, &str)], end: u64, signal: Signal) -> Vec<Peak> {
    let mut peaks = run(pairs, frames(0..end, signal), |estimate| estimate.channel_a.peaks.to_vec());
    peaks.pop().unwrap()
}

#[test]
fn weak_sines_are_found_beside_strong_ones_and_side_lobes_are_not() {
    let three = |n: u64| {
        let sine = |amplitude: f64, hz: f64| amplitude * (TAU * hz / 10_000.0 * n as f64 + hz).sin();
        [sine(0.5, 1003.7) + sine(5e-4, 1500.0) + sine(5e-3, 4321.0) + 1e-5 * white(n, 1), 0.0]
    };
    for window in ["hann", "blackman", "blackman-harris", "flattop", "kaiser:12"] {
        let pairs = [("size", "4096"), ("window", window), ("overlap", "0.5"), ("peaks", "10")];
        let peaks = peaks_of(&pairs, 4096, three);
        assert_eq!(peaks.len(), 3, "{window}: {peaks:?}");
        for (peak, (hz, amplitude)) in peaks.iter().zip([(1003.7, 0.5), (4321.0, 5e-3), (1500.0, 5e-4)]) {
            assert!((peak.frequency_hz - hz).abs() < 0.02, "{window}: {peak:?}");
            assert!((f64::from(peak.amplitude) / amplitude - 1.0).abs() < 0.01, "{window}: {peak:?}");
        }
    }
    // Under the side lobes of the rectangular window the weakest is not told from them.
    let rectangular = peaks_of(&[("window", "rectangular"), ("peaks", "10")], 1332, three);
    assert_eq!(rectangular.len(), 2, "{rectangular:?}");
    assert!(rectangular.iter().zip([1003.7, 4321.0]).all(|(peak, hz)| (peak.frequency_hz - hz).abs() < 1.0));
    let below = peaks_of(&[("size", "4096"), ("overlap", "0"), ("peaks", "10"), ("max_hz", "1200")], 4096, three);
    assert_eq!(below.len(), 1, "{below:?}");
}

#[test]
fn noise_has_no_peaks_and_their_ratio_is_that_of_the_noise() {
    for averaging in ["none", "linear:16"] {
        let white_only = |n: u64| [white(n, 9), 0.0];
        let pairs = [("size", "8192"), ("overlap", "0"), ("averaging", averaging), ("peaks", "64")];
        let false_peaks: usize = run(&pairs, frames(0..300_000, white_only), |e| e.channel_a.peaks.len()).iter().sum();
        assert_eq!(false_peaks, 0, "{averaging}");
    }
    // Noise of variance 1/3 through a Hann window of 1.5 bins; a sine of power 1/2.
    let expected = 10.0 * (0.5 / (1.0 / 3.0 * 2.0 * 1.5 / 8192.0_f64)).log10();
    let with_sine = |n: u64| [white(n, 9) + (TAU * 0.1234 * n as f64).sin(), 0.0];
    let pairs = [("size", "8192"), ("overlap", "0"), ("averaging", "linear:16"), ("peaks", "1")];
    let peak = peaks_of(&pairs, 16 * 8192, with_sine)[0];
    assert!((f64::from(peak.snr_db) - expected).abs() < 0.7, "{peak:?} {expected}");
}

#[test]
fn a_density_is_that_of_white_noise() {
    let white_only = |n: u64| [white(n, 2), 0.0];
    let mut pairs = settings(&[("overlap", "0.5"), ("averaging", "linear:200"), ("unit", "dbfs")]);
    pairs.scale = Scale::Psd;
    let rate = SampleRate::new(RATE_HZ).unwrap();
    let mut estimator = SpectrumEstimator::new(pairs, rate, 2, Calibration::default(), &mut FftPlans::new()).unwrap();
    let mut mean = 0.0;
    for frame in frames(0..100_500, white_only) {
        estimator.push(&frame, |estimate| mean = estimate.channel_a.values[10..490].iter().sum::<f32>() / 480.0);
    }
    // Variance 1/3 over 5000 Hz, against 1/2.
    assert!((f64::from(mean) - 10.0 * (2.0 / 3.0 / 5000.0_f64).log10()).abs() < 0.1, "{mean}");
}
