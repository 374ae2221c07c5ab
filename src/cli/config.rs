//! `photophone config`: check, explain or show the configuration.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, CommonArgs, common, files, output};
use crate::config::{self, Loaded, Problem, Problems, Sources};

/// Check, explain or show the configuration.
#[derive(Debug, Args)]
pub struct ConfigCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say everything that is wrong with the configuration and with the files that it names
    ///
    /// Checks what `serve` would use: the file, the environment and the flags. Exit code 0 when all is well, 1 when not.
    Check {
        /// Configuration file, instead of that of --config
        file: Option<PathBuf>,
    },
    /// Print the JSON Schema of config.yaml
    Schema,
    /// Print every key with its effective value and where that was said, as YAML
    Print,
}

impl ConfigCommand {
    /// Runs it.
    ///
    /// # Errors
    /// The problems of the configuration.
    pub fn run(self, common: &CommonArgs) -> Result<(), CliError> {
        match self.action {
            Action::Check { file } => check(common.sources(Vec::new()), file),
            Action::Schema => output::line(format!("{:#}", config::schema())),
            Action::Print => output::line(common.load()?.to_yaml().trim_end()),
        }
    }
}

fn check(mut sources: Sources, file: Option<PathBuf>) -> Result<(), CliError> {
    sources.file = file.or(sources.file);
    let loaded = Loaded::load(&sources).map_err(CliError::failure)?;
    common::say_warnings(&loaded);
    output::line(verdict(&loaded).map_err(CliError::failure)?)
}

/// That all is well, or everything that is not.
fn verdict(loaded: &Loaded) -> Result<String, Problems> {
    let problems: Vec<Problem> = files::problems(loaded).into_iter().chain(loaded.data_dir().err()).collect();
    match (problems.is_empty(), &loaded.file) {
        (false, _) => Err(Problems(problems)),
        (true, Some(file)) => Ok(format!("{}: ok", file.display())),
        (true, None) => Ok("ok, without a configuration file".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    fn sources(dir: &tempfile::TempDir, text: &str) -> Sources {
        std::fs::write(dir.path().join("lab.yaml"), text).unwrap();
        Sources {
            file: Some("lab.yaml".into()),
            working_dir: dir.path().into(),
            environment: Environment::from_variables([("HOME", "/home/user")]),
            flags: Vec::new(),
        }
    }

    fn checked(sources: &Sources) -> Result<String, Problems> {
        Loaded::load(sources).and_then(|loaded| verdict(&loaded))
    }

    #[test]
    fn check_says_ok_or_what_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(checked(&sources(&dir, "stream: {target_fps: 20}")), Ok("lab.yaml: ok".into()));
        let problems = checked(&sources(&dir, "log: {level: loud}\nserver: {port: -1}")).unwrap_err().to_string();
        assert_eq!(problems.lines().count(), 2, "{problems}");
    }

    /// The one line of a check that says why the value of `path` in line 1 cannot be used.
    fn unusable(dir: &tempfile::TempDir, text: &str, path: &str) -> String {
        let line = checked(&sources(dir, text)).unwrap_err().to_string();
        let start = format!("lab.yaml:1: {path} cannot be used: ");
        line.strip_prefix(&start).unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    #[test]
    fn check_reads_the_wav_file_that_is_to_be_played() {
        let dir = tempfile::tempdir().unwrap();
        let (text, path) = ("source: {kind: wav, path: take.wav}", dir.path().join("take.wav"));
        let shown = path.display();
        let missing = unusable(&dir, text, "source.path");
        assert!(missing.starts_with(&format!("{shown}: cannot be opened: No such file")), "{missing}");
        std::fs::write(&path, "").unwrap();
        assert!(unusable(&dir, text, "source.path").contains("a WAV file"));
        assert!(checked(&sources(&dir, "source: {kind: mic, path: take.wav}")).is_ok(), "it is not read");
        let header =
            b"RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\xee\x02\0\x04\0\x10\0data\x04\0\0\0\0\0\0\0";
        std::fs::write(&path, header).unwrap();
        assert_eq!(checked(&sources(&dir, text)), Ok("lab.yaml: ok".into()));
        let other_channel = "source: {kind: wav, path: take.wav, channel_b: 3}";
        assert!(unusable(&dir, other_channel, "source.channel_b").starts_with("channel 3 asked for, but "));
    }

    #[test]
    fn check_reads_the_keys_of_an_identity_provider() {
        let (dir, text) = (tempfile::tempdir().unwrap(), "auth: {verify_keys: keys.pem}");
        let path = dir.path().join("keys.pem");
        let shown = path.display();
        let missing = unusable(&dir, text, "auth.verify_keys");
        assert!(missing.starts_with(&format!("cannot open {shown}: No such file")), "{missing}");
        std::fs::create_dir(&path).unwrap();
        assert!(unusable(&dir, text, "auth.verify_keys").starts_with(&format!("{shown}: is no regular file")));
        std::fs::remove_dir(&path).unwrap();
        std::fs::write(&path, include_str!("../../tests/fixtures/keys/p256.private.pem")).unwrap();
        assert!(unusable(&dir, text, "auth.verify_keys").contains("is private and does not belong here"));
        std::fs::write(&path, include_str!("../../tests/fixtures/keys/p256.public.pem")).unwrap();
        assert_eq!(checked(&sources(&dir, text)), Ok("lab.yaml: ok".into()));
    }

    #[test]
    fn check_reads_certificate_and_key() {
        let (dir, text) = (tempfile::tempdir().unwrap(), "server: {tls: {cert: cert.pem, key: key.pem}}");
        let write = |name: &str, content: &str| std::fs::write(dir.path().join(name), content).unwrap();
        let missing = checked(&sources(&dir, text)).unwrap_err().to_string();
        let lines: Vec<_> = missing.lines().collect();
        for (line, name) in lines.iter().zip(["cert", "key"]) {
            let path = dir.path().join(format!("{name}.pem"));
            let start = format!("lab.yaml:1: server.tls.{name} cannot be used: {}: cannot be read: ", path.display());
            assert!(line.starts_with(&start), "{line}");
        }
        assert_eq!(lines.len(), 2, "{missing}");
        write("cert.pem", include_str!("../../tests/fixtures/keys/certificate.pem"));
        write("key.pem", include_str!("../../tests/fixtures/keys/rsa2048.private.pem"));
        assert!(unusable(&dir, text, "server.tls.key").contains("key.pem: does not belong to the certificate"));
        write("key.pem", include_str!("../../tests/fixtures/keys/p256.private.pem"));
        assert_eq!(checked(&sources(&dir, text)), Ok("lab.yaml: ok".into()));
    }

    #[test]
    fn check_reads_the_responses_of_microphones() {
        let (dir, text) = (tempfile::tempdir().unwrap(), "calibration: {b: {response_file: mic.txt}}");
        let path = dir.path().join("mic.txt");
        std::fs::write(&path, "100 0\n200 loud\n").unwrap();
        let wrong = unusable(&dir, text, "calibration.b.response_file");
        assert!(wrong.starts_with(&format!("{}: line 2 is \"200 loud\"; expected", path.display())), "{wrong}");
        std::fs::write(&path, "100 0\n200 -1\n").unwrap();
        assert_eq!(checked(&sources(&dir, text)), Ok("lab.yaml: ok".into()));
    }

    #[test]
    fn check_works_without_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let sources = Sources { file: None, ..sources(&dir, "") };
        assert_eq!(checked(&sources), Ok("ok, without a configuration file".into()));
    }
}
