"""What a reader has and what it misses, across connections; knows no network.

Of frames, every index of an epoch is given out once, by a frame or by a gap. What is told again after a reconnection
is left out, and a hole that nobody told of becomes a gap of cause `connection`. Windows of spectra overlap, and
readings of a lock-in do not begin at gaps: of these each is given out once, in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from photophone.items import Frame, Gap, Placed, State

# Of what came since the newest event that can be named: it may be told again.
_REMEMBERED = 64


class Continuity:
    """The account of one stream; a contiguous one is of frames."""

    def __init__(self, *, is_contiguous: bool) -> None:
        self._is_contiguous = is_contiguous
        self.last_event_id: str | None = None
        """Names the newest event that has come, for the server to go on after it."""
        self._epoch: str | None = None
        self._next_sample = 0
        """In `_epoch`: the end of what was given out, by frames and gaps."""
        self._newest: tuple[str, int] | None = None
        self._announced: str | None = None
        """The epoch that a state said to be next, so that the one before it ended with all that it had."""
        self._is_blind = False
        self._states: deque[State] = deque(maxlen=_REMEMBERED)
        self._passed: deque[str] = deque(maxlen=_REMEMBERED)
        """Epochs that were left. None comes back."""

    def reconnected(self) -> None:
        """The next item comes over another connection."""
        # Nobody could ask for what passed in between, so a new epoch says nothing of the old one's end.
        self._is_blind = self.last_event_id is None

    def enter(self, item: Placed | Gap | State) -> Iterator[Placed | Gap | State]:
        """Takes an item as it came; gives what of it is new, after what is missing before it."""
        match item:
            case Frame():
                yield from self._frame(item)
                self._name(item)
                self._is_blind = False
            case Placed():
                if self._name(item):
                    yield item
            case Gap():
                yield from self._gap(item)
            case State() if item not in self._states:
                self._states.append(item)
                if not self._is_blind:
                    self._announced = item.epoch
                yield item

    def _name(self, item: Placed) -> bool:
        """Remembers the item as the newest; false when it is not newer than that."""
        if self._newest is not None and self._newest[0] == item.epoch and item.first_sample <= self._newest[1]:
            return False
        self._newest = (item.epoch, item.first_sample)
        self.last_event_id = f"{item.epoch}:{item.first_sample}"
        return True

    def _frame(self, frame: Frame) -> Iterator[Frame | Gap]:
        if frame.epoch in self._passed:
            return
        is_first = frame.epoch != self._epoch
        # Before the filter of decimated samples is filled there are none, and no gap says so.
        begins = frame.first_sample if is_first and frame.decimate > 1 else 0
        yield from self._hole_before(frame.epoch, frame.first_sample, begins)
        rest = frame if is_first else _from(frame, self._next_sample)
        if rest.samples:
            self._move(frame.epoch, frame.end_sample)
            yield rest

    def _gap(self, gap: Gap) -> Iterator[Gap]:
        if gap.to_sample is None:
            if gap.next_epoch == self._epoch or gap.next_epoch in self._passed:
                return
            if self._epoch is not None and gap.epoch in self._passed:
                # Told after an event of an epoch before this one, of which nothing came but that it began.
                gap = replace(gap, epoch=self._epoch, from_sample=self._next_sample)
        elif gap.epoch in self._passed or (gap.epoch == self._epoch and gap.to_sample <= self._next_sample):
            return
        yield from self._hole_before(gap.epoch, gap.from_sample, 0)
        if gap.epoch == self._epoch and gap.from_sample < self._next_sample:
            gap = replace(gap, from_sample=self._next_sample)
        self._move(gap.epoch, gap.to_sample or 0)
        if gap.to_sample is None:
            self._move(gap.next_epoch, 0)
        yield gap

    def _move(self, epoch: str | None, next_sample: int) -> None:
        if self._epoch is not None and epoch != self._epoch:
            self._passed.append(self._epoch)
        self._epoch, self._next_sample = epoch, next_sample

    def _hole_before(self, epoch: str, first_sample: int, begins: int) -> Iterator[Gap]:
        """The gaps that nobody told of. What was before the first item was never asked for."""
        if self._epoch is None or not self._is_contiguous:
            return
        from_sample = self._next_sample
        if epoch != self._epoch:
            if epoch != self._announced:
                yield _unannounced(self._epoch, from_sample, None, epoch)
            from_sample = begins
        if first_sample > from_sample:
            yield _unannounced(epoch, from_sample, first_sample)


def _unannounced(epoch: str, from_sample: int, to_sample: int | None, next_epoch: str | None = None) -> Gap:
    return Gap(
        epoch=epoch,
        from_sample=from_sample,
        to_sample=to_sample,
        cause="connection",
        exact=to_sample is not None,
        next_epoch=next_epoch,
    )


def _from(frame: Frame, first_sample: int) -> Frame:
    """What of a frame is at `first_sample` and later; on the grid of decimated samples."""
    late = max(first_sample - frame.first_sample, 0)
    skipped = min(-(-late // frame.decimate), frame.samples // frame.decimate)
    if skipped == 0:
        return frame
    samples = skipped * frame.decimate
    shift_us = samples * 1_000_000 // frame.sample_rate_hz
    return replace(
        frame,
        first_sample=frame.first_sample + samples,
        samples=frame.samples - samples,
        captured_us=frame.captured_us + shift_us,
        monotonic_us=frame.monotonic_us + shift_us,
        a=frame.a[skipped:],
        b=frame.b[skipped:],
    )
