//! The HTTP interface: Rocket, one mount table, guards as types; `routes` mirrors the URL tree.
//!
//! It sees handles only: the stream, its feeds, the authority. It computes nothing and encodes no frame.

mod activity;
mod assets;
mod bell;
mod body;
mod capture_limiter;
mod cors;
mod dashboard;
mod delivery;
mod error;
mod event_delivery;
mod event_stream;
mod event_talk;
mod guard;
mod lifetime;
mod live;
mod login_limiter;
mod no_store;
mod openapi;
mod query;
mod routes;
mod server;
mod settings;
mod silence;
mod subscriptions;
mod table;
mod talk;
mod upkeep;
mod viewers;
mod viewing;
mod watch;
mod websocket;

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use capture_limiter::CaptureLimiter;
use rocket::config::{Ident, Shutdown};
use rocket::http::Status;
use rocket::log::LogLevel;
use rocket::{Build, Rocket, Route, routes};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use viewers::Viewers;

pub use error::ApiError;
pub use login_limiter::LoginLimiter;
pub use openapi::document as openapi_document;
pub use server::Listener;
pub use settings::LiveSettings;

use crate::auth::{Authority, Claims};
use crate::clock::SharedClock;
use crate::config::{CalibrationConfig, ServerConfig, WindowKind};
use crate::events::{Connection, Events};
use crate::feed::{EstimateBasis, Feeds};
use crate::lifecycle::Ending;
use crate::source::DeviceCatalogue;
use crate::stream::SharedAudioStream;

/// What the routes hold; cheap to clone.
#[derive(Clone)]
pub struct Api {
    parts: Arc<Parts>,
    /// The port that the server listens on, once it does.
    port: Arc<OnceLock<u16>>,
    /// Whether cookies may travel over TLS only.
    secure: bool,
    body: body::Bounds,
    /// Bound on login attempts.
    logins: Arc<LoginLimiter>,
    /// Bound on captured events.
    captures: Arc<CaptureLimiter>,
    stream_slots: Arc<Semaphore>,
    /// For how long a viewer may take nothing.
    stall: Duration,
    viewers: Arc<Viewers>,
    /// The dashboard, for all who follow it.
    dashboard: Arc<dashboard::Board>,
    /// What is open, streams past Rocket included: the server's end waits for them.
    connections: TaskTracker,
    /// Held by who lists the devices.
    listing: Arc<Mutex<()>>,
}

/// The handles that the routes work with.
pub struct Parts {
    /// The stream.
    pub stream: SharedAudioStream,
    /// What viewers see of the stream, each computed and encoded once.
    pub feeds: Feeds,
    /// Samples and function of the window of who asks for no other.
    pub spectral_window: (usize, WindowKind),
    /// What happens in the lab.
    pub events: Events,
    /// Captured events per second and subject.
    pub captures_per_second: u32,
    /// What estimates of spectra need beside their settings.
    pub estimates: Arc<EstimateBasis>,
    /// What the samples of each channel are, as configured.
    pub calibration: CalibrationConfig,
    /// Judge and maker of tokens.
    pub authority: Arc<Authority>,
    /// The input devices of this machine.
    pub devices: Arc<DeviceCatalogue>,
    /// Time.
    pub clock: SharedClock,
    /// What SIGHUP may change.
    pub live: Arc<ArcSwap<LiveSettings>>,
    /// Set when the server ends.
    pub ending: Ending,
}

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Api {
    /// The routes' view of the program, bounded by `server`.
    pub fn new(parts: Parts, server: &ServerConfig) -> Self {
        let stall = server.stall();
        let viewers =
            Viewers::new(parts.events.clone(), Arc::clone(&parts.clock), stall, Arc::clone(parts.stream.audience()));
        let captures = Arc::new(CaptureLimiter::new(parts.captures_per_second));
        Self {
            parts: Arc::new(parts),
            port: Arc::new(OnceLock::new()),
            secure: server.tls.cert.is_some(),
            body: body::Bounds::from(&server.limits),
            captures,
            logins: Arc::new(LoginLimiter::new(server.limits.logins_per_minute)),
            stream_slots: Arc::new(Semaphore::new(server.limits.streams)),
            stall,
            viewers,
            dashboard: Arc::default(),
            connections: TaskTracker::new(),
            listing: Arc::default(),
        }
    }

    /// Learns the port, which the system may have chosen. Only the first call counts.
    pub fn set_port(&self, port: u16) {
        self.port.get_or_init(|| port);
    }

    /// What is open.
    pub fn connections(&self) -> &TaskTracker {
        &self.connections
    }

    /// Name of the session cookie. Browsers share cookies between the ports of a host, so it holds the port.
    pub fn cookie_name(&self) -> String {
        format!("photophone_{}", self.port.get().copied().unwrap_or_default())
    }

    /// What SIGHUP may change, as it is now.
    pub fn settings(&self) -> Arc<LiveSettings> {
        self.live.load_full()
    }

    fn claim_stream_slot(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        Arc::clone(&self.stream_slots).try_acquire_owned().map_err(|_full| {
            let message = "as many streams are open as server.limits.streams allows";
            ApiError::new(Status::ServiceUnavailable, "streams_full", message).retry_after_secs(5)
        })
    }

    /// Keeps the owner of `claims` live as long as it is held.
    fn connect_user(&self, claims: &Claims) -> Result<Connection, ApiError> {
        self.events.users().connected(&claims.sub, None).map_err(|full| {
            ApiError::new(Status::ServiceUnavailable, "users_full", full.to_string()).retry_after_secs(5)
        })
    }
}

