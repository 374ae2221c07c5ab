//! A request byte by byte, for what no well-behaved client sends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::server::{PATIENCE, Server};

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Status line and headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends `request`, which should ask for `Connection: close`, and reads to the end.
pub(crate) fn exchange(server: &Server, request: impl AsRef<[u8]>) -> Reply {
    let mut connection = connect(server);
    connection.write_all(request.as_ref()).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap_or_else(|error| panic!("{error} after {answer:?}"));
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Reply { status, head: head.to_lowercase(), body: body.to_owned() }
}

/// Sends `request` and reads the status and the head of the answer, in lower case; the connection is then closed.
pub(crate) fn head(server: &Server, request: impl AsRef<[u8]>) -> (u16, String) {
    let mut connection = connect(server);
    connection.write_all(request.as_ref()).unwrap();
    let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
    let head: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let status = head.first().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no answer: {head:?}")), head.join("\r\n").to_lowercase())
}

/// A bare connection whose reads end in time.
pub(crate) fn connect(server: &Server) -> TcpStream {
    let address = server.url.strip_prefix("http://").unwrap();
    let connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}
