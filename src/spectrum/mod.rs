//! Spectra: what a run of samples holds at each frequency.
//!
//! ```text
//! AudioFrame ──► SlidingSpectrum ──(Ring per channel)──► SpectrumAnalyser ──► Spectrum ──► SpectrumJson
//!               (what is contiguous?)                    (Window · FFT · scale)
//! ```
//!
//! Pure: no I/O, no locks, no clock. Not here: who asks for spectra and how often (`feed`), and their bytes
//! (`photophone_signal::wire`).

mod analyser;
mod ring;
mod sliding;
mod view;
mod window;

pub use analyser::{ChannelSpectrum, MIN_SIZE, SpectrumAnalyser, TooFewSamples};
pub use sliding::SlidingSpectrum;
pub use view::Spectrum;
pub use window::Window;
pub(crate) use window::name as window_name;
