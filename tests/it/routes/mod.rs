//! The routes, as the URL tree has them. Here: what holds for every route of the mount table.

mod auth;
mod doc;
mod errors;
mod page;
mod realtime;
mod service;
mod stream;

use photophone::http;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::client::Client;
use crate::support::server::Lab;

/// Routes of the API that need no token.
const OPEN: [&str; 6] =
    ["/api/health", "/api/version", "/api/auth/methods", "/api/auth/login", "/api/auth/code", "/api/auth/logout"];

/// Routes that any genuine token opens, whatever it permits.
const ANY_SCOPE: [&str; 3] = ["/api/auth/session", "/api/openapi.json", "/api/doc/"];

/// All scopes but `admin`, which opens every route.
const SCOPES: [&str; 5] = ["stream:read", "events:read", "events:write", "analytics:read", "control:write"];

/// The scope that a route needs; none where only `admin` opens it.
fn scope_of(path: &str) -> Option<&'static str> {
    match path {
        "/api/audio/stream/viewers" => None,
        "/api/realtime/capture" | "/api/realtime/batch" => Some("events:write"),
        _ if path.starts_with("/api/realtime/") => Some("events:read"),
        _ => Some("stream:read"),
    }
}

/// What a plain request that is allowed is answered with.
fn answer_of(path: &str) -> StatusCode {
    match path {
        "/api/audio/stream/ws" | "/api/realtime/ws" => StatusCode::UPGRADE_REQUIRED,
        "/api/realtime/capture" | "/api/realtime/batch" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => StatusCode::OK,
    }
}

/// Every route of the API as (method, path).
fn api_routes() -> Vec<(Method, String)> {
    let routes = http::routes().into_iter().filter(|(_, path)| path.starts_with("/api"));
    let routes: Vec<_> = routes.map(|(method, path)| (method.parse().unwrap(), path)).collect();
    assert!(routes.len() >= 16, "{routes:?}");
    routes
}

fn is_open(path: &str) -> bool {
    OPEN.contains(&path)
}

