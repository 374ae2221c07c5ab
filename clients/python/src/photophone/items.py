"""What a stream consists of, typed, and how it is read from messages.

Arrays are float32 and read-only. Indices, rates and times are those of the source, also of decimated samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from photophone.binary import Message
from photophone.errors import WireError

_EMPTY = np.empty(0, np.float32)
_EMPTY.flags.writeable = False
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Placed:
    """What stands for samples `first_sample` to `end_sample` (excluded) of `epoch`."""

    epoch: str
    first_sample: int
    samples: int
    """Samples of the source per channel."""
    sample_rate_hz: int
    frame_number: int
    """Number of the frame, or of the frame that holds the last sample."""
    captured_us: int
    """UTC of the first sample in microseconds since 1970."""
    monotonic_us: int
    """Monotonic time of the first sample in microseconds since the server started."""
    flags: frozenset[str]
    """Of `clipped`, `nonfinite`, `after_gap`, and words of later servers."""

    @property
    def end_sample(self) -> int:
        """Index after the last sample."""
        return self.first_sample + self.samples

    @property
    def captured_at(self) -> datetime:
        """When the first sample was captured."""
        return _UNIX_EPOCH + timedelta(microseconds=self.captured_us)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Frame(Placed):
    """Consecutive samples; ±1.0 is full scale."""

    a: NDArray[np.float32]
    """Samples of channel A; empty when it was not asked for."""
    b: NDArray[np.float32]
    """Samples of channel B; empty for a mono source, and when it was not asked for."""
    decimate: int = 1
    """One sample is here for every so many of the source: sample k has the index `first_sample + k * decimate`."""
    delay_samples: int = 0
    """A decimated sample was known so many samples later; it stands where it belongs."""

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Time of each sample in seconds since the epoch began."""
        count = max(len(self.a), len(self.b))
        indices = self.first_sample + self.decimate * np.arange(count, dtype=np.float64)
        return indices / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class Peak:
    """A peak of a spectrum."""

    frequency_hz: float
    value: float
    """In the unit of the spectrum."""
    snr_db: float


@dataclass(frozen=True, slots=True, eq=False)
class Cross:
    """Cross-spectrum of A and B, one value per bin."""

    magnitude: NDArray[np.float32]
    phase: NDArray[np.float32]
    coherence: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Spectrum(Placed):
    """A one-sided spectrum of the window that the extent says; phases are radians at the window's first sample."""

    frequencies_hz: NDArray[np.float32]
    a: NDArray[np.float32]
    """Magnitude of channel A in each bin."""
    b: NDArray[np.float32]
    """Likewise of channel B; empty where it has no values."""
    phase_a: NDArray[np.float32] | None
    phase_b: NDArray[np.float32] | None
    size: int
    """Samples in the window."""
    window: str
    unit: str
    enbw_hz: float
    """Equivalent noise bandwidth of the window."""
    scale: str = "amplitude"
    averaging: str = "none"
    averages: float = 1.0
    overlap: float | None = None
    calibrated: bool = False
    peaks_a: tuple[Peak, ...] | None = None
    """None when peaks were not asked for."""
    peaks_b: tuple[Peak, ...] | None = None
    cross: Cross | None = None


