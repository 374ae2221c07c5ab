//! The source over time: pace, seam, end, files that go away, and what it says of itself.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;

use photophone_signal::units::SampleRate;
use tempfile::TempDir;

use super::super::WavOpener;
use super::*;
use crate::clock::{Clock, ManualClock};
use crate::config::{Pace, SourceConfig};
use crate::source::{AudioSource, Delivery, Integrity, OpenSource, PaceInfo, SourceError};

const FAR: u64 = u64::MAX;

/// A file on disk and a clock to play it by.
struct Bench {
    dir: TempDir,
    clock: Arc<ManualClock>,
    config: SourceConfig,
}

impl Bench {
    fn with(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("take.wav"), bytes).unwrap();
        Self { dir, clock: ManualClock::starting_at(0), config: SourceConfig::default() }
    }

    fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("take.wav")
    }

    fn opener(&self) -> WavOpener {
        WavOpener::new(self.path(), &self.config, self.clock.clone())
    }

    fn open(&self) -> Box<dyn AudioSource> {
        self.opener().open().unwrap()
    }

    fn refusal(&self) -> SourceError {
        self.opener().open().err().unwrap()
    }
}

/// An 8-bit mono file at 8 kHz that counts 0, 1, … 250, 0, 1, ….
fn counting(samples: usize) -> Vec<u8> {
    let stored: Vec<u8> = (0..samples).map(|index| (index % 251) as u8).collect();
    wav(PCM, 1, 8000, 8, &stored)
}

fn counts(block: &SampleBlock) -> Vec<usize> {
    block.channel_a.iter().map(|value| (value * 128.0 + 128.0) as usize).collect()
}

#[test]
fn ten_minutes_of_file_take_ten_minutes() {
    const SAMPLES: usize = 600 * 11_025;
    let bench = Bench::with(&wav(PCM, 1, 11_025, 8, &vec![128; SAMPLES]));
    let rate = SampleRate::new(11_025).unwrap();
    let mut source = bench.open();
    let (mut block, mut read) = (SampleBlock::default(), 0);
    while source.read(&mut block, FAR).unwrap() == Delivery::Samples {
        assert_eq!(block.first_us, rate.micros_of(read));
        read += block.channel_a.len() as u64;
        assert_eq!(bench.clock.now_us(), rate.micros_of(read - 1), "delivered when the last sample is due");
    }
    assert_eq!(read, SAMPLES as u64);
    assert!(bench.clock.now_us().abs_diff(600_000_000) < 1_000_000 / 30);
    assert_eq!(source.read(&mut block, FAR), Ok(Delivery::End));
    assert!(block.channel_a.is_empty());
}

#[test]
fn a_block_waits_for_its_last_sample_and_loses_nothing_to_a_deadline() {
    let bench = Bench::with(&counting(160));
    let mut source = bench.open();
    let mut block = SampleBlock::default();
    assert_eq!(source.read(&mut block, 5000), Ok(Delivery::Idle));
    assert_eq!(bench.clock.now_us(), 5000);
    assert!(block.channel_a.is_empty());
    assert_eq!(source.read(&mut block, FAR), Ok(Delivery::Samples));
    assert_eq!(bench.clock.now_us(), 79 * 125);
    assert_eq!(counts(&block), (0..80).collect::<Vec<_>>());
    assert_eq!(block.first_us, 0);
}

#[test]
fn a_late_reader_catches_up_and_times_stay_where_they_were_due() {
    let bench = Bench::with(&counting(8000));
    let mut source = bench.open();
    let mut block = SampleBlock::default();
    bench.clock.advance_us(500_000);
    for index in 0..50 {
        // The deadline has passed as well: what is due is delivered all the same.
        assert_eq!(source.read(&mut block, 0), Ok(Delivery::Samples));
        assert_eq!(block.first_us, index * 10_000);
    }
    assert_eq!(bench.clock.now_us(), 500_000);
    assert_eq!(source.read(&mut block, 500_001), Ok(Delivery::Idle));
    assert_eq!(source.read(&mut block, FAR), Ok(Delivery::Samples));
    assert_eq!((block.first_us, bench.clock.now_us()), (500_000, 509_875));
}

#[test]
fn pace_is_a_factor_or_does_not_wait_at_all() {
    for (pace, end_us, info) in [
        (Pace::Factor(2.0), 499_937, PaceInfo::Clock { factor: 2.0 }),
        (Pace::Fast, 0, PaceInfo::Fast),
        (Pace::Realtime, 999_875, PaceInfo::Clock { factor: 1.0 }),
    ] {
        let mut bench = Bench::with(&counting(8000));
        bench.config.pace = pace;
        let mut source = bench.open();
        let mut block = SampleBlock::default();
        let mut read = Vec::new();
        while source.read(&mut block, FAR).unwrap() == Delivery::Samples {
            read.extend(counts(&block));
        }
        assert_eq!(bench.clock.now_us(), end_us, "{pace:?}");
        assert_eq!(read, (0..8000).map(|index| index % 251).collect::<Vec<_>>());
        assert_eq!(source.info().pace, info);
    }
}

#[test]
fn a_loop_runs_on_across_its_seam() {
    let mut bench = Bench::with(&counting(251));
    bench.config.looped = true;
    let mut source = bench.open();
    let mut block = SampleBlock::default();
    let mut read = Vec::new();
    while read.len() < 10_000 {
        assert_eq!(source.read(&mut block, FAR), Ok(Delivery::Samples));
        assert_eq!(block.first_us, read.len() as u64 * 125);
        read.extend(counts(&block));
    }
    assert_eq!(read, (0..read.len()).map(|index| index % 251).collect::<Vec<_>>());
    assert_eq!(bench.clock.now_us(), (read.len() as u64 - 1) * 125);
}

