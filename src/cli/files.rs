//! What is wrong with the files that a configuration names, found by those who read them when the program serves.

use crate::auth;
use crate::calibration;
use crate::clock::SystemClock;
use crate::config::{Loaded, Problem, SourceKind};
use crate::source::{OpenSource, SourceError, WavOpener};
use crate::tls;

use super::CliError;

/// Every problem with the files that `serve` would read.
pub(super) fn problems(loaded: &Loaded) -> Vec<Problem> {
    let of_calibration = calibration::load(loaded).err().into_iter().flat_map(|problems| problems.0);
    tls::problems(loaded).into_iter().chain(verify_keys(loaded)).chain(wav(loaded)).chain(of_calibration).collect()
}

fn verify_keys(loaded: &Loaded) -> Option<Problem> {
    let error = auth::check_verify_keys(loaded.config.auth.verify_keys.as_ref()?).err()?;
    let right = "expected a file with the public keys of an identity provider (PEM or JWKS)";
    Some(loaded.unusable("auth.verify_keys", &CliError::from(error).to_string(), right))
}

/// A file that is named while another kind of source is configured is not read and not looked at.
fn wav(loaded: &Loaded) -> Option<Problem> {
    let source = &loaded.config.source;
    let path = source.path.as_ref().filter(|_| source.kind == SourceKind::Wav)?;
    let error = WavOpener::new(path, source, SystemClock::shared()).open().err()?;
    Some(match error {
        SourceError::Unusable { key, problem } => loaded.unusable(key, &problem, ""),
        other => loaded.unusable("source.path", &other.to_string(), "expected a WAV file, as source.kind is wav"),
    })
}
