//! Connections on which no whole request comes: each is closed in time, and none takes a place among the streams.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::client::Client;
use crate::support::raw::connect;
use crate::support::server::Lab;

/// What comes until the other end closes; it does so before reads give up.
fn until_closed(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap_or_else(|error| panic!("{error} after {answer:?}"));
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn one_on_which_no_request_comes_is_closed() {
    let server = Lab::simulated("tone").config("server: {limits: {head_secs: 0.3}}").start();
    let health = "GET /api/health HTTP/1.1\r\nHost: lab\r\n\r\n";
    let begun: Vec<_> =
        ["", "G", "PRI ", "PRI * HTTP/2.0\r\n", &health[..health.len() - 1], health, &format!("{health}GET /")]
            .map(|begin| {
                let mut connection = connect(&server);
                connection.write_all(begin.as_bytes()).unwrap();
                (begin.to_owned(), connection)
            })
            .into();
    for (begin, connection) in begun {
        let answer = until_closed(connection);
        let answers = answer.matches("HTTP/1.1 200").count();
        assert_eq!(answers, usize::from(begin.starts_with(health)), "{begin:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_stream_lasts_longer_than_a_head_may_take() {
    let server = Lab::simulated("tone").config("server: {limits: {head_secs: 0.1}}").start();
    let mut stream = Client::reader(&server).get("/api/audio/stream/audio?fps=4").await;
    let mut events = 0;
    while events < 4 {
        let bytes = stream.chunk().await.unwrap().expect("the stream goes on");
        events += bytes.windows(4).filter(|word| word == b"\nid:" || word == b"id: ").count();
    }
}
