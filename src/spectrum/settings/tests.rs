//! What parameters take, what they say otherwise, and which do not go together.

use std::str::FromStr;

use proptest::prelude::*;

use super::*;
use crate::config::WindowKind;

fn settings() -> SpectrumSettings {
    SpectrumSettings { phase: false, ..SpectrumSettings::new(WindowSize::new(1000).unwrap(), WindowKind::Hann.into()) }
}

fn refusal(settings: SpectrumSettings, channels: u16, calibration: &Calibration) -> String {
    let rate = SampleRate::new(10_000).unwrap();
    settings.validate(rate, channels, calibration).map_or_else(|error| error.to_string(), |()| String::new())
}

fn error<T: FromStr<Err = SettingsError> + fmt::Debug>(text: &str) -> String {
    text.parse::<T>().unwrap_err().to_string()
}

#[test]
fn parameters_are_read_as_they_are_written() {
    for text in ["hann", "blackman_harris", "kaiser:0", "kaiser:8.6"] {
        assert_eq!(text.parse::<WindowFunction>().unwrap().to_string(), text);
    }
    let hyphen: WindowFunction = "blackman-harris".parse().unwrap();
    assert_eq!(hyphen, WindowKind::BlackmanHarris.into());
    for text in ["none", "peak", "min", "exp:0.25", "linear:16"] {
        assert_eq!(text.parse::<Averaging>().unwrap().to_string(), text);
    }
    for text in ["fs", "dbfs", "v", "pa", "db_spl"] {
        assert_eq!(text.parse::<Unit>().unwrap().to_string(), text);
    }
    for text in ["amplitude", "power", "psd"] {
        assert_eq!(text.parse::<Scale>().unwrap().to_string(), text);
    }
    for text in ["log:200", "linear:2"] {
        assert_eq!(text.parse::<BinReduction>().unwrap().to_string(), text);
    }
    for samples in [16, 256, 4097, 65_536, 100_000] {
        let configured = WindowSize::of_config(samples);
        assert_eq!(configured.to_string().parse(), Ok(configured), "a query may ask for what is configured");
    }
    assert_eq!("4097".parse::<WindowSize>().unwrap().get(), 4097);
    assert_eq!("-0".parse::<Overlap>().unwrap(), Overlap::new(0.0).unwrap());
    assert_eq!(Switch::parse("cross", "true"), Ok(Switch(true)));
}

#[test]
fn a_wrong_value_is_told_with_what_would_be_right() {
    let table = [
        (error::<WindowSize>("255"), "size is \"255\"; expected a whole number from 256 to 65536"),
        (error::<Overlap>("0.91"), "overlap is \"0.91\"; expected a number from 0.0 to 0.9"),
        (error::<Overlap>("NaN"), "overlap is \"NaN\"; expected a number from 0.0 to 0.9"),
        (
            error::<WindowFunction>("kaiser"),
            "window is \"kaiser\"; expected rectangular, hann, hamming, blackman, blackman_harris, flattop or kaiser:β, \
             β a number from 0.0 to 100.0",
        ),
        (
            error::<Averaging>("exp:0"),
            "averaging is \"exp:0\"; expected none, peak, min, exp:τ, τ in seconds a number from 0.001 to 3600.0, or \
             linear:n, n a whole number from 1 to 100000",
        ),
        (error::<Scale>("Psd"), "scale is \"Psd\"; expected amplitude, power or psd"),
        (error::<Unit>("db"), "unit is \"db\"; expected fs, dbfs, v, pa or db_spl"),
        (error::<PeakCount>("65"), "peaks is \"65\"; expected a whole number from 0 to 64"),
        (
            error::<BinReduction>("log:1"),
            "bins is \"log:1\"; expected log:n or linear:n, n a whole number from 2 to 32768",
        ),
        (Switch::parse("phase", "1").unwrap_err().to_string(), "phase is \"1\"; expected true or false"),
    ];
    for (text, expected) in table {
        assert_eq!(text, expected);
    }
}

