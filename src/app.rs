//! The composition root: builds each part, draws each arrow, runs the whole and ends it. Nobody else knows all parts.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use thiserror::Error;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;

use crate::acquisition::{AcquisitionDaemon, Control};
use crate::announcement::announce;
use crate::auth::{Authority, StoreError};
use crate::clock::{SharedClock, SystemClock};
use crate::config::{Config, EventsConfig, Loaded, Problems, ServerConfig, SourceKind, Sources, StreamConfig};
use crate::events::{
    Events, EventsSettings, HistorySettings, HistoryWriter, HubSettings, StoreError as HistoryFileError, events_file,
};
use crate::feed::{EstimateBasis, Feeds, FeedsSettings};
use crate::http::{self, Api, Listener, LiveSettings, Parts};
use crate::lifecycle::{self, Ending, Request, Signals};
use crate::reload::Reloader;
use crate::report::report_at_intervals;
use crate::running::{self, RunningServer, ServedDir, ServedDirError};
use crate::source::{DeviceCatalogue, MicrophoneOpener, OpenSource, SimulatedOpener, WavOpener};
use crate::spectrum::Calibration;
use crate::stream::{Bounds, SharedAudioStream};
use crate::tls::TlsSettings;
use crate::witness::tell_of_stream;
use crate::{calibration, descriptors, logging, tls};

/// From the signal to the end of the server: connections get this long to close.
const CLOSE_WITHIN: Duration = Duration::from_millis(1200);

/// What remains for the last events once the server has ended.
const WRITE_WITHIN: Duration = Duration::from_millis(300);

/// What remains for threads after that.
const JOIN_WITHIN: Duration = Duration::from_millis(400);

