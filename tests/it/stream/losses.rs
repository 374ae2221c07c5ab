//! What a viewer is told when the source loses samples: where, how many, why, and that everything else is right.

use std::ops::Range;

use photophone_signal::{Gap, GapCause};
use reqwest::StatusCode;
use serde_json::json;

use crate::support::account::Account;
use crate::support::client::Client;
use crate::support::server::Lab;
use crate::support::simulation::Simulation;

fn extents(gaps: &[Gap]) -> Vec<Range<u64>> {
    gaps.iter().map(|gap| gap.from_sample..gap.to_sample.unwrap()).collect()
}

/// Holds samples of a simulated device that began anew at index `restart` of the epoch.
fn hold_around(account: &Account, simulation: &Simulation, restart: u64) {
    account.hold_against(|indices| {
        let shift = if indices.start < restart { 0 } else { restart };
        simulation.samples(indices.start - shift..indices.end - shift)
    });
}

#[tokio::test]
async fn dropouts_are_told_to_the_sample() {
    let yaml = "source: {seed: 3, rate_hz: 8000, pace: fast}";
    let server = Lab::simulated("dropouts").config(yaml).start();
    let client = Client::reader(&server);
    let mut events = client.frames().await;
    let account = events.account(|account| account.gaps.len() == 20).await;
    let simulation = Simulation::of("dropouts", yaml);
    account.hold_against(|indices| simulation.samples(indices));
    assert_eq!(account.extent().start, 0, "at pace fast the source waits for its first viewer");
    assert_eq!(extents(&account.gaps), simulation.losses(account.extent()));
    let told = |gap: &Gap| gap.cause == GapCause::Device && gap.exact && gap.epoch == account.epoch();
    assert!(account.gaps.iter().all(told), "{:?}", account.gaps);

    let stats = client.stats().await;
    let (published, lost) = (stats["samples_total"].as_u64().unwrap(), &stats["samples_lost"]);
    let end = published + lost["device"].as_u64().unwrap();
    let losses = simulation.losses(0..end);
    assert_eq!(
        *lost,
        json!({"device": losses.iter().map(|loss| loss.end - loss.start).sum::<u64>(), "ring": 0, "reopen": 0})
    );
}

#[tokio::test]
async fn an_unplugged_device_comes_back_in_the_same_epoch() {
    let yaml = "source: {rate_hz: 8000, retry_max_ms: 200}";
    let server = Lab::simulated("unplug").config(yaml).start();
    let client = Client::reader(&server);
    let mut events = client.frames().await;
    let mut account = events.account(|account| account.gaps.len() == 1).await;
    events.enter_into(&mut account, |account| account.state_words().ends_with(&["running"])).await;
    events.enter_more(&mut account, 10).await;

    assert_eq!(account.state_words(), ["running", "reopening", "running"]);
    let codes: Vec<_> = account.states.iter().map(|state| state["reason"]["code"].as_str()).collect();
    assert!(codes.contains(&Some("source_lost")) && codes.contains(&Some("source_absent")), "{codes:?}");
    let gap = account.gaps[0];
    assert_eq!((gap.cause, gap.exact, gap.epoch), (GapCause::Reopen, false, account.epoch()));
    hold_around(&account, &Simulation::of("unplug", yaml), gap.to_sample.unwrap());
    // Two seconds away, then found within one wait of 200 ms; a busy machine may take longer.
    let away_secs = gap.samples().unwrap() as f64 / 8000.0;
    assert!((1.9..5.0).contains(&away_secs), "{away_secs} s");
    assert_eq!(client.stats().await["samples_lost"], json!({"device": 0, "ring": 0, "reopen": gap.samples()}));
    assert_eq!(client.json("/api/health").await.0, StatusCode::OK);
}

/// At four times the pace the stall comes after 1.75 s of 2.5 s.
#[tokio::test]
async fn a_device_that_stalls_is_opened_again() {
    let yaml = "source: {rate_hz: 8000, pace: 4, stall_ms: 300}";
    let server = Lab::simulated("stall").config(yaml).start();
    let client = Client::reader(&server);
    let mut events = client.frames().await;
    let mut account = events.account(|account| account.gaps.len() == 1).await;
    events.enter_into(&mut account, |account| account.state_words().ends_with(&["stalled", "running"])).await;
    events.enter_more(&mut account, 10).await;

    assert_eq!(account.state_words(), ["running", "stalled", "running"]);
    let stalled = account.states.iter().find(|state| state["state"] == "stalled").unwrap();
    assert_eq!(stalled["reason"]["code"], "no_samples");
    let gap = account.gaps[0];
    assert_eq!((gap.from_sample, gap.cause, gap.exact), (7 * 8000, GapCause::Reopen, false));
    hold_around(&account, &Simulation::of("stall", yaml), gap.to_sample.unwrap());
    let away_secs = gap.samples().unwrap() as f64 / 8000.0;
    assert!(away_secs > 4.0 * 0.29, "{away_secs} s of the source's time, which runs four times as fast");
    assert_eq!(client.json("/api/health").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_pause_shorter_than_a_stall_is_a_loss_of_the_device() {
    let yaml = "source: {rate_hz: 8000, pace: 4, stall_ms: 60000}";
    let server = Lab::simulated("stall").config(yaml).start();
    let account = Client::reader(&server)
        .frames()
        .await
        .account(|account| !account.gaps.is_empty() && account.frames.last().unwrap().first_sample > 10 * 8000)
        .await;
    assert_eq!(extents(&account.gaps), Simulation::of("stall", yaml).losses(0..10 * 8000));
    assert!(account.gaps[0].exact && account.gaps[0].cause == GapCause::Device);
    assert_eq!(account.state_words(), ["running"]);
    let simulation = Simulation::of("stall", yaml);
    account.hold_against(|indices| simulation.samples(indices));
}
