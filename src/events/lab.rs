//! The lab's events: one handle to publish, to know who is live, and to count.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::dashboard::LiveDashboardData;
use super::event::RealtimeEvent;
use super::hub::{HubSettings, RealtimeHub};
use super::page::viewed_address;
use super::presence::{LiveUserTracker, PresenceChange};
use super::store::{History, HistorySettings, HistoryWriter, Room, StoreError};
use super::time::utc_now;
use super::{PAGE, RealtimeAggregator};
use crate::clock::SharedClock;

/// Ids of captured events that are remembered, so that one that is sent again counts once.
const KNOWN_IDS_MAX: usize = 20_000;

/// Users who can be live at a time.
const USERS_MAX: usize = 10_000;

/// Window of counts, in seconds, for who names none.
const WINDOW_SECS: u64 = 60;

/// How often is looked whose activity lies too far back: they tell nobody by themselves.
const PRESENCE_LOOK: Duration = Duration::from_secs(1);

/// Events of a dashboard.
const DASHBOARD_EVENTS: usize = 20;

/// Whom the server's own events are of, where nobody else is meant.
pub const SERVER: &str = "server";

/// What the lab's events are bounded by.
#[derive(Clone, Debug)]
pub struct EventsSettings {
    /// The installation.
    pub environment: String,
    /// Of the hub.
    pub hub: HubSettings,
    /// Time in seconds for which an activity keeps a user live.
    pub user_timeout_secs: u64,
}

/// What happens in the lab; cheap to clone.
#[derive(Clone)]
pub struct Events {
    parts: Arc<Parts>,
}

struct Parts {
    /// Names this run of the program: numbers of events begin anew with each.
    run: Uuid,
    environment: String,
    clock: SharedClock,
    hub: RealtimeHub,
    users: LiveUserTracker,
    counts: RealtimeAggregator,
    known: Mutex<KnownIds>,
    /// None when events are kept in memory only.
    history: Option<History>,
}

/// What became of a captured event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Captured {
    /// It was published.
    Published,
    /// It had been before.
    Known,
}

#[derive(Default)]
struct KnownIds {
    ids: HashSet<Arc<str>>,
    in_order: VecDeque<Arc<str>>,
}

impl Events {
    /// Nothing has happened yet, and what happens is kept in memory only.
    pub fn new(settings: EventsSettings, clock: SharedClock) -> Self {
        let hub = RealtimeHub::with_settings(settings.hub, Arc::clone(&clock));
        Self::of(settings, (Uuid::new_v4(), hub, None), clock)
    }

    /// As [`Self::new`], but what happens is kept on disk too, by the writer that comes with it.
    ///
    /// # Errors
    /// [`StoreError`], when the file cannot be used.
    pub async fn open(
        settings: EventsSettings,
        history: HistorySettings,
        clock: SharedClock,
    ) -> Result<(Self, HistoryWriter), StoreError> {
        let run = Uuid::new_v4();
        let (history, writer) = History::open(history, run, Arc::clone(&clock)).await?;
        let hub = RealtimeHub::keeping(settings.hub, Arc::clone(&clock), Arc::clone(history.pending()));
        Ok((Self::of(settings, (run, hub, Some(history)), clock), writer))
    }

    fn of(
        settings: EventsSettings,
        (run, hub, history): (Uuid, RealtimeHub, Option<History>),
        clock: SharedClock,
    ) -> Self {
        let EventsSettings { environment, user_timeout_secs, .. } = settings;
        let parts = Parts {
            run,
            environment,
            hub,
            history,
            users: LiveUserTracker::with_bound(user_timeout_secs, USERS_MAX, Arc::clone(&clock)),
            counts: RealtimeAggregator::with_bounds(WINDOW_SECS, Default::default(), &[PAGE], Arc::clone(&clock)),
            known: Mutex::default(),
            clock,
        };
        Self { parts: Arc::new(parts) }
    }

    /// Names this run of the program.
    pub fn run(&self) -> Uuid {
        self.parts.run
    }

    /// The installation that events are of which name none.
    pub fn environment(&self) -> &str {
        &self.parts.environment
    }

    /// Where events come together.
    pub fn hub(&self) -> &RealtimeHub {
        &self.parts.hub
    }

    /// Who is live.
    pub fn users(&self) -> &LiveUserTracker {
        &self.parts.users
    }

    /// Now, as events have it.
    pub fn now(&self) -> DateTime<Utc> {
        utc_now(&*self.parts.clock)
    }

    /// Publishes what the server itself knows, of `distinct_id`; properties that are no object are left out.
    pub fn tell(&self, event: &str, distinct_id: &str, properties: &impl Serialize) {
        let properties = match serde_json::to_value(properties) {
            Ok(Value::Object(properties)) => properties.into_iter().collect(),
            _ => HashMap::new(),
        };
        let event = RealtimeEvent {
            id: Uuid::new_v4().to_string(),
            event: event.to_owned(),
            distinct_id: distinct_id.to_owned(),
            timestamp: self.now(),
            properties,
            session_id: None,
            environment: self.parts.environment.clone(),
        };
        self.publish(event, false);
    }

