//! The frequency response of a microphone, as its calibration sheet or file tells it.

use thiserror::Error;

/// Largest deviation that a response may state, in dB; more is a mistake in the file.
const LARGEST_DB: f64 = 100.0;

/// Level and phase over frequency, relative to the sensitivity of the microphone.
///
/// Between points the level in dB and the phase in degrees are linear in the logarithm of the frequency; outside of them
/// the nearest point holds.
#[derive(Clone, Debug, PartialEq)]
pub struct FrequencyResponse {
    /// At least one, by rising frequency.
    points: Vec<Point>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    frequency_hz: f64,
    level_db: f64,
    phase_deg: f64,
}

/// What is wrong with the text of a response.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResponseError {
    /// A line cannot be read.
    #[error(
        "line {line} is {text:?}; expected frequency in Hz above 0, level in dB from -100 to 100 and, if known, phase in degrees"
    )]
    Line {
        /// Counted from 1.
        line: usize,
        /// The line, cut when long.
        text: String,
    },
    /// The frequencies do not rise.
    #[error("line {line} has not a higher frequency than the one before it")]
    Order {
        /// Counted from 1.
        line: usize,
    },
    /// There are no points.
    #[error("there is no line with a frequency and a level")]
    Empty,
}

impl FrequencyResponse {
    /// Reads lines of `frequency, dB[, degrees]`, separated by commas, semicolons or blanks, by rising frequency. Empty
    /// lines, lines that begin with `#`, `*` or `"`, and a head of words on the first line count for nothing.
    ///
    /// # Errors
    /// The first line that says something else.
    pub fn parse(text: &str) -> Result<Self, ResponseError> {
        let mut points: Vec<Point> = Vec::new();
        let mut is_first = true;
        for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with(['#', '*', '"']) {
                continue;
            }
            let is_head = std::mem::take(&mut is_first) && text.starts_with(|c: char| c.is_ascii_alphabetic());
            if is_head {
                continue;
            }
            let wrong = || ResponseError::Line { line, text: text.chars().take(60).collect() };
            let point = Point::parse(text).ok_or_else(wrong)?;
            if points.last().is_some_and(|before| before.frequency_hz >= point.frequency_hz) {
                return Err(ResponseError::Order { line });
            }
            points.push(point);
        }
        if points.is_empty() { Err(ResponseError::Empty) } else { Ok(Self { points }) }
    }

    /// Level in dB and phase in degrees at a frequency.
    pub fn at(&self, frequency_hz: f64) -> (f64, f64) {
        let above = self.points.partition_point(|point| point.frequency_hz <= frequency_hz);
        let before = self.points[above.saturating_sub(1)];
        let after = self.points[above.min(self.points.len() - 1)];
        if before.frequency_hz == after.frequency_hz || frequency_hz <= before.frequency_hz {
            return (before.level_db, before.phase_deg);
        }
        let way = (frequency_hz / before.frequency_hz).ln() / (after.frequency_hz / before.frequency_hz).ln();
        let between = |from: f64, to: f64| from + way * (to - from);
        (between(before.level_db, after.level_db), between(before.phase_deg, after.phase_deg))
    }
}

impl Point {
    fn parse(text: &str) -> Option<Self> {
        let separators = [',', ';', ' ', '\t'];
        let mut fields = text.split(separators).filter(|field| !field.is_empty()).map(str::parse::<f64>);
        let (frequency_hz, level_db) = (fields.next()?.ok()?, fields.next()?.ok()?);
        let phase_deg = fields.next().unwrap_or(Ok(0.0)).ok()?;
        let fits = frequency_hz > 0.0
            && frequency_hz.is_finite()
            && level_db.abs() <= LARGEST_DB
            && phase_deg.is_finite()
            && fields.next().is_none();
        fits.then_some(Self { frequency_hz, level_db, phase_deg })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_linear_in_db_over_the_logarithm_of_frequency() {
        let text = "frequency, dB, phase\n# microphone 7\n\n100, -2, 10\n1000; 0; 0\n10000\t4 -90\n";
        let response = FrequencyResponse::parse(text).unwrap();
        let table = [
            (0.0, (-2.0, 10.0)),
            (100.0, (-2.0, 10.0)),
            (316.227_766_016_838, (-1.0, 5.0)),
            (1000.0, (0.0, 0.0)),
            (3_162.277_660_168_379, (2.0, -45.0)),
            (10_000.0, (4.0, -90.0)),
            (20_000.0, (4.0, -90.0)),
        ];
        for (hz, (db, deg)) in table {
            let read = response.at(hz);
            assert!((read.0 - db).abs() < 1e-12 && (read.1 - deg).abs() < 1e-12, "{hz}: {read:?}");
        }
        assert_eq!(FrequencyResponse::parse("1000 3").unwrap().at(5.0), (3.0, 0.0));
    }

    #[test]
    fn says_which_line_is_wrong() {
        let line = |line, text: &str| Err(ResponseError::Line { line, text: text.into() });
        let table = [
            ("", Err(ResponseError::Empty)),
            ("hz,db\n", Err(ResponseError::Empty)),
            ("100,1\nhz,db", line(2, "hz,db")),
            ("100", line(1, "100")),
            ("0,1", line(1, "0,1")),
            ("100,101", line(1, "100,101")),
            ("100,NaN", line(1, "100,NaN")),
            ("100,1,2,3", line(1, "100,1,2,3")),
            ("\n100,1\n100,2", Err(ResponseError::Order { line: 3 })),
        ];
        for (text, expected) in table {
            assert_eq!(FrequencyResponse::parse(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_gives_what_is_not_finite(text in "([0-9.,;e -]{0,12}\n|\\PC{0,9}\n){0,6}", hz in 0.0..1e6_f64) {
            if let Ok(response) = FrequencyResponse::parse(&text) {
                let (db, deg) = response.at(hz);
                prop_assert!(db.abs() <= LARGEST_DB + 1e-9 && deg.is_finite());
            }
        }
    }
}
