//! The representation of the stream as spectra of overlapping windows, averaged, in a scale and unit.

use std::sync::Arc;

use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::{EncodeError, Header, MessageWriter, Place, kind};
use photophone_signal::wire::{EstimateJson, PeakJson};
use photophone_signal::{AudioFrame, Gap, SampleIndex};
use serde::Serialize;

use super::estimate_spec::EstimateSpec;
use crate::feed::{Content, Representation, sse};
use crate::spectrum::{Estimate, SettingsError, SpectrumEstimator};

/// Estimates of a source that may change its format.
pub(in crate::feed) struct EstimateRepresentation {
    spec: EstimateSpec,
    /// What the last frame asked for.
    format: Option<(SampleRate, u16)>,
    estimator: Result<Option<Box<SpectrumEstimator>>, SettingsError>,
    /// Where the last event ended, if nothing was missing since.
    last_end: Option<SampleIndex>,
    /// Whether samples were missing before the next frame.
    is_interrupted: bool,
}

struct EstimateContent {
    place: Place,
    estimate: EstimateJson<'static>,
    end: SampleIndex,
    duration_us: u64,
}

/// What a message has in `meta`: a type, as a `Value` would write f32 with the digits of the f64.
#[derive(Serialize)]
struct Meta<'a> {
    size: usize,
    window: &'a str,
    unit: &'a str,
    enbw_hz: f64,
    scale: &'a str,
    overlap: Option<f64>,
    averaging: &'a str,
    averages: f64,
    calibrated: bool,
    peaks_a: Option<&'a [PeakJson]>,
    peaks_b: Option<&'a [PeakJson]>,
}

impl EstimateRepresentation {
    pub(in crate::feed) fn new(spec: EstimateSpec) -> Self {
        Self { spec, format: None, estimator: Ok(None), last_end: None, is_interrupted: false }
    }

    fn prepare_for(&mut self, frame: &AudioFrame) {
        let format = (frame.sample_rate, if frame.is_mono() { 1 } else { 2 });
        if self.format != Some(format) {
            self.format = Some(format);
            self.estimator = self.spec.estimator(format).map(|estimator| Some(Box::new(estimator)));
        }
    }
}

impl Representation for EstimateRepresentation {
    fn add(&mut self, frame: &Arc<AudioFrame>, events: &mut Vec<Box<dyn Content>>) {
        if frame.samples() == 0 {
            return;
        }
        self.prepare_for(frame);
        let is_interrupted = std::mem::take(&mut self.is_interrupted);
        let Ok(Some(estimator)) = &mut self.estimator else { return };
        if is_interrupted {
            // One that was made for the format of this frame does not know yet.
            estimator.interrupt();
        }
        let last_end = &mut self.last_end;
        estimator.push(frame, |estimate| {
            let content = EstimateContent::new(&estimate, last_end.take());
            *last_end = Some(content.end);
            events.push(Box::new(content));
        });
    }

    fn interrupt(&mut self, gap: &Gap, _events: &mut Vec<Box<dyn Content>>) -> Gap {
        self.last_end = None;
        self.is_interrupted = true;
        *gap
    }

    fn refusal(&self) -> Option<String> {
        self.estimator.as_ref().err().map(SettingsError::to_string)
    }
}

impl EstimateContent {
    /// The event of an estimate; `last_end` is where the one before it ended.
    fn new(estimate: &Estimate<'_>, last_end: Option<SampleIndex>) -> Self {
        let end = SampleIndex { epoch: estimate.epoch, sample: estimate.end_sample };
        let from = last_end.filter(|last| last.epoch == end.epoch).map_or(estimate.first_sample, |last| last.sample);
        Self {
            place: Place::from(estimate),
            estimate: EstimateJson::from(estimate),
            end,
            duration_us: estimate.sample_rate.micros_of(end.sample.saturating_sub(from)),
        }
    }

    /// Every array with its name in a message; empty when there is none.
    fn arrays(&self) -> [(&'static str, &[f32]); 8] {
        let estimate = &self.estimate;
        let cross = estimate.cross.as_ref();
        [
            ("frequencies", &*estimate.frequencies),
            ("magnitude_a", &*estimate.magnitude_a),
            ("magnitude_b", &*estimate.magnitude_b),
            ("phase_a", estimate.phase_a.as_deref().unwrap_or_default()),
            ("phase_b", estimate.phase_b.as_deref().unwrap_or_default()),
            ("cross_magnitude", cross.map_or(&[], |cross| &*cross.magnitude)),
            ("cross_phase", cross.map_or(&[], |cross| &*cross.phase)),
            ("cross_coherence", cross.map_or(&[], |cross| &*cross.coherence)),
        ]
    }
}

impl Content for EstimateContent {
    fn id(&self) -> SampleIndex {
        SampleIndex { epoch: self.estimate.epoch, sample: self.estimate.first_sample }
    }

    fn end(&self) -> SampleIndex {
        self.end
    }

    fn duration_us(&self) -> u64 {
        self.duration_us
    }

    fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.arrays().iter().map(|(_, values)| size_of_val(*values)).sum::<usize>()
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        let values: usize = self.arrays().iter().map(|(_, values)| values.len()).sum();
        out.reserve(12 * values + 1024);
        sse::write_json(out, &self.estimate);
    }

    fn write_message(&self, feed: u32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let header = Header { kind: kind::SPECTRUM, feed, place: Some(self.place) };
        let writer = MessageWriter::begin(out, &header);
        let there = self.arrays().into_iter().filter(|(_, values)| !values.is_empty());
        let estimate = &self.estimate;
        let meta = Meta {
            size: estimate.size,
            window: &estimate.window,
            unit: &estimate.unit,
            enbw_hz: estimate.enbw_hz,
            scale: &estimate.scale,
            overlap: estimate.overlap,
            averaging: &estimate.averaging,
            averages: estimate.averages,
            calibrated: estimate.calibrated,
            peaks_a: estimate.peaks_a.as_deref(),
            peaks_b: estimate.peaks_b.as_deref(),
        };
        there.fold(writer, |writer, (name, values)| writer.f32(name, values)).meta(&meta).finish()
    }
}

#[cfg(test)]
mod tests;
