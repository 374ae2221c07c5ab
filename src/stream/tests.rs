//! Subscribers that keep up, fall behind, come late and leave early; and the gate of pace `fast`.

use std::cell::Cell;

use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, FrameFlags, Gap, GapCause};

use super::*;
use crate::clock::{ManualClock, SystemClock};

const CAPACITY: u64 = 4;

/// No history beyond what a reader may lag.
const BOUNDS: Bounds = Bounds { lag_items: CAPACITY, history_us: 0, history_bytes: u64::MAX };

fn stream() -> SharedAudioStream {
    SharedAudioStream::new(BOUNDS, ManualClock::starting_at(0))
}

fn epoch(id: u8) -> Epoch {
    Epoch::from_random_bytes([id; 16])
}

fn frame(id: u8, number: u64) -> AudioFrame {
    AudioFrame {
        epoch: epoch(id),
        frame_number: number,
        first_sample: number * 10,
        sample_rate: SampleRate::new(300).unwrap(),
        monotonic_us: 0,
        captured_us: 0,
        flags: FrameFlags::default(),
        channel_a: vec![0.5; 10],
        channel_b: Vec::new(),
    }
}

fn publish(stream: &SharedAudioStream, id: u8, numbers: std::ops::Range<u64>) {
    for number in numbers {
        stream.publish_frame(frame(id, number), FrameTally::default());
    }
}

/// What a consumer reads until the end: numbers of frames, and gaps.
#[derive(Debug, PartialEq)]
enum Read {
    Frame(u64),
    Gap(u64, Option<u64>, GapCause),
}

fn read_to_end(stream: &SharedAudioStream, mut consumer: AudioStreamConsumer) -> Vec<Read> {
    stream.close();
    let events = std::iter::from_fn(|| consumer.next_blocking());
    let read = events.filter_map(|event| match event {
        StreamEvent::Frame(frame) => Some(Read::Frame(frame.frame_number)),
        StreamEvent::Gap(gap) => Some(Read::Gap(gap.from_sample, gap.to_sample, gap.cause)),
        StreamEvent::State(_) => None,
    });
    read.collect()
}

#[test]
fn before_the_daemon_has_said_a_word_there_is_no_epoch() {
    let stream = stream();
    assert_eq!((stream.stats().epoch, stream.state().epoch), (None, None));
    let told = serde_json::to_value(&*stream.state()).unwrap();
    assert!(told["epoch"].is_null(), "{told}");
}

#[test]
fn who_keeps_up_gets_every_frame() {
    let stream = stream();
    let consumer = stream.subscribe();
    publish(&stream, 1, 0..3);
    assert_eq!(read_to_end(&stream, consumer), [Read::Frame(0), Read::Frame(1), Read::Frame(2)]);
    assert_eq!(stream.stats().dropped_frames, 0);
}

#[test]
fn who_falls_behind_is_told_which_samples_are_missing() {
    let stream = stream();
    publish(&stream, 1, 0..2);
    let mut consumer = stream.subscribe();
    publish(&stream, 1, 2..3);
    assert!(matches!(consumer.next_blocking(), Some(StreamEvent::Frame(_))));
    publish(&stream, 1, 3..13);
    let read = read_to_end(&stream, consumer);
    assert_eq!(read[..2], [Read::Gap(30, Some(90), GapCause::Subscriber), Read::Frame(9)]);
    assert_eq!(read.len(), 5);
    assert_eq!(stream.stats().dropped_frames, 6);
}

#[test]
fn who_loses_its_very_first_frames_is_told_too() {
    let stream = stream();
    publish(&stream, 1, 0..2);
    let consumer = stream.subscribe();
    publish(&stream, 1, 2..12);
    assert_eq!(read_to_end(&stream, consumer)[0], Read::Gap(20, Some(80), GapCause::Subscriber));
}

#[test]
fn a_gap_of_the_source_keeps_its_cause_beside_that_of_the_subscriber() {
    let stream = stream();
    let consumer = stream.subscribe();
    publish(&stream, 1, 0..5);
    let gap = Gap {
        epoch: epoch(1),
        from_sample: 50,
        to_sample: Some(60),
        cause: GapCause::Device,
        exact: true,
        next_epoch: None,
    };
    stream.publish_gap(gap, 10);
    publish(&stream, 1, 6..9);
    let read = read_to_end(&stream, consumer);
    assert_eq!(read[..2], [Read::Gap(0, Some(50), GapCause::Subscriber), Read::Gap(50, Some(60), GapCause::Device)]);
}

