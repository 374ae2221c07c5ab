//! The library as others use it: the examples run and do what they say.

use std::process::Command;

use crate::support::example::example;

#[test]
fn a_consumer_of_its_own_sees_where_the_cell_resonates() {
    let output = Command::new(example("spectral_consumer")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    for (number, line) in lines.iter().enumerate() {
        // 4096 samples are there with the third frame of 1600.
        let values = line.strip_prefix(&format!("frame {}: ", number + 2)).unwrap();
        let (peak_hz, amplitude) = values.split_once(" Hz, ").unwrap();
        let peak_hz: f64 = peak_hz.parse().unwrap();
        assert!((peak_hz - 2000.0).abs() <= 48_000.0 / 4096.0, "{line}");
        // The tone of −20 dBFS, up to 1.4 dB less between two bins of a Hann window.
        let amplitude: f64 = amplitude.strip_suffix(" of full scale").unwrap().parse().unwrap();
        assert!((0.08..0.105).contains(&amplitude), "{line}");
    }
}
