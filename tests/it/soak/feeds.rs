//! Simulated time through every kind of feed at once, two minutes of them or a day in `make soak`: each tells every
//! index once, in an event or in a gap, and the server holds no more memory at the end.

use photophone_signal::wire::binary::{MAX_MESSAGE_BYTES, Message, MessageReader, Place};
use photophone_signal::{Epoch, Gap};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::client::Client;
use crate::support::memory::Memory;
use crate::support::server::{Lab, Server};
use crate::support::soak;

const RATE_HZ: u64 = 2400;
const CONFIG: &str = "
source: { rate_hz: 2400, pace: fast }
stream: { target_fps: 10, feeds_max: 32, history_mib: 16, cores_per_feed: 64 }
server: { stall_secs: 600 }
";

/// How the events of a feed lie to each other.
#[derive(Clone, Copy)]
enum Order {
    /// Each begins where that before it ended.
    Adjoining,
    /// Each begins so many samples behind the beginning of that before it.
    Spaced(u64),
    /// Each begins behind the beginning of that before it.
    Rising,
}

const FEEDS: [(&str, Order); 14] = [
    ("audio", Order::Adjoining),
    ("audio?format=i16&channels=a&fps=0.7", Order::Adjoining),
    ("audio?decimate=3", Order::Adjoining),
    ("audio?decimate=16&fps=1.3&format=f32", Order::Adjoining),
    ("envelope?column_samples=77", Order::Adjoining),
    ("envelope?fps=0.3&channels=b", Order::Adjoining),
    ("levels?fps=1.7", Order::Adjoining),
    ("spectral?size=1024", Order::Rising),
    ("spectral?size=1024&overlap=0.5&fps=30&averaging=exp:3", Order::Spaced(512)),
    ("spectral?size=256&overlap=0.9&fps=1&averaging=linear:9&cross=true&peaks=3&unit=dbfs", Order::Rising),
    ("spectral?size=512&window=kaiser:9&scale=psd&averaging=peak&fps=0.5&bins=log:50", Order::Rising),
    ("lockin?reference=440&tau_s=0.1&slope=24&fps=3", Order::Rising),
    ("lockin?reference=channel_b&tau_s=0.3&slope=6&fps=1", Order::Rising),
    ("lockin?reference=tracked&tau_s=0.03&slope=12&fps=1", Order::Rising),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_through_every_feed_leave_no_hole_and_no_memory() {
    let end_sample = soak::lengthened(120, 86_400) * RATE_HZ;
    let server = Lab::simulated("dropouts").config(CONFIG).start();
    let client = Client::reader(&server);
    let mut viewers = JoinSet::new();
    for (feed, order) in FEEDS {
        viewers.spawn(watch(client.clone(), feed, order, end_sample));
    }
    let memory = watch_memory(&server, &client, end_sample).await;
    let counts: Vec<Account> = viewers.join_all().await;
    for account in &counts {
        println!("{}: {} events, {} gaps", account.feed, account.events, account.gaps);
        assert!(account.events > 0 && account.gaps > 0, "{}", account.feed);
    }
    let stats = client.stats().await;
    assert_eq!(stats["dropped_frames"], 0, "at pace fast nobody is late");
    // In two minutes the histories of the feeds are still filling.
    let allowed_bytes = soak::lengthened(64_000_000, 4_000_000);
    memory.report_and_check(&format!("{} frames through {} feeds", stats["total_frames"], FEEDS.len()), allowed_bytes);
}

/// What a viewer was told so far.
struct Account {
    feed: &'static str,
    order: Order,
    events: u64,
    gaps: u64,
    epoch: Option<Epoch>,
    /// Where the next event or gap begins, or has to begin at least; none while nothing came.
    due: Option<u64>,
    /// Beginning of the last event that no gap has followed.
    last_start: Option<u64>,
}

async fn watch(client: Client, feed: &'static str, order: Order, end_sample: u64) -> Account {
    let request = client.request(reqwest::Method::GET, &format!("/api/audio/stream/{feed}"));
    let mut response = request.header("Accept", "application/octet-stream").send().await.unwrap();
    assert_eq!(response.status(), reqwest::StatusCode::OK, "{feed}");
    let mut account = Account { feed, order, events: 0, gaps: 0, epoch: None, due: None, last_start: None };
    let mut messages = MessageReader::new(MAX_MESSAGE_BYTES);
    while account.due < Some(end_sample) {
        let bytes = response.chunk().await.unwrap().unwrap_or_else(|| panic!("{feed} ended"));
        messages.read(&bytes, |message| account.take(&message)).unwrap();
    }
    account
}

impl Account {
    fn take(&mut self, message: &Message<'_>) {
        match (&message.header.place, message.header.kind) {
            (Some(place), _) => self.take_event(place),
            (None, "gap") => self.take_gap(&serde_json::from_str(message.meta().unwrap()).unwrap()),
            (None, kind) => assert!(matches!(kind, "state" | "heartbeat"), "{}: {kind}", self.feed),
        }
    }

    fn take_event(&mut self, place: &Place) {
        let (feed, start, end) = (self.feed, place.first_sample, place.first_sample + u64::from(place.samples));
        assert_eq!(*self.epoch.get_or_insert(place.epoch), place.epoch, "{feed}: one source, one epoch");
        match self.order {
            Order::Adjoining => assert_eq!(self.due.unwrap_or(start), start, "{feed}: samples miss without a word"),
            Order::Spaced(samples) => {
                assert_eq!(
                    self.last_start.map_or(start, |last| last + samples),
                    start,
                    "{feed}: events of another grid"
                );
            }
            Order::Rising => assert!(self.last_start < Some(start), "{feed}: {:?}, {start}", self.last_start),
        }
        self.events += 1;
        self.last_start = Some(start);
        self.due = Some(end);
    }

    fn take_gap(&mut self, gap: &Gap) {
        let feed = self.feed;
        if let (Order::Adjoining, Some(due)) = (self.order, self.due) {
            assert_eq!(gap.from_sample, due, "{feed}: samples miss without a word");
        }
        self.gaps += 1;
        self.last_start = None;
        self.due = gap.to_sample;
    }
}

async fn watch_memory(server: &Server, client: &Client, end_sample: u64) -> Memory {
    let mut memory = Memory::unknown();
    let (mut told, mut at) = (None, 0);
    while at < end_sample {
        let stats = client.wait_for_stats("more samples", |stats| told != Some(index(stats))).await;
        at = index(&stats);
        told = Some(at);
        memory.look(server, at as f64 / end_sample as f64);
    }
    memory
}

/// Index behind the last sample published, or lost by the source.
fn index(stats: &Value) -> u64 {
    let lost = stats["samples_lost"].as_object().unwrap().values().filter_map(Value::as_u64);
    stats["samples_total"].as_u64().unwrap() + lost.sum::<u64>()
}
