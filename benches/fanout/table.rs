//! The figures, and the table that is printed.

use std::fmt::Write;
use std::time::Duration;

use crate::client::Seen;
use crate::process::ServerKind;

/// One server with one number of viewers, measured in several rounds.
pub(crate) struct Point {
    pub(crate) kind: ServerKind,
    pub(crate) viewers: usize,
    pub(crate) rows: Vec<Row>,
}

/// One measurement.
pub(crate) struct Row {
    /// Time that the server's threads ran within `wall`.
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    /// Before the viewers came.
    pub(crate) rss_idle_bytes: u64,
    pub(crate) rss_bytes: u64,
    pub(crate) seen: Seen,
}

impl Point {
    pub(crate) fn new(kind: ServerKind, viewers: usize) -> Self {
        Self { kind, viewers, rows: Vec::new() }
    }

    /// The median over the rounds.
    fn median(&self, figure: impl Fn(&Row) -> f64) -> f64 {
        quantile(&mut self.rows.iter().map(figure).collect::<Vec<_>>(), 0.5)
    }
}

impl Row {
    fn delivered(&self) -> f64 {
        self.seen.events as f64 / self.seen.expected_events as f64
    }

    fn cpu_share(&self) -> f64 {
        self.cpu.as_secs_f64() / self.wall.as_secs_f64()
    }

    fn cpu_ms_per_mb(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3 / (self.seen.bytes as f64 / 1e6)
    }
}

/// The table of all points. CPU per delivered MB also with its range over the rounds.
pub(crate) fn render(points: &[Point]) -> String {
    let mut text = String::from(
        "                          ms from block    ms from sample            CPU     CPU ms per MB          RSS MB\n\
         server        viewers    p50      p99     p50      p99  delivered    s/s median [min..max]     idle   load\n",
    );
    for point in points {
        let per_mb = |q| quantile(&mut point.rows.iter().map(Row::cpu_ms_per_mb).collect::<Vec<_>>(), q);
        writeln!(
            text,
            "{:<13} {:>7} {:>6} {:>8} {:>7} {:>8} {:>10} {:>6.3} {:>6} {:<14} {:>6.1} {:>6.1}",
            point.kind.name(),
            point.viewers,
            number(point.median(|row| quantile_ms(&row.seen.server_latencies_us, 0.5)), 2),
            number(point.median(|row| quantile_ms(&row.seen.server_latencies_us, 0.99)), 2),
            number(point.median(|row| quantile_ms(&row.seen.latencies_us, 0.5)), 2),
            number(point.median(|row| quantile_ms(&row.seen.latencies_us, 0.99)), 2),
            number(point.median(Row::delivered), 4),
            point.median(Row::cpu_share),
            number(per_mb(0.5), 2),
            format!("[{}..{}]", number(per_mb(0.0), 2), number(per_mb(1.0), 2)),
            point.median(|row| row.rss_idle_bytes as f64 / 1e6),
            point.median(|row| row.rss_bytes as f64 / 1e6),
        )
        .unwrap();
    }
    text
}

/// A dash for what was not measured.
fn number(value: f64, digits: usize) -> String {
    if value.is_finite() { format!("{value:.digits$}") } else { "-".into() }
}

fn quantile_ms(latencies_us: &[u64], q: f64) -> f64 {
    quantile(&mut latencies_us.iter().map(|us| *us as f64 / 1e3).collect::<Vec<_>>(), q)
}

/// The value at `q` of 0 to 1, by nearest rank; not a number when there are none.
fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len().saturating_sub(1) as f64 * q).round() as usize;
    values.get(rank).copied().unwrap_or(f64::NAN)
}
