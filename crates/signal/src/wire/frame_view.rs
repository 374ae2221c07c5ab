//! JSON of a frame as a viewer asked for it: fewer samples, one channel, samples as base64.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::binary::{Elements, SampleFormat};
use super::json::finite;
use crate::Epoch;

/// A frame as JSON, as the parameters of the query want it. What is as in a [`FrameJson`](super::FrameJson) is not said:
/// without parameters this is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrameViewJson<'a> {
    /// Samples per second and channel of the source, in which all indices count.
    pub sample_rate: u32,
    /// Unix time of the first sample in milliseconds.
    pub timestamp: u64,
    /// Number of the frame that holds the last sample which was read.
    pub frame_number: u64,
    /// Duration of what is covered at the nominal rate in milliseconds.
    pub duration_ms: f64,
    /// Epoch in which the indices count.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub epoch: Epoch,
    /// Index of the first sample.
    pub first_sample: u64,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// How base64 holds the samples: `f32` or `i16`, little-endian; absent when they are numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub format: Option<Cow<'a, str>>,
    /// The channel that was asked for, `a` or `b`; absent when both were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub channels: Option<Cow<'a, str>>,
    /// Distance of two samples in samples of the source; absent when it is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimate: Option<u64>,
    /// Of decimated samples: how many samples of the source later each is known. They stand where they belong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_samples: Option<u64>,
    /// Samples of channel A, ±1.0 = full scale; empty when it was not asked for.
    pub channel_a: SamplesJson<'a>,
    /// Samples of channel B; empty for a mono source or when it was not asked for.
    pub channel_b: SamplesJson<'a>,
    /// What happened to the samples: `clipped`, `nonfinite`, `after_gap`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub flags: Vec<Cow<'a, str>>,
}

/// Samples in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum SamplesJson<'a> {
    /// Numbers, ±1.0 = full scale, each with the fewest digits that read back to the same f32.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    Numbers(#[serde(deserialize_with = "finite")] Cow<'a, [f32]>),
    /// Base64 (RFC 4648 §4) of little-endian numbers.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    Base64(Cow<'a, str>),
}

/// Samples that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SamplesError {
    /// A format that a later server may have.
    #[error("format is {0:?}; expected f32 or i16")]
    Format(String),
    /// Not base64.
    #[error("samples are not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// Bytes are missing or too many.
    #[error("{0} bytes are no whole number of samples")]
    Length(usize),
}

impl FrameViewJson<'_> {
    /// The samples of channels A and B, ±1.0 = full scale, however they are written.
    ///
    /// # Errors
    /// When base64 does not hold what `format` says.
    pub fn samples(&self) -> Result<[Cow<'_, [f32]>; 2], SamplesError> {
        let format = match self.format.as_deref() {
            None | Some("f32") => SampleFormat::F32,
            Some("i16") => SampleFormat::I16,
            Some(other) => return Err(SamplesError::Format(other.to_owned())),
        };
        Ok([self.channel_a.read(format)?, self.channel_b.read(format)?])
    }
}

impl<'a> SamplesJson<'a> {
    /// `samples` in base64.
    pub fn base64(samples: &[f32], format: SampleFormat) -> Self {
        let mut bytes = Vec::with_capacity(samples.len() * format.sample_bytes());
        format.append(&mut bytes, samples);
        Self::Base64(STANDARD.encode(bytes).into())
    }

    /// The samples, where base64 holds them in `format`.
    fn read(&self, format: SampleFormat) -> Result<Cow<'_, [f32]>, SamplesError> {
        let text = match self {
            Self::Numbers(numbers) => return Ok(Cow::Borrowed(numbers)),
            Self::Base64(text) => text,
        };
        let bytes = STANDARD.decode(text.as_bytes())?;
        if !bytes.len().is_multiple_of(format.sample_bytes()) {
            return Err(SamplesError::Length(bytes.len()));
        }
        let elements = match format {
            SampleFormat::F32 => Elements::F32(bytes.as_chunks().0),
            SampleFormat::I16 => Elements::I16(bytes.as_chunks().0),
        };
        let mut samples = Vec::with_capacity(bytes.len() / format.sample_bytes());
        elements.append_to(&mut samples);
        Ok(Cow::Owned(samples))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn view<'a>(format: Option<&'a str>, channel_a: SamplesJson<'a>) -> FrameViewJson<'a> {
        FrameViewJson {
            sample_rate: 48_000,
            timestamp: 0,
            frame_number: 0,
            duration_ms: 0.0,
            epoch: Epoch::from_random_bytes([1; 16]),
            first_sample: 0,
            captured_us: 0,
            format: format.map(Cow::Borrowed),
            channels: None,
            decimate: None,
            delay_samples: None,
            channel_a,
            channel_b: SamplesJson::Base64("".into()),
            flags: Vec::new(),
        }
    }

    #[test]
    fn what_holds_no_samples_is_refused() {
        let read = |format, text: &'static str| {
            let view = view(format, SamplesJson::Base64(text.into()));
            view.samples().map(|channels| channels.map(Cow::into_owned))
        };
        assert_eq!(read(Some("f64"), ""), Err(SamplesError::Format("f64".into())));
        assert!(matches!(read(Some("i16"), "AAA"), Err(SamplesError::Base64(_))));
        assert_eq!(read(Some("i16"), "AAAA"), Err(SamplesError::Length(3)));
        assert_eq!(read(Some("f32"), ""), Ok([vec![], vec![]]));
    }

    proptest! {
        #[test]
        fn samples_are_read_as_they_were_written(samples in prop::collection::vec(-1.0_f32..1.0, 0..50)) {
            for (word, format, step) in [("f32", SampleFormat::F32, 0.0), ("i16", SampleFormat::I16, 1.0 / 32_768.0)] {
                let view = view(Some(word), SamplesJson::base64(&samples, format));
                let text = serde_json::to_string(&view).unwrap();
                let read: FrameViewJson<'_> = serde_json::from_str(&text).unwrap();
                let [a, b] = read.samples().unwrap();
                prop_assert!(b.is_empty() && a.len() == samples.len());
                prop_assert!(a.iter().zip(&samples).all(|(read, sample)| (read - sample).abs() <= step));
            }
            let numbers = view(None, SamplesJson::Numbers(samples.as_slice().into()));
            prop_assert_eq!(&*numbers.samples().unwrap()[0], samples.as_slice());
        }
    }
}
