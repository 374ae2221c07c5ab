"""What happens in the lab, as docs/events.md has it: read from server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from httpx_sse import EventSource, ServerSentEvent

from photophone.errors import WireError
from photophone.stream import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened."""

    id: str
    event: str
    """Words with dots between, from the general to the particular, such as `daemon.state`."""
    distinct_id: str
    """Whom it is of; `server` for the server's own."""
    timestamp: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)
    session_id: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Lagged:
    """Events did not come before the next one."""

    missed: int | None
    """How many; None when nobody knows. After a reconnection those are counted too that were not subscribed to."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a property of an event has to be; docs/events.md has the operators."""

    property: str
    operator: str
    value: Any = None

    def json(self) -> str:
        """As the route takes it."""
        fields = {"property": self.property, "operator": self.operator}
        return json.dumps(fields if self.value is None else {**fields, "value": self.value})


class EventReader:
    """Reads the bodies of a stream of events."""

    accept = "text/event-stream"

    def __init__(self, last_event_id: str | None) -> None:
        self.last_event_id = last_event_id
        self._is_blind = False

    def reconnected(self) -> None:
        # Nothing named where to go on.
        self._is_blind = self.last_event_id is None

    def read(self, response: httpx.Response) -> Iterator[Event | Lagged | Mark]:
        """Events until the body ends."""
        if self._is_blind:
            self._is_blind = False
            yield Lagged(None)
        for told in EventSource(response).iter_sse():
            self.last_event_id = told.id or self.last_event_id
            yield from _hear(told)


def _hear(told: ServerSentEvent) -> Iterator[Event | Lagged | Mark]:
    match told.event:
        case "message" if not told.data:
            # An id alone.
            yield Mark.ALIVE
        case "message":
            yield Mark.ALIVE
            data = _object(told)
            if data.get("type") != "heartbeat":
                yield _event(data)
        case "lagged":
            yield Mark.ALIVE
            missed = _object(told).get("missed")
            if missed is not None and not isinstance(missed, int):
                raise WireError(f"missed is {missed!r:.80}, no number")
            yield Lagged(missed)
        case "shutdown" | "reauth":
            yield Mark.PARTING


def _object(told: ServerSentEvent) -> dict[str, Any]:
    try:
        data = json.loads(told.data)
    except (ValueError, RecursionError) as error:
        raise WireError(f"an event has no JSON: {told.data!r:.80}") from error
    if not isinstance(data, dict):
        raise WireError(f"an event is no object: {told.data!r:.80}")
    return data


def _event(data: dict[str, Any]) -> Event:
    try:
        return Event(
            id=str(data["id"]),
            event=str(data["event"]),
            distinct_id=str(data["distinct_id"]),
            timestamp=datetime.fromisoformat(data["timestamp"]),
            properties=data.get("properties") or {},
            session_id=data.get("session_id"),
            environment=data.get("environment"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"an event without what every event has: {error!r}") from error
