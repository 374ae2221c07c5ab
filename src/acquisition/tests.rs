//! The daemon against scripted sources: every index covered once, states told, counters right, on a manual clock.

use std::collections::VecDeque;
use std::sync::Arc;

use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, Gap, GapCause, MAX_SAMPLE_INDEX};

use super::track::Track;
use super::*;
use crate::clock::{Clock, ManualClock, SystemClock};
use crate::source::{Integrity, PaceInfo};
use crate::stream::{AudioStreamConsumer, Bounds, StreamEvent};

const UTC_ORIGIN_US: u64 = 1_700_000_000_000_000;

fn info(rate_hz: u32, channels: u8) -> SourceInfo {
    SourceInfo {
        kind: "sim",
        name: "script".into(),
        id: "script".into(),
        sample_rate: SampleRate::new(rate_hz).unwrap(),
        channels,
        device_channels: channels.into(),
        format: "f32".into(),
        integrity: Integrity::BitExact,
        clip_level: 1.0,
        pace: PaceInfo::Clock { factor: 1.0 },
    }
}

/// One step of a scripted source.
#[derive(Clone)]
enum Step {
    Samples(usize),
    Constant(usize, f32),
    Lose(u64, bool),
    Wait(u64),
    Break,
    End,
}

/// What each call of `open` brings: a source with its steps, or an error.
type Script = VecDeque<Result<(SourceInfo, Vec<Step>), SourceError>>;

struct Scripted {
    clock: Arc<ManualClock>,
    script: Script,
}

impl OpenSource for Scripted {
    fn open(&mut self) -> Result<Box<dyn AudioSource>, SourceError> {
        let (info, steps) = self.script.pop_front().unwrap_or_else(|| Err(gone()))?;
        Ok(Box::new(ScriptedSource { clock: Arc::clone(&self.clock), info, steps: steps.into(), index: 0 }))
    }
}

struct ScriptedSource {
    clock: Arc<ManualClock>,
    info: SourceInfo,
    steps: VecDeque<Step>,
    index: u64,
}

impl AudioSource for ScriptedSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut SampleBlock, deadline_us: u64) -> Result<Delivery, SourceError> {
        match self.steps.pop_front().unwrap_or(Step::End) {
            Step::Samples(count) => self.deliver(block, count, |index| (index % 1000) as f32 / 1000.0 + 0.1),
            Step::Constant(count, value) => self.deliver(block, count, |_| value),
            Step::Lose(samples, exact) => {
                self.clock.advance_us(self.info.sample_rate.micros_of(samples));
                self.index += samples;
                return Ok(Delivery::Lost { samples, cause: GapCause::Device, exact });
            }
            Step::Wait(wait_us) => {
                let step_us = wait_us.min(deadline_us.saturating_sub(self.clock.now_us()));
                self.clock.advance_us(step_us);
                if wait_us > step_us {
                    self.steps.push_front(Step::Wait(wait_us - step_us));
                }
                return Ok(Delivery::Idle);
            }
            Step::Break => return Err(gone()),
            Step::End => return Ok(Delivery::End),
        }
        Ok(Delivery::Samples)
    }
}

impl ScriptedSource {
    fn deliver(&mut self, block: &mut SampleBlock, count: usize, value: impl Fn(u64) -> f32) {
        block.first_us = self.clock.now_us();
        block.channel_a.extend((self.index..self.index + count as u64).map(value));
        if self.info.channels == 2 {
            block.channel_b.extend(block.channel_a.iter().map(|sample| -sample));
        }
        self.index += count as u64;
        self.clock.advance_us(self.info.sample_rate.micros_of(count as u64));
    }
}

fn gone() -> SourceError {
    SourceError::Lost { device: "script".into(), detail: "unplugged".into() }
}

/// Runs a daemon over `script` to its end and gives what it published.
struct Run {
    stream: SharedAudioStream,
    events: Vec<StreamEvent>,
}

fn run(script: impl IntoIterator<Item = Result<(SourceInfo, Vec<Step>), SourceError>>, target_fps: f64) -> Run {
    let clock = ManualClock::starting_at(UTC_ORIGIN_US);
    let stream = SharedAudioStream::new(Bounds { lag_items: 4096, ..Bounds::default() }, clock.clone());
    let mut consumer = stream.subscribe();
    let opener = Scripted { clock: clock.clone(), script: script.into_iter().collect() };
    let settings = StreamConfig { target_fps, ..StreamConfig::default() };
    AcquisitionDaemon::new(Box::new(opener), stream.clone(), clock, &SourceConfig::default(), &settings).run();
    let events = drain(&stream, &mut consumer);
    Run { stream, events }
}

