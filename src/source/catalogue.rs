//! The catalogue of input devices: asked often, read from the system at most once in a few seconds.

use std::sync::{Mutex, PoisonError};

use super::{DeviceInfo, SourceError, input_devices};
use crate::clock::Clock;

/// Age at which a listing is made again, in microseconds: long enough that asking costs nothing, short enough that a
/// plugged-in device shows up while somebody looks.
const AGE_MAX_US: u64 = 5_000_000;

/// The devices, or why they could not be listed: a sound system that hangs is not asked again at once.
type Listing = Result<Vec<DeviceInfo>, SourceError>;

/// Remembers the last listing. Never touches a running stream.
#[derive(Debug, Default)]
pub struct DeviceCatalogue {
    wanted: Option<String>,
    listed: Mutex<Option<(u64, Listing)>>,
}

impl DeviceCatalogue {
    /// A catalogue that marks the device which `wanted` (`source.device`) chooses.
    pub fn new(wanted: Option<String>) -> Self {
        Self { wanted, listed: Mutex::new(None) }
    }

    /// The devices. Blocks for up to some seconds when the last listing is old; one listing at a time.
    ///
    /// # Errors
    /// When the sound system does not answer.
    pub fn list(&self, clock: &dyn Clock) -> Result<Vec<DeviceInfo>, SourceError> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let now_us = clock.now_us();
        if let Some((at_us, listing)) = &*listed
            && now_us.saturating_sub(*at_us) < AGE_MAX_US
        {
            return listing.clone();
        }
        let listing = input_devices(self.wanted.as_deref());
        *listed = Some((clock.now_us(), listing.clone()));
        listing
    }
}
