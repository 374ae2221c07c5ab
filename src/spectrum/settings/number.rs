//! Parameters that are a number within a range.
//!
//! Real ones are kept by their bits, with −0 as 0, so that equal settings compare, hash and compute alike.

use std::fmt;
use std::str::FromStr;

use super::SettingsError;

macro_rules! real {
    ($(#[$doc:meta])* $name:ident, $key:literal, $min:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(u64);

        impl $name {
            /// What it takes.
            pub(super) const EXPECTED: &'static str = concat!("a number from ", $min, " to ", $max);

            /// None for a number out of the range.
            pub fn new(value: f64) -> Option<Self> {
                ($min..=$max).contains(&value).then(|| Self((value + 0.0).to_bits()))
            }

            /// The number.
            pub fn get(self) -> f64 {
                f64::from_bits(self.0)
            }
        }

        number_traits!($name, $key, f64);
    };
}

macro_rules! whole {
    ($(#[$doc:meta])* $name:ident, $key:literal, $min:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(usize);

        impl $name {
            /// What it takes.
            pub(super) const EXPECTED: &'static str = concat!("a whole number from ", $min, " to ", $max);

            /// None for a number out of the range.
            pub fn new(value: usize) -> Option<Self> {
                ($min..=$max).contains(&value).then_some(Self(value))
            }

            /// The number.
            pub fn get(self) -> usize {
                self.0
            }
        }

        number_traits!($name, $key, usize);
    };
}

macro_rules! number_traits {
    ($name:ident, $key:literal, $number:ty) => {
        impl FromStr for $name {
            type Err = SettingsError;

            fn from_str(text: &str) -> Result<Self, SettingsError> {
                let number = text.parse::<$number>().ok().and_then(Self::new);
                number.ok_or_else(|| SettingsError::value($key, text, Self::EXPECTED))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.get().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.get().fmt(f)
            }
        }
    };
}

whole! {
    /// Samples per spectrum, odd or even.
    WindowSize, "size", 256, 65536
}

real! {
    /// The part of a window that the next one has in common with it.
    Overlap, "overlap", 0.0, 0.9
}

real! {
    /// β of a Kaiser window.
    KaiserBeta, "window", 0.0, 100.0
}

real! {
    /// Time constant of an exponential average in seconds.
    TimeConstant, "averaging", 0.001, 3600.0
}

whole! {
    /// Spectra in a linear average.
    SpectraCount, "averaging", 1, 100000
}

whole! {
    /// Most peaks that a channel's list has.
    PeakCount, "peaks", 0, 64
}

real! {
    /// Frequency in Hz above which nothing is reported.
    MaxHz, "max_hz", 0.001, 1000000.0
}

whole! {
    /// Most values that a spectrum has after reduction for a screen.
    BandCount, "bins", 2, 32768
}

impl WindowSize {
    /// The size that the configuration gives when a query gives none, which has the same range.
    pub fn of_config(samples: usize) -> Self {
        Self(samples.clamp(256, 65_536))
    }
}

impl PeakCount {
    /// No list of peaks.
    pub const NONE: Self = Self(0);
}
