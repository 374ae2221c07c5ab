//! Who is live, who is told of it, and the bounds under a flood.

mod model;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::clock::ManualClock;

const TIMEOUT_SECS: u64 = 30;
const SECOND_US: u64 = 1_000_000;
const UTC_US: u64 = 1_750_000_000_000_000;

fn tracker(users_max: usize) -> (LiveUserTracker, Arc<ManualClock>) {
    let clock = ManualClock::starting_at(UTC_US);
    (LiveUserTracker::with_bound(TIMEOUT_SECS, users_max, Arc::clone(&clock) as SharedClock), clock)
}

fn at(us: u64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros((UTC_US + us) as i64).unwrap()
}

/// `+who` for who joined, `-who` for who left.
fn words(changes: &[PresenceChange]) -> Vec<String> {
    let word = |change: &PresenceChange| match change {
        PresenceChange::Joined { distinct_id, .. } => format!("+{distinct_id}"),
        PresenceChange::Left { distinct_id, .. } => format!("-{distinct_id}"),
    };
    changes.iter().map(word).collect()
}

fn names(tracker: &LiveUserTracker) -> Vec<String> {
    tracker.users().into_iter().map(|user| user.distinct_id).collect()
}

/// Each user joins and leaves in turns, and has left in the end.
fn assert_balanced(told: &[String]) -> Result<(), TestCaseError> {
    let mut live = BTreeSet::new();
    for change in told {
        let (sign, name) = change.split_at(1);
        prop_assert!(if sign == "+" { live.insert(name) } else { live.remove(name) }, "{change} in {told:?}");
    }
    prop_assert!(live.is_empty(), "{live:?} never left: {told:?}");
    Ok(())
}

#[test]
fn two_connections_are_one_presence_that_ends_at_once_with_the_last() {
    let (tracker, clock) = tracker(10);
    let first = tracker.connected("ada", Some("s1".into())).unwrap();
    let second = tracker.connected("ada", None).unwrap();
    clock.advance_us(10 * TIMEOUT_SECS * SECOND_US);
    tracker.note("ada", None, None).unwrap();
    drop(first);
    assert_eq!(tracker.count(), 1);
    drop(second);
    assert_eq!(tracker.count(), 0);
    let told = tracker.take_changes();
    assert_eq!(words(&told), ["+ada", "-ada"]);
    let ended = PresenceChange::Left { distinct_id: "ada".into(), at: at(10 * TIMEOUT_SECS * SECOND_US) };
    assert_eq!(told[1], ended);
    assert!(tracker.take_changes().is_empty());
}

#[test]
fn a_user_without_a_connection_is_live_for_less_than_the_timeout() {
    let (tracker, clock) = tracker(10);
    tracker.note("ada", None, None).unwrap();
    clock.advance_us(TIMEOUT_SECS * SECOND_US - 1);
    assert_eq!((tracker.sweep(), tracker.count()), (0, 1));
    clock.advance_us(1);
    assert_eq!((tracker.sweep(), tracker.sweep(), tracker.count()), (1, 0, 0));
    assert!(tracker.person("ada").is_none() && tracker.users_by_page().is_empty());
    assert_eq!(words(&tracker.take_changes()), ["+ada", "-ada"]);
}

#[test]
fn none_keeps_what_was_known_and_a_new_presence_knows_nothing() {
    let (tracker, clock) = tracker(10);
    tracker.note("ada", Some("s1".into()), Some("http://lab/live?tab=1".into())).unwrap();
    clock.advance_us(SECOND_US);
    tracker.note("ada", None, None).unwrap();
    let known = LiveUser {
        distinct_id: "ada".into(),
        session_id: Some("s1".into()),
        current_url: Some("http://lab/live?tab=1".into()),
        last_seen: at(SECOND_US),
    };
    assert_eq!(tracker.users(), [known]);
    let person = tracker.person("ada").unwrap();
    assert_eq!((person.first_seen, person.last_seen), (at(0), at(SECOND_US)));
    assert_eq!(person.current_url.as_deref(), Some("http://lab/live?tab=1"));
    drop(tracker.connected("ada", Some("s2".into())).unwrap());
    tracker.note("ada", None, None).unwrap();
    let user = &tracker.users()[0];
    assert_eq!((&user.session_id, &user.current_url), (&None, &None));
}

#[test]
fn users_are_counted_by_the_path_of_their_page() {
    let (tracker, _) = tracker(10);
    for (user, url) in [("a", "/live#x"), ("b", "http://lab/live?q"), ("c", "/a"), ("d", "/b")] {
        tracker.note(user, None, Some(url.into())).unwrap();
    }
    tracker.note("e", None, None).unwrap();
    let pages: Vec<_> = tracker.users_by_page().into_iter().map(|page| (page.path, page.count)).collect();
    assert_eq!(pages, [("/live".into(), 2), ("/a".into(), 1), ("/b".into(), 1)]);
}

