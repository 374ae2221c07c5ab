//! What Rocket's way of bodies costs by itself: encodes each frame once and hands the same bytes to every body.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use photophone::feed::{FeedEvent, FeedSpec};
use rocket::http::ContentType;
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use rocket::{State, get, routes};
use tokio::sync::broadcast;
use tokio_util::io::StreamReader;

type Events = broadcast::Sender<Bytes>;

/// As the program has it.
const CHUNK_BYTES: usize = 64 * 1024;

/// Serves until killed.
#[tokio::main]
pub(crate) async fn serve(rate_hz: u32) {
    let events = Events::new(128);
    tokio::spawn(publish(rate_hz, events.clone()));
    super::launch(rocket::build().manage(events).mount("/api/audio/stream", routes![audio])).await;
}

async fn publish(rate_hz: u32, events: Events) {
    let mut ticks = super::ticks();
    let (mut frames, mut contents) = (FeedSpec::FRAMES.representation(), Vec::new());
    for number in 0.. {
        ticks.tick().await;
        frames.add(&Arc::new(super::frame(number, rate_hz)), &mut contents);
        // Without viewers nobody wants it.
        events.send(FeedEvent::data(contents.remove(0)).sse().clone()).ok();
    }
}

struct Body(broadcast::Receiver<Bytes>);

#[get("/audio")]
fn audio(events: &State<Events>) -> Body {
    Body(events.subscribe())
}

impl<'r> Responder<'r, 'r> for Body {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        let bytes = stream::unfold(self.0, async |mut events| {
            loop {
                match events.recv().await {
                    Ok(event) => return Some((Ok::<_, io::Error>(event), events)),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        let mut response = Response::new();
        response.set_header(ContentType::EventStream);
        response.set_streamed_body(StreamReader::new(Box::pin(bytes)));
        response.set_max_chunk_size(CHUNK_BYTES);
        Ok(response)
    }
}
