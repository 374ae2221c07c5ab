"""Events to clients that were not written for this server: websockets, and httpx with httpx-sse, in one scenario."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from httpx_sse import connect_sse
from support import Server, serving
from websockets.sync.client import connect

Told = dict[str, Any]


@contextmanager
def by_websocket(server: Server, after: str | None) -> Iterator[Iterator[Told]]:
    """What subscription and server tell over a WebSocket."""
    head = {"Authorization": f"Bearer {server.token()}"}
    with connect(server.url.replace("http", "ws", 1) + "/api/realtime/ws", additional_headers=head) as socket:
        filters = [{"property": "n", "operator": "gte", "value": 2}]
        word = {"type": "subscribe", "events": ["foreign.*"], "filters": filters}
        socket.send(json.dumps(word if after is None else {**word, "after": after}))
        told = (json.loads(message) for message in socket)
        while next(told).get("type") != "subscribed":
            pass
        yield (event for event in told if event.get("type") is None)


@contextmanager
def by_sse(server: Server, after: str | None) -> Iterator[Iterator[Told]]:
    """The same as server-sent events."""
    head = {"Authorization": f"Bearer {server.token()}"} | ({} if after is None else {"Last-Event-ID": after})
    query = {"events": "foreign.*", "filter": json.dumps({"property": "n", "operator": "gte", "value": 2})}
    with httpx.Client(headers=head, timeout=30) as client:
        with connect_sse(client, "GET", server.url + "/api/realtime/sse", params=query) as source:
            told = ({**json.loads(event.data), "place": event.id} for event in source.iter_sse())
            yield (event for event in told if event.get("type") is None)


@pytest.mark.parametrize("reading", [by_websocket, by_sse])
def test_a_foreign_client_reads_what_it_asked_for_and_goes_on_after_a_cut(
    reading: Callable[[Server, str | None], Any],
) -> None:
    with serving("sim:silence") as server, server.client() as sender:
        with ExitStack() as stack:
            told = stack.enter_context(reading(server, None))
            for n in range(4):
                sender.capture("foreign.note", {"n": n})
                sender.capture("other.note", {"n": n})
            first = [next(told), next(told)]
        assert [event["properties"]["n"] for event in first] == [2, 3]
        assert all(event["subscription_ids"] == ["default"] for event in first)
        sender.capture("foreign.missed", {"n": 4})
        with reading(server, first[-1]["place"]) as told:
            assert next(told)["event"] == "foreign.missed"
            sender.capture("foreign.late", {"n": 5})
            assert next(told)["properties"]["n"] == 5
