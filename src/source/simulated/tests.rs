//! The source against the clock: which sample is due when, what is lost, and when the device is away.

use std::sync::Arc;

use super::*;
use crate::clock::{Clock, ManualClock};
use crate::source::Reaction;

const FOREVER: u64 = u64::MAX;

fn config(scenario: Scenario) -> SourceConfig {
    SourceConfig { scenario: scenario.word().into(), ..SourceConfig::default() }
}

fn opener(config: SourceConfig) -> (SimulatedOpener, Arc<ManualClock>) {
    let clock = ManualClock::starting_at(1_700_000_000_000_000);
    (SimulatedOpener::new(config, clock.clone()), clock)
}

fn opened(config: SourceConfig) -> (Box<dyn AudioSource>, Arc<ManualClock>) {
    let (mut opener, clock) = opener(config);
    (opener.open().unwrap(), clock)
}

/// Reads `samples` samples of a scenario without losses, with a deadline every `step_us`.
fn read_for(source: &mut dyn AudioSource, clock: &ManualClock, step_us: u64, samples: usize) -> (Vec<f32>, Vec<f32>) {
    let (mut block, mut a, mut b) = (SampleBlock::default(), Vec::new(), Vec::new());
    while a.len() < samples {
        match source.read(&mut block, clock.now_us() + step_us).unwrap() {
            Delivery::Samples => {
                a.extend_from_slice(&block.channel_a);
                b.extend_from_slice(&block.channel_b);
            }
            Delivery::Idle => assert!(block.channel_a.is_empty()),
            other => unreachable!("{other:?}"),
        }
    }
    (a, b)
}

#[test]
fn delivers_the_signal_at_any_pace_and_again_after_reopening() {
    for pace in [Pace::Realtime, Pace::Fast, Pace::Factor(3.7)] {
        let config = SourceConfig { pace, ..config(Scenario::Cell) };
        let signal = SimulatedSignal::new(&config).unwrap();
        let (mut opener, clock) = opener(config);
        for step_us in [1_000_000, 700] {
            let mut source = opener.open().unwrap();
            let (a, b) = read_for(source.as_mut(), &clock, step_us, 5000);
            assert!(signal.samples(0..a.len() as u64).eq(a.into_iter().zip(b)), "{pace:?} {step_us}");
        }
    }
}

#[test]
fn a_block_comes_when_its_last_sample_is_due_and_not_before() {
    let (mut source, clock) = opened(config(Scenario::Tone));
    let mut block = SampleBlock::default();
    let last_due_us = 479 * 1_000_000 / 48_000;
    assert_eq!(source.read(&mut block, last_due_us - 1), Ok(Delivery::Idle));
    assert_eq!(clock.now_us(), last_due_us - 1);
    assert_eq!(source.read(&mut block, last_due_us), Ok(Delivery::Samples));
    assert_eq!((block.channel_a.len(), block.channel_b.len(), block.first_us), (480, 480, 0));
    assert_eq!(clock.now_us(), last_due_us);
    assert_eq!(source.read(&mut block, FOREVER), Ok(Delivery::Samples));
    assert_eq!((block.channel_a.len(), block.first_us), (480, 10_000));
}

#[test]
fn two_hours_do_not_drift() {
    // A prime, so that almost no sample is due at a whole microsecond.
    let rate_hz = 7919;
    let (mut source, clock) = opened(SourceConfig { rate_hz: Some(rate_hz), ..config(Scenario::Silence) });
    let (mut block, mut delivered) = (SampleBlock::default(), 0_u64);
    while delivered < 2 * 3600 * u64::from(rate_hz) {
        source.read(&mut block, FOREVER).unwrap();
        assert_eq!(block.first_us, source.info().sample_rate.micros_of(delivered));
        delivered += block.channel_a.len() as u64;
        assert_eq!(clock.now_us(), source.info().sample_rate.micros_of(delivered - 1));
    }
}

#[test]
fn a_fast_device_clock_delivers_100_ppm_more() {
    let (mut source, clock) = opened(config(Scenario::Drift));
    let (a, _) = read_for(source.as_mut(), &clock, FOREVER / 2, 100 * 48_000);
    let ratio = a.len() as f64 / 48_000.0 / (clock.now_us() as f64 / 1e6);
    assert!(((ratio - 1.0) * 1e6 - 100.0).abs() < 1.0, "{ratio}");
    assert_eq!(source.info().pace, PaceInfo::Device);
    let (source, _) = opened(SourceConfig { pace: Pace::Fast, ..config(Scenario::Drift) });
    assert_eq!(source.info().pace, PaceInfo::Fast);
}