fn drain(stream: &SharedAudioStream, consumer: &mut AudioStreamConsumer) -> Vec<StreamEvent> {
    stream.close();
    std::iter::from_fn(|| consumer.next_blocking()).collect()
}

impl Run {
    fn frames(&self) -> Vec<&AudioFrame> {
        let frames = self.events.iter().filter_map(|event| match event {
            StreamEvent::Frame(frame) => Some(&**frame),
            _ => None,
        });
        frames.collect()
    }

    fn gaps(&self) -> Vec<Gap> {
        self.events
            .iter()
            .filter_map(|event| if let StreamEvent::Gap(gap) = event { Some(*gap) } else { None })
            .collect()
    }

    fn states(&self) -> Vec<DaemonState> {
        let mut states: Vec<_> = self.events.iter().filter_map(state_of).collect();
        states.dedup();
        states
    }

    /// Every index of every epoch is covered once, in order; frame numbers count up by one.
    fn assert_accounted(&self) {
        let mut at: Option<(Epoch, u64, u64)> = None;
        for event in &self.events {
            match event {
                StreamEvent::Frame(frame) => {
                    let (next_sample, next_frame) = match at {
                        Some((epoch, sample, number)) if epoch == frame.epoch => (sample, number),
                        Some(_) => (0, 0),
                        // Some tests begin in the middle of an epoch.
                        None => (frame.first_sample, 0),
                    };
                    assert_eq!((frame.first_sample, frame.frame_number), (next_sample, next_frame));
                    at = Some((frame.epoch, frame.end_sample(), frame.frame_number + 1));
                }
                StreamEvent::Gap(gap) => {
                    let (epoch, sample, number) = at.unwrap_or((gap.epoch, 0, 0));
                    assert_eq!((gap.epoch, gap.from_sample), (epoch, sample));
                    at = gap.to_sample.map(|to_sample| (gap.epoch, to_sample, number));
                }
                StreamEvent::State(_) => {}
            }
        }
    }
}

fn state_of(event: &StreamEvent) -> Option<DaemonState> {
    if let StreamEvent::State(change) = event { Some(change.state) } else { None }
}

#[test]
fn a_file_is_cut_into_frames_and_ends_finished() {
    let run = run([Ok((info(48_000, 2), vec![Step::Samples(480); 101]))], 30.0);
    run.assert_accounted();
    let lengths: Vec<_> = run.frames().iter().map(|frame| frame.samples()).collect();
    assert_eq!(lengths[..30], [1600; 30]);
    assert_eq!(lengths[30..], [480], "the tail is published, however short");
    assert_eq!(run.states(), [DaemonState::Starting, DaemonState::Running, DaemonState::Finished]);
    let stats = run.stream.stats();
    assert_eq!((stats.total_frames, stats.samples_total), (31, 48_480));
    assert_eq!((stats.sample_rate, stats.channels), (Some(48_000), Some(2)));
    assert_eq!(stats.state_reason.unwrap().code, "end_of_file");
}

#[test]
fn frames_carry_exact_times_of_their_first_sample() {
    let run = run([Ok((info(48_000, 1), vec![Step::Samples(480); 20]))], 30.0);
    let frame = run.frames()[3];
    assert_eq!(frame.monotonic_us, 100_000);
    assert_eq!(frame.captured_us, UTC_ORIGIN_US + 100_000);
    assert!(frame.is_mono());
}

#[test]
fn lost_samples_advance_the_index_and_are_told() {
    let steps = vec![Step::Samples(2000), Step::Lose(300, true), Step::Samples(2000), Step::Lose(7, false), Step::End];
    let run = run([Ok((info(48_000, 2), steps))], 30.0);
    run.assert_accounted();
    let ranges: Vec<_> = run.gaps().iter().map(|gap| (gap.from_sample, gap.to_sample, gap.exact)).collect();
    assert_eq!(ranges, [(2000, Some(2300), true), (4300, Some(4307), false)]);
    let after_gap: Vec<_> = run.frames().iter().map(|frame| (frame.first_sample, frame.flags.after_gap)).collect();
    assert_eq!(after_gap, [(0, false), (1600, false), (2300, true), (3200, false)]);
    assert_eq!(run.stream.stats().samples_lost.device, 307);
}

