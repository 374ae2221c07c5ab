"""Tokens, parameters, and servers that refuse, are busy, are others, or are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from support import REPOSITORY, Server

from photophone import Frame, Photophone, PhotophoneError, WireError
from photophone import line as line_module
from photophone.line import FIRST_DELAY_S, LONGEST_DELAY_S, backoff_s

MESSAGES = {"Content-Type": "application/octet-stream"}


def golden(name: str) -> bytes:
    lines = (REPOSITORY / "tests" / "fixtures" / "wire" / f"{name}.hex").read_text().splitlines()
    return bytes.fromhex("".join(line.partition("#")[0] for line in lines))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Times that were waited, without waiting; the clock goes on by them."""
    waited: list[float] = []

    class Clock:
        sleep = staticmethod(waited.append)

        @staticmethod
        def monotonic() -> float:
            return sum(waited)

    monkeypatch.setattr(line_module, "time", Clock)
    return waited


def lab_of(answer: Callable[[httpx.Request], httpx.Response], token: str | Callable[[], str] = "t") -> Photophone:
    http = httpx.Client(transport=httpx.MockTransport(answer))
    return Photophone("http://lab.example/", token, retry_secs=30, http=http)


def refusal(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"error": {"code": code, "message": "no", "status": status}}
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_bad_token_is_refused_at_once(tone: Server) -> None:
    with Photophone(tone.url, "nonsense") as lab, pytest.raises(PhotophoneError) as refused:
        lab.frames()
    assert (refused.value.code, refused.value.status) == ("token_malformed", 401)
    with Photophone(tone.url) as lab, pytest.raises(PhotophoneError) as refused:
        lab.stats()
    assert refused.value.status == 401
    with tone.client("events:read") as lab, pytest.raises(PhotophoneError) as refused:
        lab.record(1)
    assert refused.value.status == 403


def test_a_token_is_made_anew_for_a_connection_and_once_more_when_it_is_refused(tone: Server) -> None:
    tokens = iter(["expired", tone.token()])
    with Photophone(tone.url, lambda: next(tokens)) as lab:
        assert lab.stats()["sample_rate"] == 48000
    tokens = iter(["never right", "nor then", "nor again"])
    with Photophone(tone.url, lambda: next(tokens)) as lab, pytest.raises(PhotophoneError, match="token_malformed"):
        lab.frames()
    assert list(tokens) == ["nor again"]


def test_a_token_that_expires_is_replaced_while_the_stream_goes_on(tone: Server) -> None:
    made: list[str] = []

    def make() -> str:
        made.append(tone.token(ttl="1s" if not made else "1h"))
        return made[-1]

    with Photophone(tone.url, make) as lab, lab.frames(policy="lossless") as frames:
        ends: list[int] = []
        for item in frames:
            assert not hasattr(item, "cause")
            if isinstance(item, Frame):
                assert item.first_sample == (ends[-1] if ends else item.first_sample)
                ends.append(item.end_sample)
            if len(made) == 2 and len(ends) > 3:
                break


def test_a_bad_parameter_is_named(tone_lab: Photophone) -> None:
    with pytest.raises(PhotophoneError) as refused:
        tone_lab.frames(fps=-1)
    assert (refused.value.code, refused.value.status) == ("query_invalid", 400)
    assert "fps=-1" in refused.value.message
    with pytest.raises(PhotophoneError, match="unit is"):
        tone_lab.spectra(unit="pa")
    with pytest.raises(PhotophoneError, match="query_invalid: averaging is"):
        tone_lab.spectra(cross=True)


def test_where_no_server_is_it_is_said_at_once(waits: list[float]) -> None:
    with Photophone("http://127.0.0.1:1") as lab, pytest.raises(PhotophoneError) as lost:
        lab.frames()
    assert (lost.value.code, lost.value.status, waits) == ("unreachable", None, [])


