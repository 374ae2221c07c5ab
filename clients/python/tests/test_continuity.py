"""The account of a stream against connections that break anywhere, as docs/wire.md says they go on."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import pytest
from account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from photophone import Frame, Gap, Placed, Spectrum, State
from photophone.continuity import Continuity

RATE_HZ = 1000


def frame(epoch: str, first_sample: int, samples: int) -> Frame:
    return Frame(
        epoch=epoch,
        first_sample=first_sample,
        samples=samples,
        sample_rate_hz=RATE_HZ,
        frame_number=0,
        captured_us=first_sample * 1000,
        monotonic_us=first_sample * 1000,
        flags=frozenset(),
        a=np.arange(first_sample, first_sample + samples, dtype=np.float32),
        b=np.empty(0, np.float32),
    )


def gap(epoch: str, from_sample: int, to_sample: int | None, cause: str = "device", **more: str) -> Gap:
    return Gap(
        epoch=epoch,
        from_sample=from_sample,
        to_sample=to_sample,
        cause=cause,
        exact=to_sample is not None,
        next_epoch=more.get("next_epoch"),
    )


def state(epoch: str, at_us: int) -> State:
    return State(state="running", reason=None, epoch=epoch, sample_rate_hz=RATE_HZ, channels=1, at_us=at_us)


@dataclass
class Lab:
    """All that a server has to tell, in order, and how it tells it to who comes back."""

    items: list[Frame | Gap | State]

    @classmethod
    def by_chance(cls, chance: random.Random) -> Lab:
        items: list[Frame | Gap | State] = [state("e0", 0)]
        number, at = 0, 0
        for _ in range(chance.randint(5, 60)):
            epoch = f"e{number}"
            samples = chance.randint(1, 9)
            match chance.choice("ffffffgsn"):
                case "f":
                    items.append(frame(epoch, at, samples))
                    at += samples
                case "g":
                    items.append(gap(epoch, at, at + samples))
                    at += samples
                case "s":
                    items.append(state(epoch, len(items)))
                case "n":
                    number, was = number + 1, at
                    at = chance.choice([0, samples])
                    if at:
                        items.append(gap(epoch, was, None, next_epoch=f"e{number}"))
                        items.append(gap(f"e{number}", 0, at))
                    items.append(state(f"e{number}", len(items)))
        return cls(items)

    def after(self, last_event_id: str | None, enough: int) -> list[Frame | Gap | State]:
        """Of a new connection: the state that holds, then what follows the event, or what is new."""
        start = 0 if last_event_id is None else self._place_of(last_event_id) + 1
        if last_event_id is None:
            start = next(
                (k for k in range(enough, len(self.items)) if isinstance(self.items[k], Frame)), len(self.items)
            )
        states = [item for item in self.items[:start] if isinstance(item, State)]
        return [*states[-1:], *self.items[start:]]

    def _place_of(self, event_id: str) -> int:
        ids = [f"{item.epoch}:{item.first_sample}" if isinstance(item, Frame) else None for item in self.items]
        return ids.index(event_id)


@settings(max_examples=500)
@given(st.integers(0, 2**32))
def test_what_is_told_over_many_connections_is_told_once(seed: int) -> None:
    chance = random.Random(seed)
    lab = Lab.by_chance(chance)
    continuity, account = Continuity(is_contiguous=True), Account()
    told = lab.after(None, 0)
    while told:
        until = chance.randint(1, len(told))
        for item in told[:until]:
            for new in continuity.enter(item):
                assert isinstance(new, Frame | Gap | State)
                account.enter(new)
        if until == len(told):
            break
        continuity.reconnected()
        told = lab.after(continuity.last_event_id, lab.items.index(told[until - 1]) + 1)
    frames = [item for item in lab.items if isinstance(item, Frame)]
    if all(new.cause != "connection" for new in account.gaps):
        assert [id(new) for new in account.frames] == [id(item) for item in frames]
        # A connection that ended before there was anything promised nothing.
        begun: list[Frame | Gap | State] = [*account.frames[:1], *account.gaps[:1]]
        joined = min((lab.items.index(item) for item in begun), default=len(lab.items))
        assert account.gaps == [item for item in lab.items[joined:] if isinstance(item, Gap)]


@settings(max_examples=500)
@given(st.integers(0, 2**32))
def test_a_hole_that_nobody_told_of_is_told(seed: int) -> None:
    chance = random.Random(seed)
    lab = Lab.by_chance(chance)
    continuity, account = Continuity(is_contiguous=True), Account()
    for item in lab.items:
        if isinstance(item, State) or chance.random() < 0.7:
            for new in continuity.enter(item):
                assert isinstance(new, Frame | Gap | State)
                account.enter(new)


def entered(*items: Frame | Gap | State) -> list[Frame | Gap | State]:
    continuity = Continuity(is_contiguous=True)
    return [new for item in items for new in continuity.enter(item) if isinstance(new, Frame | Gap | State)]


def test_a_gap_from_the_event_named_begins_where_that_ended() -> None:
    _, lost, _ = entered(frame("e", 0, 10), gap("e", 0, 50, "history"), frame("e", 50, 10))
    assert isinstance(lost, Gap)
    assert (lost.from_sample, lost.to_sample, lost.cause) == (10, 50, "history")


def test_of_a_frame_of_another_length_the_part_is_taken_that_is_new() -> None:
    _, rest = entered(frame("e", 0, 10), frame("e", 5, 10))
    assert isinstance(rest, Frame)
    assert (rest.first_sample, rest.samples, rest.captured_us) == (10, 5, 10_000)
    assert rest.a.tolist() == [10, 11, 12, 13, 14]


def test_the_end_of_an_epoch_that_nobody_could_ask_for_is_told() -> None:
    continuity = Continuity(is_contiguous=True)
    list(continuity.enter(gap("old", 0, 20)))
    continuity.reconnected()
    list(continuity.enter(state("new", 1)))
    lost, of_new, _ = continuity.enter(frame("new", 30, 10))
    assert lost == gap("old", 20, None, "connection", next_epoch="new")
    assert of_new == gap("new", 0, 30, "connection")


def test_an_epoch_that_was_announced_ended_with_all_that_it_had() -> None:
    items: list[Frame | Gap | State] = [gap("old", 0, 20), state("new", 1), frame("new", 0, 10)]
    assert entered(*items) == items


def test_an_epoch_of_which_nothing_came_but_that_it_began_is_told_as_lost() -> None:
    began, gone = gap("a", 10, None, next_epoch="b"), gap("a", 10, None, "history", next_epoch="c")
    items = entered(state("a", 0), frame("a", 0, 10), began, gone, frame("c", 0, 10))
    assert items[2:4] == [began, gap("b", 0, None, "history", next_epoch="c")]
    assert len(items) == 5


def test_gaps_of_epochs_that_were_left_are_not_told_again() -> None:
    chain = [gap("a", 10, None, next_epoch="b"), gap("b", 0, 5), gap("b", 5, None, next_epoch="c")]
    items = entered(frame("a", 0, 10), *chain, *chain, frame("c", 0, 10))
    assert items[1:-1] == chain


def test_before_the_filter_of_decimated_samples_is_filled_nothing_is_lost() -> None:
    second = replace(frame("new", 264, 40), decimate=4, a=np.zeros(10, np.float32))
    first = replace(frame("old", 0, 40), decimate=4, a=np.zeros(10, np.float32))
    items: list[Frame | Gap | State] = [first, state("new", 1), second]
    assert entered(*items) == items


@pytest.mark.parametrize("first_sample", [0, 100])
def test_of_spectra_each_comes_once_and_overlaps_are_no_repetition(first_sample: int) -> None:
    continuity = Continuity(is_contiguous=False)

    def windows(*at: int) -> list[int]:
        spectra = [spectrum(first_sample + k) for k in at]
        new = [item for each in spectra for item in continuity.enter(each)]
        return [item.first_sample - first_sample for item in new if isinstance(item, Spectrum)]

    assert windows(0, 5, 10) == [0, 5, 10]
    assert continuity.last_event_id == f"e:{first_sample + 10}"
    assert windows(5, 10, 15) == [15]
    assert list(continuity.enter(gap("e", first_sample + 40, first_sample + 60))) == [
        gap("e", first_sample + 40, first_sample + 60)
    ]
    ended = gap("next", 20, None, next_epoch="last")
    told: list[Placed | Gap | State] = [state("next", 1), replace(spectrum(0), epoch="next"), ended, ended]
    assert [new for item in told for new in continuity.enter(item)] == told[:3]


def spectrum(first_sample: int) -> Spectrum:
    empty = np.empty(0, np.float32)
    return Spectrum(
        epoch="e",
        first_sample=first_sample,
        samples=20,
        sample_rate_hz=RATE_HZ,
        frame_number=0,
        captured_us=0,
        monotonic_us=0,
        flags=frozenset(),
        frequencies_hz=empty,
        a=empty,
        b=empty,
        phase_a=None,
        phase_b=None,
        size=20,
        window="hann",
        unit="fs",
        enbw_hz=1.0,
    )