#[test]
fn parameters_that_do_not_go_together_are_told() {
    let exp = |tau: &str| Averaging::from_str(tau).unwrap();
    let none = Calibration::default();
    let because = "as the coherence of fewer than two spectra is identically 1";
    let table = [
        (settings(), 2, String::new()),
        (
            SpectrumSettings { phase: true, averaging: Averaging::Peak, ..settings() },
            2,
            "phase is \"true\"; expected false, as an average (peak) has no phase".into(),
        ),
        (
            SpectrumSettings { cross: true, averaging: exp("linear:2"), ..settings() },
            1,
            "cross is \"true\"; expected false, as the source is mono".into(),
        ),
        (
            SpectrumSettings { cross: true, averaging: exp("linear:2"), unit: Unit::Pa, ..settings() },
            1,
            "cross is \"true\"; expected false, as the source is mono".into(),
        ),
        (SpectrumSettings { cross: true, averaging: exp("linear:2"), ..settings() }, 2, String::new()),
        (
            SpectrumSettings { cross: true, ..settings() },
            2,
            format!("averaging is \"none\"; expected exp:τ or linear:n of at least 2, {because}"),
        ),
        (
            SpectrumSettings { cross: true, averaging: exp("linear:1"), ..settings() },
            2,
            format!("averaging is \"linear:1\"; expected exp:τ or linear:n of at least 2, {because}"),
        ),
        (
            SpectrumSettings { cross: true, averaging: exp("exp:0.04"), overlap: Overlap::new(0.5), ..settings() },
            2,
            format!("averaging is \"exp:0.04\"; expected exp:τ with τ of at least 0.046, {because}"),
        ),
        (
            SpectrumSettings { max_hz: MaxHz::new(5.0), ..settings() },
            2,
            "max_hz is \"5\"; expected at least 10, the distance of bins at 10000 Hz and this size".into(),
        ),
        (
            SpectrumSettings { unit: Unit::V, ..settings() },
            2,
            "unit is \"v\"; expected fs or dbfs, as calibration.a.full_scale_v is not set".into(),
        ),
    ];
    for (settings, channels, expected) in table {
        assert_eq!(refusal(settings, channels, &none), expected);
    }
}

#[test]
fn what_a_calibration_lacks_is_told() {
    let mut calibration = Calibration::default();
    calibration.a.full_scale_v = Some(1.0);
    let asked = |unit| SpectrumSettings { unit, ..settings() };
    let missing = |what: &str| format!("expected fs or dbfs, as calibration.{what} is not set");
    assert_eq!(refusal(asked(Unit::V), 1, &calibration), "");
    assert_eq!(refusal(asked(Unit::V), 2, &calibration), "");
    let crossed = SpectrumSettings { cross: true, averaging: "linear:2".parse().unwrap(), ..asked(Unit::V) };
    assert!(refusal(crossed, 2, &calibration).ends_with(&missing("b.full_scale_v")));
    assert!(refusal(asked(Unit::Pa), 2, &calibration).ends_with(&missing("a.sensitivity_mv_pa")));
    calibration.a.sensitivity_mv_pa = Some(50.0);
    assert_eq!(refusal(asked(Unit::DbSpl), 1, &calibration), "");
    calibration.b = calibration.a.clone();
    assert_eq!(refusal(SpectrumSettings { unit: Unit::Pa, ..crossed }, 2, &calibration), "");
}

#[test]
fn the_hop_is_what_does_not_overlap() {
    let hop = |size, overlap| {
        let size = WindowSize::new(size).unwrap();
        SpectrumSettings { size, overlap: Overlap::new(overlap), ..settings() }.hop_samples()
    };
    assert_eq!((hop(1000, 0.0), hop(1001, 0.5), hop(256, 0.9)), (Some(1000), Some(501), Some(26)));
    assert_eq!(settings().hop_samples(), None);
}

proptest! {
    #[test]
    fn what_is_read_is_written_and_read_again(text in "[a-z_:-]{0,12}[0-9.:e-]{0,6}|\\PC{0,80}") {
        if let Ok(window) = text.parse::<WindowFunction>() {
            prop_assert_eq!(window.to_string().parse(), Ok(window));
        }
        if let Ok(averaging) = text.parse::<Averaging>() {
            prop_assert_eq!(averaging.to_string().parse(), Ok(averaging));
        }
        if let Err(error) = text.parse::<WindowSize>() {
            prop_assert!(error.to_string().len() < 700);
        }
    }
}
