//! `/api/health`: whether the server does its work, for whoever keeps it running. Tells no secrets, needs no token.

use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::Api;
use crate::http::guard::NoQuery;
use crate::http::openapi::QueryRefused;
use crate::stream::DaemonState;

/// Health of the server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `failing` when the source is stalled or failed.
    status: &'static str,
    /// What the acquisition daemon is doing.
    state: DaemonState,
    /// A stable word for why; null when there is nothing to explain.
    reason: Option<&'static str>,
}

/// Whether the server does its work.
#[utoipa::path(context_path = "/api", tag = "service",
    responses((status = 200, body = Health, description = "It does"),
        (status = 503, body = Health, description = "The source is stalled or has failed"), QueryRefused))]
#[get("/health")]
pub(crate) fn health(_query: NoQuery, api: &State<Api>) -> (Status, Json<Health>) {
    let now = api.stream.state();
    let failing = matches!(now.state, DaemonState::Failed | DaemonState::Stalled);
    let health = Health {
        status: if failing { "failing" } else { "ok" },
        state: now.state,
        reason: now.reason.as_ref().map(|reason| reason.code),
    };
    (if failing { Status::ServiceUnavailable } else { Status::Ok }, Json(health))
}
