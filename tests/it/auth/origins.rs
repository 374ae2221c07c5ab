//! Pages of other origins: they may use a token of their own where the configuration allows it, never a session.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::client::Client;
use crate::support::server::{Lab, Server};

const TARGET: &str = "/api/source";
const FRIEND: &str = "http://lab.example:3000";
const STRANGERS: [&str; 7] = [
    "http://evil.example",
    "https://lab.example:3000",
    "http://lab.example",
    "http://lab.example:3000.evil.example",
    "HTTP://LAB.EXAMPLE:3000",
    "null",
    "*",
];

fn server() -> Server {
    Lab::simulated("tone").config(&format!("server: {{cors_origins: ['{FRIEND}']}}")).start()
}

fn no_cors(headers: &HeaderMap) {
    let told: Vec<_> = headers.keys().filter(|name| name.as_str().starts_with("access-control-")).collect();
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn a_session_serves_its_own_page_only() {
    let server = server();
    let cookie = format!("photophone_{}={}", server.port(), server.token("stream:read"));
    let with = |origin: &str| {
        let request = Client::anonymous(&server).request(Method::GET, TARGET).header("Cookie", &cookie);
        request.header("Origin", origin)
    };
    let other_port = format!("http://127.0.0.1:{}", server.port() ^ 1);
    for origin in STRANGERS.into_iter().chain([FRIEND, "", "http://localhost", &other_port, "127.0.0.1"]) {
        let response = with(origin).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{origin}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "origin_foreign", "{origin}");
    }
    for (first, second) in [(server.url.as_str(), STRANGERS[0]), (STRANGERS[0], server.url.as_str())] {
        let both = with(first).header("Origin", second).send().await.unwrap();
        assert_eq!(both.status(), StatusCode::FORBIDDEN, "{first}, {second}");
    }
    assert_eq!(with(&server.url).send().await.unwrap().status(), StatusCode::OK);
    // A proxy in front may speak TLS for the server.
    assert_eq!(with(&server.url.replace("http:", "https:")).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_proxy_that_does_not_pass_host_on_is_told_so() {
    let server = Lab::simulated("tone").start();
    for (host, told) in [("127.0.0.1:8080".to_owned(), "(127.0.0.1:8080)"), ("h".repeat(200), "hhh…)")] {
        let anonymous = Client::anonymous(&server);
        let request = anonymous.request(Method::POST, "/api/auth/login").header("Host", host);
        let response = request.header("Origin", "https://lab.example").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let error = response.json::<Value>().await.unwrap()["error"].take();
        let message = error["message"].as_str().unwrap();
        assert!(error["code"] == "origin_foreign" && message.contains(told) && message.contains("proxy"), "{message}");
        assert!(message.len() < 300, "{message}");
    }
}

#[tokio::test]
async fn a_configured_origin_may_read_what_its_token_permits() {
    let server = server();
    let reader = Client::reader(&server);
    let get = |client: &Client, origin: &str| client.request(Method::GET, TARGET).header("Origin", origin);
    for client in [&reader, &Client::anonymous(&server)] {
        let response = get(client, FRIEND).send().await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], FRIEND, "errors can be read too");
        assert_eq!(headers["vary"], "Origin");
        assert!(!headers.contains_key("access-control-allow-credentials"));
    }
    for stranger in STRANGERS {
        // Without the header the browser keeps the answer from the page; the token is the caller's own.
        let response = get(&reader, stranger).send().await.unwrap();
        assert_eq!((response.status(), &response.headers()["vary"]), (StatusCode::OK, &"Origin".parse().unwrap()));
        no_cors(response.headers());
    }
    let response = reader.get(TARGET).await;
    assert_eq!(response.headers()["vary"], "Origin", "a cache must not mix the two up");
    no_cors(response.headers());
}

#[tokio::test]
async fn a_preflight_tells_what_is_allowed_and_needs_no_token() {
    let server = server();
    let anonymous = Client::anonymous(&server);
    let ask = |path: &str, origin: &str| {
        let request = anonymous.request(Method::OPTIONS, path).header("Origin", origin);
        request.header("Access-Control-Request-Method", "GET").header("Access-Control-Request-Headers", "authorization")
    };
    for path in [TARGET, "/api/audio/stream/audio", "/api/auth/session", "/api/nothing"] {
        let response = ask(path, FRIEND).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT, "{path}");
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], FRIEND);
        assert_eq!(headers["access-control-allow-methods"], "GET, POST, OPTIONS");
        let allowed = headers["access-control-allow-headers"].to_str().unwrap();
        assert!(["Authorization", "Content-Type", "Last-Event-ID"].iter().all(|name| allowed.contains(name)));
        assert!(!headers.contains_key("access-control-allow-credentials"));
        for stranger in STRANGERS {
            let response = ask(path, stranger).send().await.unwrap();
            no_cors(response.headers());
        }
    }
}

#[tokio::test]
async fn nobody_is_allowed_unless_configured() {
    let server = Lab::simulated("tone").start();
    let reader = Client::reader(&server);
    let response = reader.request(Method::GET, TARGET).header("Origin", FRIEND).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    no_cors(response.headers());
}