#[test]
fn who_is_connected_never_makes_room() {
    let (tracker, clock) = tracker(2);
    let ada = tracker.connected("ada", None).unwrap();
    clock.advance_us(1);
    tracker.note("ben", None, None).unwrap();
    tracker.note("cy", None, None).unwrap();
    let dot = tracker.connected("dot", None).unwrap();
    let full = PresenceError::Full { users_max: 2 };
    assert_eq!(tracker.connected("eve", None).err(), Some(full.clone()));
    assert_eq!(tracker.note("eve", None, None), Err(full));
    // Whoever is in already needs no place.
    drop(tracker.connected("ada", None).unwrap());
    assert_eq!(words(&tracker.take_changes()), ["+ada", "+ben", "-ben", "+cy", "-cy", "+dot"]);
    drop((ada, dot));
    tracker.note("eve", None, None).unwrap();
    assert_eq!(names(&tracker), ["eve"]);
}

#[test]
fn a_text_that_is_empty_or_too_long_is_refused_with_its_measure() {
    let (tracker, _) = tracker(10);
    let long = |bytes| Some("x".repeat(bytes));
    assert_eq!(tracker.note("", None, None), Err(PresenceError::NoId));
    for (result, text) in [
        (tracker.note(&"x".repeat(257), None, None), "distinct_id has 257 bytes; it may have 256"),
        (tracker.note("ada", long(257), None), "session_id has 257 bytes; it may have 256"),
        (tracker.note("ada", None, long(2049)), "current_url has 2049 bytes; it may have 2048"),
        (tracker.connected("ada", long(257)).map(drop), "session_id has 257 bytes; it may have 256"),
    ] {
        assert_eq!(result.unwrap_err().to_string(), text);
    }
    assert!(tracker.take_changes().is_empty());
    tracker.note(&"x".repeat(256), long(256), long(2048)).unwrap();
}

#[test]
fn a_flood_of_names_keeps_to_the_bound_and_its_changes_balance() {
    const FLOOD: u64 = 100_000;
    let (tracker, clock) = tracker(1000);
    let before = tracker.connected("before", None).unwrap();
    for user in 0..FLOOD {
        clock.advance_us(1);
        tracker.note(&format!("user-{user}"), None, None).unwrap();
        let pending = tracker.shared.lock(|registry, _| registry.changes.len());
        assert!(tracker.count() <= 1000 && pending <= 4000, "{user}: {pending} changes");
    }
    assert_eq!(tracker.count(), 1000);
    let oldest = FLOOD - 999;
    assert!(tracker.person(&format!("user-{oldest}")).is_some() && tracker.person("before").is_some());
    drop(before);
    clock.advance_us(TIMEOUT_SECS * SECOND_US);
    assert_eq!(tracker.sweep(), 999);
    let told = words(&tracker.take_changes());
    let joined = told.iter().filter(|change| change.starts_with('+')).count() as u64;
    assert_eq!(joined + tracker.untold_presences(), FLOOD + 1);
    assert_balanced(&told).unwrap();
}

#[test]
fn what_was_told_to_begin_is_told_to_end_though_others_go_untold() {
    let (tracker, _) = tracker(2);
    tracker.note("ada", None, None).unwrap();
    assert_eq!(words(&tracker.take_changes()), ["+ada"]);
    for _ in 0..100 {
        drop(tracker.connected("ada", None).unwrap());
        drop(tracker.connected("ben", None).unwrap());
    }
    tracker.note("ada", None, None).unwrap();
    let told = words(&tracker.take_changes());
    assert!(told.len() <= 8 && told[0] == "-ada" && told[told.len() - 1] == "+ada", "{told:?}");
    assert!(tracker.untold_presences() > 190);
}

#[test]
fn connections_that_end_in_any_thread_balance() {
    let (tracker, _) = tracker(100);
    let turns = |thread: u64| {
        for turn in 0..500 {
            let user = format!("user-{}", (turn * 7 + thread) % 5);
            let first = tracker.connected(&user, None).unwrap();
            let second = tracker.connected(&user, None).unwrap();
            drop(if turn % 2 == 0 { (first, second) } else { (second, first) });
        }
    };
    let told = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || turns(thread))).collect();
        let mut told = Vec::new();
        while threads.iter().any(|thread| !thread.is_finished()) {
            told.extend(words(&tracker.take_changes()));
        }
        told
    });
    let told: Vec<_> = told.into_iter().chain(words(&tracker.take_changes())).collect();
    assert_eq!(tracker.count(), 0);
    let mut sums: BTreeMap<&str, i32> = BTreeMap::new();
    for change in &told {
        *sums.entry(&change[1..]).or_default() += if change.starts_with('+') { 1 } else { -1 };
    }
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    assert_balanced(&told).unwrap();
}

#[tokio::test]
async fn who_waits_is_told_of_the_end_of_a_connection() {
    let (tracker, _) = tracker(10);
    let connection = tracker.connected("ada", None).unwrap();
    tracker.changed().await;
    tracker.take_changes();
    let end = async { drop(connection) };
    let told = async { tokio::join!(tracker.changed(), end) };
    tokio::time::timeout(Duration::from_secs(60), told).await.unwrap();
    assert_eq!(words(&tracker.take_changes()), ["-ada"]);
}
