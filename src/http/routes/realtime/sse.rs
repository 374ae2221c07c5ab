//! `/api/realtime/sse`: events as server-sent events.

use std::fmt;
use std::str::FromStr;

use rocket::{State, get};

use crate::events::{Subscription, SubscriptionFilter};
use crate::http::event_stream::{EventStream, LastSeen};
use crate::http::guard::{Allowed, EventsRead};
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::{Api, ApiError};

/// Events as they happen.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    params(
        ("events" = Option<String>, Query, description = "Names with commas between, such as `$pageview,daemon.*`; all unless said"),
        ("environment" = Option<String>, Query, description = "Of this installation only"),
        ("filter" = Option<Vec<String>>, Query, description = "`{\"property\", \"operator\", \"value\"}` as JSON; each of them must hold"),
        ("include_person" = Option<bool>, Query, description = "Each event tells of its `person`"),
        ("Last-Event-ID" = Option<String>, Header, description = "Go on after this event"),
    ),
    responses((status = 200, content_type = "text/event-stream", description = "Unnamed events, each with the \
        `subscription_ids` that mean it; `lagged` for those that were missed, `shutdown` and `reauth` as the last"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/sse")]
pub(crate) fn sse(
    caller: Allowed<EventsRead>,
    mut query: Query,
    last: LastSeen,
    api: &State<Api>,
) -> Result<EventStream, ApiError> {
    let subscription = Subscription {
        events: query.take("events")?.unwrap_or(Names(Vec::new())).0,
        environment: query.take("environment")?,
        include_person: query.take("include_person")?.unwrap_or(false),
        filters: query.take_all("filter")?.into_iter().map(|Filter(filter)| filter).collect(),
        ..Subscription::default()
    };
    query.end()?;
    EventStream::open(api, subscription, last, &caller.claims)
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
