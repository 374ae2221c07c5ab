//! The forms of a stream: whatever a viewer takes, it is told the same events, down to the last one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use photophone_signal::wire::binary::{MAX_MESSAGE_BYTES, Message, MessageReader, read_frame};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::account::indices;
use crate::support::client::{Client, Events, Told};
use crate::support::python::reference;
use crate::support::server::Lab;
use crate::support::simulation::Simulation;

const FRAMES: &str = "/api/audio/stream/audio";
const SPECTRA: &str = "/api/audio/stream/spectral";
const MESSAGES: (&str, &str) = ("Accept", "application/octet-stream");
const GZIP: (&str, &str) = ("Accept-Encoding", "gzip");

#[tokio::test]
async fn a_stream_with_gzip_is_one_member_with_the_events_that_all_get() {
    let mut server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    let first = first_id(&client).await;
    // The second comes late: it begins with segments that were made for others.
    let plain = open(&client, FRAMES, &[("Last-Event-ID", &first)]).await;
    let gzip = open(&client, FRAMES, &[GZIP, ("Last-Event-ID", &first)]).await;
    client.wait_for_stats("a second", |stats| stats["total_frames"].as_u64() > Some(30)).await;
    let late = open(&client, FRAMES, &[GZIP]).await;
    assert_eq!((gzip.headers()["content-encoding"].as_bytes(), header(&plain, "content-encoding")), (&b"gzip"[..], ""));
    assert_eq!(header(&plain, "vary"), "Accept, Accept-Encoding");
    let bodies = [plain, gzip, late].map(read);
    client.wait_for_stats("two seconds", |stats| stats["total_frames"].as_u64() > Some(60)).await;
    server.terminate();
    let [plain, gzip, late] = bodies;
    let plain = String::from_utf8(plain.await.unwrap().into()).unwrap();
    for compressed in [gzip, late] {
        let body = compressed.await.unwrap();
        let read = reference("gunzip.py", &json!([STANDARD.encode(&body)]));
        assert_eq!(read["closed"], true, "the member is closed by its sums");
        let text = read["whole"].as_str().unwrap();
        assert!(text.ends_with("event: shutdown\ndata: {\"reason\":\"the server is ending\"}\n\n"));
        let events: Vec<&str> = text.split_inclusive("\n\n").filter(|event| event.starts_with("id: ")).collect();
        let same = events.iter().filter(|event| plain.contains(**event)).count();
        assert!(same >= 20 && same + 1 >= events.len(), "{same} of {}", events.len());
        assert!(body.len() * 2 < text.len(), "{} bytes for {}", body.len(), text.len());
    }
}

