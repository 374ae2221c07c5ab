//! `/api/auth`: sessions. A session is a token in a cookie that only the browser sees.

use rocket::http::{Cookie, CookieJar, SameSite, Status};
use rocket::serde::json::Json;
use rocket::time::Duration;
use rocket::{State, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use crate::auth::{Claims, Issued, LoginError};
use crate::http::body::JsonBody;
use crate::http::error::ErrorBody;
use crate::http::guard::{Caller, NoQuery, OwnOrigin, PeerAddress};
use crate::http::openapi::{BodyRefusals, QueryRefused, Refusals};
use crate::http::{Api, ApiError};

/// Longest name and value of a cookie together that browsers keep (RFC 6265bis, section 5.6). They drop a longer one in
/// silence, and the page would ask for a login again and again.
const COOKIE_BYTES_MAX: usize = 4096;

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

/// The code of a one-time link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkCode {
    code: String,
}

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// The user.
    subject: String,
    /// What the session permits.
    scopes: Vec<String>,
    /// When it ends, in seconds since the Unix epoch.
    expires_at: u64,
}

/// Answers of the routes that begin a session.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what `begin` and `JsonBody` answer")]
enum LoginAnswers {
    /// The session, whose cookie is set.
    #[response(status = 200)]
    Begun(Session),
    /// The body is no object with these fields, or the session would be larger than browsers keep.
    #[response(status = 422)]
    BodyInvalid(ErrorBody),
    /// Too many attempts from this IPv4 address or IPv6 network.
    #[response(status = 429)]
    TooOften(ErrorBody),
    /// The users, one-time links or the secret cannot be read; the server's log says more.
    #[response(status = 500)]
    Failed(ErrorBody),
    /// Too many logins at the same time.
    #[response(status = 503)]
    Busy(ErrorBody),
}

/// Ways to log in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Methods {
    /// With a name and password.
    password: bool,
    /// With a one-time link.
    link: bool,
    /// With a bearer token.
    token: bool,
}

/// Ways to log in.
#[utoipa::path(context_path = "/api/auth", tag = "auth",
    responses((status = 200, body = Methods, description = "What this server offers"), QueryRefused))]
#[get("/methods")]
pub(crate) fn methods(_query: NoQuery, api: &State<Api>) -> Json<Methods> {
    let local = api.authority.can_issue();
    Json(Methods { password: local, link: local, token: true })
}

/// Begins a session with a name and password.
#[utoipa::path(context_path = "/api/auth", tag = "auth", request_body = Credentials,
    responses(LoginAnswers, BodyRefusals, Refusals))]
#[post("/login", data = "<body>")]
pub(crate) async fn login(
    _origin: OwnOrigin,
    _query: NoQuery,
    peer: PeerAddress,
    api: &State<Api>,
    cookies: &CookieJar<'_>,
    body: JsonBody<Credentials>,
) -> Result<Json<Session>, ApiError> {
    let Credentials { username, password } = body.0;
    let authority = api.authority.clone();
    begin(api, cookies, &peer, move || authority.login(&username, &password)).await
}

/// Begins a session with the code of a one-time link, which is used up.
#[utoipa::path(context_path = "/api/auth", tag = "auth", request_body = LinkCode,
    responses(LoginAnswers, BodyRefusals, Refusals))]
#[post("/code", data = "<body>")]
pub(crate) async fn code(
    _origin: OwnOrigin,
    _query: NoQuery,
    peer: PeerAddress,
    api: &State<Api>,
    cookies: &CookieJar<'_>,
    body: JsonBody<LinkCode>,
) -> Result<Json<Session>, ApiError> {
    let authority = api.authority.clone();
    begin(api, cookies, &peer, move || authority.redeem(&body.0.code)).await
}

/// The session of the caller.
#[utoipa::path(context_path = "/api/auth", tag = "auth",
    responses((status = 200, body = Session, description = "The session"), Refusals),
    security(("bearer" = []), ("session" = [])))]
#[get("/session")]
pub(crate) fn session(caller: Caller, _query: NoQuery) -> Json<Session> {
    Json(Session::of(&caller.claims))
}

