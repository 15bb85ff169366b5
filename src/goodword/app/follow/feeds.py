"""Feeds of live programs: whether the sources that each named still deliver, said as events where that changes.

A pause is measured by real time, as deliveries come; what is said of it is in the workspace's own. Must not know: what stops by it.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Final

from goodword.app.directory import Directory
from goodword.app.write.commands import Stamp, command
from goodword.core import launching
from goodword.core.events import FeedHeard, FeedSilenced
from goodword.core.facts import Actor
from goodword.core.state import Program
from goodword.store import entities, sources
from goodword.store.workspaces import Workspace

WORKER: Final = Actor(id="worker", kind="system")

_log = logging.getLogger(__name__)


async def watch(directory: Directory) -> None:
    """Look once at the feeds of all programs that were launched, and say what has changed."""
    for workspace in await directory.every_workspace():
        try:
            await look(directory, workspace)
        except Exception:  # noqa: BLE001 - the others go on, and it is looked again within a minute
            _log.exception("the feeds of %s could not be looked at", workspace.id)


async def look(directory: Directory, workspace: Workspace) -> None:
    """Look once at the feeds of one workspace."""
    async with directory.pool.acquire() as conn:
        launched = [it for it in await entities.every(conn, workspace.id, Program) if it.launch is not None]
        if not launched:
            return
        last = await sources.last(conn, workspace.id)
    now = directory.now()
    for program in launched:
        if program.launch is None:
            continue
        for feed in launching.feeds(program):
            at = last.get(feed, 0)
            is_silent, was_silent = now - at > program.launch.plan.silence, feed in dict(program.silent)
            if is_silent is not was_silent:
                make = partial(_made, is_silent, program.id, feed, now - at)
                await command(directory.engine, workspace.id, make, WORKER, source="worker")


def _made(is_silent: bool, program: str, feed: str, pause: int, stamp: Stamp) -> FeedSilenced | FeedHeard:
    of = FeedSilenced if is_silent else FeedHeard
    return of(**stamp, program=program, feed=feed, last_at=max(0, stamp["accepted_at"] - pause))
