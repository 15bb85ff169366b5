"""What all commands share: an event loop, an installation, a workspace by its id or name, and errors as one clear sentence.

Exit code 2: the command was used wrongly, or with another master key than the database's; 1: it failed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from goodword import settings as environment
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import OPERATOR, Principal
from goodword.collector import settle
from goodword.core.entry import Entry
from goodword.settings import Settings, SettingsError
from goodword.sources.rule_file import RuleFileErrors
from goodword.store.dump import RestoringError
from goodword.store.embedded import EmbeddedError
from goodword.store.embedded_place import user_name
from goodword.store.migrations import SchemaError
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.vault import MasterKeyError
from goodword.store.workspaces import Listed
from goodword.wiring import opened as opened_by
from goodword.words import sentences

T = TypeVar("T")

_INTERRUPTED = 130
_SHOWN = 20

#: The option of every command that works with one workspace.
WORKSPACE = click.option(
    "--workspace", "ws", metavar="NAME", help="Which workspace, by name or id; may be left out if there is one only."
)


class _WrongKeyError(click.ClickException):
    """The master key is not the database's: one line, without the usage of the command, which was right."""

    exit_code = 2


def settings(**given: str) -> Settings:
    """Return the settings of the environment, and of what is given in its place. A wrong one ends the program with exit code 2."""
    try:
        return environment.read({**os.environ, **given})
    except SettingsError as error:
        raise click.UsageError(str(error)) from None


def go(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; what the world may do to it becomes one line and exit code 1."""
    settle()
    try:
        with asyncio.Runner(loop_factory=_loop()) as runner:
            return runner.run(work)
    except MasterKeyError as error:
        raise _WrongKeyError(str(error)) from None
    except (EmbeddedError, RestoringError, SchemaError, RuleFileErrors) as error:
        fail(str(error))
    except DATABASE_ERRORS as error:
        fail(f"the database: {error}")
    except LookupError as error:
        fail(str(error.args[0]) if error.args else "not found")
    except BrokenPipeError:
        raise  # whoever reads what is printed has gone, as `head` does: click ends quietly
    except OSError as error:
        fail(told_of(error))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def fail(message: str) -> NoReturn:
    """End the program with one line and exit code 1."""
    raise click.ClickException(message)


def told_of(error: OSError) -> str:
    """Return what the system did not allow, as a sentence that says what to do."""
    if isinstance(error, ConnectionError | TimeoutError):
        return f"the database does not answer ({error}): is it running, and is DATABASE_URL its address?"
    if error.filename is None or error.strerror is None:
        return str(error)
    path = Path(os.fsdecode(error.filename))
    if isinstance(error, PermissionError):
        where = next(place for place in (path, *path.absolute().parents) if os.access(place, os.F_OK))
        owner, user = user_name(where.stat().st_uid), user_name(os.geteuid())
        return f"{user} may not use {path}: {where} belongs to {owner}. Run as {owner}, or set GOODWORD_HOME to a folder of yours"
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{path} is a file or stands below one, where a folder is wanted: set GOODWORD_HOME to another folder"
    return f"{path}: {error.strerror.lower()}"


@asynccontextmanager
async def opened() -> AsyncIterator[Directory]:
    """Yield the installation's directory, without a server: for commands that look or administer."""
    async with opened_by(settings()) as (directory, _):
        yield directory


async def operator(directory: Directory, named: str | None) -> Principal:
    """Return the operator at the workspace with this id or name; without one at the only workspace. Raises LookupError."""
    workspace = await directory.workspace(named) if named is not None else None
    if workspace is None:
        known = await see.workspaces.listed(OPERATOR, directory)
        workspace = await directory.workspace(_chosen(known, named).id)
    assert workspace is not None  # noqa: S101 - it was listed, and no workspace goes away
    return OPERATOR.at(workspace)


async def as_owner(directory: Directory, named: str | None) -> Principal:
    """Return the operator likewise, but in the name of the workspace's first owner. Raises LookupError."""
    who = await operator(directory, named)
    return OPERATOR.at(who.workspace, await see.members.owner(who, directory))


def by_owner(ws: str | None, use_case: Callable[..., Awaitable[T]], *args: Any, **named: Any) -> T:
    """Do something in the name of the workspace's first owner and return what it gives; end the program where it is refused."""

    async def run() -> T:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            try:
                return await use_case(who, directory, *args, **named)
            except (ConflictError, InvalidError, UnknownError) as error:
                fail(str(error))

    return go(run())


def said(entry: Entry) -> None:
    """End the program if a command was refused, with the sentence that says why."""
    for verdict in entry.verdicts:
        if verdict.refused:
            fail(f"refused: {verdict.refusal}: {sentences(verdict).finance}")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text, with its columns in line."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )
    return "\n".join(lines)


def _chosen(known: list[Listed], named: str | None) -> Listed:
    if not known:
        raise LookupError("there is no workspace yet: make one with goodword workspace create NAME --owner MAIL")
    fitting = known if named is None else [workspace for workspace in known if workspace.name == named]
    if len(fitting) == 1:
        return fitting[0]
    lines = [f"  {workspace.id}  {workspace.name}  ({workspace.mode})" for workspace in (fitting or known)[:_SHOWN]]
    if len(fitting or known) > _SHOWN:
        lines.append(f"  and {len(fitting or known) - _SHOWN} more: see goodword workspace list")
    if named is None:
        why = "name the workspace with --workspace, by its name or id; there are"
    else:
        why = (
            f"{len(fitting)} workspaces are named {named}: take an id"
            if fitting
            else f"there is no workspace {named}, but"
        )
    raise LookupError("\n".join((f"{why}:", *lines)))


def _loop() -> Any:
    try:
        import uvloop  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return None
    return uvloop.new_event_loop
