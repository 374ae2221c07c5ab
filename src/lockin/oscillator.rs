//! The oscillator: the phase of a sample is an integer function of its index, so it never drifts and every computation
//! finds the same.

use std::f64::consts::TAU;

use num_complex::Complex;
use photophone_signal::units::SampleRate;

use super::Frequency;

/// Samples per cell: the grid of indices on which the oscillator's sines are computed anew.
pub(super) const CELL_SAMPLES: u64 = 128;

const CELL: usize = CELL_SAMPLES as usize;

/// Turns sample indices into phasors: `θ = phase + (index − origin) · increment` modulo one turn, in units of 2^−128
/// turn.
///
/// A frequency is rounded down to one of these units per sample, which is less than 10^−33 Hz at any rate; after 2^53
/// samples that is 2^−75 turn, 2·10^−22 rad. Within a cell e^−iθ is the product of two numbers, of the cell's first
/// sample and of the place in the cell, both computed directly: its error is below 10^−15, whatever the index.
#[derive(Debug)]
pub(super) struct Oscillator {
    origin_sample: u64,
    origin_phase: u128,
    increment: u128,
    /// e^−iθ of each place in a cell, relative to the cell's first sample.
    places: [Complex<f64>; CELL],
    /// The cell whose phasors are at hand.
    cell: Option<u64>,
    phasors: [Complex<f64>; CELL],
}

impl Oscillator {
    /// An oscillator that is still: a cosine of frequency 0.
    pub(super) fn still() -> Self {
        let places = [Complex::ONE; CELL];
        Self { origin_sample: 0, origin_phase: 0, increment: 0, places, cell: None, phasors: places }
    }

    /// A cosine of `harmonic` times `frequency` that starts at sample 0. Needs that to be below the Nyquist frequency.
    pub(super) fn at(frequency: Frequency, harmonic: u8, rate: SampleRate) -> Self {
        let numerator = u128::from(u64::from(harmonic) * frequency.micro_hz());
        let denominator = u128::from(rate.hz()) * 1_000_000;
        // Long division of numerator · 2^128 in two digits; the remainder is below 2^52, so nothing overflows.
        let high = (numerator << 64) / denominator;
        let low = (((numerator << 64) % denominator) << 64) / denominator;
        let mut oscillator = Self::still();
        oscillator.tune(0, 0, (high << 64) | low);
        oscillator
    }

    /// Goes on from sample `origin` at `phase` with `increment`, in units of 2^−128 turn.
    pub(super) fn tune(&mut self, origin: u64, phase: u128, increment: u128) {
        (self.origin_sample, self.origin_phase, self.increment) = (origin, phase, increment);
        self.cell = None;
        for (place, phasor) in (0..).zip(&mut self.places) {
            *phasor = turned(increment.wrapping_mul(place)).conj();
        }
    }

    /// The phase of a sample.
    pub(super) fn phase(&self, index: u64) -> u128 {
        let distance = u128::from(index).wrapping_sub(u128::from(self.origin_sample));
        self.origin_phase.wrapping_add(distance.wrapping_mul(self.increment))
    }

    /// The advance of the phase per sample.
    pub(super) fn increment(&self) -> u128 {
        self.increment
    }

    /// The phasors e^−iθ from sample `index` to the end of its cell.
    pub(super) fn phasors(&mut self, index: u64) -> &[Complex<f64>] {
        let cell = index / CELL_SAMPLES;
        if self.cell != Some(cell) {
            let first = turned(self.phase(cell * CELL_SAMPLES)).conj();
            for (phasor, place) in self.phasors.iter_mut().zip(&self.places) {
                *phasor = first * place;
            }
            self.cell = Some(cell);
        }
        &self.phasors[(index % CELL_SAMPLES) as usize..]
    }
}

/// e^iθ of a phase in 2^−128 turn. Its top 64 bits as a signed number lie within half a turn of zero, where f64
/// resolves finest.
pub(super) fn turned(phase: u128) -> Complex<f64> {
    let turns = (phase >> 64) as u64 as i64 as f64 / 2.0_f64.powi(64);
    Complex::cis(TAU * turns)
}

#[cfg(test)]
mod tests {
    use photophone_signal::MAX_SAMPLE_INDEX;
    use proptest::prelude::*;

    use super::*;

    fn oscillator(hz: f64, harmonic: u8, rate_hz: u32) -> Oscillator {
        Oscillator::at(Frequency::from_hz(hz).unwrap(), harmonic, SampleRate::new(rate_hz).unwrap())
    }

    /// Frequency, harmonic, rate, index, cos θ and sin θ by Python's `fractions` and 60 digits of `decimal`: θ is
    /// `Fraction(index * harmonic * microhertz, rate * 10**6) % 1` turns.
    const EXACT: [(f64, u8, u32, u64, f64, f64); 5] = [
        (1000.1, 1, 48_000, (1 << 53) - 1, 0.9896682847781464, 0.14337603043843075),
        (1234.567891, 3, 44_100, (1 << 53) - 1, -0.9628307969401089, 0.270105269226046),
        (20_000.0, 1, 192_000, (1 << 53) - 3, 0.9914448613738104, 0.1305261922200516),
        (0.000_001, 1, 8000, (1 << 53) - 1, 0.8335325456116979, -0.5524703570383508),
        (7919.000003, 9, 192_000, 123_456_789_012_345, 0.07198705389689616, 0.9974055664930116),
    ];

    #[test]
    fn the_last_sample_of_an_epoch_has_its_phase() {
        for (hz, harmonic, rate_hz, index, cos, sin) in EXACT {
            let phasor = oscillator(hz, harmonic, rate_hz).phasors(index)[0];
            assert!((phasor - Complex::new(cos, -sin)).norm() < 1e-15, "{hz} Hz: {phasor}");
        }
    }

    #[test]
    fn a_cell_costs_no_accuracy() {
        let mut oscillator = oscillator(12_345.678901, 1, 44_100);
        for index in (0..10 * CELL_SAMPLES).chain(MAX_SAMPLE_INDEX - 1000..MAX_SAMPLE_INDEX) {
            let phasor = oscillator.phasors(index)[0];
            assert!((phasor - turned(oscillator.phase(index)).conj()).norm() < 1e-15, "{index}");
        }
    }

    proptest! {
        #[test]
        fn a_phase_is_the_same_wherever_an_oscillator_was_tuned(
            micro_hz in 1..24_000_000_000_u64, index in 0..MAX_SAMPLE_INDEX, origin in 0..MAX_SAMPLE_INDEX,
        ) {
            let from_zero = oscillator(micro_hz as f64 / 1e6, 1, 48_000);
            let mut elsewhere = Oscillator::still();
            elsewhere.tune(origin, from_zero.phase(origin), from_zero.increment());
            prop_assert_eq!(elsewhere.phase(index), from_zero.phase(index));
        }
    }
}
