//! The filter: a symmetric FIR over two channels at once that computes only the outputs that are kept.

use super::kaiser::{self, LANES};

/// One value of channel A and one of channel B.
pub type Pair = [f64; 2];

/// Filters two channels and keeps the outputs whose index is a multiple of the factor: of the polyphase decomposition
/// (Vaidyanathan, Multirate Systems and Filter Banks, §4.3) the branches that reach them, in f64.
#[derive(Debug)]
pub struct DecimatingFir {
    factor: u64,
    side: Vec<f64>,
    /// Inputs from index `first_input` on.
    inputs: Vec<Pair>,
    first_input: u64,
    /// Index of the next output.
    next_output: u64,
}

impl DecimatingFir {
    /// A filter that keeps one in `factor` values, at least 1; it begins with input 0.
    pub fn new(factor: u64) -> Self {
        let factor = factor.max(1);
        let mut fir =
            Self { factor, side: kaiser::side(factor as usize), inputs: Vec::new(), first_input: 0, next_output: 0 };
        fir.restart(0);
        fir
    }

    /// Which one in how many values is kept.
    pub fn factor(&self) -> u64 {
        self.factor
    }

    /// D: the output at index n takes the inputs n − D to n + D.
    pub fn delay_samples(&self) -> u64 {
        self.side.len() as u64 - 1
    }

    /// The whole impulse response, 2 D + 1 values.
    pub fn coefficients(&self) -> Vec<f64> {
        self.side[1..].iter().rev().chain(&self.side).copied().collect()
    }

    /// Index of the first output whose inputs are all there when the first of them is `first_input`.
    pub fn first_output(&self, first_input: u64) -> u64 {
        // Before sample 0 there is nothing, not silence.
        (first_input + self.delay_samples()).next_multiple_of(self.factor)
    }

    /// Index of the next output.
    pub fn next_output(&self) -> u64 {
        self.next_output
    }

    /// Forgets all inputs; the next one has index `first_input`.
    pub fn restart(&mut self, first_input: u64) {
        self.inputs.clear();
        self.first_input = first_input;
        self.next_output = self.first_output(first_input);
    }

    /// Takes the next inputs and hands out the outputs that they complete. Without channel B it counts as 0.
    pub fn push(&mut self, channel_a: &[f32], channel_b: &[f32], mut output: impl FnMut(Pair)) {
        self.forget();
        let b = channel_b.iter().copied().chain(std::iter::repeat(0.0));
        self.inputs.extend(channel_a.iter().zip(b).map(|(&a, b)| [f64::from(a), f64::from(b)]));
        let delay = self.delay_samples();
        while self.next_output + delay < self.first_input + self.inputs.len() as u64 {
            output(self.output_at((self.next_output - self.first_input) as usize));
            self.next_output += self.factor;
        }
    }

    /// Drops the inputs that no further output takes.
    fn forget(&mut self) {
        let oldest_needed = self.next_output - self.delay_samples();
        let unneeded = oldest_needed.saturating_sub(self.first_input).min(self.inputs.len() as u64);
        self.inputs.drain(..unneeded as usize);
        self.first_input += unneeded;
    }

    /// h\[0\] x\[n\] + Σ h\[k\] (x\[n − k\] + x\[n + k\]), the sum in [`LANES`] parts so that none waits for another.
    fn output_at(&self, centre: usize) -> Pair {
        let delay = self.side.len() - 1;
        let (older, newer) = (&self.inputs[centre - delay..centre], &self.inputs[centre + 1..=centre + delay]);
        let mut sums = [[0.0; 2]; LANES];
        let (taps, _) = self.side[1..].as_chunks::<LANES>();
        let (_, older) = older.as_rchunks::<LANES>();
        let (newer, _) = newer.as_chunks::<LANES>();
        for ((taps, older), newer) in taps.iter().zip(older.iter().rev()).zip(newer) {
            for lane in 0..LANES {
                for channel in 0..2 {
                    let pair = older[LANES - 1 - lane][channel] + newer[lane][channel];
                    sums[lane][channel] += taps[lane] * pair;
                }
            }
        }
        let sum = |channel: usize| sums.iter().map(|lane| lane[channel]).sum::<f64>();
        let [a, b] = self.inputs[centre];
        [self.side[0] * a + sum(0), self.side[0] * b + sum(1)]
    }
}

#[cfg(test)]
mod tests;
