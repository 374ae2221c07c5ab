//! Measures what a frame of 48 kHz stereo at 30 per second (1600 samples per channel) costs on its way, per step:
//! JSON, binary, spectrum, averaged spectrum, lock-in, acquisition, and reading a WAV file. A frame has 33 ms; all steps together should
//! take under 2 %.
//!
//! Against, in the same run: `serde_json` of a bare struct and `format!` for the JSON; copying the same bytes for the
//! binary message, acquisition and WAV; the FFT alone in f64 and f32, and an FFT planned anew for each frame, for the
//! spectra; one channel and stage after the other, with sines computed per sample, for the lock-in.

#![expect(clippy::unwrap_used, reason = "a bench that cannot measure ends")]

use std::f64::consts::TAU;
use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use photophone::acquisition::AcquisitionDaemon;
use photophone::clock::ManualClock;
use photophone::config::{SourceConfig, StreamConfig, WindowKind};
use photophone::feed::{Content, FeedEvent, FeedSpec, Representation};
use photophone::lockin::{Lockin, LockinSettings};
use photophone::source::wav::WavReader;
use photophone::source::{
    AudioSource, Delivery, Integrity, OpenSource, PaceInfo, SampleBlock, SourceError, SourceInfo,
};
use photophone::spectrum::{Calibration, FftPlans, SpectrumEstimator, SpectrumSettings};
use photophone::stream::{Bounds, SharedAudioStream};
use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::{Message, SampleFormat, write_frame};
use photophone_signal::{AudioFrame, Epoch, FrameFlags, FrameRate};
use realfft::{FftNum, RealFftPlanner};
use serde::Serialize;

const RATE_HZ: u32 = 48_000;
const FRAME_SAMPLES: usize = 1600;
const WINDOW_SAMPLES: usize = 4096;
const BLOCK_SAMPLES: usize = 480;

criterion_group!(benches, json, binary, spectrum, estimator, lockin, acquisition, wav);
criterion_main!(benches);

/// A tone whose samples use all digits.
fn wave(samples: usize) -> Vec<f32> {
    (0..samples).map(|index| ((index as f64 * 0.129).sin() * 0.4) as f32).collect()
}

fn frame(number: u64) -> AudioFrame {
    AudioFrame {
        epoch: Epoch::from_random_bytes([7; 16]),
        frame_number: number,
        first_sample: number * FRAME_SAMPLES as u64,
        sample_rate: SampleRate::new(RATE_HZ).unwrap(),
        monotonic_us: 0,
        captured_us: 1_700_000_000_000_000,
        flags: FrameFlags::default(),
        channel_a: wave(FRAME_SAMPLES),
        channel_b: wave(FRAME_SAMPLES),
    }
}

/// The samples of a frame and nothing else.
#[derive(Serialize)]
struct Bare {
    channel_a: Vec<f32>,
    channel_b: Vec<f32>,
}

fn json(criterion: &mut Criterion) {
    let frame = Arc::new(frame(1));
    let bare = Bare { channel_a: frame.channel_a.clone(), channel_b: frame.channel_b.clone() };
    let mut group = criterion.benchmark_group("json of a frame");
    let mut event = Vec::with_capacity(128 * 1024);
    group.bench_function("photophone, a whole event", |bench| {
        bench.iter(|| {
            let mut contents = Vec::new();
            FeedSpec::FRAMES.representation().add(black_box(&frame), &mut contents);
            written(contents)
        });
    });
    group.bench_function("reference: serde_json of the samples", |bench| {
        bench.iter(|| {
            event.clear();
            serde_json::to_writer(&mut event, black_box(&bare)).unwrap();
            event.len()
        });
    });
    group.bench_function("reference: format!", |bench| {
        bench.iter(|| format!("{:?},{:?}", black_box(&bare.channel_a), black_box(&bare.channel_b)).len());
    });
}

