//! Tells as events what happens to the stream: states of the daemon, a device that goes and comes, gaps, xruns, clipping.

use std::sync::Arc;

use photophone_signal::{AudioFrame, Epoch, Gap, GapCause};
use serde::Serialize;

use crate::events::{Events, SERVER};
use crate::stream::{DaemonState, Lateness, Next, SharedAudioStream, Start, StateChange, StreamItem};

/// Clipping that pauses for less is told once.
const CLIPPING_PAUSE_US: u64 = 1_000_000;

/// Where clipping began.
#[derive(Serialize)]
struct Clipping {
    epoch: Epoch,
    first_sample: u64,
    frame_number: u64,
}

/// Reads the stream, and tells what happens to it. Ends with the stream.
pub(crate) async fn tell_of_stream(stream: SharedAudioStream, events: Events) {
    let (mut reader, state) = stream.subscribe_internally(Start::Oldest, Lateness::CatchUp);
    let (mut device, mut clipping) = (DeviceWatch::default(), ClippingWatch::default());
    if let Some(state) = state {
        tell_state(&events, &state, &mut device);
    }
    while let Some(next) = reader.next().await {
        match next {
            Next::Item(StreamItem::Frame(frame)) => {
                if clipping.begins(frame.flags.clipped, frame.monotonic_us) {
                    let AudioFrame { epoch, first_sample, frame_number, .. } = *frame;
                    events.tell("source.clipping", SERVER, &Clipping { epoch, first_sample, frame_number });
                }
            }
            Next::Item(StreamItem::Gap(gap)) => tell_gap(&events, &gap),
            Next::Item(StreamItem::State(state)) => tell_state(&events, &state, &mut device),
            // Frames that this reader was too late for are lost to nobody else.
            Next::Missed(_) => {}
        }
    }
}

fn tell_gap(events: &Events, gap: &Gap) {
    events.tell("stream.gap", SERVER, gap);
    if gap.cause == GapCause::Device {
        events.tell("source.xrun", SERVER, gap);
    }
}

fn tell_state(events: &Events, state: &Arc<StateChange>, device: &mut DeviceWatch) {
    events.tell("daemon.state", SERVER, &**state);
    if let Some(event) = device.turns(state.state) {
        events.tell(event, SERVER, &**state);
    }
}

/// Tells when the source goes, and when it is there again.
#[derive(Default)]
struct DeviceWatch {
    is_away: bool,
}

impl DeviceWatch {
    /// The event that a change to `state` is, if it is one.
    fn turns(&mut self, state: DaemonState) -> Option<&'static str> {
        let was_away = self.is_away;
        self.is_away = match state {
            DaemonState::Reopening | DaemonState::WaitingForDevice => true,
            DaemonState::Running | DaemonState::Silent => false,
            // It does not say whether the source is there.
            DaemonState::Starting | DaemonState::Stalled | DaemonState::Finished | DaemonState::Failed => was_away,
        };
        match (was_away, self.is_away) {
            // One that was never there is not lost.
            (false, true) if state == DaemonState::Reopening => Some("device.lost"),
            (true, false) => Some("device.found"),
            _ => None,
        }
    }
}

/// Tells the beginning of clipping from what is more of it.
#[derive(Default)]
struct ClippingWatch {
    last_us: Option<u64>,
}

impl ClippingWatch {
    /// With a frame that begins at `monotonic_us`.
    fn begins(&mut self, is_clipped: bool, monotonic_us: u64) -> bool {
        if !is_clipped {
            return false;
        }
        let last_us = self.last_us.replace(monotonic_us);
        last_us.is_none_or(|last_us| monotonic_us.saturating_sub(last_us) > CLIPPING_PAUSE_US)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_lost_once_and_found_once() {
        use DaemonState::{Failed, Reopening, Running, Silent, Stalled, Starting, WaitingForDevice};
        let told = |states: &[DaemonState]| {
            let mut device = DeviceWatch::default();
            states.iter().filter_map(|state| device.turns(*state)).collect::<Vec<_>>()
        };
        assert_eq!(told(&[Starting, Running, Silent, Running]), [""; 0]);
        assert_eq!(told(&[Running, Stalled, Reopening, Stalled, Reopening, Silent]), ["device.lost", "device.found"]);
        assert_eq!(told(&[Starting, WaitingForDevice, Running]), ["device.found"]);
        assert_eq!(told(&[Running, Reopening, Failed]), ["device.lost"]);
    }

    #[test]
    fn clipping_is_told_again_after_a_second_without() {
        let mut clipping = ClippingWatch::default();
        let frames =
            [(true, 0), (true, 900_000), (false, 1_000_000), (true, 1_900_000), (true, 2_900_001), (true, 3_000_000)];
        assert_eq!(
            frames.map(|(is_clipped, at_us)| clipping.begins(is_clipped, at_us)),
            [true, false, false, false, true, false]
        );
    }
}