/// Why the program could not serve.
#[derive(Debug, Error)]
pub enum AppError {
    /// The configuration has problems.
    #[error("{0}")]
    Config(#[from] Problems),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] ServedDirError),
    /// Keys, users or one-time links cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Events cannot be kept on disk.
    #[error(transparent)]
    History(#[from] HistoryFileError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source} (server.address and server.port, or --address and --port)")]
    Bind {
        /// Address and port.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Certificate or key cannot be used.
    #[error("{0}")]
    Tls(Problems),
    /// The server could not start for another reason.
    #[error("the server cannot start: {0}")]
    Launch(String),
    /// The system has no more threads or refuses signal handlers.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

/// Everything that runs beside the server.
struct Program {
    stream: SharedAudioStream,
    feeds: Feeds,
    events: Events,
    control: Arc<Control>,
    live: Arc<ArcSwap<LiveSettings>>,
    config: Arc<ArcSwap<Config>>,
    /// Somebody asked for the configuration to be read again.
    reload: Arc<Notify>,
    ending: Ending,
    threads: Vec<JoinHandle<()>>,
    /// What tells of the running program and changes it; ends before the program does.
    beside: JoinSet<()>,
    /// Writes events to disk, the last ones too.
    history: JoinSet<()>,
}

/// Serves until a signal ends it.
///
/// # Errors
/// [`AppError`]: why it could not start.
pub fn serve(sources: Sources, loaded: Loaded, log: logging::Reload) -> Result<(), AppError> {
    let data_dir = loaded.data_dir().map_err(|problem| Problems(vec![problem]))?;
    let tls = tls::settings(&loaded).map_err(|problems| AppError::Tls(Problems(problems)))?;
    let calibration = calibration::load(&loaded)?;
    let data_dir = ServedDir::hold(data_dir)?;
    let runtime = Runtime::new()?;
    let result = runtime.block_on(run(sources, loaded.config, calibration, tls, data_dir.path(), log));
    // Nothing that still runs may hold the process: it was told to end and had its time.
    runtime.shutdown_background();
    result
}

async fn run(
    sources: Sources,
    config: Config,
    calibration: Calibration,
    tls: Option<TlsSettings>,
    data_dir: &Path,
    log: logging::Reload,
) -> Result<(), AppError> {
    let signals = Signals::listen()?;
    warn_if_exposed(&config.server);
    descriptors::provide_for(&config.server);
    let (server, clock) = (config.server.clone(), SystemClock::shared());
    let authority = Arc::new(Authority::open(&config.auth, data_dir, Arc::clone(&clock))?);
    // A source is opened only by a server that has its port: a second one must not disturb the first one's device.
    let (has_port, may_open) = oneshot::channel();
    let (says_url, listens) = oneshot::channel();
    let (events, history) = open_events(&config.events, data_dir, &clock).await?;
    let (mut program, api) = Program::build(config, calibration, events, &clock, Arc::clone(&authority), may_open)?;
    program.history.extend(history.map(HistoryWriter::run));
    program.beside.spawn(tell_of_stream(program.stream.clone(), program.events.clone()));
    program.beside.spawn(program.events.clone().tell_presence());
    program.beside.spawn(announce(listens, authority, program.stream.clone()));
    program.beside.spawn(report_at_intervals(program.stream.clone(), Arc::clone(&program.config)));
    program.beside.spawn(program.reloader(sources, log).run());
    let listener = Listener::bind(&server, tls, Arc::clone(&clock))
        .map_err(|source| AppError::Bind { address: SocketAddr::new(server.address, server.port), source });
    let served = match listener {
        Ok(listener) => {
            api.set_port(listener.port());
            let url = running::url(server.address, listener.port(), server.tls.cert.is_some());
            lift_off(url, data_dir, has_port, says_url);
            serve_until_signalled(listener, api, &mut program, signals).await
        }
        Err(error) => Err(error),
    };
    program.end_history().await;
    program.end();
    served
}

/// The server listens: lets the source open, leaves a note for other commands, and tells the URL to `listens`.
fn lift_off(url: String, data_dir: &Path, may_open: oneshot::Sender<()>, listens: oneshot::Sender<String>) {
    // Nobody hears these when the program is ending already.
    may_open.send(()).unwrap_or_default();
    if let Err(error) = RunningServer::announce(data_dir, &url) {
        log::warn!(error:% = error; "Other commands cannot find this server");
    }
    listens.send(url).unwrap_or_default();
}

/// Runs the server until a signal ends it.
async fn serve_until_signalled(
    listener: Listener,
    api: Api,
    program: &mut Program,
    mut signals: Signals,
) -> Result<(), AppError> {
    let (connections, ending) = (api.connections().clone(), program.ending.clone());
    let mut served = pin!(listener.serve(http::rocket(api), &connections, &ending, CLOSE_WITHIN));
    loop {
        tokio::select! {
            result = &mut served => return result.map(drop).map_err(|error| AppError::Launch(error.to_string())),
            request = signals.next() => match request {
                Request::Reload => program.reload.notify_one(),
                Request::Terminate => break,
            }
        }
    }
    // What tells of a running stream would tell wrong things of one that is ending.
    program.beside.shutdown().await;
    log::info!("Ending");
    program.tell_the_end();
    match served.await {
        Ok(true) => Ok(()),
        Ok(false) => {
            log::warn!("Connections did not close in time");
            Ok(())
        }
        Err(error) => Err(AppError::Launch(error.to_string())),
    }
}

impl Program {
    fn build(
        config: Config,
        calibration: Calibration,
        events: Events,
        clock: &SharedClock,
        authority: Arc<Authority>,
        may_open: oneshot::Receiver<()>,
    ) -> Result<(Self, Api), AppError> {
        let stream = SharedAudioStream::new(bounds(&config.stream), Arc::clone(clock));
        let feeds = Feeds::new(stream.clone(), Arc::clone(clock), feeds_settings(&config.stream));
        let daemon = AcquisitionDaemon::new(
            opener(&config, clock)?,
            stream.clone(),
            Arc::clone(clock),
            &config.source,
            &config.stream,
        );
        let control = daemon.control();
        let daemon_thread = lifecycle::spawn_thread("acquisition", move || {
            if may_open.blocking_recv().is_ok() {
                daemon.run();
            }
        })?;
        let live = Arc::new(ArcSwap::from_pointee(LiveSettings::from(&config)));
        let ending = Ending::new();
        let parts = Parts {
            stream: stream.clone(),
            feeds: feeds.clone(),
            events: events.clone(),
            captures_per_second: config.events.per_second,
            spectral_window: (config.stream.spectral_window_size, config.stream.spectral_window),
            estimates: Arc::new(EstimateBasis::new(calibration)),
            calibration: config.calibration.clone(),
            authority,
            devices: Arc::new(DeviceCatalogue::new(config.source.device.clone())),
            clock: Arc::clone(clock),
            live: Arc::clone(&live),
            ending: ending.clone(),
        };
        let api = Api::new(parts, &config.server);
        let config = Arc::new(ArcSwap::from_pointee(config));
        let (threads, beside, history) = (vec![daemon_thread], JoinSet::new(), JoinSet::new());
        let reload = Arc::new(Notify::new());
        Ok((Self { stream, feeds, events, control, live, config, reload, ending, threads, beside, history }, api))
    }

    fn reloader(&self, sources: Sources, log: logging::Reload) -> Reloader {
        Reloader {
            sources,
            asked: Arc::clone(&self.reload),
            control: Arc::clone(&self.control),
            live: Arc::clone(&self.live),
            config: Arc::clone(&self.config),
            log,
            events: self.events.clone(),
        }
    }

    fn tell_the_end(&self) {
        self.control.stop();
        self.ending.cancel();
    }

    /// Brings to disk what was published last.
    async fn end_history(&mut self) {
        self.events.end();
        let written = async { while self.history.join_next().await.is_some() {} };
        if tokio::time::timeout(WRITE_WITHIN, written).await.is_err() {
            let (events, on_disk_until) =
                self.events.history_metrics().map_or((0, None), |metrics| (metrics.pending, metrics.durable_until));
            let on_disk_until = on_disk_until.unwrap_or_default();
            log::error!(events, on_disk_until; "The disk did not take the last events in time: they are lost");
        }
    }

    /// Ends the threads. One that hangs in a driver is left behind; the process ends all the same.
    fn end(&mut self) {
        self.tell_the_end();
        self.stream.close();
        self.threads.extend(self.feeds.end());
        for name in lifecycle::join_within(&mut self.threads, JOIN_WITHIN) {
            log::warn!(thread = name.as_str(); "Thread did not end in time");
        }
    }
}

fn bounds(stream: &StreamConfig) -> Bounds {
    Bounds {
        lag_items: stream.broadcast_buffer_size.frames() as u64,
        history_us: (stream.history_secs * 1e6) as u64,
        history_bytes: stream.history_mib << 20,
    }
}

fn feeds_settings(stream: &StreamConfig) -> FeedsSettings {
    FeedsSettings {
        bounds: bounds(stream),
        feeds_max: stream.feeds_max,
        feeds_per_subject: stream.feeds_per_subject,
        cores_per_feed: stream.cores_per_feed,
        fast_patience_us: (stream.fast_patience_secs * 1e6) as u64,
    }
}

fn events_settings(events: &EventsConfig) -> EventsSettings {
    EventsSettings {
        environment: events.environment.clone(),
        hub: HubSettings {
            recent_events: events.recent_events,
            recent_bytes: events.recent_mib << 20,
            queue_events: events.queue_events,
            ..HubSettings::default()
        },
        user_timeout_secs: events.user_timeout_secs,
    }
}

/// The events of this run, and who writes them to disk, if they are to be kept there.
async fn open_events(
    events: &EventsConfig,
    data_dir: &Path,
    clock: &SharedClock,
) -> Result<(Events, Option<HistoryWriter>), HistoryFileError> {
    let (settings, clock) = (events_settings(events), Arc::clone(clock));
    if events.retention_days == 0 {
        return Ok((Events::new(settings, clock), None));
    }
    let history = HistorySettings {
        path: events_file(data_dir),
        retention_days: events.retention_days,
        bytes_max: events.history_mib << 20,
        flush: Duration::from_millis(events.flush_ms),
    };
    let (events, writer) = Events::open(settings, history, clock).await?;
    Ok((events, Some(writer)))
}

fn opener(config: &Config, clock: &SharedClock) -> Result<Box<dyn OpenSource>, AppError> {
    let (source, clock) = (config.source.clone(), Arc::clone(clock));
    Ok(match source.kind {
        SourceKind::Mic => Box::new(MicrophoneOpener::new(&source, clock)),
        SourceKind::Sim => Box::new(SimulatedOpener::new(source, clock)),
        SourceKind::Wav => {
            // The configuration's own rules demand a path for this kind.
            let path = source.path.clone().unwrap_or_default();
            Box::new(WavOpener::new(path, &source, clock))
        }
    })
}

/// Whether passwords and tokens travel in the clear beyond this machine.
fn is_exposed(server: &ServerConfig) -> bool {
    !server.address.to_canonical().is_loopback() && server.tls.cert.is_none()
}

fn warn_if_exposed(server: &ServerConfig) {
    if is_exposed(server) {
        log::warn!(address:% = server.address;
            "Listening beyond this machine without TLS: passwords and tokens can be read on the way (server.tls)");
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn only_plain_http_beyond_this_machine_is_exposed() {
        for (address, cert, exposed) in [
            ("127.0.0.1", None, false),
            ("::1", None, false),
            ("::ffff:127.0.0.1", None, false),
            ("0.0.0.0", None, true),
            ("::", None, true),
            ("192.0.2.7", None, true),
            ("0.0.0.0", Some(PathBuf::from("cert.pem")), false),
        ] {
            let mut server = ServerConfig { address: address.parse().unwrap(), ..ServerConfig::default() };
            server.tls.cert = cert;
            assert_eq!(is_exposed(&server), exposed, "{address}");
        }
    }
}
