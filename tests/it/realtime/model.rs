//! Random subscriptions over real sockets while events are published, against what a naive reader of all events finds:
//! each event once, in order, under the ids of the subscriptions that stood when it was published.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, ELSEWHERE, PATH, seq};
use crate::support::client::Events;
use crate::support::soak;
use crate::support::socket::Socket;

const NAMES: [&str; 4] = ["a", "a.b", "a.b.c", "b"];

/// Tells that all is published.
const END: &str = "end";

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }

    fn event(&mut self) -> Value {
        json!({"event": self.one_of(&NAMES), "properties": {"n": self.below(4)}})
    }

    /// A word about one of few subscriptions; `newest` is the number of an event that there was.
    fn word(&mut self, run: &str, newest: u64) -> Value {
        let id = self.one_of(&["default", "s", "t", "u"]);
        if self.below(4) == 0 {
            return json!({"type": "unsubscribe", "id": id});
        }
        let mut word = json!({"type": "subscribe", "id": id, "events": []});
        for _ in 0..self.below(3) {
            let name = self.one_of(&["a", "a.*", "a.b.*", "b", "*"]);
            word["events"].as_array_mut().unwrap().push(json!(name));
        }
        if self.below(2) == 0 {
            let (operator, value) = (self.one_of(&["equals", "gte"]), self.below(4));
            word["filters"] = json!([{"property": "n", "operator": operator, "value": value}]);
        }
        if self.below(3) == 0 {
            word["after"] = json!(format!("{run}:{}", newest - self.below(newest.min(700) + 1)));
        }
        word
    }
}

/// Whether the subscription that `word` sets means the event.
fn means(word: &Value, event: &Value) -> bool {
    let (name, n) = (event["event"].as_str().unwrap(), event["properties"].get("n").and_then(Value::as_u64));
    let is_of = |pattern: &Value| match pattern.as_str().unwrap() {
        "*" => true,
        pattern => pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start)),
    };
    let names = word["events"].as_array().unwrap();
    let holds = |filter: &Value| {
        let value = filter["value"].as_u64();
        n.is_some() && if filter["operator"] == "equals" { n == value } else { n >= value }
    };
    let filters = word.get("filters").and_then(Value::as_array);
    (names.is_empty() || names.iter().any(is_of)) && filters.into_iter().flatten().all(holds)
}

/// What one reader said, in order, and what it was told.
struct Transcript {
    said: Vec<Value>,
    told: Vec<Value>,
}

/// Says `count` words, several before it listens again, and listens to the end.
async fn talk(bench: &Bench, mut dice: Dice, count: usize, has_said: impl FnOnce()) -> Transcript {
    let mut socket = Socket::bearing(&bench.server, PATH, &bench.token("ada", "1h")).await;
    let mut transcript = Transcript { said: Vec::new(), told: Vec::new() };
    let (mut run, mut newest, mut answers) = (String::new(), 0, 0);
    let first = [
        json!({"type": "subscribe", "id": "default", "events": ["none"]}),
        json!({"type": "subscribe", "id": END, "events": [END]}),
    ];
    let mut first = first.into_iter();
    while transcript.said.len() < count {
        for _ in 0..=dice.below(3) {
            let word = first.next().unwrap_or_else(|| dice.word(&run, newest));
            socket.say(word.clone()).await;
            transcript.said.push(word);
            if run.is_empty() {
                break;
            }
        }
        while answers < transcript.said.len() {
            let words = socket.words().await;
            answers += usize::from(words.get("type").is_some());
            if let Some((of_run, number)) = words["place"].as_str().and_then(|place| place.split_once(':')) {
                (run, newest) = (of_run.to_owned(), newest.max(number.parse().unwrap()));
            }
            transcript.told.push(words);
        }
    }
    has_said();
    while transcript.told.last().is_none_or(|words| words["event"] != END) {
        transcript.told.push(socket.words().await);
    }
    transcript
}

