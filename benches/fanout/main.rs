//! Measures what viewers cost, with 1 to 1000 of them on loopback, 30 events per second of about 32 KiB and 4 KiB: CPU of
//! the server per delivered MB, latency, what is delivered, memory; then what one more viewer costs, one more feed, what
//! a viewer that reads nothing does to the others, and the bytes per second of each format.
//!
//! Against, in the same run, over the same client and with events of the same size:
//! - `sockets`: a tokio program that writes the same bytes to plain sockets, which is the floor;
//! - `rocket-body`: the same bytes through a body of Rocket and nothing else, the floor of that way;
//! - `per-client`: Rocket's own `EventStream` with `Event::json`, which clones and encodes each frame for each viewer;
//! - `nchan`: nginx with its nchan module, where Debian's packages `nginx` and `libnginx-mod-nchan` are installed.
//!
//! Every figure is the median of interleaved rounds, each with fresh processes; the server has a core to itself.
//!
//! `cargo bench --bench fanout -- [--only viewers,feeds,slow,formats] [--seconds 1.5] [--rounds 5] [--most 1000]`:
//! `--seconds` is the length of each window, `--most` leaves out more viewers; `PHOTOPHONE_BIN` names another binary.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench that cannot measure ends")]
#![expect(clippy::disallowed_methods, reason = "a bench measures the program from outside")]
#![expect(clippy::print_stdout, reason = "the tables are what a bench makes")]

mod client;
mod cores;
mod events;
mod feeds;
mod figures;
mod formats;
mod nginx;
mod process;
mod reference;
mod slow;
mod viewers;
mod websocket;

use std::time::Duration;

/// What is measured, and for how long.
pub(crate) struct Plan {
    /// Length of each window.
    pub(crate) window: Duration,
    pub(crate) rounds: usize,
    pub(crate) most_viewers: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name, default: f64| {
        let value = option(&arguments, name);
        value.map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}: a number is expected")))
    };
    match arguments.get(1).map(String::as_str) {
        Some("serve-sockets") => reference::sockets::serve(number("--rate", 48e3) as u32),
        Some("serve-rocket-body") => reference::rocket_body::serve(number("--rate", 48e3) as u32),
        Some("serve-per-client") => reference::per_client::serve(number("--rate", 48e3) as u32),
        _ => {
            let plan = Plan {
                window: Duration::try_from_secs_f64(number("--seconds", 1.5)).expect("seconds are positive"),
                rounds: number("--rounds", 5.0) as usize,
                most_viewers: number("--most", 1000.0) as usize,
            };
            measure(&plan, option(&arguments, "--only").unwrap_or("viewers,feeds,slow,formats"));
        }
    }
}

/// What stands behind `name` among the arguments.
fn option<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    arguments.iter().skip_while(|argument| *argument != name).nth(1).map(String::as_str)
}

fn measure(plan: &Plan, parts: &str) {
    println!("{}\n{}\n{} rounds, windows of {:?}\n", process::machine(), cores::divide(), plan.rounds, plan.window);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for part in parts.split(',') {
        let table = match part {
            "viewers" => runtime.block_on(viewers::measure(plan)),
            "feeds" => runtime.block_on(feeds::measure(plan)),
            "slow" => runtime.block_on(slow::measure(plan)),
            "formats" => runtime.block_on(formats::measure(plan)),
            _ => panic!("--only {part}: viewers, feeds, slow or formats is expected"),
        };
        println!("{table}");
    }
    println!("load average at the end: {}", process::load_average());
}