/// Makes the caller's bearer token the session of this browser.
#[utoipa::path(context_path = "/api/auth", tag = "auth",
    responses((status = 200, body = Session, description = "The session"),
        (status = 422, body = ErrorBody, description = "The token is larger than browsers keep"), Refusals),
    security(("bearer" = []), ("session" = [])))]
#[post("/session")]
pub(crate) fn adopt(
    _origin: OwnOrigin,
    _query: NoQuery,
    caller: Caller,
    api: &State<Api>,
    cookies: &CookieJar<'_>,
) -> Result<Json<Session>, ApiError> {
    start(api, cookies, caller.token, &caller.claims)
}

/// Ends the session of this browser.
#[utoipa::path(context_path = "/api/auth", tag = "auth",
    responses((status = 204, description = "Logged out"),
        (status = 403, body = ErrorBody, description = "A foreign page asked for it"), QueryRefused))]
#[post("/logout")]
pub(crate) fn logout(_origin: OwnOrigin, _query: NoQuery, api: &State<Api>, cookies: &CookieJar<'_>) -> Status {
    cookies.remove(Cookie::build(api.cookie_name()).path("/"));
    Status::NoContent
}

async fn begin(
    api: &Api,
    cookies: &CookieJar<'_>,
    peer: &PeerAddress,
    login: impl FnOnce() -> Result<Issued, LoginError> + Send + 'static,
) -> Result<Json<Session>, ApiError> {
    api.logins.count(peer.0).map_err(|wait| {
        let secs = wait.as_secs() + 1;
        let message = format!("too many login attempts from {}: try again in {secs} s", peer.0);
        ApiError::new(Status::TooManyRequests, "login_too_often", message).retry_after_secs(secs)
    })?;
    // Each password check takes 19 MiB and some 50 ms of a core, whoever asks.
    let Some(_place) = api.logins.place().await else {
        let message = "too many logins at the same time: try again";
        return Err(ApiError::new(Status::ServiceUnavailable, "logins_busy", message).retry_after_secs(2));
    };
    let issued =
        tokio::task::spawn_blocking(login).await.map_err(|_interrupted| internal("the login was interrupted"))?;
    let issued = issued.map_err(|error| refused(&error, peer))?;
    log::info!(subject = issued.claims.sub.as_str(); "Logged in");
    api.events.tell("auth.login", &issued.claims.sub, &());
    start(api, cookies, issued.token, &issued.claims)
}

/// Sets the cookie of a session.
fn start(api: &Api, cookies: &CookieJar<'_>, token: String, claims: &Claims) -> Result<Json<Session>, ApiError> {
    let bytes = api.cookie_name().len() + token.len();
    if bytes > COOKIE_BYTES_MAX {
        let message = format!(
            "the token is too long for a session: as a cookie it has {bytes} bytes, and browsers keep \
             {COOKIE_BYTES_MAX}; use it as a bearer token"
        );
        return Err(ApiError::new(Status::UnprocessableEntity, "token_too_long_for_session", message));
    }
    cookies.add(cookie(api, token, claims));
    Ok(Json(Session::of(claims)))
}

fn refused(error: &LoginError, peer: &PeerAddress) -> ApiError {
    if let LoginError::Issue(_) | LoginError::Store(_) = error {
        log::error!(peer:% = peer.0, error:% = error; "Login failed");
        return internal("the login failed; the server's log says more");
    }
    log::warn!(peer:% = peer.0, reason = error.code(); "Login refused");
    let is_off = matches!(error, LoginError::Off);
    let status = if is_off { Status::Forbidden } else { Status::Unauthorized };
    ApiError::new(status, error.code(), error.to_string())
}

fn internal(message: &str) -> ApiError {
    ApiError::new(Status::InternalServerError, "internal", message)
}

fn cookie(api: &Api, token: String, claims: &Claims) -> Cookie<'static> {
    let left_secs = claims.exp.saturating_sub(api.clock.utc_secs());
    Cookie::build((api.cookie_name(), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(api.secure)
        .max_age(Duration::seconds(i64::try_from(left_secs).unwrap_or(i64::MAX)))
        .build()
}

impl Session {
    fn of(claims: &Claims) -> Self {
        Self {
            subject: claims.sub.clone(),
            scopes: claims.scope.known().map(|scope| scope.to_string()).collect(),
            expires_at: claims.exp,
        }
    }
}
