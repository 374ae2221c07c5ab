#!/usr/bin/python3
"""The reference for decimation: scipy's window-method design and its polyphase filter on the same samples.

stdin:  [{"factor": M, "taps": odd number, "attenuation_db": dB, "cutoff": of the new Nyquist frequency,
          "samples": [...]}, ...]
stdout: [{"coefficients": [...], "values": [...]}, ...]

Values stand at the multiples of M of the samples' index whose filter support is complete.
"""

import json
import sys

import numpy
from scipy.signal import firwin, kaiser_beta, upfirdn


def decimate(factor, taps, attenuation_db, cutoff, samples):
    # A sample is an f32 written with the fewest digits that read back to it; as an f64 those digits are another number.
    samples = numpy.asarray(samples, dtype=numpy.float32).astype(numpy.float64)
    coefficients = firwin(taps, cutoff / factor, window=("kaiser", kaiser_beta(attenuation_db)))
    delay = taps // 2
    first = -(-delay // factor) * factor
    # upfirdn's output k reads the samples up to k * factor: zeros in front bring first + delay to a multiple of it.
    zeros = -(first + delay) % factor
    values = upfirdn(coefficients, numpy.concatenate([numpy.zeros(zeros), samples]), down=factor)
    values = values[(first + delay + zeros) // factor :]
    complete = (len(samples) - 1 - delay - first) // factor + 1
    return {"coefficients": coefficients.tolist(), "values": values[: max(complete, 0)].tolist()}


if __name__ == "__main__":
    json.dump([decimate(**request) for request in json.load(sys.stdin)], sys.stdout)
