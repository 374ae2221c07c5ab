//! What a lab microphone hears, and whether an account of it is true.

use photophone_signal::Gap;

use super::account::Account;
use super::lab_microphone::{LabMicrophone, LabSettings};

const RATE_HZ: u32 = 48_000;

/// As many instants in a row make a place in the air unique.
const SIGNATURE: usize = 16;

/// Five seconds of stereo noise, played in a loop.
pub(crate) struct Air {
    instants: Vec<[i16; 2]>,
}

/// A gap, and the samples that are really missing in it.
pub(crate) struct TrueGap {
    pub(crate) told: Gap,
    pub(crate) samples: u64,
}

impl Air {
    pub(crate) fn of_noise(seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as i16
        };
        Self { instants: (0..5 * RATE_HZ).map(|_| [next(), next()]).collect() }
    }

    /// A 16-bit stereo microphone in this air.
    pub(crate) fn microphone(&self) -> LabMicrophone {
        let samples = self.instants.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
        LabMicrophone::plugged_in(&LabSettings { format: "S16_LE", rate_hz: RATE_HZ, channels: 2, samples })
    }

    /// Follows an account through the air: every sample must have been in it, in order, and nothing may be missing but
    /// in gaps. A gap told as an estimate may be off by `slack` samples, told as exact by none.
    pub(crate) fn follow(&self, account: &Account, slack: u64) -> Vec<TrueGap> {
        let received: Vec<(u64, [f32; 2])> = account.frames.iter().flat_map(instants).collect();
        let mut place = (0..self.len()).find(|place| self.is_at(*place, &received)).expect("a place in the air");
        let (mut index, mut gaps, mut told) = (received[0].0, Vec::new(), account.gaps.iter());
        for (position, (at, instant)) in received.iter().enumerate() {
            if *at != index {
                let gap = told.find(|gap| gap.from_sample == index).expect("a gap");
                let length = gap.samples().unwrap();
                let reach = if gap.exact { 0 } else { slack };
                let mut lengths = length.saturating_sub(reach)..=length + reach;
                let samples = lengths.find(|samples| self.is_at(place + samples, &received[position..]));
                let samples = samples.unwrap_or_else(|| panic!("{gap:?} is not true within {slack} samples"));
                (index, place) = (index + length, place + samples);
                gaps.push(TrueGap { told: *gap, samples });
            }
            assert_eq!((*at, *instant), (index, self.at(place)), "sample {position}");
            (index, place) = (index + 1, place + 1);
        }
        gaps
    }

    fn len(&self) -> u64 {
        self.instants.len() as u64
    }

    fn at(&self, place: u64) -> [f32; 2] {
        self.instants[(place % self.len()) as usize].map(|value| f32::from(value) / 32_768.0)
    }

    fn is_at(&self, place: u64, received: &[(u64, [f32; 2])]) -> bool {
        received.iter().take(SIGNATURE).zip(place..).all(|((_, instant), place)| *instant == self.at(place))
    }
}

/// Each instant of a frame with its index.
fn instants(frame: &photophone_signal::wire::FrameJson<'_>) -> Vec<(u64, [f32; 2])> {
    let pairs = frame.channel_a.iter().zip(&*frame.channel_b).map(|(a, b)| [*a, *b]);
    (frame.first_sample..).zip(pairs).collect()
}
