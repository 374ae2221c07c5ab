//! JSON of a frame and of a spectrum: the head first, so that a reader knows the position before the payload.

use std::borrow::Cow;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::{AudioFrame, Epoch, FrameFlags};

/// A frame as JSON. Every f32 is written with the fewest digits that read back to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrameJson<'a> {
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// Unix time of the first sample in milliseconds.
    pub timestamp: u64,
    /// +1 per frame of the epoch.
    pub frame_number: u64,
    /// Duration at the nominal rate in milliseconds.
    pub duration_ms: f64,
    /// Epoch in which the indices count.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub epoch: Epoch,
    /// Index of the first sample.
    pub first_sample: u64,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Samples of channel A, ±1.0 = full scale.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub channel_a: Cow<'a, [f32]>,
    /// Samples of channel B; empty for a mono source.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub channel_b: Cow<'a, [f32]>,
    /// What happened to the samples: `clipped`, `nonfinite`, `after_gap`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub flags: Vec<Cow<'a, str>>,
}

/// A one-sided spectrum as JSON: bin k stands at `frequencies[k]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpectrumJson<'a> {
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// Unix time of the window's first sample in milliseconds.
    pub timestamp: u64,
    /// Number of the frame that holds the window's last sample.
    pub frame_number: u64,
    /// Duration of the window at the nominal rate in milliseconds.
    pub duration_ms: f64,
    /// Epoch in which the indices count.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub epoch: Epoch,
    /// Index of the window's first sample.
    pub first_sample: u64,
    /// UTC of the window's first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Samples in the window.
    pub size: usize,
    /// Name of the window function.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub window: Cow<'a, str>,
    /// Unit of the magnitudes: `fs`, linear amplitude as a fraction of full scale.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub unit: Cow<'a, str>,
    /// Equivalent noise bandwidth of the window in Hz.
    pub enbw_hz: f64,
    /// Frequency of each bin in Hz.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub frequencies: Cow<'a, [f32]>,
    /// Amplitude of channel A in each bin.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub magnitude_a: Cow<'a, [f32]>,
    /// Amplitude of channel B; empty for a mono source.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub magnitude_b: Cow<'a, [f32]>,
    /// Phase of channel A in radians, referred to the window's first sample.
    #[serde(deserialize_with = "finite_if_any")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<f32>>))]
    pub phase_a: Option<Cow<'a, [f32]>>,
    /// Phase of channel B; null for a mono source.
    #[serde(deserialize_with = "finite_if_any")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<f32>>))]
    pub phase_b: Option<Cow<'a, [f32]>>,
}

impl<'a> From<&'a AudioFrame> for FrameJson<'a> {
    fn from(frame: &'a AudioFrame) -> Self {
        Self {
            sample_rate: frame.sample_rate.hz(),
            timestamp: frame.captured_us / 1000,
            frame_number: frame.frame_number,
            duration_ms: frame.duration_ms(),
            epoch: frame.epoch,
            first_sample: frame.first_sample,
            captured_us: frame.captured_us,
            channel_a: Cow::Borrowed(&frame.channel_a),
            channel_b: Cow::Borrowed(&frame.channel_b),
            flags: flag_words(frame.flags),
        }
    }
}

impl SpectrumJson<'_> {
    /// The same spectrum, holding its values itself.
    pub fn into_owned(self) -> SpectrumJson<'static> {
        let own = |values: Cow<'_, [f32]>| Cow::Owned(values.into_owned());
        SpectrumJson {
            window: Cow::Owned(self.window.into_owned()),
            unit: Cow::Owned(self.unit.into_owned()),
            frequencies: own(self.frequencies),
            magnitude_a: own(self.magnitude_a),
            magnitude_b: own(self.magnitude_b),
            phase_a: self.phase_a.map(own),
            phase_b: self.phase_b.map(own),
            ..self
        }
    }
}

/// The words that stand for flags in JSON.
pub fn flag_words<'a>(flags: FrameFlags) -> Vec<Cow<'a, str>> {
    [(flags.clipped, "clipped"), (flags.nonfinite, "nonfinite"), (flags.after_gap, "after_gap")]
        .into_iter()
        .filter_map(|(set, word)| set.then_some(Cow::Borrowed(word)))
        .collect()
}

/// Numbers beyond the range of f32 would become infinities, which JSON cannot say.
pub(super) fn finite<'de, 'a, D: Deserializer<'de>>(json: D) -> Result<Cow<'a, [f32]>, D::Error> {
    let values = Vec::<f32>::deserialize(json)?;
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(D::Error::custom(format!("value {index} is beyond the range of f32"))),
        None => Ok(Cow::Owned(values)),
    }
}

pub(super) fn finite_if_any<'de, 'a, D: Deserializer<'de>>(json: D) -> Result<Option<Cow<'a, [f32]>>, D::Error> {
    #[derive(Deserialize)]
    struct Finite<'a>(#[serde(deserialize_with = "finite")] Cow<'a, [f32]>);
    Ok(Option::<Finite<'a>>::deserialize(json)?.map(|finite| finite.0))
}
