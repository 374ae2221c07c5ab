//! A JSON body: bounded, of the right type, and refused with the reason where it is not.

use std::time::Duration;

use rocket::Data;
use rocket::data::{FromData, Outcome};
use rocket::http::Status;
use rocket::request::Request;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::time::timeout;

use super::{Api, ApiError};

/// Time for a body to arrive: bodies are small, and whoever sends none must not hold a connection.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// The body of a request as `T`.
pub(super) struct JsonBody<T>(pub T);

#[rocket::async_trait]
impl<'r, T: DeserializeOwned> FromData<'r> for JsonBody<T> {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self, ()> {
        match read(request, data).await {
            Ok(value) => Outcome::Success(Self(value)),
            Err(error) => match error.fail::<()>(request) {
                rocket::outcome::Outcome::Error((status, ())) => Outcome::Error((status, ())),
                _ => Outcome::Error((Status::InternalServerError, ())),
            },
        }
    }
}

async fn read<T: DeserializeOwned>(request: &Request<'_>, data: Data<'_>) -> Result<T, ApiError> {
    // A form on a foreign page cannot send this type, so it cannot log anybody in.
    if request.content_type().is_none_or(|content_type| !content_type.is_json()) {
        let message = "the body has to be application/json";
        return Err(ApiError::new(Status::UnsupportedMediaType, "body_not_json", message));
    }
    let limit = request.rocket().state::<Api>().map_or(0, |api| api.json_limit_bytes);
    let body = timeout(BODY_WITHIN, data.open(limit.into()).into_bytes()).await.map_err(|_late| {
        let message = format!("the body did not arrive within {} s", BODY_WITHIN.as_secs());
        ApiError::new(Status::RequestTimeout, "body_too_slow", message)
    })?;
    let body = body.map_err(|error| {
        log::debug!(error:% = error; "Body could not be read");
        ApiError::new(Status::BadRequest, "body_unreadable", "the body ended before it was complete")
    })?;
    if !body.is_complete() {
        let message = format!("the body is larger than {limit} bytes");
        return Err(ApiError::new(Status::PayloadTooLarge, "body_too_large", message));
    }
    object(&body)
}

/// Reads an object. The derived readers would take an array of the fields' values as well.
fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let is_object = body.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice(body) {
        Err(error) if error.classify() != Category::Data => Err(not_understood(&error)),
        _ if !is_object => {
            let message = "the body has to be a JSON object, {…} with a name for each value";
            Err(ApiError::new(Status::UnprocessableEntity, "body_invalid", message))
        }
        read => read.map_err(|error| not_understood(&error)),
    }
}

fn not_understood(error: &serde_json::Error) -> ApiError {
    match error.classify() {
        Category::Data => ApiError::new(Status::UnprocessableEntity, "body_invalid", error.to_string()),
        Category::Syntax | Category::Eof | Category::Io => {
            ApiError::new(Status::BadRequest, "body_malformed", format!("the body is not JSON: {error}"))
        }
    }
}
