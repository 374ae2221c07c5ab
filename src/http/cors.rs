//! Cross-origin requests: pages of the configured origins may call the API with a bearer token, never with a cookie.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Header, Method, Status};
use rocket::options;
use rocket::request::Request;
use rocket::response::Response;

use super::Api;

/// Adds the headers that let a configured origin read an answer.
pub(super) struct Cors;

/// Answers a preflight; [`Cors`] adds what is allowed.
#[options("/<_..>")]
pub(super) fn preflight() -> Status {
    Status::NoContent
}

#[rocket::async_trait]
impl Fairing for Cors {
    fn info(&self) -> Info {
        Info { name: "CORS", kind: Kind::Response }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        response.adjoin_header(Header::new("Vary", "Origin"));
        let Some(origin) = request.headers().get_one("Origin") else {
            return;
        };
        let known = request
            .rocket()
            .state::<Api>()
            .is_some_and(|api| api.settings().cors_origins.iter().any(|allowed| allowed == origin));
        if !known {
            return;
        }
        response.set_header(Header::new("Access-Control-Allow-Origin", origin.to_owned()));
        response.set_header(Header::new("Access-Control-Expose-Headers", "Content-Location, Retry-After"));
        if request.method() == Method::Options {
            response.set_header(Header::new("Access-Control-Allow-Methods", "GET, POST, OPTIONS"));
            response
                .set_header(Header::new("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID"));
            response.set_header(Header::new("Access-Control-Max-Age", "600"));
        }
    }
}
