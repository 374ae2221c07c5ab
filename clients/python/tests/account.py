"""The promise of a stream of frames, checked item by item: within an epoch every index once, in order."""

from __future__ import annotations

from photophone import End, Frame, Gap, State


class Account:
    """What came, entered in order."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.gaps: list[Gap] = []
        self.states: list[State] = []
        self.position: tuple[str, int] | None = None
        self._announced: str | None = None

    def enter(self, item: Frame | Gap | State | End) -> None:
        match item:
            case Frame():
                self._follows(item.epoch, item.first_sample)
                self.position = (item.epoch, item.end_sample)
                self.frames.append(item)
            case Gap():
                self._follows(item.epoch, item.from_sample)
                assert item.samples != 0
                if item.to_sample is None:
                    assert item.next_epoch not in (None, item.epoch)
                    assert item.next_epoch is not None
                    self.position = (item.next_epoch, 0)
                else:
                    self.position = (item.epoch, item.to_sample)
                self.gaps.append(item)
            case State():
                assert item not in self.states
                self._announced = item.epoch
                self.states.append(item)
            case End():
                raise AssertionError(item)

    def _follows(self, epoch: str, first_sample: int) -> None:
        position = self.position
        if position is not None and position[0] != epoch == self._announced:
            # An epoch that ended with all that it had.
            position = (epoch, 0)
        assert position in (None, (epoch, first_sample))
