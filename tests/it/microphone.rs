//! The microphone through cpal and ALSA, without hardware: exact samples, told losses, unplugging, devices.

use serde_json::Value;

use crate::support::capture::{Capture, follow, instants_of};
use crate::support::lab_microphone::{LAB_ID, LabMicrophone, LabSettings};

/// One sample of a format: its bytes and the fraction of full scale that they mean.
type Encode = fn(u64) -> (Vec<u8>, f32);

const RATE_HZ: u32 = 48_000;

/// Every PCM format that cpal reads from ALSA, by ALSA's name.
const FORMATS: [(&str, &str, Encode); 10] = [
    ("S8", "i8", |noise| (vec![noise as u8], f32::from(noise as i8) / 128.0)),
    ("U8", "u8", |noise| (vec![noise as u8], (f32::from(noise as u8) - 128.0) / 128.0)),
    ("S16_LE", "i16", |noise| ((noise as i16).to_le_bytes().into(), f32::from(noise as i16) / 32_768.0)),
    ("U16_LE", "u16", |noise| ((noise as u16).to_le_bytes().into(), (f32::from(noise as u16) - 32_768.0) / 32_768.0)),
    // The fourth byte of 24-bit samples is noise on purpose: ALSA leaves it undefined.
    ("S24_LE", "i24", |noise| {
        let bits = (noise & 0x00FF_FFFF) as i32;
        let value = if bits < 1 << 23 { bits } else { bits - (1 << 24) };
        ((noise as u32).to_le_bytes().into(), value as f32 / 8_388_608.0)
    }),
    ("U24_LE", "u24", |noise| {
        let value = (noise & 0x00FF_FFFF) as i32 - (1 << 23);
        ((noise as u32).to_le_bytes().into(), value as f32 / 8_388_608.0)
    }),
    ("S32_LE", "i32", |noise| {
        let value = noise as i32;
        (value.to_le_bytes().into(), (f64::from(value) / 2_147_483_648.0) as f32)
    }),
    ("U32_LE", "u32", |noise| {
        let value = noise as u32;
        (value.to_le_bytes().into(), ((f64::from(value) - 2_147_483_648.0) / 2_147_483_648.0) as f32)
    }),
    ("FLOAT_LE", "f32", |noise| {
        let value = (noise as i32 as f32) / 2e9;
        (value.to_le_bytes().into(), value)
    }),
    ("FLOAT64_LE", "f64", |noise| {
        let value = noise as i32 as f64 / 2e9;
        (value.to_le_bytes().into(), value as f32)
    }),
];

/// Five seconds of noise in a format: the raw samples and, per instant, what each channel means.
fn noise(encode: Encode, channels: u16) -> (Vec<u8>, Vec<Vec<f32>>) {
    let (mut state, mut raw, mut air) = (0x9E37_79B9_7F4A_7C15_u64, Vec::new(), Vec::new());
    for _ in 0..5 * RATE_HZ {
        let instant = (0..channels).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (bytes, value) = encode(state >> 32);
            raw.extend(bytes);
            value
        });
        air.push(instant.collect());
    }
    (raw, air)
}

fn stereo_16_bit() -> (LabMicrophone, Vec<Vec<f32>>) {
    let (format, _, encode) = FORMATS[2];
    let (samples, air) = noise(encode, 2);
    (LabMicrophone::plugged_in(&LabSettings { format, rate_hz: RATE_HZ, channels: 2, samples }), air)
}

/// Buffers of 85 ms: this machine may be busy with other tests, and an overrun of ALSA is two buffers away.
const CALM: [&str; 4] = ["--device", LAB_ID, "--buffer-frames", "4096"];

#[test]
fn every_format_arrives_exactly() {
    let captures = FORMATS.map(|(format, kind, encode)| {
        let (samples, air) = noise(encode, 2);
        let microphone = LabMicrophone::plugged_in(&LabSettings { format, rate_hz: RATE_HZ, channels: 2, samples });
        let mut capture = Capture::start(&microphone, &CALM);
        let samples = capture.drain();
        (kind, air, microphone, capture, samples)
    });
    for (kind, air, _microphone, mut capture, samples) in captures {
        let opened = capture.wait_for("capturing");
        assert_eq!(opened, format!("capturing {LAB_ID} at {RATE_HZ} Hz, 2 channels, {kind}"));
        capture.wait_for(" samples, ");
        let (_, told) = capture.end();
        let captured = instants_of(&samples.join().unwrap(), 2);
        assert!(captured.len() > RATE_HZ as usize / 2, "{kind}: {} samples", captured.len());
        follow(&captured, told, &air, 480);
    }
}

