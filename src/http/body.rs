//! A JSON body: bounded, of the right type, and refused with the reason where it is not.

use std::time::Duration;

use rocket::Data;
use rocket::data::{FromData, Outcome};
use rocket::http::Status;
use rocket::request::Request;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::time::timeout;

use super::server::{BodyError, Exchange};
use super::{Api, ApiError};
use crate::config::LimitsConfig;
use crate::json::{self, ObjectError};

/// What a body may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Longest body in bytes.
    pub bytes: u64,
    /// Time for it to arrive: bodies are small, and whoever sends none must not hold a connection.
    pub within: Duration,
}

impl From<&LimitsConfig> for Bounds {
    fn from(limits: &LimitsConfig) -> Self {
        Self { bytes: limits.json_bytes, within: Duration::from_millis((limits.body_secs * 1e3) as u64) }
    }
}

/// The body of a request as `T`.
pub(super) struct JsonBody<T>(pub T);

#[rocket::async_trait]
impl<'r, T: DeserializeOwned> FromData<'r> for JsonBody<T> {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, _past_rocket: Data<'r>) -> Outcome<'r, Self, ()> {
        match read(request).await {
            Ok(value) => Outcome::Success(Self(value)),
            Err(error) => Outcome::Error((error.remember(request), ())),
        }
    }
}

async fn read<T: DeserializeOwned>(request: &Request<'_>) -> Result<T, ApiError> {
    // A form on a foreign page cannot send this type, so it cannot log anybody in.
    if request.content_type().is_none_or(|content_type| !content_type.is_json()) {
        let message = "the body has to be application/json";
        return Err(ApiError::new(Status::UnsupportedMediaType, "body_not_json", message));
    }
    let Some(&Bounds { bytes: limit, within }) = request.rocket().state::<Api>().map(|api| &api.body) else {
        return Err(ApiError::new(Status::InternalServerError, "internal", "the server is not ready"));
    };
    let body = timeout(within, Exchange::of(request).read_body(limit as usize)).await.map_err(|_late| {
        let message = format!("the body did not arrive within {} s", within.as_secs_f64());
        ApiError::new(Status::RequestTimeout, "body_too_slow", message)
    })?;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge => {
            let message = format!("the body is larger than {limit} bytes");
            ApiError::new(Status::PayloadTooLarge, "body_too_large", message)
        }
        BodyError::BrokenOff => {
            ApiError::new(Status::BadRequest, "body_unreadable", "the body ended before it was complete")
        }
    })?;
    json::object(&body).map_err(|error| not_understood(&error))
}

fn not_understood(error: &ObjectError) -> ApiError {
    match error {
        ObjectError::Json(error) if error.classify() != Category::Data => {
            ApiError::new(Status::BadRequest, "body_malformed", format!("the body is not JSON: {error}"))
        }
        ObjectError::NotAnObject | ObjectError::Json(_) => {
            ApiError::new(Status::UnprocessableEntity, "body_invalid", error.to_string())
        }
    }
}
