//! Readers of a ring: where they start, what they are told when items are gone, and what the ring keeps.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use photophone_signal::{Epoch, Gap, GapCause, SampleIndex};
use proptest::prelude::*;

use super::{Audience, Bounds, Covers, History, Lateness, Next, Reader, Start};

/// Samples of one item.
const LENGTH: u64 = 10;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Item {
    /// Samples from here on.
    Frame(SampleIndex),
    /// Nothing from the first to before the second.
    Gap(SampleIndex, SampleIndex),
    State(Epoch),
}

impl Covers for Item {
    fn end(&self) -> Option<SampleIndex> {
        match self {
            Self::Frame(first) => Some(SampleIndex { sample: first.sample + LENGTH, ..*first }),
            Self::Gap(_, end) => Some(*end),
            Self::State(_) => None,
        }
    }

    fn id(&self) -> Option<SampleIndex> {
        match self {
            Self::Frame(first) => Some(*first),
            Self::Gap(..) | Self::State(_) => None,
        }
    }

    fn state_epoch(&self) -> Option<Epoch> {
        match self {
            Self::State(epoch) => Some(*epoch),
            Self::Frame(_) | Self::Gap(..) => None,
        }
    }

    fn size_bytes(&self) -> usize {
        100
    }

    fn duration_us(&self) -> u64 {
        if self.id().is_some() { 1000 } else { 0 }
    }
}

fn epoch(id: u8) -> Epoch {
    Epoch::from_random_bytes([id; 16])
}

fn at(id: u8, sample: u64) -> SampleIndex {
    SampleIndex { epoch: epoch(id), sample }
}

fn ring(bounds: Bounds) -> Arc<History<Item>> {
    History::new(bounds, Arc::new(Audience::default()))
}

/// Keeps `items` frames.
fn keeping(items: u64) -> Arc<History<Item>> {
    ring(Bounds { lag_items: items, history_us: 0, history_bytes: u64::MAX })
}

fn publish(ring: &History<Item>, id: u8, numbers: std::ops::Range<u64>) {
    for number in numbers {
        ring.publish(Item::Frame(at(id, number * LENGTH)));
    }
}

fn read(reader: &mut Reader<Item>) -> Vec<Next<Item>> {
    std::iter::from_fn(|| reader.next_within(Duration::ZERO).ok().flatten()).collect()
}

fn frame(id: u8, number: u64) -> Next<Item> {
    Next::Item(Item::Frame(at(id, number * LENGTH)))
}

fn missed(from: SampleIndex, to_sample: Option<u64>, next_epoch: Option<Epoch>, cause: GapCause) -> Next<Item> {
    let exact = cause != GapCause::History && to_sample.is_some();
    Next::Missed(Gap { epoch: from.epoch, from_sample: from.sample, to_sample, cause, exact, next_epoch })
}

#[test]
fn a_reader_that_comes_back_goes_on_after_its_last_frame() {
    let ring = keeping(100);
    publish(&ring, 1, 0..6);
    let (mut reader, _) = ring.subscribe(Start::After(at(1, 20)), Lateness::Skip);
    assert_eq!(read(&mut reader), [frame(1, 3), frame(1, 4), frame(1, 5)]);
    let (mut newest, _) = ring.subscribe(Start::After(at(1, 50)), Lateness::Skip);
    assert_eq!(read(&mut newest), []);
    let (mut beyond, _) = ring.subscribe(Start::After(at(1, 5000)), Lateness::Skip);
    assert_eq!(read(&mut beyond), [], "an id that was never given starts like a new viewer");
    publish(&ring, 1, 6..7);
    assert_eq!((read(&mut newest), read(&mut beyond)), (vec![frame(1, 6)], vec![frame(1, 6)]));
}

