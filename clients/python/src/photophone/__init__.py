"""Reads the live streams of a photophone server into numpy arrays, every sample accounted for.

>>> from photophone import Photophone
>>> with Photophone("http://127.0.0.1:8080", token) as lab:
...     block = lab.record(seconds=2)
"""

from photophone.client import Channels, Photophone, Policy
from photophone.errors import PhotophoneError, RecordingEnded, VersionError, WireError
from photophone.events import Event, Filter, Lagged
from photophone.items import (
    Cross,
    Demodulated,
    End,
    Frame,
    Gap,
    LockinReading,
    Peak,
    Placed,
    Spectrum,
    State,
    StateReason,
)
from photophone.recording import Recording
from photophone.stats import PerChannel, SamplesLost, Stats
from photophone.stream import Stream

__all__ = [
    "Channels",
    "Cross",
    "Demodulated",
    "End",
    "Event",
    "Filter",
    "Frame",
    "Gap",
    "Lagged",
    "LockinReading",
    "Peak",
    "PerChannel",
    "Photophone",
    "PhotophoneError",
    "Placed",
    "Policy",
    "Recording",
    "RecordingEnded",
    "SamplesLost",
    "Spectrum",
    "State",
    "StateReason",
    "Stats",
    "Stream",
    "VersionError",
    "WireError",
]
