//! Events: what happens in the lab and on its pages, live.
//!
//! ```text
//!                       ┌▶ recent: the newest, to resume from
//!  publish ─▶ index ─▶ order
//!             which      └▶ a queue for each connection ─▶ its subscriber
//!             subscriptions
//! ```

mod event;
mod filter;
mod index;
mod operator;
mod property;
mod subscription;

#[cfg(test)]
mod equivalence_tests;
#[cfg(test)]
mod test_events;

pub use event::RealtimeEvent;
pub use filter::{FilterError, SubscriptionFilter};
pub use operator::Operator;
pub use subscription::{DEFAULT_SUBSCRIPTION, Subscription, SubscriptionError};
