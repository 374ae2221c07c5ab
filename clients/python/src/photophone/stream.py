"""A live stream as an iterator that survives its connections."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from enum import Enum
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

import httpx

from photophone.errors import PhotophoneError
from photophone.line import Line, Patience, Refusal, unreachable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Mark(Enum):
    """What a reader says of the connection, between items."""

    ALIVE = 1
    """It works, so that the next loss is the first again."""
    PARTING = 2
    """The server is about to close it, and another one is to be opened."""
    OVER = 3
    """Nothing more will come, over no connection."""


class Reader(Protocol[T_co]):
    """Turns the bodies of answers into items."""

    accept: str

    @property
    def last_event_id(self) -> str | None:
        """Names the newest event that came, for the server to go on after it."""

    def reconnected(self) -> None:
        """What is read next comes over another connection."""

    def read(self, response: httpx.Response) -> Iterator[T_co | Mark]:
        """Items until the body ends. Raises httpx.RequestError when it breaks off."""


class Stream(Generic[T]):
    """Items of a live stream, in order, for as long as the server sends some.

    It is open as soon as it is there. When the connection is lost it goes on where it was, and what could not be had is
    told by an item. Raises PhotophoneError when the server refuses, or cannot be reached for the client's `retry_secs`,
    and WireError for what is no stream of photophone. Leaving it, by `close`, `with` or letting go of it, closes the
    connection.
    """

    def __init__(self, line: Line, path: str, params: Mapping[str, Any], reader: Reader[T]) -> None:
        self._session = _Session(line, path, params, reader)
        # Of the session only, so that a stream that is let go of closes at once.
        self._items = self._session.items()

    @property
    def location(self) -> str:
        """Path and parameters of what is sent, with what the server chose."""
        return str(self._session.response.headers.get("Content-Location", self._session.path))

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        return next(self._items)

    def __enter__(self) -> Stream[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends it; there are no further items."""
        self._items.close()
        self._session.response.close()


class _Session(Generic[T]):
    """The connections of one stream, one after the other."""

    def __init__(self, line: Line, path: str, params: Mapping[str, Any], reader: Reader[T]) -> None:
        self.path = path
        self._line = line
        self._params = params
        self._reader = reader
        self._patience = Patience(line.retry_secs)
        try:
            self.response = self._open()
        except Refusal as refusal:
            if not refusal.is_passing:
                raise
            self._reopen(refusal)
        except httpx.RequestError as error:
            # Most likely a wrong address, which no patience makes right.
            raise unreachable(error) from error

    def items(self) -> Generator[T, None, None]:
        while True:
            loss = yield from self._until_lost()
            if loss is None:
                return
            self._reopen(loss)
            self._reader.reconnected()

    def _until_lost(self) -> Generator[T, None, PhotophoneError | None]:
        """Items of one connection; gives why it ended, None when the stream is over."""
        try:
            for heard in self._reader.read(self.response):
                match heard:
                    case Mark.ALIVE:
                        self._patience.restore()
                    case Mark.PARTING:
                        return PhotophoneError("unreachable", "the server closed the stream")
                    case Mark.OVER:
                        return None
                    case _:
                        yield heard
        except httpx.RequestError as error:
            return unreachable(error)
        finally:
            self.response.close()
        return PhotophoneError("unreachable", "the stream ended without a word")

    def _reopen(self, loss: PhotophoneError) -> None:
        while True:
            self._patience.wait(loss)
            try:
                self.response = self._open()
            except Refusal as refusal:
                if not refusal.is_passing:
                    raise
                loss = refusal
            except httpx.RequestError as error:
                loss = unreachable(error)
            else:
                return

    def _open(self) -> httpx.Response:
        headers = {"Accept": self._reader.accept, "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        if self._reader.last_event_id is not None:
            headers["Last-Event-ID"] = self._reader.last_event_id
        return self._line.open(self.path, self._params, headers)
