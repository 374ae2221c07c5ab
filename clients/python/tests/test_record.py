"""Recordings: what they hold against numpy's own account of the simulated signal, and what they say of losses."""

from __future__ import annotations

import signal
import wave
from pathlib import Path

import numpy as np
import pytest
from support import Server, cutting, serving

from photophone import Frame, Gap, Photophone, PhotophoneError, RecordingEnded
from photophone.recording import Recorder

TONE_HZ = 1000.0
AMPLITUDE = 10 ** (-6 / 20)


def test_three_lines_to_an_array(tone: Server) -> None:
    with Photophone(tone.url, token=tone.token()) as lab:
        block = lab.record(seconds=0.5)
    array = np.asarray(block)
    assert array.shape == (24_000, 2)
    assert array.dtype == np.float32
    assert block.is_whole and block.gaps == () and not np.isnan(array).any()
    assert (block.channels, block.sample_rate_hz, len(block)) == ("ab", 48000, 24_000)


def test_a_sine_has_the_frequency_and_amplitude_that_it_was_made_with(tone_lab: Photophone) -> None:
    block = tone_lab.record(seconds=0.25)
    spectrum = np.fft.rfft(block.samples.astype(np.float64), axis=0) * 2 / len(block)
    frequencies_hz = np.fft.rfftfreq(len(block), 1 / block.sample_rate_hz)
    peak = np.abs(spectrum).argmax(axis=0)
    assert frequencies_hz[peak].tolist() == [TONE_HZ, TONE_HZ]
    a, b = spectrum[peak[0]]
    np.testing.assert_allclose(np.abs([a, b]), AMPLITUDE, rtol=1e-5)
    # B is 90° behind A.
    assert np.angle(b / a) == pytest.approx(-np.pi / 2, abs=1e-4)
    # All else is rounding.
    spectrum[peak[0]] = 0
    assert np.abs(spectrum).max() < 1e-6


def test_a_recording_is_the_same_over_connections_that_break(tone: Server) -> None:
    with cutting(tone, 100_000, 60_000) as proxy, Photophone(proxy.url, tone.token()) as lab:
        block = lab.record(seconds=0.6)
        assert len(proxy.requests) == 3
    assert block.is_whole
    k = block.first_sample + np.arange(len(block))
    phase = np.angle(np.exp(-2j * np.pi * TONE_HZ * k / 48000) @ block.samples[:, 0].astype(np.float64))
    wanted = AMPLITUDE * np.cos(2 * np.pi * TONE_HZ * k / 48000 + phase)
    np.testing.assert_allclose(block.samples[:, 0], wanted, atol=1e-5)


def test_lost_samples_are_nan_and_masked_and_told() -> None:
    with serving("sim:dropouts") as server, server.client() as lab:
        block = lab.record(seconds=2.2)
    assert len(block) == round(2.2 * 48000)
    assert block.gaps and {gap.cause for gap in block.gaps} == {"device"}
    wanted = np.zeros(len(block), np.bool_)
    for gap in block.gaps:
        assert gap.to_sample is not None
        wanted[gap.from_sample - block.first_sample : gap.to_sample - block.first_sample] = True
    np.testing.assert_array_equal(block.mask, wanted)
    np.testing.assert_array_equal(np.isnan(block.samples), np.broadcast_to(wanted[:, np.newaxis], (len(block), 2)))
    assert block.masked().count(axis=0).tolist() == [len(block) - wanted.sum()] * 2
    # What is there stands where its index says: a sine through all gaps.
    k = block.first_sample + np.flatnonzero(~wanted)
    present = block.samples[~wanted, 0].astype(np.float64)
    basis = np.exp(2j * np.pi * TONE_HZ * k / 48000)
    fitted, *_ = np.linalg.lstsq(np.column_stack([basis.real, basis.imag]), present, rcond=None)
    np.testing.assert_allclose(np.column_stack([basis.real, basis.imag]) @ fitted, present, atol=1e-5)


def test_decimated_samples_stand_at_the_rate_that_the_recording_says(tone_lab: Photophone) -> None:
    block = tone_lab.record(seconds=0.2, channels="a", decimate=8)
    assert (block.samples.shape, block.sample_rate_hz, block.channels) == ((1200, 1), 6000, "a")
    assert block.first_sample % 8 == 0
    assert block.times_s[-1] == pytest.approx(1199 / 6000)
    assert np.abs(np.fft.rfft(block.samples[:, 0])).argmax() == 200


def test_an_epoch_that_ends_ends_the_recording_and_hands_it_over() -> None:
    with serving("sim:tone") as server, cutting(server) as proxy, Photophone(proxy.url, server.token()) as lab:
        recorder, ended = Recorder(60), None
        with lab.frames() as frames:
            for item in frames:
                if isinstance(item, Frame) and ended is None:
                    ended = item.epoch
                    server.restart(signal.SIGKILL)
                    proxy.port = server.port
                try:
                    assert recorder.add(item) is None
                except RecordingEnded as what:
                    assert what.reason == "epoch"
                    assert what.recording.epoch == ended
                    assert what.recording.is_whole and len(what.recording) >= 1600
                    break


def test_a_file_that_ends_ends_the_recording(tmp_path: Path) -> None:
    samples = np.arange(2 * 8000, dtype="<i2")
    with wave.open(str(tmp_path / "ramp.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    with serving(f"wav:{tmp_path / 'ramp.wav'}") as server, server.client() as lab:
        with pytest.raises(RecordingEnded, match="finished") as ended:
            lab.record(seconds=60)
        with pytest.raises(PhotophoneError, match="no_samples: there is nothing to record: finished"):
            lab.record(seconds=1)
    block = ended.value.recording
    assert (block.channels, block.sample_rate_hz, block.is_whole) == ("a", 8000, True)
    np.testing.assert_array_equal(block.samples[:, 0] * 32768, samples[block.first_sample :])


def test_the_length_has_to_be_a_time(tone_lab: Photophone) -> None:
    for seconds in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="expected a number above 0"):
            tone_lab.record(seconds=seconds)


def frame_of_ones(epoch: str) -> Frame:
    return Frame(
        epoch=epoch,
        first_sample=1000,
        samples=4,
        sample_rate_hz=1000,
        frame_number=0,
        captured_us=0,
        monotonic_us=0,
        flags=frozenset({"clipped"}),
        a=np.ones(4, np.float32),
        b=np.empty(0, np.float32),
    )


def test_two_epochs_are_never_one_recording() -> None:
    recorder = Recorder(0.01)
    recorder.add(frame_of_ones("one"))
    with pytest.raises(RecordingEnded, match="epoch") as ended:
        recorder.add(frame_of_ones("two"))
    assert len(ended.value.recording) == 4


def test_a_gap_at_the_end_is_cut_where_the_recording_ends() -> None:
    recorder = Recorder(0.01)
    assert recorder.add(frame_of_ones("e")) is None
    block = recorder.add(Gap(epoch="e", from_sample=1004, to_sample=9999, cause="reopen", exact=False))
    assert block is not None
    assert block.mask.tolist() == [False] * 4 + [True] * 6
    assert (block.gaps[0].to_sample, block.gaps[0].exact) == (1010, False)
    assert (set(block.flags), block.channels) == ({"clipped"}, "a")
