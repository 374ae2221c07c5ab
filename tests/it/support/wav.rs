//! WAV files that this program has no part in: sox writes them, scipy reads them.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::capture::instants_of;
use super::python::reference;

/// What sox is to write: noise, different in each channel and the same at each run.
pub(crate) struct Noise {
    /// sox's words for the format, such as `["-b", "16", "-e", "signed-integer"]`.
    pub(crate) format: [&'static str; 4],
    pub(crate) rate_hz: u32,
    pub(crate) channels: u16,
    /// Samples per channel.
    pub(crate) samples: u64,
}

/// A file and what it holds, as scipy understands it.
pub(crate) struct WavFile {
    pub(crate) path: PathBuf,
    /// Samples of each channel at each instant.
    instants: Vec<Vec<f32>>,
}

impl Noise {
    /// Writes the file.
    pub(crate) fn write_to(&self, path: &Path) {
        let mut sox = Command::new("sox");
        sox.args(["-R", "-V1", "-r", &self.rate_hz.to_string(), "-c", &self.channels.to_string(), "-n"]);
        sox.args(self.format).arg(path).args(["synth", &format!("{}s", self.samples)]);
        sox.args(vec!["whitenoise"; self.channels.into()]).args(["gain", "-1"]);
        let status = sox.status().expect("the tests need sox: apt-get install -y sox");
        assert!(status.success(), "{sox:?}");
    }
}

impl WavFile {
    /// Reads files with scipy.
    pub(crate) fn read_all(paths: &[PathBuf]) -> Vec<Self> {
        let decoded = reference("wav.py", &json!(paths));
        let decoded = decoded.as_array().unwrap().iter().zip(paths);
        decoded.map(|(decoded, path)| Self { path: path.clone(), instants: instants(decoded) }).collect()
    }

    /// A file of noise, written to `path`.
    pub(crate) fn of_noise(noise: &Noise, path: &Path) -> Self {
        noise.write_to(path);
        Self::read_all(&[path.to_owned()]).remove(0)
    }

    /// Samples per channel.
    pub(crate) fn samples(&self) -> u64 {
        self.instants.len() as u64
    }

    /// Samples `indices` of channels `a` and `b`, counted from 1 (`b` 0 for none), of the file played in a loop.
    pub(crate) fn play(&self, indices: Range<u64>, a: usize, b: usize) -> (Vec<f32>, Vec<f32>) {
        let channel = |number: usize| {
            let instant = |index: u64| &self.instants[(index % self.samples()) as usize];
            let numbers = indices.clone().filter(|_| number > 0);
            numbers.map(|index| instant(index)[number - 1]).collect()
        };
        (channel(a), channel(b))
    }
}

fn instants(decoded: &Value) -> Vec<Vec<f32>> {
    let bytes = fs::read(decoded["path"].as_str().unwrap()).unwrap();
    instants_of(&bytes, decoded["channels"].as_u64().unwrap() as usize)
}
