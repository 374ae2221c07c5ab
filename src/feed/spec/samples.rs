//! What is made of samples themselves: frames, envelopes, levels, each with its parameters.

use std::fmt;

use photophone_signal::FrameRate;

use super::parameters::{Channels, ColumnSamples, Factor, Format};

/// Frames: as they are published, or what a viewer wants of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FramesSpec {
    /// How samples are written.
    pub format: Format,
    /// Which channels.
    pub channels: Channels,
    /// How many samples of the source one that is sent stands for.
    pub decimate: Factor,
    /// Events per second; without it as many as frames are published.
    pub fps: Option<FrameRate>,
}

/// Minimum, maximum and RMS per column of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnvelopeSpec {
    /// Samples in a column.
    pub column_samples: ColumnSamples,
    /// Which channels.
    pub channels: Channels,
    /// Events per second; without it as many as frames are published.
    pub fps: Option<FrameRate>,
}

/// Peak, RMS and crest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LevelsSpec {
    /// Events per second.
    pub fps: FrameRate,
}

impl FramesSpec {
    /// Every sample of every channel as numbers, cut where frames are.
    pub const AS_PUBLISHED: Self =
        Self { format: Format::Json, channels: Channels::Both, decimate: Factor::ONE, fps: None };

    /// Whether events hold the frames' own samples, cut where frames are.
    pub fn is_as_published(&self) -> bool {
        self.fps.is_none() && !self.is_decimated()
    }

    /// Whether samples are left out, behind a filter.
    pub fn is_decimated(&self) -> bool {
        self.decimate > Factor::ONE
    }
}

impl Default for EnvelopeSpec {
    fn default() -> Self {
        Self { column_samples: ColumnSamples::DEFAULT, channels: Channels::default(), fps: None }
    }
}

impl Default for LevelsSpec {
    fn default() -> Self {
        Self { fps: FrameRate::from_fps(10.0) }
    }
}

impl fmt::Display for FramesSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = QueryText::new(f);
        query.unless_default("format", self.format.name(), Format::default().name())?;
        query.unless_default("channels", self.channels.name(), Channels::default().name())?;
        query.unless_default("decimate", self.decimate, Factor::default())?;
        self.fps.map_or(Ok(()), |fps| query.field("fps", fps))
    }
}

impl fmt::Display for EnvelopeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = QueryText::new(f);
        query.unless_default("column_samples", self.column_samples, ColumnSamples::DEFAULT)?;
        query.unless_default("channels", self.channels.name(), Channels::default().name())?;
        self.fps.map_or(Ok(()), |fps| query.field("fps", fps))
    }
}

impl fmt::Display for LevelsSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        QueryText::new(f).unless_default("fps", self.fps, Self::default().fps)
    }
}

/// Writes the fields of a query.
struct QueryText<'f, 'b> {
    out: &'f mut fmt::Formatter<'b>,
    is_empty: bool,
}

impl<'f, 'b> QueryText<'f, 'b> {
    fn new(out: &'f mut fmt::Formatter<'b>) -> Self {
        Self { out, is_empty: true }
    }

    fn unless_default<T: fmt::Display + PartialEq>(&mut self, key: &str, value: T, default: T) -> fmt::Result {
        if value == default { Ok(()) } else { self.field(key, value) }
    }

    fn field(&mut self, key: &str, value: impl fmt::Display) -> fmt::Result {
        let separator = if self.is_empty { "" } else { "&" };
        self.is_empty = false;
        write!(self.out, "{separator}{key}={value}")
    }
}