#[test]
fn an_id_of_other_parameters_goes_on_with_the_next_larger_one() {
    let ring = keeping(3);
    publish(&ring, 1, 0..6);
    for (id, first) in [(35, 4), (29, 3), (25, 3)] {
        let (mut reader, _) = ring.subscribe(Start::After(at(1, id)), Lateness::Skip);
        assert_eq!(read(&mut reader).first(), Some(&frame(1, first)), "{id}");
    }
}

#[test]
fn the_frame_just_dropped_still_counts_as_known() {
    let ring = keeping(3);
    publish(&ring, 1, 0..6);
    let (mut reader, _) = ring.subscribe(Start::After(at(1, 20)), Lateness::Skip);
    assert_eq!(read(&mut reader)[0], frame(1, 3));
}

#[test]
fn a_gap_dropped_after_the_known_frame_is_told() {
    for (end, next_epoch) in [(at(1, 50), None), (at(2, 0), Some(epoch(2)))] {
        let ring = keeping(3);
        publish(&ring, 1, 0..3);
        ring.publish(Item::Gap(at(1, 30), end));
        for number in 0..3 {
            ring.publish(Item::Frame(SampleIndex { sample: end.sample + number * LENGTH, ..end }));
        }
        let (mut reader, _) = ring.subscribe(Start::After(at(1, 20)), Lateness::Skip);
        let to_sample = next_epoch.is_none().then_some(50);
        let gap = Gap {
            epoch: epoch(1),
            from_sample: 30,
            to_sample,
            cause: GapCause::History,
            exact: to_sample.is_some(),
            next_epoch,
        };
        assert_eq!(read(&mut reader)[..2], [Next::Missed(gap), Next::Item(Item::Frame(end))]);
    }
}

#[test]
fn what_is_passed_over_behind_the_gap_of_a_reader_that_comes_back_is_told_up_to_its_first_frame() {
    let ring = keeping(100);
    ring.publish(Item::State(epoch(1)));
    ring.skip(at(1, 155));
    let (mut back, _) = ring.subscribe(Start::After(at(1, 60)), Lateness::Skip);
    let (mut new, _) = ring.subscribe(Start::Newest, Lateness::Skip);
    ring.publish(Item::State(epoch(1)));
    ring.skip(at(1, 180));
    publish(&ring, 1, 18..19);
    ring.skip(at(1, 200));
    publish(&ring, 1, 20..21);
    let known = Gap {
        epoch: epoch(1),
        from_sample: 155,
        to_sample: Some(180),
        cause: GapCause::History,
        exact: true,
        next_epoch: None,
    };
    let items = [Next::Item(Item::State(epoch(1))), frame(1, 18), frame(1, 20)];
    let expected =
        [&[missed(at(1, 60), Some(155), None, GapCause::History), items[0].clone(), Next::Missed(known)], &items[1..]];
    assert_eq!(read(&mut back), expected.concat());
    assert_eq!(read(&mut new), items);
}

#[test]
fn what_is_older_than_the_history_is_told_as_missing() {
    let ring = keeping(3);
    publish(&ring, 1, 0..6);
    let (mut reader, _) = ring.subscribe(Start::After(at(1, 10)), Lateness::Skip);
    let told = read(&mut reader);
    assert_eq!(told[..2], [missed(at(1, 10), Some(30), None, GapCause::History), frame(1, 3)]);
}

#[test]
fn another_epoch_is_told_with_the_one_that_follows() {
    let ring = keeping(3);
    ring.publish(Item::State(epoch(2)));
    publish(&ring, 2, 0..6);
    let (mut reader, _) = ring.subscribe(Start::After(at(1, 70)), Lateness::Skip);
    let told = read(&mut reader);
    let expected = [
        missed(at(1, 70), None, Some(epoch(2)), GapCause::History),
        missed(at(2, 0), Some(30), None, GapCause::History),
        frame(2, 3),
    ];
    assert_eq!(told[..3], expected);
}