/// Bytes of the events.
fn written(contents: Vec<Box<dyn Content>>) -> usize {
    contents.into_iter().map(|content| FeedEvent::data(content).sse().len()).sum()
}

fn binary(criterion: &mut Criterion) {
    let frame = frame(1);
    let mut group = criterion.benchmark_group("binary message of a frame");
    let mut message = Vec::new();
    for (name, format) in [("i16", SampleFormat::I16), ("f32", SampleFormat::F32)] {
        group.bench_function(format!("photophone, written as {name}"), |bench| {
            bench.iter(|| {
                message.clear();
                write_frame(&mut message, 0, black_box(&frame), format).unwrap();
                message.len()
            });
        });
    }
    group.bench_function("photophone, checked and read where it is", |bench| {
        bench.iter(|| Message::decode(black_box(&message)).unwrap().sections().count());
    });
    let mut copy = vec![0; message.len()];
    group.bench_function("reference: copying the bytes", |bench| {
        bench.iter(|| black_box(&mut copy).copy_from_slice(black_box(&message)));
    });
}

fn spectrum(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spectrum of a frame");
    let spec = FeedSpec::Spectrum { size: WINDOW_SAMPLES, window: WindowKind::Hann.into() };
    let mut spectra = spec.representation();
    let mut frame = frame(0);
    let mut next = |spectra: &mut dyn Representation| {
        let mut contents = Vec::new();
        spectra.add(black_box(&Arc::new(frame.clone())), &mut contents);
        frame.first_sample += FRAME_SAMPLES as u64;
        frame.frame_number += 1;
        written(contents)
    };
    while next(&mut *spectra) == 0 {}
    group.bench_function("photophone, 2 channels as a whole event", |bench| {
        bench.iter(|| next(&mut *spectra));
    });
    group.bench_function("reference: FFT in f64, 2 channels", planned_once::<f64>);
    group.bench_function("reference: FFT in f32, 2 channels", planned_once::<f32>);
    group.bench_function("reference: FFT in f32 planned each time, 2 channels", |bench| {
        bench.iter(|| {
            for _ in 0..2 {
                let fft = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW_SAMPLES);
                let (mut input, mut output) = (wave(WINDOW_SAMPLES), fft.make_output_vec());
                fft.process(black_box(&mut input), &mut output).unwrap();
                black_box(output);
            }
        });
    });
}

/// An overlap of half has a hop of 2048 samples, so a frame takes 0.78 of a spectrum per channel.
fn estimator(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("estimate of a frame");
    let asked: [(&str, &[&str]); 3] =
        [("exp, dBFS", &[]), ("exp, dBFS, cross", &["cross"]), ("exp, dBFS, 16 peaks", &["peaks"])];
    for (name, more) in asked {
        let mut settings = SpectrumSettings::new(WINDOW_SAMPLES.to_string().parse().unwrap(), WindowKind::Hann.into());
        settings.overlap = "0.5".parse().ok();
        settings.averaging = "exp:1".parse().unwrap();
        settings.unit = "dbfs".parse().unwrap();
        settings.phase = false;
        settings.cross = more.contains(&"cross");
        settings.peaks = if more.contains(&"peaks") { "16" } else { "0" }.parse().unwrap();
        let (rate, mut plans) = (SampleRate::new(RATE_HZ).unwrap(), FftPlans::new());
        let mut estimator = SpectrumEstimator::new(settings, rate, 2, Calibration::default(), &mut plans).unwrap();
        let mut frame = frame(0);
        group.bench_function(format!("photophone, 2 channels, {name}"), |bench| {
            bench.iter(|| {
                estimator.push(black_box(&frame), |estimate| {
                    black_box(estimate.channel_a.values);
                });
                frame.first_sample += FRAME_SAMPLES as u64;
            });
        });
    }
    group.bench_function("reference: FFT in f64, 2 channels, 0.78 of the time", planned_once::<f64>);
}

