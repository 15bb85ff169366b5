"""tax reporting, statement, export: where is reported, a payee's year, and a year's payees; said with a key of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from goodword.cli.remote import ask, server, tell
from goodword.cli.run import table
from goodword.core.money import decimal

_FIGURES = ("opening", "earned", "taken_back", "paid", "returned", "closing")


@click.group()
def tax() -> None:
    """Taxes: where is reported what is paid, statements of payees, and a year's payees for who files returns."""


@tax.command("reporting")
@click.argument("jurisdictions", metavar="[JURISDICTION]...", nargs=-1)
@click.option("--timezone", default="UTC", show_default=True, help="Whose days and years count.")
@server
def reporting(jurisdictions: tuple[str, ...], timezone: str, url: str, key: str) -> None:
    """Show where what is paid is reported; with JURISDICTION (us, eu-dac7) say where, which another owner confirms."""
    if jurisdictions:
        said = {"jurisdictions": jurisdictions, "timezone": timezone}
        tell(ask(url, key, lambda api: api.put("/v1/tax", said))["verdicts"])
        return
    whole = ask(url, key, lambda api: api.get("/v1/tax"))
    click.echo(f"reports: {', '.join(whole['jurisdictions']) or 'nowhere'}")
    if whole["waiting"] is not None:
        waits = whole["waiting"]
        click.echo(f"{waits['change']} waits for another owner: {', '.join(waits['jurisdictions']) or 'nowhere'}")
    rows = [
        (it["jurisdiction"], it["since"], decimal(it["least"], it["unit"]), it["unit"], it["source"])
        for it in whole["thresholds"]
    ]
    click.echo(table(("of", "since", "from", "unit", "source"), rows))


@tax.command("statement")
@click.argument("person")
@click.argument("year")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write it there as PDF.")
@server
def statement(person: str, year: str, pdf: Path | None, url: str, key: str) -> None:
    """Show what a payee, by id, earned and got in a calendar year, as the ledger has it."""
    path = f"/v1/people/{person}/statements/{year}"
    if pdf is not None:
        pdf.write_bytes(ask(url, key, lambda api: api.file(f"{path}/pdf")).content)
        return
    told = ask(url, key, lambda api: api.get(path))
    rows = [(it["program"], it["unit"], *(decimal(it[name], it["unit"]) for name in _FIGURES)) for it in told["lines"]]
    click.echo(table(("program", "unit", *_FIGURES), rows))


@tax.command("export")
@click.argument("year")
@click.option("--why", required=True, help="Why you take it along; it goes on the record.")
@server
def export(year: str, why: str, url: str, key: str) -> None:
    """Print all payees of a calendar year as CSV, with what their forms say."""
    answer = ask(url, key, lambda api: api.file_of(f"/v1/tax/years/{year}/export", {"note": why}))
    click.echo(answer.content, nl=False)
