//! The live stream as its viewers see it, from the simulated source.

mod estimates;
mod forms;
mod frames;
mod lockin;
mod losses;
mod quiet;
mod resume;
mod stats;
mod viewers;
mod websocket;
