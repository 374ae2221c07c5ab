//! Readings of the lock-in of a tone that is known.

use std::f64::consts::{PI, TAU};

use photophone_signal::wire::LockinJson;

use crate::support::client::{Client, Events};
use crate::support::server::Lab;

const LOCKIN: &str = "/api/audio/stream/lockin";

/// Amplitude of the simulated tone of 1000 Hz: −6 dBFS.
fn amplitude() -> f64 {
    10_f64.powf(-6.0 / 20.0)
}

async fn reading(events: &mut Events, holds: impl Fn(&LockinJson<'_>) -> bool) -> LockinJson<'static> {
    loop {
        let event = events.next_raw().await.expect("the stream ended");
        if event.event == "message" {
            let reading: LockinJson<'_> = serde_json::from_str(&event.data).unwrap();
            assert_eq!(event.id, format!("{}:{}", reading.epoch, reading.first_sample), "the id is the position");
            if holds(&reading) {
                return reading;
            }
        }
    }
}

fn is_near(angle: f64, truth: f64) -> bool {
    let away = (angle - truth).rem_euclid(TAU);
    away.min(TAU - away) < 0.1_f64.to_radians()
}

#[tokio::test]
async fn a_tone_reads_its_amplitude_and_phase() {
    let server = Lab::simulated("tone").config("source: {pace: fast}").start();
    let client = Client::reader(&server);
    let mut events = client.events(&format!("{LOCKIN}?reference=1e3&tau_s=0.02&slope=12&fps=25")).await;
    let settled = reading(&mut events, |reading| reading.age_tau > 12.0).await;
    let (a, b) = (settled.channel_a.unwrap(), settled.channel_b.unwrap());
    for (channel, phase) in [(a, 0.0), (b, -PI / 2.0)] {
        assert!((channel.amplitude / amplitude() - 1.0).abs() < 1e-3, "{channel:?}");
        assert!(is_near(channel.phase, phase), "{channel:?}");
        assert!((channel.x.hypot(channel.y) - channel.amplitude).abs() < 1e-12);
    }
    assert_eq!((settled.samples, settled.first_sample % 1920), (1920, 0), "readings stand on the grid");
    assert_eq!((settled.reference.as_ref(), settled.reference_hz), ("1000", Some(1000.0)));
    assert!((settled.bandwidth_hz - 1.0 / (8.0 * 0.02)).abs() < 1e-9 && settled.settled);
}

#[tokio::test]
async fn a_reference_that_is_followed_is_found() {
    let server = Lab::simulated("tone").config("source: {pace: fast}").start();
    let client = Client::reader(&server);
    // Without parameters the strongest tone of channel A itself is followed.
    for (query, phase_a) in [("", 0.0), ("?reference=channel_b", PI / 2.0)] {
        let mut events = client.events(&format!("{LOCKIN}{query}")).await;
        let settled = reading(&mut events, |reading| reading.age_tau > 12.0).await;
        let a = settled.channel_a.unwrap();
        assert!((a.amplitude / amplitude() - 1.0).abs() < 1e-3 && is_near(a.phase, phase_a), "{query}: {a:?}");
        assert!((settled.reference_hz.unwrap() - 1000.0).abs() < 1e-3, "{query}");
        assert_eq!(settled.channel_b.is_some(), query.is_empty());
        assert_eq!((settled.harmonic, settled.tau_s, settled.slope, settled.samples), (1, 0.1, 24, 4800));
    }
}
