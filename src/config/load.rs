//! From file, environment and flags to one [`Config`], or to everything that is wrong with them.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::check::Check;
use super::environment::Environment;
use super::keys::pointer;
use super::layers::{Flag, Layers};
use super::problem::{Origin, Problem, Problems};
use super::{Config, print};
use crate::files::{FileError, read_regular};
use crate::text::one_line;

/// The file that is read when none is named and it is there.
const DEFAULT_FILE: &str = "config.yaml";

/// Longest file in bytes, a hundred times the commented reference.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where a configuration comes from. Kept by who reloads it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file of `--config`; without it `config.yaml` of the working directory, if it is there.
    pub file: Option<PathBuf>,
    /// What relative paths in `file`'s name, the environment and the flags are relative to.
    pub working_dir: PathBuf,
    /// The environment.
    pub environment: Environment,
    /// Flags of the command line that set keys.
    pub flags: Vec<Flag>,
}

/// A configuration without problems and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What holds. Paths in it are no longer relative to the file.
    pub config: Config,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// Variables that begin with `PHOTOPHONE_` and set nothing. They may belong to somebody else.
    pub warnings: Vec<Problem>,
    origins: BTreeMap<String, Origin>,
    environment: Environment,
}

impl Loaded {
    /// Reads all layers; a later one wins: built-in, file, environment, flags.
    ///
    /// # Errors
    /// All problems of all layers at once.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        let mut layers = Layers::default();
        let file = add_file(&mut layers, sources);
        layers.add_environment(&sources.environment, &sources.working_dir);
        layers.add_flags(&sources.flags, &sources.working_dir);
        let warnings = std::mem::take(&mut layers.warnings);
        let (config, origins) = resolve(layers)?;
        Ok(Self { config, file, warnings, origins, environment: sources.environment.clone() })
    }

    /// Where the value of a key was said.
    pub fn origin(&self, path: &str) -> &Origin {
        self.origins.get(path).unwrap_or(&Origin::Default)
    }

    /// The log filter of `RUST_LOG`, which wins over `log.level`.
    pub fn rust_log(&self) -> Option<&str> {
        self.environment.rust_log()
    }

    /// The data directory: `data_dir`, or `photophone` in the user's data directory. It need not exist.
    ///
    /// # Errors
    /// When it is not set and the environment does not tell where the user's data lives.
    pub fn data_dir(&self) -> Result<PathBuf, Problem> {
        let missing = || {
            let expected = "a directory, as neither XDG_DATA_HOME nor HOME is set to an absolute path";
            Problem::missing(Origin::Default, "data_dir", expected)
        };
        self.config.data_dir.clone().or_else(|| self.environment.data_dir()).ok_or_else(missing)
    }

    /// A problem with what the value of a key names, such as a file: `why` it cannot be used and what would be `right`,
    /// if `why` does not say that already. Loading finds no such problem, since a file may come later.
    pub fn unusable(&self, path: &str, why: &str, right: &str) -> Problem {
        let wrong = format!("cannot be used: {}", one_line(why));
        Problem { origin: self.origin(path).clone(), path: path.to_owned(), wrong, right: right.to_owned() }
    }

    /// The configuration as YAML, each key with a comment that tells where its value was said.
    pub fn to_yaml(&self) -> String {
        print::yaml(&tree(&self.config), |path| match (path, self.environment.data_dir()) {
            ("data_dir", Some(dir)) if self.config.data_dir.is_none() => format!("default, {}", dir.display()),
            _ => self.origin(path).described(),
        })
    }
}

/// The configuration that a text describes, without environment and flags; relative paths stay as they are.
///
/// # Errors
/// All problems at once.
pub fn from_yaml(text: &str) -> Result<Config, Problems> {
    let mut layers = Layers::default();
    layers.add_file(text, Path::new(DEFAULT_FILE), Path::new(""));
    resolve(layers).map(|(config, _)| config)
}

/// Adds the file of the sources, if there is one, and returns its name.
fn add_file(layers: &mut Layers, sources: &Sources) -> Option<PathBuf> {
    let file = sources.file.clone().unwrap_or_else(|| DEFAULT_FILE.into());
    let path = sources.working_dir.join(&file);
    let problem = |wrong: String| Problem::whole(Origin::File { file: file.clone(), line: None }, wrong, "");
    match read_regular(&path, FILE_BYTES_MAX).map(String::from_utf8) {
        Ok(Ok(text)) => layers.add_file(&text, &file, path.parent().unwrap_or(Path::new(""))),
        Ok(Err(_)) => layers.add_unreadable(problem("is not UTF-8 text".into())),
        Err(FileError::Io(error)) if error.kind() == ErrorKind::NotFound && sources.file.is_none() => return None,
        Err(error) => layers.add_unreadable(problem(error.to_string())),
    }
    Some(file)
}

/// The configuration of all layers over the defaults. Keys with problems count as not set, so that the rules over
/// several keys can look at all the others.
fn resolve(mut layers: Layers) -> Result<(Config, BTreeMap<String, Origin>), Problems> {
    let tree = merged(&layers);
    match serde_json::from_value::<Config>(tree.clone()) {
        // A file that could not be read would make rules miss what it says.
        Ok(_) if layers.unreadable => Err(Problems(layers.problems)),
        Ok(config) => {
            let mut check = Check::new(&layers, &tree);
            config.check(&mut check);
            let found = check.problems;
            layers.problems.extend(found);
            if !layers.problems.is_empty() {
                return Err(Problems(layers.problems));
            }
            Ok((config, layers.settings.into_iter().map(|(path, setting)| (path, setting.origin)).collect()))
        }
        Err(error) => {
            layers.problems.push(Problem::whole(Origin::Default, format!("does not fit together: {error}"), ""));
            Err(Problems(layers.problems))
        }
    }
}

/// The defaults with the settings of all layers over them.
fn merged(layers: &Layers) -> Value {
    let mut tree = tree(&Config::default());
    for (path, setting) in &layers.settings {
        if let Some(slot) = tree.pointer_mut(&pointer(path)) {
            slot.clone_from(&setting.value);
        }
    }
    tree
}

/// A configuration as a JSON tree with every key.
pub(super) fn tree(config: &Config) -> Value {
    serde_json::to_value(config).unwrap_or_default()
}