#[test]
fn an_epoch_that_ended_within_the_history_is_continued() {
    let ring = keeping(100);
    publish(&ring, 1, 0..3);
    ring.publish(Item::State(epoch(2)));
    publish(&ring, 2, 0..2);
    let (mut reader, _) = ring.subscribe(Start::After(at(1, 10)), Lateness::Skip);
    let expected = [frame(1, 2), Next::Item(Item::State(epoch(2))), frame(2, 0), frame(2, 1)];
    assert_eq!(read(&mut reader), expected);
    let (mut last, _) = ring.subscribe(Start::After(at(1, 20)), Lateness::Skip);
    assert_eq!(read(&mut last), expected[1..]);
}

#[test]
fn a_late_reader_skips_to_the_newest_and_a_patient_one_does_not() {
    let ring = ring(Bounds { lag_items: 4, ..Bounds::default() });
    let (mut live, _) = ring.subscribe(Start::Newest, Lateness::Skip);
    let (mut lossless, _) = ring.subscribe(Start::Newest, Lateness::CatchUp);
    publish(&ring, 1, 0..10);
    assert_eq!(read(&mut live), [missed(at(1, 0), Some(90), None, GapCause::Subscriber), frame(1, 9)]);
    assert_eq!(read(&mut lossless), (0..10).map(|number| frame(1, number)).collect::<Vec<_>>());
}

#[test]
fn a_reader_that_catches_up_is_not_late() {
    let ring = ring(Bounds { lag_items: 4, ..Bounds::default() });
    publish(&ring, 1, 0..10);
    let (mut reader, _) = ring.subscribe(Start::Oldest, Lateness::Skip);
    assert_eq!(read(&mut reader).len(), 10);
    publish(&ring, 1, 10..20);
    assert_eq!(read(&mut reader).len(), 2, "from then on it has to keep up");
}

#[test]
fn changes_of_state_that_were_missed_are_no_samples() {
    let ring = keeping(2);
    let (mut reader, _) = ring.subscribe(Start::Newest, Lateness::Skip);
    publish(&ring, 1, 0..1);
    assert_eq!(read(&mut reader), [frame(1, 0)]);
    for _ in 0..5 {
        ring.publish(Item::State(epoch(1)));
    }
    assert_eq!(read(&mut reader), [Next::Item(Item::State(epoch(1))), Next::Item(Item::State(epoch(1)))]);
}

#[test]
fn a_state_that_was_missed_is_told_after_the_gap() {
    let ring = keeping(2);
    let (mut reader, _) = ring.subscribe(Start::Newest, Lateness::Skip);
    publish(&ring, 1, 0..1);
    assert_eq!(read(&mut reader), [frame(1, 0)]);
    publish(&ring, 1, 1..2);
    ring.publish(Item::State(epoch(2)));
    publish(&ring, 2, 0..3);
    let expected = [
        missed(at(1, 10), None, Some(epoch(2)), GapCause::Subscriber),
        missed(at(2, 0), Some(20), None, GapCause::Subscriber),
        Next::Item(Item::State(epoch(2))),
        frame(2, 2),
    ];
    assert_eq!(read(&mut reader), expected);
}

#[test]
fn losses_are_counted_in_frames_at_once_and_once() {
    let audience = Arc::new(Audience::default());
    let ring = History::new(Bounds { lag_items: 2, history_us: 0, history_bytes: u64::MAX }, Arc::clone(&audience));
    let (mut reader, _) = ring.subscribe(Start::Newest, Lateness::CatchUp);
    publish(&ring, 1, 0..3);
    ring.publish(Item::State(epoch(1)));
    publish(&ring, 1, 3..4);
    assert_eq!(audience.dropped_frames(), 3, "a state is no frame");
    publish(&ring, 1, 4..7);
    assert_eq!(audience.dropped_frames(), 5);
    read(&mut reader);
    assert_eq!(audience.dropped_frames(), 5);
    publish(&ring, 1, 7..11);
    drop(reader);
    assert_eq!((audience.dropped_frames(), audience.subscribers()), (7, 0));
}

