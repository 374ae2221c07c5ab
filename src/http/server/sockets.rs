//! The listening socket, and the options that connections inherit from it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::{TcpListener, TcpSocket};

/// Bytes that may wait in the kernel for a viewer that takes nothing; by itself it takes about 4 MB. The kernel doubles
/// what it is told.
const SEND_BUFFER_BYTES: usize = 128 * 1024;

/// A peer that is silent for so long is asked whether it is there; thrice in vain, and it is not.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_PROBES: u32 = 3;

/// Connections that wait to be accepted; the system may allow fewer.
const BACKLOG: u32 = 1024;

/// Listens on `address`. The kernel closes connections whose peer takes nothing for `stall`.
///
/// # Errors
/// When the system refuses the address or an option.
pub(super) fn listen(address: SocketAddr, stall: Duration) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that starts again does not wait for what the last one left in the system.
    socket.set_reuseaddr(true)?;
    sockopt::set_tcp_user_timeout(&socket, u32::try_from(stall.as_millis()).unwrap_or(u32::MAX))?;
    sockopt::set_socket_send_buffer_size(&socket, SEND_BUFFER_BYTES)?;
    sockopt::set_socket_keepalive(&socket, true)?;
    sockopt::set_tcp_keepidle(&socket, KEEPALIVE_IDLE)?;
    sockopt::set_tcp_keepintvl(&socket, KEEPALIVE_INTERVAL)?;
    sockopt::set_tcp_keepcnt(&socket, KEEPALIVE_PROBES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    #[tokio::test]
    async fn connections_have_the_options_of_the_socket_that_accepted_them() {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into(), Duration::from_secs(7)).unwrap();
        let _peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (connection, _) = listener.accept().await.unwrap();
        assert_eq!(sockopt::tcp_user_timeout(&connection).unwrap(), 7000);
        assert_eq!(sockopt::socket_send_buffer_size(&connection).unwrap(), 2 * SEND_BUFFER_BYTES);
        assert!(sockopt::socket_keepalive(&connection).unwrap());
    }
}
