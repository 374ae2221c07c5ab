//! Tests of the parameters: what a query may say, the query that a spec is, and what fits a bandwidth.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use photophone_signal::units::SampleRate;

use super::*;
use crate::feed::Form;
use crate::feed::test_events::{Told, play};
use crate::feed::test_frames::frames_of;

fn parsed<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn assert_refused<T: FromStr<Err: Display> + Debug>(texts: &[&str], expected: &str) {
    for text in texts {
        let error = text.parse::<T>().map_err(|error| error.to_string());
        assert_eq!(error.unwrap_err(), format!("must be {expected}"), "{text}");
    }
}

#[test]
fn what_is_no_value_is_told_what_would_be() {
    assert_refused::<Format>(&["", "JSON", "f64", "i16 "], "json, f32 or i16");
    assert_refused::<Channels>(&["", "c", "ba", "A"], "a, b or ab");
    assert_refused::<Factor>(&["", "0", "17", "-1", "+2", "2.0", "1e1"], "a whole number from 1 to 16");
    assert_refused::<ColumnSamples>(&["", "0", "65537", "+1", "1.5"], "a whole number from 1 to 65536");
    let kbps = "a whole number of kilobits per second, at least 1";
    assert_refused::<MaxKbps>(&["", "0", "-1", "+1", "4294967296", "1.5"], kbps);
}

#[test]
fn a_spec_is_the_shortest_query_that_asks_for_it() {
    let frames = |format, channels, decimate, fps: Option<&str>| {
        let fps = fps.map(parsed);
        FeedSpec::Frames(FramesSpec { format, channels, decimate: parsed(decimate), fps }).to_string()
    };
    assert_eq!(frames(Format::Json, Channels::Both, "1", None), "");
    assert_eq!(frames(Format::I16, Channels::A, "16", Some("0.10")), "format=i16&channels=a&decimate=16&fps=0.1");
    assert_eq!(frames(Format::Json, Channels::B, "1", Some("1e3")), "channels=b&fps=1000");
    assert_eq!(FramesSpec::default(), FramesSpec::AS_PUBLISHED);
    assert_eq!(FeedSpec::Envelope(EnvelopeSpec::default()).to_string(), "");
    let spec = EnvelopeSpec { column_samples: parsed("65536"), channels: Channels::B, fps: Some(parsed("5")) };
    assert_eq!(FeedSpec::Envelope(spec).to_string(), "column_samples=65536&channels=b&fps=5");
    assert_eq!(EnvelopeSpec { column_samples: parsed("64"), ..spec }.to_string(), "channels=b&fps=5");
    assert_eq!(FeedSpec::Levels(LevelsSpec::default()).to_string(), "");
    assert_eq!(FeedSpec::Levels(LevelsSpec { fps: parsed("33.3333333") }).to_string(), "fps=33.333333");
    assert_eq!(LevelsSpec { fps: parsed("10.0") }, LevelsSpec::default());
}

/// 48 kHz stereo in 30 frames a second. As server-sent events, heads take 123 kbit/s, samples in f32 4096, in i16 2048; as
/// messages, heads take 44 kbit/s, of decimated samples 61, and samples in f32 3072, in i16 1536.
fn flow(form: Form) -> Flow {
    Flow { sample_rate: SampleRate::new(48_000).unwrap(), channels: 2, fps: 30.0, form }
}

/// What is chosen for a bandwidth, or the least that would do.
fn chosen(query: &FramesQuery, kbps: &str) -> Result<String, u64> {
    query.within(parsed(kbps), &flow(Form::Sse)).map(|spec| spec.to_string())
}

