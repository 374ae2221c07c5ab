//! What an event takes in memory that it did not when it was published: forms that were written for who came later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes of one event in the sum over all that are kept, for as long as it is.
pub(super) struct LateBytes {
    own: AtomicU64,
    sum: Arc<AtomicU64>,
}

impl LateBytes {
    /// None yet, of `sum`.
    pub(super) fn new(sum: &Arc<AtomicU64>) -> Self {
        Self { own: AtomicU64::new(0), sum: Arc::clone(sum) }
    }

    pub(super) fn add(&self, bytes: usize) {
        self.own.fetch_add(bytes as u64, Ordering::SeqCst);
        self.sum.fetch_add(bytes as u64, Ordering::SeqCst);
    }
}

impl Drop for LateBytes {
    fn drop(&mut self) {
        self.sum.fetch_sub(self.own.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}
