//! Events: what happens in the lab and on its pages, live.
//!
//! ```text
//!  publish ─▶ index ───▶ order ─┬▶ recent: the newest events, to resume from
//!             whom the   seq    └▶ a queue for each connection ─▶ its subscriber
//!             event
//!             concerns
//! ```
//!
//! A [`RealtimeEvent`] goes to each [`RealtimeHub`] connection of which a [`Subscription`] means it, once. Nobody waits
//! for a slow one: the oldest of what waits for it makes room, and it is told how much it missed.

mod event;
mod filter;
mod hub;
mod index;
mod operator;
mod property;
mod published;
mod queue;
mod rate;
mod recent;
mod subscriber;
mod subscription;

#[cfg(test)]
mod equivalence_tests;
#[cfg(test)]
mod seed_tests;
#[cfg(test)]
mod test_events;

pub use event::RealtimeEvent;
pub use filter::{FilterError, SubscriptionFilter};
pub use hub::{HubSettings, RealtimeHub, RealtimeMetrics, Resumed};
pub use operator::Operator;
pub use published::{Delivery, PublishedEvent};
pub use recent::OutOfHistory;
pub use subscriber::{RealtimeSubscriber, Set};
pub use subscription::{DEFAULT_SUBSCRIPTION, Subscription, SubscriptionError};
