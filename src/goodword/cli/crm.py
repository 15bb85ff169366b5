"""crm: whose records are written to, in the name of the workspace's first owner."""

from __future__ import annotations

import click
import msgspec

from goodword.app import say, see
from goodword.app.say.crm import REFERRERS
from goodword.cli.run import WORKSPACE, by_owner, table
from goodword.core import calendar
from goodword.outbound.crm import CRMS
from goodword.store.crm import STATES

_SOURCE = click.argument("source", type=click.Choice(list(CRMS)))
_MOST = 200


@click.group()
def crm() -> None:
    """CRMs whose records say who recommended somebody and what became of it. A worker writes, with the key that `keys` holds."""


@crm.command("list")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def show(ws: str | None, as_json: bool) -> None:
    """Show the CRMs that are written to, and how many of their records wait or were refused."""
    found = by_owner(ws, see.crm.every)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    rows = [(it.source, it.referrer, str(it.written), str(it.waiting), str(it.refused)) for it in found]
    click.echo(table(("crm", "referrer", "written", "waiting", "refused"), rows))


@crm.command()
@_SOURCE
@click.option("--referrer", type=click.Choice(REFERRERS), default="code", help="What is said of who recommended.")
@click.option(
    "--field", "fields", multiple=True, help="NAME=THEIRS: what the CRM calls a field; empty: it is not said."
)
@click.option("--site", default="", help="The host of your own, of a CRM that has one for each company.")
@WORKSPACE
def connect(source: str, referrer: str, fields: tuple[str, ...], site: str, ws: str | None) -> None:
    """Have the records of SOURCE written to from now on, or otherwise than before."""
    named = {name: theirs for name, _, theirs in (it.partition("=") for it in fields)}
    by_owner(ws, say.crm.connect, source, referrer=referrer, fields=named, site=site)
    click.echo(f"{source} is told from now on; what was decided before: goodword follower restart crm")


@crm.command()
@_SOURCE
@WORKSPACE
def end(source: str, ws: str | None) -> None:
    """Write to SOURCE no more; what is written there stays."""
    by_owner(ws, say.crm.end, source)
    click.echo(f"{source} is written to no more")


@crm.command()
@_SOURCE
@click.option("--state", type=click.Choice(STATES), default="refused", help="Which.")
@WORKSPACE
def records(source: str, state: str, ws: str | None) -> None:
    """Show records of SOURCE by what it answered last: those that it refused need a person."""
    found = by_owner(ws, see.crm.records, source, state=state, limit=_MOST)
    rows = [
        (
            it.noun,
            it.subject,
            f"{it.match}, {it.confidence}",
            str(it.status or ""),
            it.answer,
            calendar.text(it.changed_at),
        )
        for it in found
    ]
    click.echo(table(("record", "of", "by", "answered", "with", "at"), rows))


@crm.command()
@_SOURCE
@WORKSPACE
def again(source: str, ws: str | None) -> None:
    """Write once more what SOURCE refused, after somebody put right there what was wrong."""
    click.echo(f"{by_owner(ws, say.crm.again, source)} are written once more")
