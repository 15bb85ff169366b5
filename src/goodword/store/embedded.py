"""The embedded PostgreSQL server: a supervisor, so that one command is enough to run the product.

Any number of processes may ask for the server of one GOODWORD_HOME; all get the same address, which never changes.

- Whoever uses it has a shared flock on ``users``. Who leaves and finds nobody else there takes the server down; while
  somebody is left it goes on.
- One of them is the **holder**, by the flock on ``lock``: it starts the server, and again should it die. When it goes
  away, in order or killed, whoever of the others notices first that the lock is free becomes the next: a server that
  answers goes on under it, with its connections and the settings of its start.
- Whether a server runs is told by a second flock, on ``server.lock``, that the postmaster inherits and its children
  from it. It is free exactly when the last of them is gone, so neither a zombie, nor a stale postmaster.pid, nor a
  foreign process that has got the same number can deceive.
- Ready means that a query answers. What runs and does not answer is outlasted, and started anew.

Only the server's user and root can enter the folder of its socket, so there is no password and no port.
Must not know: what is in the database.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg

from goodword.store.embedded_place import EmbeddedError, Place, find_binaries, find_place

__all__ = ["Embedded", "EmbeddedError", "alone", "ensure", "find_binaries", "serving"]

_log = logging.getLogger(__name__)

# Durability is PostgreSQL's default (fsync, synchronous_commit, full_page_writes) and stays so.
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # names the socket's file; nothing listens on the network
    "unix_socket_permissions": "0700",
    "checkpoint_timeout": "15min",  # fewer full-page images under load; recovery stays within seconds
    "max_wal_size": "4GB",
    "autovacuum_naptime": "10s",  # plans made for small tables are made anew soon after these have grown
    "max_connections": "200",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # no PG* variable of the caller may leak in
_PATIENCE = 300.0  # seconds for a start: recovery after a crash under load takes some, and must not be given up early
_PAUSE = 0.05
_WATCH = 0.25
_LONGEST_PAUSE = 30.0
_LONGEST_STOP = 60.0
_LARGEST_LOG = 8 << 20


class Embedded:
    """A running server: ``dsn`` is its address, ``bin`` the folder with psql, pgbench and pg_dump."""

    def __init__(self, place: Place) -> None:
        self.dsn = f"postgresql://goodword@/goodword?host={quote(str(place.sockets), safe='/')}&port=5432"
        self.bin = place.tools
        self._place = place
        self._data = place.folder / "data"
        self._lock: int | None = None
        self._used: int | None = None
        self._leaving: int | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="goodword-postgres", daemon=True)

    @property
    def holder(self) -> bool:
        """Whether it is this process that starts the server again should it die."""
        return self._lock is not None

    async def stop(self) -> None:
        """Let go of the server; whoever is the last stops it."""
        await asyncio.to_thread(self._close)

    def _open(self) -> None:
        """Return when a query answers, whoever started the server. Not for an event loop's own thread."""
        late = time.monotonic() + _PATIENCE
        self._leaving = self._open_lock("leaving")
        try:
            while (used := self._try_lock("users", fcntl.LOCK_SH)) is None:  # whoever was the last takes it down
                self._pause(late)
            self._used = used
            while not self._hold():
                if _answers(self.dsn):
                    break
                self._pause(late)
            else:
                if not self._takes_over():
                    self._serve()
        except BaseException:
            self._close()
            raise
        self._keeper.start()

    def _close(self) -> None:
        self._ending.set()
        if self._keeper.ident is not None:
            self._keeper.join()
        leaving, self._leaving = self._leaving, None
        if leaving is None:
            return  # it was closed before
        fcntl.flock(leaving, fcntl.LOCK_EX)  # one after another, so that of two who leave at once one is the last
        _let_go(self._used)
        alone = self._try_lock("users")  # nobody comes until the server is down
        if alone is not None and (self.holder or self._hold()):
            self._end()
        elif self._server is not None:
            # It goes on without us; should it end before we do, somebody must see it off.
            threading.Thread(target=self._server.wait, daemon=True).start()
        _let_go(self._lock)
        self._used = self._lock = None
        _let_go(alone)
        os.close(leaving)

    def _hold(self) -> bool:
        self._lock = self._try_lock("lock")
        return self.holder

    def _open_lock(self, name: str) -> int:
        handle = os.open(self._place.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._place.give(handle)
        return handle

    def _try_lock(self, name: str, how: int = fcntl.LOCK_EX) -> int | None:
        handle = self._open_lock(name)
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle

    def _takes_over(self) -> bool:
        """As the new holder: return whether a server runs that goes on under us."""
        return self._lives() and _answers(self.dsn)

    def _lives(self) -> bool:
        """Return whether our child lives; of a server that was taken over, whether any process of it is left."""
        if self._server is not None:
            return self._server.poll() is None
        free = self._try_lock("server.lock")
        _let_go(free)
        return free is None

    def _signal(self, number: int) -> None:
        """Send a signal to the postmaster: our child, or what answers, so that the number in the file is its own."""
        if self._server is not None:
            self._server.send_signal(number)
        elif _answers(self.dsn):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
                os.kill(int((self._data / "postmaster.pid").read_text().split("\n", 1)[0]), number)

    def _end(self) -> None:
        """Stop fast: clients are cut off, what is committed is kept. If that hangs, at once: the next start recovers."""
        for number in (signal.SIGINT, signal.SIGQUIT):
            late = time.monotonic() + _LONGEST_STOP
            self._signal(number)
            while self._lives() and time.monotonic() < late:
                time.sleep(_PAUSE)

    def _pause(self, late: float) -> None:
        if self._ending.wait(_PAUSE):
            raise EmbeddedError("stopped while PostgreSQL was starting")
        if time.monotonic() > late:
            raise EmbeddedError(
                f"PostgreSQL did not answer within {_PATIENCE:.0f} s; see {self._place.folder}/server.log"
            )

    def _keep(self) -> None:
        """Start the server again when it died, or when its holder went away; try for ever, ever more seldom."""
        pause = _WATCH
        while not self._ending.wait(pause):
            if self.holder:
                if self._lives():
                    continue
            elif not self._hold() or self._takes_over():
                continue
            _log.warning("PostgreSQL is gone; starting it again")
            try:
                self._serve()
                pause = _WATCH
            except (EmbeddedError, OSError) as error:
                _log.error("PostgreSQL does not start: %s", error)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _serve(self) -> None:
        """As the holder: start the server and return when a query answers."""
        if self._place.note:
            _log.warning("%s", self._place.note)
        self._server = None
        alive = self._outlast_former()
        try:
            if not self._data.exists():
                self._initialise(alive)
            self._check_version()
            self._remove_stale()
            self._server = self._spawn(alive)
        finally:
            os.close(alive)
        late = time.monotonic() + _PATIENCE
        while not _answers(self.dsn):
            if self._server.poll() is not None:
                raise EmbeddedError(f"PostgreSQL ended at its start: {self._last_words()}")
            self._pause(late)

    def _outlast_former(self) -> int:
        """Stop the server of a killed holder, wait until its last process is gone, and return the server's lock."""
        late = time.monotonic() + _PATIENCE
        while (alive := self._try_lock("server.lock")) is None:
            self._signal(signal.SIGINT)
            self._pause(late)
        return alive

    def _initialise(self, alive: int) -> None:
        """Make the data folder under another name, so that one half made is never taken for whole."""
        new = self._place.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        options = ["--username=goodword", "--auth=trust", "--encoding=UTF8", "--data-checksums"]
        if int(self._place.major) >= 17:  # noqa: PLR2004 - the first with a C.UTF-8 of its own, whatever the system has
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            options += ["--locale=C.UTF-8"]
        self._run(alive, "initdb", f"--pgdata={new}", *options)
        self._run(alive, "postgres", "--single", "-D", str(new), "postgres", given=b"CREATE DATABASE goodword\n")
        new.rename(self._data)

    def _run(self, alive: int, name: str, *arguments: str, given: bytes = b"") -> None:
        """Run one of PostgreSQL's programs; should we be killed, the next holder waits for its end."""
        done = subprocess.run(
            [self._place.server / name, *arguments],
            input=given,
            capture_output=True,
            check=False,
            cwd=self._place.folder,
            env=_ENVIRONMENT,
            pass_fds=(alive,),
            **self._place.credentials(),
        )
        if done.returncode != 0:
            raise EmbeddedError(
                f"{name} failed in {self._place.folder}: {done.stderr.decode(errors='replace').strip()}"
            )

    def _check_version(self) -> None:
        try:
            made_by = (self._data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise EmbeddedError(f"{self._data} is no PostgreSQL data folder: move it away") from None
        if made_by != self._place.major:
            raise EmbeddedError(
                f"{self._data} was made by PostgreSQL {made_by}, but the binaries in {self._place.server} are"
                f" {self._place.major}: dump it with pg_dump of {made_by} and load it into a new GOODWORD_HOME,"
                f" or install binaries of {made_by}"
            )

    def _remove_stale(self) -> None:
        """Remove what a killed server left; PostgreSQL itself is put off by any live process of the same number."""
        for path in (self._data / "postmaster.pid", *self._place.sockets.glob(".s.PGSQL.5432*")):
            path.unlink(missing_ok=True)

    def _spawn(self, alive: int) -> subprocess.Popen[bytes]:
        path = self._place.folder / "server.log"
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            path.rename(path.with_suffix(".log.1"))
        options = {**_SETTINGS, "unix_socket_directories": str(self._place.sockets)}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with path.open("ab") as log:
            self._place.give(log.fileno())
            return subprocess.Popen(
                [self._place.server / "postgres", "-D", self._data, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._place.folder,
                env=_ENVIRONMENT,
                start_new_session=True,  # Ctrl-C in the caller's terminal is the caller's to act on
                umask=0o077,
                pass_fds=(alive,),
                **self._place.credentials(),
            )

    def _last_words(self) -> str:
        lines = (self._place.folder / "server.log").read_text(errors="replace").splitlines()
        return " / ".join(lines[-5:])


async def ensure(home: Path) -> Embedded:
    """Return the running server of a GOODWORD_HOME, started if nobody has. Raises EmbeddedError.

    Call ``stop`` at the end. A process that ends without it leaves the server to the others, or the next.
    """
    return await asyncio.to_thread(lambda: _opened(home))


@contextlib.contextmanager
def serving(home: Path) -> Iterator[Embedded]:
    """Do as ``ensure`` for code without an event loop, and stop at the end."""
    server = _opened(home)
    try:
        yield server
    finally:
        server._close()  # noqa: SLF001 - the same module


@contextlib.contextmanager
def alone(home: Path) -> Iterator[bool]:
    """Keep a home, made if need be, from whoever else asks to be alone there; yield whether it is ours.

    Who is killed keeps nothing.
    """
    home.mkdir(parents=True, exist_ok=True)
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = True
    except BlockingIOError:
        ours = False
    try:
        yield ours
    finally:
        os.close(handle)


def _opened(home: Path) -> Embedded:
    server = Embedded(find_place(home))
    server._open()  # noqa: SLF001 - the same module
    return server


def _answers(dsn: str) -> bool:
    """Return whether a query answers; anything else, a server that starts or stops too, is a no."""

    async def ask() -> bool:
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            return bool(await connection.fetchval("SELECT true", timeout=5))
        finally:
            connection.terminate()

    try:
        return asyncio.run(ask())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return False


def _let_go(lock: int | None) -> None:
    """Let go of a lock, if there is one."""
    if lock is not None:
        os.close(lock)
