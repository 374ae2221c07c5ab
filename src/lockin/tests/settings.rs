//! What can be set, and what is said of what cannot.

use std::collections::HashSet;

use super::*;

fn new(reference: &str, harmonic: u32, tau_s: f64, slope_db: u32, fps: f64) -> Result<LockinSettings, String> {
    let reference = reference.parse().map_err(|error: LockinError| error.to_string())?;
    LockinSettings::new(reference, harmonic, tau_s, slope_db, FrameRate::from_fps(fps))
        .map_err(|error| error.to_string())
}

#[test]
fn what_cannot_be_set_is_named_with_what_can() {
    let rows = [
        (
            new("", 1, 0.1, 6, 10.0),
            "reference is \"\"; expected a frequency in Hz above 0 such as 1234.5, or channel_b, or tracked",
        ),
        (
            new("channel_a", 1, 0.1, 6, 10.0),
            "reference is \"channel_a\"; expected a frequency in Hz above 0 such as 1234.5, or channel_b, or tracked",
        ),
        (new("1000", 0, 0.1, 6, 10.0), "harmonic is 0; expected a whole number from 1 to 9"),
        (new("1000", 257, 0.1, 6, 10.0), "harmonic is 257; expected a whole number from 1 to 9"),
        (new("1000", 1, 0.00009, 6, 10.0), "tau_s is 0.00009; expected a number from 0.0001 to 1000"),
        (new("1000", 1, f64::NAN, 6, 10.0), "tau_s is NaN; expected a number from 0.0001 to 1000"),
        (new("1000", 1, 0.1, 7, 10.0), "slope is 7; expected 6, 12, 18 or 24 (dB per octave)"),
    ];
    for (made, message) in rows {
        assert_eq!(made.unwrap_err(), message);
    }
    for text in ["0", "-1", "nan", "inf", "1e10", "0.0000001", "1000 Hz"] {
        assert_eq!(text.parse::<Reference>(), Err(LockinError::Reference(text.into())));
    }
}

#[test]
fn equal_settings_are_one_key() {
    let keys = [
        new("1000", 1, 0.1, 6, 10.0),
        new("1000.0", 1, 0.100_000_000_1, 6, 10.0),
        new("1e3", 1, 0.1, 6, 10.0),
        new("1000.000001", 1, 0.1, 6, 10.0),
        new("tracked", 1, 0.1, 6, 10.0),
    ];
    assert_eq!(keys.into_iter().collect::<HashSet<_>>().len(), 3);
    let written = new("1e3", 2, 0.25, 12, 2.5).unwrap().to_string();
    assert_eq!(written, "reference=1000&harmonic=2&tau_s=0.25&slope=12&fps=2.5");
    for text in ["channel_b", "tracked", "1000.000001", "0.000001", "20000"] {
        assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
    }
}

#[test]
fn settings_have_to_fit_their_source() {
    let of = |reference, harmonic, tau_s| new(reference, harmonic, tau_s, 6, 10.0).unwrap();
    let refused = |settings: LockinSettings, rate_hz, channels| {
        settings.validate(rate(rate_hz), channels).map_err(|error| error.to_string())
    };
    assert_eq!(refused(of("7990", 3, 0.1), 48_000, 1), Ok(()));
    assert_eq!(
        refused(of("8000", 3, 1000.0), 48_000, 1).unwrap_err(),
        "harmonic 3 of 8000 Hz is not below 24000 Hz, half the sample rate of this source"
    );
    assert_eq!(
        refused(of("channel_b", 1, 0.1), 48_000, 1).unwrap_err(),
        "reference is channel_b, and this source is mono; expected a frequency in Hz, or tracked"
    );
    assert_eq!(refused(of("channel_b", 1, 0.1), 48_000, 2), Ok(()));
    assert_eq!(refused(of("tracked", 9, 0.1), 48_000, 1), Ok(()));
    // Eight samples; a third of the period of the mirror image, at 2 Hz both from below and from above.
    for (reference, tau_s, least) in
        [("tracked", 0.0001, "0.000167"), ("1", 0.159, "0.159155"), ("23999", 0.159, "0.159155")]
    {
        assert_eq!(
            refused(of(reference, 1, tau_s), 48_000, 2).unwrap_err(),
            format!("tau_s is {tau_s}; at this frequency and the sample rate of this source expected at least {least}")
        );
        assert_eq!(refused(of(reference, 1, tau_s * 1.7), 48_000, 2), Ok(()));
    }
}

#[test]
fn the_bandwidth_is_that_of_the_slope() {
    for (slope_db, bandwidth_hz) in [(6, 2.5), (12, 1.25), (18, 0.9375), (24, 0.78125)] {
        let settings = new("1000", 1, 0.1, slope_db, 10.0).unwrap();
        assert!((settings.bandwidth_hz() - bandwidth_hz).abs() < 1e-12);
        assert_eq!(settings.slope().db(), slope_db);
    }
}
