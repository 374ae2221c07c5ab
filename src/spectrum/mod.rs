//! Spectra: what a run of samples holds at each frequency.
//!
//! ```text
//! AudioFrame ──► SlidingSpectrum ──(Ring per channel)──► SpectrumAnalyser ──► Spectrum ──► SpectrumJson
//!               (what is contiguous?)                    (Transform · scale)
//! AudioFrame ──► SpectrumEstimator ──(Ring per channel)──► Transform ──► Average ──► Readout ──► Estimate ──► EstimateJson
//!               (hops · Pace)                              (Window · FFT)          (Bands · Quantity · Peaks)
//! ```
//!
//! Pure: no I/O, no locks, no clock. Not here: who asks for spectra (`feed`), and their bytes
//! (`photophone_signal::wire`).

mod analyser;
mod average;
mod bands;
mod calibration;
mod estimate;
mod estimator;
mod kernel;
mod newest;
mod pace;
mod peaks;
mod quantity;
mod readout;
mod response;
mod ring;
pub mod settings;
mod sliding;
mod transform;
mod view;
mod window;

pub use analyser::{ChannelSpectrum, MIN_SIZE, SpectrumAnalyser, TooFewSamples};
pub use calibration::{Calibration, ChannelCalibration};
pub use estimate::{ChannelEstimate, CrossEstimate, Estimate};
pub use estimator::SpectrumEstimator;
pub use peaks::Peak;
pub use quantity::FLOOR_DB;
pub use response::{FrequencyResponse, ResponseError};
pub use settings::{SettingsError, SpectrumSettings};
pub use sliding::SlidingSpectrum;
pub use transform::FftPlans;
pub use view::Spectrum;
pub use window::{Window, WindowFunction};
