"""mapping: what a source's events mean, in a workspace's own words; what it delivered, kept for some days and sent again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import msgspec

from goodword.app import say, see
from goodword.app.see.mappings import MOST_DAYS
from goodword.cli.run import WORKSPACE, by_owner, fail, table
from goodword.core import calendar, money
from goodword.sources.segment import event_file

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_LOOK = 0.5  # seconds between looks how far it is


@click.group()
def mapping() -> None:
    """Mappings: what other names of events mean. SOURCE is segment, posthog, jitsu or customerio."""


@mapping.command("show")
@click.argument("source")
@click.option("--version", type=click.IntRange(min=0), default=0, help="An older version; the newest without.")
@click.option("--versions", is_flag=True, help="List the versions, who published each and when.")
@WORKSPACE
def show(source: str, version: int, versions: bool, ws: str | None) -> None:
    """Print the mapping file of SOURCE that counts."""
    it = by_owner(ws, see.mappings.one, source, version)
    if versions:
        rows = [
            (
                str(one.version),
                one.hash[:12] or "none",
                calendar.text(one.said_at),
                it.mails.get(one.said_by, one.said_by),
            )
            for one in it.versions
        ]
        click.echo(table(("version", "hash", "published", "by"), rows))
    elif it.text:
        click.echo(it.text, nl=not it.text.endswith("\n"))
    else:
        click.echo(f"{it.source} has no mapping of its own")


@mapping.command("check")
@click.argument("file", type=_FILE)
def check(file: Path) -> None:
    """Say everything that is wrong in a mapping FILE, each with its line, its place and what was expected."""
    try:
        read = event_file.read(file.read_bytes(), file.name)
    except event_file.MappingFileErrors as error:
        fail(str(error))
    click.echo(f"{file.name}: fine, version {read.hash}")


@mapping.command("preview")
@click.argument("source")
@click.argument("file", type=_FILE, required=False)
@click.option("--sample", type=_FILE, help="Items as JSON (one, a list or a batch), instead of what is kept.")
@WORKSPACE
@_JSON
def preview(source: str, file: Path | None, sample: Path | None, ws: str | None, as_json: bool) -> None:
    """Show what a mapping FILE would make of what SOURCE delivered lately, or of a sample; without FILE, the one that counts."""
    text = _text(file) if file is not None else None
    name = file.name if file is not None else "mapping.yaml"
    given = _text(sample) if sample is not None else None
    it = by_owner(ws, see.mappings.preview, source, text, name, sample=given)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(it)).decode())
        return
    where = "of the sample" if it.of == "sample" else f"of {it.deliveries} deliveries that are kept"
    click.echo(f"{it.items} {'item' if it.items == 1 else 'items'} {where}")
    if not it.items and it.of != "sample":
        click.echo(
            f"  give items by --sample FILE, or have what comes from now on kept: goodword mapping keep {source} {MOST_DAYS}"
        )
    for one in it.names:
        said = [f"{count} {what}" for what, count in one.becomes.items()]
        said += [f"{count} refused ({why})" for why, count in one.refused.items()]
        click.echo(f"  {one.name or 'others'}: {', '.join(said)}{'' if one.own else ', without the file'}")
        for each in one.money:
            click.echo(
                f"    {each.type}: {money.decimal(each.amount, each.currency)} {each.currency}"
                f" in {each.events} {'event' if each.events == 1 else 'events'}"
            )


@mapping.command("publish")
@click.argument("source")
@click.argument("file", type=_FILE)
@WORKSPACE
def publish(source: str, file: Path, ws: str | None) -> None:
    """Publish a mapping FILE of SOURCE: what comes from now on is read by it, a few seconds later at the latest."""
    hash_ = by_owner(ws, say.mappings.publish, source, _text(file), file.name)
    click.echo(f"{source} is read by version {hash_}")


@mapping.command("end")
@click.argument("source")
@WORKSPACE
def end(source: str, ws: str | None) -> None:
    """Have SOURCE read without a mapping from now on; its versions stay."""
    by_owner(ws, say.mappings.end, source)
    click.echo(f"{source} is read without a mapping")


@mapping.command("keep")
@click.argument("source")
@click.argument("days", type=click.IntRange(0, MOST_DAYS))
@WORKSPACE
def keep(source: str, days: int, ws: str | None) -> None:
    """Keep what SOURCE delivers for so many DAYS, sealed; 0: keep nothing, and forget what was kept."""
    by_owner(ws, say.mappings.keep, source, days)
    click.echo(f"what {source} delivers is kept for {days} days" if days else f"nothing of {source} is kept")


@mapping.command("kept")
@click.argument("source")
@WORKSPACE
@_JSON
def kept(source: str, ws: str | None, as_json: bool) -> None:
    """Show how much is kept of SOURCE, and how far it was sent again."""
    it = by_owner(ws, see.mappings.keeping, source)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(it)).decode())
        return
    first = f", the first of {calendar.text(it.first_at)}" if it.first_at is not None else ""
    click.echo(
        f"{it.days} days: {it.deliveries} deliveries, {it.bytes} bytes{first}; {it.dropped} let go before their time"
    )
    if it.resend is not None:
        click.echo(_told(it.resend))


@mapping.command("resend")
@click.argument("source")
@click.option("--since", metavar="TIME", help="What came since, as 2026-11-29T08:00:00Z; all that is kept without.")
@click.option("--wait", is_flag=True, help="Wait until a worker is through with it.")
@WORKSPACE
def resend(source: str, since: str | None, wait: bool, ws: str | None) -> None:
    """Send again what is kept of SOURCE, through its newest mapping: what was decided is a repeat, what meant nothing counts."""
    try:
        at = calendar.parse(since) if since is not None else None
    except ValueError:
        raise click.BadParameter(f"{since!r} is no time, such as 2026-11-29T08:00:00Z", param_hint="--since") from None
    begun = by_owner(ws, say.mappings.resend, source, at)
    click.echo(f"{begun.of} deliveries are sent again, as soon as a worker comes to it")
    while wait:
        time.sleep(_LOOK)
        told = by_owner(ws, see.mappings.keeping, source).resend
        if told is None or told.ended_at is not None:
            click.echo(_told(told) if told is not None else "nothing is kept any more")
            return


def _told(it: Any) -> str:
    became = " ".join(f"{kind}={count}" for kind, count in it.became.items())
    why = "".join(f"\n  {count} {reason}" for reason, count in it.why.items())
    return (
        f"sent again: {it.deliveries} of {it.of} deliveries{', done' if it.ended_at is not None else ''}  {became}".rstrip()
        + why
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{file}: a wrong byte; expected text in UTF-8")
