"""explain: why something was decided as it was, in words."""

from __future__ import annotations

import asyncio
import textwrap
import time
from collections.abc import Iterable

import click
import msgspec

from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal
from goodword.cli.run import WORKSPACE, fail, go, opened, operator
from goodword.core import calendar
from goodword.core.decision import Verdict
from goodword.core.entry import Entry, own
from goodword.core.events import note_of
from goodword.words import sentences

_WIDTH = 112
#: Seconds that an event which was just sent gets to be decided, and between looks.
_PATIENCE, _LOOK = 5.0, 0.1


@click.command()
@click.argument("id_", metavar="ID")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print the log entries as JSON.")
def explain(id_: str, ws: str | None, as_json: bool) -> None:
    """Say why: every decision about an event, reward, referral, payout, case or claim (evt_ rwd_ ref_ pay_ cas_ clm_).

    ID may be your own id of an event, as you sent it.
    """

    async def run() -> tuple[list[Entry], dict[str, str]]:
        async with opened() as directory:
            who = await operator(directory, ws)
            decisions = await see.explanations.decisions(who, directory, id_) or await _own(who, directory, id_)
            return decisions, await see.notes.beside(who, directory, decisions)

    entries, notes = go(run())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(entries)).decode())
        return
    shown = own(id_, entries)
    for entry in entries:
        click.echo("\n".join(told(entry, [verdict for one, verdict in shown if one is entry])))
        note = notes.get(note_of(entry.event) or "")
        if note is not None:
            click.echo("\n".join(_lines("note", note)))


async def _own(who: Principal, directory: Directory, id_: str) -> list[Entry]:
    """Return the decision about an event by its sender's id; without one the program ends and says how it stands."""
    late = time.monotonic() + _PATIENCE
    try:
        event = await see.events.get(who, directory, id_)
        while event.status == "waiting" and time.monotonic() < late:
            await asyncio.sleep(_LOOK)
            event = await see.events.get(who, directory, id_)
    except UnknownError:
        fail(
            f"nothing in workspace {who.workspace.name} has the id {id_}: take one of yours that you sent an event with,"
            " or one that starts with evt_, rwd_, ref_, pay_, cas_ or clm_"
        )
    if event.status == "set_aside":
        fail(f"{event.evt} is set aside, for deciding it failed: see goodword quarantine list")
    if event.entry is None:
        fail(f"{event.evt} waits to be decided: is goodword serve, or goodword worker, running?")
    return [event.entry]


def told(entry: Entry, verdicts: Iterable[Verdict]) -> list[str]:
    """Return a decision as lines: when and what, then each of these verdicts in its two sentences; finance is told every step."""
    tag = entry.event.__struct_config__.tag
    actor = f", by {entry.facts.actor.id}" if entry.facts.actor else ""
    lines = [f"{calendar.text(entry.event.occurred_at)}  {tag}  {entry.event.evt}  (log {entry.position}{actor})"]
    return [*lines, *(line for verdict in verdicts for line in told_of(verdict))]


def told_of(verdict: Verdict) -> list[str]:
    """Return a verdict as lines: what it is, and its two sentences."""
    words = sentences(verdict)
    name = verdict.refusal or verdict.outcome
    lines = [f"  {verdict.about}{f' · {verdict.side}' if verdict.side else ''}: {name}"]
    return [*lines, *_lines("to them", words.beneficiary), *_lines("to finance", words.finance)]


def _lines(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"    {name:11} ", subsequent_indent=" " * 16)
