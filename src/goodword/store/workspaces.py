"""Workspaces with their secrets, API keys, members' mails and hosts, and which of them have work.

Must not know: programs, events, what a key may do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple, cast

import asyncpg

from goodword.core.events import Founding
from goodword.store import seals, vault
from goodword.store.api_keys import Kept, Kind, Mode, Theirs, api_key_hash, new_api_key
from goodword.store.sql_files import statements
from goodword.store.uuid7 import new_id
from goodword.store.vault import UnsealError, Vault, blind, new_key, row_identity, seal, unseal

_SQL = statements("workspace")
_KEY_SQL = statements("api_key")
_HOST_SQL = statements("directory")
_MEMBER_SQL = statements("member_name")


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys of a workspace: of blind indexes, content digests, payees' digests, texts for staff, log heads."""

    index: bytes
    content: bytes
    payee: bytes
    note: bytes
    signing: bytes


_PURPOSES = tuple(field.name for field in fields(Keys))


@dataclass(frozen=True, slots=True)
class Workspace:
    """One company's environment, with its keys. ``created_at``: an instant of the real clock."""

    id: str
    name: str
    mode: str
    clock: str
    created_at: int
    keys: Keys


class Listed(NamedTuple):
    """A workspace without its keys. ``waiting``: how many events wait in it to be decided."""

    id: str
    name: str
    mode: str
    clock: str
    created_at: int
    waiting: int


class KeyRow(NamedTuple):
    """What is kept of an API key. ``member``: whose it is, of a personal one; ``source``: whose it is, of a secret."""

    workspace_id: str
    id: str
    kind: Kept
    member: str | None
    name: str
    created_at: int
    revoked_at: int | None
    source: str = ""


async def create(
    conn: asyncpg.Connection, secrets: Vault, name: str, mode: Mode, clock: str, now: int, starts_at: int | None = None
) -> Workspace:
    """Make a workspace with new keys. ``clock``: real, manual or events; the last two start at ``starts_at``, else now."""
    id_ = new_id("wsp")
    start = now if starts_at is None else starts_at
    await conn.execute(_SQL["add"], id_, name, mode, clock, now)
    await conn.execute(_SQL["add_stream"], id_, start if clock == "events" else 0, start if clock == "manual" else None)
    keys = Keys(*(new_key() for _ in _PURPOSES))
    for purpose in _PURPOSES:
        key = getattr(keys, purpose)
        wrapped = secrets.wrap(key, _secret_identity(id_, purpose))
        public = vault.public_key(key) if purpose == "signing" else None
        await conn.execute(_SQL["add_secret"], id_, purpose, wrapped, public)
    return Workspace(id_, name, mode, clock, now, keys)


async def find(conn: asyncpg.Connection, secrets: Vault, ws: str) -> Workspace | None:
    """Return a workspace with its keys. Raises MasterKeyError if another master key wrapped them."""
    row = await conn.fetchrow(_SQL["find"], ws)
    if row is None:
        return None
    wrapped = {secret["purpose"]: secret["wrapped"] for secret in await conn.fetch(_SQL["secrets"], ws)}
    keys = Keys(*(secrets.unwrap(wrapped[purpose], _secret_identity(ws, purpose)) for purpose in _PURPOSES))
    return Workspace(**dict(row), keys=keys)


async def changed_secrets(conn: asyncpg.Connection, secrets: Vault, ws: str) -> list[str]:
    """Return the purposes of the workspace's keys that are missing, changed or not those of the public half beside them.

    Raises MasterKeyError if another master key wrapped one.
    """
    rows = {row["purpose"]: row for row in await conn.fetch(_SQL["secrets"], ws)}
    changed = []
    for purpose in sorted({*_PURPOSES, *rows}):
        try:
            key = secrets.unwrap(rows[purpose]["wrapped"], _secret_identity(ws, purpose))
        except (KeyError, UnsealError):
            changed.append(purpose)
        else:
            if rows[purpose]["public"] != (vault.public_key(key) if purpose == "signing" else None):
                changed.append(purpose)
    return changed


async def wrap_again(conn: asyncpg.Connection, secrets: Vault, ws: str) -> int:
    """Wrap a workspace's keys under the present master key; returns how many were not."""
    old = [row for row in await conn.fetch(_SQL["secrets"], ws) if not secrets.is_current(row["wrapped"])]
    for row in old:
        identity = _secret_identity(ws, row["purpose"])
        wrapped = secrets.wrap(secrets.unwrap(row["wrapped"], identity), identity)
        await conn.execute(_SQL["wrap_secret_again"], ws, row["purpose"], row["wrapped"], wrapped)
    return len(old)


