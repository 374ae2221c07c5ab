//! Figures of one window and their medians over rounds.

use std::ops::Range;
use std::time::Duration;

use crate::client::utc_us;
use crate::process::Server;

/// What a server did within a window.
pub(crate) struct Window {
    /// Unix time in µs.
    pub(crate) utc_us: Range<u64>,
    /// Time that its threads ran.
    pub(crate) cpu: Duration,
    pub(crate) rss_bytes: u64,
}

impl Window {
    /// Opens now, and closes after `length`.
    pub(crate) async fn pass(server: &Server, length: Duration) -> Self {
        let (start_us, cpu_before) = (utc_us(), server.cpu());
        tokio::time::sleep(length).await;
        let (end_us, cpu) = (utc_us(), server.cpu() - cpu_before);
        Self { utc_us: start_us..end_us, cpu, rss_bytes: server.rss_bytes() }
    }

    /// Seconds of CPU per second.
    pub(crate) fn cpu_share(&self) -> f64 {
        self.cpu.as_secs_f64() / self.secs()
    }

    /// Its length.
    pub(crate) fn secs(&self) -> f64 {
        (self.utc_us.end - self.utc_us.start) as f64 / 1e6
    }
}

/// The median over rounds; not a number when there were none.
pub(crate) fn median<T>(rows: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    quantile(&mut rows.iter().map(figure).collect::<Vec<_>>(), 0.5)
}

/// A quantile of latencies, in ms.
pub(crate) fn quantile_ms(latencies_us: &[u64], q: f64) -> f64 {
    quantile(&mut latencies_us.iter().map(|us| *us as f64 / 1e3).collect::<Vec<_>>(), q)
}

/// The value at `q` of 0 to 1, by nearest rank; not a number when there are none.
pub(crate) fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len().saturating_sub(1) as f64 * q).round() as usize;
    values.get(rank).copied().unwrap_or(f64::NAN)
}

/// A dash for what was not measured.
pub(crate) fn number(value: f64, digits: usize) -> String {
    if value.is_finite() { format!("{value:.digits$}") } else { "-".into() }
}
