//! Viewers whose connection breaks: they come back with the id of their last frame and miss nothing, or are told what.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use photophone_signal::GapCause;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use crate::support::account::Account;
use crate::support::client::{Client, Events, Told};
use crate::support::server::Lab;
use crate::support::soak::{lengthened, seed};
use crate::support::wav::{Noise, WavFile};

const FRAMES: &str = "/api/audio/stream/audio";

/// About forty events of 5 kB.
const CUT_WITHIN_BYTES: u32 = 200_000;

#[tokio::test]
async fn pieces_of_a_stream_that_was_cut_anywhere_fit_together() {
    let dir = tempfile::tempdir().unwrap();
    let noise = Noise { format: ["-b", "16", "-e", "signed-integer"], rate_hz: 8000, channels: 2, samples: 20_011 };
    let file = WavFile::of_noise(&noise, &dir.path().join("noise.wav"));
    let server = Lab::wav(&file.path).config("source: {loop: true, pace: 8}").start();
    let client = Client::reader(&server);
    let mut random = ChaCha8Rng::seed_from_u64(seed("resume"));
    let (mut account, mut last) = (Account::default(), None);
    for _ in 0..lengthened(20, 200) {
        let response = open(&client, FRAMES, last.as_deref()).await;
        let bytes = read_some(response, random.next_u32() % CUT_WITHIN_BYTES).await;
        let mut events = Events::of_bytes(stream::iter([Ok::<_, std::io::Error>(bytes)]));
        while let Some(event) = events.next_raw().await {
            last = Some(event.id.clone()).filter(|id| !id.is_empty()).or(last);
            account.enter(Told::of(&event));
        }
    }
    assert!(account.gaps.is_empty() && account.frames.len() > 100, "{} frames", account.frames.len());
    account.hold_against(|indices| file.play(indices, 1, 2));
}

#[tokio::test]
async fn what_is_older_than_the_history_is_told_as_a_gap() {
    let server = Lab::simulated("tone").config("stream: {history_secs: 1, broadcast_buffer_size: 10}").start();
    let client = Client::reader(&server);
    let old = client.frames().await.frame().await;
    client.wait_for_stats("two seconds", |stats| stats["total_frames"].as_u64() > Some(75)).await;
    let mut events = Events::of(open(&client, FRAMES, Some(&format!("{}:{}", old.epoch, old.first_sample))).await);
    assert!(matches!(events.next().await, Some(Told::State(_))));
    let Some(Told::Gap(gap)) = events.next().await else { panic!("the gap comes first") };
    let Some(Told::Frame(next)) = events.next().await else { panic!("then the oldest frame") };
    assert_eq!((gap.epoch, gap.from_sample, gap.cause), (old.epoch, old.first_sample, GapCause::History));
    assert_eq!((gap.to_sample, gap.exact), (Some(next.first_sample), false));
}

#[tokio::test]
async fn an_id_of_another_run_is_told_with_the_epoch_that_runs_now() {
    let server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    let now = client.frames().await.frame().await;
    let other = "2b7e1516-28ae-4d2a-abf7-158809cf4f3c";
    let mut events = Events::of(open(&client, FRAMES, Some(&format!("{other}:4711"))).await);
    let Some(Told::Gap(gap)) = events.next().await else { panic!("the gap comes first") };
    let Some(Told::State(state)) = events.next().await else { panic!("then the first state of this run") };
    assert_eq!(state["state"], "starting");
    assert_eq!((gap.epoch.to_string().as_str(), gap.from_sample, gap.to_sample), (other, 4711, None));
    assert_eq!((gap.next_epoch, gap.cause), (Some(now.epoch), GapCause::History));
    assert_eq!(events.frame().await.first_sample, 0, "all that is kept of the epoch follows");
}

#[tokio::test]
async fn an_id_that_is_none_is_refused_and_an_empty_one_is_no_id() {
    let server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    for wrong in ["7", "x:7", "2b7e1516-28ae-4d2a-abf7-158809cf4f3c:-1"] {
        let response = client.request(Method::GET, FRAMES).header("Last-Event-ID", wrong).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let error = response.json::<serde_json::Value>().await.unwrap();
        assert_eq!(error["error"]["code"], "last_event_id_invalid", "{error}");
    }
    assert_eq!(open(&client, FRAMES, Some("")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn policies_are_known_and_strict_ends_at_the_first_gap() {
    let server = Lab::simulated("dropouts").config("source: {rate_hz: 8000, pace: fast}").start();
    let client = Client::reader(&server);
    let (status, error) = client.json(&format!("{FRAMES}?policy=hasty")).await;
    let message = error["error"]["message"].as_str().unwrap();
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(message, "policy=hasty: must be live, lossless or strict");
    assert_eq!(client.json(&format!("{FRAMES}?stream=take")).await.0, StatusCode::NOT_FOUND);

    let mut strict = Events::of(open(&client, &format!("{FRAMES}?policy=strict&stream=live"), None).await);
    let mut account = Account::default();
    loop {
        match strict.next().await.expect("it ends with a word") {
            Told::End(end) => {
                assert!(end["reason"].as_str().unwrap().contains("strict"), "{end}");
                break;
            }
            told => account.enter(told),
        }
    }
    assert_eq!(account.gaps.len(), 1);
    assert!(strict.next().await.is_none());
}

#[tokio::test]
async fn a_lossless_viewer_that_stalls_catches_up() {
    let config = "source: {rate_hz: 192000}\nstream: {target_fps: 100, broadcast_buffer_size: 50, history_mib: 512}";
    let server = Lab::simulated("tone").config(config).start();
    let client = Client::reader(&server);
    let mut viewer = Events::of(open(&client, &format!("{FRAMES}?policy=lossless"), None).await);
    let mut account = viewer.account(|account| account.frames.len() == 1).await;
    // It reads nothing meanwhile: more than the buffers of both ends hold, and far more than fifty frames.
    let frames = lengthened(800, 2000);
    client.wait_for_stats("seconds", |stats| stats["total_frames"].as_u64() > Some(frames)).await;
    viewer.enter_more(&mut account, frames as usize).await;
    assert_eq!(account.gaps, []);
    assert_eq!(client.stats().await["dropped_frames"], json!(0));
}

async fn open(client: &Client, path: &str, last: Option<&str>) -> Response {
    let request = client.request(Method::GET, path);
    let request = match last {
        Some(last) => request.header("Last-Event-ID", last),
        None => request,
    };
    request.send().await.unwrap()
}

/// At least `bytes` of the body; then the connection is cut.
async fn read_some(response: Response, bytes: u32) -> Bytes {
    assert_eq!(response.status(), StatusCode::OK);
    let (mut body, mut read) = (response.bytes_stream(), Vec::new());
    while read.len() <= bytes as usize {
        read.extend_from_slice(&body.next().await.expect("the stream ended").unwrap());
    }
    read.truncate(bytes as usize);
    read.into()
}
