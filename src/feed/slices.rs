//! The slices that a feed's events are made of: the published frames, or as many a second as a viewer wants.

use photophone_signal::{AudioFrame, FrameRate};

use super::joining::Joining;
use super::slicer::Slicer;

/// Regroups frames when `fps` says so. What joins in mid-stream begins with a whole slice.
#[derive(Debug)]
pub(super) struct Slices(Option<Cutting>);

#[derive(Debug)]
struct Cutting {
    grid: FrameRate,
    slicer: Slicer,
    joining: Joining,
}

impl Slices {
    /// Slices at `fps`; the frames themselves without it.
    pub(super) fn new(fps: Option<FrameRate>) -> Self {
        Self(fps.map(|grid| Cutting { grid, slicer: Slicer::new(grid), joining: Joining::default() }))
    }

    /// Takes the next frame and hands each slice that it completes to `emit`.
    pub(super) fn push(&mut self, frame: &AudioFrame, mut emit: impl FnMut(&AudioFrame)) {
        let Some(Cutting { grid, slicer, joining }) = &mut self.0 else { return emit(frame) };
        joining.begin(frame);
        slicer.push(frame, |slice| {
            if joining.admits(grid.is_boundary(slice.first_sample, slice.sample_rate)) {
                emit(slice);
            }
        });
    }

    /// No sample follows that continues those taken: hands what was collected to `emit`.
    pub(super) fn interrupt(&mut self, mut emit: impl FnMut(&AudioFrame)) {
        let Some(Cutting { grid, slicer, joining }) = &mut self.0 else { return };
        slicer.flush(|slice| {
            if joining.admits(grid.is_boundary(slice.first_sample, slice.sample_rate)) {
                emit(slice);
            }
        });
        joining.interrupt();
    }
}
