//! `/api/devices`: the input devices of this machine.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{State, get};
use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};

use crate::http::error::ErrorBody;
use crate::http::guard::{Allowed, NoQuery, StreamRead};
use crate::http::openapi::Refusals;
use crate::http::{Api, ApiError};
use crate::source::DeviceInfo;

/// The input devices of this machine, at most a few seconds old.
#[utoipa::path(context_path = "/api", tag = "source",
    responses((status = 200, body = [DeviceInfo], description = "The devices"),
        (status = 500, body = ErrorBody, description = "The sound system does not answer"), Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/devices")]
pub(crate) async fn devices(
    _caller: Allowed<StreamRead>,
    _query: NoQuery,
    api: &State<Api>,
) -> Result<Json<Vec<DeviceInfo>>, ApiError> {
    let (devices, clock) = (api.devices.clone(), api.clock.clone());
    let listed = in_turn(&api.listing, move || devices.list(&*clock)).await;
    let internal = |message: String| ApiError::new(Status::InternalServerError, "devices_unreadable", message);
    match listed {
        Ok(Ok(devices)) => Ok(Json(devices)),
        Ok(Err(error)) => Err(internal(format!("the devices cannot be listed: {error}"))),
        Err(_) => Err(internal("the devices cannot be listed".into())),
    }
}

/// Runs `work` where it may block, after who came before. Who waits takes no thread: a sound system that hangs leaves
/// those of logins and reloads alone.
async fn in_turn<T: Send + 'static>(
    turn: &Arc<Mutex<()>>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    // Kept by the work itself, which goes on when the caller does not wait any longer.
    let turn = Arc::clone(turn).lock_owned().await;
    spawn_blocking(move || {
        let result = work();
        drop(turn);
        result
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[test]
    fn who_waits_for_devices_takes_no_thread() {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(2).build().unwrap();
        runtime.block_on(async {
            let turn = Arc::new(Mutex::new(()));
            let (hangs, answer) = sync_channel::<()>(0);
            let answer = Arc::new(std::sync::Mutex::new(answer));
            let asking: Vec<_> = (0..8)
                .map(|_| {
                    let (turn, answer) = (Arc::clone(&turn), Arc::clone(&answer));
                    tokio::spawn(async move { in_turn(&turn, move || answer.lock().unwrap().recv()).await.unwrap() })
                })
                .collect();
            tokio::task::yield_now().await;
            let login = timeout(Duration::from_secs(30), spawn_blocking(|| "a login")).await;
            assert_eq!(login.expect("no thread is free").unwrap(), "a login");
            drop(hangs);
            for asked in asking {
                assert!(asked.await.unwrap().is_err(), "each has its turn");
            }
        });
    }
}
