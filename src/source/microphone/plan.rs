//! Which of a device's offers is taken: channels, rate, sample format and buffer size. Pure.
//!
//! A measurement wants the device as it is: its own channels, its own rate, its best format.

use std::fmt;

use photophone_signal::units::SampleRate;

use crate::config::SourceConfig;
use crate::source::handoff::ChannelPick;
use crate::source::{Integrity, SourceError};

/// Rates that devices usually have, in Hz: stands for a continuous range where a list is wanted.
const USUAL_RATES_HZ: [u32; 15] = [
    8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 352_800, 384_000, 705_600,
    768_000,
];

/// The highest rate that `source.rate_hz` takes.
const HIGHEST_RATE_HZ: u32 = 1_536_000;

/// The sample formats that a device may deliver, the most faithful first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SampleKind {
    F32,
    F64,
    I32,
    U32,
    I24,
    U24,
    I16,
    U16,
    I64,
    U64,
    I8,
    U8,
}

/// One combination that a device offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) kind: SampleKind,
    pub(super) channels: u16,
    pub(super) min_rate_hz: u32,
    pub(super) max_rate_hz: u32,
    /// Smallest and largest buffer in samples per channel, where the device says so.
    pub(super) buffer: Option<(u32, u32)>,
}

/// What is asked of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) kind: SampleKind,
    pub(super) device_channels: u16,
    pub(super) pick: ChannelPick,
    pub(super) rate: SampleRate,
    /// Samples per channel in a callback.
    pub(super) buffer_frames: u32,
}

/// Chooses from `offers` of the device `name` what `config` wants.
///
/// # Errors
/// `Unusable`, naming the key and what the device has.
pub(super) fn plan(offers: &[Offer], config: &SourceConfig, name: &str) -> Result<Plan, SourceError> {
    let (device_channels, pick) = choose_channels(offers, config, name)?;
    let offers: Vec<Offer> = offers.iter().copied().filter(|offer| offer.channels == device_channels).collect();
    let rate = choose_rate(&offers, config.rate_hz, name)?;
    let best = offers.iter().filter(|offer| offer.has_rate(rate.hz())).min_by_key(|offer| offer.kind);
    let best = best.ok_or_else(|| unreadable(name))?;
    let (smallest, largest) = best.buffer.unwrap_or((1, u32::MAX));
    let buffer_frames = config.buffer_frames.clamp(smallest, largest.max(smallest));
    Ok(Plan { kind: best.kind, device_channels, pick, rate, buffer_frames })
}

/// The smallest channel count that has both channels, but stereo rather than mono. A device with one channel is mono.
fn choose_channels(offers: &[Offer], config: &SourceConfig, name: &str) -> Result<(u16, ChannelPick), SourceError> {
    let (a, b) = (config.channel_a, config.channel_b);
    let counts = channel_counts(offers);
    let most = counts.last().copied().ok_or_else(|| unreadable(name))?;
    let least = |needed: u16| counts.iter().copied().find(|count| *count >= needed);
    let needed = a.max(b);
    let chosen = least(needed.max(2)).or_else(|| least(needed)).unwrap_or(most);
    let b = if chosen == 1 { 0 } else { b };
    ChannelPick::new(chosen, a, b).map(|pick| (chosen, pick)).ok_or_else(|| {
        let (key, asked) = if a > chosen { ("source.channel_a", a) } else { ("source.channel_b", b) };
        let has = if most == 1 { "1 channel".to_owned() } else { format!("{most} channels") };
        SourceError::Unusable { key, problem: format!("channel {asked} was asked for, but {name} has {has}") }
    })
}

/// The rate asked for; otherwise 48 kHz, 44.1 kHz or the fastest: the first of them that the device has.
fn choose_rate(offers: &[Offer], wanted_hz: Option<u32>, name: &str) -> Result<SampleRate, SourceError> {
    let has = |rate_hz: u32| offers.iter().any(|offer| offer.has_rate(rate_hz));
    let fastest_hz = offers.iter().map(|offer| offer.max_rate_hz).max();
    let rate_hz = match wanted_hz {
        Some(rate_hz) => Some(rate_hz).filter(|rate_hz| has(*rate_hz)),
        None => [48_000, 44_100].into_iter().find(|rate_hz| has(*rate_hz)).or(fastest_hz),
    };
    rate_hz.and_then(SampleRate::new).ok_or_else(|| {
        let asked = wanted_hz.map_or("no rate".to_owned(), |rate_hz| format!("{rate_hz} Hz"));
        let problem = format!("{asked} is not offered by {name}, which has {}", ranges_text(offers));
        SourceError::Unusable { key: "source.rate_hz", problem }
    })
}

