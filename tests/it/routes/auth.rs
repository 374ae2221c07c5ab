//! `/api/auth`: passwords, one-time links, the session cookie and its end.

use std::fs;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{error_of, refused};
use crate::support::client::Client;
use crate::support::command;
use crate::support::forge::{self, Pen, claims_with};
use crate::support::server::{Lab, Server};

const PASSWORD: &str = "correct horse battery";

fn with_user(lab: Lab) -> Server {
    let server = lab.start();
    let dir = server.dir().to_str().unwrap();
    let args = ["--data-dir", dir, "user", "add", "ada", "--scope", "stream:read events:read"];
    command::run(server.dir(), &args, &format!("{PASSWORD}\n")).ok();
    server
}

async fn log_in(client: &Client, name: &str, password: &str) -> Response {
    client.post("/api/auth/login", &json!({"username": name, "password": password})).await
}

async fn redeem(client: &Client, code: &str) -> Response {
    client.post("/api/auth/code", &json!({"code": code})).await
}

/// The session cookie that a response sets, as `name=value`, and its attributes in lower case.
fn cookie_of(response: &Response) -> (String, Vec<String>) {
    let header = response.headers()["set-cookie"].to_str().unwrap();
    let mut parts = header.split("; ").map(str::to_owned);
    (parts.next().unwrap(), parts.map(|part| part.to_lowercase()).collect())
}

