//! The web page: its views behind a session, the login page before it, and their files.

use std::path::PathBuf;

use rocket::get;
use rocket::http::uri::error::PathError;

use crate::http::ApiError;
use crate::http::assets::Asset;
use crate::http::guard::Caller;

/// The signal. Who may not read streams gets it too, and so the others: it says what is missing and who can give it.
#[get("/")]
pub(crate) fn index(_caller: Caller) -> Result<Asset, ApiError> {
    Asset::page()
}

/// What happens, live.
#[get("/live")]
pub(crate) fn live(_caller: Caller) -> Result<Asset, ApiError> {
    Asset::page()
}

/// What has happened.
#[get("/events")]
pub(crate) fn events(_caller: Caller) -> Result<Asset, ApiError> {
    Asset::page()
}

/// The login page; its script posts the one-time code of the query, so that a preview does not use it up.
#[get("/login")]
pub(crate) fn login() -> Result<Asset, ApiError> {
    Asset::page()
}

/// A file of the page. What is no plain path is not there.
#[get("/<file..>", rank = 20)]
pub(crate) fn file(file: Result<PathBuf, PathError>) -> Option<Asset> {
    let file = file.ok()?;
    Asset::find(file.to_str()?).filter(|_| file.as_os_str() != "index.html")
}
