#!/usr/bin/python3
"""The reference for WAV files: scipy reads them.

stdin:  [paths of WAV files]
stdout: [{"path": a file of raw little-endian f32, interleaved, beside the WAV file, "channels": n, "rate": Hz}, ...]

A sample is a fraction of full scale: v / 2^(n-1) for n-bit integers, (v - 128) / 128 for 8 bits, rounded once to f32.
"""

import json
import sys

import numpy
from scipy.io import wavfile


def full_scale(samples):
    if samples.dtype == numpy.uint8:
        return (samples.astype(numpy.float64) - 128) / 128
    if samples.dtype.kind == "i":
        # scipy puts 24-bit samples into the upper bytes of 32.
        return samples.astype(numpy.float64) / 2.0 ** (8 * samples.dtype.itemsize - 1)
    return samples


def decode(path):
    rate, samples = wavfile.read(path)
    samples = samples.reshape(len(samples), -1)
    full_scale(samples).astype("<f4").tofile(path + ".f32")
    return {"path": path + ".f32", "channels": samples.shape[1], "rate": rate}


if __name__ == "__main__":
    json.dump([decode(path) for path in json.load(sys.stdin)], sys.stdout)
