"""Frames of the real server: continuity, also over connections that break, and epochs."""

from __future__ import annotations

import numpy as np
import pytest
from account import Account
from support import Server, cutting, serving

from photophone import End, Event, Frame, Gap, Photophone, State, Stream

PATIENT = 20.0


def account_of(stream: Stream[Frame | Gap | State | End], frames: int) -> Account:
    account = Account()
    with stream:
        for item in stream:
            account.enter(item)
            if len(account.frames) == frames:
                return account
    raise AssertionError("the stream ended")


def test_frames_follow_each_other_without_a_hole(tone_lab: Photophone) -> None:
    account = account_of(tone_lab.frames(), 15)
    assert account.gaps == []
    assert [state.state for state in account.states] == ["running"]
    numbers = [frame.frame_number for frame in account.frames]
    assert numbers == list(range(numbers[0], numbers[0] + 15))
    for frame in account.frames:
        assert frame.a.dtype == np.float32
        assert len(frame.a) == len(frame.b) == frame.samples == 1600
        assert frame.times_s[0] == frame.first_sample / 48000
        assert abs(frame.captured_at.timestamp() - frame.captured_us / 1e6) < 1e-3


def test_a_stream_that_is_cut_goes_on_with_nothing_twice_and_nothing_missing(tone: Server) -> None:
    # In the middle of a message, of its header, right away, and before an answer.
    with cutting(tone, 70_001, 50_000 + 13_000, 700, 0) as proxy:
        with Photophone(proxy.url, tone.token(), retry_secs=PATIENT) as lab:
            account = account_of(lab.frames(policy="lossless"), 20)
        with tone.client() as direct:
            live = account_of(direct.frames(policy="lossless"), 1).frames[0]
        assert len(proxy.requests) == 5
        ids = [request.lower().count(b"last-event-id") for request in proxy.requests]
        assert ids == [0, 1, 1, 1, 1]
    assert account.gaps == []
    assert live.epoch == account.frames[0].epoch
    # The tone is the same function of the index in every frame: nothing was shifted.
    whole = np.concatenate([frame.a for frame in account.frames])
    wanted = np.tile(live.a[:48], 2 + len(whole) // 48)
    shift = (account.frames[0].first_sample - live.first_sample) % 48
    np.testing.assert_allclose(whole, wanted[shift : shift + len(whole)], atol=1e-5)


def test_what_the_server_no_longer_keeps_is_a_gap() -> None:
    # What is kept lasts 50 ms at this pace, and a reader waits 125 ms at least before it comes back.
    config = "stream: {history_secs: 1, broadcast_buffer_size: 10}\nsource: {pace: 20}\n"
    with serving("sim:tone", config) as server, cutting(server, 400_000) as proxy:
        with Photophone(proxy.url, server.token(), retry_secs=PATIENT) as lab:
            account = Account()
            with lab.frames(policy="lossless") as frames:
                for item in frames:
                    account.enter(item)
                    if isinstance(item, Gap) and item.cause == "history":
                        break
    lost, before = account.gaps[-1], account.frames[-1]
    assert (lost.from_sample, lost.exact) == (before.end_sample, False)
    # From where it was, not from the event that it named.
    assert lost.samples is not None and lost.samples > 0
    assert len(proxy.requests) == 2


def test_a_server_that_comes_back_begins_an_epoch_and_tells_the_end_of_the_old_one() -> None:
    with serving("sim:tone") as server, cutting(server) as proxy:
        with Photophone(proxy.url, server.token(), retry_secs=PATIENT) as lab, lab.frames() as frames:
            account = Account()
            for item in frames:
                account.enter(item)
                if len(account.frames) == 3 and not account.gaps:
                    server.restart()
                    proxy.port = server.port
                if account.gaps and account.frames[-1].epoch == account.gaps[0].next_epoch:
                    break
    lost = account.gaps[0]
    assert (lost.to_sample, lost.exact) == (None, False)
    assert lost.epoch == account.frames[0].epoch
    ends = [frame.end_sample for frame in account.frames if frame.epoch == lost.epoch]
    assert lost.from_sample == ends[-1]


def test_frames_come_as_they_were_asked_for(tone_lab: Photophone) -> None:
    stream = tone_lab.frames(channels="b", decimate=4, fps=10)
    assert stream.location == "/api/audio/stream/audio?channels=b&decimate=4&fps=10"
    frame = account_of(stream, 2).frames[-1]
    assert (len(frame.a), len(frame.b), frame.samples, frame.decimate) == (0, 1200, 4800, 4)
    assert frame.delay_samples > 0
    exact, coarse = (account_of(tone_lab.frames(format=form), 1).frames[0] for form in ("f32", "i16"))
    period = np.arange(48)
    shift = (coarse.first_sample - exact.first_sample) % 48
    np.testing.assert_allclose(coarse.a[:48], exact.a[(period + shift) % 48], atol=1.1 / 65536)


def test_the_end_of_a_strict_stream_is_its_last_item() -> None:
    with serving("sim:dropouts") as server, server.client() as lab:
        items = list(lab.frames(policy="strict"))
    assert isinstance(items[-2], Gap)
    assert isinstance(items[-1], End)


def test_a_stream_that_is_let_go_of_or_closed_closes_its_connection() -> None:
    with serving("sim:tone") as server, server.client() as lab, lab.events("viewer.left") as left:
        for item in lab.frames():
            if isinstance(item, Frame):
                break
        assert isinstance(next(left), Event)
        stream = lab.frames()
        stream.close()
        assert isinstance(next(left), Event)
        assert list(stream) == []


@pytest.mark.parametrize("repeat", range(2))
def test_two_streams_of_a_client_do_not_disturb_each_other(tone_lab: Photophone, repeat: int) -> None:
    with tone_lab.frames() as first, tone_lab.frames(fps=5) as second:
        accounts = Account(), Account()
        while min(len(account.frames) for account in accounts) < 1 + repeat:
            for account, stream in zip(accounts, (first, second), strict=True):
                account.enter(next(stream))
    assert accounts[0].gaps == accounts[1].gaps == []
