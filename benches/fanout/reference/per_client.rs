//! The plain way in Rocket: each viewer gets a clone of each frame and encodes it, `EventStream` and `Event::json`.

use photophone_signal::AudioFrame;
use photophone_signal::wire::FrameJson;
use rocket::response::stream::{Event, EventStream};
use rocket::{Shutdown, State, get, routes};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

type Frames = broadcast::Sender<AudioFrame>;

/// Serves until killed.
#[tokio::main]
pub(crate) async fn serve(rate_hz: u32) {
    let (frames, _) = broadcast::channel::<AudioFrame>(128);
    tokio::spawn(publish(rate_hz, frames.clone()));
    super::launch(rocket::build().manage(frames).mount("/api/audio/stream", routes![audio])).await;
}

async fn publish(rate_hz: u32, frames: Frames) {
    let mut ticks = super::ticks();
    for number in 0.. {
        ticks.tick().await;
        // Without viewers nobody wants it.
        frames.send(super::frame(number, rate_hz)).ok();
    }
}

#[get("/audio")]
fn audio(frames: &State<Frames>, mut end: Shutdown) -> EventStream![] {
    let mut frames = frames.subscribe();
    EventStream! {
        loop {
            let frame = tokio::select! {
                frame = frames.recv() => match frame {
                    Ok(frame) => frame,
                    Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => break,
                },
                () = &mut end => break,
            };
            let id = format!("{}:{}", frame.epoch, frame.first_sample);
            yield Event::json(&FrameJson::from(&frame)).id(id);
        }
    }
}
