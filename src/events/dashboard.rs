//! The live dashboard's figures, put together from presence, aggregates and recent events.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::time::utc_now;
use super::{LiveUserTracker, PAGE, PageCount, RealtimeAggregator, RealtimeEvent};
use crate::clock::Clock;

/// Seconds over which events are counted by name.
const EVENTS_SECS: u64 = 60;

/// Seconds over which views of pages are counted.
const PAGES_SECS: u64 = 300;

/// What a live dashboard shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveDashboardData {
    /// Users who are live.
    pub live_users: u64,
    /// Events of the last minute by name; those that found no place for their name are under [`super::OTHER`].
    pub events_per_minute: HashMap<String, u64>,
    /// The newest events, the newest first.
    pub recent_events: Vec<RealtimeEvent>,
    /// The pages most often viewed in the last five minutes, the most frequent first; up to ten.
    pub top_pages: Vec<PageCount>,
    /// When it was so.
    pub timestamp: DateTime<Utc>,
}

impl LiveDashboardData {
    /// How it is now. The recent events come from who keeps them.
    pub fn now(
        tracker: &LiveUserTracker,
        aggregator: &RealtimeAggregator,
        recent_events: Vec<RealtimeEvent>,
        clock: &dyn Clock,
    ) -> Self {
        let pages = aggregator.top_values(PAGE, PAGES_SECS).values.into_iter();
        Self {
            live_users: tracker.count(),
            events_per_minute: aggregator.counts(EVENTS_SECS),
            recent_events,
            top_pages: pages.map(|page| PageCount { path: page.value, count: page.count }).collect(),
            timestamp: utc_now(clock),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::clock::{ManualClock, SharedClock};
    use crate::events::AggregateBounds;
    use crate::events::test_events::{event, event_with};

    #[test]
    fn a_dashboard_has_the_fields_and_figures_of_the_moment() {
        let clock = ManualClock::starting_at(1_750_000_000_000_000);
        let shared = || Arc::clone(&clock) as SharedClock;
        let tracker = LiveUserTracker::with_bound(30, 10, shared());
        let aggregator = RealtimeAggregator::with_bounds(1, AggregateBounds::default(), &[PAGE], shared());
        tracker.note("gone", None, None).unwrap();
        aggregator.observe(&event_with("$pageview", json!({ "path": "/old?x" })));
        clock.advance_us(250_000_000);
        tracker.note("ada", None, None).unwrap();
        for url in ["http://lab/live?tab=1", "http://lab/live#top", "http://lab/about"] {
            aggregator.observe(&event_with("$pageview", json!({ "$current_url": url, "path": "/never" })));
        }
        aggregator.observe(&event_with("$click", json!({ "$current_url": "http://lab/about" })));
        let newest = event("$click");
        let data = LiveDashboardData::now(&tracker, &aggregator, vec![newest.clone()], clock.as_ref());
        let expected = json!({
            "live_users": 1,
            "events_per_minute": { "$pageview": 3, "$click": 1 },
            "recent_events": [serde_json::to_value(newest).unwrap()],
            "top_pages": [
                { "path": "/live", "count": 2 }, { "path": "/about", "count": 1 }, { "path": "/old", "count": 1 },
            ],
            "timestamp": "2025-06-15T15:10:50Z",
        });
        assert_eq!(serde_json::to_value(data).unwrap(), expected);
        clock.advance_us(50_000_000);
        let pages = LiveDashboardData::now(&tracker, &aggregator, Vec::new(), clock.as_ref()).top_pages;
        assert!(pages.iter().all(|page| page.path != "/old"), "{pages:?}");
    }
}
