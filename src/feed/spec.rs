//! What a feed is of: its kind and its parameters, normalised, so that equal feeds are one.

use std::fmt;

use super::Representation;
use super::frames::FrameRepresentation;
use super::spectra::SpectrumRepresentation;
use crate::config::WindowKind;
use crate::spectrum::WindowFunction;

/// The kind of a feed with its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FeedSpec {
    /// Frames as they are published.
    Frames,
    /// One spectrum per frame, over the last `size` samples up to its end.
    Spectrum {
        /// Samples per spectrum.
        size: usize,
        /// The window function.
        window: WindowKind,
    },
}

impl FeedSpec {
    /// The word for the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Spectrum { .. } => "spectrum",
        }
    }

    /// The computation, with nothing in it yet.
    pub fn representation(&self) -> Box<dyn Representation> {
        match self {
            Self::Frames => Box::new(FrameRepresentation),
            Self::Spectrum { size, window } => Box::new(SpectrumRepresentation::new(*size, *window)),
        }
    }
}

/// As a query that asks for it.
impl fmt::Display for FeedSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frames => Ok(()),
            Self::Spectrum { size, window } => write!(f, "size={size}&window={}", WindowFunction::from(*window)),
        }
    }
}
