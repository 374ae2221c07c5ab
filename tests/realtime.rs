//! What may not allocate: the callback's end of the handoff, whether the ring has room or not, and what is computed of
//! every frame. What must, since it outlives the frame: an event and its bytes, by a number that does not grow.
//!
//! A binary of its own, because it replaces the allocator of its process.

#![expect(unsafe_code, reason = "an allocator can only be written with unsafe code; this one counts and delegates")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::num::NonZeroU64;
use std::sync::Arc;

use photophone::feed::decimate::Decimator;
use photophone::feed::envelope::Envelope;
use photophone::feed::slicer::Slicer;
use photophone::feed::{
    EnvelopeSpec, EstimateBasis, EstimateSpec, FeedEvent, FeedSpec, FramesSpec, LevelsSpec, Representation,
};
use photophone::lockin::{Lockin, LockinSettings};
use photophone::source::SampleBlock;
use photophone::source::handoff::{ChannelPick, Stamp, handoff};
use photophone::spectrum::{Calibration, FftPlans, SpectrumEstimator, SpectrumSettings};
use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::{Header, Message, MessageWriter, Place, SampleFormat, kind};
use photophone_signal::{AudioFrame, Epoch, FrameFlags, FrameRate};

/// The system's allocator, counting calls per thread.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    CALLS.with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the pointer came from the system's allocator with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: the pointer came from the system's allocator with this layout.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn pushing_never_allocates() {
    let (mut sender, mut receiver) = handoff(ChannelPick::new(2, 1, 2).unwrap(), 4800, 480);
    let buffer = [0.25_f32; 960];
    let before = CALLS.get();
    drop(std::hint::black_box(Box::new(1_u8)));
    assert_eq!(CALLS.get() - before, 2, "the counter does not count");

    let before = CALLS.get();
    for _ in 0..20 {
        sender.push(&buffer, Stamp::default());
    }
    assert_eq!(CALLS.get(), before);
    assert_eq!(receiver.dropped_untold(), 4800, "the ring was meant to fill up");

    let mut block = SampleBlock::default();
    while receiver.read(&mut block).is_some() {}
    let before = CALLS.get();
    sender.push(&buffer, Stamp::default());
    receiver.read(&mut block).unwrap();
    assert_eq!(CALLS.get(), before, "a warm reader does not allocate either");
}

#[test]
fn what_feeds_compute_of_frames_never_allocates_once_warm() {
    let mut frame = AudioFrame {
        epoch: Epoch::from_random_bytes([1; 16]),
        frame_number: 0,
        first_sample: 0,
        sample_rate: SampleRate::new(48_000).unwrap(),
        monotonic_us: 0,
        captured_us: 0,
        flags: FrameFlags::default(),
        channel_a: vec![0.25; 1600],
        channel_b: vec![0.25; 1600],
    };
    let mut slicer = Slicer::new(FrameRate::from_fps(7.0));
    let mut decimator = Decimator::new(16);
    let mut envelope = Envelope::new(NonZeroU64::new(480).unwrap());
    let mut values = 0;
    let mut pass = |frame: &mut AudioFrame| {
        slicer.push(frame, |slice| {
            values += decimator.push(slice).map_or(0, |decimated| decimated.channel_a.len());
        });
        envelope.push(frame, |columns| values += columns.channel_a.min.len());
        frame.first_sample = frame.end_sample();
        frame.frame_number += 1;
    };
    (0..30).for_each(|_| pass(&mut frame));
    let before = CALLS.get();
    (0..60).for_each(|_| pass(&mut frame));
    assert_eq!(CALLS.get(), before);
    assert!(values > 300, "nothing was computed: {values}");
}

#[test]
fn a_warm_lockin_never_allocates() {
    let tone: Vec<f32> = (0..48_000).map(|n| (n as f32 * 0.1).sin()).collect();
    for reference in ["1000", "channel_b", "tracked"] {
        let settings = LockinSettings::new(reference.parse().unwrap(), 1, 0.01, 24, FrameRate::from_fps(30.0)).unwrap();
        let mut lockin = Lockin::new(&settings, SampleRate::new(48_000).unwrap(), 2).unwrap();
        let mut readings = Vec::with_capacity(100);
        lockin.push(0, &tone, &tone, &mut readings);
        let before = CALLS.get();
        for (block, at) in tone.chunks(1600).zip((48_000..).step_by(1600)) {
            lockin.push(at, block, block, &mut readings);
        }
        assert_eq!(CALLS.get(), before, "{reference}");
        assert!(readings.len() > 50 && readings.iter().any(|reading| reading.channel_a.is_some()));
    }
}

#[test]
fn binary_messages_never_allocate_with_a_warm_buffer() {
    let place = Place {
        epoch: Epoch::from_random_bytes([1; 16]),
        frame_number: 0,
        first_sample: 0,
        samples: 1600,
        captured_us: 0,
        monotonic_us: 0,
        sample_rate: SampleRate::new(48_000).unwrap(),
        channels: 2,
        flags: FrameFlags::default(),
    };
    let header = Header { kind: kind::FRAME, feed: 1, place: Some(place) };
    let samples = vec![0.25_f32; 1600];
    let mut out = Vec::new();
    let mut write_and_read = || {
        out.clear();
        let writer = MessageWriter::begin(&mut out, &header);
        let writer = writer.f32("channel_a", &samples).samples("channel_b", &samples, SampleFormat::I16);
        writer.meta(&("hann", 1.5)).finish().unwrap();
        assert_eq!(Message::decode(&out).unwrap().sections().count(), 3);
    };
    write_and_read();
    let before = CALLS.get();
    write_and_read();
    assert_eq!(CALLS.get(), before);
}

