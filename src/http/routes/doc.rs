//! `/api/openapi.json` and `/api/doc/`: the interface described, for programs and for people.
//!
//! The page is made from the same document on the server and holds no script.

use std::fmt::Write;

use rocket::get;
use rocket::http::Header;
use rocket::response::content::RawHtml;
use rocket::serde::json::Json;
use serde_json::Value;

use crate::http::guard::{Caller, NoQuery};
use crate::http::openapi::{Refusals, document};

/// The page and the headers that keep it to itself.
#[derive(rocket::Responder)]
pub(crate) struct DocPage {
    html: RawHtml<String>,
    policy: Header<'static>,
}

/// This document.
#[utoipa::path(context_path = "/api", tag = "service",
    responses((status = 200, body = serde_json::Value, description = "OpenAPI 3.1"), Refusals),
    security(("bearer" = []), ("session" = [])))]
#[get("/openapi.json")]
pub(crate) fn openapi(_caller: Caller, _query: NoQuery) -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}

/// This document for people.
#[utoipa::path(context_path = "/api/doc", tag = "service",
    responses((status = 200, body = String, content_type = "text/html", description = "A page without scripts"), Refusals),
    security(("bearer" = []), ("session" = [])))]
#[get("/")]
pub(crate) fn page(_caller: Caller, _query: NoQuery) -> DocPage {
    let document = serde_json::to_value(document()).unwrap_or_default();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    DocPage { html: RawHtml(render(&document)), policy: Header::new("Content-Security-Policy", policy) }
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
    color-scheme:light dark}code,h3{font-family:ui-monospace,monospace}h3{font-size:1rem;margin:2rem 0 .2rem}\
    table{border-collapse:collapse;width:100%}td{border-top:1px solid #8884;padding:.2rem .8rem .2rem 0;\
    vertical-align:top}";

fn render(document: &Value) -> String {
    let mut html = String::new();
    let info = &document["info"];
    // Writing to a String cannot fail.
    let mut put = |text: std::fmt::Arguments<'_>| html.write_fmt(text).unwrap_or_default();
    put(format_args!("<!doctype html><html lang=en><meta charset=utf-8><title>photophone API</title>"));
    put(format_args!("<meta name=viewport content='width=device-width'><style>{STYLE}</style>"));
    put(format_args!("<h1>photophone {}</h1><p>{}", text(&info["version"]), text(&info["description"])));
    put(format_args!("<p><a href='/api/openapi.json'>OpenAPI document</a>"));
    put(format_args!("<h2>Routes</h2>"));
    for (path, operations) in entries(&document["paths"]) {
        for (method, operation) in entries(operations) {
            put(format_args!("<h3>{} {}</h3>", method.to_uppercase(), escape(path)));
            put(format_args!("<p>{}{}", text(&operation["summary"]), scopes(operation)));
            let (asked, answered) = (parameters(operation) + &request_body(operation), responses(operation));
            put(format_args!("<table>{asked}{answered}</table>"));
        }
    }
    put(format_args!("<h2>Types</h2>"));
    for (name, schema) in entries(&document["components"]["schemas"]) {
        put(format_args!("<h3 id='{0}'>{0}</h3><p>{1}", escape(name), text(&schema["description"])));
        put(format_args!("<table>{}</table>", properties(schema)));
    }
    html
}

fn parameters(operation: &Value) -> String {
    let rows = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
        let default = &parameter["schema"]["default"];
        format!(
            "<tr><td>{} <code>{}</code><td>{}<td>{}{}",
            text(&parameter["in"]),
            text(&parameter["name"]),
            text(&parameter["description"]),
            type_name(&parameter["schema"]),
            if default.is_null() { String::new() } else { format!(", else <code>{}</code>", plain(default)) }
        )
    });
    rows.collect()
}

fn request_body(operation: &Value) -> String {
    let body = &operation["requestBody"];
    if body.is_null() {
        return String::new();
    }
    format!("<tr><td>body<td>{}<td>{}", text(&body["description"]), content(body))
}

fn responses(operation: &Value) -> String {
    let rows = entries(&operation["responses"]).map(|(status, response)| {
        format!("<tr><td>{}<td>{}<td>{}", escape(status), text(&response["description"]), content(response))
    });
    rows.collect()
}

/// What a body is, by media type.
fn content(body: &Value) -> String {
    let of_type = entries(&body["content"])
        .map(|(media_type, content)| format!("<code>{}</code> {}", escape(media_type), type_name(&content["schema"])));
    of_type.collect::<Vec<_>>().join("<br>")
}

fn properties(schema: &Value) -> String {
    let rows = entries(&schema["properties"]).map(|(name, property)| {
        format!(
            "<tr><td><code>{}</code><td>{}<td>{}",
            escape(name),
            type_name(property),
            text(&property["description"])
        )
    });
    rows.chain(entries_of_enum(schema)).collect()
}

fn entries_of_enum(schema: &Value) -> impl Iterator<Item = String> {
    let words = schema["enum"].as_array().into_iter().flatten();
    words.map(|word| format!("<tr><td><code>{}</code>", text(word)))
}

fn type_name(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href='#{0}'>{0}</a>", escape(name));
    }
    if schema["items"].is_object() {
        return format!("array of {}", type_name(&schema["items"]));
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(type_name).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        single => text(single),
    }
}

fn scopes(operation: &Value) -> String {
    let required = operation["security"].as_array().into_iter().flatten();
    let words: Vec<_> = required.flat_map(|one| one["bearer"].as_array().into_iter().flatten()).map(text).collect();
    if words.is_empty() { String::new() } else { format!(" Scope <code>{}</code>.", words.join(" ")) }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().map(escape).unwrap_or_default()
}

/// A word, number or truth value as it stands in a query.
fn plain(value: &Value) -> String {
    escape(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;").replace('"', "&quot;")
}
