//! What is said over the WebSocket of the lab's events: subscribe, unsubscribe, ping, the answers, and events between
//! them. `docs/events.md` has the words.

mod words;

use rocket::http::Status;
use tokio::task::yield_now;

use self::words::{Answer, refuse, write, write_answer, write_event};
use super::event_delivery::{Place, Seen, Together, refusal};
use super::routes::time::ServerTime;
use super::websocket::{Closing, Conversation, Hangup, Happening, Heard, Line, TalkUpkeep, part, read, say};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::events::{Command, Connection, Delivery, RealtimeSubscriber, Subscription};

/// What there is to tell.
enum Tale {
    Delivery(Delivery),
    /// The next page of the history that one subscription asked for.
    Page,
}

/// History that a subscription is still to get: until then nothing live is taken, so that it comes in order.
struct Replay {
    id: String,
    /// The event behind which it goes on.
    after: u64,
    /// The last one.
    until: u64,
    /// The reader comes from another run, and is to be told.
    is_from_elsewhere: bool,
}

/// One connection's talk.
pub(super) struct EventTalk {
    api: Api,
    upkeep: TalkUpkeep,
    subscriber: RealtimeSubscriber,
    together: Together,
    replay: Option<Replay>,
    /// Said during a replay, and to be obeyed after it.
    waiting: Option<Command>,
    /// Keeps its owner live.
    _connection: Connection,
}

impl Conversation for EventTalk {
    async fn run(&mut self, line: &mut Line) -> Hangup {
        loop {
            let happening = self.next(line).await;
            if let Err(hangup) = self.act(line, happening).await {
                return line.hang_up(hangup).await;
            }
        }
    }
}

impl EventTalk {
    /// With the owner of `claims`, who is told of all events from now on.
    ///
    /// # Errors
    /// 503 when as many users are connected as may be live.
    pub(super) fn new(api: &Api, claims: &Claims) -> Result<Self, ApiError> {
        let mut subscriber = api.events.hub().connect();
        subscriber.set(Subscription::default()).map_err(|error| refusal(&error))?;
        Ok(Self {
            _connection: api.connect_user(claims)?,
            upkeep: TalkUpkeep::new(api, claims),
            subscriber,
            together: Together::new(),
            replay: None,
            waiting: None,
            api: api.clone(),
        })
    }

    async fn next(&mut self, line: &mut Line) -> Happening<Option<Tale>> {
        let Self { upkeep, subscriber, together, replay, .. } = self;
        let tale = async {
            if replay.is_some() {
                // Others want the worker, too.
                yield_now().await;
                return Some(Tale::Page);
            }
            together.may_write().await;
            subscriber.recv().await.map(Tale::Delivery)
        };
        upkeep.or(line, tale).await
    }

    async fn act(&mut self, line: &mut Line, happening: Happening<Option<Tale>>) -> Result<(), Hangup> {
        match happening {
            Happening::Over(farewell) => Err(part(line, &farewell).await),
            Happening::Heard(heard) => self.answer(line, &heard?).await,
            Happening::Silence { heartbeats: true } => {
                let seq = self.subscriber.place().filter(|_| self.replay.is_none());
                say(line, &Answer::Heartbeat { place: seq.map(|seq| self.place(seq)) }).await
            }
            Happening::Silence { heartbeats: false } => line.ping().await,
            Happening::Told(Some(Tale::Delivery(delivery))) => self.tell(line, delivery, u64::MAX).await,
            Happening::Told(Some(Tale::Page)) => self.tell_page(line).await,
            Happening::Told(None) => Err(Hangup::Closing(Closing::GoingAway)),
        }
    }

    async fn answer(&mut self, line: &mut Line, heard: &Heard) -> Result<(), Hangup> {
        match read(heard, Command::TYPES) {
            Ok(command) if self.replay.is_some() && !matches!(command, Command::Ping { .. }) => {
                self.waiting = Some(command);
                self.upkeep.set_deaf(true);
                Ok(())
            }
            Ok(command) => self.obey(line, command).await,
            Err(error) => refuse(line, heard.text().and_then(Command::id_in).as_deref(), &error).await,
        }
    }

