//! Events: what happens in the lab and on its pages, live.
//!
//! ```text
//!  clients ─▶ capture ──┐    ┌▶ presence   who is live, on which page ──────────┐
//!                       ├▶ lab ▶ aggregate  how many, by name, user and page ───┼▶ dashboard
//!  the program's parts ─┘    └▶ hub ┐                                           │
//!                                   ├▶ recent: the newest, to resume from ──────┘
//!                                   ├▶ store: all, on disk ─▶ past, and readings that go on where they left off
//!        index: whom it concerns ─▶ ┴▶ a queue for each connection ─▶ its subscriber
//! ```
//!
//! A [`RealtimeEvent`] goes to each [`RealtimeHub`] connection of which a [`Subscription`] means it, once. Nobody waits
//! for a slow one: the oldest of what waits for it makes room, and it is told how much it missed.

mod aggregate;
mod capture;
mod catch_up;
mod command;
mod dashboard;
mod event;
mod filter;
mod hub;
mod index;
mod lab;
mod operator;
mod page;
mod past;
mod presence;
mod property;
mod published;
mod queue;
mod rate;
mod reading;
mod recent;
mod shared;
mod store;
mod subscriber;
mod subscription;
mod time;

#[cfg(test)]
mod equivalence_tests;
#[cfg(test)]
mod seed_tests;
#[cfg(test)]
mod test_events;

pub use aggregate::{
    AggregateBounds, OTHER, PAGE, RealtimeAggregator, Summary, TopValues, UniqueUsers, ValueCount, WINDOW_SECS_MAX,
};
pub use capture::{CaptureError, CapturedEvent, Sender};
pub use command::Command;
pub use dashboard::LiveDashboardData;
pub use event::RealtimeEvent;
pub use filter::{FilterError, SubscriptionFilter};
pub use hub::{HubSettings, RealtimeHub, RealtimeMetrics, Resumed};
pub use lab::{Captured, Events, EventsSettings, SERVER};
pub use operator::Operator;
pub use page::{PageCount, page_path, viewed_address};
pub use past::Past;
pub use presence::{Connection, LiveUser, LiveUserTracker, Person, PresenceChange, PresenceError};
pub use published::{Delivery, PublishedEvent};
pub use reading::{Reading, Told};
pub use recent::{HistoryPage, OutOfHistory};
pub use store::{
    Busy, Cursor, EventPage, EventQuery, EventTime, HistoryError, HistoryMetrics, HistorySettings, HistoryWriter, Room,
    StoreError, StoreProblem, events_file,
};
pub use subscriber::{RealtimeSubscriber, Set};
pub use subscription::{DEFAULT_SUBSCRIPTION, Subscription, SubscriptionError};
