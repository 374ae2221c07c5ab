"""Spectra and the lock-in against scipy and numpy, which compute them from the samples of the same windows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import pytest
import scipy.signal
from numpy.typing import NDArray

from photophone import End, Frame, Gap, LockinReading, Photophone, Spectrum, State, Stream

T = TypeVar("T")
CELL_HZ = 2000.0
CELL_A = 10 ** (-20 / 20)
CELL_B = 10 ** (-21 / 20)


def of_kind(stream: Stream[T | Gap | State | End], kind: type[T], count: int) -> list[T]:
    found: list[T] = []
    with stream:
        for item in stream:
            if isinstance(item, kind):
                found.append(item)
            if len(found) == count:
                return found
    raise AssertionError("the stream ended")


def samples_of(
    lab: Photophone, spectra: Iterator[object], count: int
) -> tuple[list[Spectrum], NDArray[np.float32], int]:
    """Spectra, and the samples of both channels that cover their windows, with the index of the first."""
    with lab.frames(policy="lossless") as frames:
        first = next(item for item in frames if isinstance(item, Frame))
        seen: list[Spectrum] = []
        while len(seen) < count:
            item = next(spectra)
            if isinstance(item, Spectrum) and item.first_sample >= first.first_sample:
                seen.append(item)
        pieces = [first]
        while pieces[-1].end_sample < seen[-1].end_sample:
            item = next(frames)
            if isinstance(item, Frame):
                assert item.first_sample == pieces[-1].end_sample
                pieces.append(item)
    both = np.column_stack([np.concatenate([f.a for f in pieces]), np.concatenate([f.b for f in pieces])])
    return seen, both, first.first_sample


def test_a_spectrum_is_that_of_its_window(cell_lab: Photophone) -> None:
    size = 1024
    with cell_lab.spectra(size=size, window="hann") as stream:
        spectra, samples, first = samples_of(cell_lab, stream, 4)
    window = scipy.signal.get_window("hann", size, fftbins=True)
    for spectrum in spectra:
        at = spectrum.first_sample - first
        wanted = np.fft.rfft(samples[at : at + size, 0].astype(np.float64) * window) / window.sum()
        magnitude = np.abs(wanted) * np.where(np.isin(np.arange(len(wanted)), [0, size // 2]), 1, 2)
        np.testing.assert_allclose(spectrum.a, magnitude, rtol=1e-4, atol=1e-8)
        np.testing.assert_allclose(spectrum.frequencies_hz, np.fft.rfftfreq(size, 1 / 48000), rtol=1e-6)
        peak = int(spectrum.a.argmax())
        assert spectrum.phase_a is not None
        assert spectrum.phase_a[peak] == pytest.approx(np.angle(wanted[peak]), abs=1e-4)
        assert (spectrum.size, spectrum.window, spectrum.unit, spectrum.peaks_a) == (size, "hann", "fs", None)


def test_an_estimate_is_that_of_welch(cell_lab: Photophone) -> None:
    size = 2048
    parameters = cell_lab.spectra(
        size=size, overlap=0.5, averaging="linear:8", scale="psd", cross=True, peaks=3, fps=100
    )
    with parameters as stream:
        (estimate,), samples, first = samples_of_block(cell_lab, stream, size, 8)
    begin = estimate.end_sample - size - 7 * size // 2 - first
    block = samples[begin : estimate.end_sample - first].astype(np.float64)
    given: dict[str, Any] = {"fs": 48000, "window": "hann", "nperseg": size, "noverlap": size // 2, "detrend": False}
    _, psd = scipy.signal.welch(block, axis=0, **given)
    np.testing.assert_allclose(estimate.a, psd[:, 0], rtol=1e-3)
    np.testing.assert_allclose(estimate.b, psd[:, 1], rtol=1e-3)
    _, coherence = scipy.signal.coherence(block[:, 0], block[:, 1], **given)
    assert estimate.cross is not None
    np.testing.assert_allclose(estimate.cross.coherence, coherence, atol=1e-3)
    assert estimate.averages == 8
    assert estimate.peaks_a and estimate.peaks_a[0].frequency_hz == pytest.approx(CELL_HZ, abs=1)


def samples_of_block(
    lab: Photophone, spectra: Stream[Spectrum | Gap | State | End], size: int, windows: int
) -> tuple[list[Spectrum], NDArray[np.float32], int]:
    """The first estimate whose whole block of windows is covered by samples."""
    before = (windows - 1) * size // 2

    def whole() -> Iterator[object]:
        with lab.frames() as frames:
            first = next(item for item in frames if isinstance(item, Frame)).first_sample
        for item in spectra:
            if not isinstance(item, Spectrum) or item.averages != windows:
                continue
            if item.first_sample - before >= first + 9600:
                yield item

    return samples_of(lab, whole(), 1)


def test_the_lock_in_reads_amplitude_and_phase_of_the_cell(cell_lab: Photophone) -> None:
    readings = of_kind(cell_lab.lockin(reference=CELL_HZ, tau_s=0.01, slope=24, fps=20), LockinReading, 8)
    assert [later.first_sample - one.end_sample for one, later in itertools.pairwise(readings)] == [0] * 7
    reading = readings[-1]
    assert (reading.reference, reading.reference_hz, reading.harmonic, reading.locked) == ("2000", CELL_HZ, 1, True)
    assert reading.settled
    assert reading.a is not None and reading.b is not None
    assert reading.a.amplitude == pytest.approx(CELL_A, rel=1e-3)
    assert reading.b.amplitude == pytest.approx(CELL_B, rel=1e-3)
    assert reading.a.phase == pytest.approx(0, abs=2e-3)
    assert abs(reading.b.phase) == pytest.approx(np.pi, abs=2e-3)
    assert np.hypot(reading.a.x, reading.a.y) == pytest.approx(reading.a.amplitude)


def test_the_lock_in_agrees_with_a_demodulation_of_the_samples(cell_lab: Photophone) -> None:
    block = cell_lab.record(seconds=0.4)
    reading = of_kind(cell_lab.lockin(reference=CELL_HZ, tau_s=0.05), LockinReading, 1)[0]
    k = block.first_sample + np.arange(len(block))
    x, y = (2 * np.exp(-2j * np.pi * CELL_HZ * k / 48000) @ block.samples.astype(np.float64) / len(block)).tolist()
    assert reading.a is not None and reading.b is not None
    assert complex(reading.a.x, reading.a.y) == pytest.approx(x, abs=2e-4)
    assert complex(reading.b.x, reading.b.y) == pytest.approx(y, abs=2e-4)
