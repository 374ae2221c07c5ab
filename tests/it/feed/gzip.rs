//! gzip segments as Python and curl read them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use photophone::feed::gzip::{GzipCompressor, GzipMember, GzipSegment, HEADER};
use serde_json::{Value, json};

use crate::support::python::reference;

/// Events as feeds make them, each third one private to its viewer.
fn events(count: usize) -> Vec<String> {
    let numbers = |event: usize| {
        let values = (event * 700..(event + 1) * 700).map(|n| format!("{}", (n as f32 * 0.129).sin()));
        values.collect::<Vec<_>>().join(",")
    };
    (0..count)
        .map(|event| if event % 3 == 2 { ": heartbeat\n\n".into() } else { format!("data: [{}]\n\n", numbers(event)) })
        .collect()
}

/// What goes over the wire: the header, a segment per event, the trailer.
fn parts(events: &[String]) -> Vec<Vec<u8>> {
    let (mut compressor, mut member) = (GzipCompressor::default(), GzipMember::default());
    let mut parts = vec![HEADER.to_vec()];
    for (number, event) in events.iter().enumerate() {
        let private = number % 3 == 2;
        let segment =
            if private { GzipSegment::stored(event.as_bytes()) } else { compressor.segment(event.as_bytes()) };
        member.join(&segment);
        parts.push(segment.deflated().to_vec());
    }
    parts.push(member.trailer().to_vec());
    parts
}

#[test]
fn python_has_each_event_as_soon_as_its_segment_came() {
    let events = events(20);
    let parts: Value = parts(&events).iter().map(|part| STANDARD.encode(part)).collect();
    let read = reference("gunzip.py", &parts);
    let expected: Vec<&str> = [""].into_iter().chain(events.iter().map(String::as_str)).chain([""]).collect();
    assert_eq!(read["parts"], json!(expected));
    assert_eq!((&read["whole"], &read["closed"]), (&json!(events.concat()), &json!(true)));
}

#[test]
fn curl_reads_the_member() {
    let events = events(7);
    let body = parts(&events).concat();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let length = socket.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
            assert!(request.contains("accept-encoding: ") && request.contains("gzip"), "{request}");
            let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
            socket.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        });
        let curl = ["--compressed", "--silent", "--show-error", "--fail", "--max-time", "20"];
        let output = Command::new("curl").args(curl).arg(&url).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), events.concat());
    });
}
