//! The demodulator: mixes runs of samples with the oscillator, filters, and reads out on the grid of instants.

use num_complex::Complex;
use photophone_signal::FrameRate;
use photophone_signal::units::SampleRate;

use super::low_pass::LowPass;
use super::noise::NoiseMeter;
use super::oscillator::{CELL_SAMPLES, Oscillator, turned};
use super::{Demodulated, LockinSettings, Reading};

/// What stands in for a channel that is not there; no run between two stops is longer.
const SILENCE: [f32; CELL_SAMPLES as usize] = [0.0; CELL_SAMPLES as usize];

/// A step response that counts as settled.
const SETTLED: f64 = 0.99;

/// Consecutive samples. Channel B is as long as A where it is demodulated.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) first_sample: u64,
    pub(super) channel_a: &'a [f32],
    pub(super) channel_b: &'a [f32],
}

/// What is known of the reference during a run.
pub(super) enum Known<'a> {
    /// Nothing.
    Nothing,
    /// Its frequency in Hz; the harmonic of it is not below the Nyquist frequency.
    Frequency(f64),
    /// Its frequency in Hz, and the oscillator at the harmonic of it.
    Phase(f64, &'a mut Oscillator),
}

/// The state between runs.
pub(super) struct Demodulator {
    rate: SampleRate,
    with_b: bool,
    frame_rate: FrameRate,
    tau_samples: f64,
    bandwidth_hz: f64,
    low_pass: LowPass,
    noise: NoiseMeter,
    /// The sample that continues the last run; none where nothing can be continued.
    next_sample: Option<u64>,
    /// First sample that the low-pass has seen.
    started: u64,
    /// First sample of the reading to come, its end, and when the noise meter is due.
    first_sample: u64,
    reading_due: u64,
    noise_due: u64,
}

impl Demodulator {
    /// A demodulator of channel A, and of channel B if so wanted.
    pub(super) fn new(settings: &LockinSettings, rate: SampleRate, with_b: bool) -> Self {
        let rate_hz = f64::from(rate.hz());
        let (tau_samples, bandwidth_hz) = (settings.tau_s() * rate_hz, settings.bandwidth_hz());
        Self {
            rate,
            with_b,
            frame_rate: settings.frame_rate(),
            tau_samples,
            bandwidth_hz,
            low_pass: LowPass::new(settings.slope().poles(), tau_samples),
            noise: NoiseMeter::new(bandwidth_hz, rate_hz),
            next_sample: None,
            started: 0,
            first_sample: 0,
            reading_due: 0,
            noise_due: 0,
        }
    }

    /// Forgets everything: what comes next continues nothing.
    pub(super) fn interrupt(&mut self) {
        self.next_sample = None;
    }

    /// Takes the next run and appends a reading for each instant that it reaches.
    pub(super) fn run(&mut self, run: Run<'_>, mut known: Known<'_>, into: &mut Vec<Reading>) {
        let end = run.first_sample + run.channel_a.len() as u64;
        if self.next_sample != Some(run.first_sample) {
            (self.first_sample, self.reading_due) = (run.first_sample, self.reading_after(run.first_sample));
            self.restart(run.first_sample);
        }
        let mut at = run.first_sample;
        while at < end {
            let stop = end.min(self.reading_due).min(self.noise_due).min(cell_end(at));
            if let Known::Phase(_, oscillator) = &mut known {
                let range = (at - run.first_sample) as usize..(stop - run.first_sample) as usize;
                let a = &run.channel_a[range.clone()];
                let b = if self.with_b { &run.channel_b[range] } else { &SILENCE };
                self.low_pass.run(oscillator.phasors(at), a, b);
            } else {
                self.restart(stop);
            }
            at = stop;
            self.stop_at(at, &known, into);
        }
        self.next_sample = Some(end);
    }

    fn stop_at(&mut self, at: u64, known: &Known<'_>, into: &mut Vec<Reading>) {
        if at.is_multiple_of(CELL_SAMPLES) {
            self.low_pass.settle_to_zero();
        }
        if at == self.noise_due {
            self.noise_due = self.noise.due_after(at);
            if let Known::Phase(_, oscillator) = known
                && self.low_pass.step_response(at - self.started) >= SETTLED
            {
                self.noise.push(self.tones(at, oscillator));
            }
        }
        if at == self.reading_due {
            into.push(self.reading(at, known));
            (self.first_sample, self.reading_due) = (at, self.reading_after(at));
        }
    }

    fn restart(&mut self, at: u64) {
        self.low_pass.reset();
        self.noise.reset();
        (self.started, self.noise_due) = (at, self.noise.due_after(at));
    }

    fn reading_after(&self, index: u64) -> u64 {
        self.frame_rate.boundary_after(index, self.rate)
    }

    fn reading(&self, end_sample: u64, known: &Known<'_>) -> Reading {
        let n = end_sample - self.started;
        let tones = match known {
            Known::Phase(_, oscillator) if n as f64 >= self.tau_samples => Some(self.tones(end_sample, oscillator)),
            _ => None,
        };
        let reference_hz = match known {
            Known::Nothing => None,
            Known::Frequency(hz) | Known::Phase(hz, _) => Some(*hz),
        };
        Reading {
            first_sample: self.first_sample,
            end_sample,
            n,
            locked: reference_hz.is_some(),
            reference_hz,
            bandwidth_hz: self.bandwidth_hz,
            age_tau: n as f64 / self.tau_samples,
            settled: self.low_pass.step_response(n) >= SETTLED,
            noise_s: self.noise.extent_samples().map(|samples| samples as f64 / f64::from(self.rate.hz())),
            channel_a: tones.map(|tones| self.demodulated(tones, 0)),
            channel_b: tones.filter(|_| self.with_b).map(|tones| self.demodulated(tones, 1)),
        }
    }

    /// A e^iφ of the steady tone A cos(θ + φ) that would have led to the output m of each channel. Mixed with e^−iθ, it
    /// is half of A e^iφ and half of its mirror image A e^−i(2θ + φ): m = (w A e^iφ + c A e^−iφ) / 2, where w and c are
    /// what the low-pass has made of 1 and of e^−2iθ so far.
    fn tones(&self, end_sample: u64, oscillator: &Oscillator) -> [Complex<f64>; 2] {
        let n = end_sample - self.started;
        let w = self.low_pass.step_response(n);
        let last = turned(oscillator.phase(end_sample - 1).wrapping_mul(2)).conj();
        let c = last * self.low_pass.response(n, oscillator.increment().wrapping_mul(2));
        self.low_pass.output().map(|m| 2.0 * (m * w - m.conj() * c) / (w * w - c.norm_sqr()))
    }

    /// White noise of the one-sided power density S has the variance 2 · S · bandwidth in X, and in Y.
    fn demodulated(&self, tones: [Complex<f64>; 2], channel: usize) -> Demodulated {
        let density = |variance: f64| (variance / (2.0 * self.bandwidth_hz)).sqrt();
        Demodulated::new(tones[channel], self.noise.variance(channel).map(density))
    }
}

/// Index after the last sample of the cell that holds `index`.
fn cell_end(index: u64) -> u64 {
    (index / CELL_SAMPLES + 1) * CELL_SAMPLES
}
