//! The scenarios of the simulation and all their numbers.
//!
//! | word | signal | what happens |
//! |---|---|---|
//! | `cell` | the photoacoustic cell of `source.cell` | – |
//! | `tone` | [`TONE_HZ`] at [`TONE_DBFS`]; B is 90° behind A | – |
//! | `chirp` | linear sweep [`CHIRP_FROM_HZ`] to [`CHIRP_TO_HZ`] in [`CHIRP_SECS`], repeated; level and B as in `tone` | – |
//! | `silence` | zeros | – |
//! | `dropouts` | `tone` | each [`DROPOUT_EVERY_SECS`] up to [`DROPOUT_MAX_MS`] are lost, where the seed says |
//! | `unplug` | `tone`, from index 0 after each opening | there for [`PLUGGED_SECS`], away for [`UNPLUGGED_SECS`], by the clock |
//! | `drift` | `tone` | the device's clock is [`DRIFT_PPM`] faster than this machine's |
//! | `clipping` | `tone` at [`CLIPPING_DBFS`] | every peak is cut off at full scale |
//! | `stall` | `tone` | nothing comes in the last [`STALL_SECS`] of each [`STALL_EVERY_SECS`]; then they are told as lost |

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Frequency of the tone in Hz.
pub const TONE_HZ: u32 = crate::config::SIMULATED_TONE_HZ;
/// Level of tone and chirp in dBFS, in both channels.
pub const TONE_DBFS: f64 = -6.0;
/// Where the chirp starts, in Hz.
pub const CHIRP_FROM_HZ: u32 = 20;
/// Where the chirp ends, in Hz; at low rates 0.45 of the rate.
pub const CHIRP_TO_HZ: u32 = 20_000;
/// Time that the chirp takes, in seconds. Even, so that it ends on a whole cycle and repeats without a step.
pub const CHIRP_SECS: u32 = 10;
/// Period of the dropouts in seconds; each period has one, which neither starts nor ends it.
pub const DROPOUT_EVERY_SECS: u32 = 1;
/// Length of the longest dropout in milliseconds; the shortest is one sample.
pub const DROPOUT_MAX_MS: u32 = 100;
/// Time that the device of `unplug` is there, in seconds.
pub const PLUGGED_SECS: u32 = 5;
/// Time that it is away, in seconds.
pub const UNPLUGGED_SECS: u32 = 2;
/// How much faster the clock of `drift` runs than this machine's, in parts per million.
pub const DRIFT_PPM: f64 = 100.0;
/// Level that the tone of `clipping` would have if full scale did not end it, in dBFS.
pub const CLIPPING_DBFS: f64 = 6.0;
/// Period of the stalls in seconds.
pub const STALL_EVERY_SECS: u32 = 10;
/// Length of a stall in seconds; it ends its period.
pub const STALL_SECS: u32 = 3;

/// What the simulation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// The photoacoustic cell.
    Cell,
    /// A steady tone.
    Tone,
    /// A repeated linear sweep.
    Chirp,
    /// Zeros.
    Silence,
    /// A tone of which the device loses pieces.
    Dropouts,
    /// A tone from a device that is unplugged and plugged in again.
    Unplug,
    /// A tone from a device whose clock is fast.
    Drift,
    /// A tone beyond full scale.
    Clipping,
    /// A tone from a device that falls silent without an error.
    Stall,
}

/// A word that names no scenario.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{word}` is no scenario{}; known are {}", suggestion(word), words())]
pub struct UnknownScenario {
    /// The word.
    pub word: String,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 9] = [
        Self::Cell,
        Self::Tone,
        Self::Chirp,
        Self::Silence,
        Self::Dropouts,
        Self::Unplug,
        Self::Drift,
        Self::Clipping,
        Self::Stall,
    ];

    /// The word in `source.scenario` and after `sim:`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cell => "cell",
            Self::Tone => "tone",
            Self::Chirp => "chirp",
            Self::Silence => "silence",
            Self::Dropouts => "dropouts",
            Self::Unplug => "unplug",
            Self::Drift => "drift",
            Self::Clipping => "clipping",
            Self::Stall => "stall",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(word: &str) -> Result<Self, UnknownScenario> {
        let named = |scenario: &Self| scenario.word() == word;
        Self::ALL.into_iter().find(named).ok_or_else(|| UnknownScenario { word: word.into() })
    }
}

fn words() -> String {
    Scenario::ALL.map(Scenario::word).join(", ")
}

/// The nearest scenario, unless even that differs in more than half of its letters.
fn suggestion(word: &str) -> String {
    let distance = |scenario: &Scenario| strsim::osa_distance(scenario.word(), word);
    Scenario::ALL
        .into_iter()
        .min_by_key(distance)
        .filter(|nearest| distance(nearest) * 2 <= nearest.word().len())
        .map_or_else(String::new, |nearest| format!(", perhaps `{nearest}` is meant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_knows_the_same_words() {
        assert_eq!(Scenario::ALL.map(Scenario::word), crate::config::SCENARIOS);
    }

    #[test]
    fn every_word_reads_back() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.word().parse(), Ok(scenario));
        }
    }

    #[test]
    fn an_unknown_word_names_the_nearest_and_the_known() {
        let message = "tune".parse::<Scenario>().unwrap_err().to_string();
        assert_eq!(
            message,
            "`tune` is no scenario, perhaps `tone` is meant; known are \
             cell, tone, chirp, silence, dropouts, unplug, drift, clipping, stall"
        );
        let message = "xylophone".parse::<Scenario>().unwrap_err().to_string();
        assert!(message.starts_with("`xylophone` is no scenario; known are cell"), "{message}");
    }
}
