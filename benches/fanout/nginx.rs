//! nginx with its nchan module: started on a port of loopback with a configuration of its own, and published to over HTTP.

use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use photophone::feed::{FeedEvent, FeedSpec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::Transport;
use crate::{cores, reference};

const PROGRAM: &str = "/usr/sbin/nginx";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/// Why it cannot be measured here, if it cannot.
pub(crate) fn missing() -> Option<&'static str> {
    let is_there = Path::new(PROGRAM).is_file() && Path::new(MODULE).is_file();
    (!is_there).then_some("nchan is not installed; Debian's packages are nginx and libnginx-mod-nchan")
}

/// Starts it and waits until it listens: the process, and its host and port.
pub(crate) async fn start(dir: &Path) -> (Child, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = dir.join("nginx.conf");
    fs::write(&file, configuration(dir, port)).unwrap();
    let mut command = Command::new(PROGRAM);
    command.arg("-p").arg(dir).arg("-c").arg(&file).arg("-e").arg(dir.join("error.log"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = cores::spawn_server(&mut command).expect("nginx to start");
    let address = format!("127.0.0.1:{port}");
    for _ in 0..100 {
        if TcpStream::connect(&address).await.is_ok() {
            return (child, address);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(child.kill());
    drop(child.wait());
    panic!("{}", fs::read_to_string(dir.join("error.log")).unwrap_or_default());
}

fn configuration(dir: &Path, port: u16) -> String {
    let mut text = format!(
        "load_module {MODULE};\ndaemon off;\nworker_processes 1;\npid {0}/pid;\nerror_log {0}/error.log;\n\
         events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\ntcp_nodelay on;\n\
         client_max_body_size 1m;\nclient_body_buffer_size 512k;\n",
        dir.display()
    );
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        writeln!(text, "{kind}_temp_path {}/{kind};", dir.display()).unwrap();
    }
    write!(
        text,
        "nchan_shared_memory_size 256M;\nserver {{\nlisten 127.0.0.1:{port};\nkeepalive_requests 1000000;\n\
         location = /publish {{ nchan_publisher; nchan_channel_id a; nchan_message_buffer_length 60; }}\n\
         location = /subscribe {{ nchan_subscriber eventsource websocket; nchan_channel_id a; \
         nchan_subscriber_first_message newest; }}\n}}\n}}\n"
    )
    .unwrap();
    text
}

/// Publishes frames for as long as it takes them: JSON for server-sent events, else binary messages.
pub(crate) async fn publish(address: String, transport: Transport, rate_hz: u32) {
    let mut socket = TcpStream::connect(&address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let (mut ticks, mut frames, mut contents) = (reference::ticks(), FeedSpec::FRAMES.representation(), Vec::new());
    for number in 0.. {
        ticks.tick().await;
        frames.add(&Arc::new(reference::frame(number, rate_hz)), &mut contents);
        let content = contents.remove(0);
        let (kind, body) = match transport {
            Transport::Events => {
                let mut json = Vec::new();
                content.write_json(&mut json);
                ("application/json", json)
            }
            Transport::WebSocket => ("application/octet-stream", FeedEvent::data(content).message(0).to_vec()),
        };
        let head = format!(
            "POST /publish HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if socket.write_all(&[head.as_bytes(), &body].concat()).await.is_err() {
            return;
        }
        if read_answer(&mut socket).await.is_none() {
            return;
        }
    }
}

/// Reads one answer to its end; none when the connection has ended.
async fn read_answer(socket: &mut TcpStream) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head);
    assert!(head.starts_with("HTTP/1.1 20"), "{head}");
    let length = head.split_once("Content-Length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
    socket.read_exact(&mut vec![0; length.expect("an answer with a length")]).await.ok().map(drop)
}
