//! `photophone serve`: listens to the source and serves it until a signal ends it.

use std::net::IpAddr;
use std::str::FromStr;

use clap::Args;

use super::{CliError, CommonArgs, common};
use crate::app;
use crate::config::{Flag, Loaded};

/// Listen to the source and serve it to browsers and scripts.
#[derive(Debug, Args)]
pub struct ServeCommand {
    /// Address to listen on [default: server.address, 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,
    /// Port to listen on; 0 picks a free one [default: server.port, 8080]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// What to listen to: mic, mic:DEVICE, wav:FILE, sim or sim:SCENARIO [default: source.kind]
    #[arg(long, value_name = "SPEC")]
    source: Option<SourceSpec>,
}

/// The argument of `--source`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum SourceSpec {
    Mic(Option<String>),
    Wav(String),
    Sim(Option<String>),
}

impl ServeCommand {
    /// Runs it.
    ///
    /// # Errors
    /// Why it could not start.
    pub fn run(self, common: &CommonArgs) -> Result<(), CliError> {
        let sources = common.sources(self.flags());
        let loaded = Loaded::load(&sources).map_err(|problems| CliError::configuration(&problems))?;
        let log = common::start_logging(&loaded, &loaded.config.log.level)?;
        loaded.warnings.iter().for_each(|warning| log::warn!("{warning}"));
        app::serve(sources, loaded, log).map_err(|error| match error {
            app::AppError::Config(problems) => CliError::configuration(&problems),
            other => CliError::from(other),
        })
    }

    fn flags(&self) -> Vec<Flag> {
        let mut flags = Vec::new();
        if let Some(address) = self.address {
            flags.push(Flag { path: "server.address", name: "--address", value: address.to_string().into() });
        }
        if let Some(port) = self.port {
            flags.push(Flag { path: "server.port", name: "--port", value: port.into() });
        }
        flags.extend(self.source.iter().flat_map(SourceSpec::flags));
        flags
    }
}

impl SourceSpec {
    fn flags(&self) -> Vec<Flag> {
        let (kind, detail) = match self {
            Self::Mic(device) => ("mic", device.as_ref().map(|device| ("source.device", device))),
            Self::Wav(path) => ("wav", Some(("source.path", path))),
            Self::Sim(scenario) => ("sim", scenario.as_ref().map(|scenario| ("source.scenario", scenario))),
        };
        let flag = |path, value: &str| Flag { path, name: "--source", value: value.into() };
        let detail = detail.map(|(path, value)| flag(path, value));
        [flag("source.kind", kind)].into_iter().chain(detail).collect()
    }
}

impl FromStr for SourceSpec {
    type Err = &'static str;

    fn from_str(spec: &str) -> Result<Self, Self::Err> {
        // Only the first colon separates: device ids and paths may hold more.
        let (kind, detail) = match spec.split_once(':') {
            Some((_, "")) => return Err("nothing stands behind the colon"),
            Some((kind, detail)) => (kind, Some(detail.to_owned())),
            None => (spec, None),
        };
        match (kind, detail) {
            ("mic", device) => Ok(Self::Mic(device)),
            ("sim", scenario) => Ok(Self::Sim(scenario)),
            ("wav", Some(path)) => Ok(Self::Wav(path)),
            ("wav", None) => Err("wav needs a file: wav:FILE"),
            _ => Err("expected mic, mic:DEVICE, wav:FILE, sim or sim:SCENARIO"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_spec_names_kind_and_detail() {
        let parse = |spec: &str| spec.parse::<SourceSpec>();
        assert_eq!(parse("mic"), Ok(SourceSpec::Mic(None)));
        assert_eq!(parse("mic:alsa:hw:CARD=U,DEV=0"), Ok(SourceSpec::Mic(Some("alsa:hw:CARD=U,DEV=0".into()))));
        assert_eq!(parse("wav:a:b.wav"), Ok(SourceSpec::Wav("a:b.wav".into())));
        assert_eq!(parse("sim:tone"), Ok(SourceSpec::Sim(Some("tone".into()))));
        for wrong in ["", "wav", "wav:", "mic:", "tone", "mp3:x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn flags_set_keys() {
        let spec: SourceSpec = "wav:take.wav".parse().unwrap();
        let set: Vec<_> = spec.flags().into_iter().map(|flag| (flag.path, flag.value.to_string())).collect();
        assert_eq!(set, [("source.kind", "\"wav\"".into()), ("source.path", "\"take.wav\"".into())]);
    }
}
