//! The server's end of each connection: one port, HTTP/1.1, HTTP/2 and TLS by hyper. Rocket has no listener here: it is
//! handed each request and gives the answer's head; what streams goes past it (`docs/decisions/0008`).

mod answer;
mod connection;
mod dispatch;
mod exchange;
mod sockets;
mod transport;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket};
use rustls::ServerConfig as TlsSettings;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

pub(super) use self::answer::LiveBody;
use self::connection::Terms;
pub(super) use self::exchange::{BodyError, Exchange, Raised};
pub(super) use self::transport::Transport;
use crate::clock::SharedClock;
use crate::config::ServerConfig;
use crate::lifecycle::Ending;

/// After a refusal of the system to give one more connection, such as for want of descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A port that is listened on; nobody is answered yet.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    terms: Terms,
    clock: SharedClock,
}

impl Listener {
    /// Takes the port of `server`.
    ///
    /// # Errors
    /// When the system refuses the address, or an option of the socket.
    pub fn bind(server: &ServerConfig, tls: Option<Arc<TlsSettings>>, clock: SharedClock) -> io::Result<Self> {
        let socket = sockets::listen(SocketAddr::new(server.address, server.port), server.stall())?;
        let address = socket.local_addr()?;
        let terms = Terms { head_within: server.limits.head(), stall: server.stall() };
        Ok(Self { socket, address, tls: tls.map(TlsAcceptor::from), terms, clock })
    }

    /// The port, which the system may have chosen.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers until `ending`; then connections get `patience` to close. False when some did not.
    ///
    /// # Errors
    /// What keeps Rocket from starting.
    pub async fn serve(
        self,
        rocket: Rocket<Build>,
        connections: &TaskTracker,
        ending: &Ending,
        patience: Duration,
    ) -> Result<bool, rocket::Error> {
        // Requests borrow from it, and connections outlive this function when they do not close in time.
        let rocket: &'static Client = Box::leak(Box::new(Client::untracked(rocket).await?));
        ending.run_until_cancelled(self.accept(rocket, connections, ending)).await;
        connections.close();
        Ok(timeout(patience, connections.wait()).await.is_ok())
    }

    async fn accept(&self, rocket: &'static Client, connections: &TaskTracker, ending: &Ending) {
        loop {
            match self.socket.accept().await {
                Ok((socket, peer)) => {
                    let (tls, clock, ending) = (self.tls.clone(), Arc::clone(&self.clock), ending.clone());
                    connection::spawn(connections, rocket, (socket, peer), tls, self.terms, clock, ending);
                }
                Err(error) => {
                    log::debug!(error:% = error; "Connection not accepted");
                    sleep(ACCEPT_AGAIN).await;
                }
            }
        }
    }
}
