//! What must hold for long. `make test` runs it short, `make soak` whole.

mod day;
mod events;
mod feeds;
mod viewers;
