//! `/api/openapi.json` and `/api/doc/`: the document is valid, complete, and says what is really sent.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::api_routes;
use crate::support::client::{Client, Events};
use crate::support::server::Lab;

/// Every object in a document.
fn objects(value: &Value) -> Vec<&serde_json::Map<String, Value>> {
    match value {
        Value::Object(object) => [object].into_iter().chain(object.values().flat_map(objects)).collect(),
        Value::Array(items) => items.iter().flat_map(objects).collect(),
        _ => Vec::new(),
    }
}

/// The operations of a document as (method, path, operation).
fn operations(document: &Value) -> Vec<(Method, String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.to_uppercase().parse().unwrap(), path.clone(), operation))
    });
    of_path.collect()
}

/// The properties that `schema` names, and those that it requires.
fn fields_of(document: &Value, schema: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let schema = &document["components"]["schemas"][schema];
    let properties = schema["properties"].as_object().unwrap().keys().cloned().collect();
    let required = schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().into()).collect();
    (properties, required)
}

/// What is sent has exactly the fields that the schema names, each of a type that it allows.
fn assert_described(document: &Value, schema: &str, sent: &Value) {
    let sent_fields: BTreeSet<String> = sent.as_object().unwrap().keys().cloned().collect();
    let (properties, required) = fields_of(document, schema);
    assert_eq!(sent_fields, properties, "{schema}");
    assert!(required.is_subset(&sent_fields), "{schema}: {required:?}");
    for (name, value) in sent.as_object().unwrap() {
        let described = &document["components"]["schemas"][schema]["properties"][name];
        assert!(allows(document, described, value), "{schema}.{name} is {value:.80}, described as {described}");
    }
}

fn allows(document: &Value, schema: &Value, value: &Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
        return allows(document, target, value);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().any(|choice| allows(document, choice, value));
    }
    let is_type = |word: &Value| match word.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} in {schema}"),
    };
    let right_type =
        schema["type"].as_array().map_or_else(|| is_type(&schema["type"]), |words| words.iter().any(is_type));
    let items = value.as_array().into_iter().flatten();
    right_type
        && items.take(3).all(|item| allows(document, &schema["items"], item))
        && schema["enum"].as_array().is_none_or(|words| words.contains(value))
}

async fn first_message(mut events: Events) -> Value {
    message(&mut events).await
}

async fn message(events: &mut Events) -> Value {
    loop {
        let event = events.next_raw().await.expect("the stream ended");
        if event.event == "message" {
            return serde_json::from_str(&event.data).unwrap();
        }
    }
}

#[tokio::test]
async fn the_document_and_the_mount_table_say_the_same() {
    let server = Lab::simulated("tone").start();
    let (status, document) = Client::reader(&server).json("/api/openapi.json").await;
    assert_eq!((status, document["openapi"].as_str()), (StatusCode::OK, Some("3.1.0")));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let by_name = |routes: Vec<(Method, String)>| -> BTreeSet<String> {
        routes.into_iter().map(|(method, path)| format!("{method} {path}")).collect()
    };
    let described = operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(by_name(described), by_name(api_routes()));
    let names: Vec<_> =
        operations(&document).iter().map(|(_, _, operation)| operation["operationId"].clone()).collect();
    let unique: BTreeSet<_> = names.iter().map(Value::to_string).collect();
    assert_eq!(unique.len(), names.len(), "{names:?}");
}

#[tokio::test]
async fn a_live_stream_is_described_in_every_form_that_it_has() {
    let server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    let (_, document) = client.json("/api/openapi.json").await;
    for name in ["audio", "envelope", "levels", "lockin", "spectral"] {
        let path = format!("/api/audio/stream/{name}");
        let described = &document["paths"][&path]["get"]["responses"]["200"];
        assert!(described["description"].as_str().unwrap().contains("`Accept`"), "{path}: {described}");
        for (accept, encoding) in
            [("text/event-stream", ""), ("text/event-stream", "gzip"), ("application/octet-stream", "")]
        {
            let request = client.request(Method::GET, &path).header("Accept", accept);
            let sent = request.header("Accept-Encoding", encoding).send().await.unwrap();
            let media_type = sent.headers()["content-type"].to_str().unwrap();
            assert!(described["content"][media_type].is_object(), "{path}: {media_type} in {described}");
            for header in ["Content-Location", "Content-Encoding", "Vary"] {
                let is_sent = header != "Content-Encoding" || encoding == "gzip";
                assert_eq!(sent.headers().contains_key(header), is_sent, "{path}: {header}");
                assert!(described["headers"][header].is_object(), "{path}: {header}");
            }
        }
    }
}