fn planned_once<T: FftNum + From<f32>>(bench: &mut criterion::Bencher<'_>) {
    let fft = RealFftPlanner::<T>::new().plan_fft_forward(WINDOW_SAMPLES);
    let (samples, mut output, mut scratch) = (wave(WINDOW_SAMPLES), fft.make_output_vec(), fft.make_scratch_vec());
    let mut input = fft.make_input_vec();
    bench.iter(|| {
        for _ in 0..2 {
            input.iter_mut().zip(&samples).for_each(|(input, sample)| *input = T::from(*sample));
            fft.process_with_scratch(black_box(&mut input), &mut output, &mut scratch).unwrap();
            black_box(&output);
        }
    });
}

fn lockin(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lock-in, per sample of both channels");
    group.throughput(Throughput::Elements(FRAME_SAMPLES as u64));
    let (a, b) = (wave(FRAME_SAMPLES), wave(FRAME_SAMPLES));
    for (reference, slope_db) in [("1000", 6), ("1000", 24), ("channel_b", 24), ("tracked", 24)] {
        let settings =
            LockinSettings::new(reference.parse().unwrap(), 1, 0.1, slope_db, FrameRate::from_fps(30.0)).unwrap();
        let mut lockin = Lockin::new(&settings, SampleRate::new(RATE_HZ).unwrap(), 2).unwrap();
        let (mut readings, mut first_sample) = (Vec::with_capacity(16), 0);
        group.bench_function(format!("photophone, {reference}, {slope_db} dB/oct"), |bench| {
            bench.iter(|| {
                readings.clear();
                lockin.push(first_sample, black_box(&a), black_box(&b), &mut readings);
                first_sample += FRAME_SAMPLES as u64;
                readings.len()
            });
        });
    }
    group.bench_function("reference: plain, 1000, 6 dB/oct", |bench| plain_lockin::<1>(bench, &a, &b));
    group.bench_function("reference: plain, 1000, 24 dB/oct", |bench| plain_lockin::<4>(bench, &a, &b));
}

/// A lock-in as one would first write it.
fn plain_lockin<const POLES: usize>(bench: &mut criterion::Bencher<'_>, a: &[f32], b: &[f32]) {
    let (decay, advance) = ((-1.0 / (0.1 * f64::from(RATE_HZ))).exp(), TAU * 1000.0 / f64::from(RATE_HZ));
    let mut filters = [[0.0_f64; POLES]; 4];
    let mut index = 0_u64;
    bench.iter(|| {
        for (a, b) in black_box(a).iter().zip(black_box(b)) {
            let (sin, cos) = (advance * index as f64).sin_cos();
            let (a, b) = (2.0 * f64::from(*a), 2.0 * f64::from(*b));
            for (filter, input) in filters.iter_mut().zip([a * cos, -a * sin, b * cos, -b * sin]) {
                filter.iter_mut().fold(input, |input, state| {
                    *state += (1.0 - decay) * (input - *state);
                    *state
                });
            }
            index += 1;
        }
        black_box(&filters);
    });
}

/// A source that has its samples ready.
struct Ready {
    info: SourceInfo,
    clock: Arc<ManualClock>,
    samples: Vec<f32>,
    blocks_left: usize,
}

impl Ready {
    /// Ten seconds.
    fn new(clock: Arc<ManualClock>) -> Self {
        let info = SourceInfo {
            kind: "sim",
            name: "ready".into(),
            id: "ready".into(),
            sample_rate: SampleRate::new(RATE_HZ).unwrap(),
            channels: 2,
            device_channels: 2,
            format: "f32".into(),
            integrity: Integrity::BitExact,
            clip_level: 1.0,
            pace: PaceInfo::Clock { factor: 1.0 },
        };
        Self { info, clock, samples: wave(BLOCK_SAMPLES), blocks_left: 10 * RATE_HZ as usize / BLOCK_SAMPLES }
    }
}

