//! The handoff: what carries samples from the audio callback to the thread that acquires them.
//!
//! The callback's side ([`Sender::push`]) never waits, locks, allocates, logs or calls the system: it converts a whole
//! callback buffer into a ring, or drops it whole and counts it. A second, small ring carries one [`BlockHeader`] per
//! buffer, so that the reader knows where each loss lies and how long it is, to the sample. Nothing here knows cpal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rtrb::{Consumer, Producer, RingBuffer};

use super::SampleBlock;

/// A sample type of a device that converts to a fraction of full scale: ±1.0 is full scale.
///
/// Integers of n bits become v / 2^(n−1), unsigned ones after their offset is taken off: exact up to 24 bits, rounded
/// once (to nearest) above.
pub trait ToFullScale: Copy {
    /// The sample as a fraction of full scale.
    fn to_full_scale(self) -> f32;
}

/// Which channels of a device's interleaved buffer become A and B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelPick {
    device_channels: usize,
    a: usize,
    b: Option<usize>,
}

impl ChannelPick {
    /// Channels `a` and `b` of `device_channels`, counted from 1; `b` is 0 for none. None when one is beyond.
    pub fn new(device_channels: u16, a: u16, b: u16) -> Option<Self> {
        let within = a >= 1 && a <= device_channels && b <= device_channels;
        within.then(|| Self {
            device_channels: usize::from(device_channels),
            a: usize::from(a) - 1,
            b: usize::from(b).checked_sub(1),
        })
    }

    /// Channels that are taken: 1 or 2.
    pub fn channels(&self) -> u8 {
        if self.b.is_some() { 2 } else { 1 }
    }
}

/// What the callback knows about a buffer beside its samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// When the first sample was captured, in nanoseconds of the stream's own clock.
    pub capture_ns: u64,
    /// When the callback ran, in nanoseconds of the same clock.
    pub callback_ns: u64,
    /// Overruns that the device had reported by then, since the stream began.
    pub xruns: u64,
}

/// One buffer that came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// Samples per channel.
    pub samples: usize,
    /// Samples per channel that were dropped between the buffer before and this one, because a ring was full.
    pub dropped_before: u64,
    /// What the callback knew.
    pub stamp: Stamp,
}

/// The callback's end.
#[derive(Debug)]
pub struct Sender {
    pick: ChannelPick,
    samples: Producer<f32>,
    headers: Producer<BlockHeader>,
    dropped_since_last: u64,
    dropped_total: Arc<AtomicU64>,
}

/// The reader's end.
#[derive(Debug)]
pub struct Receiver {
    pick: ChannelPick,
    samples: Consumer<f32>,
    headers: Consumer<BlockHeader>,
    dropped_told: u64,
    dropped_total: Arc<AtomicU64>,
}

/// A handoff that holds `capacity` samples per channel, in buffers of about `block` samples.
pub fn handoff(pick: ChannelPick, capacity: usize, block: usize) -> (Sender, Receiver) {
    // Devices may deliver smaller buffers than they were asked for: a quarter of the size still fills the sample ring
    // before the headers run out. Smaller ones drop early, which is counted like any drop.
    let blocks = 4 * capacity.div_ceil(block.max(1)) + 16;
    let (to_samples, samples) = RingBuffer::new(capacity * usize::from(pick.channels()));
    let (to_headers, headers) = RingBuffer::new(blocks);
    let dropped_total = Arc::new(AtomicU64::new(0));
    let sender = Sender {
        pick,
        samples: to_samples,
        headers: to_headers,
        dropped_since_last: 0,
        dropped_total: Arc::clone(&dropped_total),
    };
    (sender, Receiver { pick, samples, headers, dropped_told: 0, dropped_total })
}

