//! WAV files played through the server and read back from its events: exact, every sample.

mod broken;
mod playing;
mod samples;