    async fn obey(&mut self, line: &mut Line, command: Command) -> Result<(), Hangup> {
        match command {
            Command::Subscribe { subscription, after } => {
                let id = subscription.id.clone();
                match self.subscribe(subscription, after.as_deref()) {
                    Ok((seq, replay)) => {
                        self.tell_until(line, seq).await?;
                        self.replay = replay;
                        say(line, &Answer::Subscribed { id: &id, place: self.place(seq) }).await
                    }
                    Err(error) => refuse(line, Some(&id), &error).await,
                }
            }
            Command::Unsubscribe { id } => match self.subscriber.unset_behind(&id) {
                Some(seq) => {
                    self.tell_until(line, seq).await?;
                    say(line, &Answer::Unsubscribed { id: &id }).await
                }
                None => {
                    let message = "this connection has no subscription of this id";
                    let error = ApiError::new(Status::NotFound, "subscription_not_found", message);
                    refuse(line, Some(&id), &error).await
                }
            },
            Command::Ping { echo } => say(line, &Answer::Pong { echo, now: ServerTime::from(&self.api) }).await,
        }
    }

    /// Sets a subscription; gives the number of the newest event before it, and what it is to get of the history.
    fn subscribe(
        &mut self,
        subscription: Subscription,
        after: Option<&str>,
    ) -> Result<(u64, Option<Replay>), ApiError> {
        let seen = after
            .map(|after| Place::read(after, "after", &self.api.events))
            .transpose()?
            .map(|place| place.seen(&self.api.events));
        let id = subscription.id.clone();
        let (_, until) = self.subscriber.set_behind(subscription).map_err(|error| refusal(&error))?;
        let replay = seen.map(|seen| match seen {
            Seen::Here(after) => Replay { id, after, until, is_from_elsewhere: false },
            Seen::Elsewhere => Replay { id, after: 0, until, is_from_elsewhere: true },
        });
        Ok((until, replay))
    }

    /// What waits of the events up to this number, so that an answer stands between those before it and those after.
    async fn tell_until(&mut self, line: &mut Line, seq: u64) -> Result<(), Hangup> {
        while let Some(first) = self.subscriber.try_recv_until(seq) {
            self.tell(line, first, seq).await?;
        }
        Ok(())
    }

    /// This delivery and those that wait, up to this number.
    async fn tell(&mut self, line: &mut Line, first: Delivery, until: u64) -> Result<(), Hangup> {
        let Self { api, subscriber, together, .. } = self;
        let more = || subscriber.try_recv_until(until);
        line.tell(together.gather(first, more, |out, delivery| write(out, api, delivery))).await
    }

    async fn tell_page(&mut self, line: &mut Line) -> Result<(), Hangup> {
        let Some(mut replay) = self.replay.take() else { return Ok(()) };
        let page = self.api.events.hub().history_page(replay.after, replay.until);
        let mut out = Vec::new();
        if replay.is_from_elsewhere || page.missed > 0 {
            let missed = Some(page.missed).filter(|_| !std::mem::take(&mut replay.is_from_elsewhere));
            write_answer(&mut out, &Answer::Lagged { missed });
        }
        if let Some(subscription) = self.subscriber.subscriptions().find(|other| other.id == replay.id) {
            for event in page.events.iter().filter(|event| subscription.matches(&event.event)) {
                write_event(&mut out, &self.api, event, std::slice::from_ref(&replay.id), subscription.include_person);
            }
        }
        if !out.is_empty() {
            line.tell(out.into()).await?;
        }
        replay.after = page.end;
        if replay.after < replay.until {
            self.replay = Some(replay);
            return Ok(());
        }
        match self.waiting.take() {
            Some(command) => {
                self.upkeep.set_deaf(false);
                self.obey(line, command).await
            }
            None => Ok(()),
        }
    }

    fn place(&self, seq: u64) -> Place {
        Place { run: self.api.events.run(), seq }
    }
}