#[test]
fn each_opening_starts_at_the_first_sample() {
    let bench = Bench::with(&counting(200));
    let mut opener = bench.opener();
    let mut block = SampleBlock::default();
    for _ in 0..2 {
        let start_us = bench.clock.now_us();
        let mut source = opener.open().unwrap();
        source.read(&mut block, FAR).unwrap();
        assert_eq!((counts(&block)[0], block.first_us), (0, start_us));
    }
}

#[test]
fn a_file_without_samples_ends_at_once_and_cannot_be_looped() {
    let mut bench = Bench::with(&counting(0));
    let mut block = SampleBlock::default();
    assert_eq!(bench.open().read(&mut block, FAR), Ok(Delivery::End));
    bench.config.looped = true;
    let problem = "data chunk at byte 36 holds no samples; a loop needs at least one".into();
    assert_eq!(bench.refusal(), SourceError::File { path: bench.path(), problem });
}

#[test]
fn a_file_cut_while_it_plays_is_played_to_its_last_whole_sample_and_then_named() {
    const CUT: u64 = 44 + 2 * 100_001 + 1;
    let mut bench = Bench::with(&wav(PCM, 1, 8000, 16, &vec![1; 400_000]));
    bench.config.pace = Pace::Fast;
    let mut source = bench.open();
    let (mut block, mut read) = (SampleBlock::default(), 0);
    OpenOptions::new().write(true).open(bench.path()).unwrap().set_len(CUT).unwrap();
    let error = loop {
        match source.read(&mut block, FAR) {
            Ok(_) => read += block.channel_a.len(),
            Err(error) => break error.to_string(),
        }
    };
    assert_eq!(read, 100_001);
    assert!(error.starts_with(&bench.path().display().to_string()), "{error}");
    assert!(error.contains(&format!("the file ended at byte {CUT} while it was read")), "{error}");
}

#[test]
fn a_channel_that_is_not_there_names_key_file_and_range() {
    let mut bench = Bench::with(&wav(PCM, 2, 8000, 8, &[0; 2]));
    bench.config.channel_a = 3;
    let problem = format!("channel 3 asked for, but {} has 2 channels (1 to 2)", bench.path().display());
    assert_eq!(bench.refusal(), SourceError::Unusable { key: "source.channel_a", problem });

    let mut bench = Bench::with(&counting(1));
    bench.config.channel_a = 2;
    let problem = format!("channel 2 asked for, but {} has 1 channel (only 1)", bench.path().display());
    assert_eq!(bench.refusal(), SourceError::Unusable { key: "source.channel_a", problem });
}

#[test]
fn what_is_no_readable_file_is_named() {
    let bench = Bench::with(b"");
    let config = SourceConfig::default();
    let cases: [(&Path, &str); 3] = [
        (&bench.path(), "take.wav: the file is empty"),
        (bench.dir.path(), "is no regular file"),
        (&bench.dir.path().join("gone.wav"), "gone.wav: cannot be opened: No such file"),
    ];
    for (path, expected) in cases {
        let error = WavOpener::new(path, &config, bench.clock.clone()).open().err().unwrap();
        assert!(matches!(error, SourceError::File { .. }));
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn the_source_says_what_it_is() {
    let bench = Bench::with(&wav(PCM, 6, 44_100, 32, &[0; 240]));
    let source = bench.open();
    let info = source.info();
    assert_eq!((info.kind, info.name.as_str()), ("wav", "take.wav"));
    assert_eq!(info.id, bench.path().display().to_string());
    assert_eq!((info.sample_rate.hz(), info.channels, info.device_channels), (44_100, 2, 6));
    assert_eq!((info.format.as_str(), info.clip_level), ("i32", 1.0));
    assert_eq!(info.integrity, Integrity::Converted { how: "32-bit integers rounded once to f32".into() });
}

#[test]
fn blocks_are_at_most_ten_milliseconds_the_buffer_and_a_mebibyte() {
    for (channels, rate_hz, buffer_frames, expected) in [
        (1, 48_000, 1024, 480),
        (2, 44_100, 1024, 441),
        (2, 48_000, 64, 64),
        (1, 50, 1024, 1),
        (256, 1_536_000, 65_536, 512),
    ] {
        let mut bench = Bench::with(&wav(FLOAT, channels, rate_hz, 64, &vec![0; usize::from(channels) * 8 * 2000]));
        bench.config.buffer_frames = buffer_frames;
        let mut source = bench.open();
        let mut block = SampleBlock::default();
        source.read(&mut block, FAR).unwrap();
        assert_eq!(block.channel_a.len(), expected, "{channels} channels at {rate_hz} Hz");
    }
}

#[test]
fn a_file_of_5_gib_plays_from_disk() {
    const DATA: u64 = (5 << 30) / 6 * 6;
    let samples = sized_chunk(b"data", u32::MAX, &[0, 0, 0x40, 0, 0, 0xC0]);
    let head = form(b"RF64", &[ds64(DATA), fmt(PCM, 2, 192_000, 24), samples]);
    let bench = Bench::with(&head);
    let file = OpenOptions::new().write(true).open(bench.path()).unwrap();
    file.set_len(head.len() as u64 - 6 + DATA).unwrap();
    let mut block = SampleBlock::default();
    bench.open().read(&mut block, FAR).unwrap();
    assert_eq!((&block.channel_a[..2], &block.channel_b[..2]), (&[0.5, 0.0][..], &[-0.5, 0.0][..]));

    file.set_len(head.len() as u64 - 6 + DATA - 1).unwrap();
    let expected = format!("data chunk at byte 72 claims {DATA} bytes, the file ends after {} of them", DATA - 1);
    assert!(bench.refusal().to_string().ends_with(&expected), "{}", bench.refusal());
}
