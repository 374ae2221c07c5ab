//! Joining a stream in its middle: the first event may be a part of one, which nobody is to see.

use photophone_signal::AudioFrame;

/// Whether a computation that began in mid-stream has found the grid of its events.
///
/// Equal parameters give equal events wherever the computation began. So one that begins where others have begun before,
/// with the oldest frame that is kept, leaves out what would be a part of their event. At the beginning of an epoch and
/// behind a gap, where all begin, a short event is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Joining {
    /// It has seen nothing yet.
    #[default]
    Nothing,
    /// What was before its first sample, it does not know.
    Seeking,
    /// Its events are those of everybody.
    Found,
}

impl Joining {
    /// Looks at a frame before it is computed with.
    pub(super) fn begin(&mut self, frame: &AudioFrame) {
        if *self == Self::Nothing {
            let begins_with_all = frame.first_sample == 0 || frame.flags.after_gap;
            *self = if begins_with_all { Self::Found } else { Self::Seeking };
        }
    }

    /// Samples are missing here, for all.
    pub(super) fn interrupt(&mut self) {
        *self = Self::Found;
    }

    /// Whether an event may be seen that `is_whole`, or is not, as far as the grid tells.
    pub(super) fn admits(&mut self, is_whole: bool) -> bool {
        if is_whole {
            *self = Self::Found;
        }
        *self == Self::Found
    }
}
