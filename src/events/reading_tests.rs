//! A reader that comes back: after a while, after more than memory holds, after another run of the program.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::Instant;

use super::*;
use crate::events::store::tests::{Lab, lab_with, remove, rename, settings};
use crate::events::test_events::event_with;

/// Events in memory: fewer than a page.
const RECENT: usize = 20;

struct Running {
    events: Events,
    writing: JoinHandle<()>,
}

impl Running {
    async fn on(dir: &TempDir) -> Self {
        let Lab { events, writer, .. } = lab_with(settings(dir), RECENT).await;
        Self { events, writing: tokio::spawn(writer.run()) }
    }

    fn publish(&self, name: &str, numbers: std::ops::RangeInclusive<u64>) {
        numbers.for_each(|n| drop(self.events.hub().publish_now(event_with(name, json!({ "n": n })))));
    }

    async fn until_on_disk(&self) {
        while self.events.history_metrics().unwrap().pending > 0 {
            yield_now().await;
        }
    }

    fn read(&self, after: Option<(Uuid, u64)>) -> Reading {
        let subscription = Subscription { events: vec!["x".into()], ..Subscription::default() };
        Reading::begin(&self.events, subscription, after).unwrap()
    }

    async fn end(self) -> Uuid {
        self.events.end();
        self.writing.await.unwrap();
        self.events.run()
    }
}

/// The numbers of the next events; what was missed before one is told as an error.
async fn next(reading: &mut Reading, count: usize) -> Vec<Result<u64, Option<u64>>> {
    let mut told = Vec::new();
    while told.len() < count {
        told.push(match reading.next().await.unwrap() {
            Told::Event { event, .. } => Ok(event.event.properties["n"].as_u64().unwrap()),
            Told::Lagged { missed, .. } => Err(missed),
        });
    }
    told
}

fn numbers(numbers: std::ops::RangeInclusive<u64>) -> Vec<Result<u64, Option<u64>>> {
    numbers.map(Ok).collect()
}

#[tokio::test]
async fn what_memory_does_not_hold_any_more_comes_from_disk_and_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::on(&dir).await;
    running.publish("x", 1..=500);
    running.until_on_disk().await;
    running.publish("x", 501..=550);
    let mut reading = running.read(Some((running.events.run(), 7)));
    assert_eq!(next(&mut reading, 300).await, numbers(8..=307));
    running.publish("x", 551..=600);
    assert_eq!(next(&mut reading, 293).await, numbers(308..=600));
    running.publish("x", 601..=601);
    assert_eq!(next(&mut reading, 1).await, [Ok(601)]);
    assert!(reading.try_next().is_none());
}

#[tokio::test]
async fn a_hole_within_a_run_is_told_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let first = Running::on(&dir).await;
    first.publish("x", 1..=30);
    let run = first.end().await;
    remove(&dir, &[5, 10, 11, 12, 30]).await;
    let second = Running::on(&dir).await;
    second.publish("x", 31..=90);
    second.until_on_disk().await;
    remove(&dir, &[51, 52]).await;
    let mut expected = [vec![Ok(4), Err(Some(1))], numbers(6..=9), vec![Err(Some(3))], numbers(13..=29)].concat();
    // The end of a run and the beginning of the next lie side by side.
    expected.extend([Err(Some(1))]);
    expected.extend([numbers(31..=50), vec![Err(Some(2))], numbers(53..=90)].concat());
    assert_eq!(next(&mut second.read(Some((run, 3))), expected.len()).await, expected);
}

#[tokio::test]
async fn an_earlier_run_goes_on_into_this_one() {
    let dir = tempfile::tempdir().unwrap();
    let first = Running::on(&dir).await;
    first.publish("x", 1..=150);
    let first = first.end().await;
    let second = Running::on(&dir).await;
    second.publish("x", 151..=155);
    second.publish("other", 1..=5);
    second.end().await;
    let third = Running::on(&dir).await;
    third.publish("x", 156..=160);
    let mut reading = third.read(Some((first, 140)));
    assert_eq!(next(&mut reading, 20).await, numbers(141..=160));
    assert!(reading.try_next().is_none());
    assert_eq!(reading.position(), Some((third.events.run(), 5)));
    third.publish("x", 161..=161);
    assert_eq!(next(&mut reading, 1).await, [Ok(161)]);
    assert_eq!(reading.position(), Some((third.events.run(), 6)));
}

