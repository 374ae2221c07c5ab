//! How a viewer asks for a feed: what of the stream, where it starts, how late it may be.

use std::net::IpAddr;
use std::str::FromStr;

use photophone_signal::SampleIndex;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use thiserror::Error;
use utoipa::IntoParams;

use super::query::Query;
use super::server::Exchange;
use super::{ApiError, delivery};
use crate::feed::Form;
use crate::stream::{Lateness, Start};

/// What happens when a viewer falls behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Policy {
    /// It skips to the newest and is told the gap.
    #[default]
    Live,
    /// It catches up from the history.
    Lossless,
    /// The stream ends at the first gap, whatever its cause.
    Strict,
}

/// Not a policy.
#[derive(Debug, Error)]
#[error("must be live, lossless or strict")]
pub(super) struct NotAPolicy;

impl FromStr for Policy {
    type Err = NotAPolicy;

    fn from_str(text: &str) -> Result<Self, NotAPolicy> {
        match text {
            "live" => Ok(Self::Live),
            "lossless" => Ok(Self::Lossless),
            "strict" => Ok(Self::Strict),
            _ => Err(NotAPolicy),
        }
    }
}

impl Policy {
    pub(super) fn lateness(self) -> Lateness {
        match self {
            Self::Live => Lateness::Skip,
            Self::Lossless | Self::Strict => Lateness::CatchUp,
        }
    }
}

/// Parameters that every stream takes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the OpenAPI document; `Viewing::read` reads it")]
pub(super) struct ViewingParams {
    /// Which stream: `live`.
    #[param(default = "live")]
    stream: Option<String>,
    /// When the viewer falls behind: `live` skips to the newest, `lossless` catches up from the history, `strict` ends
    /// at the first gap.
    #[param(default = "live")]
    policy: Option<String>,
}

/// How a viewer that comes back goes on.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header for the OpenAPI document; `Asked` reads it")]
pub(super) struct ResumeParams {
    /// Id of the last event that the viewer has, `<epoch>:<first_sample>`: the stream goes on after it. `EventSource`
    /// sends it when it comes back.
    #[param(rename = "Last-Event-ID")]
    last_event_id: Option<String>,
}

/// What a request says about the viewing itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Viewing {
    pub(super) start: Start,
    pub(super) policy: Policy,
    pub(super) form: Form,
    pub(super) address: Option<IpAddr>,
}

impl Viewing {
    /// Takes `stream` and `policy` from the query.
    ///
    /// # Errors
    /// 404 for a stream that is not there, 400 for a bad policy.
    pub(super) fn read(query: &mut Query, Asked { last, form, address, is_head: _ }: Asked) -> Result<Self, ApiError> {
        let stream: Option<String> = query.take("stream")?;
        if stream.is_some_and(|stream| stream != "live") {
            let message = "no such stream; there is `live`";
            return Err(ApiError::new(Status::NotFound, "stream_not_found", message));
        }
        let policy = query.take("policy")?.unwrap_or_default();
        Ok(Self { start: last.map_or(Start::Newest, Start::After), policy, form, address })
    }
}

/// What is asked beside the query: by the headers of a request, or over a WebSocket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// The event after which a viewer that comes back goes on.
    last: Option<SampleIndex>,
    form: Form,
    /// From where, as far as this machine sees. Headers such as `X-Real-IP` are not believed.
    address: Option<IpAddr>,
    is_head: bool,
}

impl Asked {
    /// After the event of this id; an empty one says that there was none (WHATWG HTML, "Server-sent events").
    ///
    /// # Errors
    /// 400 for what is no id.
    pub(super) fn after(last: Option<&str>, form: Form, address: Option<IpAddr>) -> Result<Self, ApiError> {
        let last = last.filter(|id| !id.is_empty()).map(str::parse).transpose();
        match last {
            Ok(last) => Ok(Self { last, form, address, is_head: false }),
            Err(wrong) => {
                let message = format!("Last-Event-ID is {wrong}");
                Err(ApiError::new(Status::BadRequest, "last_event_id_invalid", message))
            }
        }
    }

    /// Whether nothing is to be viewed: the request is for the head of the answer.
    pub(super) fn is_head(&self) -> bool {
        self.is_head
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Asked {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let last = request.headers().get_one("Last-Event-ID");
        let address = request.remote().map(|peer| peer.ip());
        match Self::after(last, delivery::asked_form(request), address) {
            Ok(asked) => Outcome::Success(Self { is_head: Exchange::of(request).is_head(), ..asked }),
            Err(error) => error.fail(request),
        }
    }
}
