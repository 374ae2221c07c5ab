//! The hub beside a model of it: lists of subscriptions that are all asked, and queues of texts. Whatever connects, sets,
//! unsets, publishes, reads and goes, both tell each connection the same, in the same order, and nothing twice.

use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::tests::told;
use super::*;
use crate::clock::ManualClock;
use crate::events::test_events::event_with;

const QUEUE_EVENTS: usize = 4;
const RECENT_EVENTS: usize = 6;

#[derive(Clone, Debug)]
enum Step {
    Connect,
    /// From so many events ago.
    Resume(Subscription, u64),
    Set(usize, Subscription),
    Unset(usize, String),
    Publish(RealtimeEvent),
    Take(usize, usize),
    Leave(usize),
}

#[derive(Default)]
struct Model {
    published: Vec<RealtimeEvent>,
    connections: Vec<Modelled>,
    missed: u64,
}

#[derive(Default)]
struct Modelled {
    subscriptions: Vec<Subscription>,
    queue: VecDeque<String>,
    missed: usize,
}

impl Model {
    fn publish(&mut self, event: RealtimeEvent) {
        self.published.push(event);
        let seq = self.published.len();
        for connection in &mut self.connections {
            connection.queue.extend(connection.told(seq, &self.published[seq - 1]));
            if connection.queue.len() > QUEUE_EVENTS {
                connection.queue.pop_front();
                connection.missed += 1;
                self.missed += 1;
            }
        }
    }
}

impl Modelled {
    fn set(&mut self, subscription: Subscription) {
        self.subscriptions.retain(|one| one.id != subscription.id);
        self.subscriptions.push(subscription);
    }

    fn told(&self, seq: usize, event: &RealtimeEvent) -> Option<String> {
        let meant: Vec<_> = self.subscriptions.iter().filter(|one| one.matches(event)).collect();
        let ids: Vec<_> = meant.iter().map(|one| one.id.as_str()).collect();
        let star = if meant.iter().any(|one| one.include_person) { "*" } else { "" };
        (!meant.is_empty()).then(|| format!("{seq}:{}{star}", ids.join("+")))
    }

    fn take(&mut self) -> Option<String> {
        match std::mem::take(&mut self.missed) {
            0 => self.queue.pop_front(),
            missed => Some(format!("-{missed}")),
        }
    }
}

fn subscription() -> impl Strategy<Value = Subscription> {
    let events = vec(select(vec!["x", "x.*", "y", "*"]), 0..3);
    let equals = |value| json!([{"property": "n", "operator": "equals", "value": value}]);
    let filters = select(vec![json!([]), equals(json!(1)), equals(json!(2.0)), equals(json!(null))]);
    let environment = select(vec![json!(null), json!("production"), json!("test")]);
    (select(vec!["a", "b", "c"]), events, filters, any::<bool>(), environment).prop_map(
        |(id, events, filters, include_person, environment)| {
            let value = json!({
                "id": id, "events": events, "filters": filters, "include_person": include_person,
                "environment": environment,
            });
            serde_json::from_value(value).unwrap()
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let properties = select(vec![json!({}), json!({"n": 1}), json!({"n": 2}), json!({"n": null})]);
    let publish = (select(vec!["x", "x.a", "y", "z"]), properties);
    prop_oneof![
        2 => Just(Step::Connect),
        1 => (subscription(), 0u64..9).prop_map(|(subscription, ago)| Step::Resume(subscription, ago)),
        6 => (any::<usize>(), subscription()).prop_map(|(at, subscription)| Step::Set(at, subscription)),
        2 => (any::<usize>(), select(vec!["a", "b", "c"])).prop_map(|(at, id)| Step::Unset(at, id.to_owned())),
        12 => publish.prop_map(|(name, properties)| Step::Publish(event_with(name, properties))),
        4 => (any::<usize>(), 1usize..5).prop_map(|(at, count)| Step::Take(at, count)),
        1 => any::<usize>().prop_map(Step::Leave),
    ]
}

/// Goes the step in both; what both tell is compared on the way.
fn go(step: Step, hub: &RealtimeHub, subscribers: &mut Vec<RealtimeSubscriber>, model: &mut Model) {
    let count = subscribers.len();
    match step {
        Step::Publish(event) => {
            hub.publish_now(event.clone());
            model.publish(event);
        }
        Step::Connect => {
            subscribers.push(hub.connect());
            model.connections.push(Modelled::default());
        }
        Step::Resume(subscription, ago) => resume(subscription, ago, hub, subscribers, model),
        Step::Set(at, subscription) if count > 0 => {
            let is_known = subscribers[at % count].subscriptions().any(|one| one.id == subscription.id);
            let set = subscribers[at % count].set(subscription.clone()).unwrap();
            assert_eq!(set == crate::events::Set::Replaced, is_known);
            model.connections[at % count].set(subscription);
        }
        Step::Unset(at, id) if count > 0 => {
            let before = model.connections[at % count].subscriptions.len();
            model.connections[at % count].subscriptions.retain(|one| one.id != id);
            let is_gone = model.connections[at % count].subscriptions.len() < before;
            assert_eq!(subscribers[at % count].unset(&id), is_gone);
        }
        Step::Take(at, most) if count > 0 => {
            for _ in 0..most {
                let taken = subscribers[at % count].try_recv().map(|delivery| told(&delivery));
                assert_eq!(taken, model.connections[at % count].take());
            }
        }
        Step::Leave(at) if count > 0 => {
            drop(subscribers.swap_remove(at % count));
            model.connections.swap_remove(at % count);
        }
        Step::Set(..) | Step::Unset(..) | Step::Take(..) | Step::Leave(_) => {}
    }
}

fn resume(
    subscription: Subscription,
    ago: u64,
    hub: &RealtimeHub,
    subscribers: &mut Vec<RealtimeSubscriber>,
    model: &mut Model,
) {
    let (last, mut modelled) = (model.published.len(), Modelled::default());
    modelled.set(subscription.clone());
    let after = last.saturating_sub(ago as usize);
    let oldest = last.saturating_sub(RECENT_EVENTS);
    let events = model.published.iter().enumerate().skip(after.max(oldest));
    let expected: Vec<_> = events.filter_map(|(at, event)| modelled.told(at + 1, event)).collect();
    let resumed = hub.resume(vec![subscription], after as u64).unwrap();
    assert_eq!(resumed.history.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(resumed.missed.map(|missed| missed.oldest), (after < oldest).then_some(oldest as u64 + 1));
    subscribers.push(resumed.subscriber);
    model.connections.push(modelled);
}

proptest! {
    #[test]
    fn tells_each_connection_what_the_model_tells(steps in vec(step(), 1..150)) {
        let settings = HubSettings { queue_events: QUEUE_EVENTS, recent_events: RECENT_EVENTS, ..HubSettings::default() };
        let hub = RealtimeHub::with_settings(settings, ManualClock::starting_at(0));
        let (mut subscribers, mut model) = (Vec::new(), Model::default());
        for step in steps {
            go(step, &hub, &mut subscribers, &mut model);
        }
        let metrics = hub.metrics();
        prop_assert_eq!((metrics.lagged, metrics.events_total), (model.missed, model.published.len() as u64));
        prop_assert_eq!(metrics.active_connections, subscribers.len() as u64);
        for at in 0..subscribers.len() {
            go(Step::Take(at, 2 * QUEUE_EVENTS), &hub, &mut subscribers, &mut model);
        }
        subscribers.clear();
        prop_assert_eq!(hub.index_places(), 0);
    }
}
