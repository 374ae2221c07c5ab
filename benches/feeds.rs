//! Measures what feeds compute of 48 kHz stereo: decimation, envelope, levels and slices per frame or sample, gzip per
//! event; and prints the bytes per second of each format, with and without gzip.
//!
//! Against, in the same run: a plain FIR that computes every output and throws most of them away; copying the samples;
//! zlib's usual level 6 by a compressor made anew for each event.

#![expect(clippy::unwrap_used, reason = "a bench that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "the table is what a bench makes")]

use std::hint::black_box;
use std::num::NonZeroU64;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, Throughput, criterion_group};
use flate2::{Compress, Compression, FlushCompress};
use photophone::config::WindowKind;
use photophone::feed::decimate::{DecimatingFir, Decimator};
use photophone::feed::envelope::Envelope;
use photophone::feed::gzip::{GzipCompressor, GzipMember, GzipSegment};
use photophone::feed::levels::levels;
use photophone::feed::slicer::Slicer;
use photophone::feed::{FeedEvent, FeedSpec};
use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, FrameFlags, FrameRate};

const RATE_HZ: u32 = 48_000;
const FRAMES_PER_SECOND: usize = 30;
const FRAME_SAMPLES: usize = 1600;

criterion_group!(benches, decimation, computation, gzip);

fn main() {
    formats();
    benches();
    Criterion::default().configure_from_args().final_summary();
}

/// A tone at −8 dBFS and white noise at −60 dBFS, as a converter of `bits` delivers them; f32 without.
fn wave(seed: u32, samples: usize, bits: Option<i32>) -> Vec<f32> {
    let mut state = seed;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX) - 0.5
    };
    let full_scale = bits.map(|bits| f64::from(bits - 1).exp2());
    let sample = |index: usize| {
        let value = (index as f64 * 0.129).sin() * 0.4 + noise() * 3.46e-3;
        full_scale.map_or(value, |full_scale| (value * full_scale).round() / full_scale) as f32
    };
    (0..samples).map(sample).collect()
}

fn frame(number: u64, bits: Option<i32>) -> AudioFrame {
    AudioFrame {
        epoch: Epoch::from_random_bytes([7; 16]),
        frame_number: number,
        first_sample: number * FRAME_SAMPLES as u64,
        sample_rate: SampleRate::new(RATE_HZ).unwrap(),
        monotonic_us: 0,
        captured_us: 1_700_000_000_000_000,
        flags: FrameFlags::default(),
        channel_a: wave(number as u32, FRAME_SAMPLES, bits),
        channel_b: wave(number as u32 + 1000, FRAME_SAMPLES, bits),
    }
}

fn advance(frame: &mut AudioFrame) {
    frame.first_sample = frame.end_sample();
    frame.frame_number += 1;
}

fn decimation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decimation, per sample of both channels");
    group.throughput(Throughput::Elements(FRAME_SAMPLES as u64));
    for factor in [2, 4, 16] {
        let (mut decimator, mut frame) = (Decimator::new(factor), frame(0, None));
        group.bench_function(format!("photophone, by {factor}"), |bench| {
            bench.iter(|| {
                advance(&mut frame);
                decimator.push(black_box(&frame)).map(|values| values.channel_a.len())
            });
        });
        let coefficients = DecimatingFir::new(factor).coefficients();
        let inputs: [Vec<f64>; 2] = [0, 1]
            .map(|seed| wave(seed, FRAME_SAMPLES + coefficients.len() - 1, None).into_iter().map(f64::from).collect());
        group.bench_function(format!("reference: plain FIR of all outputs, by {factor}"), |bench| {
            bench.iter(|| inputs.each_ref().map(|input| plain_fir(black_box(input), &coefficients, factor as usize)));
        });
    }
}

fn plain_fir(input: &[f64], coefficients: &[f64], factor: usize) -> Vec<f64> {
    let output = |inputs: &[f64]| inputs.iter().zip(coefficients).map(|(x, h)| x * h).sum::<f64>();
    input.windows(coefficients.len()).map(output).collect::<Vec<_>>().into_iter().step_by(factor).collect()
}

fn computation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("of a frame of 1600 samples, both channels");
    let mut frame = frame(0, None);
    let mut envelope = Envelope::new(NonZeroU64::new(100).unwrap());
    group.bench_function("photophone, envelope in columns of 100", |bench| {
        bench.iter(|| {
            advance(&mut frame);
            envelope.push(black_box(&frame), |columns| {
                black_box(columns);
            });
        });
    });
    group.bench_function("photophone, levels", |bench| bench.iter(|| levels(black_box(&frame), Some(1.0))));
    let mut slicer = Slicer::new(FrameRate::from_fps(7.0));
    group.bench_function("photophone, slices at 7 per second", |bench| {
        bench.iter(|| {
            advance(&mut frame);
            slicer.push(black_box(&frame), |slice| {
                black_box(slice);
            });
        });
    });
    let mut copy = Vec::new();
    group.bench_function("reference: copying the samples", |bench| {
        bench.iter(|| {
            black_box(&mut copy).clear();
            copy.extend_from_slice(black_box(&frame.channel_a));
            copy.extend_from_slice(black_box(&frame.channel_b));
        });
    });
}

