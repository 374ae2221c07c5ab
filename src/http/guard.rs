//! Request guards as types: a route's signature shows who may call it and what its query may hold.
//!
//! A token comes in the `Authorization: Bearer` header, or in the session cookie so that the browser's own
//! `EventSource` works. A cookie is taken only from our own pages.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::ops::Deref;

use rocket::http::Status;
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome, Request};

use super::query::Query;
use super::{Api, ApiError};
use crate::auth::{Claims, Scope, TokenError};
use crate::text::shown;

/// A caller whose token is genuine, whatever it permits.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// What the token says.
    pub claims: Claims,
    /// The token itself.
    pub token: String,
}

/// A caller whose token permits `S`.
pub(super) struct Allowed<S> {
    caller: Caller,
    scope: PhantomData<S>,
}

/// A scope as a type.
pub(super) trait RequiredScope: Send + Sync {
    /// The scope.
    const SCOPE: Scope;
}

/// `stream:read`.
pub(super) struct StreamRead;

impl RequiredScope for StreamRead {
    const SCOPE: Scope = Scope::StreamRead;
}

/// `events:read`.
pub(super) struct EventsRead;

impl RequiredScope for EventsRead {
    const SCOPE: Scope = Scope::EventsRead;
}

/// `events:write`.
pub(super) struct EventsWrite;

impl RequiredScope for EventsWrite {
    const SCOPE: Scope = Scope::EventsWrite;
}

/// `admin`.
pub(super) struct Admin;

impl RequiredScope for Admin {
    const SCOPE: Scope = Scope::Admin;
}

impl<S> Deref for Allowed<S> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Caller {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let api = try_outcome!(api(request));
        match authenticate(request, api) {
            Ok(caller) => Outcome::Success(caller),
            Err(error) => error.fail(request),
        }
    }
}

#[rocket::async_trait]
impl<'r, S: RequiredScope> FromRequest<'r> for Allowed<S> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let caller = try_outcome!(request.guard::<Caller>().await);
        if caller.claims.scope.allows(S::SCOPE) {
            return Outcome::Success(Self { caller, scope: PhantomData });
        }
        let message = format!("this needs the scope {}, which the token does not have", S::SCOPE);
        ApiError::new(Status::Forbidden, "scope_missing", message).fail(request)
    }
}

/// No query at all: an unknown key is an error, not a surprise.
pub(super) struct NoQuery;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for NoQuery {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Query::of(request).and_then(Query::end) {
            Ok(()) => Outcome::Success(Self),
            Err(error) => error.fail(request),
        }
    }
}

/// The request was made by one of our own pages, or by no page.
pub(super) struct OwnOrigin;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for OwnOrigin {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match foreign_origin(request) {
            None => Outcome::Success(Self),
            Some(error) => error.fail(request),
        }
    }
}

/// The address that a login attempt counts for. Headers such as `X-Real-IP` are not believed.
pub(super) struct PeerAddress(pub IpAddr);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for PeerAddress {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match request.remote() {
            Some(peer) => Outcome::Success(Self(peer.ip())),
            None => ApiError::new(Status::BadRequest, "peer_unknown", "the peer's address is not known").fail(request),
        }
    }
}

/// What the routes hold.
pub(super) fn api<'r>(request: &'r Request<'_>) -> Outcome<&'r Api, ()> {
    match request.rocket().state::<Api>() {
        Some(api) => Outcome::Success(api),
        None => ApiError::new(Status::InternalServerError, "internal", "the server is not ready").fail(request),
    }
}

fn authenticate(request: &Request<'_>, api: &Api) -> Result<Caller, ApiError> {
    let token = match bearer(request)? {
        Some(token) => token,
        None => session(request, api)?,
    };
    let claims = api.authority.verify(token).map_err(|error| refused(&error))?;
    Ok(Caller { claims, token: token.to_owned() })
}

fn bearer<'r>(request: &'r Request<'_>) -> Result<Option<&'r str>, ApiError> {
    let mut headers = request.headers().get("Authorization");
    let Some(header) = headers.next() else {
        return Ok(None);
    };
    let refuse = |message| Err(ApiError::new(Status::Unauthorized, "token_malformed", message));
    if headers.next().is_some() {
        return refuse("there is more than one Authorization header");
    }
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => refuse("the Authorization header is not of the form `Bearer <token>`"),
    }
}

fn session<'r>(request: &'r Request<'_>, api: &Api) -> Result<&'r str, ApiError> {
    let Some(cookie) = request.cookies().get(&api.cookie_name()) else {
        return Err(refused(&TokenError::Missing));
    };
    foreign_origin(request).map_or_else(|| Ok(cookie.value()), Err)
}

/// A page of another origin must not act with the cookie of this one. The scheme is not compared, since a proxy in
/// front may speak TLS for us.
fn foreign_origin(request: &Request<'_>) -> Option<ApiError> {
    // From the Host header, or from :authority in HTTP/2.
    let own = request.host().map(ToString::to_string);
    let is_own = |origin: &str| {
        let of_origin = origin.split_once("://").map(|(_, authority)| authority);
        of_origin.is_some() && of_origin == own.as_deref()
    };
    // More than one is no browser's; then the least trusted counts.
    if request.headers().get("Origin").all(is_own) {
        return None;
    }
    let host = own.as_deref().map_or_else(|| "none".to_owned(), shown);
    let message = format!(
        "the Origin of this request is not its Host ({host}): a page of another origin needs a token of its own, and a \
         proxy in front of the server has to pass Host on"
    );
    Some(ApiError::new(Status::Forbidden, "origin_foreign", message))
}

fn refused(error: &TokenError) -> ApiError {
    ApiError::new(Status::Unauthorized, error.code(), error.to_string())
}
