//! Errors of the API in their one shape, and the catchers that give it to errors which Rocket makes itself.

use rocket::http::{ContentType, Header, Status};
use rocket::request::{Outcome, Request};
use rocket::response::{self, Redirect, Responder, Response};
use rocket::{Catcher, catch, catchers};
use serde::Serialize;
use utoipa::ToSchema;

use super::table;

/// An error on its way to a client.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: Status,
    code: &'static str,
    message: String,
    retry_after_secs: Option<u64>,
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorBody {
    error: ErrorDetail,
}

/// What was wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorDetail {
    /// A stable word for programs.
    #[schema(example = "token_expired")]
    code: String,
    /// For people: what was wrong, where, and what would be right.
    message: String,
    /// The HTTP status.
    status: u16,
}

impl ApiError {
    /// An error with a stable snake_case `code`.
    pub fn new(status: Status, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after_secs: None }
    }

    /// Tells the client when to come back.
    pub fn retry_after_secs(self, secs: u64) -> Self {
        Self { retry_after_secs: Some(secs), ..self }
    }

    /// Fails a request guard: the catcher finds the error again in the request.
    pub fn fail<T>(self, request: &Request<'_>) -> Outcome<T, ()> {
        Outcome::Error((self.remember(request), ()))
    }

    /// Leaves the error in the request, where the catcher finds it; gives its status.
    pub(super) fn remember(self, request: &Request<'_>) -> Status {
        let status = self.status;
        request.local_cache(|| Some(self));
        status
    }

    fn body(&self) -> ErrorBody {
        ErrorBody { error: self.detail() }
    }

    /// The HTTP status.
    pub(super) fn status(&self) -> u16 {
        self.status.code
    }

    /// The body, for an answer that Rocket does not make.
    pub(super) fn json(&self) -> Vec<u8> {
        // Our own types cannot fail to serialise into memory.
        serde_json::to_vec(&self.body()).unwrap_or_default()
    }

    /// What was wrong, for who is not answered by HTTP.
    pub(super) fn detail(&self) -> ErrorDetail {
        ErrorDetail { code: self.code.into(), message: self.message.clone(), status: self.status.code }
    }
}

impl<'r> Responder<'r, 'static> for ApiError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let body = rocket::serde::json::Json(self.body());
        let mut response = Response::build_from(body.respond_to(request)?);
        response.status(self.status).header(ContentType::JSON);
        response.header(Header::new("Cache-Control", "no-store"));
        if self.status == Status::Unauthorized {
            response.header(Header::new("WWW-Authenticate", "Bearer"));
        }
        if self.status == Status::UpgradeRequired {
            // RFC 9110 §15.5.22, RFC 6455 §4.4.
            response.header(Header::new("Upgrade", "websocket")).header(Header::new("Sec-WebSocket-Version", "13"));
        }
        if let Some(secs) = self.retry_after_secs {
            response.header(Header::new("Retry-After", secs.to_string()));
        }
        response.ok()
    }
}

/// The catchers of the whole server.
pub(super) fn catchers() -> Vec<Catcher> {
    catchers![any]
}

/// What the catcher answers.
#[derive(Responder)]
enum Caught {
    Login(Box<Redirect>),
    NotAllowed(MethodNotAllowed),
    Error(ApiError),
}

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Caught {
    if status == Status::Unauthorized && is_navigation(request) {
        return Caught::Login(Box::new(Redirect::to(login_path(request))));
    }
    if status == Status::NotFound {
        let allowed = table::methods_of(request.rocket(), request.uri().path().as_str());
        if !allowed.is_empty() && !allowed.contains(&request.method().as_str()) {
            return Caught::NotAllowed(MethodNotAllowed { method: request.method().as_str(), allowed });
        }
    }
    let told: &Option<ApiError> = request.local_cache(|| None);
    Caught::Error(told.clone().unwrap_or_else(|| untold(status, request)))
}

/// Whether a browser asks for a page, rather than a script for data.
fn is_navigation(request: &Request<'_>) -> bool {
    let wants_html = request.accept().is_some_and(|accept| accept.media_types().any(|media_type| media_type.is_html()));
    wants_html && request.method() == rocket::http::Method::Get
}

/// Where to log in before going on. A path with two slashes in front would be another host to a browser.
fn login_path(request: &Request<'_>) -> String {
    let next = format!("/{}", request.uri().to_string().trim_start_matches('/'));
    format!("/login?next={}", rocket::http::RawStr::new(&next).percent_encode())
}

/// An error that Rocket made: a body for it in our words.
fn untold(status: Status, request: &Request<'_>) -> ApiError {
    let path = request.uri().path();
    let (code, message) = match status.code {
        400 => ("bad_request", "the request could not be understood".to_owned()),
        401 => ("token_missing", "this needs a session or a bearer token".to_owned()),
        404 => ("not_found", format!("there is nothing at {path}; /api/doc/ lists what there is")),
        413 => ("body_too_large", "the body is larger than server.limits.json_bytes".to_owned()),
        422 => ("unprocessable", "the body was understood but does not say what is needed".to_owned()),
        503 => ("unavailable", "not available now".to_owned()),
        500.. => ("internal", "the server failed; its log says more".to_owned()),
        _ => ("request_failed", status.reason_lossy().to_lowercase()),
    };
    ApiError::new(status, code, message)
}

struct MethodNotAllowed {
    method: &'static str,
    allowed: Vec<&'static str>,
}

impl<'r> Responder<'r, 'static> for MethodNotAllowed {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let allow = self.allowed.join(", ");
        let message = format!("{} takes {allow}, not {}", request.uri().path(), self.method);
        let error = ApiError::new(Status::MethodNotAllowed, "method_not_allowed", message);
        Response::build_from(error.respond_to(request)?).header(Header::new("Allow", allow)).ok()
    }
}
