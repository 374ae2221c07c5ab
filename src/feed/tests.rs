//! Feeds start with a viewer, catch up with the history, go on after an id, and end when nobody watches or they cost too
//! much.

use std::cell::Cell;

use photophone_signal::units::SampleRate;
use photophone_signal::{Epoch, FrameFlags, GapCause, SampleIndex};

use super::cost::CostMeter;
use super::worker::Worker;
use super::*;
use crate::clock::ManualClock;
use crate::config::WindowKind;
use crate::spectrum::{SpectrumSettings, WindowFunction};
use crate::stream::{DaemonState, Demand, FrameTally, Idle, Lateness, Next, Start, StateChange};

/// Samples per frame, of which 30 last a second.
const LENGTH: u64 = 10;

/// Nobody is late.
const BOUNDS: Bounds = Bounds { lag_items: 1000, history_us: 30_000_000, history_bytes: u64::MAX };

const LIVE: ViewOptions<'_> =
    ViewOptions { subject: "a", start: Start::Newest, lateness: Lateness::Skip, form: Form::Sse };

const DEMAND: Demand = Demand { bytes: 1, patience_us: u64::MAX, idle: Idle::Hold };

const SPECTRUM: FeedSpec = FeedSpec::Spectrum { size: 32, window: WindowFunction::Cosines(WindowKind::Hann) };

struct Lab {
    stream: SharedAudioStream,
    feeds: Feeds,
    clock: Arc<ManualClock>,
}

impl Lab {
    fn new(settings: impl FnOnce(&mut FeedsSettings)) -> Self {
        Self::keeping(BOUNDS, settings)
    }

    /// Its stream keeps what `bounds` say.
    fn keeping(bounds: Bounds, settings: impl FnOnce(&mut FeedsSettings)) -> Self {
        let clock = ManualClock::starting_at(0);
        let stream = SharedAudioStream::new(bounds, clock.clone());
        let mut all = FeedsSettings {
            bounds: BOUNDS,
            feeds_max: 8,
            feeds_per_subject: 8,
            cores_per_feed: f64::INFINITY,
            fast_patience_us: u64::MAX,
        };
        settings(&mut all);
        stream.publish_state(running(epoch()), None);
        Self { feeds: Feeds::new(stream.clone(), clock.clone(), all), stream, clock }
    }

    fn publish(&self, numbers: std::ops::Range<u64>) {
        for number in numbers {
            let frame = AudioFrame {
                epoch: epoch(),
                frame_number: number,
                first_sample: number * LENGTH,
                sample_rate: SampleRate::new(300).unwrap(),
                monotonic_us: 0,
                captured_us: 0,
                flags: FrameFlags::default(),
                channel_a: (0..LENGTH).map(|sample| (number * LENGTH + sample) as f32 / 1000.0).collect(),
                channel_b: Vec::new(),
            };
            self.stream.publish_frame(frame, FrameTally::default());
        }
    }

    async fn view(&self, spec: &FeedSpec, options: ViewOptions<'_>) -> Viewer {
        self.feeds.view(spec, options).await.unwrap()
    }

    /// Waits for the threads of all feeds, which have a reason to end.
    fn join(&self) {
        for thread in self.feeds.end() {
            thread.join().unwrap();
        }
    }
}

fn epoch() -> Epoch {
    Epoch::from_random_bytes([1; 16])
}

fn running(epoch: Epoch) -> StateChange {
    StateChange {
        state: DaemonState::Running,
        reason: None,
        epoch: Some(epoch),
        sample_rate: Some(300),
        channels: Some(1),
        at_us: 0,
    }
}

fn after(sample: u64) -> ViewOptions<'static> {
    ViewOptions { start: Start::After(SampleIndex { epoch: epoch(), sample }), ..LIVE }
}

async fn take(viewer: &mut Viewer, events: usize) -> Vec<String> {
    let mut taken = Vec::new();
    while taken.len() < events {
        match viewer.next().await.unwrap() {
            Next::Item(event) => taken.push(String::from_utf8(event.sse().to_vec()).unwrap()),
            Next::Missed(gap) => panic!("{gap:?}"),
        }
    }
    taken
}

