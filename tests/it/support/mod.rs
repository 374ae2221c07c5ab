//! What tests share: it speaks the words of the domain.

pub(crate) mod capture;
pub(crate) mod client;
pub(crate) mod command;
pub(crate) mod example;
pub(crate) mod forge;
pub(crate) mod lab_microphone;
pub(crate) mod raw;
pub(crate) mod server;
