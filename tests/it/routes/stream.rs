//! `/api/audio/stream`: headers, bounds on open streams, protocols. What the events say is the business of `stream`.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::refused;
use crate::support::client::{Client, Events, Told};
use crate::support::server::Lab;

const AUDIO: &str = "/api/audio/stream/audio";

const FEEDS: &str = "/api/audio/stream/feeds";

#[tokio::test]
async fn streams_survive_proxies() {
    let server = Lab::simulated("tone").start();
    let reader = Client::reader(&server);
    let [spectral, envelope, levels] =
        ["spectral", "envelope", "levels"].map(|name| format!("/api/audio/stream/{name}"));
    for path in [AUDIO, &spectral, &envelope, &levels] {
        let response = reader.get(path).await;
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/event-stream", "{path}");
        assert_eq!(headers["cache-control"], "no-cache, no-transform", "{path}");
        assert_eq!(headers["x-accel-buffering"], "no", "{path}");
        assert!(!headers.contains_key("content-length") && !headers.contains_key("content-encoding"), "{path}");
    }
}

#[tokio::test]
async fn open_streams_are_bounded_and_head_opens_none() {
    let server = Lab::simulated("tone").config("server: {limits: {streams: 1}}").start();
    let reader = Client::reader(&server);
    for _ in 0..3 {
        let head = reader.request(Method::HEAD, AUDIO).send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
        assert_eq!(head.headers()["content-location"], AUDIO);
    }
    assert_eq!(reader.json(FEEDS).await.1, json!([]), "nor a feed");
    let mut only = reader.frames().await;
    only.frame().await;
    for path in [AUDIO, "/api/audio/stream/spectral"] {
        let (code, headers) = refused(reader.request(Method::GET, path), 503).await;
        assert_eq!(code, "streams_full");
        assert!(headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    }
    assert_eq!(reader.stats().await["active_subscribers"], 1);
    drop(only);
    reader.wait_for_stats("the viewer to be gone", |stats| stats["active_subscribers"] == 0).await;
    assert_eq!(reader.get(AUDIO).await.status(), StatusCode::OK, "its place is free again");
}

#[tokio::test]
async fn where_a_representation_is_said_to_be_is_the_same_feed() {
    let server = Lab::simulated("tone").start();
    let reader = Client::reader(&server);
    reader.frames().await.frame().await;
    let mut feeds = 1;
    for asked in [
        "audio?max_kbps=300",
        "audio?channels=a&format=i16&fps=0.3",
        "envelope?column_samples=100&fps=7",
        "levels",
        "spectral",
        "spectral?peaks=3&max_hz=1e6&bins=log:100",
        "spectral?window=kaiser:8.6&averaging=exp:0.25&scale=psd&unit=dbfs&overlap=0.333",
        "lockin?reference=1000.5&tau_s=0.03&fps=0.7",
    ] {
        feeds += 1;
        let first = reader.get(&format!("/api/audio/stream/{asked}")).await;
        let location = first.headers()["content-location"].to_str().unwrap().to_owned();
        let second = reader.get(&location).await;
        assert_eq!(second.headers()["content-location"], location, "{asked}");
        let running = reader.json(FEEDS).await.1;
        assert_eq!(running.as_array().unwrap().len(), feeds, "{asked} at {location}: {running}");
    }
}

#[tokio::test]
async fn before_the_first_frame_latest_says_so_and_a_stream_tells_the_state() {
    let server = Lab::with_source("wav:missing.wav").start();
    let reader = Client::reader(&server);
    reader.wait_for_stats("failure", |stats| stats["state"] == "failed").await;
    let (code, headers) = refused(reader.request(Method::GET, "/api/audio/stream/latest"), 503).await;
    assert_eq!((code.as_str(), &headers["retry-after"]), ("no_frame_yet", &"1".parse().unwrap()));
    let mut events = reader.frames().await;
    let Some(Told::State(state)) = events.next().await else { panic!("the state comes first") };
    assert_eq!((&state["state"], &state["reason"]["code"]), (&json!("failed"), &json!("file_unreadable")));
}

#[tokio::test]
async fn a_page_reads_a_stream_with_its_cookie_alone() {
    let server = Lab::simulated("tone").start();
    let cookie = format!("photophone_{}={}", server.port(), server.token("stream:read"));
    let request = Client::anonymous(&server).request(Method::GET, AUDIO).header("Cookie", &cookie);
    let response = request.header("Accept", "text/event-stream").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    Events::of(response).frame().await;
}

#[tokio::test]
async fn streams_share_one_http2_connection() {
    let server = Lab::simulated("tone").start();
    let reader = Client::reader_over_http2(&server);
    assert_eq!(reader.get("/api/health").await.version(), reqwest::Version::HTTP_2);
    // More than the six connections that a browser opens to a host over HTTP/1.1. Each is read all the time: an unread
    // one would use up what the connection may carry.
    let (arrived, mut arrivals) = tokio::sync::mpsc::channel(16);
    let mut reading = tokio::task::JoinSet::new();
    for _ in 0..8 {
        for mut events in [reader.frames().await, reader.spectra().await] {
            let mut arrived = Some(arrived.clone());
            reading.spawn(async move {
                while let Some(event) = events.next().await {
                    if matches!(event, Told::Frame(_) | Told::Spectrum(_))
                        && let Some(arrived) = arrived.take()
                    {
                        arrived.send(()).await.unwrap();
                    }
                }
            });
        }
    }
    for _ in 0..16 {
        arrivals.recv().await.unwrap();
    }
    let watcher = Client::reader(&server);
    watcher.wait_for_stats("all streams to be open", |stats| stats["active_subscribers"] == 16).await;
    reading.shutdown().await;
    watcher.wait_for_stats("the viewers to be gone", |stats| stats["active_subscribers"] == 0).await;
}

/// Queries that are refused, and what is said.
const BAD_QUERIES: &[(&str, &str)] = &[
    ("spectral?size=255", "size is \"255\"; expected a whole number from 256 to 65536"),
    ("spectral?window=kaiser", "window is \"kaiser\"; expected rectangular, hann, "),
    ("spectral?overlap=1", "overlap is \"1\"; expected a number from 0.0 to 0.9"),
    ("spectral?averaging=linear:0", "averaging is \"linear:0\"; expected none, peak, min, exp:τ"),
    ("spectral?scale=db", "scale is \"db\"; expected amplitude, power or psd"),
    ("spectral?unit=%1b[2J", "unit is \"\\u{1b}[2J\"; expected fs, dbfs, v, pa or db_spl"),
    ("spectral?unit=%ff", "the query is not UTF-8"),
    ("spectral?%ff=fs", "the query is not UTF-8"),
    ("stats?x=%c3%28", "the query is not UTF-8"),
    ("spectral?phase=1", "phase is \"1\"; expected true or false"),
    ("spectral?peaks=-1", "peaks is \"-1\"; expected a whole number from 0 to 64"),
    ("spectral?bins=5", "bins is \"5\"; expected log:n or linear:n"),
    ("spectral?fps=0", "fps=0: must be a number from 0.01 to 1000"),
    ("spectral?phase=true&averaging=peak", "phase is \"true\"; expected false, as an average (peak) has no phase"),
    ("spectral?cross=true", "averaging is \"none\"; expected exp:τ or linear:n of at least 2, as the coherence"),
    (
        "spectral?cross=true&averaging=exp:0.03&size=4800",
        "averaging is \"exp:0.03\"; expected exp:τ with τ of at least 0.046",
    ),
    ("spectral?max_hz=5", "max_hz is \"5\"; expected at least 11.7"),
    (
        "spectral?unit=v&cross=true&averaging=linear:2",
        "unit is \"v\"; expected fs or dbfs, as calibration.b.full_scale_v is not set",
    ),
    ("spectral?unit=db_spl", "unit is \"db_spl\"; expected fs or dbfs, as calibration.a.sensitivity_mv_pa is not set"),
    ("spectral?fps=1&fps=2", "query key `fps` comes more than once"),
    ("lockin?reference=0", "reference is \"0\"; expected a frequency in Hz above 0"),
    ("lockin?reference=24000", "harmonic 1 of 24000 Hz is not below 24000 Hz, half the sample rate"),
    ("lockin?reference=8000&harmonic=3", "harmonic 3 of 8000 Hz is not below 24000 Hz"),
    ("lockin?harmonic=x", "harmonic is \"x\"; expected a whole number from 1 to 9"),
    ("lockin?harmonic=10", "harmonic is 10; expected a whole number from 1 to 9"),
    ("lockin?tau_s=", "tau_s is \"\"; expected a number from 0.0001 to 1000"),
    (
        "lockin?reference=1&tau_s=0.1",
        "tau_s is 0.1; at this frequency and the sample rate of this source expected at least",
    ),
    ("lockin?slope=7", "slope is 7; expected 6, 12, 18 or 24"),
    ("lockin?fps=1e9", "fps=1e9: must be a number from 0.01 to 1000"),
    ("audio?fps=0.01", "fps is 0.01; expected at least 0.023 with these parameters and this source, as a message has"),
    (
        "envelope?column_samples=1&fps=0.05",
        "fps is 0.05; expected at least 0.069 with these parameters and this source",
    ),
];

#[tokio::test]
async fn a_bad_query_is_told_with_what_would_be_right() {
    let server = Lab::simulated("tone").config("calibration: {a: {full_scale_v: 1}}").start();
    let reader = Client::reader(&server);
    reader.wait_for_stats("the first frame", |stats| stats["total_frames"].as_u64() > Some(0)).await;
    for (query, told) in BAD_QUERIES {
        let (status, body) = reader.json(&format!("/api/audio/stream/{query}")).await;
        let (code, message) = super::error_of(&body, StatusCode::BAD_REQUEST);
        assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "query_invalid"), "{query}: {message}");
        assert!(message.starts_with(told), "{query}: {message}");
    }
    assert_eq!(reader.json("/api/audio/stream/feeds").await.1, json!([]), "no feed was started");
}
