//! The routes, one file per branch of the URL tree.

pub mod auth;
pub mod devices;
pub mod doc;
pub mod health;
pub mod page;
pub mod source;
pub mod stream;
pub mod version;
