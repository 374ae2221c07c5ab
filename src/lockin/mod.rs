//! The dual-phase lock-in: amplitude and phase of what a channel holds at one frequency, in a bandwidth of one's choice.
//!
//! ```text
//!                    ┌─ a frequency in Hz ──────────────────────► Oscillator ─┐
//! LockinSettings ────┤                                                        ├─► Demodulator ──► Reading
//!                    └─ channel_b, tracked ─► Follower ─(Tracker)─ its legs ──┘   (mix · LowPass · NoiseMeter)
//! ```
//!
//! Pure: no I/O, no locks, no clock. Everything hangs on sample indices, so readings fall on the same instants, with the
//! same phase, wherever a computation starts.

mod demodulator;
mod follower;
mod low_pass;
mod noise;
mod oscillator;
mod reading;
mod reference;
mod settings;
mod stream;
mod tracker;

pub use reading::{Demodulated, Reading};
pub use reference::{Frequency, Reference};
pub use settings::{LockinError, LockinSettings, Slope, expected};
pub use stream::Lockin;

#[cfg(test)]
mod tests;
