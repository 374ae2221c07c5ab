//! Options of the sockets that viewers are served over. Rocket hands out neither its listener nor its connections, but
//! a connection inherits its options from the listening socket, and a program may ask for a copy of its own descriptor.

use std::fs;
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::time::Duration;

use rustix::net::{self, sockopt};
use rustix::process::{self, PidfdFlags, PidfdGetfdFlags};

/// Bytes that may wait in the kernel for a viewer that takes nothing; by itself it takes about 4 MB. The kernel doubles
/// what it is told.
const SEND_BUFFER_BYTES: usize = 128 * 1024;

/// A peer that is silent for so long is asked whether it is there; thrice in vain, and it is not.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_PROBES: u32 = 3;

/// Makes the kernel close connections whose peer takes nothing for `stall`, of all that come to the listening socket of
/// this `port` from now on.
///
/// # Errors
/// When the socket is not to be had, as in containers that forbid `pidfd_getfd`, or refuses an option.
pub fn bound_stalls(port: u16, stall: Duration) -> io::Result<()> {
    let socket = listening_socket(port)?;
    sockopt::set_tcp_user_timeout(&socket, u32::try_from(stall.as_millis()).unwrap_or(u32::MAX))?;
    sockopt::set_socket_send_buffer_size(&socket, SEND_BUFFER_BYTES)?;
    sockopt::set_socket_keepalive(&socket, true)?;
    sockopt::set_tcp_keepidle(&socket, KEEPALIVE_IDLE)?;
    sockopt::set_tcp_keepintvl(&socket, KEEPALIVE_INTERVAL)?;
    sockopt::set_tcp_keepcnt(&socket, KEEPALIVE_PROBES)?;
    Ok(())
}

/// A copy of the descriptor of the socket that listens on `port`.
fn listening_socket(port: u16) -> io::Result<OwnedFd> {
    let own = process::pidfd_open(process::getpid(), PidfdFlags::empty())?;
    let mut refusal = None;
    for entry in fs::read_dir("/proc/self/fd")? {
        let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse::<RawFd>().ok()) else { continue };
        match process::pidfd_getfd(&own, number, PidfdGetfdFlags::empty()) {
            Ok(socket) if listens_on(&socket, port) => return Ok(socket),
            // Closed meanwhile, as the one of the directory itself is.
            Ok(_) | Err(rustix::io::Errno::BADF) => {}
            Err(errno) => refusal = Some(errno),
        }
    }
    Err(refusal.map_or_else(|| io::Error::from(io::ErrorKind::NotFound), io::Error::from))
}

fn listens_on(socket: &OwnedFd, port: u16) -> bool {
    let local = || net::SocketAddrAny::try_into(net::getsockname(socket).ok()?).ok();
    sockopt::socket_acceptconn(socket).unwrap_or(false)
        && local().is_some_and(|address: net::SocketAddr| address.port() == port)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use super::*;

    #[test]
    fn connections_have_the_options_of_the_socket_that_accepted_them() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        bound_stalls(address.port(), Duration::from_secs(7)).unwrap();
        let _peer = TcpStream::connect(address).unwrap();
        let (connection, _) = listener.accept().unwrap();
        assert_eq!(sockopt::tcp_user_timeout(&connection).unwrap(), 7000);
        assert_eq!(sockopt::socket_send_buffer_size(&connection).unwrap(), 2 * SEND_BUFFER_BYTES);
        assert!(sockopt::socket_keepalive(&connection).unwrap());
    }

    #[test]
    fn a_port_that_nobody_listens_on_is_an_error() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        assert_eq!(bound_stalls(free, Duration::from_secs(1)).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
