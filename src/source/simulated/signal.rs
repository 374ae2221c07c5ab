//! The simulated signal: both microphones at any sample index, a function of the configuration and the index alone.

use std::f64::consts::TAU;
use std::ops::Range;

use photophone_signal::units::SampleRate;

use super::cell::{Cell, ratio};
use super::losses::Losses;
use super::noise::{Pairs, Purpose};
use super::phase::{Oscillator, Sweep};
use super::scenario::{CLIPPING_DBFS, Scenario, TONE_DBFS, TONE_HZ};
use crate::config::SourceConfig;
use crate::source::SourceError;

/// What the simulated microphones hear, and which of it the simulated device loses.
///
/// The same configuration gives the same samples, in blocks of any size and after any loss. (Sine and logarithm are
/// the C library's: another one may differ in the last bit of f64, which rounding to f32 rarely shows.)
#[derive(Clone, Debug)]
pub struct SimulatedSignal {
    scenario: Scenario,
    sample_rate: SampleRate,
    seed: u64,
    wave: Wave,
    losses: Losses,
}

#[derive(Clone, Debug)]
enum Wave {
    Silence,
    Tone { phase: Oscillator, amplitude: f64 },
    Chirp { phase: Sweep, amplitude: f64 },
    Cell(Cell),
}

impl SimulatedSignal {
    /// The signal of `scenario`, `rate_hz`, `seed` and `cell`; the other keys play no part.
    ///
    /// # Errors
    /// [`SourceError::Unusable`] for an unknown scenario, and for a tone that its rate cannot carry.
    pub fn new(config: &SourceConfig) -> Result<Self, SourceError> {
        let scenario: Scenario = config
            .scenario
            .parse()
            .map_err(|unknown| SourceError::Unusable { key: "source.scenario", problem: format!("{unknown}") })?;
        let sample_rate = SampleRate::new(config.simulated_rate_hz())
            .ok_or(SourceError::Unusable { key: "source.rate_hz", problem: "0 Hz is not a sample rate".into() })?;
        let wave = Wave::new(scenario, sample_rate.hz(), config)?;
        Ok(Self { scenario, sample_rate, seed: config.seed, wave, losses: losses(scenario, sample_rate, config.seed) })
    }

    /// Which scenario it is.
    pub fn scenario(&self) -> Scenario {
        self.scenario
    }

    /// Samples per second and channel.
    pub fn sample_rate(&self) -> SampleRate {
        self.sample_rate
    }

    /// Sample `n` of microphones 1 and 2, ±1.0 = full scale, whether or not the device loses it.
    pub fn sample(&self, n: u64) -> (f32, f32) {
        self.samples(n..n + 1).next().unwrap_or_default()
    }

    /// A run of samples of microphones 1 and 2, as [`sample`](Self::sample) gives each of them.
    pub fn samples(&self, indices: Range<u64>) -> impl Iterator<Item = (f32, f32)> {
        // A phase is pure and a random number is counted out; only the latter is cheaper in a run.
        let mut random = match self.wave {
            Wave::Cell(_) => Some(Pairs::starting_at(self.seed, Purpose::Noise, indices.start)),
            _ => None,
        };
        indices.map(move |n| {
            let (a, b) = self.wave.sample(n, random.as_mut());
            (full_scale(a), full_scale(b))
        })
    }

    /// The first samples that the device loses at or after `n`; none when it loses no more.
    pub fn next_loss(&self, n: u64) -> Option<Range<u64>> {
        self.losses.next(n)
    }
}

impl Wave {
    fn new(scenario: Scenario, rate_hz: u32, config: &SourceConfig) -> Result<Self, SourceError> {
        Ok(match scenario {
            Scenario::Silence => Self::Silence,
            Scenario::Cell => {
                check_modulation(config.cell.modulation_hz, rate_hz)?;
                Self::Cell(Cell::new(&config.cell, rate_hz))
            }
            Scenario::Chirp => Self::Chirp { phase: Sweep::new(rate_hz), amplitude: ratio(TONE_DBFS) },
            Scenario::Clipping => Self::tone(CLIPPING_DBFS, rate_hz)?,
            Scenario::Tone | Scenario::Dropouts | Scenario::Unplug | Scenario::Drift | Scenario::Stall => {
                Self::tone(TONE_DBFS, rate_hz)?
            }
        })
    }

    fn tone(level_dbfs: f64, rate_hz: u32) -> Result<Self, SourceError> {
        if rate_hz <= 2 * TONE_HZ {
            let problem = format!("{rate_hz} Hz cannot carry a tone of {TONE_HZ} Hz: it takes more than twice as many");
            return Err(SourceError::Unusable { key: "source.rate_hz", problem });
        }
        Ok(Self::Tone { phase: Oscillator::new(TONE_HZ.into(), rate_hz), amplitude: ratio(level_dbfs) })
    }

    fn sample(&self, n: u64, random: Option<&mut Pairs>) -> (f64, f64) {
        match self {
            Self::Silence => (0.0, 0.0),
            Self::Tone { phase, amplitude } => quadrature(phase.turns(n), *amplitude),
            Self::Chirp { phase, amplitude } => quadrature(phase.turns(n), *amplitude),
            Self::Cell(cell) => cell.sample(n, random.map_or((0, 0), Pairs::next_pair)),
        }
    }
}

/// A cosine in A and a sine, which is 90° behind it, in B.
fn quadrature(turns: f64, amplitude: f64) -> (f64, f64) {
    let (sine, cosine) = (TAU * turns).sin_cos();
    (amplitude * cosine, amplitude * sine)
}

/// The simulated converter: it ends at full scale, as a real one does.
fn full_scale(value: f64) -> f32 {
    value.clamp(-1.0, 1.0) as f32
}

fn losses(scenario: Scenario, rate: SampleRate, seed: u64) -> Losses {
    let rate_hz = u64::from(rate.hz());
    match scenario {
        Scenario::Dropouts => Losses::Dropouts { seed, rate_hz },
        Scenario::Stall => Losses::Stalls { rate_hz },
        _ => Losses::None,
    }
}

fn check_modulation(modulation_hz: f64, rate_hz: u32) -> Result<(), SourceError> {
    let half_hz = f64::from(rate_hz) / 2.0;
    if modulation_hz > 0.0 && modulation_hz < half_hz {
        return Ok(());
    }
    let problem = format!("{modulation_hz} Hz is not between 0 and {half_hz} Hz, half of the rate of {rate_hz} Hz");
    Err(SourceError::Unusable { key: "source.cell.modulation_hz", problem })
}

#[cfg(test)]
mod tests;
