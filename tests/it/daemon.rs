//! Hours of acquisition in seconds: the daemon in this process, on a manual clock on which things happen at set times.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};

use photophone::acquisition::{AcquisitionDaemon, Control};
use photophone::clock::{Clock, ManualClock};
use photophone::config::{Pace, SourceConfig, StreamConfig};
use photophone::source::{OpenSource, SimulatedOpener, WavOpener};
use photophone::stream::{Bounds, DaemonState, SharedAudioStream, StreamEvent};
use photophone_signal::AudioFrame;

use crate::support::wav::Noise;

const UTC_ORIGIN_US: u64 = 1_700_000_000_000_000;

/// Something that happens to the daemon.
type Order = fn(&Control);

/// A manual clock that carries out orders when somebody first waits for their time or a later one.
struct Schedule {
    clock: Arc<ManualClock>,
    control: OnceLock<Arc<Control>>,
    orders: Mutex<VecDeque<(u64, Order)>>,
}

impl Schedule {
    fn of<const N: usize>(orders: [(u64, Order); N]) -> Arc<Self> {
        let clock = ManualClock::starting_at(UTC_ORIGIN_US);
        Arc::new(Self { clock, control: OnceLock::new(), orders: Mutex::new(orders.into()) })
    }
}

impl Clock for Schedule {
    fn now_us(&self) -> u64 {
        self.clock.now_us()
    }

    fn utc_us(&self) -> u64 {
        self.clock.utc_us()
    }

    fn sleep_until_us(&self, deadline_us: u64) {
        let mut orders = self.orders.lock().unwrap();
        while let Some((_, order)) = orders.pop_front_if(|(at_us, _)| *at_us <= deadline_us) {
            order(self.control.get().unwrap());
        }
        self.clock.sleep_until_us(deadline_us);
    }
}

/// Runs a daemon to its end; a ring as large as the run keeps all of it.
fn run(
    schedule: &Arc<Schedule>,
    opener: Box<dyn OpenSource>,
    settings: &StreamConfig,
) -> (SharedAudioStream, Vec<Arc<AudioFrame>>) {
    let stream = SharedAudioStream::new(Bounds { lag_items: 65_536, ..Bounds::default() }, schedule.clone());
    let mut consumer = stream.subscribe();
    let daemon = AcquisitionDaemon::new(opener, stream.clone(), schedule.clone(), &SourceConfig::default(), settings);
    schedule.control.set(daemon.control()).unwrap();
    daemon.run();
    stream.close();
    let mut frames = Vec::new();
    while let Some(event) = consumer.next_blocking() {
        match event {
            StreamEvent::Frame(frame) => frames.push(frame),
            StreamEvent::Gap(gap) => panic!("{gap:?}"),
            StreamEvent::State(_) => {}
        }
    }
    (stream, frames)
}

#[test]
fn two_hours_are_numbered_without_a_hole_across_a_change_of_the_frame_rate() {
    const HOUR_US: u64 = 3_600_000_000;
    const RATE_HZ: u64 = 1000;
    let schedule = Schedule::of([(HOUR_US, |control| control.set_target_fps(8.0)), (2 * HOUR_US, Control::stop)]);
    let source = SourceConfig {
        scenario: "silence".into(),
        rate_hz: Some(RATE_HZ as u32),
        channel_b: 0,
        ..SourceConfig::default()
    };
    let opener = Box::new(SimulatedOpener::new(source, schedule.clone()));
    let (stream, frames) = run(&schedule, opener, &StreamConfig { target_fps: 5.0, ..StreamConfig::default() });

    // An hour of 5 and an hour of 8 frames per second.
    assert_eq!(frames.len(), 3600 * 5 + 3600 * 8);
    let mut next_sample = 0;
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!((frame.frame_number, frame.first_sample), (number as u64, next_sample));
        assert_eq!(frame.samples(), if next_sample < 3600 * RATE_HZ { 200 } else { 125 });
        assert_eq!(frame.monotonic_us, next_sample * 1000, "the sample clock does not drift");
        assert_eq!(frame.captured_us, UTC_ORIGIN_US + frame.monotonic_us);
        assert_eq!(frame.epoch, frames[0].epoch);
        next_sample = frame.end_sample();
    }
    assert_eq!(next_sample, 2 * 3600 * RATE_HZ);
    let stats = stream.stats();
    assert_eq!((stats.total_frames, stats.samples_total), (frames.len() as u64, next_sample));
    assert_eq!((stats.state, stats.dropped_frames), (DaemonState::Silent, 0));
    assert!((stats.uptime_secs - 7200.0).abs() < 0.1, "{} s", stats.uptime_secs);
    assert!((stats.fps - 8.0).abs() < 0.5, "{} fps", stats.fps);
}

#[test]
fn ten_minutes_of_file_end_within_a_frame_of_ten_minutes() {
    const RATE_HZ: u32 = 8000;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ten_minutes.wav");
    let format = ["-b", "8", "-e", "unsigned-integer"];
    Noise { format, rate_hz: RATE_HZ, channels: 1, samples: 600 * u64::from(RATE_HZ) }.write_to(&path);
    for (pace, minutes) in [(Pace::Realtime, 10.0), (Pace::Factor(2.5), 4.0)] {
        let schedule = Schedule::of([]);
        let source = SourceConfig { pace, ..SourceConfig::default() };
        let opener = Box::new(WavOpener::new(&path, &source, schedule.clone()));
        let (stream, frames) = run(&schedule, opener, &StreamConfig::default());
        assert_eq!(stream.state().state, DaemonState::Finished);
        assert_eq!((frames.len(), frames.last().unwrap().end_sample()), (600 * 30, 600 * u64::from(RATE_HZ)));
        let away_us = schedule.now_us().abs_diff((minutes * 60e6) as u64);
        assert!(away_us < 1_000_000 / 30, "{away_us} us from {minutes} minutes");
    }
}
