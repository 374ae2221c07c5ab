//! `/api/source`: what is being listened to.

use std::sync::Arc;

use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::Api;
use crate::http::guard::{Allowed, NoQuery, StreamRead};
use crate::source::SourceInfo;
use crate::stream::{DaemonState, StateReason};

/// The source and what it is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceStatus {
    /// What the acquisition daemon is doing.
    state: DaemonState,
    /// Why; null when there is nothing to explain.
    reason: Option<StateReason>,
    /// The source that was opened last; null before one was open.
    source: Option<SourceInfo>,
}

/// What is being listened to.
#[utoipa::path(context_path = "/api", tag = "source",
    responses((status = 200, body = SourceStatus, description = "The source and its state"),
        crate::http::openapi::Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/source")]
pub(crate) fn source(_caller: Allowed<StreamRead>, _query: NoQuery, api: &State<Api>) -> Json<SourceStatus> {
    let now = api.stream.state();
    Json(SourceStatus {
        state: now.state,
        reason: now.reason.clone(),
        source: api.stream.source().map(Arc::unwrap_or_clone),
    })
}
