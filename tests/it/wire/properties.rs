//! Whatever is written is read back, bit for bit, and what no reader would accept is not written.

use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::{
    Elements, EncodeError, Header, MAX_MESSAGE_BYTES, Message, MessageWriter, Place, SampleFormat, kind, read_frame,
    write_frame,
};
use photophone_signal::{AudioFrame, Epoch, FrameFlags, MAX_SAMPLE_INDEX};
use proptest::prelude::*;

fn flags() -> impl Strategy<Value = FrameFlags> {
    any::<[bool; 3]>().prop_map(|[clipped, nonfinite, after_gap]| FrameFlags { clipped, nonfinite, after_gap })
}

prop_compose! {
    fn place()(
        epoch in any::<[u8; 16]>(),
        [frame_number, first_sample, captured_us, monotonic_us] in prop::array::uniform4(0..=MAX_SAMPLE_INDEX),
        samples in any::<u32>(),
        hz in 1_u32..,
        channels in any::<u16>(),
        flags in flags(),
    ) -> Place {
        Place {
            epoch: Epoch::from_random_bytes(epoch),
            frame_number,
            first_sample,
            samples,
            captured_us,
            monotonic_us,
            sample_rate: SampleRate::new(hz).unwrap(),
            channels,
            flags,
        }
    }
}

prop_compose! {
    fn frame()(
        place in place(),
        samples in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 0..50),
        mono in any::<bool>(),
    ) -> AudioFrame {
        let (channel_a, channel_b): (Vec<_>, Vec<_>) = samples.into_iter().unzip();
        AudioFrame {
            epoch: place.epoch,
            frame_number: place.frame_number,
            first_sample: place.first_sample,
            sample_rate: place.sample_rate,
            monotonic_us: place.monotonic_us,
            captured_us: place.captured_us,
            flags: place.flags,
            channel_a,
            channel_b: if mono { Vec::new() } else { channel_b },
        }
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #[test]
    fn a_message_is_read_as_it_was_written(
        kind in "[a-z0-9_]{1,12}",
        feed in any::<u32>(),
        place in prop::option::of(place()),
        arrays in prop::collection::vec(("[a-z0-9_]{1,24}", prop::collection::vec(any::<u32>(), 0..20)), 0..8),
        meta in prop::option::of(".{0,30}"),
    ) {
        let header = Header { kind: &kind, feed, place };
        let arrays: Vec<(String, Vec<f32>)> =
            arrays.into_iter().map(|(name, bits)| (name, bits.into_iter().map(f32::from_bits).collect())).collect();
        let mut out = b"behind something".to_vec();
        let mut writer = MessageWriter::begin(&mut out, &header);
        for (name, values) in &arrays {
            writer = writer.f32(name, values);
        }
        let written = meta.iter().fold(writer, |writer, text| writer.meta(text)).finish();
        prop_assert!(written.is_ok());
        let message = Message::decode(&out[16..]).unwrap();
        prop_assert_eq!(message.header, header);
        let sections: Vec<_> = message.sections().collect();
        prop_assert_eq!(sections.len(), arrays.len() + usize::from(meta.is_some()));
        for (section, (name, values)) in sections.iter().zip(&arrays) {
            let mut read = Vec::new();
            prop_assert!(section.name == name && section.elements.append_to(&mut read));
            prop_assert_eq!(bits(&read), bits(values));
        }
        if let (Some(text), Some(section)) = (meta, sections.last()) {
            let Elements::Json(json) = section.elements else { panic!("{section:?}") };
            prop_assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
        }
    }

    #[test]
    fn a_frame_comes_back(frame in frame(), feed in any::<u32>()) {
        let mut out = Vec::new();
        write_frame(&mut out, feed, &frame, SampleFormat::F32).unwrap();
        prop_assert_eq!(read_frame(&Message::decode(&out).unwrap()), Some(frame));
    }

    #[test]
    fn sixteen_bits_are_within_half_a_step(frame in frame()) {
        let mut out = Vec::new();
        write_frame(&mut out, 0, &frame, SampleFormat::I16).unwrap();
        let read = read_frame(&Message::decode(&out).unwrap()).unwrap();
        prop_assert_eq!(read.channel_b.len(), frame.channel_b.len());
        for (read, sample) in read.channel_a.iter().zip(&frame.channel_a) {
            let largest = 32_767.0 / 32_768.0;
            prop_assert!((read - sample.min(largest)).abs() <= 0.5 / 32_768.0, "{} for {}", read, sample);
        }
    }
}