impl Sender {
    /// Passes one callback buffer on, or drops it whole and counts it when it does not fit.
    ///
    /// Safe in a real-time callback: bounded time, no lock, no allocation, no system call.
    pub fn push<T: ToFullScale>(&mut self, interleaved: &[T], stamp: Stamp) {
        let ChannelPick { device_channels, a, b } = self.pick;
        let samples = interleaved.len() / device_channels;
        if samples == 0 {
            return;
        }
        let lanes = usize::from(self.pick.channels());
        let room = (self.samples.write_chunk_uninit(samples * lanes), self.headers.write_chunk_uninit(1));
        let (Ok(to_samples), Ok(to_header)) = room else {
            self.dropped_since_last += samples as u64;
            self.dropped_total.fetch_add(samples as u64, Ordering::Release);
            return;
        };
        let instants = interleaved.chunks_exact(device_channels);
        match b {
            None => to_samples.fill_from_iter(instants.map(|at| at[a].to_full_scale())),
            Some(b) => {
                to_samples.fill_from_iter(instants.flat_map(|at| [at[a].to_full_scale(), at[b].to_full_scale()]))
            }
        };
        // Last, so that whoever sees a header finds its samples.
        let header = BlockHeader { samples, dropped_before: self.dropped_since_last, stamp };
        to_header.fill_from_iter([header]);
        self.dropped_since_last = 0;
    }
}

impl Receiver {
    /// Takes the next buffer into `block`, whose time is left alone; none when there is none yet.
    pub fn read(&mut self, block: &mut SampleBlock) -> Option<BlockHeader> {
        let header = self.headers.pop().ok()?;
        let lanes = usize::from(self.pick.channels());
        let chunk = self.samples.read_chunk(header.samples * lanes).ok()?;
        block.clear();
        // The ring's size is a multiple of the lanes, so neither slice begins or ends within a pair.
        for slice in <[&[f32]; 2]>::from(chunk.as_slices()) {
            if lanes == 1 {
                block.channel_a.extend_from_slice(slice);
            } else {
                block.channel_a.extend(slice.iter().step_by(2));
                block.channel_b.extend(slice.iter().skip(1).step_by(2));
            }
        }
        chunk.commit_all();
        self.dropped_told += header.dropped_before;
        Some(header)
    }

    /// Samples per channel that were dropped and that no header has told of. Final once the sender is gone and
    /// everything was read.
    pub fn dropped_untold(&self) -> u64 {
        self.dropped_total.load(Ordering::Acquire) - self.dropped_told
    }

    /// Marks the drops of [`Self::dropped_untold`] as told.
    pub fn take_dropped_untold(&mut self) -> u64 {
        let untold = self.dropped_untold();
        self.dropped_told += untold;
        untold
    }
}

macro_rules! full_scale_of_integers {
    ($($signed:ty, $unsigned:ty);+) => {$(
        impl ToFullScale for $signed {
            #[inline]
            fn to_full_scale(self) -> f32 {
                // Dividing by a power of two is exact; only the conversion to f32 may round.
                self as f32 / -(<$signed>::MIN as f32)
            }
        }

        impl ToFullScale for $unsigned {
            #[inline]
            fn to_full_scale(self) -> f32 {
                self.wrapping_sub(1 << (<$unsigned>::BITS - 1)).cast_signed().to_full_scale()
            }
        }
    )+};
}

full_scale_of_integers!(i8, u8; i16, u16; i32, u32; i64, u64);

impl ToFullScale for f32 {
    #[inline]
    fn to_full_scale(self) -> f32 {
        self
    }
}

