"""`PBTServer`: a coordinator of one population, as a child of a Python program."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from murmuration._connection.address import DEFAULT_PORT, Address
from murmuration._paths import AnyPath, absolute
from murmuration._program import BINARY_VARIABLE, find_program
from murmuration._secret import HOW_TO_MAKE_ONE, check_strength, is_weak, secret_of
from murmuration.errors import ServerError

logger = logging.getLogger("murmuration")

POPULATION = "default"
"""The population that clients join and that the first of them defines."""

SECRET_VARIABLE = "MURMUR_SECRET"

_LOOPBACK = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"
_URL_FILE = "url"
_LOG_FILE = "server.log"
_ERROR = "Error: "
_START_SECONDS = 30.0
_GRACE_SECONDS = 10
_STOP_SECONDS = _GRACE_SECONDS + 5.0
_POLL_SECONDS = 0.01


class PBTServer:
    """Serves one population to the `PBTClient`s of one training run.

    ```python
    server = PBTServer(args.port, args.auth_key, args.maximize_metric)
    ...
    server.shut_down()
    ```

    It runs `murmur serve` as a child process, which also shows and keeps the run: live boards are
    broadcast at `port + 1`, and `murmur` finds the run's journal in `data`. The program is the one
    that MURMUR_BIN names, else the one built in this package's checkout, else the one that
    `pip install 'murmuration[server]'` brought, else `murmur` on PATH. The first client's search
    space makes the population. The server ends with `shut_down()`, with its `with` block, and with
    this process, however that ends.

    `auth_key` is the secret that clients need. Bytes are read as UTF-8, or else as the text of
    their hexadecimal digits. With a key of 22 characters or more the server listens at all of this
    machine's addresses, and otherwise, with a warning, at 127.0.0.1 alone; `host` names another
    address. Without `data`, a directory that keeps the run, there is a temporary one until
    `shut_down()`. What the server says is in the file `server.log` in it.
    """

    def __init__(
        self,
        port: int = DEFAULT_PORT,
        auth_key: str | bytes | None = None,
        maximize_metric: bool = True,
        *,
        host: str | None = None,
        data: AnyPath | None = None,
    ) -> None:
        secret = secret_of(auth_key)
        if host is None:
            host = _default_host(secret)
        check_strength(secret, host)
        chosen = None if data is None else absolute(data, "directory that data names")
        binary = find_program().path
        self._pid = os.getpid()
        self._is_down = False
        self._is_temporary = chosen is None
        self._data = chosen or Path(tempfile.mkdtemp(prefix="murmuration-")).absolute()
        try:
            self._start(binary, host, port, secret, minimizes=not maximize_metric)
        except BaseException:
            self._remove_data()
            raise
        atexit.register(self.shut_down)

    @property
    def url(self) -> str:
        """The server's address, as clients on this machine may use it; it holds the secret."""
        return self._address.url

    @property
    def port(self) -> int:
        """The port for clients, also when 0 was given and a free one taken."""
        return self._address.port

    @property
    def data(self) -> Path:
        """The directory of the run's journal."""
        return self._data

    def check(self) -> None:
        """Raises `ServerError` when the server has ended by itself."""
        code = self._process.poll()
        if code is not None and not self._is_down:
            raise ServerError(f"The server has ended by itself: {self._last_words(code)}")

    def shut_down(self) -> None:
        """Stops the server, and removes its directory if that is temporary.

        It is safe to call this again, and it does nothing in a forked child process.
        """
        if self._is_down or os.getpid() != self._pid:
            return
        self._is_down = True
        atexit.unregister(self.shut_down)
        code = self._process.poll()
        self._stop()
        if code is None:
            self._remove_data()
        else:
            # Whoever finds out why may need what it left.
            logger.warning(
                "The server had ended by itself, and what it left is in %s; it said last: %s",
                self._data,
                self._last_words(code),
            )

    def __enter__(self) -> PBTServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shut_down()

    # -------------------------------------------------------------------------------- the process

    def _start(
        self, binary: Path, host: str, port: int, secret: str | None, *, minimizes: bool
    ) -> None:
        try:
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
            log = _private_log(self._data / _LOG_FILE)
        except OSError as error:
            raise ServerError(
                f"The directory {self._data} cannot be used ({error.strerror}): name another one "
                "with data, or leave it out."
            ) from None
        environment = {**os.environ}
        # Others can read a command line, and no one but this user an environment.
        environment.pop(SECRET_VARIABLE, None)
        if secret is not None:
            environment[SECRET_VARIABLE] = secret
        serve = [str(binary), "serve", "--open", POPULATION, "--data", str(self._data)]
        serve += ["--host", host, "--port", str(port), *(["--minimize"] if minimizes else [])]
        # The holder ends the server when the pipe to it closes, also when this process is killed.
        holder = [str(binary), "hold-worker", "--grace", str(_GRACE_SECONDS), "--"]
        before = self._url_file()
        with log:
            self._log_start = log.tell()
            try:
                self._process = subprocess.Popen(
                    [*holder, *serve],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env=environment,
                )
            except OSError as error:
                raise ServerError(
                    f"The program {binary} cannot be started ({error.strerror}): name another one "
                    f"in {BINARY_VARIABLE}."
                ) from None
        try:
            self._wait_until_serving(before)
            self._address = Address.parse((self._data / _URL_FILE).read_text().strip())
        except BaseException:
            self._stop()
            raise

    def _wait_until_serving(self, before: tuple[int, int] | None) -> None:
        """Waits for the file with the server's address; an earlier server may have left one."""
        until = time.monotonic() + _START_SECONDS
        while self._url_file() in (None, before):
            code = self._process.poll()
            if code is not None:
                raise ServerError(f"The server did not start: {self._last_words(code)}")
            if time.monotonic() > until:
                raise ServerError(
                    f"The server did not start within {_START_SECONDS:g} s: try again when this "
                    "machine has less to do."
                )
            time.sleep(_POLL_SECONDS)

    def _url_file(self) -> tuple[int, int] | None:
        try:
            found = (self._data / _URL_FILE).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _stop(self) -> None:
        assert self._process.stdin is not None
        # Forked children hold the pipe too, so that closing it may not be heard of.
        self._signal(signal.SIGTERM)
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        """Sends a signal to the server and its holder, which leads their process group."""
        if self._process.poll() is None:
            # It leads the group a moment after it was started.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _last_words(self, code: int) -> str:
        """What the server said last, in the words of this class."""
        with (self._data / _LOG_FILE).open("rb") as log:
            log.seek(self._log_start)
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines()]
        said = [line for line in lines if line]
        if not said:
            return f"it said nothing and ended with code {code}."
        errors = [line.removeprefix(_ERROR) for line in said if line.startswith(_ERROR)]
        # The options of its command line are arguments here.
        return re.sub(r"--([a-z]+)", r"\1", errors[-1] if errors else said[-1])

    def _remove_data(self) -> None:
        if self._is_temporary:
            shutil.rmtree(self._data)


def _default_host(secret: str | None) -> str:
    if not is_weak(secret):
        return _EVERYWHERE
    why = "it has no auth_key" if secret is None else "its auth_key is too short for a network"
    logger.warning("Other machines cannot reach the server, because %s: %s.", why, HOW_TO_MAKE_ONE)
    return _LOOPBACK


def _private_log(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return os.fdopen(descriptor, "ab")