#[test]
fn a_loss_that_spans_epochs_names_the_next_one() {
    let stream = stream();
    publish(&stream, 1, 0..1);
    let mut consumer = stream.subscribe();
    publish(&stream, 1, 1..6);
    publish(&stream, 2, 0..5);
    let Some(StreamEvent::Gap(gap)) = consumer.next_blocking() else { panic!("a gap comes first") };
    assert_eq!((gap.epoch, gap.from_sample, gap.to_sample, gap.next_epoch), (epoch(1), 10, None, Some(epoch(2))));
}

#[test]
fn frames_unread_by_one_who_leaves_are_counted_when_they_were_overwritten() {
    let stream = stream();
    let consumer = stream.subscribe();
    publish(&stream, 1, 0..10);
    let stats = stream.stats();
    assert_eq!((stats.active_subscribers, stats.dropped_frames), (1, 6), "known while it still sleeps");
    drop(consumer);
    let stats = stream.stats();
    assert_eq!((stats.active_subscribers, stats.dropped_frames), (0, 6));
}

#[test]
fn what_a_part_of_the_program_loses_counts_for_each_that_watches_it() {
    let stream = stream();
    let (mut feed, _) = stream.subscribe_internally(Start::Newest, Lateness::CatchUp);
    publish(&stream, 1, 0..10);
    assert_eq!(stream.stats().dropped_frames, 0, "nobody watches");
    while !matches!(feed.next_blocking(), Some(Next::Item(StreamItem::Frame(frame))) if frame.frame_number == 9) {}
    for _ in 0..3 {
        stream.watch(feed.claim());
    }
    publish(&stream, 1, 10..16);
    assert_eq!(stream.stats().dropped_frames, 2 * 3);
    stream.release(feed.claim());
    assert_eq!(stream.stats().dropped_frames, 2 * 3, "who leaves has lost them all the same");
    feed.next_blocking();
    assert_eq!(stream.stats().dropped_frames, 2 * 3, "noticed, not lost once more");
}

#[test]
fn nobody_waits_for_a_part_of_the_program_that_has_ended_nor_does_it_lose_more() {
    let stream = stream();
    stream.gate().set_shut(true);
    let (feed, _) = stream.subscribe_internally(Start::Newest, Lateness::Skip);
    let claim = Arc::clone(feed.claim());
    stream.watch(&claim);
    publish(&stream, 1, 0..CAPACITY);
    let clock = ManualClock::starting_at(0);
    let pass = |idle| {
        let looks = Cell::new(0);
        stream.gate().wait_for_room(&*clock, demand(u64::MAX, idle), || looks.replace(looks.get() + 1) > 1)
    };
    assert!(!pass(Idle::Pass));
    drop(feed);
    assert!(pass(Idle::Pass), "its viewers still hold its claim");
    assert!(!pass(Idle::Hold), "and claim nothing by it");
    publish(&stream, 1, CAPACITY..3 * CAPACITY);
    assert_eq!(stream.stats().dropped_frames, 0);
}

#[test]
fn what_a_live_reader_has_lost_is_known_before_it_wakes() {
    let audience = Arc::new(Audience::default());
    let ring = History::new(BOUNDS, Arc::clone(&audience));
    let publish = |numbers: std::ops::Range<u64>| {
        numbers.for_each(|number| ring.publish(StreamItem::Frame(Arc::new(frame(1, number)))));
    };
    let (mut reader, _) = ring.subscribe(Start::Newest, Lateness::Skip);
    for (numbers, lost) in [(0..10, 9), (10..20, 18)] {
        publish(numbers);
        assert_eq!(audience.dropped_frames(), lost, "all but the newest");
        while !matches!(reader.next_blocking(), Some(Next::Item(_))) {}
        assert_eq!(audience.dropped_frames(), lost);
    }
    publish(20..30);
    drop((reader, ring));
    assert_eq!(audience.dropped_frames(), 27, "also of a ring that is no more");
}

#[test]
fn at_pace_fast_nothing_is_lost_however_little_memory_there_is() {
    // Room for about four frames of 1000 samples.
    let stream = SharedAudioStream::new(
        Bounds { lag_items: 100, history_bytes: 17_000, ..Bounds::default() },
        ManualClock::starting_at(0),
    );
    stream.gate().set_shut(true);
    let consumer = stream.subscribe();
    let clock = ManualClock::starting_at(0);
    for number in 0..40 {
        let looks = Cell::new(0);
        let demand = Demand { bytes: 4500, ..demand(u64::MAX, Idle::Hold) };
        if !stream.gate().wait_for_room(&*clock, demand, || looks.replace(looks.get() + 1) > 1) {
            break;
        }
        let frame = AudioFrame { first_sample: number * 1000, channel_a: vec![0.5; 1000], ..frame(1, number) };
        stream.publish_frame(frame, FrameTally::default());
    }
    assert!(matches!(read_to_end(&stream, consumer)[0], Read::Frame(0)));
}

