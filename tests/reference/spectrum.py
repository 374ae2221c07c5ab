#!/usr/bin/python3
"""The reference for spectra: scipy's window and numpy's FFT on the same samples.

stdin:  [{"rate": Hz, "size": samples, "window": name as in config.yaml, "samples": [...]}, ...]
stdout: [{"frequencies": [Hz], "magnitude": [...], "phase": [radians], "enbw_hz": Hz}, ...]

The last `size` of the samples are taken. A magnitude is the amplitude of a sine as a fraction of full scale; phase is
referred to the window's first sample. Phases are angles: compare them around the circle.
"""

import json
import sys

import numpy
from scipy.signal import get_window

SCIPY_NAMES = {"rectangular": "boxcar", "blackman_harris": "blackmanharris"}


def spectrum(rate, size, window, samples):
    # A sample is an f32 written with the fewest digits that read back to it; as an f64 those digits are another number.
    samples = numpy.asarray(samples, dtype=numpy.float32).astype(numpy.float64)[-size:]
    if len(samples) < size:
        raise SystemExit(f"{len(samples)} samples are fewer than the window of {size}")
    weights = get_window(SCIPY_NAMES.get(window, window), size, fftbins=True)
    transform = numpy.fft.rfft(samples * weights)
    magnitude = numpy.abs(transform) * 2 / weights.sum()
    magnitude[0] /= 2
    if size % 2 == 0:
        magnitude[-1] /= 2
    return {
        "frequencies": numpy.fft.rfftfreq(size, 1 / rate).tolist(),
        "magnitude": magnitude.tolist(),
        "phase": numpy.angle(transform).tolist(),
        "enbw_hz": float(rate * numpy.square(weights).sum() / weights.sum() ** 2),
    }


if __name__ == "__main__":
    json.dump([spectrum(**request) for request in json.load(sys.stdin)], sys.stdout)
