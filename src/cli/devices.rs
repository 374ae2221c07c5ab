//! `photophone devices`: the input devices of this machine and which one `mic` would choose.

use std::io::{self, Write};

use clap::Args;

use super::{CliError, CommonArgs, common, output};
use crate::source::{DeviceInfo, input_devices};

/// List the input devices of this machine.
#[derive(Clone, Debug, Args)]
pub struct DevicesCommand {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl DevicesCommand {
    /// Runs it.
    ///
    /// # Errors
    /// The configuration is wrong, the sound system does not answer, or stdout cannot be written.
    pub fn run(&self, common: &CommonArgs) -> Result<(), CliError> {
        let loaded = common.load()?;
        common::start_logging(&loaded, "warn")?;
        let devices = input_devices(loaded.config.source.device.as_deref())?;
        Ok(self.list(&devices, &mut output::Readable(io::stdout().lock()))?)
    }

    fn list(&self, devices: &[DeviceInfo], out: &mut impl Write) -> io::Result<()> {
        if self.json {
            serde_json::to_writer_pretty(&mut *out, devices)?;
            return writeln!(out);
        }
        if devices.is_empty() {
            writeln!(out, "No input device; --source sim runs the simulation")?;
        }
        devices.iter().try_for_each(|device| write_device(out, device))
    }
}

fn write_device(out: &mut impl Write, device: &DeviceInfo) -> io::Result<()> {
    let mark = if device.default { '*' } else { ' ' };
    writeln!(out, "{mark} {}  {} ({})", device.id, device.name, device.host)?;
    if device.default {
        writeln!(out, "    chosen by --source mic")?;
    }
    if let Some(problem) = &device.problem {
        writeln!(out, "    {problem}")?;
    }
    if !device.formats.is_empty() {
        writeln!(out, "    channels {}", counts(&device.channels))?;
        let rates: Vec<String> = device.rates.iter().map(ToString::to_string).collect();
        writeln!(out, "    rates    {} Hz", rates.join(" "))?;
        writeln!(out, "    formats  {}", device.formats.join(" "))?;
    }
    Ok(())
}

/// `1 2 8`, or `1 to 64` for a plugin that makes any number of them.
fn counts(channels: &[u16]) -> String {
    match channels {
        [first, .., last] if channels.len() > 8 => format!("{first} to {last}"),
        few => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(device: &DeviceInfo) -> String {
        let mut out = Vec::new();
        write_device(&mut out, device).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_device_is_shown_with_what_it_offers() {
        let device = DeviceInfo {
            id: "alsa:hw:CARD=USB,DEV=0".into(),
            name: "USB Audio".into(),
            host: "ALSA".into(),
            channels: vec![1, 2],
            rates: vec![44_100, 48_000],
            formats: vec!["i32".into(), "i16".into()],
            default: true,
            problem: None,
        };
        let lines = [
            "* alsa:hw:CARD=USB,DEV=0  USB Audio (ALSA)",
            "    chosen by --source mic",
            "    channels 1 2",
            "    rates    44100 48000 Hz",
            "    formats  i32 i16\n",
        ];
        assert_eq!(text_of(&device), lines.join("\n"));
        let busy = DeviceInfo {
            channels: vec![],
            rates: vec![],
            formats: vec![],
            default: false,
            problem: Some("another program uses it".into()),
            ..device
        };
        assert_eq!(text_of(&busy), "  alsa:hw:CARD=USB,DEV=0  USB Audio (ALSA)\n    another program uses it\n");
    }
}
