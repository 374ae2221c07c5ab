//! Random steps, held to a list that is searched from end to end.

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Note(u8),
    Connect(u8),
    /// Ends one of the open connections.
    End(prop::sample::Index),
    Wait(u64),
    Take,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wait = prop_oneof![0..SECOND_US, Just(TIMEOUT_SECS * SECOND_US), 0..2 * TIMEOUT_SECS * SECOND_US];
    let step = prop_oneof![
        4 => (0_u8..8).prop_map(Step::Note),
        3 => (0_u8..8).prop_map(Step::Connect),
        3 => any::<prop::sample::Index>().prop_map(Step::End),
        3 => wait.prop_map(Step::Wait),
        1 => Just(Step::Take),
    ];
    prop::collection::vec(step, 0..120)
}

/// Who is live, in no particular order: name, last activity, connections.
#[derive(Default)]
struct Model {
    now_us: u64,
    users: Vec<(String, u64, usize)>,
    changes: Vec<String>,
}

impl Model {
    fn longest_idle(&self) -> Option<usize> {
        let idle = (0..self.users.len()).filter(|&at| self.users[at].2 == 0);
        idle.min_by_key(|&at| (self.users[at].1, self.users[at].0.clone()))
    }

    fn expire(&mut self) {
        while let Some(at) = self.longest_idle()
            && self.now_us >= self.users[at].1 + TIMEOUT_SECS * SECOND_US
        {
            self.leave(at);
        }
    }

    fn leave(&mut self, at: usize) {
        self.changes.push(format!("-{}", self.users.remove(at).0));
    }

    /// Whether there was a place.
    fn see(&mut self, name: &str, connections: usize, users_max: usize) -> bool {
        if let Some(user) = self.users.iter_mut().find(|user| user.0 == name) {
            (user.1, user.2) = (self.now_us, user.2 + connections);
            return true;
        }
        if self.users.len() == users_max {
            let Some(at) = self.longest_idle() else { return false };
            self.leave(at);
        }
        self.users.push((name.into(), self.now_us, connections));
        self.changes.push(format!("+{name}"));
        true
    }

    fn end(&mut self, name: &str) {
        let at = self.users.iter().position(|user| user.0 == name).unwrap();
        self.users[at].2 -= 1;
        if self.users[at].2 == 0 {
            self.leave(at);
        }
    }
}

proptest! {
    #[test]
    fn live_users_and_their_changes_are_those_of_a_plain_list(steps in steps(), users_max in 1_usize..10) {
        let (tracker, clock) = tracker(users_max);
        let mut open: Vec<Connection> = Vec::new();
        let (mut model, mut told) = (Model::default(), Vec::new());
        for step in steps {
            model.expire();
            match step {
                Step::Note(user) => {
                    let name = format!("user-{user}");
                    prop_assert_eq!(tracker.note(&name, None, None).is_ok(), model.see(&name, 0, users_max));
                }
                Step::Connect(user) => {
                    let name = format!("user-{user}");
                    let connection = tracker.connected(&name, None);
                    prop_assert_eq!(connection.is_ok(), model.see(&name, 1, users_max));
                    open.extend(connection);
                }
                Step::End(index) if !open.is_empty() => {
                    let connection = open.swap_remove(index.index(open.len()));
                    model.end(connection.distinct_id());
                    drop(connection);
                }
                Step::End(_) => {}
                Step::Wait(us) => {
                    clock.advance_us(us);
                    model.now_us += us;
                    model.expire();
                }
                Step::Take => told.extend(words(&tracker.take_changes())),
            }
            let live: BTreeSet<_> = names(&tracker).into_iter().collect();
            prop_assert_eq!(live, model.users.iter().map(|user| user.0.clone()).collect::<BTreeSet<_>>());
            prop_assert_eq!(tracker.count(), model.users.len() as u64);
        }
        open.clear();
        clock.advance_us(TIMEOUT_SECS * SECOND_US);
        prop_assert_eq!(tracker.count(), 0);
        told.extend(words(&tracker.take_changes()));
        assert_balanced(&told)?;
        if tracker.untold_presences() == 0 {
            prop_assert_eq!(&told[..model.changes.len()], &model.changes);
        }
    }
}