#[test]
fn the_best_that_fits_is_chosen() {
    for (kbps, query) in [
        ("4219", "format=f32"),
        ("4218", "format=i16"),
        ("2171", "format=i16"),
        ("2170", "format=i16&decimate=2"),
        ("1146", "format=i16&decimate=3"),
        ("251", "format=i16&decimate=16"),
        ("250", "format=i16&decimate=11&fps=15"),
        ("158", "format=i16&decimate=15&fps=3.75"),
        ("133", "format=i16&decimate=16&fps=1"),
    ] {
        assert_eq!(chosen(&FramesQuery::default(), kbps).as_deref(), Ok(query), "{kbps}");
    }
    assert_eq!(chosen(&FramesQuery::default(), "132"), Err(133));
}

#[test]
fn messages_need_less() {
    let chosen = |kbps| {
        let spec = FramesQuery::default().within(parsed(kbps), &flow(Form::Message));
        spec.map(|spec| spec.to_string())
    };
    for (kbps, query) in [
        ("3117", "format=f32"),
        ("3116", "format=i16"),
        ("1581", "format=i16"),
        ("1580", "format=i16&decimate=2"),
        ("158", "format=i16&decimate=16"),
        ("157", "format=i16&decimate=13&fps=15"),
        ("99", "format=i16&decimate=16&fps=1"),
    ] {
        assert_eq!(chosen(kbps).as_deref(), Ok(query), "{kbps}");
    }
    assert_eq!(chosen("98"), Err(99));
}

/// The bytes of one second of stereo frames, without what carries them.
#[test]
fn what_is_counted_is_what_is_sent_at_most() {
    let frames = frames_of(0, &[(0, 1600); 30]);
    for query in ["f32 ab 1", "i16 ab 1", "f32 a 1", "json b 1", "i16 ab 4", "i16 a 16"] {
        let [format, channels, decimate] = query.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let (format, channels) = (parsed(format), parsed(channels));
        let spec = FramesSpec { format, channels, decimate: parsed(decimate), fps: None };
        let (mut sse, mut message, mut events) = (0, 0, 0);
        for told in play(&FeedSpec::Frames(spec), &frames) {
            let Told::Event { json, message: bytes, .. } = told else { continue };
            (sse, message, events) = (sse + json.len(), message + bytes.len(), events + 1);
        }
        let counted = |form| flow(form).bits_per_sec(&spec) / 8.0;
        assert!(sse as f64 <= counted(Form::Sse), "{query}: {sse} {}", counted(Form::Sse));
        assert!(message as f64 <= counted(Form::Message), "{query}: {message} {}", counted(Form::Message));
        let slack = if spec.is_decimated() { 0.9 } else { 0.99 };
        assert!(message as f64 >= slack * counted(Form::Message), "{query}: {message} {}", counted(Form::Message));
        assert!(events >= 29, "{query}: {events}");
    }
}

#[test]
fn what_the_query_says_stays() {
    let none = FramesQuery::default();
    let json = FramesQuery { format: Some(Format::Json), ..none };
    assert_eq!(chosen(&json, "12411").as_deref(), Ok(""));
    assert_eq!(chosen(&json, "12410").as_deref(), Ok("decimate=2"));
    let decimated = FramesQuery { decimate: Some(parsed("4")), ..none };
    assert_eq!(chosen(&decimated, "1147").as_deref(), Ok("format=f32&decimate=4"));
    assert_eq!(chosen(&decimated, "1146").as_deref(), Ok("format=i16&decimate=4"));
    assert_eq!(chosen(&decimated, "634").as_deref(), Ok("format=i16&decimate=4&fps=15"));
    assert_eq!(chosen(&decimated, "516"), Err(517));
    let whole = FramesQuery { decimate: Some(Factor::ONE), format: Some(Format::I16), ..none };
    assert_eq!(chosen(&whole, "2052"), Err(2053));
    let one = FramesQuery { channels: Some(Channels::B), fps: Some(parsed("1")), ..none };
    assert_eq!(chosen(&one, "2053").as_deref(), Ok("format=f32&channels=b&fps=1"));
    assert_eq!(chosen(&one, "2052").as_deref(), Ok("format=i16&channels=b&fps=1"));
    assert_eq!(chosen(&one, "68"), Err(69));
}
