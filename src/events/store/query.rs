//! What somebody asks of the past, and the answer.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

use crate::events::event::RealtimeEvent;
use crate::events::subscription::Subscription;

/// A time as queries have it: RFC 3339; UTC in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTime(pub i64);

/// A place in the order of the past: by time, and those of one time by when they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub(super) timestamp_us: i64,
    pub(super) place: i64,
}

/// Which events of the past somebody wants to see.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// Names, environment and filters.
    pub subscription: Subscription,
    /// Whose they are; anybody's, when there is none.
    pub distinct_id: Option<String>,
    /// Not before this.
    pub since: Option<EventTime>,
    /// Before this.
    pub until: Option<EventTime>,
    /// Most events of an answer.
    pub limit: usize,
    /// Go on behind this place.
    pub cursor: Option<Cursor>,
}

/// A part of the past.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The newest first.
    pub events: Vec<RealtimeEvent>,
    /// Where to go on; none when there is nothing more.
    pub cursor: Option<Cursor>,
    /// Events that were looked at.
    pub looked_at: u64,
    /// False when it ends before `limit` only since no more may be looked at, or sent, at once.
    pub complete: bool,
}

impl EventQuery {
    /// Whether the event of this place is asked for.
    pub(super) fn means(&self, at: Cursor, event: &RealtimeEvent) -> bool {
        at < self.upper()
            && at.timestamp_us >= self.since_us()
            && self.distinct_id.as_ref().is_none_or(|id| *id == event.distinct_id)
            && self.subscription.matches(event)
    }

    /// All that is asked for is before this place.
    pub(super) fn upper(&self) -> Cursor {
        let until = self.until.map_or(i64::MAX, |until| until.0);
        let until = Cursor { timestamp_us: until, place: i64::MIN };
        self.cursor.map_or(until, |cursor| cursor.min(until))
    }

    pub(super) fn since_us(&self) -> i64 {
        self.since.map_or(i64::MIN, |since| since.0)
    }
}

impl FromStr for EventTime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = DateTime::parse_from_rfc3339(text);
        let time = time.map_err(
            |_not_a_time| "expected a time as in RFC 3339, such as 2026-11-22T10:00:00Z (a + stands as %2B in a query)",
        )?;
        Ok(Self(time.with_timezone(&Utc).timestamp_micros()))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{}.{}", self.timestamp_us, self.place)))
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let (timestamp_us, place) = text.split_once('.')?;
            Some(Self { timestamp_us: timestamp_us.parse().ok()?, place: place.parse().ok()? })
        };
        read().ok_or("expected the cursor of an earlier answer, as it was given")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_given() {
        for cursor in [Cursor { timestamp_us: i64::MIN, place: i64::MAX }, Cursor { timestamp_us: 17, place: 4 }] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for wrong in ["", "7", "MTcuNA==", "MTcuNA.", "bm9uc2Vuc2U"] {
            assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_of_any_zone() {
        for text in ["2023-11-14T22:13:20.25Z", "2023-11-15T00:13:20.250000+02:00"] {
            assert_eq!(text.parse(), Ok(EventTime(1_700_000_000_250_000)), "{text}");
        }
        for wrong in ["", "1700000000", "2023-11-14", "2023-11-14T22:13:20"] {
            assert!(wrong.parse::<EventTime>().is_err(), "{wrong}");
        }
    }
}
