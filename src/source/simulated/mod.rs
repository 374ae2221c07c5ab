//! The simulated source: a seeded, deterministic photoacoustic cell, and scenarios in which a device misbehaves on cue.
//!
//! ```text
//! SourceConfig ──► SimulatedSignal (what sample n is, which n are lost: pure) ──► SimulatedSource (when it is due: Pacer)
//! ```
//!
//! Sample 0 is the first after each opening. A block is due when its last sample is, a loss when the sample after it is.

use photophone_signal::GapCause;

use super::{AudioSource, Delivery, Integrity, OpenSource, PaceInfo, Pacer, SampleBlock, SourceError, SourceInfo};
use crate::clock::SharedClock;
use crate::config::{Pace, SourceConfig};

mod cell;
mod channels;
mod losses;
mod noise;
mod phase;
pub mod scenario;
mod signal;

use channels::{Channels, MICROPHONES};

pub use scenario::{Scenario, UnknownScenario};
pub use signal::SimulatedSignal;

/// Longest block in milliseconds.
const BLOCK_MS: u64 = 10;

/// Opens the simulation; keeps what outlives one opening: since when the device of `unplug` has been plugged in and out.
pub struct SimulatedOpener {
    config: SourceConfig,
    clock: SharedClock,
    first_opened_us: Option<u64>,
}

impl SimulatedOpener {
    /// An opener for the simulation that `config` describes, paced by `clock`.
    pub fn new(config: SourceConfig, clock: SharedClock) -> Self {
        Self { config, clock, first_opened_us: None }
    }

    /// The clock of `drift` is a device's, whose rate is to be measured; all others are this machine's.
    fn told_pace(&self, scenario: Scenario, pacer: &Pacer) -> PaceInfo {
        match (scenario, self.config.pace) {
            (Scenario::Drift, Pace::Realtime) => PaceInfo::Device,
            _ => pacer.info(),
        }
    }

    /// When the device will be pulled out; none for one that stays.
    fn unplugged_at_us(&mut self, scenario: Scenario) -> Result<Option<u64>, SourceError> {
        if scenario != Scenario::Unplug {
            return Ok(None);
        }
        let now_us = self.clock.now_us();
        let plugged_us = u64::from(scenario::PLUGGED_SECS) * 1_000_000;
        let cycle_us = plugged_us + u64::from(scenario::UNPLUGGED_SECS) * 1_000_000;
        let in_cycle_us = (now_us - *self.first_opened_us.get_or_insert(now_us)) % cycle_us;
        if in_cycle_us < plugged_us {
            return Ok(Some(now_us - in_cycle_us + plugged_us));
        }
        let hint = format!("the scenario plugs it in again in {} ms", (cycle_us - in_cycle_us).div_ceil(1000));
        Err(SourceError::Absent { wanted: name(scenario), hint })
    }
}

impl OpenSource for SimulatedOpener {
    fn open(&mut self) -> Result<Box<dyn AudioSource>, SourceError> {
        let signal = SimulatedSignal::new(&self.config)?;
        let channels = Channels::new(&self.config)?;
        let unplugged_at_us = self.unplugged_at_us(signal.scenario())?;
        let pace = device_pace(signal.scenario(), self.config.pace);
        let pacer = Pacer::starting_now(self.clock.clone(), signal.sample_rate(), pace);
        Ok(Box::new(SimulatedSource {
            info: info(&signal, channels, self.told_pace(signal.scenario(), &pacer)),
            block_samples: pacer.samples_in_ms(BLOCK_MS),
            signal,
            channels,
            pacer,
            clock: self.clock.clone(),
            unplugged_at_us,
            next: 0,
        }))
    }
}

struct SimulatedSource {
    info: SourceInfo,
    signal: SimulatedSignal,
    channels: Channels,
    pacer: Pacer,
    clock: SharedClock,
    unplugged_at_us: Option<u64>,
    block_samples: u64,
    /// Index of the next sample to be delivered or lost.
    next: u64,
}

impl AudioSource for SimulatedSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut SampleBlock, deadline_us: u64) -> Result<Delivery, SourceError> {
        block.clear();
        match self.signal.next_loss(self.next) {
            Some(lost) if lost.start == self.next => self.lose(lost.end, deadline_us),
            Some(lost) => self.deliver(lost.start.min(self.next + self.block_samples), block, deadline_us),
            None => self.deliver(self.next + self.block_samples, block, deadline_us),
        }
    }
}

impl SimulatedSource {
    fn deliver(&mut self, end: u64, block: &mut SampleBlock, deadline_us: u64) -> Result<Delivery, SourceError> {
        if !self.wait_for(end - 1, deadline_us)? {
            return Ok(Delivery::Idle);
        }
        block.first_us = self.pacer.due_us(self.next);
        for microphones in self.signal.samples(self.next..end) {
            self.channels.push(microphones, block);
        }
        self.next = end;
        Ok(Delivery::Samples)
    }

    fn lose(&mut self, end: u64, deadline_us: u64) -> Result<Delivery, SourceError> {
        if !self.wait_for(end, deadline_us)? {
            return Ok(Delivery::Idle);
        }
        let samples = end - self.next;
        self.next = end;
        Ok(Delivery::Lost { samples, cause: GapCause::Device, exact: true })
    }

    /// Waits until sample `index` is due and says whether it is, unless the device is pulled out first.
    fn wait_for(&self, index: u64, deadline_us: u64) -> Result<bool, SourceError> {
        match self.unplugged_at_us {
            Some(unplugged_us) if self.pacer.due_us(index) >= unplugged_us => {
                self.clock.sleep_until_us(unplugged_us.min(deadline_us));
                if unplugged_us > deadline_us { Ok(false) } else { Err(self.pulled_out()) }
            }
            _ => Ok(self.pacer.wait_for(index, deadline_us)),
        }
    }

    fn pulled_out(&self) -> SourceError {
        SourceError::Lost { device: self.info.name.clone(), detail: "the scenario has pulled it out".into() }
    }
}

/// The pace of the device: a fast clock is paced faster than this machine's, except where there is no pace.
fn device_pace(scenario: Scenario, pace: Pace) -> Pace {
    let drift = 1.0 + scenario::DRIFT_PPM * 1e-6;
    match pace {
        Pace::Realtime if scenario == Scenario::Drift => Pace::Factor(drift),
        Pace::Factor(factor) if scenario == Scenario::Drift => Pace::Factor(factor * drift),
        other => other,
    }
}

fn info(signal: &SimulatedSignal, channels: Channels, pace: PaceInfo) -> SourceInfo {
    SourceInfo {
        kind: "sim",
        name: name(signal.scenario()),
        id: signal.scenario().word().into(),
        sample_rate: signal.sample_rate(),
        channels: channels.count(),
        device_channels: MICROPHONES,
        format: "f32".into(),
        integrity: Integrity::BitExact,
        clip_level: 1.0,
        pace,
    }
}

fn name(scenario: Scenario) -> String {
    format!("simulated {scenario}")
}

#[cfg(test)]
mod tests;