#[test]
fn the_state_is_that_of_the_place_and_outlives_its_item() {
    let ring = keeping(3);
    ring.publish(Item::State(epoch(1)));
    publish(&ring, 1, 0..2);
    ring.publish(Item::State(epoch(2)));
    let state_after = |start| ring.subscribe(start, Lateness::Skip).1;
    assert_eq!(state_after(Start::Oldest), Some(Item::State(epoch(1))));
    assert_eq!(state_after(Start::Newest), Some(Item::State(epoch(2))));
    publish(&ring, 2, 0..9);
    assert_eq!(state_after(Start::Oldest), Some(Item::State(epoch(2))));
}

#[test]
fn history_is_bounded_in_time_and_in_bytes() {
    let timed = ring(Bounds { lag_items: 2, history_us: 5000, history_bytes: u64::MAX });
    publish(&timed, 1, 0..20);
    assert_eq!(timed.held(), (5, 500, 5000));
    let sized = ring(Bounds { lag_items: 1000, history_us: u64::MAX, history_bytes: 300 });
    publish(&sized, 1, 0..20);
    assert_eq!(sized.held(), (3, 300, 3000));
}

#[test]
fn another_run_is_told_with_the_epoch_that_comes_first() {
    let ring = keeping(100);
    for id in [2, 3] {
        ring.publish(Item::State(epoch(id)));
        publish(&ring, id, 0..2);
    }
    let (mut reader, _) = ring.subscribe(Start::After(at(1, 70)), Lateness::Skip);
    assert_eq!(read(&mut reader)[0], missed(at(1, 70), None, Some(epoch(2)), GapCause::History));
}

#[test]
fn an_id_before_the_first_frame_of_its_epoch_goes_on_there() {
    let ring = keeping(5);
    publish(&ring, 1, 0..5);
    ring.publish(Item::State(epoch(2)));
    publish(&ring, 2, 3..5);
    let (mut reader, _) = ring.subscribe(Start::After(at(2, 7)), Lateness::Skip);
    assert_eq!(read(&mut reader), [frame(2, 3), frame(2, 4)], "and not with another epoch");
}

#[test]
fn who_comes_back_to_an_epoch_of_which_nothing_was_made_yet_is_told() {
    let ring = keeping(100);
    ring.publish(Item::State(epoch(1)));
    ring.skip(at(1, 500));
    let (mut reader, _) = ring.subscribe(Start::After(at(1, 20)), Lateness::Skip);
    publish(&ring, 1, 50..51);
    assert_eq!(read(&mut reader), [missed(at(1, 20), Some(500), None, GapCause::History), frame(1, 50)]);
}

#[test]
fn what_is_written_late_drops_nothing_that_somebody_has_yet_to_read_at_pace_fast() {
    for (is_fast, left) in [(true, 3), (false, 1)] {
        let ring = ring(Bounds { lag_items: 1000, history_us: u64::MAX, history_bytes: 300 });
        ring.gate().set_shut(is_fast);
        publish(&ring, 1, 0..3);
        ring.late_bytes().fetch_add(1000, Ordering::SeqCst);
        ring.trim();
        assert_eq!(ring.held().0, left, "fast: {is_fast}");
    }
}

#[test]
fn a_reader_that_is_late_at_each_turn_gets_a_frame_after_each_gap() {
    let ring = keeping(4);
    let mut reader = ring.subscribe(Start::Newest, Lateness::CatchUp).0;
    let mut frames = 0;
    for turn in 0..100 {
        publish(&ring, 1, 5 * turn..5 * turn + 5);
        frames += u32::from(matches!(reader.next_within(Duration::ZERO), Ok(Some(Next::Item(_)))));
    }
    assert_eq!(frames, 50);
}

