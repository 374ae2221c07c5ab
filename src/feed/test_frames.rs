//! Frames of consecutive samples for the tests of what is computed from them.

use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, FrameFlags};

pub(super) const RATE_HZ: u32 = 48_000;

/// UTC of sample 0.
pub(super) const START_US: u64 = 1_700_000_000_000_000;

pub(super) fn epoch(number: u8) -> Epoch {
    Epoch::from_random_bytes([number; 16])
}

/// Sample `index` of channel A or B: another value for every index, and reproducible.
pub(super) fn sample(channel: usize, index: u64) -> f32 {
    let mixed = (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 + 2 * channel as u64);
    ((mixed >> 40) as f32 / (1 << 23) as f32) - 1.0
}

/// Frame `number` of epoch 1: the stereo samples `first..first + samples`, timed by a fixed origin.
pub(super) fn frame(number: u64, first: u64, samples: u64) -> AudioFrame {
    let rate = SampleRate::new(RATE_HZ).unwrap();
    let channel = |channel| (first..first + samples).map(|index| sample(channel, index)).collect();
    AudioFrame {
        epoch: epoch(1),
        frame_number: number,
        first_sample: first,
        sample_rate: rate,
        monotonic_us: rate.micros_of(first),
        captured_us: START_US + rate.micros_of(first),
        flags: FrameFlags::default(),
        channel_a: channel(0),
        channel_b: channel(1),
    }
}

/// A frame without channel B.
pub(super) fn mono(frame: AudioFrame) -> AudioFrame {
    AudioFrame { channel_b: Vec::new(), ..frame }
}

/// Frames of the given lengths, each behind a gap of the given samples, from index `first` on.
pub(super) fn frames_of(first: u64, gaps_and_lengths: &[(u64, u64)]) -> Vec<AudioFrame> {
    let mut at = first;
    let frames = gaps_and_lengths.iter().enumerate().map(|(number, (gap, length))| {
        at += gap;
        let mut frame = frame(number as u64, at, *length);
        frame.flags.after_gap = *gap > 0;
        at += length;
        frame
    });
    frames.collect()
}

/// The runs of consecutive samples in frames, from the first index to the one behind the last.
pub(super) fn runs(frames: &[AudioFrame]) -> Vec<std::ops::Range<u64>> {
    let mut runs: Vec<std::ops::Range<u64>> = Vec::new();
    for frame in frames {
        match runs.last_mut() {
            Some(run) if run.end == frame.first_sample => run.end = frame.end_sample(),
            _ => runs.push(frame.first_sample..frame.end_sample()),
        }
    }
    runs
}
