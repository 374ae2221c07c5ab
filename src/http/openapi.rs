//! The OpenAPI 3.1 document, generated from the routes and types themselves.

use photophone_signal::Gap;
use photophone_signal::wire::FrameViewJson;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, RefOr, Response};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::error::ErrorBody;
use super::routes::realtime::capture::{CaptureAnswer, Rejected};
use super::routes::realtime::{self, capture, events, sse};
use super::routes::stream::{self, audio, envelope, levels, lockin, spectral, viewers, ws};
use super::routes::{auth, devices, doc, health, source, time, version};
use crate::stream::StateChange;

/// Answers that every guarded route may give.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what the guards answer")]
pub(super) enum Refusals {
    /// A query key is unknown or its value is out of range.
    #[response(status = 400)]
    BadQuery(ErrorBody),
    /// There is no valid token.
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// The token does not permit this, or a foreign page used the session.
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Answers of every route that takes a JSON body.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what `JsonBody` answers")]
pub(super) enum BodyRefusals {
    /// The body did not arrive in time.
    #[response(status = 408)]
    TooSlow(ErrorBody),
    /// The body is larger than `server.limits.json_bytes`, or holds too much.
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// The body is not `application/json`.
    #[response(status = 415)]
    NotJson(ErrorBody),
}

/// The answer of a route that needs no token to a query, which it does not take.
#[derive(IntoResponses)]
#[response(status = 400, description = "A query key is unknown.")]
#[expect(dead_code, reason = "describes what the guard answers")]
pub(super) struct QueryRefused(ErrorBody);

#[derive(OpenApi)]
#[openapi(
    info(title = "photophone", description = "Live audio frames and spectra, every sample accounted for. Errors have \
        the one shape of ErrorBody."),
    modifiers(&Security, &LiveForms),
    paths(
        stream::stats, stream::latest, stream::feeds, audio::audio, envelope::envelope, levels::levels, spectral::spectral,
        lockin::lockin, ws::ws, viewers::viewers, source::source, devices::devices, time::time,
        capture::capture, capture::batch, sse::sse, realtime::ws::ws, events::events, realtime::users, realtime::dashboard,
        realtime::dashboard_sse, realtime::metrics,
        auth::methods, auth::login, auth::code, auth::session, auth::adopt, auth::logout,
        health::health, version::version, doc::openapi, doc::page,
    ),
    components(schemas(ErrorBody, FrameViewJson, Gap, StateChange, CaptureAnswer, Rejected))
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description("photophone_<port>", "made by login");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The forms and headers that all feeds have in common; events have one form.
struct LiveForms;

impl Modify for LiveForms {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let feeds = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/audio/"));
        let operations = feeds.filter_map(|(_, path)| path.get.as_mut());
        for response in operations.filter_map(|operation| operation.responses.responses.get_mut("200")) {
            match response {
                RefOr::T(response) if response.content.contains_key("text/event-stream") => describe_forms(response),
                RefOr::T(_) | RefOr::Ref(_) => {}
            }
        }
    }
}

fn describe_forms(response: &mut Response) {
    response.description += ". For who names `application/octet-stream` in `Accept`, and prefers it, the same events as \
        binary messages (docs/wire.md) back to back; else server-sent events, compressed for who takes gzip by \
        `Accept-Encoding`.";
    // Bytes that no schema describes.
    response.content.insert("application/octet-stream".into(), ContentBuilder::new().build().into());
    for (name, description) in [
        ("Content-Location", "The same stream with all that was left to the server, as what was chosen for `max_kbps`"),
        ("Content-Encoding", "`gzip`, when compressed"),
        ("Vary", "`Accept, Accept-Encoding`"),
    ] {
        response.headers.insert(name.into(), HeaderBuilder::new().description(Some(description)).build().into());
    }
}

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
