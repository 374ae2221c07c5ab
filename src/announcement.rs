//! What `serve` says on stdout once it listens: where, a one-time login link, and the source that really runs.

use std::io::{self, Write};
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::auth::Authority;
use crate::running;
use crate::source;
use crate::stream::{DaemonState, Lateness, Next, SharedAudioStream, Start, StreamItem};

/// Says everything as soon as it is known; `listens` tells the server's URL.
pub(crate) async fn announce(listens: oneshot::Receiver<String>, authority: Arc<Authority>, stream: SharedAudioStream) {
    // A server that cannot start says why elsewhere.
    let Ok(url) = listens.await else { return };
    say(format!("listening on {url}")).await;
    if authority.can_issue() {
        say_login_link(authority, &url).await;
    }
    if let Some(line) = source_line(&stream).await {
        say(line).await;
    }
}

async fn say_login_link(authority: Arc<Authority>, url: &str) {
    match tokio::task::spawn_blocking(move || authority.login_code()).await {
        Ok(Ok(code)) => say(format!("log in once with {}", running::login_url(url, &code))).await,
        Ok(Err(error)) => log::error!(error:% = error; "No login link"),
        Err(_) => {}
    }
}

/// The source that really runs, as soon as it is known, or why none does.
async fn source_line(stream: &SharedAudioStream) -> Option<String> {
    let (mut changes, _) = stream.subscribe_internally(Start::Newest, Lateness::Skip);
    loop {
        let now = stream.state();
        if let Some(info) = stream.source() {
            return Some(format!("source: {}", source::describe(&info)));
        }
        if now.state != DaemonState::Starting {
            let why = now.reason.as_ref().map(|reason| reason.message.as_str()).unwrap_or_default();
            return Some(format!("source: none, {}: {why}", now.state));
        }
        while !matches!(changes.next().await?, Next::Item(StreamItem::State(_))) {}
    }
}

/// Writes a line to stdout, and only one: names of files and devices may hold anything.
async fn say(line: String) {
    let line = line.replace(char::is_control, "\u{FFFD}");
    let write = move || {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{line}").and_then(|()| stdout.flush())
    };
    // Nobody may read it, now or any more: then a thread of its own waits, or there is nobody to tell.
    drop(tokio::task::spawn_blocking(write).await);
}
