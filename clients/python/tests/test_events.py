"""Events of the real server: told by one client, read by another, over connections that break and runs that end."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from support import Server, cutting, serving

from photophone import Event, Filter, Lagged, Photophone, PhotophoneError, Stream


def next_events(stream: Stream[Event | Lagged], count: int) -> list[Event]:
    events = list(itertools.islice(stream, count))
    assert all(isinstance(event, Event) for event in events)
    return [event for event in events if isinstance(event, Event)]


def test_what_one_client_captures_another_one_sees(tone: Server) -> None:
    with tone.client("events:write") as sender, tone.client("events:read") as reader:
        with reader.events("sample.*", filters=[Filter("pressure_pa", "gt", 99_000)]) as events:
            sender.capture("sample.opened", {"pressure_pa": 98_000})
            sender.capture("laser.on", {"pressure_pa": 100_000})
            told_id = sender.capture("sample.closed", {"pressure_pa": 100_000, "gas": "CH₄\u2028\u0085"})
            (event,) = next_events(events, 1)
    assert (event.id, event.event, event.distinct_id) == (told_id, "sample.closed", "tester")
    assert event.properties == {"pressure_pa": 100_000, "gas": "CH₄\u2028\u0085"}
    assert abs((datetime.now(UTC) - event.timestamp).total_seconds()) < 60


def test_events_over_connections_that_break_come_once_and_in_order(tone: Server) -> None:
    names = [f"cut.n{n}" for n in range(40)]
    # Each event has some 300 bytes: the answer's head and a few events fit.
    with cutting(tone, 2500, 2500) as proxy, Photophone(proxy.url, tone.token()) as lab, lab.events("cut.*") as events:
        with tone.client() as sender:
            for name in names:
                sender.capture(name)
        assert [event.event for event in next_events(events, 40)] == names
        assert sum(b"last-event-id" in request.lower() for request in proxy.requests) == 2


def test_a_connection_that_is_cut_within_its_first_event_goes_on_with_it() -> None:
    with serving("sim:silence") as server, cutting(server, 600) as proxy:
        with Photophone(proxy.url, server.token()) as lab, lab.events("late.*") as events:
            with server.client() as sender:
                sender.capture("late.first", {"text": "x" * 1000})
            assert next_events(events, 1)[0].event == "late.first"


def test_events_go_on_over_a_restart() -> None:
    with serving("sim:silence") as server, cutting(server) as proxy:
        with Photophone(proxy.url, server.token()) as lab, lab.events("run.*") as events:
            with server.client() as sender:
                sender.capture("run.one")
            assert next_events(events, 1)[0].event == "run.one"
            server.restart()
            proxy.port = server.port
            with server.client() as sender:
                sender.capture("run.two")
            assert next_events(events, 1)[0].event == "run.two"


def test_what_the_server_does_not_take_is_refused_with_its_word(tone_lab: Photophone) -> None:
    with pytest.raises(PhotophoneError) as refused:
        tone_lab.capture("daemon.state")
    assert refused.value.status in (403, 422)
    with pytest.raises(PhotophoneError, match=r"subscription_invalid|query_invalid"):
        tone_lab.events(filters=[Filter("a", "resembles", 1)])
    with pytest.raises(PhotophoneError, match="last_event_id_invalid"):
        tone_lab.events(last_event_id="nothing")


def test_the_same_event_sent_again_counts_once(tone_lab: Photophone) -> None:
    with tone_lab.events("again.*") as events:
        for _ in range(2):
            tone_lab.capture("again.one", id="6d0c1f46-4a7e-4cbd-9b70-5f3d0f6c3a01")
        tone_lab.capture("again.two")
        assert [event.event for event in next_events(events, 2)] == ["again.one", "again.two"]


def test_the_counters_are_those_of_the_stream(tone_lab: Photophone) -> None:
    with tone_lab.frames() as frames:
        next(frames)
        stats = tone_lab.stats()
    assert (stats["sample_rate"], stats["channels"], stats["state"], stats["state_reason"]) == (
        48000,
        2,
        "running",
        None,
    )
    assert stats["active_subscribers"] >= 1
    assert stats["samples_lost"] == {"device": 0, "ring": 0, "reopen": 0}
    assert stats["peak_dbfs"]["a"] == pytest.approx(-6, abs=0.1)