#[test]
fn every_sample_of_a_source_with_losses_is_delivered_or_told_as_lost() {
    for scenario in [Scenario::Dropouts, Scenario::Stall] {
        let (mut source, clock) = opened(config(scenario));
        let signal = SimulatedSignal::new(&config(scenario)).unwrap();
        let (mut block, mut index, mut losses) = (SampleBlock::default(), 0, 0);
        while index < 25 * 48_000 {
            match source.read(&mut block, FOREVER).unwrap() {
                Delivery::Samples => {
                    assert_eq!(block.first_us, source.info().sample_rate.micros_of(index));
                    let end = index + block.channel_a.len() as u64;
                    let read = block.channel_a.iter().copied().zip(block.channel_b.iter().copied());
                    assert!(end - index <= 480 && signal.samples(index..end).eq(read));
                    index = end;
                }
                Delivery::Lost { samples, cause: GapCause::Device, exact: true } => {
                    assert!(block.channel_a.is_empty());
                    assert_eq!(signal.next_loss(index), Some(index..index + samples));
                    index += samples;
                    losses += 1;
                    assert_eq!(clock.now_us(), source.info().sample_rate.micros_of(index));
                }
                other => unreachable!("{other:?}"),
            }
        }
        assert_eq!(losses, if scenario == Scenario::Dropouts { 25 } else { 2 }, "{scenario}");
    }
}

#[test]
fn a_stalled_source_is_idle_until_it_tells_the_loss() {
    let (mut source, clock) = opened(config(Scenario::Stall));
    read_for(source.as_mut(), &clock, FOREVER / 2, 7 * 48_000);
    let mut block = SampleBlock::default();
    for second in [8, 9] {
        assert_eq!(source.read(&mut block, second * 1_000_000), Ok(Delivery::Idle));
    }
    let lost = Delivery::Lost { samples: 3 * 48_000, cause: GapCause::Device, exact: true };
    assert_eq!(source.read(&mut block, FOREVER), Ok(lost));
    assert_eq!(source.read(&mut block, FOREVER), Ok(Delivery::Samples));
    assert_eq!(block.first_us, 10_000_000);
}

#[test]
fn an_unplugged_device_is_lost_then_absent_then_back() {
    let (mut opener, clock) = opener(config(Scenario::Unplug));
    clock.advance_us(123_456);
    let mut before: Option<SourceInfo> = None;
    for cycle in 0..3 {
        let plugged_us = 123_456 + cycle * 7_000_000;
        let mut source = opener.open().unwrap();
        assert_eq!(before.get_or_insert(source.info().clone()), source.info());
        read_for(source.as_mut(), &clock, 100_000, 480 * 499);
        let mut block = SampleBlock::default();
        let died = loop {
            match source.read(&mut block, clock.now_us() + 1_000_000) {
                Ok(_) => assert!(clock.now_us() < plugged_us + 5_000_000),
                Err(error) => break error,
            }
        };
        assert_eq!((died.reaction(), clock.now_us()), (Reaction::Reopen, plugged_us + 5_000_000));
        for _ in 0..2 {
            let error = opener.open().err().unwrap();
            assert_eq!(error.reaction(), Reaction::Wait, "{error}");
            clock.advance_us(999_999);
        }
        assert!(opener.open().err().unwrap().to_string().ends_with("plugs it in again in 1 ms"));
        clock.advance_us(2);
    }
}

#[test]
fn an_unplugging_beyond_the_deadline_is_not_waited_for() {
    let (mut source, clock) = opened(config(Scenario::Unplug));
    let mut block = SampleBlock::default();
    while source.read(&mut block, 4_999_999).unwrap() == Delivery::Samples {}
    assert_eq!(clock.now_us(), 4_999_999);
    assert!(source.read(&mut block, 5_000_000).is_err());
}

#[test]
fn channels_are_taken_as_configured() {
    let mapped = |channel_a, channel_b| SourceConfig { channel_a, channel_b, ..config(Scenario::Tone) };
    let signal = SimulatedSignal::new(&config(Scenario::Tone)).unwrap();
    let (first, second): (Vec<f32>, Vec<f32>) = signal.samples(0..480).unzip();
    for (a, b, expected_a, expected_b) in [
        (1, 2, &first, second.clone()),
        (2, 1, &second, first.clone()),
        (1, 0, &first, vec![]),
        (2, 0, &second, vec![]),
    ] {
        let (mut source, clock) = opened(mapped(a, b));
        let read = read_for(source.as_mut(), &clock, FOREVER / 2, 480);
        assert_eq!((&read.0, &read.1), (expected_a, &expected_b), "{a} {b}");
        assert_eq!(source.info().channels, if b == 0 { 1 } else { 2 });
    }
    for (a, b, expected_key) in [(0, 2, "source.channel_a"), (3, 2, "source.channel_a"), (1, 3, "source.channel_b")] {
        match opener(mapped(a, b)).0.open().err() {
            Some(SourceError::Unusable { key, .. }) => assert_eq!(key, expected_key),
            other => unreachable!("{other:?}"),
        }
    }
}

#[test]
fn info_names_kind_and_scenario() {
    let (source, _) = opened(SourceConfig { pace: Pace::Factor(2.0), ..config(Scenario::Cell) });
    let info = source.info();
    assert_eq!((info.kind, info.name.as_str(), info.id.as_str()), ("sim", "simulated cell", "cell"));
    assert_eq!((info.sample_rate.hz(), info.pace), (48_000, PaceInfo::Clock { factor: 2.0 }));
}
