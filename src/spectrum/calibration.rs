//! The calibration: what the samples of a channel are in volts and pascals.

use std::sync::Arc;

use super::FrequencyResponse;
use super::settings::Unit;

/// The calibration of both channels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Channel A.
    pub a: ChannelCalibration,
    /// Channel B.
    pub b: ChannelCalibration,
}

/// The way of one channel from sound pressure to samples. Without the first two, levels are fractions of full scale.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelCalibration {
    /// Voltage at the converter's input at which a sample reads full scale (1.0), in volts. Unit `v` needs it.
    pub full_scale_v: Option<f64>,
    /// Sensitivity of the microphone in millivolts per pascal. Units `pa` and `db_spl` need it and `full_scale_v`.
    pub sensitivity_mv_pa: Option<f64>,
    /// Voltage gain between microphone and converter, as a factor; 1 is none.
    pub gain: f64,
    /// Sound pressure that reads 0 dB SPL, in pascals RMS.
    pub reference_pa: f64,
    /// Frequency response of the microphone, by which `pa` and `db_spl` are corrected; flat when absent.
    pub response: Option<Arc<FrequencyResponse>>,
}

impl Default for ChannelCalibration {
    fn default() -> Self {
        Self { full_scale_v: None, sensitivity_mv_pa: None, gain: 1.0, reference_pa: 20e-6, response: None }
    }
}

impl Calibration {
    /// The key of config.yaml that is missing first for `unit` on channel A or, where `both` are needed, on B.
    pub(super) fn missing(&self, unit: Unit, both: bool) -> Option<String> {
        let of = |name, channel: &ChannelCalibration| Some(format!("calibration.{name}.{}", channel.missing(unit)?));
        of("a", &self.a).or_else(|| of("b", &self.b).filter(|_| both))
    }
}

impl ChannelCalibration {
    /// The units in which this channel can be told.
    pub fn units(&self) -> impl Iterator<Item = Unit> {
        Unit::ALL.into_iter().filter(move |unit| self.missing(*unit).is_none())
    }

    fn missing(&self, unit: Unit) -> Option<&'static str> {
        match unit {
            Unit::Fs | Unit::Dbfs => None,
            _ if self.full_scale_v.is_none() => Some("full_scale_v"),
            Unit::V => None,
            Unit::Pa | Unit::DbSpl => self.sensitivity_mv_pa.is_none().then_some("sensitivity_mv_pa"),
        }
    }

    /// What a sample of 1.0 is: 1, volts at the microphone, or pascals. None when the channel is not calibrated for that.
    pub(super) fn of_full_scale(&self, unit: Unit) -> Option<f64> {
        let volts = || Some(self.full_scale_v? / self.gain);
        match unit {
            Unit::Fs | Unit::Dbfs => Some(1.0),
            Unit::V => volts(),
            Unit::Pa | Unit::DbSpl => Some(volts()? / (self.sensitivity_mv_pa? * 1e-3)),
        }
    }

    /// Mean square that reads 0 dB: that of a full-scale sine (AES17-2020 §3.12), or of the reference pressure.
    pub(super) fn reference_mean_square(&self, unit: Unit) -> f64 {
        match unit {
            Unit::DbSpl => self.reference_pa * self.reference_pa,
            _ => 0.5,
        }
    }

    /// What the microphone's response adds at a frequency: level in dB and phase in degrees. Nothing to a voltage, which
    /// is what the microphone gave.
    pub(super) fn response_at(&self, unit: Unit, frequency_hz: f64) -> (f64, f64) {
        match (&self.response, unit) {
            (Some(response), Unit::Pa | Unit::DbSpl) => response.at(frequency_hz),
            _ => (0.0, 0.0),
        }
    }
}
