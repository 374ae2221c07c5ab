//! Times and spans in words: `8h` on the command line, `2026-03-01T12:00:00Z` and `7 h 59 min` in answers.

use crate::auth::MAX_TTL_SECS;

const UNITS: [(&str, &str, u64); 4] = [("d", "d", 86_400), ("h", "h", 3600), ("m", "min", 60), ("s", "s", 1)];

/// Seconds of a token's life given as a number with `s`, `m`, `h` or `d`.
pub(super) fn parse_ttl(word: &str) -> Result<u64, String> {
    let unit = UNITS.iter().find_map(|(suffix, _, secs)| Some((word.strip_suffix(suffix)?, secs)));
    let (number, unit_secs) = unit.ok_or("not a number with s, m, h or d, such as 8h")?;
    let number: u64 = number.parse().map_err(|error| format!("not a number with s, m, h or d, such as 8h: {error}"))?;
    let secs = number.saturating_mul(*unit_secs);
    if (1..=MAX_TTL_SECS).contains(&secs) { Ok(secs) } else { Err("not within 1s and 365d".into()) }
}

/// A span in its two largest units: `7 h 59 min`.
pub(super) fn span(secs: u64) -> String {
    let mut rest = secs;
    let counts = UNITS.map(|(_, word, unit_secs)| {
        let count = rest / unit_secs;
        rest %= unit_secs;
        (count, word)
    });
    let words: Vec<String> = counts
        .iter()
        .skip_while(|(count, _)| *count == 0)
        .take(2)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if words.is_empty() { "0 s".into() } else { words.join(" ") }
}

/// UTC of a Unix time, as in RFC 3339.
pub(super) fn utc(secs: u64) -> String {
    let (year, month, day) = civil(secs / 86_400);
    let (hour, minute, second) = (secs / 3600 % 24, secs / 60 % 60, secs % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a count of days since 1970-01-01 in the Gregorian calendar.
///
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: years begin in March, so that the
/// leap day is their last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (400 * era + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_are_numbers_with_a_unit() {
        assert_eq!(parse_ttl("8h"), Ok(28_800));
        assert_eq!(parse_ttl("90s"), Ok(90));
        assert_eq!(parse_ttl("15m"), Ok(900));
        assert_eq!(parse_ttl("365d"), Ok(MAX_TTL_SECS));
        for wrong in
            ["", "8", "h", "-1h", "1.5h", "0s", "366d", "8 h", "8H", "18446744073709551615d", "99999999999999999999s"]
        {
            assert!(parse_ttl(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn spans_show_two_units() {
        assert_eq!(span(0), "0 s");
        assert_eq!(span(28_799), "7 h 59 min");
        assert_eq!(span(86_400), "1 d 0 h");
    }

    #[test]
    fn dates_agree_with_gnu_date() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(utc(secs), text);
        }
    }
}
