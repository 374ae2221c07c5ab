#!/usr/bin/python3
"""The reference for averaged spectra: scipy.signal on the same samples.

stdin:  {"rate": Hz, "a": [...], "b": [...], "cases": [{"size", "hop", "window", "averaging", "scale", "unit",
        "full_scale": volts or pascals of full scale, "spectra": n}, ...]}
stdout: [{"power": [[...] of a, [...] of b], "values": [[...], [...]], "cross": [[re, im], ...], "cross_values",
        "cross_phase", "coherence", "enbw_hz", "averages"}, ...]

A case is what holds after the first `spectra` windows, which begin every `hop` samples from sample 0. Powers are RMS²
of full scale. `cross` and what follows it of plain means only.
"""

import json
import sys

import numpy
from scipy import signal

SCIPY_NAMES = {"rectangular": "boxcar", "blackman_harris": "blackmanharris"}


def window_of(name, size):
    kind, _, beta = name.partition(":")
    scipy_name = ("kaiser", float(beta)) if beta else SCIPY_NAMES.get(kind, kind)
    return signal.get_window(scipy_name, size, fftbins=True)


def options_of(window, hop, scaling, rate):
    size = len(window)
    segments = {"window": window, "nperseg": size, "noverlap": size - hop}
    return {"fs": rate, "detrend": False, "scaling": scaling, **segments}


def weights_of(spectra, elapsed_s, tau_s):
    """Weight of each spectrum in the average: written out, and not as a recursion."""
    settled = 1 - numpy.exp(-elapsed_s / tau_s)
    own = [max(1 / n, settled) for n in range(1, spectra + 1)]
    return numpy.array([own[n] * numpy.prod([1 - later for later in own[n + 1 :]]) for n in range(spectra)])


def in_unit(power, case, enbw_hz):
    """What is told of a power of full scale, by the definitions."""
    size = case["size"]
    power = power * case["full_scale"] ** 2
    has_image = numpy.ones(len(power), dtype=bool)
    has_image[0] = False
    has_image[-1] = size % 2 == 1
    squared_amplitude = numpy.where(has_image, 2 * power, power)
    if case["scale"] == "amplitude":
        mean_square = squared_amplitude / 2
        linear = numpy.sqrt(squared_amplitude)
    else:
        linear = mean_square = power / enbw_hz if case["scale"] == "psd" else power
    if case["unit"] == "dbfs":
        return 10 * numpy.log10(mean_square / 0.5)
    if case["unit"] == "db_spl":
        return 10 * numpy.log10(mean_square / 20e-6**2)
    return linear


def estimate(rate, channels, case):
    size, hop = case["size"], case["hop"]
    window = window_of(case["window"], size)
    enbw_hz = rate * numpy.square(window).sum() / window.sum() ** 2
    kind, _, parameter = case["averaging"].partition(":")
    first, count = 0, case["spectra"]
    if kind == "none":
        first, count = count - 1, 1
    if kind == "linear":
        first = (count - 1) // int(parameter) * int(parameter)
        count -= first
    covered = [channel[first * hop : (first + count - 1) * hop + size] for channel in channels]
    options = options_of(window, hop, "spectrum", rate)
    answer = {"enbw_hz": enbw_hz, "averages": count}
    if kind in ("none", "linear"):
        powers = [signal.welch(samples, **options)[1] for samples in covered]
    else:
        starts = range(0, count * hop, hop)
        periodograms = [
            numpy.array(
                [signal.periodogram(c[n : n + size], rate, window, detrend=False, scaling="spectrum")[1] for n in starts]
            )
            for c in covered
        ]
        if kind == "exp":
            weights = weights_of(count, hop / rate, float(parameter))
            answer["averages"] = 1 / numpy.square(weights).sum()
            powers = [(weights[:, None] * each).sum(axis=0) for each in periodograms]
        else:
            extreme = numpy.max if kind == "peak" else numpy.min
            powers = [extreme(each, axis=0) for each in periodograms]
    answer["power"] = [power.tolist() for power in powers]
    if case["scale"] == "psd" and kind in ("none", "linear") and case["unit"] in ("fs", "v", "pa"):
        # scipy's own density, so that ours is not held against the reference's formula alone.
        density = {**options, "scaling": "density"}
        told = [signal.welch(samples, **density)[1] * case["full_scale"] ** 2 for samples in covered]
    else:
        told = [in_unit(power, case, enbw_hz) for power in powers]
    answer["values"] = [values.tolist() for values in told]
    if kind == "linear" and count > 1:
        _, cross = signal.csd(*covered, **options)
        coherence_options = {key: value for key, value in options.items() if key != "scaling"}
        _, coherence = signal.coherence(*covered, **coherence_options)
        answer["cross"] = [[float(value.real), float(value.imag)] for value in cross]
        answer["cross_values"] = in_unit(numpy.abs(cross), case, enbw_hz).tolist()
        answer["cross_phase"] = numpy.angle(cross).tolist()
        answer["coherence"] = coherence.tolist()
    return answer


def main():
    request = json.load(sys.stdin)
    channels = [numpy.asarray(request[name], dtype=numpy.float32).astype(numpy.float64) for name in "ab"]
    json.dump([estimate(request["rate"], channels, case) for case in request["cases"]], sys.stdout)


if __name__ == "__main__":
    main()
