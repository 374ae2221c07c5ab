//! What a changed configuration can change in a running program, and what needs a restart.

use super::Config;
use super::keys::Keys;
use super::load::tree;

/// Keys that take effect while the program runs. Their documentation says `Reloadable.`; a test holds the two
/// together.
const RELOADABLE: &[&str] = &[
    "server.cors_origins",
    "stream.target_fps",
    "stream.sse_timeout_secs",
    "stream.enable_heartbeats",
    "stream.min_fps",
    "log.level",
    "log.stats_secs",
];

/// What a reload does.
#[derive(Clone, Debug, PartialEq)]
pub struct ReloadPlan {
    /// What holds from then on: the old configuration with the keys of `changed` from the new one.
    pub config: Config,
    /// Paths of keys that change now.
    pub changed: Vec<String>,
    /// Paths of keys that differ but keep their old value until the next start.
    pub needs_restart: Vec<String>,
}

/// Compares key by key.
pub fn reload(old: &Config, new: &Config) -> ReloadPlan {
    let (mut in_force, wanted) = (tree(old), tree(new));
    let (mut changed, mut needs_restart) = (Vec::new(), Vec::new());
    for key in Keys::all().iter() {
        let (Some(held), Some(asked)) = (in_force.pointer_mut(&key.pointer()), wanted.pointer(&key.pointer())) else {
            continue;
        };
        if held == asked {
            continue;
        }
        if RELOADABLE.contains(&key.path.as_str()) {
            held.clone_from(asked);
            changed.push(key.path.clone());
        } else {
            needs_restart.push(key.path.clone());
        }
    }
    ReloadPlan { config: serde_json::from_value(in_force).unwrap_or_else(|_| old.clone()), changed, needs_restart }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BroadcastBuffer;
    use crate::config::tests::documentation;

    #[test]
    fn the_same_configuration_changes_nothing() {
        let plan = reload(&Config::default(), &Config::default());
        let nothing = ReloadPlan { config: Config::default(), changed: vec![], needs_restart: vec![] };
        assert_eq!(plan, nothing);
    }

    #[test]
    fn some_keys_change_now_and_others_at_the_next_start() {
        let mut new = Config::default();
        new.stream.target_fps = 20.0;
        new.stream.broadcast_buffer_size = BroadcastBuffer::Recording;
        new.server.cors_origins = vec!["http://lab:3000".into()];
        new.server.port = 9000;
        let plan = reload(&Config::default(), &new);
        assert_eq!(plan.changed, ["server.cors_origins", "stream.target_fps"]);
        assert_eq!(plan.needs_restart, ["server.port", "stream.broadcast_buffer_size"]);
        assert_eq!(plan.config.stream.target_fps, 20.0);
        assert_eq!(plan.config.server.port, 8080);
        assert_eq!(reload(&plan.config, &new).changed, Vec::<String>::new());
    }

    #[test]
    fn the_documentation_of_a_key_tells_whether_it_is_reloadable() {
        for key in Keys::all().iter() {
            assert_eq!(
                documentation(&key.path).contains("Reloadable."),
                RELOADABLE.contains(&key.path.as_str()),
                "{}",
                key.path
            );
        }
        RELOADABLE.iter().for_each(|path| assert!(Keys::all().find(path).is_some(), "{path}"));
    }
}