def test_a_busy_server_is_waited_for_as_long_as_it_says(waits: list[float]) -> None:
    answers = iter([refusal(503, "busy", Retry_After="7"), refusal(429, "busy", Retry_After="2")])

    def answer(_: httpx.Request) -> httpx.Response:
        return next(answers, None) or httpx.Response(200, headers=MESSAGES, content=golden("frame_f32"))

    with lab_of(answer).frames() as frames:
        assert isinstance(next(frames), Frame)
    assert [waits[0], waits[1]] == [7, 2]


def test_a_server_that_is_busy_for_longer_is_not_waited_for(waits: list[float]) -> None:
    with pytest.raises(PhotophoneError, match="busy"):
        lab_of(lambda _: refusal(503, "busy", Retry_After="31")).frames()
    assert waits == []


def test_a_stream_that_stays_lost_is_given_up(waits: list[float]) -> None:
    connections: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        connections.append(request)
        if len(connections) > 1:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, headers=MESSAGES, content=golden("frame_f32") + golden("gap")[:100])

    frames = lab_of(answer).frames()
    assert isinstance(next(frames), Frame)
    with pytest.raises(PhotophoneError, match=r"unreachable: http://lab\.example/api/audio/stream/audio: refused"):
        next(frames)
    assert 30 - LONGEST_DELAY_S < sum(waits) <= 30
    assert connections[1].headers["Last-Event-ID"] == "6fa459ea-ee8a-4ca4-894e-db77e160355e:9007199254740986"


def test_a_stream_that_works_in_between_is_not_given_up(waits: list[float]) -> None:
    content = golden("heartbeat")
    connections: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        connections.append(request)
        last = golden("frame_f32") if len(connections) == 500 else b""
        return httpx.Response(200, headers=MESSAGES, content=content + last)

    assert isinstance(next(lab_of(answer).frames()), Frame)
    assert len(waits) == 499 and sum(waits) > 30
    assert max(waits) <= FIRST_DELAY_S


def test_a_refusal_after_a_loss_ends_the_stream(waits: list[float]) -> None:
    answers = iter([httpx.Response(200, headers=MESSAGES, content=golden("frame_f32")), refusal(403, "scope_missing")])
    frames = lab_of(lambda _: next(answers)).frames()
    next(frames)
    with pytest.raises(PhotophoneError, match="scope_missing"):
        next(frames)
    assert len(waits) == 1


def test_delays_double_and_are_spread() -> None:
    assert [backoff_s(attempt, 0) for attempt in range(4)] == [FIRST_DELAY_S * 2**k for k in range(4)]
    assert backoff_s(1000, 0) == LONGEST_DELAY_S
    assert backoff_s(0, 1) == FIRST_DELAY_S / 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(200, html="<p>log in"), "unexpected_answer"),
        (httpx.Response(302, headers={"Location": "/login"}), "unexpected_answer"),
        (httpx.Response(404, html="nothing"), "unexpected_answer"),
        (httpx.Response(400, json={"error": ["odd"]}), "unexpected_answer"),
    ],
)
def test_another_program_at_the_address_is_told_from_the_server(answer: httpx.Response, code: str) -> None:
    with pytest.raises(PhotophoneError) as odd:
        lab_of(lambda _: answer).frames()
    assert (odd.value.code, odd.value.status) == (code, answer.status_code)


def test_what_is_no_message_ends_the_stream(waits: list[float]) -> None:
    frames = lab_of(lambda _: httpx.Response(200, headers=MESSAGES, content=b"event: gap\n")).frames()
    with pytest.raises(WireError, match="not the magic"):
        next(frames)
    assert waits == []


def test_messages_of_unknown_kinds_are_passed_over() -> None:
    content = golden("later_minor") + golden("heartbeat") + golden("frame_i16")
    frames: Iterator[object] = lab_of(lambda _: httpx.Response(200, headers=MESSAGES, content=content)).frames()
    first = next(frames)
    assert isinstance(first, Frame) and first.flags == {"clipped", "nonfinite"}


def test_a_client_that_was_closed_says_so() -> None:
    lab = Photophone("http://127.0.0.1:1")
    lab.close()
    with pytest.raises(PhotophoneError, match="closed"):
        lab.stats()
