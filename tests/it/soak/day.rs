//! A simulated day, or two minutes of it in `make test`: every sample is in a frame or a gap, and neither the cutting
//! of frames nor their time drifts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use photophone::acquisition::AcquisitionDaemon;
use photophone::clock::{Clock, ManualClock};
use photophone::config::{SourceConfig, StreamConfig};
use photophone::source::{AudioSource, Delivery, OpenSource, SampleBlock, SimulatedOpener, SourceError, SourceInfo};
use photophone::stream::{AudioStreamConsumer, Bounds, SharedAudioStream, StreamEvent};
use photophone_signal::AudioFrame;

use crate::support::soak;

const UTC_ORIGIN_US: u64 = 1_700_000_000_000_000;
const RATE_HZ: u32 = 8000;
/// Divides neither the rate nor a second.
const FPS: f64 = 29.97;

#[test]
fn a_day_without_drift() {
    let secs = soak::lengthened(120, 86_400);
    let clock = ManualClock::starting_at(UTC_ORIGIN_US);
    let stream = SharedAudioStream::new(Bounds::default(), clock.clone());
    let source = SourceConfig { scenario: "dropouts".into(), rate_hz: Some(RATE_HZ), ..SourceConfig::default() };
    let settings = StreamConfig { target_fps: FPS, ..StreamConfig::default() };
    let covered = Arc::new(AtomicU64::new(0));
    let opener = Audited {
        opener: SimulatedOpener::new(source.clone(), clock.clone()),
        audit: Some(Audit {
            consumer: stream.subscribe(),
            next_sample: Arc::clone(&covered),
            next_frame: 0,
            last_end: None,
        }),
        clock: clock.clone(),
        end_us: secs * 1_000_000,
    };
    AcquisitionDaemon::new(Box::new(opener), stream, clock, &source, &settings).run();
    // The last frame leaves when nobody looks any more.
    let (covered, due) = (covered.load(Ordering::SeqCst), secs * u64::from(RATE_HZ));
    assert!(covered.abs_diff(due) <= u64::from(RATE_HZ), "{covered} samples are accounted for, {due} were due");
}

/// Reads the stream on the daemon's own thread, between two blocks: no consumer can be late.
struct Audit {
    consumer: AudioStreamConsumer,
    /// All samples before it are in a frame or a gap.
    next_sample: Arc<AtomicU64>,
    next_frame: u64,
    /// End of a frame after which only a gap may come, unless it is where a frame should end.
    last_end: Option<u64>,
}

impl Audit {
    fn look(&mut self) {
        while let Some(event) = self.consumer.next().now_or_never() {
            match event.expect("the stream goes on") {
                StreamEvent::Frame(frame) => self.take_frame(&frame),
                StreamEvent::Gap(gap) => {
                    assert_eq!(gap.from_sample, self.next_sample.load(Ordering::SeqCst));
                    self.next_sample.store(gap.to_sample.expect("one epoch"), Ordering::SeqCst);
                    self.last_end = None;
                }
                StreamEvent::State(_) => {}
            }
        }
    }

    fn take_frame(&mut self, frame: &AudioFrame) {
        assert_eq!(frame.first_sample, self.next_sample.swap(frame.end_sample(), Ordering::SeqCst));
        assert_eq!(frame.frame_number, self.next_frame);
        self.next_frame += 1;
        if let Some(end) = self.last_end.replace(frame.end_sample()) {
            let frames = end as f64 * FPS / f64::from(RATE_HZ);
            let off_samples = (frames - frames.round()).abs() * f64::from(RATE_HZ) / FPS;
            assert!(off_samples <= 1.0, "the frame that ends at {end} was cut {off_samples} samples off");
        }
        let due_us = UTC_ORIGIN_US + frame.sample_rate.micros_of(frame.first_sample);
        assert!(frame.captured_us.abs_diff(due_us) < 1000, "{} instead of {due_us}", frame.captured_us);
    }
}

/// Opens the simulation once, with an audit.
struct Audited {
    opener: SimulatedOpener,
    audit: Option<Audit>,
    clock: Arc<ManualClock>,
    end_us: u64,
}

impl OpenSource for Audited {
    fn open(&mut self) -> Result<Box<dyn AudioSource>, SourceError> {
        let audit = self.audit.take().expect("the simulation is never lost");
        Ok(Box::new(AuditedSource {
            source: self.opener.open()?,
            audit,
            clock: self.clock.clone(),
            end_us: self.end_us,
        }))
    }
}

struct AuditedSource {
    source: Box<dyn AudioSource>,
    audit: Audit,
    clock: Arc<ManualClock>,
    end_us: u64,
}

impl AudioSource for AuditedSource {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn read(&mut self, block: &mut SampleBlock, deadline_us: u64) -> Result<Delivery, SourceError> {
        self.audit.look();
        if self.clock.now_us() >= self.end_us { Ok(Delivery::End) } else { self.source.read(block, deadline_us) }
    }
}
