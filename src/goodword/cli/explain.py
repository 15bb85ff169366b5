"""explain: why something was decided as it was, in words."""

from __future__ import annotations

import textwrap

import click
import msgspec

from goodword.app import see
from goodword.cli.run import go, opened, operator
from goodword.core import calendar
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.words import sentences

_WIDTH = 112


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--workspace", "ws", metavar="ID", help="Which workspace; may be left out if there is one only.")
@click.option("--json", "as_json", is_flag=True, help="Print the log entries as JSON.")
def explain(id_: str, ws: str | None, as_json: bool) -> None:
    """Say why: every decision about an event, reward, referral, payout, case or claim (evt_ rwd_ ref_ pay_ cas_ clm_)."""

    async def run() -> list[Entry]:
        async with opened() as directory:
            return await see.explanations.decisions(await operator(directory, ws), directory, id_)

    entries = go(run())
    if not entries:
        raise click.ClickException(f"nothing was decided about {id_}")
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(entries)).decode())
        return
    for entry in entries:
        click.echo("\n".join(told(entry)))


def told(entry: Entry) -> list[str]:
    """A decision as lines: when and what, then each verdict in its two sentences; finance is told every step."""
    tag = entry.event.__struct_config__.tag
    actor = f", by {entry.facts.actor.id}" if entry.facts.actor else ""
    lines = [f"{calendar.text(entry.event.occurred_at)}  {tag}  {entry.event.evt}  (log {entry.position}{actor})"]
    return [*lines, *(line for verdict in entry.verdicts for line in told_of(verdict))]


def told_of(verdict: Verdict) -> list[str]:
    """A verdict as lines: what it is, and its two sentences."""
    words = sentences(verdict)
    name = verdict.refusal or verdict.outcome
    lines = [f"  {verdict.about}{f' · {verdict.side}' if verdict.side else ''}: {name}"]
    for reader, text in (("to them", words.beneficiary), ("to finance", words.finance)):
        lines += textwrap.wrap(text, _WIDTH, initial_indent=f"    {reader:11} ", subsequent_indent=" " * 16)
    return lines
