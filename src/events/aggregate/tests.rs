//! Windows held to a plain list of all that came.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::clock::ManualClock;

const BOUNDS: AggregateBounds = AggregateBounds { names_max: 4, values_max: 3, name_bytes_max: 20, users_exact_max: 5 };

fn aggregator(window_secs: u64, bounds: AggregateBounds) -> (RealtimeAggregator, Arc<ManualClock>) {
    let clock = ManualClock::starting_at(0);
    (RealtimeAggregator::with_bounds(window_secs, bounds, &[PAGE], Arc::clone(&clock) as SharedClock), clock)
}

#[derive(Clone, Debug)]
struct Event {
    wait_us: u64,
    name: u8,
    user: u8,
    page: Option<u8>,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let wait_us = prop_oneof![
        5 => Just(0),
        5 => 0..3 * SECOND_US,
        3 => (0..400_u64).prop_map(|secs| secs * SECOND_US),
        1 => 3590 * SECOND_US..3610 * SECOND_US,
    ];
    let event = (wait_us, 0_u8..7, 0_u8..8, prop::option::of(0_u8..6));
    prop::collection::vec(event.prop_map(|(wait_us, name, user, page)| Event { wait_us, name, user, page }), 0..150)
}

/// What came: when, under which name if that had a place.
#[derive(Default)]
struct Plain(Vec<(u64, Option<String>)>);

impl Plain {
    fn insert(&mut self, name: &str, second: u64, names_max: usize) {
        let recent = self.0.iter().filter(|(at, _)| at + WINDOW_SECS_MAX > second);
        let names: BTreeSet<_> = recent.filter_map(|(_, name)| name.clone()).collect();
        let has_place = names.contains(name) || names.len() < names_max;
        self.0.push((second, has_place.then(|| name.to_owned())));
    }

    fn window(&self, now: u64, secs: u64) -> HashMap<String, u64> {
        let mut counts = HashMap::new();
        for (_, name) in self.0.iter().filter(|(at, _)| at + secs > now) {
            *counts.entry(name.clone().unwrap_or(OTHER.into())).or_default() += 1;
        }
        counts
    }
}

proptest! {
    #[test]
    fn every_window_is_that_of_a_plain_list(events in events(), wait_us in 0..10 * SECOND_US, any_secs in 1..3600_u64) {
        let (aggregator, clock) = aggregator(60, BOUNDS);
        let (mut names, mut pages, mut users) = (Plain::default(), Plain::default(), Vec::new());
        let mut now_us = 0;
        for event in events {
            clock.advance_us(event.wait_us);
            now_us += event.wait_us;
            let (name, user) = (format!("event-{}", event.name), format!("user-{}", event.user));
            aggregator.note(&name, &user);
            names.insert(&name, now_us / SECOND_US, BOUNDS.names_max);
            users.push((now_us / SECOND_US, user));
            if let Some(page) = event.page.map(|page| format!("/{page}")) {
                aggregator.note_value(PAGE, &page);
                pages.insert(&page, now_us / SECOND_US, BOUNDS.values_max);
            }
        }
        clock.advance_us(wait_us);
        now_us += wait_us;
        let now = now_us / SECOND_US;
        for secs in [1, 2, 60, 300, 3600, any_secs] {
            let summary = aggregator.window(secs);
            let counts = names.window(now, secs);
            let total: u64 = counts.values().sum();
            prop_assert_eq!(summary.total, total);
            prop_assert_eq!(summary.unnamed, counts.get(OTHER).copied().unwrap_or(0));
            prop_assert_eq!(&summary.counts, &counts);
            let covered_us = (now_us - (now + 1).saturating_sub(secs) * SECOND_US).max(SECOND_US);
            prop_assert!((summary.rate_per_sec - total as f64 * 1e6 / covered_us as f64).abs() < 1e-9);
            let unique: BTreeSet<_> = users.iter().filter(|(at, _)| at + secs > now).map(|(_, user)| user).collect();
            prop_assert_eq!(summary.unique_users.is_estimate, unique.len() > BOUNDS.users_exact_max);
            // So few are estimated without error, as long as no two share a register.
            prop_assert!(summary.unique_users.count.abs_diff(unique.len() as u64) <= 2);
            if !summary.unique_users.is_estimate {
                prop_assert_eq!(summary.unique_users.count, unique.len() as u64);
            }
            prop_assert_eq!(&summary.top_values[PAGE], &top(pages.window(now, secs)));
            prop_assert_eq!(&aggregator.top_values(PAGE, secs), &summary.top_values[PAGE]);
        }
    }
}

