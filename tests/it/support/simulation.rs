//! What the simulated source plays, computed here from the same configuration, for comparison.

use std::ops::Range;

use photophone::config::{SourceConfig, from_yaml};
use photophone::source::simulated::SimulatedSignal;

/// The signal of a scenario.
pub(crate) struct Simulation {
    signal: SimulatedSignal,
    mono: bool,
}

impl Simulation {
    /// What a server with `--source sim:<scenario>` and this configuration plays.
    pub(crate) fn of(scenario: &str, yaml: &str) -> Self {
        let source = from_yaml(yaml).unwrap().source;
        let source = SourceConfig { scenario: scenario.to_owned(), ..source };
        Self { signal: SimulatedSignal::new(&source).unwrap(), mono: source.channel_b == 0 }
    }

    /// Samples of channels A and B; B is empty when the configuration asks for mono.
    pub(crate) fn samples(&self, indices: Range<u64>) -> (Vec<f32>, Vec<f32>) {
        let (a, b): (Vec<f32>, Vec<f32>) = self.signal.samples(indices).unzip();
        (a, if self.mono { Vec::new() } else { b })
    }

    /// What the device loses of samples `indices`, piece by piece.
    pub(crate) fn losses(&self, indices: Range<u64>) -> Vec<Range<u64>> {
        let mut at = indices.start;
        let next = || {
            let loss = self.signal.next_loss(at).filter(|loss| loss.start < indices.end)?;
            at = loss.end;
            Some(loss.start..loss.end.min(indices.end))
        };
        std::iter::from_fn(next).collect()
    }
}
