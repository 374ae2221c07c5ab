//! Keys that take either a word or a number: `stream.broadcast_buffer_size` and `source.pace`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{BroadcastBuffer, Pace};

impl Serialize for Pace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Realtime => serializer.serialize_str("realtime"),
            Self::Fast => serializer.serialize_str("fast"),
            Self::Factor(factor) => serializer.serialize_f64(*factor),
        }
    }
}

impl<'de> Deserialize<'de> for Pace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PaceVisitor;

        impl Visitor<'_> for PaceVisitor {
            type Value = Pace;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`realtime`, `fast` or a factor from 0.001 to 1000")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Pace, E> {
                match word {
                    "realtime" => Ok(Pace::Realtime),
                    "fast" => Ok(Pace::Fast),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_f64<E: de::Error>(self, factor: f64) -> Result<Pace, E> {
                if (0.001..=1000.0).contains(&factor) {
                    Ok(Pace::Factor(factor))
                } else {
                    Err(E::invalid_value(de::Unexpected::Float(factor), &self))
                }
            }

            fn visit_u64<E: de::Error>(self, factor: u64) -> Result<Pace, E> {
                self.visit_f64(factor as f64)
            }

            fn visit_i64<E: de::Error>(self, factor: i64) -> Result<Pace, E> {
                self.visit_f64(factor as f64)
            }
        }

        deserializer.deserialize_any(PaceVisitor)
    }
}

impl JsonSchema for Pace {
    fn schema_name() -> Cow<'static, str> {
        "Pace".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string", "enum": ["realtime", "fast"] },
            { "type": "number", "minimum": 0.001, "maximum": 1000 }
        ]})
    }
}

impl Serialize for BroadcastBuffer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Realtime => serializer.serialize_str("realtime"),
            Self::Analysis => serializer.serialize_str("analysis"),
            Self::Recording => serializer.serialize_str("recording"),
            Self::Frames(frames) => serializer.serialize_u64(*frames as u64),
        }
    }
}

impl<'de> Deserialize<'de> for BroadcastBuffer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BufferVisitor;

        impl Visitor<'_> for BufferVisitor {
            type Value = BroadcastBuffer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`realtime`, `analysis`, `recording` or a number from 2 to 65536")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<BroadcastBuffer, E> {
                match word {
                    "realtime" => Ok(BroadcastBuffer::Realtime),
                    "analysis" => Ok(BroadcastBuffer::Analysis),
                    "recording" => Ok(BroadcastBuffer::Recording),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_u64<E: de::Error>(self, frames: u64) -> Result<BroadcastBuffer, E> {
                if (2..=65_536).contains(&frames) {
                    Ok(BroadcastBuffer::Frames(frames as usize))
                } else {
                    Err(E::invalid_value(de::Unexpected::Unsigned(frames), &self))
                }
            }

            fn visit_i64<E: de::Error>(self, frames: i64) -> Result<BroadcastBuffer, E> {
                match u64::try_from(frames) {
                    Ok(frames) => self.visit_u64(frames),
                    Err(_) => Err(E::invalid_value(de::Unexpected::Signed(frames), &self)),
                }
            }
        }

        deserializer.deserialize_any(BufferVisitor)
    }
}

impl JsonSchema for BroadcastBuffer {
    fn schema_name() -> Cow<'static, str> {
        "BroadcastBuffer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string", "enum": ["realtime", "analysis", "recording"] },
            { "type": "integer", "minimum": 2, "maximum": 65536 }
        ]})
    }
}
