//! The sliding spectrum: fed whole frames in order, it answers for the last `size` samples up to the newest frame's
//! end, and only while they are contiguous.

use photophone_signal::AudioFrame;
use photophone_signal::units::SampleRate;

use super::newest::Newest;
use super::ring::Ring;
use super::{ChannelSpectrum, Spectrum, SpectrumAnalyser, WindowFunction};

/// Follows a stream of frames. Feeding ([`push`](Self::push)) is a copy into rings; the FFT runs only when somebody asks
/// ([`spectrum`](Self::spectrum)). Neither allocates once the first spectrum has been computed.
///
/// Where a frame does not continue the one before it — another epoch, another index than the next, another rate,
/// mono after stereo or back — it starts anew from that frame: no spectrum ever spans a gap.
pub struct SlidingSpectrum {
    analyser: SpectrumAnalyser,
    ring_a: Ring,
    ring_b: Ring,
    newest: Option<Newest>,
    frequencies: Vec<f32>,
    frequencies_rate: Option<SampleRate>,
    channel_a: ChannelSpectrum,
    channel_b: ChannelSpectrum,
}

impl SlidingSpectrum {
    /// A spectrum over `size` samples (at least [`MIN_SIZE`](super::MIN_SIZE)), with nothing in it yet.
    pub fn new(size: usize, window: impl Into<WindowFunction>) -> Self {
        let analyser = SpectrumAnalyser::new(size, window);
        Self {
            ring_a: Ring::with_capacity(analyser.size()),
            ring_b: Ring::with_capacity(analyser.size()),
            newest: None,
            frequencies: Vec::new(),
            frequencies_rate: None,
            channel_a: ChannelSpectrum::default(),
            channel_b: ChannelSpectrum::default(),
            analyser,
        }
    }

    /// Forgets all samples: the next spectrum takes `size` samples from the frames pushed from here on.
    pub fn reset(&mut self) {
        self.newest = None;
        self.ring_a.clear();
        self.ring_b.clear();
    }

    /// Takes the next frame of the stream, shorter or longer than the window. A frame without samples is ignored.
    pub fn push(&mut self, frame: &AudioFrame) {
        if frame.samples() == 0 {
            return;
        }
        if !self.newest.is_some_and(|newest| newest.is_continued_by(frame)) {
            self.reset();
        }
        self.ring_a.push(&frame.channel_a);
        self.ring_b.push(&frame.channel_b);
        self.newest = Some(Newest::from(frame));
    }

    /// Whether enough contiguous samples are there for a spectrum.
    pub fn is_ready(&self) -> bool {
        self.ring_a.is_full()
    }

    /// Computes the spectrum of the last `size` samples up to the newest frame's end; none while fewer are contiguous.
    pub fn spectrum(&mut self) -> Option<Spectrum<'_>> {
        let newest = self.newest.filter(|_| self.is_ready())?;
        self.analyser.analyse(self.ring_a.parts(), &mut self.channel_a).ok()?;
        if !newest.mono {
            self.analyser.analyse(self.ring_b.parts(), &mut self.channel_b).ok()?;
        }
        self.update_frequencies(newest.sample_rate);
        Some(self.view(newest))
    }

    fn update_frequencies(&mut self, rate: SampleRate) {
        if self.frequencies_rate != Some(rate) {
            self.analyser.frequencies(rate, &mut self.frequencies);
            self.frequencies_rate = Some(rate);
        }
    }

    fn view(&self, newest: Newest) -> Spectrum<'_> {
        let size = self.analyser.size();
        let first_sample = newest.end_sample - size as u64;
        Spectrum {
            epoch: newest.epoch,
            sample_rate: newest.sample_rate,
            frame_number: newest.frame_number,
            first_sample,
            captured_us: newest.captured_us_of(first_sample),
            monotonic_us: newest.monotonic_us_of(first_sample),
            size,
            window: self.analyser.window().function(),
            enbw_hz: self.analyser.window().enbw_hz(newest.sample_rate),
            frequencies: &self.frequencies,
            channel_a: &self.channel_a,
            channel_b: (!newest.mono).then_some(&self.channel_b),
        }
    }
}

#[cfg(test)]
mod tests;
