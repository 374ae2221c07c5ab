//! Which estimates: their settings, and what those of a program share.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use photophone_signal::units::SampleRate;

use crate::spectrum::{Calibration, FftPlans, SettingsError, SpectrumEstimator, SpectrumSettings};

/// What all estimates of a program share: the calibration of its channels and the plans of its transforms.
#[derive(Default)]
pub struct EstimateBasis {
    calibration: Calibration,
    plans: Mutex<FftPlans>,
}

/// Which estimates. Two are equal when their settings are, on the same basis.
#[derive(Clone)]
pub struct EstimateSpec {
    settings: SpectrumSettings,
    basis: Arc<EstimateBasis>,
}

impl EstimateBasis {
    /// A basis with this calibration.
    pub fn new(calibration: Calibration) -> Self {
        Self { calibration, plans: Mutex::default() }
    }

    /// What the samples are in volts and pascals.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }
}

impl EstimateSpec {
    /// Estimates of these settings, which need not fit every source.
    pub fn new(settings: SpectrumSettings, basis: Arc<EstimateBasis>) -> Self {
        Self { settings, basis }
    }

    /// What is estimated.
    pub fn settings(&self) -> &SpectrumSettings {
        &self.settings
    }

    pub(super) fn estimator(&self, (rate, channels): (SampleRate, u16)) -> Result<SpectrumEstimator, SettingsError> {
        let mut plans = self.basis.plans.lock().unwrap_or_else(PoisonError::into_inner);
        SpectrumEstimator::new(self.settings, rate, channels, self.basis.calibration.clone(), &mut plans)
    }
}

impl PartialEq for EstimateSpec {
    fn eq(&self, other: &Self) -> bool {
        self.settings == other.settings && Arc::ptr_eq(&self.basis, &other.basis)
    }
}

impl Eq for EstimateSpec {}

impl Hash for EstimateSpec {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.settings.hash(state);
    }
}

impl fmt::Debug for EstimateSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}
