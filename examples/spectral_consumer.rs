//! A consumer of its own: listens to the simulated photoacoustic cell and prints where its spectra peak.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use photophone::acquisition::AcquisitionDaemon;
use photophone::clock::SystemClock;
use photophone::config::{SourceConfig, StreamConfig, WindowKind};
use photophone::source::SimulatedOpener;
use photophone::spectrum::SlidingSpectrum;
use photophone::stream::{AudioStreamConsumer, Bounds, SharedAudioStream, StreamEvent};

fn main() {
    let (source, settings, clock) = (SourceConfig::default(), StreamConfig::default(), SystemClock::shared());
    let stream = SharedAudioStream::new(Bounds::default(), clock.clone());
    let mut consumer = AudioStreamConsumer::new(&stream);
    let opener = Box::new(SimulatedOpener::new(source.clone(), clock.clone()));
    let daemon = AcquisitionDaemon::new(opener, stream, clock, &source, &settings);
    let control = daemon.control();
    let acquisition = std::thread::Builder::new().spawn(|| daemon.run());

    let mut sliding = SlidingSpectrum::new(4096, WindowKind::Hann);
    let mut spectra = 0;
    while let (0..5, Some(event)) = (spectra, consumer.next_blocking()) {
        // Samples that are missing need no care here: no spectrum spans a gap.
        let StreamEvent::Frame(frame) = event else { continue };
        sliding.push(&frame);
        let Some(spectrum) = sliding.spectrum() else { continue };
        let bins = spectrum.frequencies.iter().zip(&spectrum.channel_a.magnitude);
        let Some((peak_hz, amplitude)) = bins.max_by(|one, other| one.1.total_cmp(other.1)) else { continue };
        println!("frame {}: {peak_hz:.1} Hz, {amplitude:.4} of full scale", frame.frame_number);
        spectra += 1;
    }
    control.stop();
    drop(acquisition.map(std::thread::JoinHandle::join));
}