#[test]
fn the_same_device_continues_its_epoch_after_an_absence() {
    let device = || info(48_000, 2);
    let script = [
        Ok((device(), [vec![Step::Samples(48_000); 3], vec![Step::Break]].concat())),
        Err(SourceError::Absent { wanted: "script".into(), hint: "plug it in".into() }),
        Err(gone()),
        Ok((device(), vec![Step::Samples(1000), Step::End])),
    ];
    let run = run(script, 30.0);
    run.assert_accounted();
    let [gap] = run.gaps()[..] else { panic!("one gap expected: {:?}", run.gaps()) };
    assert_eq!((gap.cause, gap.exact, gap.from_sample), (GapCause::Reopen, false, 144_000));
    // Attempts at once, after 100 and after 200 ms: 300 ms at 48 kHz.
    assert_eq!(gap.samples(), Some(14_400));
    assert_eq!(run.stream.stats().samples_lost.reopen, 14_400);
    assert_eq!(
        run.states(),
        [
            DaemonState::Starting,
            DaemonState::Running,
            DaemonState::Reopening,
            DaemonState::Running,
            DaemonState::Finished
        ]
    );
}

#[test]
fn a_device_that_dies_again_and_again_is_opened_ever_more_seldom() {
    let dying = || Ok((info(48_000, 2), vec![Step::Samples(480), Step::Break]));
    let run =
        run([dying(), dying(), dying(), dying(), Ok((info(48_000, 2), vec![Step::Samples(480), Step::End]))], 30.0);
    run.assert_accounted();
    let waits_ms: Vec<_> = run.gaps().iter().map(|gap| gap.samples().unwrap() / 48).collect();
    // Opened at 0, then 100, 200, 400 and 800 ms after the opening before; 10 ms of each were samples.
    assert_eq!(waits_ms, [90, 190, 390, 790]);
}

#[test]
fn another_format_begins_a_new_epoch() {
    let script = [
        Ok((info(48_000, 2), vec![Step::Samples(1000), Step::Break])),
        Ok((info(44_100, 2), vec![Step::Samples(1000), Step::End])),
    ];
    let run = run(script, 30.0);
    run.assert_accounted();
    let [gap] = run.gaps()[..] else { panic!("one gap expected: {:?}", run.gaps()) };
    let last = run.frames()[1];
    assert_eq!((gap.to_sample, gap.next_epoch), (None, Some(last.epoch)));
    assert_eq!((last.first_sample, last.frame_number, last.sample_rate.hz()), (0, 0, 44_100));
}

#[test]
fn a_device_that_is_not_there_is_waited_for() {
    let absent = || Err(SourceError::Absent { wanted: "default".into(), hint: "none".into() });
    let run = run([absent(), absent(), Ok((info(48_000, 2), vec![Step::Samples(10), Step::End]))], 30.0);
    assert_eq!(
        run.states(),
        [DaemonState::Starting, DaemonState::WaitingForDevice, DaemonState::Running, DaemonState::Finished]
    );
}

#[test]
fn settings_that_cannot_work_fail_with_their_reason() {
    let unusable = SourceError::Unusable { key: "source.channel_a", problem: "channel 3 of 2".into() };
    let run = run([Err(unusable)], 30.0);
    assert_eq!(run.states(), [DaemonState::Starting, DaemonState::Failed]);
    assert_eq!(run.stream.stats().state_reason.unwrap().message, "source.channel_a: channel 3 of 2");
}

#[test]
fn who_asks_knows_the_state_that_a_stuck_subscriber_holds_up() {
    let clock = ManualClock::starting_at(UTC_ORIGIN_US);
    let stream = SharedAudioStream::new(Bounds { lag_items: 2, ..Bounds::default() }, clock.clone());
    stream.gate().set_shut(true);
    let mut stuck = stream.subscribe();
    let opener = Box::new(Scripted { clock: clock.clone(), script: Script::new() });
    let settings = StreamConfig::default();
    let daemon = AcquisitionDaemon::new(opener, stream.clone(), clock, &SourceConfig::default(), &settings);
    let control = daemon.control();
    let running = std::thread::Builder::new().spawn(move || daemon.run()).unwrap();
    let (real, is_waiting) = (SystemClock::shared(), || stream.state().state == DaemonState::WaitingForDevice);
    let until_us = real.now_us() + 5_000_000;
    while !is_waiting() && real.now_us() < until_us {
        std::thread::yield_now();
    }
    let is_known = is_waiting();
    control.stop();
    running.join().unwrap();
    assert!(is_known);
    let told = drain(&stream, &mut stuck);
    assert_eq!(told.iter().rev().find_map(state_of), Some(DaemonState::WaitingForDevice));
}

