//! The representation of a frame as the spectrum over the last window of samples up to its end.

pub(super) mod estimate_spec;
pub(super) mod estimates;

use std::sync::Arc;

use photophone_signal::wire::SpectrumJson;
use photophone_signal::wire::binary::{EncodeError, Header, MessageWriter, Place, kind};
use photophone_signal::{AudioFrame, Gap, SampleIndex};

use serde_json::json;

use super::{Content, Representation, sse};
use crate::spectrum::{SlidingSpectrum, WindowFunction};

/// One spectrum per frame, none across a gap.
pub(super) struct SpectrumRepresentation {
    sliding: SlidingSpectrum,
}

struct SpectrumContent {
    place: Place,
    spectrum: SpectrumJson<'static>,
    end: SampleIndex,
    duration_us: u64,
}

impl SpectrumRepresentation {
    /// Spectra over `size` samples.
    pub(super) fn new(size: usize, window: WindowFunction) -> Self {
        Self { sliding: SlidingSpectrum::new(size, window) }
    }
}

impl Representation for SpectrumRepresentation {
    fn add(&mut self, frame: &Arc<AudioFrame>, events: &mut Vec<Box<dyn Content>>) {
        self.sliding.push(frame);
        if let Some(spectrum) = self.sliding.spectrum() {
            events.push(Box::new(SpectrumContent {
                place: Place::from(&spectrum),
                spectrum: SpectrumJson::from(spectrum).into_owned(),
                end: frame.end(),
                duration_us: frame.duration_us(),
            }));
        }
    }

    fn interrupt(&mut self, gap: &Gap, _events: &mut Vec<Box<dyn Content>>) -> Gap {
        self.sliding.reset();
        *gap
    }
}

impl Content for SpectrumContent {
    fn id(&self) -> SampleIndex {
        SampleIndex { epoch: self.spectrum.epoch, sample: self.spectrum.first_sample }
    }

    fn end(&self) -> SampleIndex {
        self.end
    }

    fn duration_us(&self) -> u64 {
        self.duration_us
    }

    fn size_bytes(&self) -> usize {
        // Frequencies, magnitudes and phases.
        5 * self.spectrum.frequencies.len() * size_of::<f32>()
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        out.reserve(12 * 5 * self.spectrum.frequencies.len() + 512);
        sse::write_json(out, &self.spectrum);
    }

    fn write_message(&self, feed: u32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let spectrum = &self.spectrum;
        let arrays = [
            ("frequencies", &*spectrum.frequencies),
            ("magnitude_a", &spectrum.magnitude_a),
            ("magnitude_b", &spectrum.magnitude_b),
            ("phase_a", spectrum.phase_a.as_deref().unwrap_or_default()),
            ("phase_b", spectrum.phase_b.as_deref().unwrap_or_default()),
        ];
        let header = Header { kind: kind::SPECTRUM, feed, place: Some(self.place) };
        let writer = MessageWriter::begin(out, &header);
        let there = arrays.into_iter().filter(|(_, values)| !values.is_empty());
        let meta = json!({ "size": spectrum.size, "window": spectrum.window, "unit": spectrum.unit,
            "enbw_hz": spectrum.enbw_hz });
        there.fold(writer, |writer, (name, values)| writer.f32(name, values)).meta(&meta).finish()
    }
}
