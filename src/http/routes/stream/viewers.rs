//! `/api/audio/stream/viewers`: who watches what, and why the last ones went.

use rocket::serde::json::Json;
use rocket::{State, get};

use crate::http::Api;
use crate::http::guard::{Admin, Allowed, NoQuery};
use crate::http::openapi::Refusals;
use crate::http::viewers::ViewerStatus;

/// Every viewer, and the last that have gone.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream",
    responses((status = 200, body = Vec<ViewerStatus>,
        description = "Who is there, oldest first; then up to 100 that have gone, the last one first"), Refusals),
    security(("bearer" = ["admin"]), ("session" = [])))]
#[get("/viewers")]
pub(crate) fn viewers(_caller: Allowed<Admin>, _query: NoQuery, api: &State<Api>) -> Json<Vec<ViewerStatus>> {
    Json(api.viewers.list())
}
