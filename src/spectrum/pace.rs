//! The pace of events: which of the analysed places leave as an event, decided by sample indices alone.
//!
//! The epoch is divided into slots of 1/fps seconds, and each slot has at most one event. It leaves with the first place
//! in the slot, except that the end of a block of a linear average goes before what is unfinished.

use photophone_signal::FrameRate;

use super::average::Place;
use super::settings::{Averaging, SpectrumSettings};

/// Chooses events. Without state: wherever a computation starts, the same places are chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    fps: Option<f64>,
    hop_samples: Option<u64>,
    block: Option<u64>,
}

impl Pace {
    pub(super) fn new(settings: &SpectrumSettings) -> Self {
        let block = match settings.averaging {
            Averaging::Linear(spectra) => Some(spectra.get() as u64),
            _ => None,
        };
        Self { fps: settings.fps.map(FrameRate::fps), hop_samples: settings.hop_samples(), block }
    }

    /// Whether the spectrum at `place` leaves.
    pub(super) fn chooses(&self, place: Place, rate_hz: f64) -> bool {
        let Some(fps) = self.fps else { return true };
        let slot = |end_sample: u64| (end_sample as f64 * fps / rate_hz) as u64;
        let here = slot(place.end_sample);
        let is_first = place.index == 0 || slot(place.previous_end_sample) < here;
        // Where frames set the pace, the end of a block cannot be foreseen.
        let (Some(hop), Some(block)) = (self.hop_samples, self.block) else { return is_first };
        let to_block_end = (block - 1 - place.index % block).saturating_mul(hop);
        if to_block_end > 0 {
            return is_first && slot(place.end_sample.saturating_add(to_block_end)) > here;
        }
        place.index < block || slot(place.end_sample - hop * block) < here
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::WindowKind;
    use crate::spectrum::settings::{Overlap, WindowSize};

    fn pace(fps: &str, averaging: &str) -> Pace {
        let mut settings = SpectrumSettings::new(WindowSize::new(1000).unwrap(), WindowKind::Hann.into());
        settings.overlap = Overlap::new(0.5);
        settings.fps = Some(fps.parse().unwrap());
        settings.averaging = averaging.parse().unwrap();
        Pace::new(&settings)
    }

    fn place(index: u64) -> Place {
        let end_sample = index * 500 + 1000;
        Place { index, end_sample, previous_end_sample: end_sample - 500 }
    }

    fn chosen(fps: &str, averaging: &str, indices: std::ops::Range<u64>) -> Vec<u64> {
        let pace = pace(fps, averaging);
        indices.filter(|index| pace.chooses(place(*index), 10_000.0)).collect()
    }

    #[test]
    fn an_event_is_the_first_in_its_slot_or_the_end_of_a_block() {
        // Places every 50 ms, at 100, 150, … ms.
        assert_eq!(chosen("100", "none", 0..5), [0, 1, 2, 3, 4]);
        // Slots of 200 ms begin at the places 2, 6, 10.
        assert_eq!(chosen("5", "peak", 0..12), [0, 2, 6, 10]);
        // Blocks end at 2, 5, 8, 11, one to a slot, and the two of the slot from 10 on at 11 and 14.
        assert_eq!(chosen("5", "linear:3", 0..12), [0, 2, 8, 11]);
        // Blocks longer than a slot end at 5, 11: the slots 2–5 and 10–13 have such an end.
        assert_eq!(chosen("5", "linear:6", 0..12), [0, 5, 6, 11]);
    }

    proptest! {
        #[test]
        fn no_slot_has_two_events_and_no_block_ends_unseen_if_it_can_be_helped(
            fps in 1_u32..40, block in 1_u64..30,
        ) {
            let slot = |index: u64| place(index).end_sample * u64::from(fps) / 10_000;
            let chosen = chosen(&fps.to_string(), &format!("linear:{block}"), 0..400);
            for pair in chosen.windows(2) {
                prop_assert!(slot(pair[0]) < slot(pair[1]), "{:?}", pair);
            }
            for end in (block - 1..390).step_by(block as usize) {
                let in_slot = chosen.iter().find(|index| slot(**index) == slot(end));
                let is_end = in_slot.is_some_and(|index| index % block == block - 1);
                prop_assert!(is_end, "{} of {:?}", end, in_slot);
            }
        }
    }
}