#[test]
fn whom_the_end_of_the_history_has_overtaken_gets_ahead_of_it() {
    let ring = keeping(80);
    let mut reader = ring.subscribe(Start::Newest, Lateness::CatchUp).0;
    publish(&ring, 1, 0..100);
    assert_eq!(reader.next_blocking(), Some(missed(at(1, 0), Some(300), None, GapCause::Subscriber)));
    for number in 0..50 {
        publish(&ring, 1, 100 + number..101 + number);
        assert_eq!(reader.next_blocking(), Some(frame(1, 30 + number)), "as fast as the publisher, it loses no more");
    }
}

#[test]
fn a_reader_that_stays_slower_than_the_publisher_is_told_in_few_gaps() {
    let ring = keeping(80);
    let mut reader = ring.subscribe(Start::Newest, Lateness::CatchUp).0;
    let mut gaps = 0;
    for turn in 0..500 {
        publish(&ring, 1, 11 * turn..11 * turn + 11);
        let taken = (0..10).filter_map(|_| reader.next_within(Duration::ZERO).unwrap());
        gaps += taken.filter(|next| matches!(next, Next::Missed(_))).count();
    }
    assert!((30..=100).contains(&gaps), "{gaps} gaps for some 500 lost frames, ten to a gap");
}

#[test]
fn a_reader_with_a_loss_to_be_told_has_not_reached_what_follows_it() {
    let ring = keeping(2);
    ring.publish(Item::State(epoch(1)));
    let mut reader = ring.subscribe(Start::Newest, Lateness::Skip).0;
    publish(&ring, 1, 0..1);
    ring.publish(Item::State(epoch(2)));
    publish(&ring, 2, 0..3);
    let told = std::iter::from_fn(|| Some((reader.next_within(Duration::ZERO).ok()??, reader.position())));
    let told: Vec<_> = told.collect();
    let expected = [
        (missed(at(1, 0), None, Some(epoch(2)), GapCause::Subscriber), 5),
        (missed(at(2, 0), Some(20), None, GapCause::Subscriber), 5),
        (Next::Item(Item::State(epoch(2))), 5),
        (frame(2, 2), 6),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_reader_that_comes_back_to_gaps_has_taken_nothing_yet() {
    let ring = keeping(3);
    ring.publish(Item::State(epoch(2)));
    publish(&ring, 2, 0..6);
    let mut reader = ring.subscribe(Start::After(at(1, 70)), Lateness::Skip).0;
    assert_eq!(reader.position(), 4);
    assert!(matches!(reader.next_blocking(), Some(Next::Missed(_))));
    assert_eq!(reader.position(), 4);
}

/// What somebody does to a ring.
#[derive(Clone, Debug)]
enum Step {
    Publish,
    /// The samples of an item are lost.
    Lose,
    NextEpoch,
    Take,
    /// Leaves and comes back with the id of its last frame.
    Return,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Publish),
        1 => Just(Step::Lose),
        1 => Just(Step::NextEpoch),
        5 => Just(Step::Take),
        1 => Just(Step::Return),
    ];
    prop::collection::vec(step, 0..300)
}

/// What was published, and how far a reader has got in it.
struct Model {
    /// Where each epoch ended or has come to.
    ends: Vec<u64>,
    covered: (u8, u64),
    taken_frames: u64,
}

impl Model {
    fn epoch(&self) -> u8 {
        (self.ends.len() - 1) as u8
    }

    /// The next place to publish at.
    fn advance(&mut self) -> (SampleIndex, SampleIndex) {
        let id = self.epoch();
        let end = &mut self.ends[usize::from(id)];
        let from = at(id, *end);
        *end += LENGTH;
        (from, at(id, *end))
    }