fn id(event: &str) -> u64 {
    event.strip_prefix(&format!("id: {}:", epoch())).unwrap().lines().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn equal_feeds_are_one_and_each_viewer_gets_the_same_bytes() {
    let lab = Lab::new(|_| {});
    let (mut one, mut two) = (lab.view(&FeedSpec::FRAMES, LIVE).await, lab.view(&FeedSpec::FRAMES, LIVE).await);
    lab.publish(0..2);
    assert_eq!(take(&mut one, 2).await, take(&mut two, 2).await);
    let list = lab.feeds.list();
    assert_eq!((list.len(), list[0].viewers, list[0].kind, list[0].history_events), (1, 2, "frames", 3));
    let _spectra = lab.view(&SPECTRUM, LIVE).await;
    let list = lab.feeds.list();
    assert_eq!(list[1].parameters, "size=32&window=hann");
    assert_eq!([list[0].feed, list[1].feed], [1, 2], "0 is of none");
}

#[tokio::test]
async fn a_new_viewer_of_a_new_feed_starts_live() {
    let lab = Lab::new(|_| {});
    lab.publish(0..20);
    let mut viewer = lab.view(&SPECTRUM, LIVE).await;
    assert_eq!(viewer.initial_state().unwrap().sse()[..12], *b"event: state");
    lab.publish(20..21);
    assert_eq!(id(&take(&mut viewer, 1).await[0]), 21 * LENGTH - 32);
}

/// While it takes a frame, the source is already further.
struct Pursuit(Arc<Lab>);

impl Representation for Pursuit {
    fn add(&mut self, frame: &Arc<AudioFrame>, _events: &mut Vec<Box<dyn Content>>) {
        self.0.publish(frame.frame_number + 10..frame.frame_number + 11);
    }

    fn interrupt(&mut self, gap: &Gap, _events: &mut Vec<Box<dyn Content>>) -> Gap {
        *gap
    }
}

#[test]
fn a_feed_has_caught_up_though_the_source_stays_ahead() {
    let lab = Arc::new(Lab::new(|_| {}));
    lab.publish(0..10);
    let (source, state) = lab.stream.subscribe_internally(Start::Oldest, Lateness::Skip);
    let shared = Shared::new(0, BOUNDS, &lab.stream, &source, lab.clock.clone());
    let representation = Box::new(Pursuit(Arc::clone(&lab)));
    let worker = Worker::new(Arc::clone(&shared), representation, 0, CostMeter::new(f64::INFINITY));
    let looks = AtomicU64::new(0);
    worker.run(source, state, || {
        *shared.taken.borrow() >= shared.caught_up_at || looks.fetch_add(1, Ordering::SeqCst) == 100
    });
    assert_eq!(looks.into_inner(), 10, "with the last item that was there when it started");
}

#[test]
fn a_feed_begins_where_the_stream_does_though_the_state_there_is_of_the_epoch_before() {
    let clock = ManualClock::starting_at(0);
    let stream = SharedAudioStream::new(Bounds { lag_items: 1, history_us: 0, history_bytes: u64::MAX }, clock.clone());
    let next = Epoch::from_random_bytes([2; 16]);
    stream.publish_state(running(epoch()), None);
    let gap = Gap {
        epoch: epoch(),
        from_sample: 0,
        to_sample: None,
        cause: GapCause::Device,
        exact: false,
        next_epoch: Some(next),
    };
    stream.publish_gap(gap, 10);
    stream.publish_state(running(next), None);
    let (source, state) = stream.subscribe_internally(Start::Oldest, Lateness::Skip);
    let (begin, shared) = (source.end(), Shared::new(0, BOUNDS, &stream, &source, clock));
    let worker = Worker::new(Arc::clone(&shared), FeedSpec::FRAMES.representation(), 0, CostMeter::new(f64::INFINITY));
    worker.run(source, state, || true);
    let (mut events, _) = shared.ring.subscribe(Start::Oldest, Lateness::CatchUp);
    let ends = [events.end(), events.next_blocking().and_then(|_| events.end())];
    assert_eq!((begin, ends), (Some(SampleIndex { epoch: next, sample: 0 }), [begin; 2]));
}

#[tokio::test]
async fn who_comes_back_misses_nothing_though_the_feed_was_started_anew() {
    let mut settings = SpectrumSettings::new("256".parse().unwrap(), WindowKind::Hann.into());
    (settings.overlap, settings.averaging) = ("0.9".parse().ok(), "linear:3".parse().unwrap());
    (settings.phase, settings.fps) = (false, "20".parse().ok());
    let estimates = FeedSpec::Estimate(EstimateSpec::new(settings, Arc::default()));
    for (spec, frames, events) in [(SPECTRUM, 12, 9), (estimates, 60, 14)] {
        let lab = Lab::new(|_| {});
        let mut viewer = lab.view(&spec, LIVE).await;
        lab.publish(0..frames);
        let before = take(&mut viewer, events).await;
        let (of_second, rest) = (id(&before[1]), &before[2..]);
        assert_eq!(take(&mut lab.view(&spec, after(of_second)).await, rest.len()).await, rest);
        drop(viewer);
        lab.clock.advance_us(30_000_000);
        lab.publish(frames..frames + 1);
        while !lab.feeds.list().is_empty() {
            tokio::task::yield_now().await;
        }
        let mut returned = lab.view(&spec, after(of_second)).await;
        assert_eq!(take(&mut returned, rest.len()).await, rest);
    }
}

/// Frames in slices of 30 samples.
fn slices() -> FeedSpec {
    FeedSpec::Frames(FramesSpec { fps: "10".parse().ok(), ..FramesSpec::default() })
}

#[tokio::test]
async fn decimated_slices_are_the_same_after_the_feed_was_started_anew() {
    let lab = Lab::new(|_| {});
    let spec = FramesSpec { fps: "7".parse().ok(), decimate: "2".parse().unwrap(), ..FramesSpec::default() };
    let spec = FeedSpec::Frames(spec);
    let mut viewer = lab.view(&spec, LIVE).await;
    lab.publish(0..90);
    let before = take(&mut viewer, 15).await;
    let (of_second, rest) = (id(&before[1]), &before[2..]);
    drop(viewer);
    lab.clock.advance_us(30_000_000);
    lab.publish(90..91);
    while !lab.feeds.list().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(take(&mut lab.view(&spec, after(of_second)).await, 13).await, rest);
}

#[tokio::test]
async fn a_feed_that_begins_amid_a_slice_tells_who_comes_back_that_it_is_missing() {
    // Samples 130 to 200.
    let lab = Lab::keeping(Bounds { lag_items: 7, history_us: 0, ..BOUNDS }, |_| {});
    lab.publish(0..20);
    let mut viewer = lab.view(&slices(), after(60)).await;
    let Some(Next::Missed(gap)) = viewer.next().await else { panic!("the gap comes first") };
    assert_eq!((gap.from_sample, gap.to_sample), (60, Some(150)));
    assert_eq!(id(&take(&mut viewer, 1).await[0]), 150);
}

/// What a viewer is told that comes back after sample 60, while a feed of slices of 300 samples has taken 130 to 200, and
/// one that comes then for the first time: extents, and the cause of what is missing. Where `gap_at` says, the source
/// loses a frame.
fn told_amid_a_slice(gap_at: Option<u64>) -> [Vec<(u64, u64, Option<GapCause>)>; 2] {
    let lab = Lab::keeping(Bounds { lag_items: 7, history_us: 0, ..BOUNDS }, |_| {});
    lab.publish(0..20);
    let (source, state) = lab.stream.subscribe_internally(Start::Oldest, Lateness::Skip);
    let shared = Shared::new(0, BOUNDS, &lab.stream, &source, lab.clock.clone());
    let spec = FeedSpec::Frames(FramesSpec { fps: "1".parse().ok(), ..FramesSpec::default() });
    let worker = Worker::new(Arc::clone(&shared), spec.representation(), 0, CostMeter::new(f64::INFINITY));
    let (next, viewers) = (Cell::new(13), Cell::new(None));
    worker.run(source, state, || {
        let number = next.replace(next.get() + 1) + 1;
        if number == 20 {
            let view = |start| shared.ring.subscribe(start, Lateness::CatchUp).0;
            viewers.set(Some([after(60).start, Start::Newest].map(view)));
        }
        match number {
            ..20 => {}
            _ if gap_at == Some(number) => lab.stream.publish_gap(gap(number * LENGTH, (number + 1) * LENGTH), LENGTH),
            _ => lab.publish(number..number + 1),
        }
        number == 62
    });
    shared.ring.close();
    viewers.into_inner().expect("it got as far").map(|mut viewer| {
        let told = std::iter::from_fn(|| viewer.next_blocking()).map(|next| match next {
            Next::Missed(gap) => (gap.from_sample, gap.to_sample.unwrap(), Some(gap.cause)),
            Next::Item(event) => {
                let end = crate::stream::Covers::end(&event).unwrap().sample;
                let gap = event.told_gap();
                let from = gap.map(|gap| gap.from_sample).or(crate::stream::Covers::id(&event).map(|id| id.sample));
                (from.unwrap(), end, gap.map(|gap| gap.cause))
            }
        });
        told.collect()
    })
}

fn gap(from_sample: u64, to_sample: u64) -> Gap {
    let (epoch, to_sample) = (epoch(), Some(to_sample));
    Gap { epoch, from_sample, to_sample, cause: GapCause::Device, exact: true, next_epoch: None }
}

#[test]
fn who_comes_back_amid_a_slice_that_is_left_out_is_told_all_of_it() {
    let missing = |from, to| (from, to, Some(GapCause::History));
    let [returned, new] = told_amid_a_slice(None);
    assert_eq!(returned, [missing(60, 130), missing(130, 300), (300, 600, None)]);
    assert_eq!(new, [(300, 600, None)], "it joined with the first event");
    let [returned, new] = told_amid_a_slice(Some(23));
    let behind = [(230, 240, Some(GapCause::Device)), (240, 300, None), (300, 600, None)];
    assert_eq!(returned, [&[missing(60, 130), missing(130, 230)], &behind[..]].concat());
    assert_eq!(new, behind);
}

/// Samples wait for their slice to be complete: they are not passed over.
#[test]
fn a_viewer_that_is_late_is_told_of_all_that_it_misses() {
    let lab = Lab::new(|_| {});
    let bounds = Bounds { lag_items: 2, ..BOUNDS };
    let (source, state) = lab.stream.subscribe_internally(Start::Oldest, Lateness::Skip);
    let shared = Shared::new(0, bounds, &lab.stream, &source, lab.clock.clone());
    let mut viewer = shared.ring.subscribe(Start::Oldest, Lateness::Skip).0;
    let worker = Worker::new(Arc::clone(&shared), slices().representation(), 0, CostMeter::new(f64::INFINITY));
    lab.publish(0..30);
    lab.stream.close();
    let (looks, mut first) = (AtomicU64::new(0), None);
    let reading = std::cell::RefCell::new((&mut viewer, &mut first));
    worker.run(source, state, || {
        // A state, a slice of three frames, and one more.
        if looks.fetch_add(1, Ordering::SeqCst) == 4 {
            let (viewer, first) = &mut *reading.borrow_mut();
            while first.is_none() {
                let Some(Next::Item(event)) = viewer.next_blocking() else { panic!("nothing is missed yet") };
                **first = crate::stream::Covers::id(&event).map(|_| event);
            }
        }
        false
    });
    assert_eq!(crate::stream::Covers::end(&first.unwrap()).map(|end| end.sample), Some(30));
    let Some(Next::Missed(gap)) = viewer.next_blocking() else { panic!("it is ten slices late") };
    assert_eq!((gap.from_sample, gap.to_sample), (30, Some(270)));
}

#[tokio::test]
async fn a_feed_that_nobody_watches_ends_after_its_history() {
    let lab = Lab::new(|_| {});
    drop(lab.view(&FeedSpec::FRAMES, LIVE).await);
    lab.publish(0..1);
    assert_eq!(lab.feeds.list().len(), 1, "it lingers");
    lab.clock.advance_us(30_000_000);
    lab.publish(1..2);
    lab.join();
    assert_eq!(lab.feeds.list(), []);
}

#[tokio::test]
async fn a_feed_tells_the_memory_of_the_frames_that_it_keeps() {
    let lab = Lab::new(|_| {});
    drop(lab.view(&FeedSpec::FRAMES, LIVE).await);
    lab.publish(0..100);
    while lab.feeds.list()[0].history_events <= 100 {
        tokio::task::yield_now().await;
    }
    assert!(lab.feeds.list()[0].history_bytes > 100 * LENGTH * size_of::<f32>() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_to_be_had_while_others_play_fast() {
    let lab = Arc::new(Lab::new(|_| {}));
    lab.stream.gate().set_shut(true);
    let (mut consumer, publisher) = (lab.stream.subscribe(), Arc::clone(&lab));
    let spawn = |run: Box<dyn FnOnce() + Send>| std::thread::Builder::new().spawn(run).unwrap();
    let reading = spawn(Box::new(move || while consumer.next_blocking().is_some() {}));
    let publishing = spawn(Box::new(move || {
        let stream = &publisher.stream;
        let room = || stream.gate().wait_for_room(&*publisher.clock, DEMAND, || stream.is_closed());
        (0..).take_while(|_| room()).for_each(|number| publisher.publish(number..number + 1));
    }));
    let mut viewer = lab.view(&FeedSpec::Spectrum { size: 4096, window: WindowKind::Hann.into() }, LIVE).await;
    let spectra = take(&mut viewer, 200).await;
    let ids: Vec<_> = spectra.iter().filter(|event| event.starts_with("id")).map(|event| id(event)).collect();
    assert!(ids.len() > 100 && ids.windows(2).all(|pair| pair[1] == pair[0] + LENGTH), "{ids:?}");
    lab.stream.close();
    [publishing, reading].into_iter().for_each(|thread| thread.join().unwrap());
}

#[tokio::test]
async fn at_pace_fast_nobody_waits_for_another_viewer_of_the_same_feed() {
    let lab = Lab::new(|_| {});
    lab.stream.gate().set_shut(true);
    let mut stuck = lab.view(&FeedSpec::FRAMES, LIVE).await;
    lab.publish(0..600);
    while lab.feeds.list()[0].history_events < 500 {
        tokio::task::yield_now().await;
    }
    lab.publish(600..1200);
    let mut second = tokio::select! {
        biased;
        viewer = lab.view(&FeedSpec::FRAMES, LIVE) => viewer,
        () = std::future::ready(()) => panic!("it waits for the first one"),
    };
    let (first, next) = tokio::join!(take(&mut stuck, 1200), take(&mut second, 701));
    assert_eq!(next, first[499..]);
}

#[tokio::test]
async fn at_pace_fast_nothing_is_lost_at_the_end_of_the_stream() {
    // No history beyond what a reader may lag.
    let lab = Lab::new(|settings| settings.bounds.history_us = 0);
    lab.stream.gate().set_shut(true);
    let mut late = lab.view(&FeedSpec::FRAMES, LIVE).await;
    let has_room = || {
        let looks = Cell::new(0);
        lab.stream.gate().wait_for_room(&*lab.clock, DEMAND, || looks.replace(looks.get() + 1) > 1)
    };
    let published = (0..).take_while(|_| has_room()).inspect(|number| lab.publish(*number..number + 1)).count();
    lab.stream.close();
    lab.join();
    assert_eq!(take(&mut late, published).await.len(), published);
}

#[tokio::test]
async fn there_are_as_many_feeds_as_allowed() {
    let lab = Lab::new(|settings| settings.feeds_max = 1);
    let _viewer = lab.view(&FeedSpec::FRAMES, LIVE).await;
    assert!(matches!(lab.feeds.view(&SPECTRUM, LIVE).await, Err(FeedError::TooMany(1))));
    let _another = lab.view(&FeedSpec::FRAMES, LIVE).await;
}

#[tokio::test]
async fn one_more_takes_the_place_of_the_feed_that_nobody_has_watched_for_the_longest_time() {
    let lab = Lab::new(|settings| settings.feeds_max = 3);
    let specs = ["15", "20", "30"].map(levels);
    let mut viewers = Vec::new();
    for spec in &specs {
        viewers.push(lab.view(spec, LIVE).await);
    }
    let [first, second, third] = viewers.try_into().ok().unwrap();
    for viewer in [second, first] {
        drop(viewer);
        lab.clock.advance_us(1_000_000);
    }
    let _fourth = lab.view(&levels("40"), LIVE).await;
    let running: Vec<_> = lab.feeds.list().into_iter().map(|feed| feed.parameters).collect();
    assert_eq!(running, ["fps=15", "fps=30", "fps=40"], "fps=20 was left first");
    let fifth = lab.view(&specs[1], LIVE).await;
    assert!(matches!(lab.feeds.view(&specs[0], LIVE).await, Err(FeedError::TooMany(3))), "all are watched");
    drop((third, fifth));
}

#[tokio::test]
async fn what_is_written_for_who_comes_back_makes_the_history_shorter() {
    let lab = Lab::new(|settings| settings.bounds.history_bytes = 26_000);
    let mut early = lab.view(&FeedSpec::FRAMES, ViewOptions { form: Form::Message, ..LIVE }).await;
    lab.publish(0..30);
    for _ in 0..30 {
        early.next().await.unwrap();
    }
    let mut late = lab.view(&FeedSpec::FRAMES, after(0)).await;
    take(&mut late, 29).await;
    let kept = || lab.feeds.list()[0].history_events;
    assert_eq!(kept(), 31, "the state too");
    lab.publish(30..31);
    take(&mut late, 1).await;
    assert!(kept() < 32 && lab.feeds.list()[0].history_bytes <= 26_000, "{}", kept());
}

#[tokio::test]
async fn a_subject_takes_no_more_than_its_share() {
    let lab = Lab::new(|settings| settings.feeds_per_subject = 2);
    let other = ViewOptions { subject: "b", ..LIVE };
    let lingering = lab.view(&levels("10"), LIVE).await;
    let _shared = lab.view(&levels("20"), other).await;
    drop(lingering);
    let (_one, _another) = (lab.view(&levels("30"), LIVE).await, lab.view(&levels("40"), LIVE).await);
    for fps in ["10", "50"] {
        let refused = lab.feeds.view(&levels(fps), LIVE).await;
        assert!(matches!(refused, Err(FeedError::TooManyOfSubject(2))), "{fps}");
    }
    let _free = (lab.view(&levels("30"), LIVE).await, lab.view(&levels("20"), LIVE).await);
    lab.view(&levels("50"), other).await;
}

fn levels(fps: &str) -> FeedSpec {
    FeedSpec::Levels(LevelsSpec { fps: fps.parse().unwrap() })
}

#[tokio::test]
async fn a_feed_that_costs_too_much_is_ended_and_refused() {
    let lab = Lab::new(|settings| settings.cores_per_feed = 0.0);
    let mut viewer = lab.view(&FeedSpec::FRAMES, LIVE).await;
    lab.publish(0..151);
    while viewer.next().await.is_some() {}
    assert_eq!(viewer.end_reason(), Some(EndReason::TooCostly));
    assert!(matches!(lab.feeds.view(&FeedSpec::FRAMES, LIVE).await, Err(FeedError::TooCostly(_))));
}

#[tokio::test]
async fn a_feed_that_the_source_does_not_allow_ends_and_says_why() {
    let lab = Lab::new(|_| {});
    let mut settings = SpectrumSettings::new("256".parse().unwrap(), WindowKind::Hann.into());
    (settings.phase, settings.cross, settings.averaging) = (false, true, "linear:2".parse().unwrap());
    let spec = FeedSpec::Estimate(EstimateSpec::new(settings, Arc::default()));
    lab.publish(0..3);
    // The history may be that of another source.
    let mut viewer = lab.view(&spec, LIVE).await;
    lab.publish(3..4);
    while viewer.next().await.is_some() {}
    let why = "cross is \"true\"; expected false, as the source is mono";
    assert_eq!(viewer.end_reason(), Some(EndReason::Refused(why.into())));
}

#[tokio::test]
async fn feeds_end_with_the_stream() {
    let lab = Lab::new(|_| {});
    let mut viewer = lab.view(&FeedSpec::FRAMES, LIVE).await;
    lab.publish(0..3);
    lab.stream.close();
    assert!(matches!(lab.feeds.view(&SPECTRUM, LIVE).await, Err(FeedError::Ended)));
    lab.join();
    assert_eq!(take(&mut viewer, 3).await.len(), 3, "what is left comes first");
    assert!(viewer.next().await.is_none() && viewer.end_reason() == Some(EndReason::StreamEnded));
    assert!(matches!(lab.feeds.view(&FeedSpec::FRAMES, LIVE).await, Err(FeedError::Ended)));
}
