//! The routes, one file per branch of the URL tree.

pub(super) mod auth;
pub(super) mod devices;
pub(super) mod doc;
pub(super) mod health;
pub(super) mod page;
pub(super) mod realtime;
pub(super) mod source;
pub(super) mod stream;
pub(super) mod time;
pub(crate) mod version;