fn frame_event(number: u64, bits: Option<i32>) -> Vec<u8> {
    first_event(&FeedSpec::FRAMES, [frame(number, bits)])
}

fn spectrum_event(size: usize) -> Vec<u8> {
    first_event(&FeedSpec::Spectrum { size, window: WindowKind::Hann.into() }, (0..).map(|number| frame(number, None)))
}

/// The first event that the frames make.
fn first_event(spec: &FeedSpec, frames: impl IntoIterator<Item = AudioFrame>) -> Vec<u8> {
    let (mut representation, mut contents) = (spec.representation(), Vec::new());
    let mut frames = frames.into_iter();
    while contents.is_empty() {
        representation.add(&Arc::new(frames.next().unwrap()), &mut contents);
    }
    FeedEvent::data(contents.remove(0)).sse().to_vec()
}

fn gzip(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gzip of an event");
    let mut compressor = GzipCompressor::default();
    let events = [
        ("frame", frame_event(0, None)),
        ("16-bit frame", frame_event(0, Some(16))),
        ("spectrum of 4096", spectrum_event(4096)),
    ];
    for (name, event) in &events {
        let kilobytes = event.len() / 1000;
        group.throughput(Throughput::Bytes(event.len() as u64));
        group.bench_function(format!("photophone, {name}, {kilobytes} kB"), |bench| {
            bench.iter(|| compressor.segment(black_box(event)));
        });
        group.bench_function(format!("reference: level 6 anew, {name}, {kilobytes} kB"), |bench| {
            bench.iter(|| level_6(black_box(event)));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("gzip of a viewer");
    let segment = compressor.segment(&events[0].1);
    let mut member = GzipMember::default();
    group
        .bench_function("photophone, noting one more segment", |bench| bench.iter(|| member.join(black_box(&segment))));
    group.bench_function("photophone, an event of its own", |bench| {
        bench.iter(|| GzipSegment::stored(black_box(b"data: {\"type\":\"heartbeat\"}\n\n")));
    });
}

fn level_6(event: &[u8]) -> Vec<u8> {
    let mut deflated = Vec::with_capacity(event.len());
    let mut compress = Compress::new(Compression::new(6), false);
    compress.compress_vec(event, &mut deflated, FlushCompress::Sync).unwrap();
    deflated
}

/// Bytes per second of 48 kHz stereo in each format.
fn formats() {
    println!(
        "{:44} {:>9} {:>9} {:>7} {:>9}",
        "bytes/s, 48 kHz stereo, tone and noise", "plain", "gzip", "of it", "level 6"
    );
    for (source, bits) in [("f32", None), ("24-bit", Some(24)), ("16-bit", Some(16))] {
        let seconds_of = |event: &dyn Fn(u64) -> Vec<u8>| (0..FRAMES_PER_SECOND as u64).map(event).collect::<Vec<_>>();
        row(&format!("{source} source, JSON"), &seconds_of(&|number| frame_event(number, bits)));
        row(&format!("{source} source, f32 in base64"), &seconds_of(&|number| base64_event(number, bits, f32_bytes)));
        row(&format!("{source} source, i16 in base64"), &seconds_of(&|number| base64_event(number, bits, i16_bytes)));
    }
    println!();
}

fn row(name: &str, events: &[Vec<u8>]) {
    let mut compressor = GzipCompressor::default();
    let plain: usize = events.iter().map(Vec::len).sum();
    let gzip: usize = events.iter().map(|event| compressor.segment(event).deflated().len()).sum();
    let level_6: usize = events.iter().map(|event| level_6(event).len()).sum();
    println!("{name:44} {plain:>9} {gzip:>9} {:>5.1} % {level_6:>9}", gzip as f64 * 100.0 / plain as f64);
}

/// The event of a frame whose arrays of numbers are base64 of their bytes.
fn base64_event(number: u64, bits: Option<i32>, bytes_of: fn(&[f32]) -> Vec<u8>) -> Vec<u8> {
    let frame = frame(number, bits);
    let head_only = AudioFrame { channel_a: Vec::new(), channel_b: Vec::new(), ..frame.clone() };
    let event = first_event(&FeedSpec::FRAMES, [head_only]);
    let quoted = |samples: &[f32]| format!("\"{}\"", STANDARD.encode(bytes_of(samples)));
    let text = String::from_utf8(event).unwrap();
    let text = text.replacen("[]", &quoted(&frame.channel_a), 1).replacen("[]", &quoted(&frame.channel_b), 1);
    text.into_bytes()
}

fn f32_bytes(samples: &[f32]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

fn i16_bytes(samples: &[f32]) -> Vec<u8> {
    samples.iter().flat_map(|sample| ((sample * 32_768.0).round() as i16).to_le_bytes()).collect()
}
