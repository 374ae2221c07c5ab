//! The signal against its definition: levels, phases, resonance and noise, measured by a plain DFT.

use proptest::prelude::*;

use super::super::scenario::{CHIRP_SECS, UnknownScenario};
use super::*;
use crate::config::CellConfig;

fn config(scenario: Scenario) -> SourceConfig {
    SourceConfig { scenario: scenario.word().into(), ..SourceConfig::default() }
}

fn signal(scenario: Scenario) -> SimulatedSignal {
    SimulatedSignal::new(&config(scenario)).unwrap()
}

fn cell(cell: CellConfig) -> SimulatedSignal {
    SimulatedSignal::new(&SourceConfig { cell, ..config(Scenario::Cell) }).unwrap()
}

/// A cell without audible noise.
fn quiet() -> CellConfig {
    CellConfig { noise_dbfs: -200.0, ..CellConfig::default() }
}

/// Amplitude in dBFS and phase in degrees of each microphone at `hz`, over the second that starts at sample `first`.
fn tones(signal: &SimulatedSignal, hz: f64, first: u64) -> [(f64, f64); 2] {
    let rate_hz = u64::from(signal.sample_rate().hz());
    let mut sums = [(0.0, 0.0); 2];
    for (n, (a, b)) in (first..first + rate_hz).zip(signal.samples(first..first + rate_hz)) {
        let (sine, cosine) = (TAU * hz * (n as f64 / rate_hz as f64).fract()).sin_cos();
        for (sum, sample) in sums.iter_mut().zip([a, b]) {
            sum.0 += f64::from(sample) * cosine;
            sum.1 -= f64::from(sample) * sine;
        }
    }
    sums.map(|(re, im)| (20.0 * (2.0 * re.hypot(im) / rate_hz as f64).log10(), im.atan2(re).to_degrees()))
}

fn assert_tone((level_dbfs, phase_deg): (f64, f64), expected: (f64, f64), what: &str) {
    let turned_deg = (phase_deg - expected.1 + 180.0).rem_euclid(360.0) - 180.0;
    assert!((level_dbfs - expected.0).abs() < 0.001, "{what}: {level_dbfs} dBFS is not {} dBFS", expected.0);
    assert!(turned_deg.abs() < 0.01, "{what}: {phase_deg}° is not {}°", expected.1);
}

#[test]
fn tone_has_its_level_and_quadrature_however_late() {
    for scenario in [Scenario::Tone, Scenario::Dropouts, Scenario::Unplug, Scenario::Drift, Scenario::Stall] {
        for first in [0, 12_345, 48_000 << 30] {
            let [a, b] = tones(&signal(scenario), 1000.0, first);
            assert_tone(a, (-6.0, 0.0), scenario.word());
            assert_tone(b, (-6.0, -90.0), scenario.word());
        }
    }
}

#[test]
fn a_cell_at_resonance_has_the_configured_levels_and_phases() {
    let [a, b] = tones(&cell(CellConfig { gain_b_db: -3.5, phase_b_deg: 130.0, ..quiet() }), 2000.0, 0);
    assert_tone(a, (-20.0, 0.0), "A");
    assert_tone(b, (-23.5, 130.0), "B");
}

#[test]
fn a_cell_loses_three_decibels_and_45_degrees_at_half_its_bandwidth() {
    let half_power_db = -20.0 + 10.0 * 0.5_f64.log10();
    for quality_factor in [0.5, 50.0, 1000.0] {
        let half_width = 1.0 / (2.0 * quality_factor);
        let centre = f64::hypot(1.0, half_width);
        for (side, phase_deg) in [(-1.0, 45.0), (1.0, -45.0)] {
            // The modulation stays on a bin of the measurement; the resonance moves.
            let resonance_hz = 2000.0 / (centre + side * half_width);
            let [a, _] = tones(&cell(CellConfig { quality_factor, resonance_hz, ..quiet() }), 2000.0, 0);
            assert_tone(a, (half_power_db, phase_deg), &format!("Q {quality_factor}, side {side}"));
        }
    }
}

#[test]
fn the_resonance_drifts_by_the_configured_hertz_per_minute() {
    let drifting = cell(CellConfig { resonance_hz: 1990.0, drift_hz_per_min: 10.0, ..quiet() });
    let still = |resonance_hz| tones(&cell(CellConfig { resonance_hz, ..quiet() }), 2000.0, 0)[0];
    for (minute, resonance_hz) in [(0, 1990.0), (1, 2000.0), (3, 2020.0)] {
        let first = minute * 60 * 48_000;
        let ((level, phase), expected) = (tones(&drifting, 2000.0, first)[0], still(resonance_hz));
        // Within the second that is measured the resonance moves by another 1/6 Hz.
        assert!((level - expected.0).abs() < 0.1 && (phase - expected.1).abs() < 1.0, "{minute}: {level} {phase}");
    }
    let sunk = cell(CellConfig { drift_hz_per_min: -1000.0, ..quiet() });
    assert!(sunk.samples(48_000 * 3600..48_000 * 3600 + 100).all(|(a, _)| a.is_finite()));
}

