//! How long a connection that stays open may: until the server ends, or the token of who opened it.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Api;
use super::delivery::{Farewell, farewell};
use crate::auth::Claims;

/// Longest time between two looks at the token's end: timers are bounded, sessions need not be.
const TOKEN_LOOK_MAX: Duration = Duration::from_secs(24 * 3600);

/// What ends a connection, whatever it carries.
pub(super) struct Lifetime {
    api: Api,
    /// Completes when the server ends; kept, so that not every event asks for it anew.
    ending: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Completes when the token's end is to be looked at.
    token_look: Pin<Box<Sleep>>,
    token_ends_secs: u64,
}

impl Lifetime {
    /// Of a connection that the owner of `claims` opens.
    pub(super) fn new(api: &Api, claims: &Claims) -> Self {
        Self {
            ending: Box::pin(api.ending.clone().cancelled_owned()),
            token_look: Box::pin(sleep(token_look(api, claims.exp))),
            token_ends_secs: claims.exp,
            api: api.clone(),
        }
    }

    /// Completes when it is over, with the last words. Cancel-safe; not to be asked again after that.
    pub(super) async fn over(&mut self) -> Farewell {
        loop {
            tokio::select! {
                biased;
                () = &mut self.ending => return farewell::SERVER_ENDS,
                () = &mut self.token_look => match token_look(&self.api, self.token_ends_secs) {
                    Duration::ZERO => return farewell::TOKEN_EXPIRED,
                    left => self.token_look.as_mut().reset(Instant::now() + left),
                },
            }
        }
    }
}

/// Completes when a connection that the owner of `claims` opens is over, and whoever takes what it is sent has had time
/// to take the last words.
pub(super) fn overdue(api: &Api, claims: &Claims) -> impl Future<Output = ()> + Send + use<> {
    let (mut lifetime, stall) = (Lifetime::new(api, claims), api.stall);
    async move {
        lifetime.over().await;
        sleep(stall).await;
    }
}

/// How long the token certainly holds; zero once it has ended.
fn token_look(api: &Api, ends_secs: u64) -> Duration {
    Duration::from_secs(ends_secs.saturating_sub(api.clock.utc_secs())).min(TOKEN_LOOK_MAX)
}
