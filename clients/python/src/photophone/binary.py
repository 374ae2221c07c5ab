"""Binary messages, read from their bytes as docs/wire.md has them; knows no network.

Arrays lie over the bytes that they came in, without a copy, and are read-only.
"""

from __future__ import annotations

import json
import re
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from photophone.errors import VersionError, WireError

MAX_MESSAGE_BYTES = 1 << 24
MAX_INDEX = 2**53 - 1
"""The largest index, frame number and time."""

_MAGIC = b"\x89PHN"
_VERSION = 1
_PREFIX = struct.Struct("<4sHHI")
_HEADER = struct.Struct("<12xI12sHH16s4Q2I")
_SECTION = struct.Struct("<24scBxxI")
_SECTION_NAME_BYTES = 24
_KIND_AT = 16
_PLACE_AT = 48
_RATE_AT = 84
_NAME = re.compile(rb"[a-z0-9_]+\Z")
_FLAGS = ("clipped", "nonfinite", "after_gap")
_NO_EPOCH = bytes(16)


@dataclass(frozen=True, slots=True)
class Place:
    """Which samples a message is about, counted in samples of the source."""

    epoch: str
    frame_number: int
    first_sample: int
    captured_us: int
    monotonic_us: int
    samples: int
    sample_rate_hz: int
    channels: int
    flags: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One message of any kind, also of one that only later servers send."""

    kind: str
    feed: int
    """Number of the feed; 0 for none."""
    place: Place | None
    """None for a heartbeat and for what `meta` places itself."""
    arrays: dict[str, NDArray[np.float32]]
    """By name; samples of 16 bits are fractions of full scale too."""
    meta: Any
    """The remaining fields of the event as JSON; None when there are none."""


class MessageReader:
    """Cuts bytes, as they come from the network, into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Gives the messages that are whole with these bytes.

        Raises WireError at the first thing that the format rules out; the reader is of no use after it.
        """
        self._buffer += data
        while (lengths := _lengths(self._buffer)) is not None and len(self._buffer) >= lengths[1]:
            message_bytes = lengths[1]
            whole = bytes(memoryview(self._buffer)[:message_bytes])
            del self._buffer[:message_bytes]
            yield decode(whole)


def decode(data: bytes) -> Message:
    """Reads bytes that are exactly one message.

    Raises WireError, whose text names the byte, and VersionError for another major version.
    """
    lengths = _lengths(data)
    if lengths is None:
        _need(data, 0, _PREFIX.size)
    assert lengths is not None
    header_bytes, message_bytes = lengths
    _need(data, 0, message_bytes)
    if len(data) > message_bytes:
        _refuse(message_bytes, f"the message ends here, {len(data) - message_bytes} bytes follow")
    feed, kind, flags, channels, epoch, *numbers = _HEADER.unpack_from(data)
    message = Message(_name(kind, _KIND_AT), feed, _place(flags, channels, epoch, numbers), {}, None)
    return _with_sections(data, header_bytes, message)


def _lengths(data: bytes | bytearray) -> tuple[int, int] | None:
    """Bytes of the header and of the message that begins here; None when they are too few to tell, though right."""
    for at, (is_byte, wanted) in enumerate(zip(data, _MAGIC, strict=False)):
        if is_byte != wanted:
            _refuse(at, "not the magic of a message of photophone")
    if len(data) < _PREFIX.size:
        return None
    _, version, header_bytes, message_bytes = _PREFIX.unpack_from(data)
    if version != _VERSION:
        raise VersionError(f"byte 4 of the message: version is {version}, this reader knows {_VERSION}")
    if header_bytes < _HEADER.size or header_bytes % 8:
        _refuse(6, f"header_bytes is {header_bytes}")
    if not header_bytes <= message_bytes <= MAX_MESSAGE_BYTES or message_bytes % 8:
        _refuse(8, f"message_bytes is {message_bytes}")
    return header_bytes, message_bytes


def _place(flags: int, channels: int, epoch: bytes, numbers: list[int]) -> Place | None:
    if epoch == _NO_EPOCH:
        return None
    *indices, samples, sample_rate = numbers
    for k, index in enumerate(indices):
        if index > MAX_INDEX:
            _refuse(_PLACE_AT + 8 * k, f"{index} is more than 2^53 - 1")
    if sample_rate == 0:
        _refuse(_RATE_AT, "sample_rate is 0")
    words = frozenset(word for bit, word in enumerate(_FLAGS) if flags >> bit & 1)
    frame_number, first_sample, captured_us, monotonic_us = indices
    return Place(
        epoch=str(uuid.UUID(bytes=epoch)),
        frame_number=frame_number,
        first_sample=first_sample,
        captured_us=captured_us,
        monotonic_us=monotonic_us,
        samples=samples,
        sample_rate_hz=sample_rate,
        channels=channels,
        flags=words,
    )


def _with_sections(data: bytes, at: int, message: Message) -> Message:
    """The message with its sections, of which the first one begins at `at`. Of equal names the first one counts."""
    meta: Any = None
    while at < len(data):
        _need(data, at, _SECTION_NAME_BYTES)
        name = _name(data[at : at + _SECTION_NAME_BYTES], at)
        _need(data, at + _SECTION_NAME_BYTES, _SECTION.size - _SECTION_NAME_BYTES)
        _, letter, element_bytes, count = _SECTION.unpack_from(data, at)
        at += _SECTION.size
        _need(data, at, count * element_bytes)
        match (letter, element_bytes):
            case (b"j", 1) if name == "meta" and meta is None:
                meta = _json(data[at : at + count], at)
            case (b"f", 4):
                message.arrays.setdefault(name, np.frombuffer(data, "<f4", count, at))
            case (b"i", 2) if name not in message.arrays:
                message.arrays[name] = _fractions(np.frombuffer(data, "<i2", count, at))
        at += -(-count * element_bytes // 8) * 8
    return Message(message.kind, message.feed, message.place, message.arrays, meta)


def _fractions(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    fractions = samples.astype(np.float32) / np.float32(32768)
    fractions.flags.writeable = False
    return fractions


def _name(field: bytes, at: int) -> str:
    name, _, rest = field.partition(b"\0")
    if not _NAME.match(name) or rest.strip(b"\0"):
        _refuse(at, "a name is letters a-z, digits and _, filled up with zero bytes")
    return name.decode("ascii")


def _json(text: bytes, at: int) -> Any:
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        _refuse(at, "meta is JSON in UTF-8")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _need(data: bytes, at: int, count: int) -> None:
    left = max(len(data) - at, 0)
    if left < count:
        _refuse(at, f"{count} bytes belong here, {left} are left")


def _refuse(at: int, what: str) -> NoReturn:
    raise WireError(f"byte {at} of the message: {what}")