    /// Publishes what a client sent, unless it sent an event of this id before.
    pub fn capture(&self, sender: &str, event: RealtimeEvent, _room: &Room) -> Captured {
        // Neither has control characters: no two pairs make one text.
        let id = format!("{sender}\n{}", event.id);
        if !self.parts.known.lock().unwrap_or_else(PoisonError::into_inner).insert(&id) {
            return Captured::Known;
        }
        let (user, session) = (&event.distinct_id, event.session_id.clone());
        let url = viewed_address(&event).map(str::to_owned);
        // A name or an address that is too long to be kept makes nobody live.
        drop(self.parts.users.note(user, session, url));
        self.publish(event, true);
        Captured::Published
    }

    /// Tells as events who becomes live and who is not any more. Never ends by itself.
    pub async fn tell_presence(self) {
        let mut looks = interval(PRESENCE_LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.parts.users.changed() => {}
                _ = looks.tick() => { self.parts.users.sweep(); }
            }
            for change in self.parts.users.take_changes() {
                let name = match change {
                    PresenceChange::Joined { .. } => "user.joined",
                    PresenceChange::Left { .. } => "user.left",
                };
                self.tell(name, change.distinct_id(), &());
            }
        }
    }

    /// What a dashboard shows.
    pub async fn dashboard(&self) -> LiveDashboardData {
        let Parts { hub, users, counts, .. } = &*self.parts;
        LiveDashboardData::now(users, counts, hub.get_recent_events(DASHBOARD_EVENTS).await, &*self.parts.clock)
    }

    /// What is on disk; none when events are kept in memory only.
    pub(super) fn history(&self) -> Option<&History> {
        self.parts.history.as_ref()
    }

    fn publish(&self, event: RealtimeEvent, has_room: bool) {
        let Parts { hub, counts, .. } = &*self.parts;
        counts.observe(&event);
        hub.publish_with(event, has_room);
    }
}

impl KnownIds {
    /// Whether it is new.
    fn insert(&mut self, id: &str) -> bool {
        if self.ids.contains(id) {
            return false;
        }
        if self.in_order.len() == KNOWN_IDS_MAX {
            self.in_order.pop_front().map(|oldest| self.ids.remove(&oldest));
        }
        let id: Arc<str> = id.into();
        self.in_order.push_back(Arc::clone(&id));
        self.ids.insert(id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock::{Clock, ManualClock};
    use crate::events::test_events::event_with;
    use crate::events::{Delivery, Subscription};

    fn lab() -> (Events, Arc<ManualClock>) {
        let clock = ManualClock::starting_at(0);
        let settings =
            EventsSettings { environment: "test".into(), hub: HubSettings::default(), user_timeout_secs: 60 };
        (Events::new(settings, clock.clone()), clock)
    }

    fn capture(lab: &Events, sender: &str, event: RealtimeEvent) -> Captured {
        lab.capture(sender, event, &lab.room_for(1).unwrap())
    }

    #[tokio::test]
    async fn an_id_that_was_published_is_known_until_many_others_were() {
        let (lab, _) = lab();
        let of_id = |id: usize| RealtimeEvent { id: id.to_string(), ..event_with("note", json!({})) };
        assert_eq!(
            [0, 0, 1].map(|id| capture(&lab, "ada", of_id(id))),
            [Captured::Published, Captured::Known, Captured::Published]
        );
        for id in 2..=KNOWN_IDS_MAX {
            capture(&lab, "ada", of_id(id));
        }
        assert_eq!([1, 0].map(|id| capture(&lab, "ada", of_id(id))), [Captured::Known, Captured::Published]);
    }

    #[test]
    fn an_id_is_its_senders_own() {
        let (lab, _) = lab();
        let event = || event_with("note", json!({}));
        assert_eq!(
            ["ada", "bob", "ada"].map(|sender| capture(&lab, sender, event())),
            [Captured::Published, Captured::Published, Captured::Known]
        );
    }

    #[tokio::test]
    async fn whoever_is_not_heard_of_any_more_has_left() {
        let (lab, clock) = lab();
        let telling = tokio::spawn(lab.clone().tell_presence());
        let subscription = Subscription { events: vec!["user.*".into()], ..Subscription::default() };
        let mut subscriber = lab.hub().subscribe(subscription).await;
        capture(&lab, "ada", event_with("note", json!({})));
        let mut told = async || match subscriber.recv().await {
            Some(Delivery::Event { event, .. }) => event.event.event.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(told().await, "user.joined");
        let now_us = clock.now_us();
        clock.sleep_until_us(now_us + 61_000_000);
        assert_eq!(told().await, "user.left");
        assert_eq!(lab.users().count(), 0);
        telling.abort();
    }

    #[tokio::test]
    async fn what_the_server_tells_makes_nobody_live() {
        let (lab, _) = lab();
        lab.tell("auth.login", "ada", &json!({ "by": "password" }));
        lab.tell("daemon.state", SERVER, &"no object");
        let dashboard = lab.dashboard().await;
        assert_eq!((dashboard.live_users, dashboard.events_per_minute.len()), (0, 2));
        let told: Vec<_> =
            dashboard.recent_events.iter().map(|event| (event.distinct_id.as_str(), event.properties.len())).collect();
        assert_eq!(told, [(SERVER, 0), ("ada", 1)]);
    }
}