async def masters(conn: asyncpg.Connection) -> dict[bytes, str]:
    """Return the ids of the master keys that wrapped workspaces' keys, and a workspace of each. Reads five rows a workspace."""
    return {row["master"]: row["workspace_id"] for row in await conn.fetch(_SQL["masters"], vault.ID_BYTES)}


async def every(conn: asyncpg.Connection) -> list[str]:
    """Return the ids of all workspaces, the oldest first."""
    return [row["id"] for row in await conn.fetch(_SQL["all"])]


async def listed(conn: asyncpg.Connection) -> list[Listed]:
    """Return all workspaces with what waits in each, the oldest first. Reads every event that waits."""
    return [Listed(*row) for row in await conn.fetch(_SQL["listed"])]


async def public_key(conn: asyncpg.Connection, ws: str) -> str | None:
    """Return the key with which heads of the log are verified."""
    rows = await conn.fetch(_SQL["secrets"], ws)
    return next((row["public"] for row in rows if row["purpose"] == "signing"), None)


async def with_work(conn: asyncpg.Connection, now: int) -> list[str]:
    """Return the workspaces with events to decide or timers that are due. ``now``: an instant of the real clock."""
    return [row["workspace_id"] for row in await conn.fetch(_SQL["with_work"], now)]


async def with_jobs(
    conn: asyncpg.Connection, now: int, queues: Sequence[str], kinds: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the workspaces with jobs that are due, and of which kind. ``queues``: of each kind that is asked for."""
    return [tuple(row) for row in await conn.fetch(_SQL["with_jobs"], now, queues, kinds)]


async def with_done_jobs(conn: asyncpg.Connection, before: int) -> list[str]:
    """Return the workspaces with jobs that were done before then."""
    return [row["workspace_id"] for row in await conn.fetch(_SQL["with_done_jobs"], before)]


async def with_new_entries(conn: asyncpg.Connection) -> list[str]:
    """Return the workspaces whose log has grown since its last signed head."""
    return [row["workspace_id"] for row in await conn.fetch(_SQL["with_new_entries"])]


class NewKey(NamedTuple):
    """An API key that is not kept yet. ``text`` is shown once, ``digest`` is what the log says of it."""

    id: str
    text: str
    kind: Kept
    member: str | None
    made_at: int

    @property
    def digest(self) -> str:
        """What must be true of the row that is kept of it."""
        return seals.key(api_key_hash(self.text), self.kind, self.member, self.made_at)


def new_key_of(kind: Kind, mode: Mode, now: int, member: str | None = None) -> NewKey:
    """Make an API key. ``now``: an instant of the real clock."""
    return NewKey(new_id("key"), new_api_key(kind, mode), kind, member, now)


def new_hook(kind: Theirs, text: str, now: int) -> NewKey:
    """Return a secret that another system made. ``now``: an instant of the real clock."""
    return NewKey(new_id("key"), text, kind, None, now)


def founding(workspace: Workspace, keys: Iterable[NewKey]) -> Founding:
    """Return what the first entry of a log says of its workspace and the keys that it is made with."""
    digests = tuple((key.id, key.digest) for key in keys)
    return Founding(mode=workspace.mode, clock=workspace.clock, keys=digests)


async def add_key(conn: asyncpg.Connection, ws: str, key: NewKey, name: str = "") -> None:
    """Keep an API key, of which only the hash is kept."""
    await conn.execute(_KEY_SQL["add"], ws, key.id, api_key_hash(key.text), key.kind, key.member, name, key.made_at)


async def add_hook(conn: asyncpg.Connection, workspace: Workspace, key: NewKey, source: str, name: str = "") -> bool:
    """Keep a secret of a source, sealed; False: it is held already, or was, here or by another workspace."""
    sealed = seal(workspace.keys.note, key.text.encode(), _hook_identity(workspace.id, key.id))
    hashed = api_key_hash(key.text)
    row = workspace.id, key.id, hashed, name, key.made_at, source, sealed, key.kind
    added = await conn.fetchval(_KEY_SQL["add_hook"], *row)
    return added is not None


async def hooks(conn: asyncpg.Connection, workspace: Workspace, source: str, kind: Theirs = "hs") -> tuple[bytes, ...]:
    """Return the secrets of a source, of a kind, the newest first. Raises UnsealError for one that is not the one that was made."""
    secrets = []
    for row in await conn.fetch(_KEY_SQL["hooks"], workspace.id, source, kind):
        secret = unseal(workspace.keys.note, row["sealed"], _hook_identity(workspace.id, row["id"]))
        if api_key_hash(secret.decode()) != row["hash"]:
            raise UnsealError
        secrets.append(secret)
    return tuple(secrets)


async def key_of(conn: asyncpg.Connection, hashed: bytes) -> KeyRow | None:
    """Return the key with this hash, unless it is revoked."""
    row = await conn.fetchrow(_KEY_SQL["by_hash"], hashed)
    return KeyRow(*row) if row else None


async def keys_of(conn: asyncpg.Connection, ws: str) -> list[KeyRow]:
    """Return all keys of a workspace, revoked ones too, the oldest first."""
    return [KeyRow(*row) for row in await conn.fetch(_KEY_SQL["every"], ws)]


async def revoke_key(conn: asyncpg.Connection, ws: str, key: str, now: int) -> bool:
    """End a key; False if there is none with this id, or it has ended."""
    return cast("str", await conn.execute(_KEY_SQL["revoke"], ws, key, now)) == "UPDATE 1"


async def name_member(conn: asyncpg.Connection, workspace: Workspace, mail: str) -> str:
    """Return the member id of a canonical mail, a new one if nobody has it. The mail stands sealed only."""
    digest = blind(workspace.keys.index, "member", mail)
    id_ = new_id("mem")
    sealed = seal(workspace.keys.note, mail.encode(), _member_identity(workspace.id, id_))
    added = await conn.fetchval(_MEMBER_SQL["add"], workspace.id, digest, id_, sealed)
    member: str = added or await conn.fetchval(_MEMBER_SQL["find"], workspace.id, digest)
    return member


async def go_on(conn: asyncpg.Connection, workspace: Workspace, member: str, becomes: str, mail: str) -> None:
    """Let a canonical mail find its member under another id; the one before keeps it to be read."""
    await conn.execute(_MEMBER_SQL["go_on"], workspace.id, member)
    digest = blind(workspace.keys.index, "member", mail)
    sealed = seal(workspace.keys.note, mail.encode(), _member_identity(workspace.id, becomes))
    await conn.execute(_MEMBER_SQL["add"], workspace.id, digest, becomes, sealed)


async def mail(conn: asyncpg.Connection, workspace: Workspace, member: str) -> str | None:
    """Return the mail of a member and open nobody else's; None: none is known."""
    sealed = await conn.fetchval(_MEMBER_SQL["mail"], workspace.id, member)
    return _opened(workspace, member, sealed) if sealed is not None else None


async def mails(conn: asyncpg.Connection, workspace: Workspace) -> dict[str, str]:
    """Return the mails of all members by id."""
    return opened(workspace, await sealed_mails(conn, workspace))


async def sealed_mails(conn: asyncpg.Connection, workspace: Workspace) -> tuple[tuple[str, bytes], ...]:
    """Return the mails of all members as they are stored: id, sealed mail."""
    return tuple((row["id"], row["sealed"]) for row in await conn.fetch(_MEMBER_SQL["mails"], workspace.id))


def opened(workspace: Workspace, sealed: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Return the mails that are stored so, by id."""
    return {id_: _opened(workspace, id_, one) for id_, one in sealed}


def _opened(workspace: Workspace, member: str, sealed: bytes) -> str:
    return unseal(workspace.keys.note, sealed, _member_identity(workspace.id, member)).decode()


async def set_host(conn: asyncpg.Connection, ws: str, host: str, now: int) -> bool:
    """Let the workspace answer for a host, in lower case and without port; False: another workspace does."""
    return await conn.fetchval(_HOST_SQL["set"], ws, host, now) is not None


async def remove_host(conn: asyncpg.Connection, ws: str, host: str) -> bool:
    """Let the workspace answer for a host no more; False: it does not."""
    return await conn.fetchval(_HOST_SQL["remove"], ws, host) is not None


async def hosts(conn: asyncpg.Connection, ws: str) -> list[str]:
    """Return the hosts that the workspace answers for, the one that links are given at first."""
    return [row["host"] for row in await conn.fetch(_HOST_SQL["every"], ws)]


def _secret_identity(ws: str, purpose: str) -> bytes:
    return row_identity("workspace_secret", ws, purpose)


def _hook_identity(ws: str, key: str) -> bytes:
    return row_identity("api_key", ws, key)


def _member_identity(ws: str, member: str) -> bytes:
    return row_identity("alias", ws, member)
