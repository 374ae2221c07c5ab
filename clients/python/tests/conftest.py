"""Servers that several tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import Server, serving

from photophone import Photophone


@pytest.fixture(scope="session")
def tone() -> Iterator[Server]:
    """Both channels have a sine of 1 kHz at -6 dBFS; B is 90° behind A."""
    with serving("sim:tone") as server:
        yield server


@pytest.fixture(scope="session")
def cell() -> Iterator[Server]:
    """A has a cosine of 2 kHz at -20 dBFS, B is 1 dB less and opposite; the noise is at -60 dBFS."""
    with serving("sim:cell") as server:
        yield server


@pytest.fixture
def tone_lab(tone: Server) -> Iterator[Photophone]:
    with tone.client() as lab:
        yield lab


@pytest.fixture
def cell_lab(cell: Server) -> Iterator[Photophone]:
    with cell.client() as lab:
        yield lab
