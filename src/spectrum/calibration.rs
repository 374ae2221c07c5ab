//! The calibration: what the samples of a channel are in volts and pascals.

use std::sync::Arc;

use super::FrequencyResponse;
use super::settings::Unit;
use crate::config::ChannelCalibrationConfig;

/// The calibration of both channels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Channel A.
    pub a: ChannelCalibration,
    /// Channel B.
    pub b: ChannelCalibration,
}

/// The calibration of one channel: its section of the configuration, with the response that its file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelCalibration {
    /// Voltages, gain, sensitivity and reference.
    pub config: ChannelCalibrationConfig,
    /// Frequency response of the microphone; flat when absent.
    pub response: Option<Arc<FrequencyResponse>>,
}

impl Calibration {
    /// Path of the first configuration key that is missing for `unit` on one of the first `channels` channels.
    pub(super) fn missing_key(&self, unit: Unit, channels: u16) -> Option<String> {
        let channels = [("a", &self.a), ("b", &self.b)].into_iter().take(channels.into());
        let mut missing = channels.filter_map(|(name, channel)| Some((name, channel.missing_key(unit)?)));
        missing.next().map(|(name, key)| format!("calibration.{name}.{key}"))
    }
}

impl ChannelCalibration {
    fn missing_key(&self, unit: Unit) -> Option<&'static str> {
        match unit {
            Unit::Fs | Unit::Dbfs => None,
            _ if self.config.full_scale_v.is_none() => Some("full_scale_v"),
            Unit::V => None,
            Unit::Pa | Unit::DbSpl => self.config.sensitivity_mv_pa.is_none().then_some("sensitivity_mv_pa"),
        }
    }

    /// What a sample of 1.0 is: 1, volts at the microphone, or pascals. None when the channel is not calibrated for that.
    pub(super) fn of_full_scale(&self, unit: Unit) -> Option<f64> {
        let volts = || Some(self.config.full_scale_v? / self.config.gain);
        match unit {
            Unit::Fs | Unit::Dbfs => Some(1.0),
            Unit::V => volts(),
            Unit::Pa | Unit::DbSpl => Some(volts()? / (self.config.sensitivity_mv_pa? * 1e-3)),
        }
    }

    /// Mean square that reads 0 dB: that of a full-scale sine (AES17-2020 §3.12), or of the reference pressure.
    pub(super) fn reference_mean_square(&self, unit: Unit) -> f64 {
        match unit {
            Unit::DbSpl => self.config.reference_pa * self.config.reference_pa,
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
