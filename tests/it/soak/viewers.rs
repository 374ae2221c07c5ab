//! Viewers come and go, for three seconds or for ten minutes in `make soak`: everybody is told everything, and they
//! leave no memory and no socket behind.

use std::fs;
use std::time::{Duration, Instant};

use photophone_signal::Epoch;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tokio::task::JoinSet;

use crate::support::client::{Client, Events, Told};
use crate::support::memory::Memory;
use crate::support::server::{Lab, Server, now, wait_until};
use crate::support::soak;

const VIEWERS: u64 = 4;
/// A rate at which four viewers in a debug build leave two busy cores air.
const QUIET: &str = "source: { rate_hz: 8000 }\n";

// The connections of a dropped client close on another thread than the one that waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_come_and_go_and_leave_nothing_behind() {
    let seed = soak::seed("viewers");
    let server = Lab::simulated("dropouts").config(QUIET).start();
    let open_files = open_files(&server);
    let client = Client::reader(&server);
    client.wait_for_stats("the first frames", |stats| stats["total_frames"].as_u64() > Some(10)).await;

    let end = now() + soak::lengthened(Duration::from_secs(3), Duration::from_secs(600));
    let mut viewers = JoinSet::new();
    for number in 0..VIEWERS {
        viewers.spawn(come_and_go(client.clone(), seed.wrapping_add(number), end));
    }
    let memory = watch_memory(&server, &client, end).await;
    let visits: u64 = viewers.join_all().await.into_iter().sum();

    let stats = client.wait_for_stats("the end of all viewers", |stats| stats["active_subscribers"] == 0).await;
    // It keeps connections for further requests.
    drop(client);
    wait_until("closed sockets", || self::open_files(&server) <= open_files);
    assert!(visits > VIEWERS);
    // In three seconds the allocator is still growing its arenas.
    let allowed_bytes = soak::lengthened(32_000_000, 4_000_000);
    memory.report_and_check(&format!("{visits} visits, {} frames", stats["total_frames"]), allowed_bytes);
}

/// Opens streams until `end`; says how many.
async fn come_and_go(client: Client, seed: u64, end: Instant) -> u64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut visits = 0;
    while now() < end {
        visits += 1;
        let events = u64::from(random.next_u32() % 60);
        match random.next_u32() % 4 {
            0 => drop(client.frames().await),
            1 => watch_spectra(client.spectra().await, events).await,
            _ => watch_frames(client.frames().await, events).await,
        }
    }
    visits
}

/// Every frame begins where the frame or gap before it ended.
async fn watch_frames(mut events: Events, count: u64) {
    let mut due: Option<(Epoch, u64)> = None;
    for _ in 0..count {
        match events.next().await.expect("the stream ended") {
            Told::Frame(frame) => {
                let here = (frame.epoch, frame.first_sample);
                assert_eq!(due.unwrap_or(here), here, "samples are missing without a word");
                due = Some((frame.epoch, frame.first_sample + frame.channel_a.len() as u64));
            }
            Told::Gap(gap) => due = gap.to_sample.map(|to| (gap.epoch, to)),
            _ => {}
        }
    }
}

/// One spectrum per frame, but after a gap.
async fn watch_spectra(mut events: Events, count: u64) {
    let mut due = None;
    for _ in 0..count {
        match events.next().await.expect("the stream ended") {
            Told::Spectrum(spectrum) => {
                assert_eq!(due.unwrap_or(spectrum.frame_number), spectrum.frame_number);
                due = Some(spectrum.frame_number + 1);
            }
            Told::Gap(_) => due = None,
            _ => {}
        }
    }
}

/// Looks at the server's memory until `end`.
async fn watch_memory(server: &Server, client: &Client, end: Instant) -> Memory {
    let (start, mut memory) = (now(), Memory::unknown());
    while now() < end {
        // Each look is a request: its own cost is in the measurement, and it paces the loop.
        let frames = client.stats().await["total_frames"].as_u64();
        client.wait_for_stats("more frames", |stats| stats["total_frames"].as_u64() > frames).await;
        memory.look(server, start.elapsed().div_duration_f64(end - start));
    }
    memory
}

fn open_files(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count()
}
