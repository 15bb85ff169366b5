"""person erase: what is known of a person goes for good, in the name of the workspace's first owner."""

from __future__ import annotations

import click

from goodword.app import say, see
from goodword.app.errors import UnknownError
from goodword.cli.run import WORKSPACE, as_owner, fail, go, opened, said
from goodword.core.ids import PREFIXES
from goodword.sources.split import is_id


@click.group()
def person() -> None:
    """Persons: advocates, friends, customers."""


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
