//! A client that was not written for this program: `reqwest` for HTTP, `eventsource-stream` for server-sent events.

use std::fmt::Debug;
use std::future::ready;
use std::pin::Pin;

use bytes::Bytes;
use eventsource_stream::{Event, Eventsource};
use futures_util::{Stream, StreamExt};
use photophone_signal::Gap;
use photophone_signal::wire::{FrameJson, SpectrumJson};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::server::{PATIENCE, Server};

/// Talks to one server with one token.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// An open event stream.
pub(crate) struct Events {
    events: Pin<Box<dyn Stream<Item = Event> + Send>>,
}

/// One event, understood.
#[derive(Debug)]
pub(crate) enum Told {
    Frame(Box<FrameJson<'static>>),
    Spectrum(Box<SpectrumJson<'static>>),
    Heartbeat,
    Gap(Gap),
    State(Value),
    End(Value),
    Shutdown,
    Reauth,
}

impl Client {
    /// A client whose token has `scope`.
    pub(crate) fn with_scope(server: &Server, scope: &str) -> Self {
        let token = server.token(scope);
        Self { token: Some(token), ..Self::anonymous(server) }
    }

    /// A client that may read streams.
    pub(crate) fn reader(server: &Server) -> Self {
        Self::with_scope(server, "stream:read")
    }

    /// A client with this token.
    pub(crate) fn bearing(server: &Server, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..Self::anonymous(server) }
    }

    /// A client that may read streams and speaks HTTP/2 from the first byte, all its requests over one connection.
    pub(crate) fn reader_over_http2(server: &Server) -> Self {
        let http = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
        Self { http, ..Self::reader(server) }
    }

    /// A client without a token.
    pub(crate) fn anonymous(server: &Server) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, url: server.url.clone(), token: None }
    }

    /// A request to `path`.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// GET `path`.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(reqwest::Method::GET, path).send().await.unwrap()
    }

    /// POST of a JSON body to `path`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(reqwest::Method::POST, path).json(body).send().await.unwrap()
    }

    /// The JSON at `path`, whatever the status.
    pub(crate) async fn json(&self, path: &str) -> (StatusCode, Value) {
        let response = self.get(path).await;
        (response.status(), response.json().await.unwrap())
    }

    /// The stream's counters.
    pub(crate) async fn stats(&self) -> Value {
        self.json("/api/audio/stream/stats").await.1
    }

    /// Waits until the counters satisfy `holds`.
    pub(crate) async fn wait_for_stats(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        self.wait_for("/api/audio/stream/stats", what, holds).await
    }

    /// Waits until the JSON at `path` satisfies `holds`.
    pub(crate) async fn wait_for(&self, path: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let looking = async {
            loop {
                let (_, found) = self.json(path).await;
                if holds(&found) {
                    return found;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    /// Frames as they come.
    pub(crate) async fn frames(&self) -> Events {
        self.events("/api/audio/stream/audio").await
    }

    /// Spectra as they come.
    pub(crate) async fn spectra(&self) -> Events {
        self.events("/api/audio/stream/spectral").await
    }

    /// The events at `path`.
    pub(crate) async fn events(&self, path: &str) -> Events {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK);
        Events::of(response)
    }
}

impl Events {
    pub(crate) fn of(response: Response) -> Self {
        Self::of_bytes(response.bytes_stream())
    }

    /// The events in a body.
    pub(crate) fn of_bytes<E: Debug + Send>(body: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Self {
        // A connection that breaks ends the events, as it does for a user.
        let events = body.eventsource();
        let events = events.take_while(|event| ready(event.is_ok())).filter_map(|event| ready(event.ok()));
        Self { events: Box::pin(events) }
    }

    /// The next event that is no heartbeat, as it came.
    pub(crate) async fn next_event(&mut self) -> Event {
        loop {
            let event = self.next_raw().await.expect("the stream ended");
            if event.data != r#"{"type":"heartbeat"}"# {
                return event;
            }
        }
    }

    /// The next event as it came; none when the stream has ended.
    pub(crate) async fn next_raw(&mut self) -> Option<Event> {
        timeout(PATIENCE, self.events.next()).await.expect("waited in vain for an event")
    }

    /// The next event; none when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        self.next_raw().await.map(|event| Told::of(&event))
    }

    /// The next frame, whatever else comes before it.
    pub(crate) async fn frame(&mut self) -> FrameJson<'static> {
        loop {
            if let Told::Frame(frame) = self.next().await.expect("the stream ended") {
                return *frame;
            }
        }
    }

    /// The next spectrum, whatever else comes before it.
    pub(crate) async fn spectrum(&mut self) -> SpectrumJson<'static> {
        loop {
            if let Told::Spectrum(spectrum) = self.next().await.expect("the stream ended") {
                return *spectrum;
            }
        }
    }

    /// Waits for the state `wanted`.
    pub(crate) async fn state(&mut self, wanted: &str) -> Value {
        loop {
            if let Told::State(state) = self.next().await.expect("the stream ended")
                && state["state"] == wanted
            {
                return state;
            }
        }
    }
}

/// What comes of a body until `holds`, comments included.
pub(crate) async fn text_until(response: &mut Response, holds: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    let reading = async {
        while !holds(&text) {
            let chunk = response.chunk().await.unwrap().expect("the stream ended");
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    let read = timeout(PATIENCE, reading).await;
    assert!(read.is_ok(), "waited in vain: {text:.1000}");
    text
}

impl Told {
    /// What an event says.
    pub(crate) fn of(event: &Event) -> Self {
        match event.event.as_str() {
            "gap" => Self::Gap(read(event)),
            "state" => Self::State(read(event)),
            "end" => Self::End(read(event)),
            "shutdown" => Self::Shutdown,
            "reauth" => Self::Reauth,
            "message" if event.data == r#"{"type":"heartbeat"}"# => Self::Heartbeat,
            "message" if event.data.contains(r#""frequencies":"#) => {
                let spectrum: SpectrumJson<'_> = read(event);
                assert_eq!(event.id, format!("{}:{}", spectrum.epoch, spectrum.first_sample), "the id is the position");
                Self::Spectrum(Box::new(spectrum))
            }
            "message" => {
                let frame: FrameJson<'_> = read(event);
                assert_eq!(event.id, format!("{}:{}", frame.epoch, frame.first_sample), "the id is the position");
                Self::Frame(Box::new(frame))
            }
            other => panic!("unknown event {other}"),
        }
    }
}

fn read<T: DeserializeOwned>(event: &Event) -> T {
    serde_json::from_str(&event.data).unwrap_or_else(|error| panic!("{error} in {event:?}"))
}
