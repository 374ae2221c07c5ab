//! `photophone config`: check, explain or show the configuration.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, CommonArgs, common, output};
use crate::config::{self, Loaded, Problem, Problems, Sources};

/// Check, explain or show the configuration.
#[derive(Debug, Args)]
pub struct ConfigCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say everything that is wrong with the configuration, missing files included
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
    let problems: Vec<Problem> = loaded.missing_files().into_iter().chain(loaded.data_dir().err()).collect();
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

    #[test]
    fn check_misses_files_that_are_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let sources = sources(&dir, "source: {kind: wav, path: take.wav}");
        let path = dir.path().join("take.wav");
        let expected = format!("lab.yaml:1: source.path is {path:?}; expected a file that is there");
        assert_eq!(checked(&sources).unwrap_err().to_string(), expected);
        std::fs::write(path, "").unwrap();
        assert!(checked(&sources).is_ok());
    }

    #[test]
    fn check_works_without_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let sources = Sources { file: None, ..sources(&dir, "") };
        assert_eq!(checked(&sources), Ok("ok, without a configuration file".into()));
    }
}