#[test]
fn noise_has_the_configured_rms_and_is_independent_in_both_microphones() {
    // The tone is below the rounding of f32, so that all that is heard is noise.
    let noise = cell(CellConfig { level_dbfs: -160.0, noise_dbfs: -40.0, ..CellConfig::default() });
    const COUNT: u64 = 200_000;
    let (mut power_a, mut power_b, mut product) = (0.0, 0.0, 0.0);
    for (a, b) in noise.samples(0..COUNT).map(|(a, b)| (f64::from(a), f64::from(b))) {
        power_a += a * a / COUNT as f64;
        power_b += b * b / COUNT as f64;
        product += a * b / COUNT as f64;
    }
    for power in [power_a, power_b] {
        let level = photophone_signal::units::rms_dbfs(power).unwrap();
        // Five standard errors of a variance: 5 · √(2/200 000) = 1.6 % = 0.07 dB.
        assert!((level + 40.0).abs() < 0.07, "{level} dBFS");
    }
    assert!((product / power_a).abs() < 5.0 / (COUNT as f64).sqrt());
}

#[test]
fn chirp_repeats_exactly_and_silence_is_zero() {
    let (chirp, period) = (signal(Scenario::Chirp), u64::from(CHIRP_SECS) * 48_000);
    assert!((0..period).step_by(997).all(|n| chirp.sample(n) == chirp.sample(n + 12 * period)));
    let sum: f64 = chirp.samples(0..period).map(|(a, _)| f64::from(a * a)).sum();
    assert!((10.0 * (2.0 * sum / period as f64).log10() + 6.0).abs() < 0.01);
    assert!(signal(Scenario::Silence).samples(0..1000).all(|sample| sample == (0.0, 0.0)));
}

#[test]
fn clipping_reaches_full_scale_and_not_beyond() {
    let samples: Vec<f32> = signal(Scenario::Clipping).samples(0..48_000).flat_map(|(a, b)| [a, b]).collect();
    let clipped = samples.iter().filter(|sample| sample.abs() == 1.0).count();
    assert!(samples.iter().all(|sample| sample.abs() <= 1.0));
    // |cos| ≥ 10^(−6/20) for 2/3 of the time.
    assert!((clipped as f64 / samples.len() as f64 - 2.0 / 3.0).abs() < 0.05, "{clipped}");
}

#[test]
fn another_seed_gives_other_noise_and_the_same_seed_the_same() {
    let seeded = |seed| SimulatedSignal::new(&SourceConfig { seed, ..config(Scenario::Cell) }).unwrap();
    assert_eq!(seeded(5).sample(77), seeded(5).sample(77));
    assert_ne!(seeded(5).sample(77), seeded(6).sample(77));
}

#[test]
fn what_cannot_be_simulated_is_refused_with_its_key() {
    let refused = |change: &dyn Fn(&mut SourceConfig)| {
        let mut config = config(Scenario::Cell);
        change(&mut config);
        match SimulatedSignal::new(&config) {
            Err(SourceError::Unusable { key, problem }) => (key, problem),
            other => unreachable!("{other:?}"),
        }
    };
    let unknown = UnknownScenario { word: "tune".into() };
    assert_eq!(refused(&|c| c.scenario = "tune".into()), ("source.scenario", unknown.to_string()));
    assert_eq!(refused(&|c| c.rate_hz = Some(0)).0, "source.rate_hz");
    assert_eq!(refused(&|c| (c.scenario, c.rate_hz) = ("tone".into(), Some(2000))).0, "source.rate_hz");
    for modulation_hz in [0.0, -1.0, f64::NAN, 24_000.0, f64::INFINITY] {
        let (key, problem) = refused(&|c| c.cell.modulation_hz = modulation_hz);
        assert_eq!(key, "source.cell.modulation_hz");
        assert!(problem.ends_with("is not between 0 and 24000 Hz, half of the rate of 48000 Hz"), "{problem}");
    }
}

proptest! {
    #[test]
    fn a_sample_depends_on_its_index_alone(first in 0_u64..1 << 53, offset in 0_u64..300) {
        for scenario in Scenario::ALL {
            let signal = signal(scenario);
            prop_assert_eq!(signal.samples(first..first + 300).nth(offset as usize), Some(signal.sample(first + offset)));
        }
    }
}