@dataclass(frozen=True, slots=True)
class Demodulated:
    """What a channel holds at the harmonic of the reference: A cos(hθ + φ), where θ is the reference's phase."""

    amplitude: float
    """A, peak amplitude as a fraction of full scale."""
    phase: float
    """φ in radians."""
    x: float
    y: float
    noise_density: float | None
    """RMS in fractions of full scale per √Hz; None while it is not known."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LockinReading(Placed):
    """What the lock-in shows after the last of the samples."""

    reference: str
    """A frequency in Hz, `channel_b` or `tracked`."""
    harmonic: int
    tau_s: float
    slope: int
    n: int
    """Samples that have passed the low-pass since it started."""
    locked: bool
    reference_hz: float | None
    """None while not locked."""
    bandwidth_hz: float
    age_tau: float
    settled: bool
    """Whether the low-pass has settled to 1 %."""
    noise_s: float | None
    a: Demodulated | None
    """None while not locked and before the low-pass is one time constant old."""
    b: Demodulated | None
    """Likewise; always None for a mono source and where channel B is the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Samples `from_sample` to `to_sample` (excluded) of `epoch` will not come."""

    epoch: str
    from_sample: int
    to_sample: int | None
    """None when the epoch ended within the gap, so that nobody can count them."""
    cause: str
    """`device`, `ring`, `reopen`, `subscriber`, `history`, `processor`; or `connection`, which this package says of
    samples that nobody told of, because they passed while there was no connection."""
    exact: bool
    next_epoch: str | None = None
    """The epoch that follows, when this one ended within the gap."""

    @property
    def samples(self) -> int | None:
        """Missing samples per channel; None when the epoch ended within the gap."""
        return None if self.to_sample is None else self.to_sample - self.from_sample


@dataclass(frozen=True, slots=True)
class StateReason:
    """Why the source is in its state."""

    code: str
    """A stable word, such as `source_lost` or `end_of_file`."""
    message: str
    """For people: what was wrong, where, and what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the source is doing from now on."""

    state: str
    """`starting`, `running`, `silent`, `stalled`, `reopening`, `waiting_for_device`, `finished` or `failed`."""
    reason: StateReason | None
    """None when there is nothing to explain."""
    epoch: str | None
    """The epoch in which the following frames count; None before the first began."""
    sample_rate_hz: int | None
    channels: int | None
    at_us: int
    """UTC of the change in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class End:
    """The server ends this stream for good; it is the last item."""

    reason: str


def frame_of(message: Message) -> Frame:
    """Reads a `frame`."""
    meta = _Meta(message)
    get = message.arrays.get
    decimate = meta.get("decimate", int, 1)
    frame = Frame(
        **_place_of(message),
        a=get("channel_a", _EMPTY),
        b=get("channel_b", _EMPTY),
        decimate=decimate,
        delay_samples=meta.get("delay_samples", int, 0),
    )
    for samples in (frame.a, frame.b):
        if decimate < 1 or (len(samples) and len(samples) * decimate != frame.samples):
            raise WireError(f"a frame of {frame.samples} samples has {len(samples)}, one of every {decimate}")
    return frame


def spectrum_of(message: Message) -> Spectrum:
    """Reads a `spectrum`: one per frame, or an estimate."""
    meta = _Meta(message)
    get = message.arrays.get
    a, b = get("magnitude_a", _EMPTY), get("magnitude_b", _EMPTY)
    place = _place_of(message)
    size = meta.need("size", int)
    frequencies_hz = get("frequencies")
    if frequencies_hz is None:
        bins = np.arange(max(len(a), len(b)))
        frequencies_hz = (bins * place["sample_rate_hz"] / size).astype(np.float32)
    crossed = [get(f"cross_{word}") for word in ("magnitude", "phase", "coherence")]
    return Spectrum(
        **place,
        frequencies_hz=frequencies_hz,
        a=a,
        b=b,
        phase_a=get("phase_a"),
        phase_b=get("phase_b"),
        size=size,
        window=meta.need("window", str),
        unit=meta.need("unit", str),
        enbw_hz=meta.need("enbw_hz", float),
        scale=meta.get("scale", str, "amplitude"),
        averaging=meta.get("averaging", str, "none"),
        averages=meta.get("averages", float, 1.0),
        overlap=meta.get("overlap", float, None),
        calibrated=meta.get("calibrated", bool, False),
        peaks_a=_peaks(meta, "peaks_a"),
        peaks_b=_peaks(meta, "peaks_b"),
        cross=None if any(values is None for values in crossed) else Cross(*[v for v in crossed if v is not None]),
    )