impl AudioSource for Ready {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut SampleBlock, _deadline_us: u64) -> Result<Delivery, SourceError> {
        if self.blocks_left == 0 {
            return Ok(Delivery::End);
        }
        self.blocks_left -= 1;
        self.clock.advance_us(self.info.sample_rate.micros_of(BLOCK_SAMPLES as u64));
        block.channel_a.extend_from_slice(&self.samples);
        block.channel_b.extend_from_slice(&self.samples);
        Ok(Delivery::Samples)
    }
}

/// Hands out its one source.
struct Once(Option<Ready>);

impl OpenSource for Once {
    fn open(&mut self) -> Result<Box<dyn AudioSource>, SourceError> {
        let gone = || SourceError::Lost { device: "ready".into(), detail: "taken".into() };
        Ok(Box::new(self.0.take().ok_or_else(gone)?))
    }
}

fn acquisition(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("acquisition of 10 s, per sample of both channels");
    group.throughput(Throughput::Elements(10 * u64::from(RATE_HZ)));
    let settings = StreamConfig::default();
    let daemon = || {
        let clock = ManualClock::starting_at(1_700_000_000_000_000);
        let stream = SharedAudioStream::new(Bounds::default(), clock.clone());
        let opener = Box::new(Once(Some(Ready::new(clock.clone()))));
        AcquisitionDaemon::new(opener, stream, clock, &SourceConfig::default(), &settings)
    };
    group.bench_function("photophone, blocks to published frames", |bench| {
        bench.iter_batched(daemon, AcquisitionDaemon::run, BatchSize::SmallInput);
    });
    let block = wave(BLOCK_SAMPLES);
    group.bench_function("reference: copying blocks to frames", |bench| {
        bench.iter(|| {
            for _ in 0..300 {
                let (mut a, mut b) = (Vec::with_capacity(FRAME_SAMPLES), Vec::with_capacity(FRAME_SAMPLES));
                while a.len() < FRAME_SAMPLES {
                    let take = BLOCK_SAMPLES.min(FRAME_SAMPLES - a.len());
                    a.extend_from_slice(&black_box(&block)[..take]);
                    b.extend_from_slice(&black_box(&block)[..take]);
                }
                black_box((a, b));
            }
        });
    });
}

fn wav(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reading a stereo WAV file");
    for (name, tag, bits) in [("16-bit", 1_u16, 16_u16), ("24-bit", 1, 24), ("32-bit float", 3, 32)] {
        let file = wav_file(tag, bits);
        group.throughput(Throughput::Bytes(file.len() as u64));
        group.bench_function(format!("photophone, {name}"), |bench| {
            let mut block = SampleBlock::default();
            bench.iter(|| {
                let mut reader = WavReader::open(Cursor::new(black_box(&file[..]))).unwrap();
                while reader.read(BLOCK_SAMPLES, &mut block).unwrap() > 0 {
                    black_box(&block);
                }
            });
        });
    }
    let file = wav_file(3, 32);
    let mut copy = vec![0; file.len()];
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("reference: copying the bytes", |bench| {
        bench.iter(|| black_box(&mut copy).copy_from_slice(black_box(&file)));
    });
}

/// Two seconds.
fn wav_file(tag: u16, bits: u16) -> Vec<u8> {
    let (channels, block_align) = (2_u16, 2 * bits / 8);
    let data: Vec<u8> = (0..2 * RATE_HZ * u32::from(block_align)).map(|index| index.wrapping_mul(37) as u8).collect();
    let byte_rate = RATE_HZ * u32::from(block_align);
    let mut file = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
    file.extend(16_u32.to_le_bytes());
    file.extend([tag.to_le_bytes(), channels.to_le_bytes()].concat());
    file.extend([RATE_HZ.to_le_bytes(), byte_rate.to_le_bytes()].concat());
    file.extend([block_align.to_le_bytes(), bits.to_le_bytes()].concat());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    let form_bytes = file.len() as u32 - 8;
    file[4..8].copy_from_slice(&form_bytes.to_le_bytes());
    file
}
