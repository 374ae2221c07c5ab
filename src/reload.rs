//! Reads the configuration again while the program runs, and takes over what can change.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use crate::acquisition::Control;
use crate::config::{self, Config, Loaded, Sources};
use crate::events::{Events, SERVER};
use crate::http::LiveSettings;
use crate::logging;

/// Takes a changed configuration over into the running program.
pub(crate) struct Reloader {
    pub(crate) sources: Sources,
    /// Notified when somebody asks for it.
    pub(crate) asked: Arc<Notify>,
    pub(crate) control: Arc<Control>,
    pub(crate) live: Arc<ArcSwap<LiveSettings>>,
    pub(crate) config: Arc<ArcSwap<Config>>,
    pub(crate) log: logging::Reload,
    pub(crate) events: Events,
}

impl Reloader {
    /// Reads the configuration whenever it is asked to, once for all that asked meanwhile. Never ends by itself.
    pub(crate) async fn run(self) {
        loop {
            self.asked.notified().await;
            let sources = self.sources.clone();
            // A file system that does not answer must hold up nobody else.
            match tokio::task::spawn_blocking(move || Loaded::load(&sources)).await {
                Ok(Ok(loaded)) => self.take_over(&loaded.config),
                Ok(Err(problems)) => log::error!(problems:% = problems; "Configuration not reloaded"),
                Err(_) => log::error!("Configuration not reloaded: the reading failed"),
            }
        }
    }

    fn take_over(&self, new: &Config) {
        let plan = config::reload(&self.config.load(), new);
        let now = plan.config;
        self.control.set_target_fps(now.stream.target_fps);
        self.live.store(Arc::new(LiveSettings::from(&now)));
        let level_changes = plan.changed.iter().any(|key| key == "log.level");
        if level_changes && self.log.set(&now.log.level) != Ok(true) {
            log::warn!(level = now.log.level.as_str(); "Log level not changed: RUST_LOG wins");
        }
        log::info!(changed = plan.changed.join(", "); "Configuration reloaded");
        if !plan.needs_restart.is_empty() {
            log::warn!(keys = plan.needs_restart.join(", "); "Changes that need a restart");
        }
        let told = serde_json::json!({ "changed": plan.changed, "needs_restart": plan.needs_restart });
        self.events.tell("config.reloaded", SERVER, &told);
        self.config.store(Arc::new(now));
    }
}
