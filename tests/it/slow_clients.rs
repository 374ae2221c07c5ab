//! Viewers that read slowly, not at all, or vanish: they are told what they missed, and nobody else notices.

use photophone_signal::GapCause;
use photophone_signal::wire::FrameJson;

use crate::support::account::Account;
use crate::support::client::Client;
use crate::support::server::{Lab, Server};
use crate::support::simulation::Simulation;
use crate::support::slow_viewer::SlowViewer;

const FRAMES: &str = "/api/audio/stream/audio";

/// 4 MB of events per second, so that the kernel's buffers fill soon; a viewer that reads may be kept waiting for half
/// a second on a busy machine.
const FULL_SPATE: &str = "source: {rate_hz: 192000}\n\
    stream: {target_fps: 100, broadcast_buffer_size: 50, sse_timeout_secs: 0.5}";

/// More samples than fit between the source and a viewer that does not read: 4 MB of send buffer in the kernel at 20
/// bytes or more per sample, 50 frames of 1920 samples that it may lag, and some.
const MORE_THAN_FITS: u64 = 200_000 + 50 * 1920 + 50_000;

fn spate() -> (Server, Simulation) {
    (Lab::simulated("tone").config(FULL_SPATE).start(), Simulation::of("tone", FULL_SPATE))
}

/// Frames missing between one frame and the next.
fn missing(pair: &[FrameJson<'_>]) -> u64 {
    pair[1].frame_number - pair[0].frame_number - 1
}

fn hold(account: &Account, simulation: &Simulation) {
    account.hold_against(|indices| simulation.samples(indices));
}

#[tokio::test]
async fn a_viewer_that_pauses_is_told_what_it_missed_and_goes_on() {
    let (server, simulation) = spate();
    let client = Client::reader(&server);
    let mut steady = client.frames().await;
    let mut slow = SlowViewer::connect(&server, &server.token("stream:read"), FRAMES).await.events();
    let mut slow_account = slow.account(|account| account.frames.len() == 3).await;
    let paused_at = slow_account.extent().end;
    let steady_account = steady.account(|account| account.reaches(paused_at + MORE_THAN_FITS)).await;
    slow.enter_into(&mut slow_account, |account| !account.gaps.is_empty()).await;
    slow.enter_more(&mut slow_account, 5).await;

    hold(&slow_account, &simulation);
    let gap = slow_account.gaps[0];
    assert_eq!((gap.cause, gap.exact, gap.epoch), (GapCause::Subscriber, true, slow_account.epoch()));
    let missed: u64 = slow_account.frames.windows(2).map(missing).sum();
    assert_eq!(slow_account.gaps.iter().map(|gap| gap.samples().unwrap()).sum::<u64>(), missed * 1920);

    assert!(steady_account.gaps.is_empty());
    hold(&steady_account, &simulation);
    let stats = client.stats().await;
    assert!(stats["dropped_frames"].as_u64().unwrap() >= missed, "{missed} of {stats}");
    assert_eq!(stats["samples_lost"], serde_json::json!({"device": 0, "ring": 0, "reopen": 0}));
}

#[tokio::test]
async fn a_viewer_that_never_reads_and_vanishes_is_counted_out() {
    let (server, simulation) = spate();
    let client = Client::reader(&server);
    let mut steady = client.frames().await;
    let stalled = SlowViewer::connect(&server, &server.token("stream:read"), FRAMES).await;
    let begun_at = steady.frame().await.first_sample;
    let mut account = steady.account(|account| account.reaches(begun_at + MORE_THAN_FITS)).await;
    let dropped = |stats: &serde_json::Value| stats["dropped_frames"].as_u64().unwrap();
    let stats = client.wait_for_stats("what it loses while it stalls", |stats| dropped(stats) > 0).await;
    assert_eq!(stats["active_subscribers"], 2);
    stalled.reset();
    let left = client.wait_for_stats("one viewer left", |stats| stats["active_subscribers"] == 1).await;
    assert!(dropped(&left) >= dropped(&stats), "{left}");
    steady.enter_more(&mut account, 1).await;
    assert!(account.gaps.is_empty());
    hold(&account, &simulation);
}

#[tokio::test]
async fn over_http2_too_a_viewer_that_takes_nothing_is_closed() {
    let server = Lab::simulated("tone").config("server: {stall_secs: 1}").start();
    let client = Client::reader_over_http2(&server);
    // Its window is full soon; the connection itself is alive and answers.
    let untaken = client.get("/api/audio/stream/spectral").await;
    let watcher = Client::reader(&server);
    watcher.wait_for_stats("the viewer to be closed", |stats| stats["stalled_viewers"] == 1).await;
    watcher.wait_for_stats("its place to be free", |stats| stats["active_subscribers"] == 0).await;
    drop(untaken);
}

#[tokio::test]
async fn fifty_viewers_come_and_vanish_at_once() {
    let server = Lab::simulated("tone").config("stream: {sse_timeout_secs: 0.5}").start();
    let client = Client::reader(&server);
    let mut steady = client.frames().await;
    let mut account = steady.account(|account| !account.frames.is_empty()).await;
    let token = server.token("stream:read");
    let paths = [FRAMES, "/api/audio/stream/spectral"];
    let coming = (0..50).map(|number| SlowViewer::connect(&server, &token, paths[number % 2]));
    let crowd = futures_util::future::join_all(coming).await;
    client.wait_for_stats("all of them", |stats| stats["active_subscribers"] == 51).await;
    for (number, viewer) in crowd.into_iter().enumerate() {
        if number % 3 == 0 { viewer.reset() } else { drop(viewer) }
    }
    client.wait_for_stats("one viewer left", |stats| stats["active_subscribers"] == 1).await;
    steady.enter_more(&mut account, 5).await;
    assert!(account.gaps.is_empty());
    let simulation = Simulation::of("tone", "");
    hold(&account, &simulation);
    assert!(!server.log().contains("ERROR") && !server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn at_pace_fast_a_viewer_that_never_reads_is_not_waited_for_forever() {
    let yaml = "source: {rate_hz: 192000, pace: fast}\n\
        stream: {target_fps: 100, broadcast_buffer_size: realtime, fast_patience_secs: 1}";
    let server = Lab::simulated("tone").config(yaml).start();
    let client = Client::reader(&server);
    let _stalled = SlowViewer::connect(&server, &server.token("stream:read"), FRAMES).await;
    let mut steady = client.frames().await;
    let account = steady.account(|account| account.reaches(3 * MORE_THAN_FITS)).await;
    assert!(account.gaps.is_empty(), "{:?}", account.gaps);
    hold(&account, &Simulation::of("tone", yaml));
    let log = server.log();
    assert!(log.contains("Subscriber takes nothing at pace fast"), "{log}");
    assert!(!log.contains("Feed fell behind"), "{log}");
}
