//! Errors have one shape, whoever makes them; what is malformed is refused and breaks nothing.

use std::fs;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{error_of, refused};
use crate::support::client::Client;
use crate::support::raw::exchange;
use crate::support::server::Lab;

#[tokio::test]
async fn every_status_has_the_one_shape() {
    let server = Lab::simulated("tone").config("server: {limits: {json_bytes: 300}}").start();
    let anonymous = Client::anonymous(&server);
    let login = |content_type: &str, body: &str| {
        let request = anonymous.request(Method::POST, "/api/auth/login").header("Content-Type", content_type);
        request.body(body.to_owned())
    };
    let (json, long) = ("application/json", "x".repeat(400));
    let table = [
        (anonymous.request(Method::GET, "/api/health?x=1"), 400, "query_unknown"),
        (login(json, "{\"username\":"), 400, "body_malformed"),
        (login(json, ""), 400, "body_malformed"),
        (login(json, "\u{feff}{}"), 400, "body_malformed"),
        (anonymous.request(Method::GET, "/api/source"), 401, "token_missing"),
        (login(json, r#"{"username":"ada","password":"battery staple"}"#), 401, "login_refused"),
        (login(json, "{}").header("Origin", "http://evil.example"), 403, "origin_foreign"),
        (anonymous.request(Method::GET, "/api/nothing"), 404, "not_found"),
        (anonymous.request(Method::GET, "/nothing"), 404, "not_found"),
        (anonymous.request(Method::POST, "/nothing"), 404, "not_found"),
        (anonymous.request(Method::DELETE, "/api/nothing"), 404, "not_found"),
        (anonymous.request(Method::DELETE, "/api/health"), 405, "method_not_allowed"),
        (login(json, &format!(r#"{{"username":"{long}","password":"x"}}"#)), 413, "body_too_large"),
        (login("application/x-www-form-urlencoded", "username=ada&password=x"), 415, "body_not_json"),
        (login("text/plain", "{}"), 415, "body_not_json"),
        (anonymous.request(Method::POST, "/api/auth/login").body("{}"), 415, "body_not_json"),
        (login(json, r#"{"username":"ada","passwort":"x"}"#), 422, "body_invalid"),
        (login(json, r#"{"username":"ada"}"#), 422, "body_invalid"),
        (login(json, r#"{"username":"ada","password":7}"#), 422, "body_invalid"),
        (login(json, r#"{"username":"a","username":"b","password":"x"}"#), 422, "body_invalid"),
        (login(json, "[]"), 422, "body_invalid"),
        (login(json, r#" ["ada","battery staple"]"#), 422, "body_invalid"),
        (login(json, r#"["ada","battery staple""#), 400, "body_malformed"),
        (login(json, "7"), 422, "body_invalid"),
    ];
    for (request, status, expected) in table {
        let (code, _) = refused(request, status).await;
        assert_eq!(code, expected);
    }
}

#[test]
fn a_form_does_not_change_the_method() {
    let server = Lab::simulated("tone").start();
    for (method, path, form) in [
        ("POST", "/api/health", "_method=GET"),
        ("POST", "/api/health", "_method=GET&x=y"),
        ("POST", "/api/health", "&_method=get"),
        ("POST", "/api/health", "_method=DELETE"),
        ("POST", "/api/health", "_method=PUT"),
        ("POST", "/api/health", "_method=%47ET"),
        ("GET", "/api/auth/logout", "_method=DELETE"),
        ("PUT", "/api/auth/logout", "_method=DELETE"),
        ("PUT", "/api/auth/logout", "_method=post"),
        ("DELETE", "/api/auth/logout", "_method=GET"),
        ("DELETE", "/api/auth/logout", "_method=nonsense"),
        ("DELETE", "/api/auth/logout", "_method="),
        ("DELETE", "/api/auth/logout", "_method=delete"),
    ] {
        let reply = exchange(
            &server,
            format!(
                "{method} {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
                form.len()
            ),
        );
        let told = (reply.status, &reply.json()["error"]["code"]);
        assert_eq!(told, (405, &json!("method_not_allowed")), "{method} {path} {form}");
        assert!(reply.body.contains(&format!("not {method}")), "{reply:?}");
    }
}

#[test]
fn a_body_that_does_not_arrive_is_not_waited_for() {
    let server = Lab::simulated("tone").config("server: {limits: {body_secs: 0.2}}").start();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\
        Content-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    for half in ["", "{\"username\": \"ada\","] {
        let reply = exchange(&server, format!("{head}{half}"));
        let error = reply.json();
        assert_eq!((reply.status, &error["error"]["code"]), (408, &json!("body_too_slow")), "{reply:?}");
        assert!(reply.body.contains("within 0.2 s"), "{reply:?}");
    }
}

#[tokio::test]
async fn a_broken_user_file_is_an_internal_error_without_details() {
    let users = "{\"users\": [{\"name\": \"hunter2\"}]}";
    let server = Lab::simulated("tone").private_file("users.json", users).start();
    server.wait_for_log("Nobody can log in with a password");
    let body = json!({"username": "ada", "password": "battery staple"});
    let response = Client::anonymous(&server).post("/api/auth/login", &body).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let (code, message) = error_of(&response.json().await.unwrap(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!((code.as_str(), message.as_str()), ("internal", "the login failed; the server's log says more"));
    server.wait_for_log("Login failed");
}

#[test]
fn the_bytes_of_a_request_may_be_anything() {
    let server = Lab::simulated("tone").start();
    let token = server.token("stream:read");
    let get = |target: &[u8], headers: &[u8]| {
        let parts: [&[u8]; 5] = [b"GET ", target, b" HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n", headers, b"\r\n"];
        exchange(&server, parts.concat())
    };
    let bearer = format!("Authorization: Bearer {token}\r\n").into_bytes();
    assert_eq!(get(b"/api/source", &bearer).status, 200, "the exchange itself works");
    let json = [
        (get(b"/%ff%fe", b""), 404, "not_found"),
        (get("/é".as_bytes(), b""), 404, "not_found"),
        (get(b"/a%00b", b""), 404, "not_found"),
        (get(b"/api/source?%ff=%fe", &bearer), 400, "query_invalid"),
        (get(b"/api/source?%c3%a9=%00", &bearer), 400, "query_unknown"),
        (get(b"/api/source", b"Authorization: Bearer \xff\xfe\r\n"), 401, "token_missing"),
        (get(b"/api/source", b"Authorization:\r\n"), 401, "token_malformed"),
        (get(b"/api/source", b"Authorization: Bearer\r\n"), 401, "token_malformed"),
        (get(b"/api/source", b"Authorization: Bearer  \r\n"), 401, "token_malformed"),
        (get(b"/api/source", b"Cookie: \xff=\xfe; photophone_1=\x80\r\n"), 401, "token_missing"),
        (get(b"/api/source", b"Accept: \xff\r\nOrigin: \xff\r\n"), 401, "token_missing"),
        (get(b"/api/health", b"Host: \xff\r\n"), 400, "host_invalid"),
        (get(b"http://evil.example/api/source", b""), 401, "token_missing"),
    ];
    for (reply, status, code) in json {
        assert_eq!((reply.status, reply.json()["error"]["code"].as_str()), (status, Some(code)), "{reply:?}");
    }
    let unknown_method = exchange(&server, "BREW /api/source HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n");
    assert_eq!((unknown_method.status, &unknown_method.json()["error"]["code"]), (501, &json!("method_unknown")));
    // Below Rocket, hyper refuses what is no HTTP; its answers have no body.
    let many_headers = "X-Header: x\r\n".repeat(200).into_bytes();
    let huge_header = [b"X-Header: ", vec![b'x'; 1_000_000].as_slice(), b"\r\n"].concat();
    for (reply, status) in [
        (get(b"/\xff\xfe", b""), 400),
        (get(b"/api/health?\xff", b""), 400),
        (get(&[b"/?", vec![b'x'; 70_000].as_slice()].concat(), b""), 414),
        (get(b"/", &many_headers), 431),
        (exchange(&server, "nonsense\r\n\r\n"), 400),
    ] {
        assert_eq!((reply.status, reply.body.as_str()), (status, ""), "{reply:?}");
    }
    // The connection may be cut before all of it is sent.
    std::panic::catch_unwind(|| get(b"/", &huge_header)).ok();
    assert_eq!(get(b"/api/health", b"").status, 200, "it is still there");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn paths_do_not_lead_out_of_the_page() {
    let server = Lab::simulated("tone").start();
    fs::write(server.dir().join("index.html"), "outside").unwrap();
    for path in [
        "/../config.yaml",
        "/../../../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2f..%2fetc/passwd",
        "/assets/..%2f..%2f..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/%2e%2e/Cargo.toml",
        "/..%5c..%5cetc/passwd",
        "//etc/passwd",
        "/etc/passwd",
        "/jwt-secret",
        "/users.json",
        "/assets/",
        "/.",
        "/index.html",
    ] {
        let reply = exchange(&server, format!("GET {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"));
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (404, &json!("not_found")), "{path}: {reply:?}");
    }
}