impl ToFullScale for f64 {
    #[inline]
    fn to_full_scale(self) -> f32 {
        self as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stereo_of(from: u64, samples: usize) -> Vec<f32> {
        (from..from + samples as u64).flat_map(|index| [index as f32, -(index as f32)]).collect()
    }

    proptest! {
        #[test]
        fn every_sample_is_delivered_or_counted_where_it_is_missing(
            capacity in 1_usize..200,
            steps in prop::collection::vec(prop_oneof![3 => (1_usize..70).prop_map(Some), 2 => Just(None)], 0..200),
        ) {
            let (mut sender, mut receiver) = handoff(ChannelPick::new(2, 1, 2).unwrap(), capacity, 64);
            let mut block = SampleBlock::default();
            let (mut pushed, mut next) = (0, 0);
            let mut take = |receiver: &mut Receiver, next: &mut u64| {
                let Some(header) = receiver.read(&mut block) else { return false };
                *next += header.dropped_before;
                assert_eq!(header.samples, block.channel_a.len());
                for (a, b) in block.channel_a.iter().zip(&block.channel_b) {
                    assert_eq!((*a, *b), (*next as f32, -(*next as f32)));
                    *next += 1;
                }
                true
            };
            for step in steps {
                match step {
                    Some(samples) => {
                        sender.push(&stereo_of(pushed, samples), Stamp::default());
                        pushed += samples as u64;
                    }
                    None => {
                        take(&mut receiver, &mut next);
                    }
                }
            }
            while take(&mut receiver, &mut next) {}
            prop_assert_eq!(next + receiver.take_dropped_untold(), pushed);
            prop_assert_eq!(receiver.dropped_untold(), 0);
        }
    }

    #[test]
    fn a_full_ring_drops_the_newest_buffer_whole() {
        let (mut sender, mut receiver) = handoff(ChannelPick::new(2, 1, 2).unwrap(), 10, 4);
        for from in [0, 4, 8, 12] {
            sender.push(&stereo_of(from, 4), Stamp::default());
        }
        let mut block = SampleBlock::default();
        receiver.read(&mut block).unwrap();
        sender.push(&stereo_of(16, 2), Stamp::default());
        receiver.read(&mut block).unwrap();
        let after = receiver.read(&mut block).unwrap();
        assert_eq!((after.dropped_before, block.channel_a.as_slice()), (8, [16.0, 17.0].as_slice()));
    }

    #[test]
    fn channels_are_picked_from_one_and_mono_stays_empty() {
        let (mut sender, mut receiver) = handoff(ChannelPick::new(3, 3, 0).unwrap(), 8, 4);
        sender.push(&[1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], Stamp::default());
        let mut block = SampleBlock::default();
        receiver.read(&mut block).unwrap();
        assert_eq!((block.channel_a.as_slice(), block.channel_b.len()), ([3.0, 6.0].as_slice(), 0));
        assert_eq!(ChannelPick::new(2, 3, 1), None);
        assert_eq!(ChannelPick::new(2, 1, 3), None);
        assert_eq!(ChannelPick::new(2, 0, 1), None);
    }

    #[test]
    fn full_scale_is_one_in_every_type() {
        assert_eq!((i8::MIN.to_full_scale(), i8::MAX.to_full_scale()), (-1.0, 127.0 / 128.0));
        assert_eq!((i16::MIN.to_full_scale(), i16::MAX.to_full_scale()), (-1.0, 32767.0 / 32768.0));
        assert_eq!((i32::MIN.to_full_scale(), i32::MAX.to_full_scale()), (-1.0, 1.0));
        assert_eq!((i64::MIN.to_full_scale(), i64::MAX.to_full_scale()), (-1.0, 1.0));
        assert_eq!((0_u8.to_full_scale(), 128_u8.to_full_scale(), 255_u8.to_full_scale()), (-1.0, 0.0, 127.0 / 128.0));
        assert_eq!((0_u16.to_full_scale(), 0x8001_u16.to_full_scale()), (-1.0, 1.0 / 32768.0));
        assert_eq!((0_u32.to_full_scale(), (1_u32 << 31).to_full_scale()), (-1.0, 0.0));
        assert_eq!((0_u64.to_full_scale(), (1_u64 << 63).to_full_scale()), (-1.0, 0.0));
        assert_eq!(0.1_f64.to_full_scale(), 0.1_f32);
    }
}
