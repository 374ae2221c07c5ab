//! Seeded mutations of known inputs, for the runs of `make test` and `make soak`: what libFuzzer does in a thousand
//! times the time and with a view of the code.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Values at which bounds are.
const EDGES: [u64; 10] = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, u64::MAX];

/// Inputs made of `seeds`, the same for the same `seed`.
pub(super) struct Mutations {
    seeds: Vec<Vec<u8>>,
    random: ChaCha8Rng,
}

impl Mutations {
    pub(super) fn new(seeds: Vec<Vec<u8>>, seed: u64) -> Self {
        Self { seeds, random: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.random.next_u64() % bound.max(1) as u64) as usize
    }

    fn some_seed(&mut self) -> Vec<u8> {
        let which = self.below(self.seeds.len());
        self.seeds.get(which).cloned().unwrap_or_default()
    }

    fn mutate(&mut self, data: &mut Vec<u8>) {
        let at = self.below(data.len());
        let end = (at + self.below(16)).min(data.len());
        match self.below(7) {
            0 if !data.is_empty() => data[at] ^= 1 << self.below(8),
            1 if !data.is_empty() => data[at] = self.random.next_u32() as u8,
            2 => self.write_edge(data, at),
            3 => drop(data.drain(at..end)),
            4 => data.truncate(at),
            5 => {
                let piece = data[at..end].to_vec();
                let to = self.below(data.len());
                drop(data.splice(to..to, piece));
            }
            _ => {
                let other = self.some_seed();
                let from = self.below(other.len());
                data.truncate(at);
                data.extend(&other[from..]);
            }
        }
    }

    /// Overwrites 1, 2, 4 or 8 bytes with a number at a bound, in the byte order of WAV.
    fn write_edge(&mut self, data: &mut [u8], at: usize) {
        let width = 1 << self.below(4);
        let edge = EDGES[self.below(EDGES.len())].to_le_bytes();
        for (byte, edge) in data[at..].iter_mut().zip(&edge[..width]) {
            *byte = *edge;
        }
    }
}

impl Iterator for Mutations {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut data = self.some_seed();
        for _ in 0..=self.below(4) {
            self.mutate(&mut data);
        }
        Some(data)
    }
}
