//! Fuzz body for the wire: a frame, spectrum, reading or gap that can be read is written as a text that reads to the same.
//!
//! A plain function for libFuzzer and for the seeded runs of `make test`.

use photophone_signal::Gap;
use photophone_signal::wire::{
    EnvelopeJson, EstimateJson, FrameJson, FrameViewJson, LevelsJson, LockinJson, SpectrumJson,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads `data` as each JSON of the wire.
pub(crate) fn wire(data: &[u8]) {
    round_trip::<FrameJson<'static>>(data);
    round_trip::<FrameViewJson<'static>>(data);
    round_trip::<EnvelopeJson<'static>>(data);
    round_trip::<LevelsJson<'static>>(data);
    round_trip::<SpectrumJson<'static>>(data);
    round_trip::<EstimateJson<'static>>(data);
    round_trip::<LockinJson<'static>>(data);
    round_trip::<Gap>(data);
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(data) else { return };
    let text = serde_json::to_string(&value).expect("what was read can be written");
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again, value, "{text}");
}

/// One of each, stereo and mono, with numbers of every shape.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let head = r#""sample_rate":48000,"timestamp":1700000000000,"frame_number":9007199254740991,
        "duration_ms":33.333333333333336,"epoch":"6fa459ea-ee8a-4ca4-894e-db77e160355e","first_sample":0,
        "captured_us":1700000000000000"#;
    let values = "[0.0,-0.0,1.0,-1.0,0.1,1e-45,3.4028235e38,1.17549435e-38,16777216]";
    let frame = |b, flags| format!(r#"{{{head},"channel_a":{values},"channel_b":{b},"flags":{flags}}}"#);
    let spectrum = |b, phase_b| {
        let window = r#""size":16,"window":"hann","unit":"fs","enbw_hz":4500.000000000001"#;
        let bins = format!(r#""frequencies":{values},"magnitude_a":{values},"magnitude_b":{b}"#);
        format!(r#"{{{head},{window},{bins},"phase_a":{values},"phase_b":{phase_b}}}"#)
    };
    let estimate = |values: &str| {
        let window = r#""size":16,"window":"kaiser:8.6","unit":"fs","enbw_hz":4500.000000000001"#;
        let asked = r#""scale":"psd","overlap":0.5,"averaging":"linear:2","averages":2.0,"calibrated":false"#;
        let bins = format!(r#""frequencies":{values},"magnitude_a":{values},"magnitude_b":[]"#);
        let peaks = r#""peaks_a":[{"frequency_hz":0.1,"value":1e-45,"snr_db":200.0}],"peaks_b":null"#;
        let cross = format!(r#"{{"magnitude":{values},"phase":[],"coherence":[]}}"#);
        format!(r#"{{{head},{window},{asked},{bins},"phase_a":null,"phase_b":null,{peaks},"cross":{cross}}}"#)
    };
    let reading = format!(
        r#"{{{head},"samples":16,"reference":"tracked","harmonic":1,"tau_s":0.1,"slope":24,"n":16,"locked":true,
        "reference_hz":1000.0,"bandwidth_hz":0.78125,"age_tau":0.003,"settled":false,"noise_s":null,"channel_a":
        {{"amplitude":0.5,"phase":-3.14,"x":-0.5,"y":-1e-300,"noise_density":null}},"channel_b":null}}"#
    );
    let gap = r#"{"epoch":"6fa459ea-ee8a-4ca4-894e-db77e160355e","from_sample":5,"to_sample":null,"cause":"reopen",
        "exact":false,"next_epoch":"6fa459ea-ee8a-4ca4-894e-db77e160355f"}"#;
    let seeds = [
        frame(values, "[]"),
        frame("[]", r#"["clipped","nonfinite","after_gap"]"#),
        spectrum(values, values),
        spectrum("[]", "null"),
        estimate(values),
        estimate("[5e38]"),
        reading,
        gap.to_owned(),
        // Beyond f32: refused, as infinity could not be written again.
        frame("[5e38]", "[]"),
        spectrum("[5e38]", "[5e38]"),
    ];
    seeds.map(String::into_bytes).into()
}
