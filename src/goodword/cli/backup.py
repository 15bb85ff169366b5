"""backup, restore: the whole installation in one file, and back, proved."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path

import click

from goodword.app import see
from goodword.app.engine import Clock
from goodword.app.principal import OPERATOR
from goodword.app.proof import backup as archives
from goodword.app.proof.audit import Report
from goodword.app.proof.backup import Archive, ArchiveError, Manifest
from goodword.cli.audit import told
from goodword.cli.run import fail, go, settings
from goodword.cli.served import locked
from goodword.core import calendar
from goodword.store import dump
from goodword.wiring import ERASURES, NotEmptyError, empty_database, opened, restoring_vault

_FILE = click.Path(dir_okay=False, path_type=Path)
_PARTS = "goodword-*Z.backup.part"
_ERASED = re.compile(r"(wsp_[0-9A-Z]{26})[ \t]+(per_[0-9A-Z]{26})(?:[ \t].*)?")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole installation, as it is at this moment, into FILE, while Goodword serves.

    FILE may be a folder: then its name says when it was made. The master key is not in it, so that who finds a backup finds no
    personal data: keep keys/master.key of GOODWORD_HOME, or GOODWORD_MASTER_KEY, apart. Nor are the settings.
    """
    at = calendar.text(Clock().now())[:19].replace(":", "")
    target = file / f"goodword-{at}Z.backup" if file.is_dir() else file
    part = target.with_name(f"{target.name}.part")

    async def run() -> Manifest:
        async with opened(settings()) as (directory, owner):
            return await archives.make(directory, owner, out)

    if target.exists():
        fail(f"{target} exists: name another file")
    try:
        for broken_off in sorted(file.glob(_PARTS)) if file.is_dir() else [part]:
            if broken_off.exists() and not locked(broken_off):
                click.echo(f"{broken_off} of a backup that was broken off is removed", err=True)
                broken_off.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)  # as long as we live it is no leftover
    except FileExistsError:
        fail(f"{part} is being written by another backup: wait for its end, or name another file")
    except OSError as error:
        fail(f"{target}: {(error.strerror or str(error)).lower()}")
    with os.fdopen(handle, "wb") as out:
        try:
            manifest = go(run())
            out.flush()
            os.fsync(out.fileno())
            os.link(part, target)  # never over a file that came meanwhile
        except (dump.DumpError, OSError) as error:
            fail(str(error))
        finally:
            part.unlink(missing_ok=True)
    entries = sum(end.size for end in manifest.ends)
    click.echo(f"{target}: {len(manifest.ends)} workspaces, {entries:,} entries, {target.stat().st_size >> 10:,} KiB")
    click.echo(f"It needs the master key with the id {', '.join(manifest.masters)}, which is not in it: keep it apart.")


@click.command()
@click.argument("file", type=_FILE)
@click.option(
    "--erasures",
    type=_FILE,
    help="Persons who were erased since, a line each: workspace, person. By default erasures of the home.",
)
def restore(file: Path, erasures: Path | None) -> None:
    """Make an installation out of a backup, in an empty GOODWORD_HOME or database, and verify it.

    Put the master key into keys/master.key first, or set GOODWORD_MASTER_KEY. Who was erased after the backup is erased again.
    Exit code 1 if the backup was changed or what came of it does not verify, 2 for another master key.
    """
    config = settings()

    async def check() -> tuple[Archive, Manifest]:
        archive = Archive(file)
        return archive, archive.checked(restoring_vault(config, archive.master))

    try:
        archive, manifest = go(check())
    except ArchiveError as error:
        fail(str(error))
    again = _erased(erasures or config.home / ERASURES, needed=erasures is not None)

    async def run() -> list[Report]:
        async with empty_database(config) as owner:
            with archive.dump() as given:
                await dump.load(owner, given)
            click.echo(f"restored what was backed up at {calendar.text(manifest.made_at)}")
            if again:
                async with opened(config, whole=False) as (directory, _):
                    count = await archives.erase(directory, again)
                    for ws, person in again:
                        if person not in directory.erased(ws):  # the restored log does not name them
                            directory.note_erased(ws, person, directory.now())
                click.echo(f"{count} of {len(again)} persons erased again; the others were already")
        async with opened(config) as (directory, _):
            names = await see.workspaces.every(OPERATOR, directory)
            return [await see.log.verify(OPERATOR, directory, name) for name in names]

    try:
        reports = go(run())
    except (NotEmptyError, dump.DumpError) as error:
        fail(str(error))
    for report in reports:
        click.echo("\n".join(told(report)))
    wrong = archives.differences(manifest, reports)
    for line in wrong:
        click.echo(line)
    if wrong or any(report.differences for report in reports):
        raise SystemExit(1)
    click.echo("every log ends as in the backup, and all that is stored follows from it")


def _erased(file: Path, *, needed: bool) -> list[tuple[str, str]]:
    """Read who was erased, each once."""
    if not needed and not file.exists():
        return []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: {error}")
    erased: dict[tuple[str, str], None] = {}
    for n, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            read = _ERASED.fullmatch(line.strip())
            if read is None:
                fail(f"{file}, line {n}: expected a workspace and a person, such as wsp_01… per_01…")
            erased[read[1], read[2]] = None
    return list(erased)
