//! The account of a viewer: what it received, held at each event against the promise of the stream, that every index of
//! an epoch is covered once, by a frame or by a gap, in order.

use std::ops::Range;

use photophone_signal::wire::FrameJson;
use photophone_signal::{Epoch, Gap, GapCause};
use serde_json::Value;
use tokio::time::timeout;

use super::client::{Events, Told};
use super::server::PATIENCE;

/// What a viewer received since it joined.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) frames: Vec<FrameJson<'static>>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) states: Vec<Value>,
    pub(crate) heartbeats: usize,
    position: Option<Position>,
}

/// Where the next frame or gap has to begin.
#[derive(Clone, Copy, Debug)]
struct Position {
    epoch: Epoch,
    sample: u64,
    /// None when the viewer itself lost frames.
    frame_number: Option<u64>,
    /// Whether the source lost the sample before.
    after_gap: bool,
}

impl Account {
    /// Enters an event. Panics when it does not follow from those before it.
    pub(crate) fn enter(&mut self, told: Told) {
        match told {
            Told::Frame(frame) => self.enter_frame(*frame),
            Told::Gap(gap) => self.enter_gap(gap),
            Told::State(state) => self.states.push(state),
            Told::Heartbeat => self.heartbeats += 1,
            other => panic!("{other:?} in the middle of a stream"),
        }
    }

    fn enter_frame(&mut self, frame: FrameJson<'static>) {
        if let Some(position) = self.position {
            assert_eq!((frame.epoch, frame.first_sample), (position.epoch, position.sample), "{:?}", self.gaps.last());
            assert!(position.frame_number.is_none_or(|number| number == frame.frame_number), "{position:?}");
            assert_eq!(is_flagged(&frame, "after_gap"), position.after_gap, "{position:?}");
        }
        assert!(frame.channel_b.is_empty() || frame.channel_b.len() == frame.channel_a.len());
        self.position = Some(Position {
            epoch: frame.epoch,
            sample: frame.first_sample + frame.channel_a.len() as u64,
            frame_number: Some(frame.frame_number + 1),
            after_gap: false,
        });
        self.frames.push(frame);
    }

    fn enter_gap(&mut self, gap: Gap) {
        if let Some(position) = self.position {
            assert_eq!((gap.epoch, gap.from_sample), (position.epoch, position.sample), "{gap:?}");
        }
        assert!(gap.samples() != Some(0), "{gap:?}");
        let (epoch, sample) = match (gap.to_sample, gap.next_epoch) {
            (Some(to_sample), None) => (gap.epoch, to_sample),
            (None, Some(next_epoch)) => (next_epoch, 0),
            _ => panic!("{gap:?}"),
        };
        let by_source = gap.cause != GapCause::Subscriber;
        let frame_number = self.position.and_then(|position| position.frame_number).filter(|_| by_source);
        self.position = Some(Position { epoch, sample, frame_number, after_gap: by_source });
        self.gaps.push(gap);
    }

    /// Index of the first sample that is accounted for by a frame, and of the first one after all that is.
    pub(crate) fn extent(&self) -> Range<u64> {
        let first = self.frames.first().expect("a frame").first_sample;
        first..self.position.expect("a frame").sample
    }

    /// Whether all up to sample `end` is accounted for.
    pub(crate) fn reaches(&self, end: u64) -> bool {
        self.position.is_some_and(|position| position.sample >= end)
    }

    /// The only epoch there was.
    pub(crate) fn epoch(&self) -> Epoch {
        let epoch = self.frames.first().expect("a frame").epoch;
        assert!(self.frames.iter().all(|frame| frame.epoch == epoch), "one epoch");
        epoch
    }

    /// Samples per channel received.
    pub(crate) fn samples(&self) -> u64 {
        self.frames.iter().map(|frame| frame.channel_a.len() as u64).sum()
    }

    /// Holds every sample of both channels against what it must be, to the bit; `truth` gives the samples of a range
    /// of indices, with as many in B as in A or none.
    pub(crate) fn hold_against(&self, truth: impl Fn(Range<u64>) -> (Vec<f32>, Vec<f32>)) {
        for frame in &self.frames {
            let (a, b) = truth(indices(frame));
            assert_same(&frame.channel_a, &a, frame, "A");
            assert_same(&frame.channel_b, &b, frame, "B");
        }
    }

    /// States told, in order, each once; without the start, which only a viewer that comes early is told.
    pub(crate) fn state_words(&self) -> Vec<&str> {
        let words = self.states.iter().filter_map(|state| state["state"].as_str());
        let mut words: Vec<&str> = words.skip_while(|word| *word == "starting").collect();
        words.dedup();
        words
    }
}

impl Events {
    /// Receives until the account is `enough`.
    pub(crate) async fn account(&mut self, enough: impl Fn(&Account) -> bool) -> Account {
        let mut account = Account::default();
        self.enter_into(&mut account, enough).await;
        account
    }

    /// Receives into `account` until it is `enough`.
    pub(crate) async fn enter_into(&mut self, account: &mut Account, enough: impl Fn(&Account) -> bool) {
        let receiving = async {
            while !enough(account) {
                account.enter(self.next().await.expect("the stream ended"));
            }
        };
        // Heartbeats alone are no progress.
        timeout(2 * PATIENCE, receiving).await.expect("waited in vain for what was to come");
    }

    /// Receives into `account` until it has `frames` more.
    pub(crate) async fn enter_more(&mut self, account: &mut Account, frames: usize) {
        let wanted = account.frames.len() + frames;
        self.enter_into(account, |account| account.frames.len() >= wanted).await;
    }
}

/// Indices of the samples of a frame.
pub(crate) fn indices(frame: &FrameJson<'_>) -> Range<u64> {
    frame.first_sample..frame.first_sample + frame.channel_a.len() as u64
}

pub(crate) fn is_flagged(frame: &FrameJson<'_>, flag: &str) -> bool {
    frame.flags.iter().any(|set| set == flag)
}

fn assert_same(received: &[f32], truth: &[f32], frame: &FrameJson<'_>, channel: &str) {
    assert_eq!(received.len(), truth.len(), "samples of channel {channel} in frame {}", frame.frame_number);
    let differs = received.iter().zip(truth).position(|(received, truth)| received.to_bits() != truth.to_bits());
    if let Some(at) = differs {
        let index = frame.first_sample + at as u64;
        panic!("sample {index} of channel {channel} is {:?} and should be {:?}", received[at], truth[at]);
    }
}