#[tokio::test]
async fn messages_carry_the_frames_and_spectra_of_the_events() {
    let mut server = Lab::simulated("cell").start();
    let client = Client::reader(&server);
    let first = first_id(&client).await;
    let bodies = [FRAMES, SPECTRA].map(|path| (path, [MESSAGES, ("Last-Event-ID", first.as_str())]));
    let [frames, spectra] = bodies.map(async |(path, headers)| open(&client, path, &headers).await);
    let (frames, spectra) = (frames.await, spectra.await);
    let mut events = client.spectra().await;
    let spectrum = events.spectrum().await;
    assert_eq!(header(&frames, "content-type"), "application/octet-stream");
    let [frames, spectra] = [frames, spectra].map(read);
    client.wait_for_stats("a second", |stats| stats["total_frames"].as_u64() > Some(30)).await;
    server.terminate();
    let bytes = frames.await.unwrap();
    let seen = reference("wire.py", &json!(hexadecimal(&bytes)));
    let kinds: Vec<&str> = seen.as_array().unwrap().iter().map(|message| message["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("state", "shutdown"));
    assert!(kinds[1..kinds.len() - 1].iter().all(|kind| *kind == "frame") && kinds.len() > 20, "{kinds:?}");
    let simulation = Simulation::of("cell", "");
    each_message(&bytes, |message| {
        if let Some(frame) = read_frame(message) {
            let (a, b) = simulation.samples(frame.first_sample..frame.end_sample());
            assert!(frame.channel_a == a && frame.channel_b == b, "frame {}", frame.frame_number);
        }
    });
    let seen = reference("wire.py", &json!(hexadecimal(&spectra.await.unwrap())));
    let mut same =
        seen.as_array().unwrap().iter().filter(|message| message["place"]["first_sample"] == spectrum.first_sample);
    let message = same.next().expect("the spectrum that the event told");
    assert_eq!(message["place"]["samples"], 4096);
    assert_eq!(message["meta"]["window"], "hann");
    let values = |name: &str| serde_json::from_value::<Vec<f32>>(message["arrays"][name].clone()).unwrap();
    for (name, told) in [("magnitude_a", &spectrum.magnitude_a), ("magnitude_b", &spectrum.magnitude_b)] {
        assert_eq!(values(name), **told, "{name}");
    }
    assert_eq!(
        (values("frequencies"), values("phase_a")),
        (spectrum.frequencies.to_vec(), spectrum.phase_a.unwrap().to_vec())
    );
}

#[tokio::test]
async fn the_form_is_the_one_that_is_asked_for_most() {
    let server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    let table = [
        ("*/*", "", "text/event-stream", ""),
        ("*/*", "br, gzip;q=0.1", "text/event-stream", "gzip"),
        ("text/event-stream, application/octet-stream;q=0.5", "", "text/event-stream", ""),
        ("text/event-stream;q=0.5, application/octet-stream", "gzip", "application/octet-stream", ""),
        ("application/octet-stream;q=0", "", "text/event-stream", ""),
    ];
    for (accept, encoding, media, coding) in table {
        let response = open(&client, FRAMES, &[("Accept", accept), ("Accept-Encoding", encoding)]).await;
        assert_eq!(
            (header(&response, "content-type"), header(&response, "content-encoding")),
            (media, coding),
            "{accept}"
        );
    }
}

#[tokio::test]
async fn messages_keep_a_quiet_connection_and_end_with_the_policy() {
    let server = Lab::simulated("dropouts").config("stream: {sse_timeout_secs: 0.1, target_fps: 2}").start();
    let client = Client::reader(&server);
    let mut response = open(&client, &format!("{FRAMES}?policy=strict"), &[MESSAGES]).await;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes.extend(chunk);
    }
    let mut kinds = Vec::new();
    each_message(&bytes.into(), |message| kinds.push(message.header.kind.to_owned()));
    assert!(kinds.iter().any(|kind| kind == "heartbeat"), "{kinds:?}");
    assert_eq!(kinds[kinds.len() - 2..], ["gap", "end"], "a strict viewer gets no more after the first gap");
}

async fn first_id(client: &Client) -> String {
    let mut events: Events = client.frames().await;
    loop {
        if let Told::Frame(frame) = events.next().await.expect("the stream ended") {
            assert!(!indices(&frame).is_empty());
            return format!("{}:{}", frame.epoch, frame.first_sample);
        }
    }
}

async fn open(client: &Client, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = client.request(Method::GET, path);
    let response = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = response.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response
}

/// Reads the body to its end, beside what the test does.
fn read(response: Response) -> JoinHandle<Bytes> {
    tokio::spawn(async { response.bytes().await.unwrap() })
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn each_message(bytes: &Bytes, mut take: impl FnMut(&Message<'_>)) {
    let mut reader = MessageReader::new(MAX_MESSAGE_BYTES);
    reader.read(bytes, |message| take(&message)).unwrap();
    assert_eq!(reader.pending_bytes(), 0, "the last message is whole");
}

/// Each message by itself, cut by the length that it tells.
fn hexadecimal(mut bytes: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (message, rest) = bytes.split_at(u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize);
        messages.push(message.iter().map(|byte| format!("{byte:02x}")).collect());
        bytes = rest;
    }
    messages
}