/// The error of a device that offers nothing that can be read.
pub(super) fn unreadable(name: &str) -> SourceError {
    SourceError::Unusable { key: "source.device", problem: format!("{name} {UNREADABLE}") }
}

/// What is wrong with a device without a readable format.
pub(super) const UNREADABLE: &str = "offers no sample format that can be read directly (packed 24-bit, perhaps); \
                                     use the plughw: device of the same card";

/// Channel counts on offer, ascending.
pub(super) fn channel_counts(offers: &[Offer]) -> Vec<u16> {
    let mut counts: Vec<u16> = offers.iter().map(|offer| offer.channels).collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// Rates on offer in Hz, ascending; a continuous range by its usual rates and its ends, if they mean anything.
pub(super) fn rates_hz(offers: &[Offer]) -> Vec<u32> {
    let mut rates: Vec<u32> = Vec::new();
    for offer in offers {
        // Plugins convert up to 4294967295 Hz.
        rates.extend([offer.min_rate_hz, offer.max_rate_hz].into_iter().filter(|rate_hz| *rate_hz <= HIGHEST_RATE_HZ));
        rates.extend(USUAL_RATES_HZ.iter().filter(|rate_hz| offer.has_rate(**rate_hz)));
    }
    rates.sort_unstable();
    rates.dedup();
    rates
}

/// Formats on offer, the best first.
pub(super) fn kinds(offers: &[Offer]) -> Vec<SampleKind> {
    let mut kinds: Vec<SampleKind> = offers.iter().map(|offer| offer.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn ranges_text(offers: &[Offer]) -> String {
    let mut ranges: Vec<(u32, u32)> = offers.iter().map(|offer| (offer.min_rate_hz, offer.max_rate_hz)).collect();
    ranges.sort_unstable();
    ranges.dedup();
    let texts: Vec<String> = ranges
        .into_iter()
        .map(|(min_hz, max_hz)| if min_hz == max_hz { min_hz.to_string() } else { format!("{min_hz} to {max_hz}") })
        .collect();
    format!("{} Hz", texts.join(", "))
}

impl Offer {
    fn has_rate(&self, rate_hz: u32) -> bool {
        (self.min_rate_hz..=self.max_rate_hz).contains(&rate_hz)
    }
}

impl SampleKind {
    /// Absolute value at and above which a sample counts as clipped.
    ///
    /// The positive limit of the format. 32-bit converters fill the upper 24 bits, so theirs is the 24-bit limit;
    /// floats have mostly been 16-bit integers before, so theirs is the 16-bit limit, 0.0003 dB under full scale.
    pub(super) fn clip_level(self) -> f32 {
        let bits = match self {
            Self::I8 | Self::U8 => 8,
            Self::I16 | Self::U16 | Self::F32 | Self::F64 => 16,
            Self::I24 | Self::U24 | Self::I32 | Self::U32 | Self::I64 | Self::U64 => 24,
        };
        1.0 - 1.0 / (1_u32 << (bits - 1)) as f32
    }

    /// What happens to samples of this kind between a device named `id` and f32.
    pub(super) fn integrity(self, id: &str) -> Integrity {
        if let Some(why) = what_may_convert(id) {
            return Integrity::Unknown { why: why.into() };
        }
        match self {
            Self::F32 | Self::I24 | Self::U24 | Self::I16 | Self::U16 | Self::I8 | Self::U8 => Integrity::BitExact,
            Self::F64 | Self::I32 | Self::U32 | Self::I64 | Self::U64 => {
                Integrity::Converted { how: format!("rounded once from {self} to f32") }
            }
        }
    }
}

/// What stands between a device and its reader, judged by its id; none for the hardware itself.
fn what_may_convert(id: &str) -> Option<&'static str> {
    let pcm = id.strip_prefix("alsa:").unwrap_or("");
    match pcm.split([':', ',']).next().unwrap_or(pcm) {
        "hw" => None,
        "plughw" => Some("ALSA's plug layer converts formats and may resample"),
        "default" | "sysdefault" | "pipewire" | "pulse" => Some("the sound server behind it may mix and resample"),
        _ => Some("an ALSA plugin or sound server may convert or resample"),
    }
}

impl fmt::Display for SampleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::I24 => "i24",
            Self::U24 => "u24",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::U8 => "u8",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(kind: SampleKind, channels: u16, min_rate_hz: u32, max_rate_hz: u32) -> Offer {
        Offer { kind, channels, min_rate_hz, max_rate_hz, buffer: Some((64, 4096)) }
    }

    fn config(channel_a: u16, channel_b: u16, rate_hz: Option<u32>) -> SourceConfig {
        SourceConfig { channel_a, channel_b, rate_hz, ..SourceConfig::default() }
    }

    fn problem(result: Result<Plan, SourceError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn the_best_format_at_the_native_rate_is_taken() {
        let offers = [
            offer(SampleKind::I16, 2, 44_100, 44_100),
            offer(SampleKind::I16, 2, 48_000, 48_000),
            offer(SampleKind::I32, 2, 48_000, 48_000),
            offer(SampleKind::I32, 8, 96_000, 96_000),
        ];
        let plan = plan(&offers, &config(1, 2, None), "mic").unwrap();
        assert_eq!((plan.kind, plan.device_channels, plan.rate.hz()), (SampleKind::I32, 2, 48_000));
    }

    #[test]
    fn channel_counts_follow_the_channels_asked_for() {
        let offers = [1, 2, 8].map(|channels| offer(SampleKind::I16, channels, 48_000, 48_000));
        for (a, b, channels) in [(1, 2, 2), (1, 0, 2), (3, 1, 8), (1, 8, 8)] {
            assert_eq!(plan(&offers, &config(a, b, None), "mic").unwrap().device_channels, channels, "{a} {b}");
        }
        assert_eq!(
            problem(plan(&offers, &config(1, 9, None), "mic")),
            "source.channel_b: channel 9 was asked for, but mic has 8 channels"
        );
    }

    #[test]
    fn a_device_with_one_channel_is_mono() {
        let offers = [offer(SampleKind::I16, 1, 48_000, 48_000)];
        assert_eq!(plan(&offers, &config(1, 2, None), "mic").unwrap().pick.channels(), 1);
        assert_eq!(
            problem(plan(&offers, &config(2, 0, None), "mic")),
            "source.channel_a: channel 2 was asked for, but mic has 1 channel"
        );
    }

    #[test]
    fn a_rate_that_is_not_offered_is_refused_with_those_that_are() {
        let offers = [offer(SampleKind::I16, 2, 44_100, 44_100), offer(SampleKind::I16, 2, 8_000, 32_000)];
        assert_eq!(
            problem(plan(&offers, &config(1, 2, Some(96_000)), "mic")),
            "source.rate_hz: 96000 Hz is not offered by mic, which has 8000 to 32000, 44100 Hz"
        );
    }

    #[test]
    fn the_buffer_stays_within_what_the_device_can() {
        let offers = [offer(SampleKind::I16, 2, 48_000, 48_000)];
        let with = |buffer_frames| plan(&offers, &SourceConfig { buffer_frames, ..SourceConfig::default() }, "mic");
        assert_eq!(with(16).unwrap().buffer_frames, 64);
        assert_eq!(with(65_536).unwrap().buffer_frames, 4096);
    }

    #[test]
    fn no_format_at_all_points_to_plughw() {
        assert!(problem(plan(&[], &config(1, 2, None), "mic")).contains("plughw"));
    }

    #[test]
    fn only_the_hardware_itself_is_bit_exact() {
        assert_eq!(SampleKind::I24.integrity("alsa:hw:CARD=USB,DEV=0"), Integrity::BitExact);
        assert!(matches!(SampleKind::I32.integrity("alsa:hw:CARD=USB,DEV=0"), Integrity::Converted { .. }));
        for id in ["alsa:plughw:CARD=USB,DEV=0", "alsa:default", "alsa:labmic", "pipewire:whatever"] {
            assert!(matches!(SampleKind::I16.integrity(id), Integrity::Unknown { .. }), "{id}");
        }
    }

    #[test]
    fn clipping_begins_at_the_largest_positive_sample() {
        assert_eq!(SampleKind::I16.clip_level(), 32767.0 / 32768.0);
        assert_eq!(SampleKind::U8.clip_level(), 127.0 / 128.0);
        assert_eq!(SampleKind::I24.clip_level(), 8_388_607.0 / 8_388_608.0);
    }
}
