//! `/api/version`: what program this is.

use rocket::get;
use rocket::serde::json::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::guard::NoQuery;
use crate::http::openapi::QueryRefused;

/// What program this is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Version {
    name: &'static str,
    version: &'static str,
}

/// What program this is.
#[utoipa::path(context_path = "/api", tag = "service", 
    responses((status = 200, body = Version, description = "Name and version"), QueryRefused))]
#[get("/version")]
pub(crate) fn version(_query: NoQuery) -> Json<Version> {
    Json(Version { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") })
}
