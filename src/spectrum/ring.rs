//! The ring: the last samples of one channel, without moving or allocating.

/// Keeps the last `capacity` samples that were pushed.
#[derive(Debug)]
pub(crate) struct Ring {
    samples: Vec<f32>,
    /// Where the next sample goes; with a full ring also where the oldest one stands.
    next: usize,
    filled: usize,
}

impl Ring {
    /// An empty ring for `capacity` samples, at least one.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { samples: vec![0.0; capacity.max(1)], next: 0, filled: 0 }
    }

    /// Forgets all samples.
    pub(crate) fn clear(&mut self) {
        self.next = 0;
        self.filled = 0;
    }

    /// Appends samples; of more than fit, the last ones stay.
    pub(crate) fn push(&mut self, samples: &[f32]) {
        let capacity = self.samples.len();
        let kept = &samples[samples.len().saturating_sub(capacity)..];
        let (before_seam, after_seam) = kept.split_at(kept.len().min(capacity - self.next));
        self.samples[self.next..][..before_seam.len()].copy_from_slice(before_seam);
        self.samples[..after_seam.len()].copy_from_slice(after_seam);
        self.next = (self.next + kept.len()) % capacity;
        self.filled = (self.filled + kept.len()).min(capacity);
    }

    /// Whether `capacity` samples are there.
    pub(crate) fn is_full(&self) -> bool {
        self.filled == self.samples.len()
    }

    /// The samples of a full ring in order, the older part first.
    pub(crate) fn parts(&self) -> [&[f32]; 2] {
        let (newer, older) = self.samples.split_at(self.next);
        [older, newer]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn holds_the_last_samples_in_order(
            capacity in 1_usize..40,
            chunks in prop::collection::vec(0_usize..100, 1..20),
        ) {
            let mut ring = Ring::with_capacity(capacity);
            let mut all: Vec<f32> = Vec::new();
            for length in chunks {
                let chunk: Vec<f32> = (all.len()..all.len() + length).map(|n| n as f32).collect();
                ring.push(&chunk);
                all.extend(chunk);
                prop_assert_eq!(ring.is_full(), all.len() >= capacity);
                if ring.is_full() {
                    prop_assert_eq!(ring.parts().concat(), &all[all.len() - capacity..]);
                }
            }
        }
    }
}