#[test]
fn a_stalled_source_is_told_and_reopened() {
    let script = [
        Ok((info(48_000, 2), vec![Step::Samples(100), Step::Wait(10_000_000)])),
        Ok((info(48_000, 2), vec![Step::Samples(100), Step::End])),
    ];
    let run = run(script, 30.0);
    run.assert_accounted();
    assert_eq!(
        run.states(),
        [
            DaemonState::Starting,
            DaemonState::Running,
            DaemonState::Stalled,
            DaemonState::Running,
            DaemonState::Finished
        ]
    );
    let missing_us = SampleRate::new(48_000).unwrap().micros_of(run.gaps()[0].samples().unwrap());
    assert!((1_500_000..1_600_000).contains(&missing_us), "{missing_us}");
}

#[test]
fn silence_is_a_state_of_its_own() {
    let mut steps = vec![Step::Constant(4800, 0.0); 25];
    steps.push(Step::Constant(4800, 0.5));
    let run = run([Ok((info(48_000, 2), steps))], 30.0);
    assert_eq!(
        run.states(),
        [DaemonState::Starting, DaemonState::Running, DaemonState::Silent, DaemonState::Running, DaemonState::Finished]
    );
}

#[test]
fn clipped_and_nonfinite_samples_are_counted_and_flagged() {
    let steps = vec![Step::Constant(3, 1.0), Step::Constant(2, f32::NAN), Step::Constant(4, 0.5)];
    let run = run([Ok((info(48_000, 2), steps))], 30.0);
    let stats = run.stream.stats();
    assert_eq!((stats.clipped_samples.a, stats.clipped_samples.b, stats.nonfinite_samples), (3, 3, 4));
    let flags = run.frames()[0].flags;
    assert!(flags.clipped && flags.nonfinite);
    assert_eq!(run.frames()[0].channel_a, [1.0, 1.0, 1.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5]);
}

#[test]
fn a_fault_in_the_program_is_told_as_a_failure() {
    struct Faulty(Option<SourceError>);

    impl OpenSource for Faulty {
        fn open(&mut self) -> Result<Box<dyn AudioSource>, SourceError> {
            Err(self.0.take().unwrap())
        }
    }

    let clock = ManualClock::starting_at(UTC_ORIGIN_US);
    let stream = SharedAudioStream::new(Bounds::default(), clock.clone());
    let (source, settings) = (SourceConfig::default(), StreamConfig::default());
    let daemon = AcquisitionDaemon::new(Box::new(Faulty(None)), stream.clone(), clock, &source, &settings);
    assert!(std::thread::Builder::new().spawn(|| daemon.run()).unwrap().join().is_err());
    let state = stream.state();
    assert_eq!(
        (state.state, state.reason.as_ref().map(|reason| reason.code)),
        (DaemonState::Failed, Some("internal_error"))
    );
}

/// A track at the beginning of an epoch, and what steers it.
fn track(stream: &SharedAudioStream, clock: &Arc<ManualClock>) -> (Track, Arc<Control>) {
    let opener = Scripted { clock: clock.clone(), script: VecDeque::new() };
    let (source, settings) = (SourceConfig::default(), StreamConfig::default());
    let daemon = AcquisitionDaemon::new(Box::new(opener), stream.clone(), clock.clone(), &source, &settings);
    let control = daemon.control();
    let track = Track::new(stream.clone(), clock.clone(), Arc::clone(&control), info(48_000, 1), new_epoch());
    (track, control)
}

/// A track that stands at `first_sample`, one block at a time.
fn push_from(first_sample: u64, blocks: usize) -> Run {
    let clock = ManualClock::starting_at(UTC_ORIGIN_US);
    let stream = SharedAudioStream::new(Bounds { lag_items: 4096, ..Bounds::default() }, clock.clone());
    let mut consumer = stream.subscribe();
    let (mut track, _) = track(&stream, &clock);
    track.next_sample = first_sample;
    let block = SampleBlock { channel_a: vec![0.25; 480], channel_b: Vec::new(), first_us: clock.now_us() };
    for _ in 0..blocks {
        track.prepare(&block);
        track.push(&block);
    }
    track.flush();
    let events = drain(&stream, &mut consumer);
    Run { stream, events }
}

