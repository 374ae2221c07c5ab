"""Frames and gaps put together into one array."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from photophone.errors import PhotophoneError, RecordingEnded
from photophone.items import End, Frame, Gap, State


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Recording:
    """Consecutive samples of one epoch; those that were lost are NaN. `numpy.asarray` gives the samples."""

    samples: NDArray[np.float32]
    """Shape (samples, channels); ±1.0 is full scale."""
    mask: NDArray[np.bool_]
    """True where a sample was lost, as in numpy.ma."""
    gaps: tuple[Gap, ...]
    """Why: gaps within the recording. Where one is not `exact`, what follows it may stand too early or too late."""
    channels: str
    """What the columns are: `a`, `b` or `ab`."""
    epoch: str
    first_sample: int
    """Index of the first sample in the epoch, counted in samples of the source."""
    sample_rate_hz: float
    """Rows per second: that of the source, divided by `decimate`."""
    decimate: int
    captured_at: datetime
    """When the first sample was captured."""
    flags: frozenset[str]
    """Those of all frames: `clipped`, `nonfinite`, `after_gap`."""

    @property
    def is_whole(self) -> bool:
        """Whether no sample is missing."""
        return not self.mask.any()

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Time of each row in seconds since the first."""
        return np.arange(len(self.mask)) / self.sample_rate_hz

    def masked(self) -> np.ma.MaskedArray[Any, np.dtype[np.float32]]:
        """The samples with the mask, for the functions of numpy.ma."""
        wide = np.broadcast_to(self.mask[:, np.newaxis], self.samples.shape)
        return np.ma.MaskedArray(self.samples, mask=wide)

    def __len__(self) -> int:
        return len(self.mask)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False and dtype is not None and np.dtype(dtype) != self.samples.dtype:
            raise ValueError(f"samples are {self.samples.dtype}: as {np.dtype(dtype)} they have to be copied")
        return self.samples.astype(dtype or self.samples.dtype, copy=bool(copy))


class Recorder:
    """Collects the items of a stream of frames until it has `seconds` from the first frame on."""

    def __init__(self, seconds: float) -> None:
        if not (math.isfinite(seconds) and seconds > 0):
            raise ValueError(f"seconds is {seconds}; expected a number above 0")
        self._seconds = seconds
        self._first: Frame | None = None
        self._samples = np.empty((0, 0), np.float32)
        self._rows = 0
        """Rows that are accounted for, by samples or by gaps."""
        self._gaps: list[Gap] = []
        self._flags: frozenset[str] = frozenset()
        self._mask = np.ones(0, np.bool_)

    def add(self, item: Frame | Gap | State | End) -> Recording | None:
        """Takes the next item; gives the recording when it is complete.

        Raises RecordingEnded when it never will be, or PhotophoneError when it has not even begun.
        """
        match item:
            case Frame():
                self._add_frame(item)
            case Gap():
                self._add_gap(item)
            case State(state="finished" | "failed"):
                self._end(item.state)
            case End():
                self._end(item.reason)
        return self._recording() if self._first is not None and self._rows == len(self._mask) else None

    def _begin(self, frame: Frame) -> Frame:
        count = max(round(self._seconds * frame.sample_rate_hz / frame.decimate), 1)
        columns = sum(len(samples) > 0 for samples in (frame.a, frame.b))
        self._samples = np.full((count, columns), np.nan, np.float32)
        self._mask = np.ones(count, np.bool_)
        self._first = frame
        return frame

    def _add_frame(self, frame: Frame) -> None:
        first = self._first or self._begin(frame)
        if frame.epoch != first.epoch:
            self._end("epoch")
        at = (frame.first_sample - first.first_sample) // first.decimate
        columns = [samples for samples in (frame.a, frame.b) if len(samples)]
        until = min(at + len(columns[0]), len(self._mask))
        for column, samples in enumerate(columns):
            self._samples[at:until, column] = samples[: until - at]
        self._mask[at:until] = False
        self._flags |= frame.flags
        self._rows = until

    def _add_gap(self, gap: Gap) -> None:
        if self._first is None:
            return
        if gap.to_sample is None or gap.epoch != self._first.epoch:
            self._end("epoch")
            return
        end = self._first.first_sample + len(self._mask) * self._first.decimate
        to_sample = min(gap.to_sample, end)
        self._gaps.append(replace(gap, to_sample=to_sample))
        self._rows = (to_sample - self._first.first_sample) // self._first.decimate

    def _end(self, reason: str) -> None:
        if self._first is None:
            raise PhotophoneError("no_samples", f"there is nothing to record: {reason}")
        raise RecordingEnded(reason, self._recording())

    def _recording(self) -> Recording:
        first = self._first
        assert first is not None
        present = {"a": len(first.a), "b": len(first.b)}
        return Recording(
            samples=self._samples[: self._rows],
            mask=self._mask[: self._rows],
            gaps=tuple(self._gaps),
            channels="".join(name for name, count in present.items() if count),
            epoch=first.epoch,
            first_sample=first.first_sample,
            sample_rate_hz=first.sample_rate_hz / first.decimate,
            decimate=first.decimate,
            captured_at=first.captured_at,
            flags=self._flags,
        )