async fn session_of(server: &Server, cookie: &str) -> (StatusCode, Value) {
    let request = Client::anonymous(server).request(Method::GET, "/api/auth/session").header("Cookie", cookie);
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

fn code_of(url: &str) -> String {
    url.split_once("/login?code=").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_password_begins_a_session_in_a_cookie_that_no_script_sees() {
    let server = with_user(Lab::simulated("tone"));
    let response = log_in(&Client::anonymous(&server), "ada", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::OK);
    let (cookie, attributes) = cookie_of(&response);
    assert!(cookie.starts_with(&format!("photophone_{}=", server.port())), "{cookie}");
    for attribute in ["httponly", "samesite=strict", "path=/"] {
        assert!(attributes.iter().any(|set| set == attribute), "{attribute} in {attributes:?}");
    }
    let max_age = attributes.iter().find_map(|attribute| attribute.strip_prefix("max-age=")).unwrap();
    assert!((28_700..=28_800).contains(&max_age.parse::<u32>().unwrap()), "{max_age}");
    assert!(!attributes.iter().any(|attribute| attribute == "secure" || attribute.starts_with("domain")));
    let said: Value = response.json().await.unwrap();
    assert_eq!((&said["subject"], &said["scopes"]), (&json!("ada"), &json!(["stream:read", "events:read"])));
    assert_eq!(session_of(&server, &cookie).await, (StatusCode::OK, said));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let server = with_user(Lab::simulated("tone"));
    let anonymous = Client::anonymous(&server);
    let mut answers = Vec::new();
    for (name, password) in
        [("ada", "wrong horse battery"), ("eve", PASSWORD), ("ada", ""), ("", ""), ("owner", PASSWORD)]
    {
        let response = log_in(&anonymous, name, password).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{name}");
        assert!(!response.headers().contains_key("set-cookie"), "{name}");
        answers.push(response.text().await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let long = log_in(&anonymous, "ada", &"x".repeat(2000)).await;
    assert_eq!(long.text().await.unwrap(), answers[0]);
}

#[tokio::test]
async fn a_store_that_fails_is_told_once() {
    let server = with_user(Lab::simulated("tone"));
    fs::write(server.dir().join("users.json"), "no users").unwrap();
    let response = log_in(&Client::anonymous(&server), "ada", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    server.wait_for_log("Login failed");
    assert_eq!(server.log().matches("Login").count(), 1, "{}", server.log());
}

#[tokio::test]
async fn attempts_are_bounded_whatever_a_client_says_of_its_address() {
    let server = with_user(Lab::simulated("tone").config("server: {limits: {logins_per_minute: 3}}"));
    let anonymous = Client::anonymous(&server);
    let attempt = |address: String| {
        let request = anonymous.request(Method::POST, "/api/auth/login");
        let request = request.header("X-Forwarded-For", &address).header("X-Real-IP", &address);
        request.header("Forwarded", format!("for={address}")).json(&json!({"username": "ada", "password": "wrong"}))
    };
    for from in 0..3 {
        let (code, _) = refused(attempt(format!("10.0.0.{from}")), 401).await;
        assert_eq!(code, "login_refused");
    }
    let (code, headers) = refused(attempt("10.0.0.99".into()), 429).await;
    assert_eq!(code, "login_too_often");
    assert!((1..=60).contains(&headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap()));
    assert_eq!(log_in(&anonymous, "ada", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
    let code = code_of(server.login_url.as_ref().unwrap());
    assert_eq!(redeem(&anonymous, &code).await.status(), StatusCode::TOO_MANY_REQUESTS, "codes count too");
    assert_eq!(Client::reader(&server).get("/api/source").await.status(), StatusCode::OK, "tokens do not");
}

#[tokio::test]
async fn a_one_time_link_works_once_and_is_not_burnt_by_looking() {
    let server = Lab::simulated("tone").start();
    let anonymous = Client::anonymous(&server);
    let code = code_of(server.login_url.as_ref().unwrap());
    for method in [Method::GET, Method::HEAD, Method::GET] {
        anonymous.request(method, &format!("/login?code={code}")).send().await.unwrap();
    }
    let response = redeem(&anonymous, &code).await;
    assert_eq!(response.status(), StatusCode::OK);
    let (cookie, _) = cookie_of(&response);
    let (_, session) = session_of(&server, &cookie).await;
    assert_eq!(session["subject"], "owner");
    assert_eq!(session["scopes"].as_array().unwrap().len(), 6, "all scopes: {session}");
    let again = redeem(&anonymous, &code).await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    let (code, _) = error_of(&again.json().await.unwrap(), StatusCode::UNAUTHORIZED);
    assert_eq!(code, "login_code_unknown");
    for code in ["", "x", "../jwt-secret", &"A".repeat(43), &"A".repeat(5000), "é"] {
        assert_eq!(redeem(&anonymous, code).await.status(), StatusCode::UNAUTHORIZED, "{code:.20}");
    }
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_one_is_let_in() {
    let server = Lab::simulated("tone").start();
    let code = code_of(server.login_url.as_ref().unwrap());
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (client, code) = (Client::anonymous(&server), code.clone());
        attempts.spawn(async move { redeem(&client, &code).await.status() });
    }
    let statuses = attempts.join_all().await;
    let count = |wanted: StatusCode| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(StatusCode::OK), count(StatusCode::UNAUTHORIZED)), (1, 15), "{statuses:?}");
}

#[tokio::test]
async fn login_url_makes_links_to_the_running_server_that_expire() {
    let server = Lab::simulated("tone").start();
    let anonymous = Client::anonymous(&server);
    let link = server.command(&["login-url"]);
    assert!(link.starts_with(&format!("{}/login?code=", server.url)), "{link}");
    assert_eq!(redeem(&anonymous, &code_of(&link)).await.status(), StatusCode::OK);
    // The shortest life that can be configured is 10 s: a link is aged by its own file instead.
    let link = server.command(&["login-url"]);
    let files = fs::read_dir(server.dir().join("login-links")).unwrap().map(|entry| entry.unwrap().path());
    for path in files {
        let mut grant: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        grant["expires"] = json!(grant["expires"].as_u64().unwrap() - 600);
        fs::write(&path, grant.to_string()).unwrap();
    }
    let expired = redeem(&anonymous, &code_of(&link)).await;
    assert_eq!(expired.status(), StatusCode::UNAUTHORIZED);
    let (code, _) = error_of(&expired.json().await.unwrap(), StatusCode::UNAUTHORIZED);
    assert_eq!(code, "login_code_expired");
}

#[tokio::test]
async fn logging_out_removes_the_cookie() {
    let server = Lab::simulated("tone").start();
    let cookie = format!("photophone_{}={}", server.port(), server.token("stream:read"));
    let request = Client::anonymous(&server).request(Method::POST, "/api/auth/logout").header("Cookie", cookie);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let (cookie, attributes) = cookie_of(&response);
    assert_eq!(cookie, format!("photophone_{}=", server.port()));
    assert!(
        attributes.contains(&"path=/".to_owned()) && attributes.contains(&"max-age=0".to_owned()),
        "{attributes:?}"
    );
}

#[tokio::test]
async fn a_bearer_token_can_become_the_session_and_lives_no_longer() {
    let server = Lab::simulated("tone").start();
    let token = server.command(&["token", "create", "--subject", "ada", "--ttl", "10m"]);
    let response = Client::bearing(&server, &token).post("/api/auth/session", &json!({})).await;
    assert_eq!(response.status(), StatusCode::OK);
    let (cookie, attributes) = cookie_of(&response);
    assert_eq!(cookie, format!("photophone_{}={token}", server.port()));
    let max_age = attributes.iter().find_map(|attribute| attribute.strip_prefix("max-age=")).unwrap();
    assert!((1..=600).contains(&max_age.parse::<u32>().unwrap()), "{max_age}");
    assert_eq!(session_of(&server, &cookie).await.1["subject"], "ada");
}

#[tokio::test]
async fn a_token_that_no_browser_keeps_is_refused_as_a_session() {
    let server = Lab::simulated("tone").start();
    let (header, name_bytes) = (json!({"alg": "HS256"}), format!("photophone_{}", server.port()).len());
    let of_scope = |scope_bytes| {
        let claims = claims_with("scope", json!(format!("stream:read {}", "x".repeat(scope_bytes))));
        forge::token(&header, &claims, &Pen::of(&server))
    };
    let fits = (2000..).map(of_scope).take_while(|token| name_bytes + token.len() <= 4096).last().unwrap();
    assert!(name_bytes + fits.len() > 4090, "the longest one is tried");
    let adopted = Client::bearing(&server, &fits).post("/api/auth/session", &json!({})).await;
    assert_eq!((adopted.status(), cookie_of(&adopted).0.len()), (StatusCode::OK, name_bytes + 1 + fits.len()));
    let too_long = Client::bearing(&server, of_scope(4000));
    let (code, headers) = refused(too_long.request(Method::POST, "/api/auth/session"), 422).await;
    assert_eq!(code, "token_too_long_for_session");
    assert!(!headers.contains_key("set-cookie"), "{headers:?}");
    assert_eq!(too_long.get("/api/source").await.status(), StatusCode::OK, "it is good as a bearer token");
}

#[tokio::test]
async fn a_foreign_page_can_neither_log_in_nor_out() {
    let server = with_user(Lab::simulated("tone").config("server: {cors_origins: ['http://lab.example:3000']}"));
    let reader = Client::reader(&server);
    let own = server.url.clone();
    for path in ["/api/auth/login", "/api/auth/code", "/api/auth/logout", "/api/auth/session"] {
        for origin in ["http://evil.example", "null", "http://lab.example:3000", "", "http://127.0.0.1:1", "file://"] {
            let request = reader.request(Method::POST, path).header("Origin", origin).json(&json!({"code": "x"}));
            let (code, headers) = refused(request, 403).await;
            assert_eq!(code, "origin_foreign", "{path} {origin}");
            assert!(!headers.contains_key("set-cookie"), "{path} {origin}");
        }
        let request = reader.request(Method::POST, path).header("Origin", &own).json(&json!({"code": "x"}));
        assert_ne!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{path} from the own page");
    }
}
