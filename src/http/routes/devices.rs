//! `/api/devices`: the input devices of this machine.

use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{State, get};

use crate::http::guard::{Allowed, NoQuery, StreamRead};
use crate::http::{Api, ApiError};
use crate::source::DeviceInfo;

/// The input devices of this machine, at most a few seconds old.
#[utoipa::path(context_path = "/api", tag = "source",
    responses((status = 200, body = [DeviceInfo], description = "The devices"), crate::http::openapi::Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/devices")]
pub(crate) async fn devices(
    _caller: Allowed<StreamRead>,
    _query: NoQuery,
    api: &State<Api>,
) -> Result<Json<Vec<DeviceInfo>>, ApiError> {
    let (devices, clock) = (api.devices.clone(), api.clock.clone());
    let listed = tokio::task::spawn_blocking(move || devices.list(&*clock)).await;
    let internal = |message: String| ApiError::new(Status::InternalServerError, "devices_unreadable", message);
    match listed {
        Ok(Ok(devices)) => Ok(Json(devices)),
        Ok(Err(error)) => Err(internal(format!("the devices cannot be listed: {error}"))),
        Err(_) => Err(internal("the devices cannot be listed".into())),
    }
}
