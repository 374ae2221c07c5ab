//! The representation of a frame as the spectrum over the last window of samples up to its end, as JSON.

use photophone_signal::AudioFrame;
use photophone_signal::wire::SpectrumJson;

use super::{Representation, sse};
use crate::config::WindowKind;
use crate::spectrum::SlidingSpectrum;

/// Spectra as JSON: one per frame, none across a gap.
pub struct SpectrumRepresentation {
    sliding: SlidingSpectrum,
}

impl SpectrumRepresentation {
    /// Spectra over `size` samples.
    pub fn new(size: usize, window: WindowKind) -> Self {
        Self { sliding: SlidingSpectrum::new(size, window) }
    }
}

impl Representation for SpectrumRepresentation {
    fn add(&mut self, frame: &AudioFrame, wanted: bool, event: &mut Vec<u8>) {
        self.sliding.push(frame);
        if !wanted {
            return;
        }
        if let Some(spectrum) = self.sliding.spectrum() {
            let (epoch, first_sample) = (spectrum.epoch, spectrum.first_sample);
            sse::write_data_event(event, epoch, first_sample, &SpectrumJson::from(spectrum));
        }
    }

    fn interrupt(&mut self) {
        self.sliding.reset();
    }
}