/// Walks through what a reader was told, beside all events.
fn check(events: &BTreeMap<u64, Value>, Transcript { said, told }: &Transcript) -> (usize, usize) {
    let mut standing: BTreeMap<String, &Value> = BTreeMap::new();
    let (mut words, mut replay, mut last) = (said.iter(), VecDeque::new(), 0);
    let (mut live, mut replayed) = (0, 0);
    let nobody_missed = |standing: &BTreeMap<String, &Value>, after: u64, before: u64| {
        for (number, event) in events.range(after + 1..before) {
            assert!(!standing.values().any(|word| means(word, event)), "{number} {event} did not come");
        }
    };
    for answer in told {
        match answer.get("type").and_then(Value::as_str) {
            None if !replay.is_empty() => {
                let expected: (u64, Value) = replay.pop_front().unwrap();
                assert_eq!((seq(answer), &answer["subscription_ids"]), (expected.0, &expected.1), "{answer}");
                replayed += 1;
            }
            None if !standing.is_empty() => {
                let number = seq(answer);
                assert!(number > last, "{answer} comes after {last}");
                nobody_missed(&standing, last, number);
                let event = &events[&number];
                let ids: Vec<_> = standing.iter().filter(|(_, word)| means(word, event)).map(|(id, _)| id).collect();
                let mut told_ids: Vec<_> = serde_json::from_value(answer["subscription_ids"].clone()).unwrap();
                told_ids.sort_unstable();
                assert_eq!(ids, told_ids.iter().collect::<Vec<&String>>(), "{answer}");
                assert_eq!(answer["id"], event["id"]);
                (last, live) = (number, live + 1);
            }
            // Of the subscription with which a connection begins.
            None => {}
            Some(kind) => {
                let word = words.next().unwrap();
                assert!(replay.is_empty(), "{answer} in the midst of a replay");
                let id = word["id"].as_str().unwrap();
                assert_eq!(answer["id"], id);
                match kind {
                    "subscribed" => {
                        let place = seq(answer);
                        nobody_missed(&standing, last, place + 1);
                        last = last.max(place);
                        standing.insert(id.to_owned(), word);
                        if let Some((_, after)) = word["after"].as_str().and_then(|after| after.split_once(':')) {
                            let history = events.range(after.parse::<u64>().unwrap() + 1..=place);
                            let meant = history.filter(|(_, event)| means(word, event));
                            replay = meant.map(|(number, _)| (*number, json!([id]))).collect();
                        }
                    }
                    "unsubscribed" => assert!(standing.remove(id).is_some()),
                    _ => {
                        assert_eq!(answer["error"]["code"], "subscription_not_found", "{answer}");
                        assert!(!standing.contains_key(id));
                    }
                }
            }
        }
    }
    (live, replayed)
}

#[tokio::test]
async fn each_event_comes_once_and_in_order_to_the_subscriptions_that_stand() {
    let seed = soak::seed("subscriptions");
    let dice = |stream: u64| Dice(ChaCha8Rng::seed_from_u64(seed.wrapping_add(stream)));
    let settings = "events: {recent_events: 1000000, recent_mib: 1024, queue_events: 100000, per_second: 100000}";
    let bench = Bench::new(settings);
    let count = soak::lengthened(60, 2000);
    // From the first event on.
    let from_the_beginning = bench.reader.request(Method::GET, "/api/realtime/sse").header("Last-Event-ID", ELSEWHERE);
    let mut witness = Events::of(from_the_beginning.send().await.unwrap());
    assert_eq!(witness.next_raw().await.unwrap().event, "lagged");
    let still_talking = [(); 3].map(|()| AtomicBool::new(true));
    let talking = (0..)
        .zip(&still_talking)
        .map(|(number, flag)| talk(&bench, dice(number), count, || flag.store(false, Ordering::SeqCst)));
    let publishing = async {
        let mut dice = dice(99);
        while still_talking.iter().any(|flag| flag.load(Ordering::SeqCst)) {
            bench.batch((0..=dice.below(300)).map(|_| dice.event()).collect()).await;
        }
        bench.capture(json!({"event": END})).await;
    };
    let witnessing = async {
        let mut events = BTreeMap::new();
        loop {
            let event = witness.next_raw().await.unwrap();
            let data: Value = serde_json::from_str(&event.data).unwrap();
            if data["type"] == "heartbeat" {
                continue;
            }
            assert_eq!(event.event, "message", "{data}");
            let is_end = data["event"] == END;
            events.insert(event.id.split_once(':').unwrap().1.parse::<u64>().unwrap(), data);
            if is_end {
                return events;
            }
        }
    };
    let (transcripts, (), events) = tokio::join!(futures_util::future::join_all(talking), publishing, witnessing);
    for transcript in &transcripts {
        let (live, replayed) = check(&events, transcript);
        println!("{} events, {live} live, {replayed} again", events.len());
        assert!(live > 0 && replayed > 0);
    }
}
