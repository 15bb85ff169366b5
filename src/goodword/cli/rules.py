"""rules check, try, terms: rule files, looked at without any database. Imports little, so that an editor may call it at each save."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import click

from goodword import words
from goodword.core import calendar, money, offers
from goodword.core import rules as core_rules
from goodword.sources import rule_file
from goodword.sources.rule_file import RuleFileErrors
from goodword.words import lint

RULES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def rules() -> None:
    """Rule files, YAML or JSON."""


@rules.command("check")
@click.argument("file", type=RULES)
def check(file: Path) -> None:
    """Say everything that is wrong in a rule FILE, each with its line, its place and what was expected, if published today."""
    rule_set = checked(file, time.time_ns() // 1_000)
    warn(file.name, rule_set)
    version = core_rules.version(core_rules.document(rule_set)).hash
    click.echo(f"{file.name}: fine, program {rule_set.program}, version {version}")


@rules.command("try")
@click.argument("file", type=RULES)
@click.option(
    "--amount", metavar="AMOUNT", help="Of the order, such as 120.00; without it nothing is paid, as with a sign-up."
)
@click.option("--currency", metavar="CODE", help="Of the order; the program's, by default.")
@click.option("--name", default="purchase", show_default=True, help="What happens, as a rule's `on` says it.")
@click.option("--country", metavar="CODE", help="Of the order, two letters.")
@click.option("--product", "products", multiple=True, help="Of a line of the order.")
@click.option("--brand", "brands", multiple=True, help="Of a line of the order.")
@click.option(
    "--trait",
    "traits",
    multiple=True,
    metavar="NAME=VALUE",
    help="Of the friend: true, false, a whole number or a word.",
)
@click.option("--known", is_flag=True, help="The friend was a customer before.")
@click.option("--days", type=click.IntRange(0, 3650), default=0, help="Since the lead.")
@click.option(
    "--before",
    type=click.IntRange(0, 1_000),
    default=0,
    help="So many other friends ordered the same, a year ago.",
)
def try_(file: Path, amount: str | None, currency: str | None, traits: tuple[str, ...], **order: Any) -> None:
    """Show what an order would earn under a rule FILE, and why. It is decided as a real one would be; nothing is stored."""
    from goodword.app.proof.preview import Order, preview  # noqa: PLC0415 - what decides is not needed for a check, which is quick
    from goodword.cli.explain import told_of  # noqa: PLC0415 - likewise

    now = time.time_ns() // 1_000
    rule_set = checked(file, now)
    warn(file.name, rule_set)
    unit = currency or rule_set.currency
    if unit not in money.CURRENCIES:
        raise click.BadParameter(f"{unit!r} is no currency of ISO 4217", param_hint="--currency")
    minor = None if amount is None else _minor(amount, unit)
    told: dict[str, Any] = {
        "traits": dict(map(_trait, traits)),
        "amount": minor,
        "currency": None if minor is None else unit,
    }
    shown = preview(rule_set, Order(**order, **told), now)
    for reward in shown.rewards:
        until, amount = calendar.text(reward.hold_until), words.money(reward.amount, reward.unit)
        kind = f"{reward.kind}, expected: taken off this order" if offers.expected(reward) else reward.kind
        click.echo(f"{reward.side:9} earns {amount:>14}  {kind}, held until {until}")
    for offer in shown.offers:
        off = " or ".join(words.money(amount, unit) for unit, amount in sorted(offer.amounts.items()))
        click.echo(f"friend    is offered {off} off one order before {calendar.text(offer.until)}, expected")
    if not shown.rewards:
        click.echo("nobody earns anything")
    click.echo("\nWhy:")
    for verdict in shown.verdicts:
        click.echo("\n".join(told_of(verdict)))


@rules.command("terms")
@click.argument("file", type=RULES)
@click.option("--language", metavar="CODE", default=words.ENGLISH, show_default=True, help="In whose words.")
def terms(file: Path, language: str) -> None:
    """Print the terms of a rule FILE: in three lines, in whole, and by examples that it works out itself. Nothing is stored."""
    from goodword.app.proof.terms import of  # noqa: PLC0415 - as above
    from goodword.words.terms import markdown, text  # noqa: PLC0415 - likewise

    rule_set = checked(file, time.time_ns() // 1_000)
    version = core_rules.version(core_rules.document(rule_set))
    try:
        made = of(version, language)
    except words.UnknownLanguageError as error:
        raise click.BadParameter(str(error), param_hint="--language") from None
    click.echo(markdown(made, version.hash, core_rules.terms_digest(version.hash, text(made))), nl=False)


def _minor(amount: str, currency: str) -> int:
    """An amount as people write it, in minor units."""
    places = money.CURRENCIES[currency]
    if not re.fullmatch(rf"[0-9]{{1,12}}(\.[0-9]{{1,{places}}})?" if places else r"[0-9]{1,15}", amount):
        example = f"{money.decimal(12 * 10**places, currency)} {currency}"
        raise click.BadParameter(
            f"{amount!r}: expected an amount of {currency}, such as {example}", param_hint="--amount"
        )
    whole, _, part = amount.partition(".")
    return int(whole + part.ljust(places, "0"))


def _trait(text: str) -> tuple[str, bool | int | str]:
    name, sign, value = text.partition("=")
    if not name or not sign or not value:
        raise click.BadParameter(f"{text!r}: expected NAME=VALUE, such as plan=team", param_hint="--trait")
    if value in ("true", "false"):
        return name, value == "true"
    return name, int(value) if re.fullmatch(r"-?[0-9]{1,15}", value) else value


def checked(file: Path, at: int | None = None) -> core_rules.Rules:
    """Return the rules of a file, looked at as published ``at`` an instant; a wrong one ends the program with all its errors.

    Without an instant only publishing, by the workspace's own clock, tells whether their currencies are in use.
    """
    try:
        return rule_file.read(file.read_bytes(), file.name, at, lint.of_rules)
    except RuleFileErrors as error:
        raise click.ClickException(str(error)) from None


def warn(name: str, rule_set: core_rules.Rules) -> None:
    """Say what is right in the rules of a file with this name, and probably not meant."""
    for path, text in rule_file.doubts(rule_set):
        click.echo(f"warning: {name}: {path} {text}", err=True)
