"""What can go wrong, as exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photophone.recording import Recording


class PhotophoneError(Exception):
    """The server refused a request, or could not be reached.

    `code` is the server's stable word, such as `query_invalid`, or one of this package: `unreachable`, `closed`,
    `unexpected_answer`, `no_samples`. `status` is that of HTTP, None where no answer came.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class WireError(ValueError):
    """Bytes that are no message of photophone; what follows them in a stream cannot be read."""


class VersionError(WireError):
    """The server speaks a major version of the wire that this package does not know."""


class RecordingEnded(Exception):
    """A recording ended before it was complete; `recording` holds what there is, `reason` says why it is not more.

    Reasons: `epoch` (the samples after it belong to another epoch, which nothing can be said to be a fixed time after),
    `finished` and `failed` (states of the source), or what the server gave when it ended the stream.
    """

    def __init__(self, reason: str, recording: Recording) -> None:
        super().__init__(reason, recording)
        self.reason = reason
        self.recording = recording

    def __str__(self) -> str:
        return f"the recording ended after {len(self.recording.mask)} samples: {self.reason}"