/// The whole interface on one page: where, and what.
fn mounts() -> HashMap<&'static str, Vec<Route>> {
    use routes::stream::{self, audio, envelope, levels, lockin, spectral, viewers, ws};
    use routes::{auth, devices, doc, health, page, realtime, source, time, version};
    HashMap::from([
        ("/", routes![page::index, page::live, page::events, page::login, page::file, cors::preflight]),
        ("/api", routes![health::health, version::version, source::source, devices::devices, time::time, doc::openapi]),
        ("/api/doc", routes![doc::page]),
        ("/api/auth", routes![auth::methods, auth::login, auth::code, auth::session, auth::adopt, auth::logout]),
        (
            "/api/audio/stream",
            routes![
                stream::stats,
                stream::latest,
                stream::feeds,
                audio::audio,
                envelope::envelope,
                levels::levels,
                spectral::spectral,
                lockin::lockin,
                ws::ws,
                viewers::viewers
            ],
        ),
        (
            "/api/realtime",
            routes![
                realtime::capture::capture,
                realtime::capture::batch,
                realtime::sse::sse,
                realtime::events::events,
                realtime::ws::ws,
                realtime::users,
                realtime::dashboard,
                realtime::dashboard_sse,
                realtime::metrics
            ],
        ),
    ])
}

/// Every route as (method, path), for whoever documents them.
pub fn routes() -> Vec<(String, String)> {
    let routes_at = |(base, routes): (&'static str, Vec<Route>)| {
        routes.into_iter().map(move |route| {
            let path = format!("{}{}", base.trim_end_matches('/'), route.uri.path());
            (route.method.as_str().to_owned(), path)
        })
    };
    mounts().into_iter().flat_map(routes_at).collect()
}

/// The routes with what surrounds them, for [`Listener::serve`].
pub fn rocket(api: Api) -> Rocket<Build> {
    let rocket = rocket::custom(rocket_config())
        .manage(api)
        .attach(cors::Cors)
        .attach(no_store::NoStore)
        .register("/", error::catchers());
    mounts().into_iter().fold(rocket, |rocket, (base, routes)| rocket.mount(base, routes))
}

fn rocket_config() -> rocket::Config {
    rocket::Config {
        ident: Ident::try_new("photophone").unwrap_or_else(|_| Ident::none()),
        // A header that any client can send says nothing about its address.
        ip_header: None,
        shutdown: Shutdown { ctrlc: false, signals: Default::default(), ..Shutdown::default() },
        // At higher levels Rocket writes whole URIs to the log, one-time codes included.
        log_level: LogLevel::Critical,
        cli_colors: false,
        ..rocket::Config::default()
    }
}
