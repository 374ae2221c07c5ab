"""The line to the server: requests, the answers that it gives to them, and what is worth another attempt."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from photophone.errors import PhotophoneError

Token = str | Callable[[], str]

FIRST_DELAY_S = 0.25
LONGEST_DELAY_S = 5.0
_BUSY = frozenset({429, 502, 503, 504})
_ERROR_BODY_BYTES = 65536


def backoff_s(attempt: int, uniform: float) -> float:
    """Wait before attempt `attempt` (0 = the first after a loss): doubling, less up to a half of it by chance.

    By chance, so that many readers do not return to a restarted server in the same instant.
    """
    full_s: float = min(FIRST_DELAY_S * 2 ** min(attempt, 30), LONGEST_DELAY_S)
    return full_s * (1 - uniform / 2)


class Line:
    """Sends requests to one server with a token."""

    def __init__(self, url: str, token: Token | None, http: httpx.Client, retry_secs: float) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._http = http
        self.retry_secs = retry_secs

    def json(self, method: str, path: str, **given: Any) -> Any:
        """The JSON that a route answers with. Raises PhotophoneError."""
        try:
            response = self._send(method, path, given)
        except httpx.RequestError as error:
            raise unreachable(error) from error
        try:
            response.read()
            return response.json()
        except httpx.RequestError as error:
            raise unreachable(error) from error
        except ValueError as error:
            raise PhotophoneError("unexpected_answer", f"{path} answers no JSON", response.status_code) from error
        finally:
            response.close()

    def open(self, path: str, params: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Response:
        """A stream's answer, whose body has not been read.

        Raises PhotophoneError for what the server refuses, and httpx.RequestError when it cannot be reached.
        """
        given = {"params": params, "headers": headers}
        response = self._send("GET", path, given)
        wanted, is_what = headers["Accept"], response.headers.get("Content-Type", "")
        if is_what.partition(";")[0].strip() != wanted:
            response.close()
            message = f"{path} answers {is_what or 'no type'} where {wanted} was asked for"
            raise PhotophoneError("unexpected_answer", message, response.status_code)
        return response

    def _send(self, method: str, path: str, given: dict[str, Any]) -> httpx.Response:
        """An answer of success. A refused token that was made by a callable is made once more."""
        if self._http.is_closed:
            raise PhotophoneError("closed", "this client was closed")
        for is_again in (False, True):
            headers = {"Accept": "application/json", **given.get("headers", {}), **self._authorization()}
            request = self._http.build_request(method, self._url + path, **{**given, "headers": headers})
            response = self._http.send(request, stream=True)
            if response.is_success:
                return response
            try:
                refusal = _refusal(response)
            finally:
                response.close()
            if response.status_code != 401 or is_again or not callable(self._token):
                raise refusal
        raise AssertionError("the second answer is given or raised")

    def _authorization(self) -> dict[str, str]:
        token = self._token() if callable(self._token) else self._token
        return {} if token is None else {"Authorization": f"Bearer {token}"}


class Patience:
    """How long a lost stream is tried to be had again."""

    def __init__(self, retry_secs: float) -> None:
        self._retry_secs = retry_secs
        self._attempt = 0
        self._lost_at_s: float | None = None

    def restore(self) -> None:
        """The stream works: the next loss is the first again."""
        self._attempt = 0
        self._lost_at_s = None

    def wait(self, error: Exception) -> None:
        """Waits before the next attempt; raises `error`, in the words of this package, when none is worth it."""
        now_s = time.monotonic()
        self._lost_at_s = now_s if self._lost_at_s is None else self._lost_at_s
        left_s = self._lost_at_s + self._retry_secs - now_s
        delay_s = backoff_s(self._attempt, random.random())
        self._attempt += 1
        if isinstance(error, Refusal):
            delay_s = max(delay_s, error.retry_after_s)
        if delay_s > left_s:
            raise error
        time.sleep(delay_s)


class Refusal(PhotophoneError):
    """An answer that is no success, with how long the server wants to be left alone."""

    def __init__(self, code: str, message: str, status: int, retry_after_s: float) -> None:
        super().__init__(code, message, status)
        self.retry_after_s = retry_after_s

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in _BUSY


def _refusal(response: httpx.Response) -> Refusal:
    status = response.status_code
    try:
        error = json.loads(_beginning(response))["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, TypeError, KeyError, RecursionError, httpx.RequestError):
        # Not of this server: a proxy, or another program at this address.
        code, message = "unexpected_answer", f"{response.request.url} answers {status} {response.reason_phrase}"
    return Refusal(code, message, status, _retry_after_s(response))


def _beginning(response: httpx.Response) -> bytes:
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _ERROR_BODY_BYTES:
            break
    return body


def _retry_after_s(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0


def unreachable(error: httpx.RequestError) -> PhotophoneError:
    """What became of the network, in the words of this package."""
    return PhotophoneError("unreachable", f"{error.request.url}: {error or type(error).__name__}")