#[test]
fn estimating_spectra_does_not_allocate_once_it_runs() {
    let sample_rate = SampleRate::new(48_000).unwrap();
    let wave = |delay: usize| (0..1600).map(|n| ((n + delay) as f32 * 0.129).sin() * 0.4).collect::<Vec<_>>();
    let mut frame = AudioFrame {
        epoch: Epoch::from_random_bytes([7; 16]),
        frame_number: 0,
        first_sample: 0,
        sample_rate,
        monotonic_us: 0,
        captured_us: 0,
        flags: FrameFlags::default(),
        channel_a: wave(0),
        channel_b: wave(3),
    };
    let mut settings = SpectrumSettings::new("4096".parse().unwrap(), "kaiser:9".parse().unwrap());
    settings.overlap = "0.75".parse().ok();
    settings.averaging = "exp:1".parse().unwrap();
    settings.unit = "dbfs".parse().unwrap();
    settings.phase = false;
    settings.cross = true;
    settings.peaks = "16".parse().unwrap();
    settings.bins = "log:300".parse().ok();
    let calibration = Calibration::default();
    let mut estimator = SpectrumEstimator::new(settings, sample_rate, 2, calibration, &mut FftPlans::new()).unwrap();
    let mut push = |frames: u64| {
        let mut told = 0;
        for _ in 0..frames {
            estimator.push(&frame, |estimate| told += estimate.channel_a.peaks.len() + estimate.cross.iter().count());
            frame.first_sample += 1600;
        }
        told
    };
    push(10);
    let before = CALLS.get();
    assert!(push(100) > 100, "the estimates were meant to have peaks and a cross-spectrum");
    assert_eq!(CALLS.get(), before);
}

/// Calls of the allocator over frames: to compute, and to write in each form, the events that they complete.
#[derive(Debug, Default)]
struct Calls {
    events: u64,
    add: u64,
    sse: u64,
    message: u64,
}

impl Calls {
    fn of(representation: &mut dyn Representation, frames: &[Arc<AudioFrame>]) -> Self {
        let (mut calls, mut contents) = (Self::default(), Vec::with_capacity(64));
        for frame in frames {
            calls.add += counted(|| representation.add(frame, &mut contents));
            for content in contents.drain(..) {
                let event = FeedEvent::data(content);
                calls.events += 1;
                calls.sse += counted(|| drop(event.sse().clone()));
                calls.message += counted(|| drop(event.message(1)));
            }
        }
        calls
    }

    fn per_event(&self) -> f64 {
        (self.add + self.sse + self.message) as f64 / self.events as f64
    }
}

fn counted(act: impl FnOnce()) -> u64 {
    let before = CALLS.get();
    act();
    CALLS.get() - before
}

#[test]
#[expect(clippy::print_stdout, reason = "a measurement is for people")]
fn what_an_event_allocates_does_not_grow() {
    let wave = |shift: u64| (0..1600).map(|n| ((n + shift) as f32 * 0.131).sin() * 0.3).collect::<Vec<_>>();
    let frames: Vec<Arc<AudioFrame>> = (0..300_u64)
        .map(|number| AudioFrame {
            epoch: Epoch::from_random_bytes([7; 16]),
            frame_number: number,
            first_sample: number * 1600,
            sample_rate: SampleRate::new(48_000).unwrap(),
            monotonic_us: 0,
            captured_us: 0,
            flags: FrameFlags::default(),
            channel_a: wave(number * 1600),
            channel_b: wave(number * 1600 + 3),
        })
        .map(Arc::new)
        .collect();
    let (warm, [first, second]) = (&frames[..100], [&frames[100..200], &frames[200..]]);
    for (name, spec) in specs() {
        let mut representation = spec.representation();
        Calls::of(&mut *representation, warm);
        let [first, second] = [first, second].map(|frames| Calls::of(&mut *representation, frames));
        println!("{name}: {second:?}");
        assert!(second.per_event() <= first.per_event() * 1.05, "{name}: {first:?}, then {second:?}");
        assert!((1.0..100.0).contains(&second.per_event()), "{name}: {second:?}");
    }
}

fn specs() -> [(&'static str, FeedSpec); 9] {
    let fps = Some("7".parse().unwrap());
    let mut settings = SpectrumSettings::new("4096".parse().unwrap(), "hann".parse().unwrap());
    settings.overlap = "0.75".parse().ok();
    settings.averaging = "exp:1".parse().unwrap();
    settings.cross = true;
    settings.phase = false;
    settings.peaks = "16".parse().unwrap();
    [
        ("frames", FeedSpec::FRAMES),
        ("frames at 7 per second", FeedSpec::Frames(FramesSpec { fps, ..FramesSpec::AS_PUBLISHED })),
        ("frames as i16", FeedSpec::Frames(FramesSpec { format: "i16".parse().unwrap(), ..FramesSpec::AS_PUBLISHED })),
        (
            "frames decimated",
            FeedSpec::Frames(FramesSpec { decimate: "4".parse().unwrap(), ..FramesSpec::AS_PUBLISHED }),
        ),
        ("envelope", FeedSpec::Envelope(EnvelopeSpec::default())),
        ("levels", FeedSpec::Levels(LevelsSpec::default())),
        ("spectrum", FeedSpec::Spectrum { size: 4096, window: "hann".parse().unwrap() }),
        ("estimate", FeedSpec::Estimate(EstimateSpec::new(settings, Arc::new(EstimateBasis::default())))),
        (
            "lock-in",
            FeedSpec::Lockin(
                LockinSettings::new("1000".parse().unwrap(), 1, 0.1, 24, FrameRate::from_fps(30.0)).unwrap(),
            ),
        ),
    ]
}
