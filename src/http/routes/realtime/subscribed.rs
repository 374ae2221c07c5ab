//! Which events a query means: by name, environment and filters.

use std::fmt;
use std::str::FromStr;

use rocket::http::Status;

use crate::events::{Subscription, SubscriptionError, SubscriptionFilter};
use crate::http::ApiError;
use crate::http::query::Query;

/// The subscription that a query says, whose names stand under `names_key`.
///
/// # Errors
/// 400 for one that cannot be had.
pub(super) fn subscription(query: &mut Query, names_key: &'static str) -> Result<Subscription, ApiError> {
    let subscription = Subscription {
        events: query.take(names_key)?.unwrap_or(Names(Vec::new())).0,
        environment: query.take("environment")?,
        filters: query.take_all("filter")?.into_iter().map(|Filter(filter)| filter).collect(),
        ..Subscription::default()
    };
    let invalid =
        |error: SubscriptionError| ApiError::new(Status::BadRequest, "subscription_invalid", error.to_string());
    subscription.check().map_err(invalid)?;
    Ok(subscription)
}

/// Names of events with commas between.
struct Names(Vec<String>);

impl FromStr for Names {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names: Vec<_> = text.split(',').map(|name| name.trim().to_owned()).collect();
        let is_right = names.iter().all(|name| !name.is_empty());
        if is_right { Ok(Self(names)) } else { Err("expected names with commas between; without the key, all events") }
    }
}

struct Filter(SubscriptionFilter);

/// What is wrong with a filter.
#[derive(Debug)]
struct FilterProblem(serde_json::Error);

impl FromStr for Filter {
    type Err = FilterProblem;

    fn from_str(text: &str) -> Result<Self, FilterProblem> {
        serde_json::from_str(text).map(Self).map_err(FilterProblem)
    }
}

impl fmt::Display for FilterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"{}; expected JSON such as {{"property":"path","operator":"equals","value":"/live"}}"#, self.0)
    }
}