#[test]
fn channels_are_mapped_from_a_device_with_many() {
    let (_, _, encode) = FORMATS[2];
    let (samples, air) = noise(encode, 4);
    let microphone =
        LabMicrophone::plugged_in(&LabSettings { format: "S16_LE", rate_hz: RATE_HZ, channels: 4, samples });
    for (a, b) in [(4, 2), (3, 0)] {
        let mut capture = Capture::start(
            &microphone,
            &[&CALM[..], &["--channel-a", &a.to_string(), "--channel-b", &b.to_string()]].concat(),
        );
        let samples = capture.drain();
        capture.wait_for(" samples, ");
        let (_, told) = capture.end();
        let pick = |instant: &Vec<f32>| [a, b].iter().filter(|c| **c > 0).map(|c| instant[c - 1]).collect();
        let air: Vec<Vec<f32>> = air.iter().map(pick).collect();
        follow(&instants_of(&samples.join().unwrap(), air[0].len()), told, &air, 480);
    }
    let mut capture = Capture::start(&microphone, &[&CALM[..], &["--channel-b", "5"]].concat());
    capture.wait_for("source.channel_b: channel 5 was asked for, but alsa:labmic has 4 channels");
}

#[test]
fn overruns_become_losses_of_about_their_size() {
    let (microphone, air) = stereo_16_bit();
    let mut capture = Capture::start(&microphone, &CALM);
    let samples = capture.drain();
    capture.wait_for(" samples, ");
    for lost in [20_000, 9_000] {
        microphone.lose(lost);
        capture.wait_for("cause Device, exact false");
        capture.wait_for(" samples, ");
    }
    let (_, told) = capture.end();
    let losses = follow(&instants_of(&samples.join().unwrap(), 2), told, &air, 480);
    for lost in [20_000, 9_000] {
        assert!(losses.iter().any(|loss| loss.samples == lost), "{losses:?}");
    }
}

#[test]
fn a_stall_is_silence_and_then_a_loss_of_its_length() {
    let (microphone, air) = stereo_16_bit();
    let mut capture = Capture::start(&microphone, &CALM);
    let samples = capture.drain();
    capture.wait_for(" samples, ");
    microphone.stall();
    capture.wait_for("0 samples, 0 lost, peak silent");
    microphone.resume();
    capture.wait_for("cause Device, exact false");
    capture.wait_for(" samples, ");
    let (_, told) = capture.end();
    let losses = follow(&instants_of(&samples.join().unwrap(), 2), told, &air, 480);
    assert!(losses.iter().any(|loss| loss.samples >= u64::from(RATE_HZ) / 2), "{losses:?}");
}

#[test]
fn a_slow_reader_loses_in_the_ring_and_to_the_sample() {
    let (microphone, air) = stereo_16_bit();
    let mut capture = Capture::start(&microphone, &[&CALM[..], &["--ring-ms", "100"]].concat());
    let mut bytes = capture.read_slowly_until("cause Ring, exact true");
    let rest = capture.drain();
    capture.wait_for(" samples, ");
    let (_, told) = capture.end();
    bytes.extend(rest.join().unwrap());
    let losses = follow(&instants_of(&bytes, 2), told, &air, 480);
    assert!(losses.iter().any(|loss| loss.told.exact), "{losses:?}");
}

#[test]
fn a_device_is_lost_when_unplugged_and_found_again_when_replugged() {
    let (microphone, _) = stereo_16_bit();
    let mut capture = Capture::start(&microphone, &CALM);
    let _samples = capture.drain();
    capture.wait_for(" samples, ");
    microphone.unplug();
    capture.wait_for("input device Lab microphone was lost: the device disconnected");
    capture.wait_for("input device alsa:labmic is not there");
    assert_eq!(devices(&microphone), Value::Array(vec![]));
    microphone.replug();
    capture.wait_for("capturing alsa:labmic");
    capture.wait_for(" samples, ");
}

#[test]
fn devices_are_listed_with_what_they_offer() {
    let (microphone, _) = stereo_16_bit();
    let devices = devices(&microphone);
    assert_eq!(
        devices[0],
        serde_json::json!({
            "id": LAB_ID, "name": "Lab microphone", "host": "ALSA", "channels": [2], "rates": [RATE_HZ],
            "formats": ["i16"], "default": false, "problem": null
        })
    );
    let ids: Vec<&str> = devices.as_array().unwrap().iter().filter_map(|device| device["id"].as_str()).collect();
    assert_eq!(ids, [LAB_ID, "alsa:default"], "the bit bucket is no microphone");
    assert_eq!(devices[1]["default"], true);
}

#[test]
fn packed_24_bit_points_to_the_converting_device() {
    let samples = vec![0; 6 * RATE_HZ as usize];
    let microphone =
        LabMicrophone::plugged_in(&LabSettings { format: "S24_3LE", rate_hz: RATE_HZ, channels: 2, samples });
    let problem = devices(&microphone)[0]["problem"].as_str().unwrap().to_owned();
    assert!(problem.contains("packed 24-bit") && problem.contains("plughw:"), "{problem}");
}

fn devices(microphone: &LabMicrophone) -> Value {
    let output = microphone.command(env!("CARGO_BIN_EXE_photophone")).args(["devices", "--json"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}