/// What the 16-bit sample for `value` reads as, times 32768.
fn steps(values: &[f32]) -> Vec<f32> {
    let mut out = Vec::new();
    let header = Header { kind: kind::FRAME, feed: 0, place: None };
    MessageWriter::begin(&mut out, &header).samples("channel_a", values, SampleFormat::I16).finish().unwrap();
    let mut read = Vec::new();
    assert!(Message::decode(&out).unwrap().elements("channel_a").unwrap().append_to(&mut read));
    read.iter().map(|value| value * 32_768.0).collect()
}

#[test]
fn sixteen_bits_round_to_even_and_stay_within_their_limits() {
    let step = 1.0 / 32_768.0;
    let values = [0.5, 1.5, 2.5, -0.5, -1.5, 0.75].map(|steps| steps * step);
    assert_eq!(steps(&values), [0.0, 2.0, 2.0, 0.0, -2.0, 1.0]);
    let beyond = [1.0, -1.0, 7.5, f32::NEG_INFINITY, f32::MAX, f32::NAN];
    assert_eq!(steps(&beyond), [32_767.0, -32_768.0, 32_767.0, -32_768.0, 32_767.0, 0.0]);
    let all: Vec<f32> = (-32_768..=32_767_i16.into()).map(|steps: i32| steps as f32).collect();
    assert_eq!(steps(&all.iter().map(|value| value * step).collect::<Vec<_>>()), all);
}

#[test]
fn what_no_reader_accepts_is_not_written() {
    let heartbeat = Header { kind: kind::HEARTBEAT, feed: 0, place: None };
    let mut out = b"before".to_vec();
    for (header_kind, section) in [("Frame", "a"), ("", "a"), ("thirteen_long", "a"), ("frame", "é"), ("frame", "")] {
        let header = Header { kind: header_kind, ..heartbeat };
        let written = MessageWriter::begin(&mut out, &header).f32(section, &[1.0]).finish();
        assert!(matches!(written, Err(EncodeError::Name { .. })), "{header_kind} {section}");
        assert_eq!(out, b"before");
    }
    let unwritable = std::collections::BTreeMap::from([([1], 1)]);
    let written = MessageWriter::begin(&mut out, &heartbeat).meta(&unwritable).finish();
    assert!(matches!(written, Err(EncodeError::Meta(_))));
    let long = vec![0.0; MAX_MESSAGE_BYTES / 4];
    let written = MessageWriter::begin(&mut out, &heartbeat).f32("a", &long).finish();
    assert!(matches!(written, Err(EncodeError::Length(length)) if length == MAX_MESSAGE_BYTES + 120));
    assert_eq!(out, b"before");
}

#[test]
fn an_index_that_no_json_reader_keeps_is_not_written() {
    let mut frame = AudioFrame {
        epoch: Epoch::from_random_bytes([1; 16]),
        frame_number: 0,
        first_sample: MAX_SAMPLE_INDEX + 1,
        sample_rate: SampleRate::new(8000).unwrap(),
        monotonic_us: 0,
        captured_us: 0,
        flags: FrameFlags::default(),
        channel_a: vec![0.0],
        channel_b: Vec::new(),
    };
    let mut out = Vec::new();
    let written = write_frame(&mut out, 0, &frame, SampleFormat::F32);
    assert!(matches!(written, Err(EncodeError::Index(index)) if index == 1 << 53));
    frame.first_sample -= 1;
    assert!(write_frame(&mut out, 0, &frame, SampleFormat::F32).is_ok());
}
