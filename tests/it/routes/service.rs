//! `/api/health`, `/api/version`, `/api/source` and `/api/devices`.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::Lab;

#[tokio::test]
async fn health_and_version_tell_no_secrets_to_anybody() {
    let server = Lab::simulated("tone").start();
    let anonymous = Client::anonymous(&server);
    Client::reader(&server).wait_for_stats("samples", |stats| stats["state"] == "running").await;
    let health = json!({"status": "ok", "state": "running", "reason": null});
    assert_eq!(anonymous.json("/api/health").await, (StatusCode::OK, health));
    let version = json!({"name": "photophone", "version": env!("CARGO_PKG_VERSION")});
    assert_eq!(anonymous.json("/api/version").await, (StatusCode::OK, version));
}

#[tokio::test]
async fn health_fails_with_the_source_and_says_why_in_one_word() {
    let server = Lab::with_source("wav:missing.wav").start();
    server.wait_for_log("missing.wav");
    let (reader, anonymous) = (Client::reader(&server), Client::anonymous(&server));
    reader.wait_for_stats("failure", |stats| stats["state"] == "failed").await;
    let (status, health) = anonymous.json("/api/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("failing")));
    assert_eq!((&health["state"], &health["reason"]), (&json!("failed"), &json!("file_unreadable")));
    let (_, source) = reader.json("/api/source").await;
    assert!(source["reason"]["message"].as_str().unwrap().contains("missing.wav"), "{source}");
    assert_eq!(source["source"], Value::Null);
}

#[tokio::test]
async fn the_source_is_described() {
    let server = Lab::simulated("tone").config("source: {rate_hz: 16000}").start();
    let reader = Client::reader(&server);
    reader.wait_for_stats("samples", |stats| stats["state"] == "running").await;
    let (status, source) = reader.json("/api/source").await;
    assert_eq!((status, &source["state"]), (StatusCode::OK, &json!("running")));
    assert_eq!((&source["source"]["kind"], &source["source"]["sample_rate"]), (&json!("sim"), &json!(16000)));
}

#[tokio::test]
async fn the_source_says_by_what_it_is_calibrated() {
    let yaml = "calibration:\n  a: {full_scale_v: 1.5, gain: 10, sensitivity_mv_pa: 50, response_file: mic.txt}\n  b: \
                {full_scale_v: 2}";
    let server = Lab::simulated("tone").config(yaml).private_file("mic.txt", "100 0\n").start();
    let (_, source) = Client::reader(&server).json("/api/source").await;
    let expected = json!({
        "a": {"calibrated": true, "units": ["fs", "dbfs", "v", "pa", "db_spl"], "full_scale_v": 1.5, "gain": 10.0,
              "sensitivity_mv_pa": 50.0, "reference_pa": 20e-6, "response_file": "mic.txt"},
        "b": {"calibrated": true, "units": ["fs", "dbfs", "v"], "full_scale_v": 2.0, "gain": 1.0,
              "sensitivity_mv_pa": null, "reference_pa": 20e-6, "response_file": null},
    });
    assert_eq!(source["calibration"], expected);
    let (_, plain) = Client::reader(&Lab::simulated("tone").start()).json("/api/source").await;
    assert_eq!(
        (&plain["calibration"]["b"]["calibrated"], &plain["calibration"]["b"]["units"]),
        (&json!(false), &json!(["fs", "dbfs"]))
    );
}

#[tokio::test]
async fn a_response_that_cannot_be_read_keeps_the_server_from_starting() {
    let lab = Lab::simulated("tone").config("calibration: {a: {response_file: mic.txt}}");
    let Err((status, log)) = lab.private_file("mic.txt", "100 0\n90 0\n").try_start() else { panic!("it started") };
    assert!(!status.success());
    assert!(
        log.contains("config.yaml:1: calibration.a.response_file cannot be used: ") && log.contains("mic.txt: line 2 "),
        "{log}"
    );
}

#[tokio::test]
async fn devices_are_a_list() {
    let server = Lab::simulated("tone").start();
    let (status, devices) = Client::reader(&server).json("/api/devices").await;
    assert_eq!(status, StatusCode::OK);
    assert!(devices.is_array(), "{devices}");
}
