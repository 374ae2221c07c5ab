//! The thread of a feed: reads the stream, lets the representation make events of it, publishes them.

use std::sync::Arc;
use std::time::Duration;

use photophone_signal::{AudioFrame, Gap, SampleIndex};

use super::cost::CostMeter;
use super::event::{Content, FeedEvent};
use super::{EndReason, Representation, Shared};
use crate::logging::LogEvery;
use crate::stream::{Covers, Demand, Ended, Idle, Next, Reader, StateChange, StreamItem};

/// A feed that falls behind does so because the machine is overloaded: its log must not add to it.
const LAG_LOG_INTERVAL: Duration = Duration::from_secs(1);

/// Longest wait for the stream before the feed looks whether anybody still wants it.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

pub(super) struct Worker {
    shared: Arc<Shared>,
    representation: Box<dyn Representation>,
    fast_patience_us: u64,
    lag_log: LogEvery,
    cost: CostMeter,
    /// What the representation has made of the item at hand; kept for its memory.
    contents: Vec<Box<dyn Content>>,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        representation: Box<dyn Representation>,
        fast_patience_us: u64,
        cost: CostMeter,
    ) -> Self {
        let lag_log = LogEvery::new(Arc::clone(&shared.clock), LAG_LOG_INTERVAL);
        Self { shared, representation, fast_patience_us, lag_log, cost, contents: Vec::new() }
    }

    /// Runs until the stream ends, the feed costs too much or cannot work, or `is_over` says that nobody wants it any more.
    pub(super) fn run(
        mut self,
        mut source: Reader<StreamItem>,
        state: Option<Arc<StateChange>>,
        is_over: impl Fn() -> bool,
    ) -> EndReason {
        self.begin(source.end(), state);
        loop {
            match source.next_within(LOOK_INTERVAL) {
                Ok(Some(next)) => self.pass(next),
                Ok(None) => {}
                Err(Ended) => {
                    self.finish();
                    return EndReason::StreamEnded;
                }
            }
            // What viewers have written meanwhile may be too much.
            self.shared.ring.trim();
            self.shared.set_taken(source.position());
            // What lies in the history may have come from another source than the one that runs.
            if source.position() > self.shared.caught_up_at
                && let Some(refusal) = self.representation.refusal()
            {
                return EndReason::Refused(refusal.into());
            }
            if self.cost.is_too_high() {
                return EndReason::TooCostly;
            }
            if is_over() {
                return EndReason::Unwatched;
            }
        }
    }

    /// Begins the events at `end`, up to where the stream keeps nothing any more, with the state that held there.
    fn begin(&self, end: Option<SampleIndex>, state: Option<Arc<StateChange>>) {
        let skip = || end.into_iter().for_each(|end| self.shared.ring.skip(end));
        // Who comes back from before it has missed what lies between.
        skip();
        if let Some(state) = state {
            self.publish(FeedEvent::state(state));
            // The epoch of that state may have ended before it: it does not begin here.
            skip();
        }
    }

    fn pass(&mut self, next: Next<StreamItem>) {
        match next {
            Next::Item(StreamItem::Frame(frame)) => self.pass_frame(&frame),
            Next::Item(StreamItem::Gap(gap)) => self.pass_gap(&gap),
            Next::Item(StreamItem::State(change)) => self.pass_state(change),
            Next::Missed(gap) => {
                self.log_lag(&gap);
                self.pass_gap(&gap);
            }
        }
    }

    fn pass_frame(&mut self, frame: &Arc<AudioFrame>) {
        self.representation.add(frame, &mut self.contents);
        if self.contents.is_empty()
            && let Some(end) = self.representation.passes_over(frame)
        {
            self.shared.ring.skip(end);
        }
        self.publish_contents();
        self.cost.add(frame.duration_us());
        self.shared.load.store(self.cost.load());
    }

    fn pass_gap(&mut self, gap: &Gap) {
        let gap = self.representation.interrupt(gap, &mut self.contents);
        self.publish_contents();
        self.publish_gap(gap);
    }

    fn pass_state(&mut self, change: Arc<StateChange>) {
        if change.state.ends_samples() {
            self.finish();
        }
        self.publish(FeedEvent::state(change));
    }

    /// Publishes what the representation has held back of the samples that came.
    fn finish(&mut self) {
        let gap = self.representation.finish(&mut self.contents);
        self.publish_contents();
        if let Some(gap) = gap {
            self.publish_gap(gap);
        }
    }

    fn publish_gap(&self, gap: Gap) {
        // Nothing stands for what was left out before it.
        self.shared.ring.skip(SampleIndex { epoch: gap.epoch, sample: gap.from_sample });
        self.publish(FeedEvent::gap(gap));
    }

    fn publish_contents(&mut self) {
        let mut contents = std::mem::take(&mut self.contents);
        for content in contents.drain(..) {
            if let Some(start) = content.start() {
                self.shared.ring.skip(start);
            }
            self.publish(FeedEvent::data(content));
        }
        self.contents = contents;
    }

    fn publish(&self, event: FeedEvent) {
        self.shared.forms.write_wanted(&event, self.shared.number);
        self.wait_for_room(event.size_bytes());
        event.count_late(self.shared.ring.late_bytes());
        self.shared.ring.publish(event);
    }

    fn wait_for_room(&self, bytes: usize) {
        let gate = self.shared.ring.gate();
        let shut = self.shared.stream.gate().is_shut();
        if gate.is_shut() != shut {
            gate.set_shut(shut);
        }
        let ended = || self.shared.stream.is_closed();
        let demand = Demand { bytes, patience_us: self.fast_patience_us, idle: Idle::Pass };
        gate.wait_for_room(&*self.shared.clock, demand, ended);
    }

    fn log_lag(&mut self, gap: &Gap) {
        // At pace fast nobody waits for a feed that nobody watches: nothing is lost then.
        let level = if self.shared.is_watched() { log::Level::Error } else { log::Level::Debug };
        if let Some(suppressed) = self.lag_log.pass() {
            log::log!(level, feed = self.shared.number, from_sample = gap.from_sample, to_sample:? = gap.to_sample,
                suppressed; "Feed fell behind the stream");
        }
    }
}
