"""What tests share: the photophone binary as a user runs it, and a network that breaks."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from photophone import Photophone

REPOSITORY = Path(__file__).resolve().parents[3]
PATIENCE_S = 30.0
ALL_SCOPES = "stream:read events:read events:write"
_READ_BYTES = 4096


class Server:
    """A running server with a data directory of its own. It is ended by its process id."""

    def __init__(self, source: str, config: str = "") -> None:
        self.data_dir = Path(tempfile.mkdtemp(prefix="photophone-python-"))
        (self.data_dir / "config.yaml").write_text(config)
        self._source = source
        try:
            self._start()
        except BaseException:
            self.dispose()
            raise

    def _start(self) -> None:
        with (self.data_dir / "log").open("w") as log:
            self._process = subprocess.Popen(
                [*self._command("serve"), "--source", self._source, "--port", "0"],
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.data_dir,
                env=_environment(),
                text=True,
            )
        self.url = self._listening_on()
        self.port = int(self.url.rpartition(":")[2])

    def token(self, scope: str = ALL_SCOPES, ttl: str = "1h") -> str:
        args = ["token", "create", "--subject", "tester", "--scope", scope, "--ttl", ttl]
        made = subprocess.run(
            self._command(*args), cwd=self.data_dir, env=_environment(), capture_output=True, text=True, check=True
        )
        return made.stdout.strip()

    def client(self, scope: str = ALL_SCOPES) -> Photophone:
        return Photophone(self.url, self.token(scope))

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it and starts it again, on another port."""
        self._end(how)
        self._start()

    def dispose(self) -> None:
        self._end(signal.SIGKILL)
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _command(self, *args: str) -> list[str]:
        return [_binary(), *args, "--data-dir", str(self.data_dir)]

    def _end(self, how: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _listening_on(self) -> str:
        """Reads its words until it says where it listens; goes on reading, so that it is never held up."""
        urls: queue.Queue[str | None] = queue.Queue()
        assert self._process.stdout is not None
        threading.Thread(target=_find_url, args=(self._process.stdout, urls), daemon=True).start()
        url = urls.get(timeout=PATIENCE_S)
        if url is None:
            raise RuntimeError(f"the server ended: {(self.data_dir / 'log').read_text()}")
        return url


@contextmanager
def serving(source: str, config: str = "") -> Iterator[Server]:
    server = Server(source, config)
    try:
        yield server
    finally:
        server.dispose()


class Proxy:
    """A TCP proxy that cuts connections after so many bytes, one number for each of the first ones.

    It passes on one request for each connection.
    """

    def __init__(self, port: int, cuts_bytes: list[int]) -> None:
        self.port = port
        """Where the server listens; it may be changed."""
        self.requests: list[bytes] = []
        """Beginning of what was asked over each connection."""
        self._cuts_bytes = cuts_bytes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client:
            request = client.recv(65536)
            left_bytes = self._cuts_bytes.pop(0) if self._cuts_bytes else None
            self.requests.append(request)
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as server:
                    server.sendall(request)
                    while left_bytes != 0 and (data := server.recv(_READ_BYTES)):
                        data = data[:left_bytes]
                        client.sendall(data)
                        left_bytes = None if left_bytes is None else left_bytes - len(data)
            except OSError:
                # Either end is gone, and so is the other.
                return


@contextmanager
def cutting(server: Server, *cuts_bytes: int) -> Iterator[Proxy]:
    proxy = Proxy(server.port, list(cuts_bytes))
    try:
        yield proxy
    finally:
        proxy.close()


def _binary() -> str:
    path = os.environ.get("PHOTOPHONE_BIN")
    if path is None:
        raise RuntimeError("PHOTOPHONE_BIN is not set: it names the photophone binary to test")
    return str(Path(path).resolve())


def _environment() -> dict[str, str]:
    """Without what the server would take for its own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PHOTOPHONE_")}


def _find_url(stdout: IO[str], urls: queue.Queue[str | None]) -> None:
    try:
        for line in stdout:
            if line.startswith("listening on "):
                urls.put(line.removeprefix("listening on ").strip())
    except ValueError:
        # Closed at the end of the test.
        pass
    urls.put(None)
