//! Fuzz body for the parameters of streams: no text panics, and what one accepts is written as a text that reads as the
//! same, since equal feeds are found by their parameters.
//!
//! A plain function for libFuzzer and for the seeded runs of `make test`.

use std::fmt::{Debug, Display};
use std::hint::black_box;
use std::str::FromStr;

use photophone::feed::{Channels, ColumnSamples, Factor, Format, MaxKbps};
use photophone::lockin::Reference;
use photophone::spectrum::WindowFunction;
use photophone::spectrum::settings::{Averaging, BinReduction, MaxHz, Overlap, PeakCount, Scale, Unit, WindowSize};
use photophone_signal::{FrameRate, SampleIndex};

/// Reads `data` as each parameter.
pub(crate) fn parameters(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Words of an own list: these are written by the query that they are part of.
    black_box((text.parse::<Format>().is_ok(), text.parse::<Channels>().is_ok()));
    read::<Factor>(text);
    read::<FrameRate>(text);
    read::<ColumnSamples>(text);
    read::<MaxKbps>(text);
    read::<WindowSize>(text);
    read::<WindowFunction>(text);
    read::<Overlap>(text);
    read::<Averaging>(text);
    read::<Scale>(text);
    read::<Unit>(text);
    read::<PeakCount>(text);
    read::<MaxHz>(text);
    read::<BinReduction>(text);
    read::<Reference>(text);
    read::<SampleIndex>(text);
}

fn read<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let written = value.to_string();
        assert_eq!(written.parse::<T>().ok().as_ref(), Some(&value), "{text:?} is written {written:?}");
    }
}

/// A value of each, and some that are refused.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let seeds = [
        "json",
        "i16",
        "ab",
        "16",
        "29.97",
        "0.1",
        "65536",
        "kaiser:8.6",
        "blackman-harris",
        "0.9",
        "exp:0.25",
        "linear:16",
        "psd",
        "db_spl",
        "64",
        "22050.5",
        "log:200",
        "1234.5",
        "channel_b",
        "tracked",
        "1e3",
        "-0",
        "+5",
        "NaN",
        "inf",
        "00000000-0000-4000-8000-000000000001:9007199254740991",
        "",
    ];
    seeds.map(|seed| seed.as_bytes().to_vec()).into()
}