fn top(mut counts: HashMap<String, u64>) -> TopValues {
    let unnamed = counts.remove(OTHER).unwrap_or(0);
    let mut values: Vec<_> = counts.into_iter().map(|(value, count)| ValueCount { value, count }).collect();
    values.sort_by_key(|entry| (u64::MAX - entry.count, entry.value.clone()));
    TopValues { values, unnamed }
}

#[tokio::test]
async fn a_second_leaves_a_window_exactly_when_it_is_as_old_as_that_is_long() {
    let (aggregator, clock) = aggregator(60, AggregateBounds::default());
    clock.advance_us(SECOND_US - 1);
    aggregator.record("late in second 0", "ada").await;
    clock.advance_us(1);
    aggregator.record("early in second 1", "ben").await;
    clock.advance_us(59 * SECOND_US - 1);
    assert_eq!((aggregator.get_counts().await.len(), aggregator.window(60).unique_users.count), (2, 2));
    clock.advance_us(1);
    let summary = aggregator.window(60);
    assert_eq!((summary.total, summary.unique_users.count), (1, 1));
    assert_eq!(aggregator.get_counts().await, HashMap::from([("early in second 1".into(), 1)]));
    assert_eq!((aggregator.window(61).total, aggregator.window(3600).total), (2, 2));
    clock.advance_us(3600 * SECOND_US);
    assert_eq!((aggregator.window(3600).total, aggregator.window(u64::MAX).total), (0, 0));
    assert_eq!(aggregator.window(3600).unique_users.count, 0);
}

#[tokio::test]
async fn a_rate_is_over_the_time_that_there_has_been() {
    let (aggregator, clock) = aggregator(60, AggregateBounds::default());
    for _ in 0..20 {
        aggregator.note("tick", "ada");
    }
    // Not twenty per microsecond.
    assert_eq!(aggregator.get_rate("tick").await, 20.0);
    clock.advance_us(10 * SECOND_US);
    assert_eq!((aggregator.get_rate("tick").await, aggregator.get_rate("tock").await), (2.0, 0.0));
    assert_eq!(aggregator.window(3600).rate_per_sec, 2.0);
    clock.advance_us(49_500_000);
    assert_eq!(aggregator.get_rate("tick").await, 20.0 / 59.5);
    clock.advance_us(SECOND_US);
    assert_eq!((aggregator.get_rate("tick").await, aggregator.window(300).rate_per_sec), (0.0, 20.0 / 60.5));
}

#[tokio::test]
async fn a_flood_of_names_keeps_to_the_bound_for_an_hour() {
    let (aggregator, clock) = aggregator(60, AggregateBounds::default());
    for event in 0..100_000 {
        aggregator.note(&format!("event-{event}"), "ada");
        aggregator.note_value(PAGE, &format!("/{event}"));
    }
    aggregator.note(&"x".repeat(2049), "ada");
    let summary = aggregator.window(3600);
    assert_eq!((summary.total, summary.counts.len(), summary.unnamed), (100_001, 1001, 99_001));
    assert_eq!(summary.counts[OTHER], 99_001);
    assert_eq!((summary.top_values[PAGE].values.len(), summary.top_values[PAGE].unnamed), (10, 99_000));
    clock.advance_us(3600 * SECOND_US - 1);
    aggregator.note("too early", "ada");
    assert_eq!(aggregator.get_counts().await, HashMap::from([(OTHER.into(), 1)]));
    clock.advance_us(1);
    aggregator.cleanup().await;
    for event in 0..1001 {
        aggregator.note(&format!("next-{event}"), "ada");
    }
    let counts = aggregator.get_counts().await;
    assert_eq!((counts.len(), counts["next-999"], counts[OTHER]), (1001, 1, 2));
}

#[test]
fn what_is_not_asked_for_is_not_counted() {
    let (aggregator, _) = aggregator(0, BOUNDS);
    aggregator.note_value("browser", "a");
    aggregator.note_value(PAGE, "/");
    let values = aggregator.window(60).top_values;
    assert_eq!(values.into_keys().collect::<Vec<_>>(), [PAGE]);
    assert_eq!(aggregator.top_values("browser", 60), TopValues::default());
    assert_eq!((aggregator.window_secs, RealtimeAggregator::new(86_400).window_secs), (1, 3600));
}
