//! Files that cannot be played: the server runs all the same and says what is wrong where.

use std::fs;
use std::path::Path;

use reqwest::StatusCode;

use crate::support::client::Client;
use crate::support::server::Lab;
use crate::support::wav::Noise;

fn sound(path: &Path, format: [&'static str; 4]) -> Vec<u8> {
    Noise { format, rate_hz: 8000, channels: 1, samples: 1000 }.write_to(path);
    fs::read(path).unwrap()
}

/// Starts a server with these bytes as its file; the reason of its failure must contain `expected`.
async fn fails_with(path: &Path, expected: &str) {
    let server = Lab::wav(path).start();
    let client = Client::reader(&server);
    let state = client.frames().await.state("failed").await;
    let reason = &state["reason"];
    let message = reason["message"].as_str().unwrap();
    assert!(message.contains(&path.display().to_string()) && message.contains(expected), "{message}");
    assert_eq!(reason["code"], "file_unreadable");
    let (status, health) = client.json("/api/health").await;
    assert_eq!((status, &health["reason"]), (StatusCode::SERVICE_UNAVAILABLE, &"file_unreadable".into()));
    let (status, source) = client.json("/api/source").await;
    assert_eq!((status, &source["state"], &source["reason"]), (StatusCode::OK, &"failed".into(), reason));
    let told = server.line("source: none, failed: ").unwrap();
    assert_eq!(told, message);
    assert!(server.log().contains(expected), "{}", server.log());
}

#[tokio::test]
async fn a_broken_file_is_named_with_chunk_and_byte() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let whole = sound(&path("whole.wav"), ["-b", "16", "-e", "signed-integer"]);
    fs::write(path("truncated.wav"), &whole[..1044]).unwrap();
    fails_with(&path("truncated.wav"), "data chunk at byte 36 claims 2000 bytes, the file ends after 1000 of them")
        .await;
    fs::write(path("headless.wav"), &whole[..36]).unwrap();
    fails_with(&path("headless.wav"), "no data chunk").await;
    sound(&path("compressed.wav"), ["-b", "8", "-e", "mu-law"]);
    fails_with(&path("compressed.wav"), "fmt chunk at byte 12").await;
    fs::write(path("notes.wav"), "Measured on Tuesday, laser at 40 mW.").unwrap();
    fails_with(&path("notes.wav"), "a WAV file (RIFF/WAVE, RF64 or BW64) would be right").await;
    fails_with(&path("gone.wav"), "cannot be opened").await;
}
