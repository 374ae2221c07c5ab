//! The composition root: builds each part, draws each arrow, runs the whole and ends it. Nobody else knows all parts.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use rocket::fairing::AdHoc;
use thiserror::Error;
use tokio::runtime::Runtime;

use crate::acquisition::{AcquisitionDaemon, Control};
use crate::auth::{Authority, StoreError};
use crate::clock::{SharedClock, SystemClock};
use crate::config::{self, Config, Loaded, Problems, SourceConfig, SourceKind, Sources};
use crate::data_dir::{DataDir, DataDirError};
use crate::feed::{Feed, FeedSettings, FrameRepresentation, SpectrumRepresentation};
use crate::http::{self, Api, LiveSettings, Parts};
use crate::lifecycle::{self, Ending, Request, Signals};
use crate::logging;
use crate::report::{self, FrameRateAlarm};
use crate::source::{DeviceCatalogue, MicrophoneOpener, OpenSource, SimulatedOpener, WavOpener};
use crate::stream::{SharedAudioStream, StreamItem, Next};

/// Time from the signal to the end of the process.
const END_WITHIN: Duration = Duration::from_millis(1900);

/// Time that remains for threads once the server has ended.
const JOIN_WITHIN: Duration = Duration::from_millis(300);

/// Why the program could not serve.
#[derive(Debug, Error)]
pub enum AppError {
    /// The configuration has problems.
    #[error("{0}")]
    Config(#[from] Problems),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// Keys, users or one-time links cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source} (server.address, server.port, or --address, --port)")]
    Bind {
        /// Address and port.
        address: std::net::SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The server could not start for another reason, such as an unreadable certificate.
    #[error("the server cannot start: {0}")]
    Launch(String),
    /// The system has no more threads or refuses signal handlers.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

/// Everything that runs beside the server.
struct Running {
    clock: SharedClock,
    stream: SharedAudioStream,
    control: Arc<Control>,
    live: Arc<ArcSwap<LiveSettings>>,
    settings: Arc<ArcSwap<Config>>,
    ending: Ending,
    log: logging::Reload,
    threads: Vec<JoinHandle<()>>,
}

/// Serves until a signal ends it.
///
/// # Errors
/// [`AppError`]: why it could not start.
pub fn serve(sources: &Sources, loaded: Loaded, log: logging::Reload) -> Result<(), AppError> {
    let data_dir = DataDir::open_for_server(loaded.data_dir().map_err(|problem| Problems(vec![problem]))?)?;
    let runtime = Runtime::new()?;
    let result = runtime.block_on(run(sources, loaded.config, &data_dir, log));
    // Nothing that still runs may hold the process: it was told to end and had its time.
    runtime.shutdown_background();
    result
}

async fn run(sources: &Sources, config: Config, data_dir: &DataDir, log: logging::Reload) -> Result<(), AppError> {
    let mut signals = Signals::listen()?;
    warn_if_exposed(&config);
    let clock = SystemClock::shared();
    let authority = Arc::new(Authority::open(&config.auth, data_dir.path(), Arc::clone(&clock))?);
    let (mut running, api) = build(config, clock, authority, log)?;
    let server = running.settings.load().server.clone();
    let announcement = announce(&running, &api, data_dir.path().to_owned(), server.tls.cert.is_some());
    let rocket = http::rocket(api, &server).attach(announcement);
    let rocket = rocket.ignite().await.map_err(|error| launch_error(&error, &server))?;
    let shutdown = rocket.shutdown();
    let mut launch = tokio::spawn(rocket.launch());
    let watch = tokio::spawn(watch(running.stream.clone(), Arc::clone(&running.settings), running.ending.clone()));
    let outcome = loop {
        tokio::select! {
            launched = &mut launch => break launched,
            request = signals.next() => match request {
                Request::Reload => running.reload(sources),
                Request::Terminate => {
                    log::info!("Ending");
                    running.tell_the_end();
                    shutdown.clone().notify();
                    match tokio::time::timeout(END_WITHIN, &mut launch).await {
                        Ok(launched) => break launched,
                        Err(_) => {
                            log::warn!("Connections did not close in time");
                            break Ok(Ok(rocket_ended()));
                        }
                    }
                }
            }
        }
    };
    running.tell_the_end();
    running.join();
    watch.abort();
    data_dir.withdraw();
    match outcome {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(launch_error(&error, &server)),
        Err(error) => Err(AppError::Launch(error.to_string())),
    }
}
