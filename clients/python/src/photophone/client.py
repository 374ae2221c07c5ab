"""The client: one method for each thing that a server gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, cast

import httpx

from photophone.errors import PhotophoneError
from photophone.events import Event, EventReader, Filter, Lagged
from photophone.items import End, Frame, Gap, LockinReading, Spectrum, State, frame_of, lockin_of, spectrum_of
from photophone.line import Line, Token
from photophone.live import LiveReader
from photophone.recording import Recorder, Recording
from photophone.stats import Stats
from photophone.stream import Stream

Policy = Literal["live", "lossless", "strict"]
"""When a reader falls behind: skip to the newest, catch up from the history, or end at the first gap."""

Channels = Literal["a", "b", "ab"]

_STREAMS = "/api/audio/stream"
_CONNECT_S = 10.0


class Photophone:
    """A photophone server.

    `token` is what `photophone token create` prints, or a function that makes one: it is called for each connection.
    `retry_secs` is how long a stream that was lost is tried to be had again. A connection that says nothing for
    `idle_secs` counts as lost; the server sends something every 20 s at least. `http` is a client of httpx to use
    instead of one made here, for certificates, proxies and time-outs of one's own; it is left open.

    All methods raise PhotophoneError when the server refuses or is not there. Parameters that are left out have the
    server's defaults (docs/wire.md, `/api/doc/`). One client may be used by several threads, one stream by one at a
    time.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        token: Token | None = None,
        *,
        retry_secs: float = 60.0,
        idle_secs: float = 30.0,
        http: httpx.Client | None = None,
    ) -> None:
        timeout = httpx.Timeout(_CONNECT_S, read=idle_secs)
        self._is_own = http is None
        self._http = http or httpx.Client(timeout=timeout, limits=httpx.Limits(max_connections=None))
        self._line = Line(url, token, self._http, retry_secs)

    def __enter__(self) -> Photophone:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections."""
        if self._is_own:
            self._http.close()

    def record(
        self,
        seconds: float,
        *,
        channels: Channels | None = None,
        decimate: int | None = None,
        policy: Policy = "lossless",
    ) -> Recording:
        """Records from now on; returns when there is so much.

        What is lost on the way is NaN in the recording and has its gap there. Raises RecordingEnded, which has what was
        recorded until then, when the epoch or the source ends, and ValueError for `seconds` that are no time.
        """
        recorder = Recorder(seconds)
        with self.frames(channels=channels, decimate=decimate, policy=policy) as frames:
            for item in frames:
                if (recording := recorder.add(item)) is not None:
                    return recording
        raise PhotophoneError("unexpected_answer", "the stream ended without a word of why")

    def frames(
        self,
        *,
        channels: Channels | None = None,
        decimate: int | None = None,
        fps: float | None = None,
        format: Literal["f32", "i16"] | None = None,
        max_kbps: int | None = None,
        policy: Policy | None = None,
    ) -> Stream[Frame | Gap | State | End]:
        """Frames as they are published, with gaps and states where they belong.

        Within an epoch frames and gaps cover every index once, in order, also over reconnections. `format="i16"` halves
        the bytes; samples are float32 all the same. The server answers `json` with f32 here.
        """
        params = {
            "channels": channels,
            "decimate": decimate,
            "fps": fps,
            "format": format,
            "max_kbps": max_kbps,
            "policy": policy,
        }
        return self._live("audio", params, LiveReader("frame", frame_of, is_contiguous=True))

    def spectra(
        self,
        *,
        size: int | None = None,
        window: str | None = None,
        overlap: float | None = None,
        averaging: str | None = None,
        scale: Literal["amplitude", "power", "psd"] | None = None,
        unit: Literal["fs", "dbfs", "v", "pa", "db_spl"] | None = None,
        phase: bool | None = None,
        cross: bool | None = None,
        peaks: int | None = None,
        max_hz: float | None = None,
        bins: str | None = None,
        fps: float | None = None,
        policy: Policy | None = None,
    ) -> Stream[Spectrum | Gap | State | End]:
        """Spectra: one per frame, or, with any parameter from `overlap` on, estimates from overlapping windows."""
        params = {
            "size": size,
            "window": window,
            "overlap": overlap,
            "averaging": averaging,
            "scale": scale,
            "unit": unit,
            "phase": phase,
            "cross": cross,
            "peaks": peaks,
            "max_hz": max_hz,
            "bins": bins,
            "fps": fps,
            "policy": policy,
        }
        return self._live("spectral", params, LiveReader("spectrum", spectrum_of))

    def lockin(
        self,
        *,
        reference: float | Literal["channel_b", "tracked"] | None = None,
        harmonic: int | None = None,
        tau_s: float | None = None,
        slope: Literal[6, 12, 18, 24] | None = None,
        fps: float | None = None,
        policy: Policy | None = None,
    ) -> Stream[LockinReading | Gap | State | End]:
        """Readings of a dual-phase lock-in; `reference` is a frequency in Hz, or what to follow."""
        params = {
            "reference": reference,
            "harmonic": harmonic,
            "tau_s": tau_s,
            "slope": slope,
            "fps": fps,
            "policy": policy,
        }
        return self._live("lockin", params, LiveReader("lockin", lockin_of))

    def events(
        self,
        *names: str,
        environment: str | None = None,
        filters: Sequence[Filter] = (),
        last_event_id: str | None = None,
    ) -> Stream[Event | Lagged]:
        """What happens in the lab from now on, or after the event of that id: scope `events:read`.

        Names are of events, such as `daemon.state`, or `daemon.*` for all below; without one, all. All filters have to
        hold.
        """
        params = _given(
            {
                "events": ",".join(names) or None,
                "environment": environment,
                "filter": [f.json() for f in filters] or None,
            }
        )
        return Stream(self._line, "/api/realtime/sse", params, EventReader(last_event_id))

    def capture(self, event: str, properties: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """Tells the lab that something happened, and returns the id of that event: scope `events:write`.

        `fields` are those of docs/events.md, such as `id`, with which the same event can be sent again and counts once.
        """
        body = (
            {"event": event, **fields} if properties is None else {"event": event, "properties": properties, **fields}
        )
        answer = self._line.json("POST", "/api/realtime/capture", json=body)
        try:
            return str(answer["accepted"][0])
        except (KeyError, IndexError, TypeError) as error:
            raise PhotophoneError("unexpected_answer", f"capturing is answered by {answer!r:.200}") from error

    def stats(self) -> Stats:
        """Counters of the stream now."""
        return cast(Stats, self._line.json("GET", f"{_STREAMS}/stats"))

    def _live(self, name: str, params: Mapping[str, Any], reader: LiveReader[Any]) -> Stream[Any]:
        return Stream(self._line, f"{_STREAMS}/{name}", _given(params), reader)


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that were given, as a query has them."""
    return {key: _text(value) for key, value in params.items() if value is not None}


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
