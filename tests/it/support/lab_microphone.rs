//! A microphone without hardware, for programs started with [`LabMicrophone::command`]: real ALSA, real time, faults
//! on order. See `tests/fixtures/lab_microphone/lab_microphone.c` for what it does.

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::server::Lab;

/// The device's id, as `photophone devices` shows it.
pub(crate) const LAB_ID: &str = "alsa:labmic";

/// Names the file that tells ALSA which devices there are.
const ALSA_CONFIG: &str = "ALSA_CONFIG_PATH";

/// What a lab microphone is.
pub(crate) struct LabSettings {
    /// ALSA's word for the sample format, e.g. `S16_LE`.
    pub(crate) format: &'static str,
    pub(crate) rate_hz: u32,
    pub(crate) channels: u16,
    /// Raw interleaved samples in that format, played in a loop.
    pub(crate) samples: Vec<u8>,
}

/// A virtual microphone; it exists as long as this value.
pub(crate) struct LabMicrophone {
    dir: TempDir,
    orders: Cell<u32>,
}

impl LabMicrophone {
    /// A microphone that is plugged in.
    pub(crate) fn plugged_in(settings: &LabSettings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("samples.raw"), &settings.samples).unwrap();
        let conf = format!(
            r#"
            pcm_type.lab_microphone {{ lib "{plugin}" }}
            pcm.labmic {{
                type lab_microphone
                file "{dir}/samples.raw"
                format "{format}"
                rate {rate}
                channels {channels}
                control "{dir}/control"
                hint {{ show on description "Lab microphone" }}
            }}
            pcm.!default {{ type plug slave.pcm "labmic" hint {{ show on description "Default" }} }}
            pcm.null {{ type null hint {{ show on description "Discard all samples" }} }}
            "#,
            plugin = plugin().display(),
            dir = dir.path().display(),
            format = settings.format,
            rate = settings.rate_hz,
            channels = settings.channels,
        );
        fs::write(dir.path().join("asound.conf"), conf).unwrap();
        Self { dir, orders: Cell::new(0) }
    }

    /// A command that finds this microphone, and nothing else, in ALSA.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env(ALSA_CONFIG, self.alsa_config());
        command
    }

    /// A server that listens to this microphone.
    pub(crate) fn lab(&self) -> Lab {
        Lab::with_source(&format!("mic:{LAB_ID}")).env(ALSA_CONFIG, self.alsa_config())
    }

    fn alsa_config(&self) -> String {
        self.dir.path().join("asound.conf").display().to_string()
    }

    /// Pulls the plug: the stream ends and the device cannot be opened.
    pub(crate) fn unplug(&self) {
        self.order("gone");
    }

    /// Plugs it in again.
    pub(crate) fn replug(&self) {
        self.order("");
    }

    /// Delivers nothing any more, and says nothing.
    pub(crate) fn stall(&self) {
        self.order("stall");
    }

    /// Ends a stall; what was in the air meanwhile is lost.
    pub(crate) fn resume(&self) {
        self.order("");
    }

    /// Overruns once, losing the `samples` that follow the last one read.
    pub(crate) fn lose(&self, samples: u64) {
        self.orders.set(self.orders.get() + 1);
        self.order(&format!("xrun {samples} {}", self.orders.get()));
    }

    fn order(&self, words: &str) {
        let (draft, control) = (self.dir.path().join("control.new"), self.dir.path().join("control"));
        fs::write(&draft, words).unwrap();
        fs::rename(draft, control).unwrap();
    }
}

/// The plugin, compiled once per test process.
fn plugin() -> &'static Path {
    static PLUGIN: OnceLock<PathBuf> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lab_microphone/lab_microphone.c");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libasound_module_pcm_lab_microphone.so");
        let draft = target.with_extension(format!("{}.so", std::process::id()));
        let flags = ["-shared", "-fPIC", "-O2", "-DPIC", "-Wall", "-Wextra", "-Werror"];
        let status = Command::new("cc").args(flags).arg(source).arg("-o").arg(&draft).arg("-lasound").status();
        assert!(status.expect("a C compiler").success(), "libasound2-dev is needed to build the lab microphone");
        fs::rename(draft, &target).unwrap();
        target
    })
}
