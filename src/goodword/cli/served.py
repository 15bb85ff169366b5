"""Who serves a home: a file in it, on which whoever serves holds a lock, so that one who was killed deceives nobody."""

from __future__ import annotations

import errno
import fcntl
import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from goodword.settings import Settings

_FILE = "served"
_ASKED = 2.0  # seconds that whoever has a port gets to say who they are


@contextmanager
def recorded(home: Path, url: str) -> Iterator[None]:
    """Record while the block runs that this process serves a home at ``url``. One record a home: the first one's stands."""
    handle = None
    with suppress(OSError):  # beside DATABASE_URL nobody needs a home that can be written
        handle = os.open(home / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.truncate(handle, 0)
        os.write(handle, f"{url} (process {os.getpid()})".encode())
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def by(home: Path) -> str | None:
    """Return who serves a home, as address and process; None: nobody."""
    path = home / _FILE
    return path.read_text(encoding="utf-8", errors="replace") or None if locked(path) else None


def address(home: Path) -> str | None:
    """Return the address at which a home is served; None: it is not."""
    who = by(home)
    return None if who is None else who.partition(" ")[0]


def locked(path: Path) -> bool:
    """Return whether a process that lives holds a lock on a file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def told_of(error: OSError, settings: Settings, other: str | None) -> str | None:
    """Return why an address cannot be served, as a sentence that says what to do; None: the error is about something else.

    ``other``: who served the home before.
    """
    host, port = settings.host, settings.port
    if error.errno == errno.EADDRINUSE:
        if other:
            return f"port {port} is taken, and this home is served already: {other}. Use that, or end it first"
        whom = (
            "another Goodword, perhaps of another home such as the demo's,"
            if _is_goodword(host, port)
            else "another program"
        )
        return f"port {port} is taken by {whom}: end it, or choose another port with --port or GOODWORD_PORT"
    if error.errno == errno.EACCES and error.filename is None:
        return f"port {port} is for root: choose one above 1023 with --port or GOODWORD_PORT"
    if error.errno == errno.EADDRNOTAVAIL or "Name or service" in str(error):
        return f"{host} is no address of this machine: choose one with --host or GOODWORD_HOST, such as 127.0.0.1"
    return None


def _is_goodword(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=_ASKED)  # noqa: S104
    try:
        connection.request("GET", "/readyz")
        answer = msgspec.json.decode(connection.getresponse().read(10_000))
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        return False
    finally:
        connection.close()
    return isinstance(answer, dict) and "status" in answer
