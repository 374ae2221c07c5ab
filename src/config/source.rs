//! Section `source`: where samples come from.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Check;

/// What the simulation can play.
pub const SCENARIOS: [&str; 9] =
    ["cell", "tone", "chirp", "silence", "dropouts", "unplug", "drift", "clipping", "stall"];

/// Frequency of the tone that the simulation plays in all scenarios but `cell`, `chirp` and `silence`, in Hz.
pub const SIMULATED_TONE_HZ: u32 = 1000;

/// Where samples come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SourceConfig {
    /// A microphone or line input of this machine, a WAV file, or the simulated photoacoustic cell.
    pub kind: SourceKind,
    /// Microphone: stable id or name as `photophone devices` shows it; the default device when absent.
    pub device: Option<String>,
    /// Channel of the device or file that becomes channel A, counted from 1.
    #[schemars(range(min = 1, max = 256))]
    pub channel_a: u16,
    /// Channel that becomes channel B, counted from 1; 0 for none (mono). A source with one channel is mono.
    #[schemars(range(min = 0, max = 256))]
    pub channel_b: u16,
    /// Samples per second to ask the microphone for, or of the simulation; the device's own (simulation: 48000)
    /// when absent. A file has its own rate.
    #[schemars(range(min = 1000, max = 1_536_000))]
    pub rate_hz: Option<u32>,
    /// Samples per channel that the microphone delivers at a time.
    #[schemars(range(min = 16, max = 65_536))]
    pub buffer_frames: u32,
    /// Time that the ring between the audio callback and the acquisition thread can hold, in milliseconds.
    #[schemars(range(min = 50, max = 10_000))]
    pub ring_ms: u32,
    /// WAV file to play.
    #[schemars(extend("format" = "file"))]
    pub path: Option<PathBuf>,
    /// Start the file again at its end; sample indices run on.
    #[serde(rename = "loop")]
    pub looped: bool,
    /// File and simulation: time runs as the clock does (`realtime`), as fast as viewers take it (`fast`), or this many
    /// times as fast as the clock.
    pub pace: Pace,
    /// Simulation: what it plays.
    #[schemars(extend("enum" = SCENARIOS))]
    pub scenario: String,
    /// Simulation: seed of its noise; the same seed gives the same samples.
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_u64))]
    pub seed: u64,
    /// Simulation: the photoacoustic cell.
    pub cell: CellConfig,
    /// Longest wait between attempts to reopen a lost device, in milliseconds; waits double from 100 ms.
    #[schemars(range(min = 100, max = 60_000))]
    pub retry_max_ms: u64,
    /// Time without samples after which the source counts as stalled and is reopened, in milliseconds.
    #[schemars(range(min = 200, max = 60_000))]
    pub stall_ms: u64,
    /// Level below which the source counts as silent, in dBFS peak.
    #[schemars(range(min = -200.0, max = 0.0))]
    pub silent_dbfs: f64,
    /// Time below `silent_dbfs` after which the state becomes silent, in seconds.
    #[schemars(range(min = 0.1, max = 3600.0))]
    pub silent_secs: f64,
}

/// The kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A microphone or line input of this machine.
    Mic,
    /// A WAV file.
    Wav,
    /// The simulated photoacoustic cell.
    Sim,
}

/// How the time of a file or simulation runs against this machine's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// One second of samples per second.
    Realtime,
    /// As fast as those who must see everything take it.
    Fast,
    /// This many seconds of samples per second.
    Factor(f64),
}

/// The simulated photoacoustic cell: a modulated laser excites an acoustic resonance that two microphones hear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CellConfig {
    /// Modulation frequency of the laser, f0, in Hz.
    #[schemars(range(min = 1.0, max = 500_000.0))]
    pub modulation_hz: f64,
    /// Resonance frequency of the cell in Hz.
    #[schemars(range(min = 1.0, max = 500_000.0))]
    pub resonance_hz: f64,
    /// Quality factor of the resonance.
    #[schemars(range(min = 0.5, max = 10_000.0))]
    pub quality_factor: f64,
    /// Level of the tone in channel A when the laser is modulated at the resonance, in dBFS.
    #[schemars(range(min = -160.0, max = 0.0))]
    pub level_dbfs: f64,
    /// Gain of microphone B against A in dB.
    #[schemars(range(min = -60.0, max = 20.0))]
    pub gain_b_db: f64,
    /// Phase of microphone B against A in degrees.
    #[schemars(range(min = -360.0, max = 360.0))]
    pub phase_b_deg: f64,
    /// RMS level of the background noise in each microphone, in dBFS.
    #[schemars(range(min = -200.0, max = 0.0))]
    pub noise_dbfs: f64,
    /// Drift of the resonance frequency in Hz per minute.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub drift_hz_per_min: f64,
}

