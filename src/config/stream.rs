//! Section `stream`: how samples are cut into frames and handed to viewers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How samples are cut into frames and handed to viewers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StreamConfig {
    /// Frames per second; a frame has `rate / target_fps` samples per channel, exact on average. Reloadable.
    #[schemars(range(min = 0.1, max = 1000.0))]
    pub target_fps: f64,
    /// Frames that a viewer may lag behind before it loses some; `realtime` is 10, `analysis` 100, `recording` 1000.
    pub broadcast_buffer_size: BroadcastBuffer,
    /// Time without an event after which a heartbeat is sent, in seconds. Reloadable.
    #[schemars(range(min = 0.1, max = 20.0))]
    pub sse_timeout_secs: f64,
    /// Whether heartbeats are sent. Reloadable.
    pub enable_heartbeats: bool,
    /// Samples per spectrum, where a query gives no `size`.
    #[schemars(range(min = 256, max = 65_536))]
    pub spectral_window_size: usize,
    /// Window function of the spectra, where a query gives no `window`.
    pub spectral_window: WindowKind,
    /// Frame rate below which one warning is logged, and one line on recovery; with a smaller
    /// `target_fps`, 90 % of that. Reloadable.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub min_fps: f64,
    /// Time of signal that is kept in memory for viewers that fall behind or come back, in seconds, and at least the frames
    /// of `broadcast_buffer_size`; a feed that nobody watches lives as long.
    #[schemars(range(min = 1.0, max = 3600.0))]
    pub history_secs: f64,
    /// Memory that the history may hold, for the frames and for each feed, in MiB.
    #[schemars(range(min = 1, max = 65_536))]
    pub history_mib: u64,
    /// Feeds that may run at once: one for each kind and choice of parameters that is watched. One more takes the place
    /// of the one that nobody has watched for the longest time.
    #[schemars(range(min = 1, max = 1000))]
    pub feeds_max: usize,
    /// Feeds that may be taken of them in the name of one subject (a user, or who a token is for).
    #[schemars(range(min = 1, max = 1000))]
    pub feeds_per_subject: usize,
    /// Processor cores that one feed may keep busy; one that needs more is ended.
    #[schemars(range(min = 0.01, max = 64.0))]
    pub cores_per_feed: f64,
    /// At pace `fast`: how long the source waits for a viewer that takes nothing before that viewer loses frames, in
    /// seconds.
    #[schemars(range(min = 0.1, max = 600.0))]
    pub fast_patience_secs: f64,
}

impl StreamConfig {
    /// Frame rate below which a warning is due.
    pub fn warn_below_fps(&self) -> f64 {
        self.min_fps.min(0.9 * self.target_fps)
    }
}

/// How late a viewer or feed may be before it skips to the newest, in frames: a number or the use that implies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BroadcastBuffer {
    /// 10 frames: least delay.
    Realtime,
    /// 100 frames.
    Analysis,
    /// 1000 frames: least loss.
    Recording,
    /// This many.
    Frames(usize),
}

impl BroadcastBuffer {
    /// The frames.
    pub fn frames(self) -> usize {
        match self {
            Self::Realtime => 10,
            Self::Analysis => 100,
            Self::Recording => 1000,
            Self::Frames(frames) => frames,
        }
    }
}

/// A window function (DFT-even, as for spectral analysis).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// No weighting.
    Rectangular,
    /// Hann.
    Hann,
    /// Hamming.
    Hamming,
    /// Blackman.
    Blackman,
    /// Four-term Blackman-Harris.
    BlackmanHarris,
    /// Five-term flat top.
    Flattop,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            target_fps: 30.0,
            broadcast_buffer_size: BroadcastBuffer::Frames(100),
            sse_timeout_secs: 5.0,
            enable_heartbeats: true,
            spectral_window_size: 4096,
            spectral_window: WindowKind::Hann,
            min_fps: 10.0,
            history_secs: 30.0,
            history_mib: 64,
            feeds_max: 32,
            feeds_per_subject: 16,
            cores_per_feed: 0.5,
            fast_patience_secs: 10.0,
        }
    }
}