#[test]
fn indices_cross_the_limits_of_smaller_integers() {
    for limit in [1_u64 << 31, 1 << 32] {
        let run = push_from(limit - 4800, 20);
        run.assert_accounted();
        assert_eq!(run.frames().last().unwrap().end_sample(), limit + 4800);
    }
}

#[test]
fn an_epoch_ends_before_an_index_passes_what_json_carries() {
    let run = push_from(MAX_SAMPLE_INDEX - 4900, 20);
    let (old, new): (Vec<_>, Vec<_>) =
        run.frames().into_iter().partition(|frame| frame.first_sample > MAX_SAMPLE_INDEX / 2);
    assert_eq!(old.last().unwrap().end_sample(), MAX_SAMPLE_INDEX - 100, "whole blocks stay in the old epoch");
    assert_ne!(old[0].epoch, new[0].epoch);
    assert_eq!((new[0].first_sample, new[0].frame_number), (0, 0));
    assert_eq!(run.stream.stats().samples_total, 9600, "nothing is lost at the seam");
}

#[test]
fn a_loss_beyond_what_json_carries_keeps_its_cause_and_its_size() {
    let clock = ManualClock::starting_at(UTC_ORIGIN_US);
    let stream = SharedAudioStream::new(Bounds { lag_items: 4096, ..Bounds::default() }, clock.clone());
    let (mut track, _) = track(&stream, &clock);
    track.next_sample = MAX_SAMPLE_INDEX - 100;
    let before = track.epoch();
    assert_eq!(track.lose(101, GapCause::Ring, true), Continuity::NewEpoch);
    assert!(track.epoch() != before && track.next_sample == 0);
    assert_eq!(stream.stats().samples_lost.ring, 101);
}

#[test]
fn times_never_run_backwards_though_the_first_buffer_came_late() {
    let clock = ManualClock::starting_at(UTC_ORIGIN_US);
    let stream = SharedAudioStream::new(Bounds { lag_items: 4096, ..Bounds::default() }, clock.clone());
    let mut consumer = stream.subscribe();
    let device = SourceInfo { pace: PaceInfo::Device, ..info(48_000, 1) };
    let (_, control) = track(&stream, &clock);
    control.set_target_fps(1000.0);
    let mut track = Track::new(stream.clone(), clock.clone(), control, device, new_epoch());
    for (number, late_us) in [150_000, 0, 0, 0].into_iter().chain([0; 40]).enumerate() {
        let first_us = 1_000_000 + 10_000 * number as u64 + late_us;
        track.push(&SampleBlock { channel_a: vec![0.25; 480], channel_b: Vec::new(), first_us });
    }
    let run = Run { events: drain(&stream, &mut consumer), stream };
    let times: Vec<_> = run.frames().iter().map(|frame| frame.monotonic_us).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(times.last(), Some(&(1_000_000 + 10_000 * 43 + 9_000)), "and the truth is found");
}

/// What is published of two blocks of so many samples, the second of them at another frame rate than the first.
fn push_at_two_rates(samples: [usize; 2], second_fps: f64) -> Run {
    let clock = ManualClock::starting_at(UTC_ORIGIN_US);
    let stream = SharedAudioStream::new(Bounds { lag_items: 4096, ..Bounds::default() }, clock.clone());
    let mut consumer = stream.subscribe();
    let (mut track, control) = track(&stream, &clock);
    let block = |samples| SampleBlock { channel_a: vec![0.25; samples], channel_b: Vec::new(), first_us: 0 };
    track.push(&block(samples[0]));
    control.set_target_fps(second_fps);
    track.push(&block(samples[1]));
    let run = Run { events: drain(&stream, &mut consumer), stream };
    run.assert_accounted();
    run
}

fn lengths(run: &Run) -> Vec<usize> {
    run.frames().iter().map(|frame| frame.samples()).collect()
}

#[test]
fn a_new_frame_rate_keeps_epoch_and_counters() {
    let run = push_at_two_rates([4800, 4800], 50.0);
    assert_eq!(lengths(&run), [1600, 1600, 1600, 960, 960, 960, 960, 960]);
}

#[test]
fn a_frame_that_a_new_frame_rate_interrupts_is_short() {
    let run = push_at_two_rates([3100, 4400], 32.0);
    assert_eq!(lengths(&run), [1600, 1500, 1400, 1500, 1500]);
}
