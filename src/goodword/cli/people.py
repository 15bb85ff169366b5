"""person copy, erase, credit: what is known of a person for who asks, or gone for good, by the first owner; their store credit."""

from __future__ import annotations

from uuid import uuid4

import click

from goodword import words
from goodword.app import say, see
from goodword.app.errors import UnknownError
from goodword.app.see.credit import Credit
from goodword.cli.run import WORKSPACE, as_owner, fail, go, opened, said, table
from goodword.core import calendar
from goodword.core.ids import PREFIXES
from goodword.sources.split import is_id


@click.group()
def person() -> None:
    """Persons: advocates, friends, customers."""


@person.command("copy")
@click.argument("named", metavar="PERSON")
@click.option("--why", required=True, help="Why it is made, such as that they asked by post; it stands on the record.")
@WORKSPACE
def copy(named: str, why: str, ws: str | None) -> None:
    """Print all that is held of PERSON, by their id or by your own name for them, as JSON, in the name of the first owner.

    It has payment details and tax forms, and what colleagues and partners typed about them, which may name others: look at it before
    you hand it out.
    """

    async def run() -> None:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            try:
                known = is_id(named, PREFIXES["person"])
                id_ = named if known else (await see.people.find(who, directory, named)).id
                made = await say.people.copy(who, directory, id_, why, f"copy:{uuid4()}")
            except UnknownError:
                fail(f"workspace {who.workspace.name} knows no person {named}, or they were erased")
            said(made.entry)
            if made.pieces is not None:
                async for piece in made.pieces:
                    click.echo(piece, nl=False)
                click.echo()

    go(run())


@person.command("erase")
@click.argument("named", metavar="PERSON")
@WORKSPACE
@click.confirmation_option(prompt="Nothing brings back what is erased. Go on?")
def erase(named: str, ws: str | None) -> None:
    """Erase what is known of PERSON, by their id or by your own name for them.

    Names, mails, codes, payment details and notes go; log, ledger and figures keep the id, which leads to nobody. Refused while a
    reward is open for them. Who is erased is written into `erasures` of GOODWORD_HOME, for `goodword restore`.
    """

    async def run() -> str:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            try:
                known = is_id(named, PREFIXES["person"])
                id_ = named if known else (await see.people.find(who, directory, named)).id
                said(await say.people.erase(who, directory, id_))
            except UnknownError:
                fail(f"workspace {who.workspace.name} knows no person {named}, or they were erased")
        return id_

    click.echo(f"erased: {go(run())}")


@person.command("credit")
@click.argument("named", metavar="PERSON")
@WORKSPACE
def credit(named: str, ws: str | None) -> None:
    """Show the store credit of PERSON, by their id or your own name for them: its lots, what moved it last, and what codes hold."""

    async def run() -> Credit:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            try:
                known = is_id(named, PREFIXES["person"])
                id_ = named if known else (await see.people.find(who, directory, named)).id
                return await see.credit.of_person(who, directory, id_)
            except UnknownError:
                fail(f"workspace {who.workspace.name} knows no person {named}, or they were erased")

    found = go(run())
    for it in found.balances:
        click.echo(f"{words.money(it.balance, it.unit)}, of which {words.money(it.usable, it.unit)} can be used now")
    if not found.balances:
        click.echo("nothing")
    ends = [("never" if it.expires_at is None else calendar.text(it.expires_at), it) for it in found.lots]
    lots = [(it.id, words.money(it.rest, it.unit), end, it.reward) for end, it in ends]
    click.echo(table(("lot", "there", "until", "reward"), lots))
    moves = [(str(it.position), it.what, words.money(it.amount, it.unit), it.reward) for it in found.movements]
    click.echo(table(("entry", "what", "amount", "reward"), moves))
    for lot in found.behind:
        end = "" if lot.expires_at is None else f" until {calendar.text(lot.expires_at)}"
        click.echo(f"behind the code of {lot.payout}: {words.money(lot.rest, lot.unit)}{end}")