impl SourceConfig {
    pub(super) fn check(&self, check: &mut Check<'_>) {
        if self.kind == SourceKind::Wav && self.path.is_none() {
            check.refuse("source.path", &["source.kind"], "a WAV file, as source.kind is wav");
        }
        if self.channel_a == self.channel_b {
            let expected = "another channel than source.channel_a, or 0 for none";
            check.refuse("source.channel_b", &["source.channel_a"], expected);
        }
        self.check_buffer(check);
        self.check_simulated_tone(check);
    }

    /// The ring holds two device buffers, since one is filled while the other is taken; and one buffer must come before
    /// the source counts as stalled.
    fn check_buffer(&self, check: &mut Check<'_>) {
        let Some(rate_hz) = self.rate_hz.filter(|_| self.kind == SourceKind::Mic) else { return };
        let longest_ms = (u64::from(self.ring_ms) / 2).min(self.stall_ms / 2);
        let longest = longest_ms * u64::from(rate_hz) / 1000;
        if u64::from(self.buffer_frames) > longest {
            let others = ["source.rate_hz", "source.ring_ms", "source.stall_ms"];
            let expected = format!("at most {longest}, half of ring_ms and of stall_ms at {rate_hz} Hz");
            check.refuse("source.buffer_frames", &others, &expected);
        }
    }

    /// What the simulation plays lies below half of its rate (Nyquist). With another kind of source nothing is said:
    /// `source.rate_hz` is then the microphone's and tells nothing about a simulation. A resonance above half of the
    /// rate is allowed, since a laser beside the resonance is what the cell can be asked to show.
    fn check_simulated_tone(&self, check: &mut Check<'_>) {
        if self.kind != SourceKind::Sim {
            return;
        }
        let (rate_hz, tone_hz) = (self.simulated_rate_hz(), SIMULATED_TONE_HZ);
        let half_hz = f64::from(rate_hz) / 2.0;
        match self.scenario.as_str() {
            "cell" if self.cell.modulation_hz >= half_hz => {
                let others = ["source.rate_hz", "source.scenario", "source.kind"];
                let expected = format!("less than {half_hz}, half of the simulation's rate of {rate_hz} Hz");
                check.refuse("source.cell.modulation_hz", &others, &expected);
            }
            "cell" | "chirp" | "silence" => {}
            _ if f64::from(tone_hz) >= half_hz => {
                let expected = format!("more than {}, twice the {tone_hz} Hz of source.scenario", 2 * tone_hz);
                check.refuse("source.rate_hz", &["source.scenario", "source.kind"], &expected);
            }
            _ => {}
        }
    }

    /// Samples per second of the simulation.
    pub fn simulated_rate_hz(&self) -> u32 {
        self.rate_hz.unwrap_or(48_000)
    }
}

impl Default for SourceConfig {
    fn default() -> Self {
        Self {
            kind: SourceKind::Mic,
            device: None,
            channel_a: 1,
            channel_b: 2,
            rate_hz: None,
            buffer_frames: 1024,
            ring_ms: 1000,
            path: None,
            looped: false,
            pace: Pace::Realtime,
            scenario: "cell".into(),
            seed: 1,
            cell: CellConfig::default(),
            retry_max_ms: 2000,
            stall_ms: 1500,
            silent_dbfs: -120.0,
            silent_secs: 2.0,
        }
    }
}

impl Default for CellConfig {
    fn default() -> Self {
        Self {
            modulation_hz: 2000.0,
            resonance_hz: 2000.0,
            quality_factor: 50.0,
            level_dbfs: -20.0,
            gain_b_db: -1.0,
            phase_b_deg: 180.0,
            noise_dbfs: -60.0,
            drift_hz_per_min: 0.0,
        }
    }
}
