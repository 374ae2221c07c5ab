//! From section `calibration` of the configuration, and the files that it names, to the calibration that spectra take.

use std::path::Path;
use std::sync::Arc;

use crate::config::{ChannelCalibrationConfig, Loaded, Problem, Problems};
use crate::files::read_regular;
use crate::spectrum::{Calibration, ChannelCalibration, FrequencyResponse};

/// Longest file in bytes: responses have a few hundred lines.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Reads what the configuration names.
///
/// # Errors
/// Every file that cannot be used, with the key that names it and the line that is wrong.
pub(crate) fn load(loaded: &Loaded) -> Result<Calibration, Problems> {
    let config = &loaded.config.calibration;
    let (a, b) = (
        channel(loaded, "calibration.a.response_file", &config.a),
        channel(loaded, "calibration.b.response_file", &config.b),
    );
    match (a, b) {
        (Ok(a), Ok(b)) => Ok(Calibration { a, b }),
        (a, b) => Err(Problems(a.err().into_iter().chain(b.err()).collect())),
    }
}

fn channel(loaded: &Loaded, key: &str, config: &ChannelCalibrationConfig) -> Result<ChannelCalibration, Problem> {
    let in_file = |path: &Path, why: &str| loaded.unusable(key, &format!("{}: {why}", path.display()), "");
    let read = |path: &Path| response(path).map(Arc::new).map_err(|why| in_file(path, &why));
    Ok(ChannelCalibration {
        full_scale_v: config.full_scale_v,
        sensitivity_mv_pa: config.sensitivity_mv_pa,
        gain: config.gain,
        reference_pa: config.reference_pa,
        response: config.response_file.as_deref().map(read).transpose()?,
    })
}

fn response(path: &Path) -> Result<FrequencyResponse, String> {
    let content = read_regular(path, FILE_BYTES_MAX).map_err(|error| error.to_string())?;
    // Comments may be in any encoding; numbers are ASCII.
    FrequencyResponse::parse(&String::from_utf8_lossy(&content)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Sources};

    fn loaded(dir: &tempfile::TempDir, yaml: &str) -> Loaded {
        std::fs::write(dir.path().join("lab.yaml"), yaml).unwrap();
        let sources = Sources {
            file: Some("lab.yaml".into()),
            working_dir: dir.path().into(),
            environment: Environment::from_variables([("HOME", "/home/user")]),
            flags: Vec::new(),
        };
        Loaded::load(&sources).unwrap()
    }

    #[test]
    fn every_key_arrives() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("mic.txt"), b"* 0\xb0\n100 -1.5\n1000 0 45\n").unwrap();
        let yaml = "calibration:\n  a: {full_scale_v: 1.7, gain: 20, sensitivity_mv_pa: 12.5, reference_pa: 1e-6, \
                    response_file: mic.txt}\n  b: {full_scale_v: 2}";
        let calibration = load(&loaded(&dir, yaml)).unwrap();
        let a = &calibration.a;
        assert_eq!((a.full_scale_v, a.gain, a.sensitivity_mv_pa, a.reference_pa), (Some(1.7), 20.0, Some(12.5), 1e-6));
        assert_eq!(a.response.as_ref().unwrap().at(1000.0), (0.0, 45.0));
        assert_eq!(calibration.b, ChannelCalibration { full_scale_v: Some(2.0), ..ChannelCalibration::default() });
        assert_eq!(load(&loaded(&dir, "")), Ok(Calibration::default()));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("mic.txt"), "hz, db\n100, 1\n50, 2\n").unwrap();
        let yaml = "calibration:\n  a: {response_file: mic.txt}\n  b: {response_file: none.txt}";
        let problems = load(&loaded(&dir, yaml)).unwrap_err().to_string();
        let lines: Vec<_> = problems.lines().collect();
        let start = |line: u8, channel, name: &str| {
            let path = dir.path().join(name);
            format!("lab.yaml:{line}: calibration.{channel}.response_file cannot be used: {}: ", path.display())
        };
        assert_eq!(lines[0], start(2, "a", "mic.txt") + "line 3 has not a higher frequency than the one before it");
        assert!(lines[1].starts_with(&(start(3, "b", "none.txt") + "cannot be read: No such file")), "{problems}");
        assert_eq!(lines.len(), 2);
    }
}
