//! Runs `examples/capture_levels.rs` as a child and checks what it captured against what was in the air.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::example::example;
use super::lab_microphone::LabMicrophone;

/// A capture that runs until it is dropped. Its samples are on [`Self::samples`], as raw interleaved f32.
pub(crate) struct Capture {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    samples: ChildStdout,
}

/// A loss that a capture told of.
#[derive(Debug, PartialEq)]
pub(crate) struct ToldLoss {
    pub(crate) samples: u64,
    /// Index of the first lost sample.
    pub(crate) at: u64,
    pub(crate) exact: bool,
}

impl Capture {
    /// Starts capturing; `arguments` are those of the example.
    pub(crate) fn start(microphone: &LabMicrophone, arguments: &[&str]) -> Self {
        let mut command = microphone.command(program());
        command.args(["--save", "-"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stderr, samples) = (child.stderr.take().unwrap(), child.stdout.take().unwrap());
        let (to_test, lines) = sync_channel(10_000);
        std::thread::Builder::new()
            .spawn(move || BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| to_test.send(line)))
            .unwrap();
        Self { child, lines, seen: Vec::new(), samples }
    }

    /// Waits for a line of the capture that contains `words`, and returns it.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        self.wait_within(words, Duration::from_secs(20)).unwrap_or_else(|| panic!("no {words:?} in {:#?}", self.seen))
    }

    fn wait_within(&mut self, words: &str, patience: Duration) -> Option<String> {
        loop {
            match self.lines.recv_timeout(patience) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(words) {
                        return Some(line);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => panic!("the capture ended: {:#?}", self.seen),
            }
        }
    }

    /// Takes 64 KiB of samples per half second, which is slower than they come, until a line contains `words`.
    pub(crate) fn read_slowly_until(&mut self, words: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..40 {
            (&mut self.samples).take(65_536).read_to_end(&mut bytes).unwrap();
            if self.wait_within(words, Duration::from_millis(500)).is_some() {
                return bytes;
            }
        }
        panic!("no {words:?} in {:#?}", self.seen);
    }

    /// Reads samples in the background from here on, so that the capture never waits.
    pub(crate) fn drain(&mut self) -> std::thread::JoinHandle<Vec<u8>> {
        let mut samples = std::mem::replace(&mut self.samples, nothing());
        let read = move || {
            let mut bytes = Vec::new();
            samples.read_to_end(&mut bytes).map(|_| bytes).unwrap()
        };
        std::thread::Builder::new().spawn(read).unwrap()
    }

    /// Ends the capture; returns what else it had to give and every loss that it told of.
    pub(crate) fn end(mut self) -> (Vec<u8>, Vec<ToldLoss>) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut rest = Vec::new();
        self.samples.read_to_end(&mut rest).unwrap();
        while let Ok(line) = self.lines.recv() {
            self.seen.push(line);
        }
        (rest, self.seen.iter().filter_map(|line| told_loss(line)).collect())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// `lost 512 samples at 4096, cause Device, exact false`
fn told_loss(line: &str) -> Option<ToldLoss> {
    let mut words = line.strip_prefix("lost ")?.split([' ', ',']).filter(|word| !word.is_empty());
    let samples = words.next()?.parse().ok()?;
    let at = words.nth(2)?.parse().ok()?;
    Some(ToldLoss { samples, at, exact: words.next_back()? == "true" })
}

fn nothing() -> ChildStdout {
    let mut child = Command::new("true").stdout(Stdio::piped()).spawn().unwrap();
    child.wait().unwrap();
    child.stdout.take().unwrap()
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| example("capture_levels"))
}

/// Where a capture departs from what was in the air.
#[derive(Debug, PartialEq)]
pub(crate) struct TrueLoss {
    /// Samples that are really missing there.
    pub(crate) samples: u64,
    pub(crate) told: ToldLoss,
}

/// Follows a capture through the `air`, a loop of instants with one value per channel, and returns its losses.
///
/// Panics when a sample is not what was in the air, or when anything is missing that was not told. A loss that is told
/// as an estimate may be off by `slack` samples.
pub(crate) fn follow(captured: &[Vec<f32>], told: Vec<ToldLoss>, air: &[Vec<f32>], slack: u64) -> Vec<TrueLoss> {
    /// As many in a row make a place in the air unique.
    const SIGNATURE: usize = 16;
    let at = |place: u64| &air[(place % air.len() as u64) as usize];
    let is_at = |place: u64, from: usize| {
        captured[from..].iter().take(SIGNATURE).zip(place..).all(|(instant, place)| instant == at(place))
    };
    let mut place = (0..air.len() as u64).find(|place| is_at(*place, 0)).expect("the first samples are in the air");
    let (mut index, mut losses, mut told) = (0, Vec::new(), told.into_iter().peekable());
    for (position, instant) in captured.iter().enumerate() {
        while let Some(told) = told.next_if(|told| told.at == index) {
            let reach = if told.exact { 0 } else { slack };
            let candidates = told.samples.saturating_sub(reach)..=told.samples + reach;
            let samples = candidates.clone().find(|samples| is_at(place + samples, position));
            let samples = samples.unwrap_or_else(|| panic!("{told:?} is not true within {candidates:?}"));
            (index, place) = (index + told.samples, place + samples);
            losses.push(TrueLoss { samples, told });
        }
        assert_eq!(instant, at(place), "sample {position}, index {index}");
        (index, place) = (index + 1, place + 1);
    }
    losses
}

/// Raw interleaved f32 as instants of `channels` values.
pub(crate) fn instants_of(bytes: &[u8], channels: usize) -> Vec<Vec<f32>> {
    let values = bytes.chunks_exact(4).map(|raw| f32::from_le_bytes(raw.try_into().unwrap()));
    values.collect::<Vec<f32>>().chunks_exact(channels).map(<[f32]>::to_vec).collect()
}
