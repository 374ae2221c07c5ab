"""Reads the bodies of live streams: binary messages into items, in order and each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar, cast

import httpx

from photophone.binary import Message, MessageReader
from photophone.continuity import Continuity
from photophone.items import End, Gap, Placed, State, gap_of, reason_of, state_of
from photophone.stream import Mark

P = TypeVar("P", bound=Placed)


class LiveReader(Generic[P]):
    """Of messages of one kind, and of what is told beside them."""

    accept = "application/octet-stream"

    def __init__(self, kind: str, read: Callable[[Message], P], *, is_contiguous: bool = False) -> None:
        self._kind = kind
        self._read = read
        self._continuity = Continuity(is_contiguous=is_contiguous)

    @property
    def last_event_id(self) -> str | None:
        return self._continuity.last_event_id

    def reconnected(self) -> None:
        self._continuity.reconnected()

    def read(self, response: httpx.Response) -> Iterator[P | Gap | State | End | Mark]:
        """Items until the body ends. A message that is cut off is left to the next connection."""
        reader = MessageReader()
        for chunk in response.iter_bytes():
            for message in reader.feed(chunk):
                yield from self._hear(message)

    def _hear(self, message: Message) -> Iterator[P | Gap | State | End | Mark]:
        match message.kind:
            case self._kind:
                yield Mark.ALIVE
                yield from self._new(self._read(message))
            case "gap":
                yield from self._new(gap_of(message))
            case "state":
                yield from self._new(state_of(message))
            case "heartbeat":
                yield Mark.ALIVE
            case "shutdown" | "reauth":
                yield Mark.PARTING
            case "end":
                yield End(reason_of(message))
                yield Mark.OVER

    def _new(self, item: P | Gap | State) -> Iterator[P | Gap | State]:
        for new in self._continuity.enter(item):
            yield cast("P | Gap | State", new)
