//! A request from hyper to Rocket, and the answer back.
//!
//! Rocket 0.5 takes requests from its own listener or from its `local` client. The latter is made for tests, and is the
//! one way in for a server of one's own: it runs the same routes, guards, fairings and catchers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use rocket::http::uri::{Host, Origin};
use rocket::http::{Cookie, Header, Status};
use rocket::local::asynchronous::{Client, LocalRequest, LocalResponse};

use super::answer::{AnswerBody, LiveBody};
use super::exchange::{Cut, Exchange};
use crate::clock::SharedClock;
use crate::http::ApiError;
use crate::text::shown;

/// Answers the requests of one connection.
#[derive(Clone)]
pub(super) struct Dispatch {
    pub(super) rocket: &'static Client,
    pub(super) peer: SocketAddr,
    pub(super) cut: Cut,
    /// Shared by what is on its way over the connection.
    pub(super) open: Arc<()>,
    pub(super) clock: SharedClock,
    /// For how long an answer may not be taken.
    pub(super) stall: Duration,
}

impl Dispatch {
    /// The answer to a request.
    pub(super) async fn answer(self, mut request: Request<Incoming>) -> Result<Response<AnswerBody>, Infallible> {
        let (is_head, version) = (request.method() == Method::HEAD, request.version());
        let local = match self.local(&request) {
            Ok(local) => local,
            Err(error) => return Ok(self.refuse(&error)),
        };
        let may_upgrade = version == Version::HTTP_11 && request.method() == Method::GET;
        let upgrade = may_upgrade.then(|| hyper::upgrade::on(&mut request));
        let exchange = Arc::new(Exchange::new(is_head, request.into_body(), upgrade, self.cut.clone()));
        local.inner().local_cache(|| Arc::clone(&exchange));
        let answer = local.dispatch().await;
        let answer = self.respond(answer, exchange.take_live().filter(|_| !is_head)).await;
        Ok(answer.map(|body| match version {
            Version::HTTP_2 => body.held_by(self.open).cut_when_stalled(self.cut, self.stall),
            _ => body,
        }))
    }

    /// The request as Rocket has it, without its body.
    ///
    /// # Errors
    /// 501 for a method that nothing here knows (RFC 9110 §15.6.2), 400 for a request that does not say whom it is for
    /// (RFC 9112 §3.2).
    fn local(&self, request: &Request<Incoming>) -> Result<LocalRequest<'static>, ApiError> {
        let uri = request.uri();
        let Some(method) = known(request.method()) else {
            let message = format!("{} is no method that this server knows", shown(request.method().as_str()));
            return Err(ApiError::new(Status::NotImplemented, "method_unknown", message));
        };
        if request.version() == Version::HTTP_11 && request.headers().get_all(HOST).iter().count() != 1 {
            let message = "a request over HTTP/1.1 has to have one Host header";
            return Err(ApiError::new(Status::BadRequest, "host_invalid", message));
        }
        // hyper has parsed it. Rocket's own parser refuses what people send unencoded, such as { in a query.
        let origin = Origin::new(uri.path().to_owned(), uri.query().map(str::to_owned));
        let mut local = self.rocket.req(method, origin).remote(self.peer);
        if let Some(host) = host(uri, request.headers()) {
            local.set_host(host);
        }
        // Rocket's values are text; what is none is not for any route.
        let text = |value: &HeaderValue| std::str::from_utf8(value.as_bytes()).ok().map(str::to_owned);
        for (name, value) in request.headers() {
            if let Some(value) = text(value) {
                local.add_header(Header::new(name.as_str().to_owned(), value));
            }
        }
        let cookies = request.headers().get_all(COOKIE).iter().filter_map(text).flat_map(Cookie::split_parse_encoded);
        Ok(local.cookies(cookies.filter_map(Result::ok)))
    }

    /// The answer as hyper has it: with the live body, if there is one, or Rocket's.
    async fn respond(&self, answer: LocalResponse<'static>, live: Option<LiveBody>) -> Response<AnswerBody> {
        let mut response = Response::new(());
        *response.status_mut() =
            StatusCode::from_u16(answer.status().code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for header in answer.headers().iter() {
            let name = HeaderName::from_bytes(header.name.as_str().as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(header.value())) {
                response.headers_mut().append(name, value);
            }
        }
        if let Some(live) = live {
            return response.map(|()| AnswerBody::live(live));
        }
        if let Some(bytes) = answer.body().preset_size() {
            // Told for HEAD too, which gets no body.
            response.headers_mut().insert(CONTENT_LENGTH, bytes.into());
        }
        let bytes = answer.into_bytes().await.unwrap_or_default();
        response.map(|()| AnswerBody::whole(bytes, Arc::clone(&self.clock)))
    }

    /// The answer to what Rocket cannot be asked.
    fn refuse(&self, error: &ApiError) -> Response<AnswerBody> {
        let mut response = Response::new(AnswerBody::whole(error.json(), Arc::clone(&self.clock)));
        *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// Methods are case-sensitive (RFC 9110 §9.1).
fn known(method: &Method) -> Option<rocket::http::Method> {
    method.as_str().parse().ok().filter(|known: &rocket::http::Method| known.as_str() == method.as_str())
}

/// Whom the request is for: over HTTP/2 that is part of its target.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<Host<'static>> {
    let named = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => headers.get(HOST)?.to_str().ok()?,
    };
    Host::parse_owned(named.to_owned()).ok()
}
