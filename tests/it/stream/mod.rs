//! The live stream as its viewers see it.

use crate::support::client::{Client, Told};
use crate::support::server::Lab;

#[tokio::test]
async fn frames_follow_each_other_without_a_hole() {
    let server = Lab::simulated("tone").start();
    let mut events = Client::reader(&server).frames().await;
    let Some(Told::State(state)) = events.next().await else { panic!("the state comes first") };
    assert_eq!(state["state"], "running");
    let mut next = events.frame().await.first_sample;
    for _ in 0..10 {
        let frame = events.frame().await;
        assert!(frame.first_sample > next);
        next = frame.first_sample;
    }
}
