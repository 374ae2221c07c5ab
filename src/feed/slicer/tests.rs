//! Tests of the slicer: no sample is lost, slices end on the grid or at a gap, heads say what they hold.

use photophone_signal::units::SampleRate;
use proptest::prelude::*;

use super::*;
use crate::feed::test_frames::{RATE_HZ, START_US, epoch, frame, frames_of, mono, runs};

fn slices(slicer: &mut Slicer, frames: &[AudioFrame]) -> Vec<AudioFrame> {
    let mut slices = Vec::new();
    for frame in frames {
        slicer.push(frame, |slice| slices.push(slice.clone()));
    }
    slicer.flush(|slice| slices.push(slice.clone()));
    slices
}

fn extents(slices: &[AudioFrame]) -> Vec<(u64, u64)> {
    slices.iter().map(|slice| (slice.first_sample, slice.end_sample())).collect()
}

fn at_fps(fps: f64) -> Slicer {
    Slicer::new(FrameRate::from_fps(fps))
}

#[test]
fn frames_become_fewer_and_larger() {
    let frames = frames_of(0, &[(0, 1600); 9]);
    assert_eq!(extents(&slices(&mut at_fps(10.0), &frames)), [(0, 4800), (4800, 9600), (9600, 14_400)]);
}

#[test]
fn slices_that_begin_later_end_where_the_others_end() {
    let frames = frames_of(1600, &[(0, 1600); 5]);
    assert_eq!(extents(&slices(&mut at_fps(10.0), &frames)), [(1600, 4800), (4800, 9600)]);
}

#[test]
fn a_gap_ends_a_slice_and_the_next_one_ends_on_the_grid() {
    let frames = frames_of(0, &[(0, 1600), (700, 1600), (0, 1600)]);
    let slices = slices(&mut at_fps(10.0), &frames);
    assert_eq!(extents(&slices), [(0, 1600), (2300, 4800), (4800, 5500)]);
    assert_eq!(slices.iter().map(|slice| slice.flags.after_gap).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn a_new_epoch_or_format_ends_a_slice() {
    let next_epoch = AudioFrame { epoch: epoch(2), ..frame(1, 1600, 1600) };
    for next in [next_epoch, mono(frame(1, 1600, 1600))] {
        let slices = slices(&mut at_fps(10.0), &[frame(0, 0, 1600), next.clone()]);
        assert_eq!(extents(&slices), [(0, 1600), (1600, 3200)]);
        assert_eq!((slices[1].epoch, slices[1].is_mono()), (next.epoch, next.is_mono()));
    }
}

#[test]
fn a_slice_has_the_number_of_its_last_frame_and_the_flags_of_all() {
    let mut frames = frames_of(0, &[(0, 1600); 6]);
    frames[1].flags.clipped = true;
    frames[2].flags.nonfinite = true;
    let slices = slices(&mut at_fps(10.0), &frames);
    assert_eq!((slices[0].frame_number, slices[1].frame_number), (2, 5));
    assert_eq!(slices[0].flags, FrameFlags { clipped: true, nonfinite: true, after_gap: false });
    assert_eq!(slices[1].flags, FrameFlags::default());
}

#[test]
fn a_slice_is_timed_by_the_frame_that_holds_its_first_sample() {
    let late = |frame: AudioFrame| AudioFrame { captured_us: frame.captured_us + 500, ..frame };
    let slices = slices(&mut at_fps(60.0), &[frame(0, 0, 1000), late(frame(1, 1000, 1000))]);
    assert_eq!(extents(&slices), [(0, 800), (800, 1600), (1600, 2000)]);
    let micros = |index| SampleRate::new(RATE_HZ).unwrap().micros_of(index);
    assert_eq!((slices[1].monotonic_us, slices[1].captured_us), (micros(800), START_US + micros(800)));
    assert_eq!((slices[2].monotonic_us, slices[2].captured_us), (micros(1600), START_US + 500 + micros(1600)));
}

proptest! {
    #[test]
    fn every_sample_is_in_one_slice_and_slices_end_on_the_grid_or_at_a_gap(
        first in 0_u64..10_000,
        shape in prop::collection::vec((prop_oneof![3 => Just(0_u64), 1 => 1..3000_u64], 1..3000_u64), 1..20),
        micro_fps in 5_000_000..90_000_000_u32,
    ) {
        let rate = FrameRate::from_fps(f64::from(micro_fps) / 1e6);
        let frames = frames_of(first, &shape);
        let slices = slices(&mut Slicer::new(rate), &frames);
        let ends: Vec<u64> = runs(&frames).iter().map(|run| run.end).collect();
        for slice in &slices {
            let boundary = rate.boundary_after(slice.first_sample, slice.sample_rate);
            let is_whole = slice.end_sample() == boundary;
            prop_assert!(is_whole || (ends.contains(&slice.end_sample()) && slice.end_sample() < boundary));
            prop_assert_eq!(slice.captured_us - START_US, slice.monotonic_us);
            prop_assert_eq!(slice.monotonic_us, slice.sample_rate.micros_of(slice.first_sample));
            let last = frames.iter().find(|frame| frame.end_sample() >= slice.end_sample()).unwrap();
            prop_assert_eq!(slice.frame_number, last.frame_number);
        }
        prop_assert_eq!(runs(&slices), runs(&frames));
        let samples = |frames: &[AudioFrame]| -> Vec<(f32, f32)> {
            frames.iter().flat_map(|f| f.channel_a.clone().into_iter().zip(f.channel_b.clone())).collect()
        };
        prop_assert_eq!(samples(&slices), samples(&frames));
    }
}
