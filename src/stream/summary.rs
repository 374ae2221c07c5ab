//! The summary of a run of samples of one channel: extremes and power.

/// Accumulators that do not wait for each other; the compiler makes vectors of them.
const LANES: usize = 8;

/// Minimum, maximum and sum of squares of samples, the sum in f64.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) min: f32,
    pub(crate) max: f32,
    pub(crate) sum_of_squares: f64,
    samples: u64,
}

/// No samples: every sample is an extreme of what follows.
impl Default for Summary {
    fn default() -> Self {
        Self { min: f32::INFINITY, max: f32::NEG_INFINITY, sum_of_squares: 0.0, samples: 0 }
    }
}

impl Summary {
    /// The summary of `samples`, which are finite.
    pub(crate) fn of(samples: &[f32]) -> Self {
        let mut summary = Self::default();
        summary.add(samples);
        summary
    }

    /// Takes further samples, which are finite.
    pub(crate) fn add(&mut self, samples: &[f32]) {
        let (mut min, mut max, mut squares) = ([self.min; LANES], [self.max; LANES], [0.0; LANES]);
        let (chunks, rest) = samples.as_chunks::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                let sample = chunk[lane];
                min[lane] = if sample < min[lane] { sample } else { min[lane] };
                max[lane] = if sample > max[lane] { sample } else { max[lane] };
                squares[lane] += f64::from(sample) * f64::from(sample);
            }
        }
        self.min = min.into_iter().chain(rest.iter().copied()).fold(self.min, f32::min);
        self.max = max.into_iter().chain(rest.iter().copied()).fold(self.max, f32::max);
        let rest_squares = rest.iter().map(|&sample| f64::from(sample) * f64::from(sample));
        self.sum_of_squares += squares.into_iter().chain(rest_squares).sum::<f64>();
        self.samples += samples.len() as u64;
    }

    /// Samples taken.
    pub(crate) fn samples(&self) -> u64 {
        self.samples
    }

    /// The largest absolute value; 0 without samples.
    pub(crate) fn peak(&self) -> f32 {
        f32::max(self.max, -self.min).max(0.0)
    }

    /// The mean of the squares; 0 without samples.
    pub(crate) fn mean_square(&self) -> f64 {
        self.sum_of_squares / self.samples.max(1) as f64
    }

    /// The root of the mean of the squares.
    pub(crate) fn rms(&self) -> f64 {
        self.mean_square().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_that_of_all_samples_however_they_came(
            samples in prop::collection::vec(-2.0_f32..2.0, 1..100), at in any::<prop::sample::Index>(),
        ) {
            let (one, other) = samples.split_at(at.index(samples.len()));
            let mut summary = Summary::of(one);
            summary.add(other);
            let mean_square = samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64;
            prop_assert_eq!(summary.min, samples.iter().copied().reduce(f32::min).unwrap());
            prop_assert_eq!(summary.max, samples.iter().copied().reduce(f32::max).unwrap());
            prop_assert_eq!(summary.peak(), samples.iter().map(|x| x.abs()).reduce(f32::max).unwrap());
            prop_assert!((summary.mean_square() - mean_square).abs() <= 1e-15 * samples.len() as f64);
            prop_assert_eq!(summary.samples(), samples.len() as u64);
        }
    }

    #[test]
    fn nothing_has_no_power() {
        assert_eq!((Summary::default().peak(), Summary::default().rms()), (0.0, 0.0));
    }
}