/// Checks the one shape of errors; gives code and message.
fn error_of(body: &Value, status: StatusCode) -> (String, String) {
    let error = body["error"].as_object().unwrap_or_else(|| panic!("{body}"));
    let keys: Vec<_> = error.keys().map(String::as_str).collect();
    assert_eq!(keys, ["code", "message", "status"], "{body}");
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    assert_eq!(error["status"], status.as_u16(), "{body}");
    let (code, message) = (error["code"].as_str().unwrap(), error["message"].as_str().unwrap());
    assert!(!code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{body}");
    assert!(!message.is_empty() && !message.contains("panicked") && !message.contains(".rs"), "{body}");
    (code.to_owned(), message.to_owned())
}

/// Sends the request; it must be refused with an error of the one shape. Gives its code and the response's headers.
async fn refused(request: reqwest::RequestBuilder, status: u16) -> (String, reqwest::header::HeaderMap) {
    let response = request.send().await.unwrap();
    let (url, headers) = (response.url().clone(), response.headers().clone());
    assert_eq!(response.status(), status, "{url}");
    assert_eq!(headers["content-type"], "application/json", "{url}");
    assert_eq!(headers["cache-control"], "no-store", "{url}");
    let status = response.status();
    let (code, _) = error_of(&response.json().await.unwrap(), status);
    (code, headers)
}

#[tokio::test]
async fn every_route_but_the_open_ones_needs_a_token() {
    let server = Lab::simulated("tone").start();
    let anonymous = Client::anonymous(&server);
    for (method, path) in api_routes() {
        let request = anonymous.request(method.clone(), &path);
        if is_open(&path) {
            let response = request.send().await.unwrap();
            assert_ne!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(response.headers()["cache-control"], "no-store", "{method} {path}");
            continue;
        }
        let (code, headers) = refused(request, 401).await;
        assert_eq!((code.as_str(), &headers["www-authenticate"]), ("token_missing", &"Bearer".parse().unwrap()));
    }
}

#[tokio::test]
async fn every_route_needs_its_scope() {
    let server = Lab::simulated("tone").start();
    let admin = Client::with_scope(&server, "admin");
    let all_but = |scope: Option<&str>| {
        let scopes: Vec<_> = SCOPES.into_iter().filter(|other| Some(*other) != scope).chain(["stream:write"]).collect();
        Client::with_scope(&server, &scopes.join(" "))
    };
    admin.wait_for_stats("the first frame", |stats| stats["total_frames"].as_u64() > Some(0)).await;
    for (method, path) in api_routes().into_iter().filter(|(_, path)| !is_open(path)) {
        let (any_scope, scope) = (ANY_SCOPE.contains(&path.as_str()), scope_of(&path));
        let stranger = all_but(scope);
        if !any_scope {
            let (code, _) = refused(stranger.request(method.clone(), &path), 403).await;
            assert_eq!(code, "scope_missing", "{method} {path}");
        }
        let owner = scope.map(|scope| Client::with_scope(&server, scope));
        let allowed = [Some(&admin), owner.as_ref(), any_scope.then_some(&stranger)];
        for client in allowed.into_iter().flatten() {
            let response = client.request(method.clone(), &path).send().await.unwrap();
            assert_eq!(response.status(), answer_of(&path), "{method} {path}");
            let cache = response.headers()["cache-control"].to_str().unwrap();
            assert!(["no-store", "no-cache, no-transform"].contains(&cache), "{method} {path}: {cache}");
        }
    }
}

#[tokio::test]
async fn every_route_refuses_a_query_that_it_does_not_know() {
    let server = Lab::simulated("tone").start();
    let admin = Client::with_scope(&server, "admin");
    for (method, path) in api_routes() {
        for query in ["nonsense", "a=1&b=2", "%ff", "token=x", "%1b[2J%0a", &"x".repeat(30_000)] {
            let response = admin.request(method.clone(), &format!("{path}?{query}")).send().await.unwrap();
            let (code, message) = error_of(&response.json().await.unwrap(), StatusCode::BAD_REQUEST);
            let expected = if query == "%ff" { "query_invalid" } else { "query_unknown" };
            assert_eq!(code, expected, "{method} {path}?{query:.20}");
            assert!(message.len() < 250 && !message.contains(char::is_control), "{method} {path}: {message:.300}");
        }
    }
}

#[tokio::test]
async fn every_path_refuses_methods_that_it_does_not_take() {
    let server = Lab::simulated("tone").start();
    let anonymous = Client::anonymous(&server);
    let table = [api_routes(), vec![(Method::GET, "/".into()), (Method::GET, "/login".into())]].concat();
    for (_, path) in &table {
        let mut taken: Vec<_> = table.iter().filter(|(_, other)| other == path).map(|(method, _)| method).collect();
        if taken.contains(&&Method::GET) {
            taken.push(&Method::HEAD);
        }
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
            if taken.contains(&&method) {
                continue;
            }
            let (code, headers) = refused(anonymous.request(method.clone(), path), 405).await;
            assert_eq!(code, "method_not_allowed", "{method} {path}");
            let mut allow: Vec<_> = headers["allow"].to_str().unwrap().split(", ").collect();
            allow.sort_unstable();
            let mut expected: Vec<_> = taken.iter().map(|method| method.as_str()).collect();
            expected.sort_unstable();
            assert_eq!(allow, expected, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let server = Lab::simulated("tone").start();
    let admin = Client::with_scope(&server, "admin");
    admin.wait_for_stats("the first frame", |stats| stats["total_frames"].as_u64() > Some(0)).await;
    for (_, path) in api_routes().into_iter().filter(|(method, _)| method == Method::GET) {
        let head = admin.request(Method::HEAD, &path).send().await.unwrap();
        assert_eq!(head.status(), answer_of(&path), "{path}");
        let content_type = head.headers()["content-type"].clone();
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
        assert_eq!(content_type, admin.get(&path).await.headers()["content-type"], "{path}");
    }
    let head = Client::anonymous(&server).request(Method::HEAD, "/api/source").send().await.unwrap();
    assert_eq!(head.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(head.bytes().await.unwrap().len(), 0);
}
