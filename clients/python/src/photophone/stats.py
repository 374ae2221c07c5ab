"""Counters of the stream, as `/api/audio/stream/stats` answers them."""

from __future__ import annotations

from typing import Generic, TypedDict, TypeVar

T = TypeVar("T")


class PerChannel(TypedDict, Generic[T]):
    """A number for each channel."""

    a: T
    b: T


class SamplesLost(TypedDict):
    """Samples per channel lost before the stream, by cause."""

    device: int
    ring: int
    reopen: int


class StateReason(TypedDict):
    """Why the source is in its state."""

    code: str
    message: str


class Stats(TypedDict):
    """Counters now; later servers may have more. None is "not known", never zero."""

    total_frames: int
    dropped_frames: int
    active_subscribers: int
    stalled_viewers: int
    fps: float
    last_update: int | None
    sample_rate: int | None
    channels: int | None
    samples_total: int
    samples_lost: SamplesLost
    clipped_samples: PerChannel[int]
    nonfinite_samples: int
    peak_dbfs: PerChannel[float | None]
    rms_dbfs: PerChannel[float | None]
    state: str
    state_reason: StateReason | None
    epoch: str | None
    uptime_secs: float
    measured_rate_hz: float | None
    rate_deviation_ppm: float | None