    /// Whether nothing lies between what is covered and `from`. An epoch may end without a word: only a state tells that
    /// the next one begins.
    fn is_next(&self, from: SampleIndex) -> bool {
        let (id, sample) = self.covered;
        let begun = (id..=self.epoch()).find(|begun| epoch(*begun) == from.epoch);
        match begun {
            None => false,
            Some(begun) if begun == id => sample == from.sample,
            Some(begun) => {
                let between = &self.ends[usize::from(id) + 1..usize::from(begun)];
                from.sample == 0 && sample == self.ends[usize::from(id)] && between.iter().all(|end| *end == 0)
            }
        }
    }

    fn cover(&mut self, end: SampleIndex) {
        let id = (0..=self.epoch()).find(|id| epoch(*id) == end.epoch);
        self.covered = (id.unwrap(), end.sample);
    }

    fn enter(&mut self, next: Next<Item>) -> Result<(), TestCaseError> {
        match next {
            Next::Item(Item::State(_)) => {}
            Next::Item(Item::Frame(first)) => {
                prop_assert!(self.is_next(first), "{first:?} after {:?}", self.covered);
                self.taken_frames += 1;
                self.cover(SampleIndex { sample: first.sample + LENGTH, ..first });
            }
            Next::Item(Item::Gap(from, end)) => {
                prop_assert!(self.is_next(from), "{from:?} after {:?}", self.covered);
                self.cover(end);
            }
            Next::Missed(gap) => {
                let from = SampleIndex { epoch: gap.epoch, sample: gap.from_sample };
                // After a return the gap counts from the beginning of the last frame.
                let is_inexact =
                    gap.cause == GapCause::History && from == at(self.covered.0, self.covered.1.saturating_sub(LENGTH));
                prop_assert!(self.is_next(from) || is_inexact, "{gap:?} after {:?}", self.covered);
                self.cover(super::end_of_gap(&gap).unwrap());
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn frames_and_gaps_cover_every_sample_once_in_order(steps in steps(), kept in 1_u64..20, patient: bool) {
        let audience = Arc::new(Audience::default());
        let bounds = Bounds { lag_items: kept, history_us: 0, history_bytes: u64::MAX };
        let ring = History::new(bounds, Arc::clone(&audience));
        let lateness = if patient { Lateness::CatchUp } else { Lateness::Skip };
        ring.publish(Item::State(epoch(0)));
        let mut reader = ring.subscribe(Start::Newest, lateness).0;
        let mut model = Model { ends: vec![0], covered: (0, 0), taken_frames: 0 };
        let (mut published, mut dropped, mut last) = (0, 0, None);
        let (mut returned, mut over) = (false, false);
        for step in steps {
            match step {
                Step::Publish => {
                    ring.publish(Item::Frame(model.advance().0));
                    published += 1;
                }
                Step::Lose => {
                    let (from, end) = model.advance();
                    ring.publish(Item::Gap(from, end));
                }
                Step::NextEpoch if model.epoch() < 250 => {
                    model.ends.push(0);
                    ring.publish(Item::State(epoch(model.epoch())));
                }
                Step::NextEpoch => {}
                Step::Take => {
                    if let Some(next) = reader.next_within(Duration::ZERO).unwrap() {
                        if let Next::Item(Item::Frame(first)) = &next {
                            last = Some(*first);
                        }
                        model.enter(next)?;
                    }
                }
                Step::Return => {
                    if let Some(first) = last {
                        reader = ring.subscribe(Start::After(first), lateness).0;
                        model.cover(SampleIndex { sample: first.sample + LENGTH, ..first });
                        returned = true;
                    }
                }
            }
            let now = audience.dropped_frames();
            prop_assert!(now >= dropped, "{now} after {dropped}");
            dropped = now;
        }
        while !over {
            match reader.next_within(Duration::ZERO).unwrap() {
                Some(next) => model.enter(next)?,
                None => over = true,
            }
        }
        prop_assert!(model.is_next(at(model.epoch(), model.ends[usize::from(model.epoch())])), "the end is missing");
        prop_assert!(returned || audience.dropped_frames() + model.taken_frames == published);
    }
}
