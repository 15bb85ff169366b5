"""What all commands share: an event loop, an installation, and errors as one clear line.

Exit code 2: the command was used wrongly, or with another master key than the database's; 1: it failed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

import click

from goodword import settings as environment
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import OPERATOR, Principal
from goodword.collector import settle
from goodword.core.entry import Entry
from goodword.settings import Settings, SettingsError
from goodword.store.embedded import EmbeddedError
from goodword.store.migrations import SchemaError
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.vault import MasterKeyError
from goodword.wiring import opened as opened_by
from goodword.words import sentences

T = TypeVar("T")

_INTERRUPTED = 130


class _WrongKeyError(click.ClickException):
    """The master key is not the database's: one line, without the usage of the command, which was right."""

    exit_code = 2


def settings() -> Settings:
    """The settings of the environment. A wrong one ends the program with exit code 2."""
    try:
        return environment.read()
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
    except (EmbeddedError, SchemaError) as error:
        fail(str(error))
    except DATABASE_ERRORS as error:
        fail(f"the database: {error}")
    except LookupError as error:
        fail(str(error.args[0]) if error.args else "not found")
    except OSError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def fail(message: str) -> NoReturn:
    """End the program with one line and exit code 1."""
    raise click.ClickException(message)


@asynccontextmanager
async def opened() -> AsyncIterator[Directory]:
    """The installation's directory, without a server: for commands that look or administer."""
    async with opened_by(settings()) as (directory, _):
        yield directory


async def operator(directory: Directory, id_: str | None) -> Principal:
    """The operator at the workspace with this id; without one at the only workspace there is. Raises LookupError."""
    if id_ is None:
        ids = await see.workspaces.every(OPERATOR, directory)
        if len(ids) != 1:
            raise LookupError("name the workspace with --workspace: there is not exactly one")
        id_ = ids[0]
    found = await directory.workspace(id_)
    if found is None:
        raise LookupError(f"there is no workspace {id_}")
    return OPERATOR.at(found)


async def as_owner(directory: Directory, id_: str | None) -> Principal:
    """The operator likewise, but in the name of the workspace's first owner. Raises LookupError."""
    who = await operator(directory, id_)
    return OPERATOR.at(who.workspace, await see.members.owner(who, directory))


def said(entry: Entry) -> None:
    """End the program if a command was refused, with the sentence that says why."""
    for verdict in entry.verdicts:
        if verdict.refused:
            fail(f"refused: {verdict.refusal}: {sentences(verdict).finance}")


def _loop() -> Any:
    try:
        import uvloop  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return None
    return uvloop.new_event_loop
