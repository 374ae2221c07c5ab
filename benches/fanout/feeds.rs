//! What one more feed costs: feeds with parameters of their own, each with one viewer.

use std::fmt::Write;
use std::time::Duration;

use crate::Plan;
use crate::client::Audience;
use crate::figures::{Window, median, number};
use crate::process::{Program, Server, Transport};

const RATE_HZ: u32 = 48_000;
const REST: Duration = Duration::from_millis(400);

/// Numbers of feeds between which the cost of one is measured.
const FEWER: usize = 2;
const MORE: usize = 10;

/// The query of a feed by its number.
type QueryOf = fn(usize) -> String;

/// Feeds that cost the same and are not the same: what they are, the name of the stream, and their queries.
const KINDS: [(&str, &str, QueryOf); 4] = [
    ("frames, JSON", "audio", |n| format!("fps={}", 20 + n)),
    ("frames, i16", "audio", |n| format!("format=i16&fps={}", 20 + n)),
    ("envelope", "envelope", |n| format!("column_samples={}", 256 + n)),
    ("spectrum of 4096", "spectral", |n| format!("size=4096&max_hz={}", 20_000 + n)),
];

pub(crate) async fn measure(plan: &Plan) -> String {
    let mut costs = KINDS.map(|_| Vec::new());
    for _ in 0..plan.rounds {
        for ((_, name, query), costs) in KINDS.iter().zip(&mut costs) {
            costs.push(measure_one(name, query, plan.window).await);
        }
    }
    let mut text = format!("One more feed with a viewer of its own, between {FEWER} and {MORE}\n");
    text += "feed                CPU s/s\n";
    for ((kind, ..), costs) in KINDS.iter().zip(&costs) {
        writeln!(text, "{kind:<17} {:>9}", number(median(costs, |cost| *cost), 5)).unwrap();
    }
    text
}

/// CPU time per second that one more of these feeds takes.
async fn measure_one(name: &str, query: &QueryOf, length: Duration) -> f64 {
    let server = Server::start(Program::Photophone, Transport::Events, RATE_HZ).await;
    let mut audience = Audience::new();
    let mut shares = Vec::new();
    for count in [FEWER, MORE] {
        while audience.len() < count {
            audience.add(&server, &format!("{name}?{}", query(audience.len()))).await;
        }
        tokio::time::sleep(REST).await;
        shares.push(Window::pass(&server, length).await.cpu_share());
    }
    audience.close().await;
    (shares[1] - shares[0]) / (MORE - FEWER) as f64
}