fn demand(patience_us: u64, idle: Idle) -> Demand {
    Demand { bytes: 1, patience_us, idle }
}

/// Publishes at a regular rate: a frame of half full scale at the end of its time.
fn publish_at(stream: &SharedAudioStream, clock: &ManualClock, fps: f64, numbers: std::ops::Range<u64>) {
    for number in numbers {
        clock.advance_us((1e6 / fps) as u64);
        let samples = (48_000.0 / fps) as usize;
        let frame = AudioFrame {
            sample_rate: SampleRate::new(48_000).unwrap(),
            channel_a: vec![0.5; samples],
            ..frame(1, number)
        };
        stream.publish_frame(frame, FrameTally::default());
    }
}

#[test]
fn rate_and_levels_are_true_at_every_frame_rate_and_forget() {
    for fps in [0.1, 0.5, 1.0, 30.0, 1000.0] {
        let clock = ManualClock::starting_at(0);
        let stream = SharedAudioStream::new(BOUNDS, clock.clone());
        clock.advance_us(2_500_000);
        publish_at(&stream, &clock, fps, 0..6);
        for _ in 0..2 {
            let stats = stream.stats();
            assert!((stats.fps / fps - 1.0).abs() < 1e-3, "{} at {fps}", stats.fps);
            assert!((stats.peak_dbfs.a.unwrap() + 6.0206).abs() < 1e-3);
            assert!(
                (stats.rms_dbfs.a.unwrap() + 3.0103).abs() < 1e-3,
                "a square wave is 3 dB above a sine of its peak"
            );
            assert_eq!(stats.rms_dbfs.b, None);
            // Until the next frame is due.
            clock.advance_us((0.99e6 / fps) as u64);
        }
        clock.advance_us((4e6 / fps) as u64 + 3_000_000);
        let stats = stream.stats();
        assert_eq!((stats.fps, stats.peak_dbfs.a, stats.rms_dbfs.a, stats.total_frames), (0.0, None, None, 6));
    }
}

#[test]
fn the_gate_holds_until_somebody_watches_and_while_somebody_is_half_a_ring_behind() {
    let stream = stream();
    let gate = stream.gate();
    let clock = ManualClock::starting_at(0);
    let pass = |idle| {
        let looks = Cell::new(0);
        gate.wait_for_room(&*clock, demand(u64::MAX, idle), || looks.replace(looks.get() + 1) > 1)
    };
    assert!(pass(Idle::Hold), "the gate stands open in real time");
    gate.set_shut(true);
    assert!(!pass(Idle::Hold));
    assert!(pass(Idle::Pass));
    let mut consumer = stream.subscribe();
    assert!(pass(Idle::Hold));
    publish(&stream, 1, 0..(CAPACITY - 1) / 2);
    assert!(!pass(Idle::Hold));
    consumer.next_blocking();
    assert!(pass(Idle::Hold));
}

#[test]
fn a_claim_that_takes_nothing_is_given_up() {
    let stream = stream();
    stream.gate().set_shut(true);
    let _sleeper = stream.subscribe();
    publish(&stream, 1, 0..CAPACITY);
    let clock = SystemClock::shared();
    let since_us = clock.now_us();
    assert!(!stream.gate().wait_for_room(&*clock, demand(1000, Idle::Hold), || clock.now_us() > since_us + 300_000));
    let passed = stream.gate().wait_for_room(&*clock, demand(1000, Idle::Pass), || false);
    assert!(passed, "with the sleeper given up, nobody claims anything");
}

#[test]
fn every_frame_reaches_a_claiming_consumer_however_fast_it_is_published() {
    let stream = stream();
    stream.gate().set_shut(true);
    let mut consumer = stream.subscribe();
    let publisher = stream.clone();
    let publishing = std::thread::Builder::new().spawn(move || {
        let clock = SystemClock::shared();
        for number in 0..5000 {
            assert!(publisher.gate().wait_for_room(&*clock, demand(u64::MAX, Idle::Hold), || false));
            publish(&publisher, 1, number..number + 1);
        }
        publisher.close();
    });
    let read = std::iter::from_fn(|| consumer.next_blocking());
    assert_eq!(read.filter(|event| matches!(event, StreamEvent::Frame(_))).count(), 5000);
    publishing.unwrap().join().unwrap();
}
