"""Binary messages: the golden ones, broken ones, and bytes from chance."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import REPOSITORY

from photophone import VersionError, WireError
from photophone.binary import Message, MessageReader, decode
from photophone.items import frame_of, gap_of, lockin_of, spectrum_of, state_of

WIRE = REPOSITORY / "tests" / "fixtures" / "wire"
GOLDEN = sorted(path.stem for path in WIRE.glob("*.hex"))


def bytes_of(name: str) -> bytes:
    lines = (WIRE / f"{name}.hex").read_text().splitlines()
    return bytes.fromhex("".join(line.partition("#")[0] for line in lines))


def meaning_of(message: Message) -> dict[str, Any]:
    """A message in the words of the golden files."""
    place = None
    if message.place is not None:
        there = message.place
        place = {
            "epoch": there.epoch,
            "frame_number": there.frame_number,
            "first_sample": there.first_sample,
            "samples": there.samples,
            "captured_us": there.captured_us,
            "monotonic_us": there.monotonic_us,
            "sample_rate": there.sample_rate_hz,
            "channels": there.channels,
            "flags": [word for word in ("clipped", "nonfinite", "after_gap") if word in there.flags],
        }
    return {"kind": message.kind, "feed": message.feed, "place": place, "meta": message.meta}


def test_there_are_golden_messages() -> None:
    assert {"frame_f32", "frame_i16", "later_minor", "spectrum"} <= set(GOLDEN)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_message_means_what_stands_beside_it(name: str) -> None:
    golden = json.loads((WIRE / f"{name}.json").read_text())
    arrays = golden.pop("arrays")
    message = decode(bytes_of(name))
    assert meaning_of(message) == golden
    assert message.arrays.keys() == arrays.keys()
    for array_name, wanted in arrays.items():
        seen = message.arrays[array_name]
        assert seen.dtype == np.float32
        assert not seen.flags.writeable
        # Bit by bit: -0.0 is not 0.0.
        assert seen.tobytes() == np.array(wanted, np.float32).tobytes()


@pytest.mark.parametrize("case", json.loads((WIRE / "broken.json").read_text()), ids=lambda case: case["why"])
def test_a_broken_message_is_refused_where_it_is_wrong(case: dict[str, Any]) -> None:
    data = bytearray(bytes_of(case["of"]))[: case.get("bytes")]
    written = bytes.fromhex(case.get("write", ""))
    data[case.get("to", 0) : case.get("to", 0) + len(written)] = written
    with pytest.raises(WireError) as refused:
        decode(bytes(data))
    assert str(refused.value).startswith(f"byte {case['at']} of the message: ")
    assert case["says"] in str(refused.value)


def test_another_major_version_says_both_versions() -> None:
    data = bytearray(bytes_of("gap"))
    data[4] = 2
    with pytest.raises(VersionError, match="version is 2, this reader knows 1"):
        list(MessageReader().feed(bytes(data)))


@given(st.lists(st.integers(1, 400)))
def test_messages_are_the_same_however_the_network_cuts_them(sizes: list[int]) -> None:
    data = b"".join(bytes_of(name) for name in GOLDEN)
    reader, kinds = MessageReader(), []
    for size in [*sizes, len(data)]:
        piece, data = data[:size], data[size:]
        kinds += [message.kind for message in reader.feed(piece)]
    assert kinds == [decode(bytes_of(name)).kind for name in GOLDEN]


@given(st.sampled_from(GOLDEN), st.data())
def test_changed_bytes_are_read_or_refused(name: str, chance: st.DataObject) -> None:
    data = bytearray(bytes_of(name))
    for _ in range(chance.draw(st.integers(1, 4))):
        data[chance.draw(st.integers(0, len(data) - 1))] = chance.draw(st.integers(0, 255))
    until = chance.draw(st.integers(0, len(data)))
    try:
        message = decode(bytes(data[:until]))
        for read in (frame_of, spectrum_of, lockin_of, gap_of, state_of):
            try:
                read(message)
            except WireError:
                continue
    except WireError:
        return


@given(st.binary(max_size=300))
def test_bytes_from_chance_are_waited_for_or_refused(data: bytes) -> None:
    try:
        assert list(MessageReader().feed(data)) == []
    except WireError:
        return


def test_json_that_is_too_deep_is_refused() -> None:
    text = b"[" * 1_000_000
    data = bytearray(bytes_of("gap")[:88]) + b"meta".ljust(24, b"\0") + b"j\x01\0\0" + len(text).to_bytes(4, "little")
    data += text
    data[8:12] = len(data).to_bytes(4, "little")
    with pytest.raises(WireError, match="meta is JSON"):
        decode(bytes(data))


def test_items_have_the_numbers_of_their_messages() -> None:
    frame = frame_of(decode(bytes_of("frame_decimated")))
    assert (frame.decimate, frame.delay_samples, frame.end_sample) == (4, 260, 11476)
    assert len(frame.a) == 0
    assert frame.times_s.tolist() == [11464 / 48000, 11468 / 48000, 11472 / 48000]
    spectrum = spectrum_of(decode(bytes_of("estimate")))
    assert spectrum.cross is not None and spectrum.cross.coherence.tolist() == [0.0, 1.0, 0.5]
    assert spectrum.peaks_a is not None and spectrum.peaks_a[0].frequency_hz == 11.75
    assert spectrum.peaks_b is None
    assert spectrum_of(decode(bytes_of("spectrum"))).frequencies_hz.tolist() == [0.0, 12000.0, 24000.0]
    reading = lockin_of(decode(bytes_of("lockin")))
    assert reading.a is not None and (reading.a.x, reading.a.noise_density, reading.b) == (0.484375, None, None)
    gap = gap_of(decode(bytes_of("gap")))
    assert (gap.cause, gap.samples, gap.next_epoch) == ("reopen", None, "6fa459ea-ee8a-4ca4-894e-db77e160355f")