#[tokio::test]
async fn the_document_is_well_formed() {
    let server = Lab::simulated("tone").start();
    let (_, document) = Client::reader(&server).json("/api/openapi.json").await;
    for reference in objects(&document).iter().filter_map(|object| object.get("$ref")) {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for (method, path, operation) in operations(&document) {
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(!response["description"].as_str().unwrap_or_default().is_empty(), "{method} {path} {status}");
            assert!(
                response["content"].is_object() || ["101", "204"].contains(&status.as_str()),
                "{method} {path} {status}"
            );
            if status.starts_with('4') {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ErrorBody", "{method} {path} {status}");
            }
        }
    }
}

#[tokio::test]
async fn both_ways_to_log_in_tell_all_their_answers() {
    let server = Lab::simulated("tone").start();
    let (_, document) = Client::reader(&server).json("/api/openapi.json").await;
    for path in ["/api/auth/login", "/api/auth/code"] {
        let answers = &document["paths"][path]["post"]["responses"];
        let statuses: Vec<_> = answers.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(statuses, ["200", "400", "401", "403", "408", "413", "415", "422", "429", "500", "503"], "{path}");
        let session = &answers["200"]["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(session, "#/components/schemas/Session", "{path}");
    }
}

#[tokio::test]
async fn refusals_and_headers_of_single_routes_are_told() {
    let server = Lab::simulated("tone").start();
    let (_, document) = Client::reader(&server).json("/api/openapi.json").await;
    for (path, method, statuses) in [
        ("/api/audio/stream/audio", "get", ["404", "503"].as_slice()),
        ("/api/audio/stream/spectral", "get", &["404", "503"]),
        ("/api/audio/stream/envelope", "get", &["404", "503"]),
        ("/api/audio/stream/levels", "get", &["404", "503"]),
        ("/api/audio/stream/lockin", "get", &["404", "503"]),
        ("/api/audio/stream/latest", "get", &["500", "503"]),
        ("/api/devices", "get", &["500"]),
        ("/api/auth/session", "post", &["422"]),
    ] {
        let answers = &document["paths"][path][method]["responses"];
        statuses.iter().for_each(|status| assert!(answers[status].is_object(), "{path} {status}"));
    }
    let of_spectra =
        ["size", "window", "overlap", "averaging", "scale", "unit", "phase", "cross", "peaks", "max_hz", "bins", "fps"];
    for (path, own) in [
        ("/api/audio/stream/audio", ["format", "channels", "decimate", "fps", "max_kbps"].as_slice()),
        ("/api/audio/stream/envelope", &["column_samples", "channels", "fps"]),
        ("/api/audio/stream/levels", &["fps"]),
        ("/api/audio/stream/spectral", &of_spectra),
        ("/api/audio/stream/lockin", &["reference", "harmonic", "tau_s", "slope", "fps"]),
    ] {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap().iter();
        let named: BTreeSet<_> =
            parameters.map(|told| (told["in"].as_str().unwrap(), told["name"].as_str().unwrap())).collect();
        let common = [("header", "Last-Event-ID"), ("query", "policy"), ("query", "stream")];
        let expected: BTreeSet<_> = common.into_iter().chain(own.iter().map(|name| ("query", *name))).collect();
        assert_eq!(named, expected, "{path}");
    }
}

#[tokio::test]
async fn the_document_tells_what_needs_a_token() {
    let server = Lab::simulated("tone").start();
    let (_, document) = Client::reader(&server).json("/api/openapi.json").await;
    let powerless = Client::with_scope(&server, "analytics:read");
    for (method, path, operation) in operations(&document) {
        let response = Client::anonymous(&server).request(method.clone(), &path).send().await.unwrap();
        let needs_token = response.status() == StatusCode::UNAUTHORIZED;
        assert_eq!(operation["security"].is_array(), needs_token, "{method} {path}");
        let scopes = operation["security"][0]["bearer"].as_array().is_some_and(|scopes| !scopes.is_empty());
        let status = powerless.request(method.clone(), &path).send().await.unwrap().status();
        assert_eq!(status == StatusCode::FORBIDDEN, scopes, "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_sent_is_what_is_described() {
    let server = Lab::simulated("cell").start();
    let reader = Client::reader(&server);
    let (_, document) = reader.json("/api/openapi.json").await;
    assert_described(&document, "SpectrumJson", &first_message(reader.spectra().await).await);
    assert_described(&document, "FrameJson", &first_message(reader.frames().await).await);
    let envelope = Events::of(reader.get("/api/audio/stream/envelope").await);
    assert_described(&document, "EnvelopeJson", &first_message(envelope).await);
    let view = Events::of(reader.get("/api/audio/stream/audio?format=i16&channels=a&decimate=2").await);
    assert_described(&document, "FrameViewJson", &first_message(view).await);
    let levels = first_message(Events::of(reader.get("/api/audio/stream/levels").await)).await;
    assert_described(&document, "LevelsJson", &levels);
    assert_described(&document, "ChannelLevelsJson", &levels["channel_a"]);
    let all = "/api/audio/stream/spectral?averaging=linear:100&cross=true&peaks=2&fps=1000";
    let mut estimates = reader.events(all).await;
    let estimate = loop {
        let estimate = message(&mut estimates).await;
        if estimate["cross"].is_object() {
            break estimate;
        }
    };
    assert_described(&document, "EstimateJson", &estimate);
    assert_described(&document, "CrossJson", &estimate["cross"]);
    assert_described(&document, "PeakJson", &estimate["peaks_a"][0]);
    let mut readings = reader.events("/api/audio/stream/lockin?reference=2000&tau_s=0.01&fps=100").await;
    let reading = loop {
        let reading = message(&mut readings).await;
        if reading["channel_b"]["noise_density"].is_f64() {
            break reading;
        }
    };
    assert_described(&document, "LockinJson", &reading);
    assert_described(&document, "DemodulatedJson", &reading["channel_a"]);
    let (_, latest) = reader.json("/api/audio/stream/latest").await;
    assert_described(&document, "FrameJson", &latest);
    let stats = reader.stats().await;
    assert_described(&document, "StreamStats", &stats);
    assert_described(&document, "SamplesLost", &stats["samples_lost"]);
    assert_described(&document, "Health", &reader.json("/api/health").await.1);
    assert_described(&document, "Version", &reader.json("/api/version").await.1);
    assert_described(&document, "Session", &reader.json("/api/auth/session").await.1);
    assert_described(&document, "Methods", &reader.json("/api/auth/methods").await.1);
    let (_, source) = reader.json("/api/source").await;
    assert_described(&document, "SourceStatus", &source);
    assert_described(&document, "SourceInfo", &source["source"]);
    assert_described(&document, "CalibrationStatus", &source["calibration"]);
    assert_described(&document, "ChannelCalibrationStatus", &source["calibration"]["a"]);
    let (_, error) = reader.json("/api/nothing").await;
    assert_described(&document, "ErrorBody", &error);
    assert_described(&document, "ErrorDetail", &error["error"]);
}

#[tokio::test]
async fn the_page_for_people_has_no_script_and_needs_nothing_from_outside() {
    let server = Lab::simulated("tone").start();
    let response = Client::reader(&server).get("/api/doc/").await;
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert!(response.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let html = response.text().await.unwrap();
    for foreign in ["<script", "javascript:", "http:", "https:", "src=", "<link", "@import", "url(", " on"] {
        let found =
            html.find(foreign).filter(|_| foreign != " on" || html.contains(" onload") || html.contains(" onclick"));
        assert_eq!(found, None, "{foreign}");
    }
    for (method, path) in api_routes() {
        assert!(html.contains(&format!("<h3>{method} {path}</h3>")), "{method} {path}");
    }
    let section = |route: &str| html.split("<h3>").find(|section| section.starts_with(route)).unwrap().to_owned();
    let audio = section("GET /api/audio/stream/audio");
    for asked in ["query <code>policy</code>", "header <code>Last-Event-ID</code>", "else <code>live</code>"] {
        assert!(audio.contains(asked), "{asked} in {audio}");
    }
    assert!(section("GET /api/audio/stream/lockin").contains("else <code>0.1</code>"), "numbers have defaults too");
    assert!(section("POST /api/auth/login").contains("<tr><td>body"), "the body of a login is told");
    let targets = html.split("href='#").skip(1).filter_map(|rest| rest.split('\'').next());
    targets.for_each(|target| assert!(html.contains(&format!("id='{target}'")), "#{target}"));
}
