//! Opens a microphone and prints, each second, how many samples came, how many were lost and how loud it was; reopens
//! the device when it is lost. With `--save` the samples go to a file too, as raw interleaved f32 (`-`: stdout).
//!
//! ```sh
//! cargo run --example capture_levels -- --device "USB Audio" --seconds 10 --save take.f32
//! ```

#![expect(clippy::print_stderr, reason = "a program for the terminal")]

use std::fs::File;
use std::io::{self, Write};

use clap::Parser;
use photophone::clock::{Clock, SystemClock};
use photophone::config::SourceConfig;
use photophone::source::{AudioSource, Delivery, MicrophoneOpener, OpenSource, SampleBlock, SourceError};
use photophone_signal::units::peak_dbfs;

#[derive(Parser)]
struct Arguments {
    /// Stable id or name, as `photophone devices` shows it; the default device when absent
    #[arg(long)]
    device: Option<String>,
    /// Samples per second; the device's own when absent
    #[arg(long)]
    rate_hz: Option<u32>,
    /// Samples per callback
    #[arg(long, default_value_t = 1024)]
    buffer_frames: u32,
    /// Time that the callback ring holds, in milliseconds
    #[arg(long, default_value_t = 1000)]
    ring_ms: u32,
    /// Channel of the device that becomes A
    #[arg(long, default_value_t = 1)]
    channel_a: u16,
    /// Channel that becomes B; 0 for none
    #[arg(long, default_value_t = 2)]
    channel_b: u16,
    /// How long to listen
    #[arg(long, default_value_t = u64::MAX)]
    seconds: u64,
    /// File for the samples, `-` for stdout
    #[arg(long)]
    save: Option<String>,
}

/// What came since the last report.
#[derive(Default)]
struct Second {
    samples: u64,
    lost: u64,
    peak: f32,
}

fn main() -> io::Result<()> {
    env_logger::init();
    let arguments = Arguments::parse();
    let clock = SystemClock::shared();
    let config = SourceConfig {
        device: arguments.device,
        rate_hz: arguments.rate_hz,
        buffer_frames: arguments.buffer_frames,
        ring_ms: arguments.ring_ms,
        channel_a: arguments.channel_a,
        channel_b: arguments.channel_b,
        ..SourceConfig::default()
    };
    let mut save: Option<Box<dyn Write>> = match arguments.save.as_deref() {
        None => None,
        Some("-") => Some(Box::new(io::stdout().lock())),
        Some(path) => Some(Box::new(File::create(path)?)),
    };
    let end_us = arguments.seconds.saturating_mul(1_000_000);
    let mut opener = MicrophoneOpener::new(&config, clock.clone());
    while clock.now_us() < end_us {
        let ended = match opener.open() {
            Ok(mut source) => listen(source.as_mut(), &*clock, end_us, save.as_deref_mut())?,
            Err(error) => Some(error),
        };
        if let Some(error) = ended {
            eprintln!("{:.3} {error}", clock.now_us() as f64 / 1e6);
            clock.sleep_until_us(clock.now_us() + 100_000);
        }
    }
    Ok(())
}

/// Reads until `end_us` or until the device is lost, which it then returns.
fn listen(
    source: &mut dyn AudioSource,
    clock: &dyn Clock,
    end_us: u64,
    mut save: Option<&mut (dyn Write + 'static)>,
) -> io::Result<Option<SourceError>> {
    let info = source.info();
    eprintln!("capturing {} at {} Hz, {} channels, {}", info.id, info.sample_rate.hz(), info.channels, info.format);
    let (mut block, mut second, mut index) = (SampleBlock::default(), Second::default(), 0);
    let mut report_us = clock.now_us() + 1_000_000;
    while clock.now_us() < end_us {
        match source.read(&mut block, report_us.min(end_us)) {
            Ok(Delivery::Samples) => {
                let bytes = interleaved_bytes(&block);
                index += block.channel_a.len() as u64;
                second.add(&block);
                if let Some(save) = &mut save {
                    save.write_all(&bytes)?;
                }
            }
            Ok(Delivery::Lost { samples, cause, exact }) => {
                eprintln!("lost {samples} samples at {index}, cause {cause:?}, exact {exact}");
                index += samples;
                second.lost += samples;
            }
            Ok(Delivery::Idle) => {}
            Ok(Delivery::End) => break,
            Err(error) => return Ok(Some(error)),
        }
        if clock.now_us() >= report_us {
            second.print();
            second = Second::default();
            report_us += 1_000_000;
        }
    }
    Ok(None)
}

fn interleaved_bytes(block: &SampleBlock) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 * block.channel_a.len());
    for (position, a) in block.channel_a.iter().enumerate() {
        bytes.extend(a.to_le_bytes());
        bytes.extend(block.channel_b.get(position).into_iter().flat_map(|b| b.to_le_bytes()));
    }
    bytes
}

impl Second {
    fn add(&mut self, block: &SampleBlock) {
        self.samples += block.channel_a.len() as u64;
        self.peak = block.channel_a.iter().chain(&block.channel_b).fold(self.peak, |peak, x| peak.max(x.abs()));
    }

    fn print(&self) {
        let peak = peak_dbfs(self.peak).map_or("silent".into(), |dbfs| format!("{dbfs:.1} dBFS"));
        eprintln!("{} samples, {} lost, peak {peak}", self.samples, self.lost);
    }
}