#[tokio::test]
async fn what_a_run_may_have_lost_at_its_end_is_told_as_not_known() {
    let dir = tempfile::tempdir().unwrap();
    let first = Running::on(&dir).await;
    first.publish("x", 1..=10);
    first.until_on_disk().await;
    first.writing.abort();
    let run = first.events.run();
    let second = Running::on(&dir).await;
    second.publish("x", 11..=12);
    let told = next(&mut second.read(Some((run, 8))), 5).await;
    assert_eq!(told, [Ok(9), Ok(10), Err(None), Ok(11), Ok(12)]);
    let told = next(&mut second.read(Some((run, 99))), 3).await;
    assert_eq!(told, [Err(None), Ok(11), Ok(12)]);
    let told = next(&mut second.read(Some((Uuid::new_v4(), 1))), 3).await;
    assert_eq!(told, [Err(None), Ok(11), Ok(12)], "a run that nobody knows");
}

/// Whoever tells of silence stops waiting, again and again, before anything could be read.
#[tokio::test]
async fn a_page_comes_however_often_nobody_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::on(&dir).await;
    running.publish("x", 1..=300);
    running.until_on_disk().await;
    let mut reading = running.read(Some((running.events.run(), 7)));
    let (mut told, began) = (Vec::new(), Instant::now());
    while told.len() < 293 {
        let polled = std::pin::pin!(reading.next()).poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(Some(Told::Event { event, .. })) => told.push(event.seq),
            Poll::Ready(other) => panic!("{other:?}"),
            Poll::Pending => yield_now().await,
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{} came", told.len());
    }
    assert_eq!(told, (8..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_for_a_moment_is_read_then() {
    let dir = tempfile::tempdir().unwrap();
    let first = Running::on(&dir).await;
    first.publish("x", 1..=30);
    let run = first.end().await;
    let second = Running::on(&dir).await;
    let mut reading = second.read(Some((run, 20)));
    rename(&dir, "event", "hidden").await;
    let early = tokio::time::timeout(Duration::from_millis(100), reading.next()).await;
    assert!(early.is_err(), "{early:?}");
    rename(&dir, "hidden", "event").await;
    assert_eq!(next(&mut reading, 10).await, numbers(21..=30));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_at_all_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let first = Running::on(&dir).await;
    first.publish("x", 1..=30);
    let run = first.end().await;
    let second = Running::on(&dir).await;
    second.publish("x", 31..=32);
    let mut reading = second.read(Some((run, 20)));
    rename(&dir, "event", "hidden").await;
    assert_eq!(next(&mut reading, 3).await, [Err(None), Ok(31), Ok(32)]);
    assert!(reading.is_live());
}

#[tokio::test]
async fn what_was_lost_to_the_disk_at_the_end_of_a_run_is_counted() {
    const BYTES: usize = 32 << 10;
    let dir = tempfile::tempdir().unwrap();
    let Lab { events, writer, .. } = lab_with(settings(&dir), RECENT).await;
    let text = "x".repeat(BYTES);
    // Nothing is written before more waits than may.
    while events.history_metrics().unwrap().lost < 3 {
        events.hub().publish_now(event_with("x", json!({ "n": 0, "text": text })));
    }
    events.end();
    writer.run().await;
    let kept = events.history_metrics().unwrap().kept;
    let second = Running::on(&dir).await;
    second.publish("x", 7..=7);
    let told = next(&mut second.read(Some((events.run(), kept - 1))), 3).await;
    assert_eq!(told, [Ok(0), Err(Some(3)), Ok(7)]);
}

#[tokio::test]
async fn silence_tells_a_place_behind_which_nothing_was_meant() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::on(&dir).await;
    let mut reading = running.read(None);
    running.publish("other", 1..=3);
    let run = running.events.run();
    assert_eq!(reading.position(), Some((run, 3)));
    running.publish("x", 1..=1);
    running.publish("other", 4..=4);
    assert_eq!(reading.position(), None, "an event waits for it");
    assert_eq!(next(&mut reading, 1).await, [Ok(1)]);
    assert_eq!(reading.position(), Some((run, 5)));
}
