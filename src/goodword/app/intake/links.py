"""Where a link leads: hosts, codes and landing pages, cached so that a link works while the database is away.

A fresh answer is used as it is; an old one is asked for again, and kept if nobody answers. A snapshot in a file lets a
restarted process go on with what the last one knew. The file holds codes and addresses of pages, nothing of persons.
"""

import asyncio
import logging
import os
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import mkstemp
from typing import Generic, TypeVar

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.addresses import Link, link_of
from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.core.entry import Entry
from goodword.core.events import AdvocateEnrolled
from goodword.core.state import Advocate
from goodword.sources.identity import code_key, code_look
from goodword.sources.split import is_id
from goodword.store import entities, people, redirects, workspaces
from goodword.store.vault import blind
from goodword.store.workspaces import Workspace

V = TypeVar("V")

_log = logging.getLogger(__name__)

_FRESH = 5.0  # seconds that a found answer is used without asking
_FRESH_NO = 1.0  # seconds that a negative one is
_PATIENCE = 0.15  # seconds for an answer of the database, where an old one can be used instead
_LONG_PATIENCE = 1.0  # where there is none
_SAVE_AFTER = 5.0  # seconds from a change to the snapshot
_MOST = 100_000  # entries of each kind
_WORKSPACES = 10_000
_UNKNOWN = (None, 0.0)

_ENROLLED = ("enrolled", "already_enrolled", "terms_accepted")

_HOST = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\]")


class AwayError(Exception):
    """The database does not answer and nothing is remembered."""


class Target(Struct, frozen=True):
    """Where a request goes: the workspace, the code's id if it is known, the page. ``text``: the code as compared.

    ``page``: by way of a page of ours, which its program chose. ``sure``: False if the database could not be asked and had not answered
    before, so that the code may exist.
    """

    workspace: str
    text: str
    code: str | None
    landing: str | None
    sure: bool
    page: bool = False


class _Remembered(Generic[V]):
    """Answers by key, the last so many that were asked for, with the instant until which each is fresh."""

    def __init__(self) -> None:
        self.answers: OrderedDict[str, tuple[V | None, float]] = OrderedDict()
        #: questions that are on their way: however many ask at once, the database is asked once
        self.asking: dict[str, asyncio.Task[V | None]] = {}

    def put(self, key: str, value: V | None, fresh_until: float) -> bool:
        """Keep an answer; tells whether it is news."""
        before = self.answers.pop(key, _UNKNOWN)[0]
        self.answers[key] = (value, fresh_until)
        while len(self.answers) > _MOST:
            self.answers.popitem(last=False)
        return before != value


class _Snapshot(Struct):
    hosts: dict[str, str]
    landings: dict[str, str]
    links: dict[str, tuple[str, str | None]]
    pages: tuple[str, ...] = ()  # links by way of a page of ours


