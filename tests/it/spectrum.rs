//! Spectra from the server against scipy's on the samples that the server streamed beside them.

use std::f32::consts::{PI, TAU};

use photophone_signal::wire::SpectrumJson;
use serde_json::{Value, json};

use crate::support::account::Account;
use crate::support::client::{Client, Told};
use crate::support::python::reference;
use crate::support::server::Lab;
use crate::support::simulation::Simulation;

/// Spectra of a run, and the frames that their windows were cut from.
async fn run(scenario: &str, yaml: &str, spectra: usize) -> (Vec<SpectrumJson<'static>>, Account) {
    let server = Lab::simulated(scenario).config(yaml).start();
    let client = Client::reader(&server);
    let (mut frames, mut spectral) = (client.frames().await, client.spectra().await);
    let mut account = frames.account(|account| !account.frames.is_empty()).await;
    let mut received = Vec::new();
    while received.len() < spectra {
        let spectrum = spectral.spectrum().await;
        // The window of the first ones may have begun before the first frame that was seen.
        if spectrum.first_sample >= account.extent().start {
            received.push(spectrum);
        }
    }
    let last = received.last().unwrap();
    frames.enter_into(&mut account, |account| account.reaches(last.first_sample + last.size as u64)).await;
    (received, account)
}

fn samples_of(account: &Account, first: u64, size: usize) -> [Vec<f32>; 2] {
    let skip = (first - account.extent().start) as usize;
    let a = account.frames.iter().flat_map(|frame| frame.channel_a.iter().copied());
    let b = account.frames.iter().flat_map(|frame| frame.channel_b.iter().copied());
    [a.skip(skip).take(size).collect(), b.skip(skip).take(size).collect()]
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn hold_against_scipy(magnitude: &[f32], phase: &[f32], spectrum: &SpectrumJson<'_>, scipy: &Value) {
    let (true_magnitude, true_phase) = (floats(&scipy["magnitude"]), floats(&scipy["phase"]));
    assert_eq!(magnitude.len(), true_magnitude.len());
    let largest = true_magnitude.iter().copied().fold(0.0, f64::max);
    let errors = magnitude.iter().zip(&true_magnitude).map(|(ours, true_one)| (f64::from(*ours) - true_one).abs());
    let worst = errors.fold(0.0, f64::max) / largest;
    assert!(worst <= 1e-5, "{worst} of the largest magnitude at {}", spectrum.first_sample);
    for ((ours, true_one), magnitude) in phase.iter().zip(&true_phase).zip(&true_magnitude) {
        let away = (f64::from(*ours) - true_one).rem_euclid(TAU.into());
        let away = away.min(f64::from(TAU) - away);
        // Within 60 dB of the largest.
        assert!(*magnitude < largest * 1e-3 || away < 1e-4, "{ours} against {true_one}");
    }
    let frequencies = spectrum.frequencies.iter().zip(floats(&scipy["frequencies"]));
    assert!(frequencies.into_iter().all(|(ours, true_one)| f64::from(*ours) == f64::from(true_one as f32)));
    assert!((spectrum.enbw_hz / scipy["enbw_hz"].as_f64().unwrap() - 1.0).abs() < 1e-9);
}

#[tokio::test]
async fn spectra_are_those_of_scipy() {
    for (window, size, spectra) in [("hann", 4096, 5), ("blackman_harris", 2001, 2)] {
        let yaml = format!(
            "source: {{seed: 4}}\nstream: {{spectral_window_size: {size}, spectral_window: {window}, target_fps: 20}}"
        );
        let (spectra, account) = run("cell", &yaml, spectra).await;
        let requests = spectra.iter().flat_map(|spectrum| {
            let channels = samples_of(&account, spectrum.first_sample, size);
            channels.map(|samples| json!({"rate": 48_000, "size": size, "window": window, "samples": samples}))
        });
        let scipy = reference("spectrum.py", &requests.collect());
        for (spectrum, scipy) in spectra.iter().zip(scipy.as_array().unwrap().chunks(2)) {
            let phase_b = spectrum.phase_b.as_ref().unwrap();
            assert_eq!((spectrum.window.as_ref(), spectrum.size, spectrum.unit.as_ref()), (window, size, "fs"));
            hold_against_scipy(&spectrum.magnitude_a, spectrum.phase_a.as_ref().unwrap(), spectrum, &scipy[0]);
            hold_against_scipy(&spectrum.magnitude_b, phase_b, spectrum, &scipy[1]);
        }
    }
}

#[tokio::test]
async fn a_sine_at_the_centre_of_a_bin_reads_its_amplitude_and_its_phase() {
    for window in ["hann", "flattop", "rectangular"] {
        // Bins of 10 Hz: the tone of 1000 Hz stands in the middle of the hundredth.
        let yaml = format!("stream: {{spectral_window_size: 4800, spectral_window: {window}}}");
        let server = Lab::simulated("tone").config(&yaml).start();
        let spectrum = Client::reader(&server).spectra().await.spectrum().await;
        for magnitude in [&spectrum.magnitude_a, &spectrum.magnitude_b] {
            let loudest = (0..magnitude.len()).max_by(|one, other| magnitude[*one].total_cmp(&magnitude[*other]));
            assert_eq!(loudest, Some(100));
            let dbfs = 20.0 * magnitude[100].log10();
            assert!((dbfs + 6.0).abs() < 0.05, "{window}: {dbfs} dBFS");
        }
        assert_eq!(spectrum.frequencies[100], 1000.0);
        let (a, b) = (spectrum.phase_a.unwrap()[100], spectrum.phase_b.unwrap()[100]);
        // A is a cosine that starts with the epoch; B is 90° behind it.
        let turns = spectrum.first_sample as f64 / 48.0;
        let start = (turns.fract() as f32) * TAU;
        for (phase, truth) in [(a, start), (b, start - PI / 2.0)] {
            let away = (phase - truth).rem_euclid(TAU);
            assert!(away.min(TAU - away) < 1e-3, "{phase} against {truth}");
        }
    }
}

#[tokio::test]
async fn there_is_one_spectrum_per_frame_and_none_across_a_gap_or_before_enough_samples() {
    const SIZE: u64 = 1024;
    let yaml = "source: {seed: 5, rate_hz: 8000, pace: fast}\nstream: {spectral_window_size: 1024}";
    let server = Lab::simulated("dropouts").config(yaml).start();
    let mut events = Client::reader(&server).spectra().await;
    let (mut windows, mut gaps) = (Vec::new(), Vec::new());
    while gaps.len() < 10 {
        match events.next().await.expect("the stream ended") {
            Told::Spectrum(spectrum) => windows.push(spectrum.first_sample),
            Told::Gap(gap) => gaps.push(gap.from_sample..gap.to_sample.unwrap()),
            _ => {}
        }
    }
    let end = gaps[9].start;
    assert_eq!(gaps[..9], Simulation::of("dropouts", yaml).losses(0..end));
    assert_eq!(windows, expected_windows(&gaps, end, SIZE));
}

/// First samples of the windows of all frames up to `end`: a frame ends on the grid of 8000 / 30 samples or at a loss,
/// and has a window when the samples since the last loss suffice.
fn expected_windows(losses: &[std::ops::Range<u64>], end: u64, size: u64) -> Vec<u64> {
    let mut expected = Vec::new();
    let mut start = 0;
    for loss in losses {
        let grid = (0..).map(|frame| frame * 8000 / 30);
        let ends = grid.skip_while(|at| *at <= start).take_while(|at| *at < loss.start).chain([loss.start]);
        expected.extend(ends.filter(|at| *at <= end && at - start >= size).map(|at| at - size));
        start = loss.end;
    }
    expected
}
