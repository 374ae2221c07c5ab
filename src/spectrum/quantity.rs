//! The quantity that a spectrum tells: from the mean square of a bin in full scale² to the asked scale and unit.

use photophone_signal::units::SampleRate;

use super::settings::{Scale, SpectrumSettings, Unit};
use super::{ChannelCalibration, Window};

/// Level of silence, and of anything below it, in dB. A spectrum of 24-bit samples has its quantisation noise at
/// −190 dBFS in 65536 bins, so nothing that was recorded lies below; and JSON has no −∞.
pub const FLOOR_DB: f64 = -200.0;

/// Turns the mean squares of one channel's bins into what is told.
#[derive(Clone, Debug)]
pub(super) struct Quantity {
    form: Form,
    /// By which the mean square of each bin is multiplied first.
    factors: Vec<f64>,
    /// Phase of the microphone in each bin, in radians.
    phases: Vec<f64>,
    /// By which a factor is multiplied to become that of amplitudes.
    to_amplitude: f64,
    amplitude_form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Linear,
    Root,
    Level,
}

impl Quantity {
    /// None when the channel is not calibrated for the unit.
    pub(super) fn new(
        settings: &SpectrumSettings,
        calibration: &ChannelCalibration,
        window: &Window,
        rate: SampleRate,
    ) -> Option<Self> {
        let (scale, unit) = (settings.scale, settings.unit);
        let size = window.coefficients().len();
        let (bins, bin_hz) = (size / 2 + 1, f64::from(rate.hz()) / size as f64);
        let full_scale = calibration.of_full_scale(unit)?;
        let reference = if unit.is_level() { calibration.reference_mean_square(unit) } else { 1.0 };
        let per_full_scale = full_scale * full_scale / reference;
        let enbw_hz = window.enbw_hz(rate);
        let (mut factors, mut phases) = (Vec::with_capacity(bins), Vec::with_capacity(bins));
        for k in 0..bins {
            let (db, deg) = calibration.response_at(unit, k as f64 * bin_hz);
            let has_image = k != 0 && 2 * k != size;
            factors.push(per_full_scale * scale_factor(scale, unit, has_image, enbw_hz) * 10_f64.powf(-db / 10.0));
            phases.push(deg.to_radians());
        }
        let amplitude = scale_factor(Scale::Amplitude, unit, true, enbw_hz);
        let to_amplitude = amplitude / scale_factor(scale, unit, true, enbw_hz);
        let amplitude_form = form(Scale::Amplitude, unit);
        Some(Self { form: form(scale, unit), factors, phases, to_amplitude, amplitude_form })
    }

    /// The value of bin `k`.
    pub(super) fn value(&self, k: usize, mean_square: f64) -> f32 {
        self.form.apply(mean_square * self.factors[k])
    }

    /// What orders the values of bins, cheaper than the values.
    pub(super) fn rank(&self, k: usize, mean_square: f64) -> f64 {
        mean_square * self.factors[k]
    }

    /// Amplitude of a sine near bin `k` in the unit, whatever the scale.
    pub(super) fn amplitude(&self, k: usize, mean_square: f64) -> f32 {
        self.amplitude_form.apply(mean_square * self.factors[k] * self.to_amplitude)
    }

    /// The value of bin `k` of the cross-spectrum with another channel.
    pub(super) fn cross_value(&self, other: &Self, k: usize, magnitude: f64) -> f32 {
        self.form.apply(magnitude * (self.factors[k] * other.factors[k]).sqrt())
    }

    /// Phase of the microphone at bin `k` in radians.
    pub(super) fn phase(&self, k: usize) -> f64 {
        self.phases[k]
    }
}

fn form(scale: Scale, unit: Unit) -> Form {
    match scale {
        _ if unit.is_level() => Form::Level,
        Scale::Amplitude => Form::Root,
        Scale::Power | Scale::Psd => Form::Linear,
    }
}

/// From mean square to the square of what the scale tells, or in dB to the mean square that the level is of. A sine's
/// squared amplitude is twice its mean square; DC and Nyquist, which have no image, are their own amplitude, and in dB
/// count as a sine of that amplitude.
fn scale_factor(scale: Scale, unit: Unit, has_image: bool, enbw_hz: f64) -> f64 {
    let squared_amplitude = if has_image { 2.0 } else { 1.0 };
    match scale {
        Scale::Amplitude if unit.is_level() => squared_amplitude / 2.0,
        Scale::Amplitude => squared_amplitude,
        Scale::Power => 1.0,
        Scale::Psd => 1.0 / enbw_hz,
    }
}

impl Form {
    fn apply(self, value: f64) -> f32 {
        let told = match self {
            Self::Linear => value,
            Self::Root => value.sqrt(),
            Self::Level => (10.0 * value.log10()).max(FLOOR_DB),
        };
        told.min(f64::from(f32::MAX)) as f32
    }
}
