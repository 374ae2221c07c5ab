//! `/`, `/login` and the page's files: a browser without a session is sent to log in, a script is told what is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::{Method, StatusCode};

use super::refused;
use crate::support::client::Client;
use crate::support::raw::exchange;
use crate::support::server::{Lab, Server};

const HTML: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

/// The page that the binary under test has to serve.
fn built_page() -> PathBuf {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist");
    assert!(dist.join("index.html").is_file(), "the page is not built: `make web`");
    dist
}

/// Where a browser that navigates to `target` is sent.
fn login_location(server: &Server, target: &str) -> String {
    let head = format!("GET {target} HTTP/1.1\r\nHost: lab\r\nAccept: {HTML}\r\nConnection: close\r\n\r\n");
    let reply = exchange(server, head);
    assert_eq!(reply.status, 303, "{target}: {reply:?}");
    let location = reply.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    location.to_owned()
}

#[test]
fn a_browser_without_a_session_is_sent_to_log_in_and_back() {
    let server = Lab::simulated("tone").start();
    for (target, next) in [
        ("/", "%2F"),
        ("/live?events=daemon.*", "%2Flive%3Fevents%3Ddaemon.*"),
        ("/events", "%2Fevents"),
        ("/?channel=a&view=50%25", "%2F%3Fchannel%3Da%26view%3D50%2525"),
        ("/?next=http://evil.example", "%2F%3Fnext%3Dhttp:%2F%2Fevil.example"),
        ("/api/doc/", "%2Fapi%2Fdoc%2F"),
        ("/api/audio/stream/stats", "%2Fapi%2Faudio%2Fstream%2Fstats"),
        ("//", "%2F"),
        ("//api/source", "%2Fapi%2Fsource"),
        ("///api//source?x=//y", "%2Fapi%2F%2Fsource%3Fx%3D%2F%2Fy"),
    ] {
        // The raw reply is in lower case.
        assert_eq!(login_location(&server, target), format!("/login?next={}", next.to_lowercase()), "{target}");
    }
}

#[tokio::test]
async fn a_script_is_told_and_not_sent_anywhere() {
    let server = Lab::simulated("tone").start();
    let anonymous = Client::anonymous(&server);
    for accept in ["*/*", "application/json", "text/event-stream", "text/plain"] {
        for path in ["/", "/api/source", "/api/doc/"] {
            let (code, _) = refused(anonymous.request(Method::GET, path).header("Accept", accept), 401).await;
            assert_eq!(code, "token_missing", "{path} {accept}");
        }
    }
    let (code, _) = refused(anonymous.request(Method::POST, "/api/auth/session").header("Accept", HTML), 401).await;
    assert_eq!(code, "token_missing", "a form is no navigation");
    let (code, _) = refused(anonymous.request(Method::GET, "/nothing").header("Accept", HTML), 404).await;
    assert_eq!(code, "not_found", "there is nothing to log in for");
}

#[tokio::test]
async fn a_session_that_has_ended_leads_to_the_login() {
    let server = Lab::simulated("tone").start();
    let cookie = format!("photophone_{}=x.y.z", server.port());
    let request = Client::anonymous(&server).request(Method::GET, "/").header("Cookie", cookie);
    let response = request.header("Accept", HTML).send().await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/login?next=%2F".parse().unwrap())
    );
}

#[tokio::test]
async fn a_user_who_may_not_read_streams_gets_the_page_that_says_so() {
    let server = Lab::simulated("tone").start();
    let powerless = Client::with_scope(&server, "events:read");
    let response = powerless.request(Method::GET, "/").header("Accept", HTML).send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status == StatusCode::OK && text.starts_with("<!doctype html>"), "{status}: {text}");
    let (code, _) = refused(powerless.request(Method::GET, "/api/audio/stream/audio"), 403).await;
    assert_eq!(code, "scope_missing", "the page is all he gets");
}

#[tokio::test]
async fn the_page_keeps_to_this_server() {
    let server = Lab::simulated("tone").start();
    let (anonymous, reader) = (Client::anonymous(&server), Client::reader(&server));
    let dist = built_page();
    let page = fs::read_to_string(dist.join("index.html")).unwrap();
    for (client, path) in [
        (&anonymous, "/login"),
        (&anonymous, "/login?code=x&next=%2F"),
        (&reader, "/"),
        (&reader, "/live"),
        (&reader, "/events?since=2025-06-15T15:10:50Z"),
    ] {
        let response = client.get(path).await;
        let headers = response.headers().clone();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert_eq!((status, text.as_str()), (StatusCode::OK, page.as_str()), "{path}: was the binary built before it?");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(headers["cache-control"], "no-cache", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "a code in the URL goes nowhere");
    }
    for file in fs::read_dir(dist.join("assets")).unwrap().map(Result::unwrap) {
        let response = anonymous.get(&format!("/assets/{}", file.file_name().display())).await;
        assert_eq!(response.status(), StatusCode::OK, "files need no session");
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(response.bytes().await.unwrap(), fs::read(file.path()).unwrap());
    }
}