class Links:
    """Resolves links for all workspaces. ``workspace`` gives a workspace by id; ``folder`` keeps the snapshot."""

    def __init__(self, engine: Engine, workspace: Callable[[str], Awaitable[Workspace | None]], folder: Path) -> None:
        self._engine = engine
        self._pool = engine.pool
        self._clock = engine.clock
        self._workspace = workspace
        self._file = folder / "links.json"
        self._hosts: _Remembered[str] = _Remembered()
        self._landings: _Remembered[str] = _Remembered()
        self._links: _Remembered[redirects.Link] = _Remembered()
        #: those that were found: they never change
        self.workspaces: Bounded[str, Workspace] = Bounded(_WORKSPACES)
        self._away_until = 0.0
        self._saving: asyncio.TimerHandle | None = None
        self._read()

    async def at_host(self, host: str, code: str) -> Target | None:
        """Resolve ``/r/{code}`` of a host; None: no workspace answers for it. Raises AwayError."""
        workspace = await self.workspace_at(host)
        return await self.of_workspace(workspace, code) if workspace else None

    async def workspace_at(self, host: str) -> str | None:
        """Return the workspace that answers for a host; None: none does. Raises AwayError."""
        name = host.lower() if host.endswith("]") else host.lower().rsplit(":", 1)[0]
        if not _HOST.fullmatch(name):
            return None
        return await self._ask(self._hosts, name, lambda: redirects.host(self._pool, name))

    def known(self, workspace_id: str, code: str) -> Target | None:
        """Resolve what is freshly remembered, which nearly every link is, without a way to the database; None: ask."""
        key = code_key(code) or ""
        link, fresh_until = self._links.answers.get(f"{workspace_id} {key}", _UNKNOWN)
        if link is None or link.landing is None or self._clock.monotonic() >= fresh_until:
            return None
        return Target(workspace_id, key, link.code, link.landing, True, link.page)

    async def of_workspace(self, workspace_id: str, code: str) -> Target | None:
        """Resolve ``/w/{workspace}/r/{code}``; None: there is no such workspace. Raises AwayError."""
        if known := self.known(workspace_id, code):
            return known
        if not is_id(workspace_id, "wsp"):
            return None
        key = code_key(code) or ""
        link, sure = None, True
        try:
            link = await self._ask(self._links, f"{workspace_id} {key}", lambda: self._link(workspace_id, key))
        except KeyError:
            return None
        except AwayError:
            if workspace_id not in self._landings.answers:
                raise
            sure = False
        landing = link.landing if link else None
        if landing is None:
            landing = await self._ask(self._landings, workspace_id, lambda: redirects.landing(self._pool, workspace_id))
        return Target(workspace_id, key, link.code if link else None, landing, sure, link is not None and link.page)

    async def workspace(self, workspace_id: str) -> Workspace | None:
        """Return the workspace itself; what was found once is remembered, for it never changes."""
        workspace = self.workspaces.get(workspace_id) or await self._workspace(workspace_id)
        if workspace:
            self.workspaces.put(workspace_id, workspace)
        return workspace

    async def enrolled(self, ws: Workspace, entry: Entry) -> Link | None:
        """Return what the advocate of an enrolment shares, also of one who was there before; None: nobody was enrolled."""
        event, verdict = entry.event, entry.verdicts[0]
        if not isinstance(event, AdvocateEnrolled) or (verdict.refusal or verdict.outcome) not in _ENROLLED:
            return None
        async with self._pool.acquire() as conn, conn.transaction():
            [advocate] = await entities.load(conn, ws.id, Advocate, [(verdict.program or "", event.person)])
            code = event.code if event.code in advocate.codes else next(iter(advocate.codes), None)
            if code is None:
                return None
            texts = await people.code_texts(conn, ws.id, ws.keys, [code])
            hosts = await workspaces.hosts(conn, ws.id)
        return link_of(self._engine.url, ws.id, hosts[0] if hosts else None, texts[code])

    def save(self) -> None:
        """Write the snapshot, whole or not at all."""
        if self._saving:
            self._saving.cancel()
            self._saving = None
        known = _Snapshot(
            hosts={key: value for key, (value, _) in self._hosts.answers.items() if value},
            landings={key: value for key, (value, _) in self._landings.answers.items() if value},
            links={key: (value.code, value.landing) for key, (value, _) in self._links.answers.items() if value},
            pages=tuple(key for key, (value, _) in self._links.answers.items() if value and value.page),
        )
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = mkstemp(dir=self._file.parent)  # mode 0600
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(known))
            Path(name).replace(self._file)
        except OSError as error:
            _log.warning("the snapshot of links could not be written: %s", error)

    async def _link(self, workspace_id: str, key: str) -> redirects.Link | None:
        ws = await self.workspace(workspace_id)
        if ws is None:
            raise KeyError(workspace_id)
        if not key:
            return None
        exact, look = (blind(ws.keys.index, "code", text) for text in (key, code_look(key)))
        return await redirects.link(self._pool, workspace_id, exact, look)

    async def _ask(self, remembered: _Remembered[V], key: str, ask: Callable[[], Awaitable[V | None]]) -> V | None:
        value, fresh_until = remembered.answers.get(key, _UNKNOWN)
        now = self._clock.monotonic()
        if now < fresh_until:
            return value
        if now >= self._away_until:
            asked = remembered.asking.get(key)
            if asked is None:
                asked = self._asked(remembered, key, ask)
            try:
                patience = _PATIENCE if value else _LONG_PATIENCE
                return await asyncio.wait_for(asyncio.shield(asked), self._clock.patience(patience))
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError):
                self._away_until = self._clock.monotonic() + 1.0
        if value is None:
            raise AwayError
        return value

    def _asked(
        self, remembered: _Remembered[V], key: str, ask: Callable[[], Awaitable[V | None]]
    ) -> asyncio.Task[V | None]:
        """Ask the database; an answer is remembered also where it comes too late for who wanted it."""

        async def answer() -> V | None:
            value = await ask()
            fresh = _FRESH_NO if value is None else _FRESH
            if remembered.put(key, value, self._clock.monotonic() + fresh):
                self._save_later()  # also when a code is gone: the file forgets it
            return value

        def ended(asked: asyncio.Task[V | None]) -> None:
            del remembered.asking[key]
            if not asked.cancelled():
                asked.exception()  # whoever waits is told; nobody may be left

        asked = remembered.asking[key] = asyncio.create_task(answer())
        asked.add_done_callback(ended)
        return asked

    def _save_later(self) -> None:
        if self._saving is None:
            self._saving = asyncio.get_running_loop().call_later(_SAVE_AFTER, self.save)

    def _read(self) -> None:
        try:
            known = msgspec.json.decode(self._file.read_bytes(), type=_Snapshot)
        except FileNotFoundError:
            return
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("the snapshot of links cannot be read: %s", error)
            return
        for key, host in known.hosts.items():
            self._hosts.put(key, host, 0.0)
        for key, landing in known.landings.items():
            self._landings.put(key, landing, 0.0)
        paged = set(known.pages)
        for key, link in known.links.items():
            self._links.put(key, redirects.Link(*link, key in paged), 0.0)
