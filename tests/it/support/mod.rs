//! What tests share: it speaks the words of the domain.

pub(crate) mod account;
pub(crate) mod air;
pub(crate) mod capture;
pub(crate) mod client;
pub(crate) mod command;
pub(crate) mod example;
pub(crate) mod forge;
pub(crate) mod lab_microphone;
pub(crate) mod memory;
pub(crate) mod process;
pub(crate) mod python;
pub(crate) mod raw;
pub(crate) mod server;
pub(crate) mod simulation;
pub(crate) mod slow_viewer;
pub(crate) mod soak;
pub(crate) mod socket;
pub(crate) mod wav;
