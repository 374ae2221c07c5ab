//! What is wrong with the settings of a spectrum: which parameter, its value, and what would be right.

use std::fmt;

use thiserror::Error;

use crate::text::cut;

/// Why a spectrum cannot be computed as asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// A parameter has a value that it cannot have, by itself or beside the others.
    #[error("{key} is {value:?}; expected {expected}")]
    Value {
        /// Name of the parameter.
        key: &'static str,
        /// What was given, cut when long.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// A unit was asked for that the calibration of a channel does not reach.
    #[error("unit is {unit:?}; expected fs or dbfs, as {missing} is not set")]
    Uncalibrated {
        /// Name of the unit.
        unit: &'static str,
        /// The key of the configuration that is missing.
        missing: String,
    },
}

impl SettingsError {
    pub(super) fn value(key: &'static str, value: impl fmt::Display, expected: impl Into<String>) -> Self {
        let value = cut(&value.to_string()).into_owned();
        Self::Value { key, value, expected: expected.into() }
    }

    /// The parameter that has to change.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Value { key, .. } => key,
            Self::Uncalibrated { .. } => "unit",
        }
    }
}
