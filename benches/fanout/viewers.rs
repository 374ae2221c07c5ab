//! The fan-out itself: the same events to more and more viewers, from each server in turn.

use std::fmt::Write;
use std::time::Duration;

use crate::Plan;
use crate::client::{Audience, Seen};
use crate::figures::{Window, median, number, quantile, quantile_ms};
use crate::nginx;
use crate::process::{Program, Server, Transport};

/// Time in which a server comes to rest, and in which what was captured in a window still arrives.
const REST: Duration = Duration::from_millis(400);

/// Between these numbers of viewers is measured what one more costs.
const SLOPE: (usize, usize) = (50, 200);

/// Events of one size over one transport.
struct Table {
    transport: Transport,
    rate_hz: u32,
    servers: Vec<Measured>,
}

/// One server with each number of viewers.
struct Measured {
    program: Program,
    points: Vec<(usize, Vec<Row>)>,
}

/// One measurement.
struct Row {
    window: Window,
    seen: Seen,
}

/// Measures all tables, round by round.
pub(crate) async fn measure(plan: &Plan) -> String {
    // Frames of some 32 KiB and 4 KiB: JSON has 11 bytes per sample, messages have 4.
    let sizes = [(Transport::Events, 40_200), (Transport::WebSocket, 120_000)];
    let smaller = [(Transport::Events, 4_800), (Transport::WebSocket, 15_000)];
    let mut tables: Vec<_> =
        sizes.iter().chain(&smaller).map(|(transport, rate_hz)| Table::new(*transport, *rate_hz, plan)).collect();
    for _ in 0..plan.rounds {
        for table in &mut tables {
            for server in &mut table.servers {
                server.measure(table.transport, table.rate_hz, plan.window).await;
            }
        }
    }
    let mut text: String = tables.iter().map(Table::render).collect();
    if let Some(missing) = nginx::missing() {
        writeln!(text, "{missing}").unwrap();
    }
    text
}

impl Table {
    fn new(transport: Transport, rate_hz: u32, plan: &Plan) -> Self {
        let mut programs =
            vec![(Program::Photophone, &[1, 50, 200, 1000][..]), (Program::Sockets, &[1, 50, 200, 1000])];
        if transport == Transport::Events {
            programs.push((Program::RocketBody, &[50, 200, 1000]));
            // More are more than it can serve.
            programs.push((Program::PerClient, &[1, 50, 200]));
        }
        if nginx::missing().is_none() {
            programs.push((Program::Nchan, &[1, 50, 200, 1000]));
        }
        let points = |counts: &[usize]| {
            counts.iter().filter(|count| **count <= plan.most_viewers).map(|count| (*count, Vec::new())).collect()
        };
        let servers =
            programs.into_iter().map(|(program, counts)| Measured { program, points: points(counts) }).collect();
        Self { transport, rate_hz, servers }
    }

    fn render(&self) -> String {
        let event_bytes = median(&self.rows(Program::Photophone), |row| row.seen.bytes as f64 / row.seen.events as f64);
        let mut text = format!(
            "{}, events of {:.1} kB\n\
             server      viewers  p50 ms  p99 ms  delivered   MB/s  CPU s/s  CPU ms per MB [min..max]  of sockets   RSS MB\n",
            self.transport.name(),
            event_bytes / 1e3
        );
        for server in &self.servers {
            for (count, rows) in &server.points {
                self.render_row(&mut text, server.program, *count, rows);
            }
        }
        for server in &self.servers {
            if let Some(us) = server.us_per_event_and_viewer() {
                let name = server.program.name();
                writeln!(text, "one more viewer of {name}: {} µs of CPU per event", number(us, 1)).unwrap();
            }
        }
        text.push('\n');
        text
    }

    fn render_row(&self, text: &mut String, program: Program, count: usize, rows: &[Row]) {
        let per_mb = |q| quantile(&mut rows.iter().map(Row::cpu_ms_per_mb).collect::<Vec<_>>(), q);
        let floors = self.servers.iter().find(|server| server.program == Program::Sockets);
        let floor = floors.and_then(|server| server.points.iter().find(|(viewers, _)| *viewers == count));
        // Round by round: what else the machine did was the same for both.
        let ratios = floor.map_or(Vec::new(), |(_, floor)| {
            rows.iter().zip(floor).map(|(row, floor)| row.cpu_ms_per_mb() / floor.cpu_ms_per_mb()).collect()
        });
        writeln!(
            text,
            "{:<11} {:>7} {:>7} {:>7} {:>10} {:>6} {:>8} {:>13} {:<16} {:>6} {:>8}",
            program.name(),
            count,
            number(median(rows, |row| quantile_ms(&row.seen.latencies_us, 0.5)), 2),
            number(median(rows, |row| quantile_ms(&row.seen.latencies_us, 0.99)), 2),
            number(median(rows, |row| row.seen.delivered()), 4),
            number(median(rows, |row| row.seen.bytes as f64 / 1e6 / row.window.secs()), 1),
            number(median(rows, |row| row.window.cpu_share()), 3),
            number(per_mb(0.5), 2),
            format!("[{}..{}]", number(per_mb(0.0), 2), number(per_mb(1.0), 2)),
            number(median(&ratios, |ratio| *ratio), 2),
            number(median(rows, |row| row.window.rss_bytes as f64 / 1e6), 1),
        )
        .unwrap();
    }

    fn rows(&self, program: Program) -> Vec<&Row> {
        let servers = self.servers.iter().filter(|server| server.program == program);
        servers.flat_map(|server| &server.points).flat_map(|(_, rows)| rows).collect()
    }
}

impl Measured {
    /// One round: a fresh process, and more and more viewers.
    async fn measure(&mut self, transport: Transport, rate_hz: u32, length: Duration) {
        let server = Server::start(self.program, transport, rate_hz).await;
        tokio::time::sleep(REST).await;
        let (mut audience, mut windows) = (Audience::new(), Vec::new());
        for (count, _) in &self.points {
            audience.grow(&server, *count).await;
            tokio::time::sleep(REST).await;
            windows.push(Window::pass(&server, length).await);
            tokio::time::sleep(REST).await;
        }
        let viewers = audience.close().await;
        for ((count, rows), window) in self.points.iter_mut().zip(windows) {
            rows.push(Row { seen: Seen::by(&viewers, &window.utc_us, *count), window });
        }
    }

    fn us_per_event_and_viewer(&self) -> Option<f64> {
        let rows = |count| self.points.iter().find(|(viewers, _)| *viewers == count).map(|(_, rows)| rows);
        let (few, many) = (rows(SLOPE.0)?, rows(SLOPE.1)?);
        let us_per_event = |(few, many): &(&Row, &Row)| {
            let events = many.seen.expected_events as f64 / SLOPE.1 as f64 / many.window.secs();
            (many.window.cpu_share() - few.window.cpu_share()) * 1e6 / events / (SLOPE.1 - SLOPE.0) as f64
        };
        Some(median(&few.iter().zip(many).collect::<Vec<_>>(), us_per_event))
    }
}

impl Row {
    fn cpu_ms_per_mb(&self) -> f64 {
        self.window.cpu.as_secs_f64() * 1e3 / (self.seen.bytes as f64 / 1e6)
    }
}
