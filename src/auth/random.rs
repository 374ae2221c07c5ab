//! Random bytes from the system, for secrets, codes and token ids.

use ring::rand::{SecureRandom, SystemRandom};

use super::error::StoreError;

/// `N` bytes that nobody can guess.
///
/// # Errors
/// [`StoreError::Random`] when the system gives none.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    // ring tells no reason.
    SystemRandom::new().fill(&mut bytes).map(|()| bytes).map_err(|_unspecified| StoreError::Random)
}
