//! What a feed is of: its kind and its parameters, normalised, so that equal feeds are one.

mod bandwidth;
mod length;
mod parameters;
mod samples;

#[cfg(test)]
mod tests;

use std::fmt;

pub use bandwidth::{Flow, FramesQuery};
pub use length::{FrameShape, TooLong};
pub use parameters::{Channels, ColumnSamples, Factor, Format, MaxKbps, NotAValue};
pub use samples::{EnvelopeSpec, FramesSpec, LevelsSpec};

use super::Representation;
use super::envelope::EnvelopeRepresentation;
use super::frames::FramesRepresentation;
use super::levels::LevelsRepresentation;
use super::lockin::LockinRepresentation;
use super::spectra::SpectrumRepresentation;
use super::spectra::estimate_spec::EstimateSpec;
use super::spectra::estimates::EstimateRepresentation;
use crate::lockin::LockinSettings;
use crate::spectrum::WindowFunction;

/// The kind of a feed with its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FeedSpec {
    /// Frames, as they are published or as a viewer wants them.
    Frames(FramesSpec),
    /// What drawing needs: extremes and RMS per column of samples.
    Envelope(EnvelopeSpec),
    /// Peak, RMS and crest, a few times a second.
    Levels(LevelsSpec),
    /// One spectrum per frame, over the last `size` samples up to its end.
    Spectrum {
        /// Samples per spectrum.
        size: usize,
        /// The window function.
        window: WindowFunction,
    },
    /// Spectra of overlapping windows, averaged, in a scale and unit.
    Estimate(EstimateSpec),
    /// Readings of a lock-in.
    Lockin(LockinSettings),
}

impl FeedSpec {
    /// Frames as they are published.
    pub const FRAMES: Self = Self::Frames(FramesSpec::AS_PUBLISHED);

    /// The word for the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Frames(_) => "frames",
            Self::Envelope(_) => "envelope",
            Self::Levels(_) => "levels",
            Self::Spectrum { .. } | Self::Estimate(_) => "spectrum",
            Self::Lockin(_) => "lockin",
        }
    }

    /// The computation, with nothing in it yet.
    pub fn representation(&self) -> Box<dyn Representation> {
        match self {
            Self::Frames(spec) => Box::new(FramesRepresentation::new(*spec)),
            Self::Envelope(spec) => Box::new(EnvelopeRepresentation::new(*spec)),
            Self::Levels(spec) => Box::new(LevelsRepresentation::new(*spec)),
            Self::Spectrum { size, window } => Box::new(SpectrumRepresentation::new(*size, *window)),
            Self::Estimate(spec) => Box::new(EstimateRepresentation::new(spec.clone())),
            Self::Lockin(settings) => Box::new(LockinRepresentation::new(*settings)),
        }
    }
}

/// As a query that asks for it.
impl fmt::Display for FeedSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frames(spec) => spec.fmt(f),
            Self::Envelope(spec) => spec.fmt(f),
            Self::Levels(spec) => spec.fmt(f),
            Self::Spectrum { size, window } => write!(f, "size={size}&window={window}"),
            Self::Estimate(spec) => spec.settings().fmt(f),
            Self::Lockin(settings) => settings.fmt(f),
        }
    }
}
