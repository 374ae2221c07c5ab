//! Which of the simulated microphones is heard in which channel.

use crate::config::SourceConfig;
use crate::source::{SampleBlock, SourceError};

/// Microphones that the simulation has.
pub(super) const MICROPHONES: u16 = 2;

/// Which microphone becomes which channel, as `source.channel_a` and `source.channel_b` say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channels {
    a: Microphone,
    b: Option<Microphone>,
}

#[derive(Clone, Copy, Debug)]
enum Microphone {
    First,
    Second,
}

impl Channels {
    pub(super) fn new(config: &SourceConfig) -> Result<Self, SourceError> {
        let a = Microphone::numbered(config.channel_a, "source.channel_a")?;
        let b = match config.channel_b {
            0 => None,
            number => Some(Microphone::numbered(number, "source.channel_b")?),
        };
        Ok(Self { a, b })
    }

    pub(super) fn count(self) -> u8 {
        if self.b.is_some() { 2 } else { 1 }
    }

    pub(super) fn push(self, microphones: (f32, f32), block: &mut SampleBlock) {
        block.channel_a.push(self.a.of(microphones));
        if let Some(b) = self.b {
            block.channel_b.push(b.of(microphones));
        }
    }
}

impl Microphone {
    fn numbered(number: u16, key: &'static str) -> Result<Self, SourceError> {
        match number {
            1 => Ok(Self::First),
            2 => Ok(Self::Second),
            _ => {
                let problem = format!("channel {number} is not there: the simulation has {MICROPHONES} microphones");
                Err(SourceError::Unusable { key, problem })
            }
        }
    }

    fn of(self, (first, second): (f32, f32)) -> f32 {
        match self {
            Self::First => first,
            Self::Second => second,
        }
    }
}
