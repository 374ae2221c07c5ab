#!/usr/bin/python3
"""The reference for binary messages: numpy and struct read them by the table in docs/wire.md.

stdin:  [messages in hexadecimal]
stdout: [{"kind", "feed", "place": {...} or null, "arrays": {name: [...]}, "meta": {...} or null}, ...]

Elements of i2 are samples: fractions of full scale.
"""

import json
import struct
import sys
import uuid

import numpy

HEADER = struct.Struct("<4sHHII12sHH16sQQQQII")
SECTION = struct.Struct("<24scBxxI")
FLAGS = ["clipped", "nonfinite", "after_gap"]
PLACE = ["frame_number", "first_sample", "captured_us", "monotonic_us", "samples", "sample_rate"]


def text(name):
    return name.rstrip(b"\0").decode("ascii")


def decode(message):
    magic, version, header_bytes, message_bytes, feed, kind, flags, channels, epoch, *place = HEADER.unpack_from(message)
    if (magic, version, message_bytes) != (b"\x89PHN", 1, len(message)):
        raise SystemExit(f"not a message: {message[:16].hex()}")
    seen = {"kind": text(kind), "feed": feed, "place": None, "arrays": {}, "meta": None}
    if any(epoch):
        seen["place"] = dict(zip(PLACE, place), channels=channels, epoch=str(uuid.UUID(bytes=epoch)))
        seen["place"]["flags"] = [word for bit, word in enumerate(FLAGS) if flags >> bit & 1]
    at = header_bytes
    while at < message_bytes:
        name, letter, size, count = SECTION.unpack_from(message, at)
        element_type = f"{letter.decode('ascii')}{size}"
        at += SECTION.size
        if element_type == "j1":
            seen[text(name)] = json.loads(message[at : at + count])
        elif element_type == "f4":
            seen["arrays"][text(name)] = numpy.frombuffer(message, "<f4", count, at).astype(float).tolist()
        elif element_type == "i2":
            seen["arrays"][text(name)] = (numpy.frombuffer(message, "<i2", count, at) / 32768).tolist()
        at += -(-count * size // 8) * 8
    return seen


if __name__ == "__main__":
    json.dump([decode(bytes.fromhex(message)) for message in json.load(sys.stdin)], sys.stdout)