def lockin_of(message: Message) -> LockinReading:
    """Reads a `lockin`."""
    meta = _Meta(message)
    return LockinReading(
        **_place_of(message),
        reference=meta.need("reference", str),
        harmonic=meta.need("harmonic", int),
        tau_s=meta.need("tau_s", float),
        slope=meta.need("slope", int),
        n=meta.need("n", int),
        locked=meta.need("locked", bool),
        reference_hz=meta.get("reference_hz", float, None),
        bandwidth_hz=meta.need("bandwidth_hz", float),
        age_tau=meta.need("age_tau", float),
        settled=meta.need("settled", bool),
        noise_s=meta.get("noise_s", float, None),
        a=_demodulated(meta, "channel_a"),
        b=_demodulated(meta, "channel_b"),
    )


def gap_of(message: Message) -> Gap:
    """Reads a `gap`."""
    meta = _Meta(message)
    gap = Gap(
        epoch=meta.need("epoch", str),
        from_sample=meta.need("from_sample", int),
        to_sample=meta.get("to_sample", int, None),
        cause=meta.need("cause", str),
        exact=meta.need("exact", bool),
        next_epoch=meta.get("next_epoch", str, None),
    )
    if gap.samples is not None and gap.samples < 0:
        raise WireError(f"a gap from {gap.from_sample} to {gap.to_sample}")
    return gap


def state_of(message: Message) -> State:
    """Reads a `state`."""
    meta = _Meta(message)
    reason = meta.object("reason")
    return State(
        state=meta.need("state", str),
        reason=None if reason is None else StateReason(reason.need("code", str), reason.need("message", str)),
        epoch=meta.get("epoch", str, None),
        sample_rate_hz=meta.get("sample_rate", int, None),
        channels=meta.get("channels", int, None),
        at_us=meta.need("at_us", int),
    )


def reason_of(message: Message) -> str:
    """Why the server says what it says, of `end`, `shutdown` and `reauth`."""
    return str(_Meta(message).get("reason", str, message.kind))


class _Meta:
    """The fields of an object, checked as they are taken."""

    def __init__(self, message: Message, values: object = None) -> None:
        given = message.meta if values is None else values
        if given is None:
            given = {}
        if not isinstance(given, dict):
            raise WireError(f"the fields of {message.kind} are no object")
        self._kind = message.kind
        self._message = message
        self._values: dict[str, Any] = given

    def need(self, key: str, wanted: type[_T]) -> _T:
        value: _T | None = self.get(key, wanted, None)
        if value is None:
            raise WireError(f"{self._kind} has no {key}")
        return value

    def get(self, key: str, wanted: type[_T], default: Any) -> Any:
        value = self._values.get(key)
        if value is None:
            return default
        if wanted is float and type(value) is int:
            return float(value)
        if type(value) is not wanted:
            raise WireError(f"{key} of {self._kind} is {value!r:.80}, not {wanted.__name__}")
        return value

    def objects(self, key: str) -> list[_Meta]:
        """The objects at `key`, which is a list of them."""
        return [_Meta(self._message, value) for value in self.get(key, list, [])]

    def object(self, key: str) -> _Meta | None:
        value = self.get(key, dict, None)
        return None if value is None else _Meta(self._message, value)


def _place_of(message: Message) -> dict[str, Any]:
    place = message.place
    if place is None:
        raise WireError(f"{message.kind} has no place")
    return {
        "epoch": place.epoch,
        "first_sample": place.first_sample,
        "samples": place.samples,
        "sample_rate_hz": place.sample_rate_hz,
        "frame_number": place.frame_number,
        "captured_us": place.captured_us,
        "monotonic_us": place.monotonic_us,
        "flags": place.flags,
    }


def _peaks(meta: _Meta, key: str) -> tuple[Peak, ...] | None:
    if meta.get(key, list, None) is None:
        return None
    return tuple(
        Peak(peak.need("frequency_hz", float), peak.need("value", float), peak.need("snr_db", float))
        for peak in meta.objects(key)
    )


def _demodulated(meta: _Meta, key: str) -> Demodulated | None:
    values = meta.object(key)
    if values is None:
        return None
    amplitude, phase, x, y = (values.need(word, float) for word in ("amplitude", "phase", "x", "y"))
    return Demodulated(amplitude, phase, x, y, values.get("noise_density", float, None))
