"""Backups: one archive with a dump and what must be true of it, made while Goodword serves; and whether a restored one is that.

    database.dump    pg_dump's own format, of one moment
    manifest.json    format, version, migrations, digest of the dump, the end of each log, the master keys that are needed
    manifest.seal    the digest of the manifest under the master key: whoever has not that key can change nothing unnoticed

The master key is never in it: who finds an archive finds no personal data. Must not know: where an archive lies, SQL.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import Struct

from goodword import __version__
from goodword.app.directory import Directory
from goodword.store import dump, log, notes, people, workspaces
from goodword.store.vault import ID_BYTES, MasterKeyError, UnsealError, Vault

_FORMAT = 1
_DUMP, _MANIFEST, _SEAL = "database.dump", "manifest.json", "manifest.seal"
_IDENTITY = b"goodword backup manifest"
_PIECE = 1 << 20
_LARGEST = 64 << 20  # bytes of a manifest: some 400,000 workspaces


class ArchiveError(ValueError):
    """This is no archive of ours, or it was changed, or does not suit; the message says which and what to do."""


class End(Struct, frozen=True):
    """How far the log of a workspace went. ``root``: hexadecimal."""

    workspace: str
    size: int
    root: str


class Manifest(Struct, frozen=True):
    """What an archive says of itself. ``masters``: ids of the master keys that wrapped its keys; ``made_at``: microseconds."""

    format: int
    goodword: str
    postgresql: str
    made_at: int
    migrations: list[str]
    masters: list[str]
    ends: list[End]
    bytes: int
    sha256: str


class _Digesting:
    """A file that is written through, counted and digested."""

    def __init__(self, out: IO[bytes]) -> None:
        self.size = 0
        self.digest = sha256()
        self._out = out

    def write(self, part: bytes) -> int:
        """Write a part."""
        self.size += len(part)
        self.digest.update(part)
        return self._out.write(part)


async def make(directory: Directory, owner: str, out: IO[bytes]) -> Manifest:
    """Write an archive of the whole installation as of one moment. ``owner``: the database's address. Raises DumpError."""
    vault = directory.vault
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        async with directory.pool.acquire() as conn, dump.snapshot(conn) as snapshot:
            every = await workspaces.every(conn)
            masters = {*await workspaces.masters(conn)}
            ends = []
            for ws in every:
                stream = await log.stream(conn, ws)
                ends.append(End(ws, stream.position, stream.frontier.root().hex()))
                masters |= (await people.masters(conn, ws)).keys()
            version, migrations = await dump.version(conn), await dump.migrated(conn)
            with archive.open(_DUMP, "w", force_zip64=True) as file:
                digesting = _Digesting(file)
                await dump.dump(owner, snapshot, digesting)  # type: ignore[arg-type] # all that it does is write
        manifest = Manifest(
            format=_FORMAT,
            goodword=__version__,
            postgresql=version,
            made_at=directory.now(),
            migrations=migrations,
            masters=sorted(master.hex() for master in masters | {vault.id}),
            ends=ends,
            bytes=digesting.size,
            sha256=digesting.digest.hexdigest(),
        )
        said = msgspec.json.encode(manifest)
        archive.writestr(_MANIFEST, said)
        archive.writestr(_SEAL, vault.wrap(sha256(said).digest(), _IDENTITY))
    return manifest


class Archive:
    """An archive that is read. ``master``: the id of the master key that sealed it."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises ArchiveError, OSError."""
        try:
            self._zip = zipfile.ZipFile(path)
            names = sorted(self._zip.namelist())
            if names != sorted([_DUMP, _MANIFEST, _SEAL]):
                raise ArchiveError(f"{path} is no backup of Goodword: it holds {', '.join(names)[:100] or 'nothing'}")
            if max(self._zip.getinfo(name).file_size for name in (_MANIFEST, _SEAL)) > _LARGEST:
                raise ArchiveError(f"{path} is no backup of Goodword: its manifest is too large")
            self._said, self._seal = self._zip.read(_MANIFEST), self._zip.read(_SEAL)
        except zipfile.BadZipFile as error:
            raise ArchiveError(f"{path} is no backup of Goodword, or it is cut short: {error}") from None
        self.master = self._seal[:ID_BYTES]

    def checked(self, vault: Vault) -> Manifest:
        """Return what it says of itself, when nothing of it was changed. Reads all of it. Raises ArchiveError, MasterKeyError."""
        try:
            right = vault.unwrap(self._seal, _IDENTITY) == sha256(self._said).digest()
        except UnsealError:
            right = False
        except MasterKeyError:
            raise MasterKeyError(
                f"the archive needs the master key with the id {self.master.hex()}: put that key into keys/master.key of"
                " GOODWORD_HOME (mode 0600), or set GOODWORD_MASTER_KEY to it; a backup never holds it"
            ) from None
        if not right:
            raise ArchiveError(
                "the archive was changed: its manifest is not the one that was sealed. Take another backup"
            )
        manifest = self._read()
        if manifest.format != _FORMAT:
            raise ArchiveError(f"the archive has the format {manifest.format}, this version reads {_FORMAT}")
        digest, size = sha256(), 0
        try:
            with self.dump() as file:
                while part := file.read(_PIECE):
                    digest.update(part)
                    size += len(part)
        except (zipfile.BadZipFile, EOFError) as error:
            raise ArchiveError(f"the archive was changed or is cut short: {error}. Take another backup") from None
        if (size, digest.hexdigest()) != (manifest.bytes, manifest.sha256):
            raise ArchiveError("the archive was changed: its dump is not the one that was made. Take another backup")
        if why := dump.too_new(manifest.migrations):
            raise ArchiveError(f"the archive is of Goodword {manifest.goodword}: {why}")
        return manifest

    def dump(self) -> IO[bytes]:
        """Open the dump."""
        return self._zip.open(_DUMP)

    def _read(self) -> Manifest:
        try:
            return msgspec.json.decode(self._said, type=Manifest)
        except msgspec.DecodeError as error:
            raise ArchiveError(f"the archive's manifest cannot be read by this version: {error}") from None


async def erase(directory: Directory, erased: Iterable[tuple[str, str]]) -> int:
    """Erase persons, (workspace, person), once more, with what was typed about them; returns how many were there."""
    count, theirs = 0, dict[str, list[str]]()
    for ws, person in erased:
        theirs.setdefault(ws, []).append(person)
    async with directory.pool.acquire() as conn:
        for ws, persons in theirs.items():
            await notes.erase(conn, ws, await notes.about(conn, ws, persons))
            await notes.erase_said(conn, ws, await notes.registered(conn, ws, persons))
            for person in persons:
                async with conn.transaction():
                    count += await people.erase(conn, ws, person)
    return count


def differences(manifest: Manifest, reports: Iterable[Any]) -> list[str]:
    """Return how restored logs, by their reports of verification, are not those of the archive."""
    now = {report.workspace: (report.size, report.root) for report in reports}
    ends = {end.workspace: (end.size, end.root) for end in manifest.ends}
    return [
        f"workspace {ws}: its log should end with entry {ends.get(ws, (0, ''))[0]:,} and the root of the archive"
        for ws in sorted(now.keys() | ends.keys())
        if now.get(ws) != ends.get(ws)
    ]
