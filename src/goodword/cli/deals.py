"""deals: registered for partners, decided, written on, and whose a CRM's deal may be; said with a key of one's own to a server."""

from __future__ import annotations

from functools import partial
from typing import Any

import click
import msgspec

from goodword.app.say.forms import DAYS as FORM_DAYS
from goodword.app.say.forms import MOST_DAYS as MOST_FORM_DAYS
from goodword.cli.client import Client
from goodword.cli.remote import ask, server, tell
from goodword.cli.run import table
from goodword.core import money
from goodword.core.deals import MOST_DAYS, REASONS, SIDES
from goodword.core.lifecycles import LIFECYCLES

_PAGE = 200
_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_DEAL = click.argument("deal", metavar="DEAL")
_NOTE = click.option("--note", help="For colleagues.")
_PREVIEW = click.option(
    "--preview", is_flag=True, help="Only show what it would bind, and whether it would be refused."
)


@click.group()
def deals() -> None:
    """Deals that partners register, and those of a CRM that somebody may have brought."""


@deals.command("list")
@click.option("--status", type=click.Choice(sorted(LIFECYCLES["registration"])), help="Those in this state alone.")
@click.option("--advocate", help="Of this partner alone, by id or name.")
@_JSON
@server
def show_all(status: str | None, advocate: str | None, as_json: bool, url: str, key: str) -> None:
    """Show deals, those that were registered first at the top."""
    asked = {"status": status, "advocate": advocate}
    found = ask(url, key, partial(_every, path="/v1/deals", asked={name: it for name, it in asked.items() if it}))
    if as_json:
        _json(found)
        return
    rows = [
        (
            it["id"],
            it["status"],
            it["company_name"] or it["company"],
            it["advocate_name"] or it["advocate"],
            str(len(it["conflicts"])),
            it["protected_until"] or "",
        )
        for it in found
    ]
    click.echo(table(("deal", "state", "company", "partner", "conflicts", "protected until"), rows))


@deals.command()
@_DEAL
@_JSON
@server
def show(deal: str, as_json: bool, url: str, key: str) -> None:
    """Show DEAL: who else has to do with its company, what came of it, who wrote."""
    it = ask(url, key, lambda api: api.get(f"/v1/deals/{deal}"))
    if as_json:
        _json(it)
        return
    click.echo(f"{it['id']} is {it['status']}: {it['company_name'] or it['company']}")
    click.echo(f"  for {it['advocate_name'] or it['advocate']}, with {it['contact_name'] or it['person']}")
    if it["amount"] is not None and it["currency"]:
        click.echo(f"  {money.decimal(it['amount'], it['currency'])} {it['currency']}")
    for each in it["conflicts"]:
        click.echo(
            f"  conflict, {each['sure']}: {each['kind']} by {each['by']}, {each['subject']} since {each['since']}"
        )
    for each in it["deals"]:
        click.echo(f"  came of it: {each['id']} is {each['status']}, {each['stage'] or 'no stage'}")
    for each in it["messages"]:
        click.echo(f"  {each['side']} wrote at {each['at']}")


@deals.command()
@click.option("--advocate", required=True, help="The partner, as you call them.")
@click.option("--company", required=True, help="Its name.")
@click.option("--domain", help="The domain of its mail or site.")
@click.option("--company-id", help="What your CRM calls it.")
@click.option("--contact", help="Your own id for whom the partner speaks with there; or --mail.")
@click.option("--mail", help="Their mail.")
@click.option("--name", help="Their name.")
@click.option("--phone", help="Their telephone number.")
@click.option("--amount", help="What it may be worth, such as 5000.00.")
@click.option("--currency", help="Of the amount: EUR.")
@click.option("--program", help="The id of the program, where there are several.")
@click.option("--note", help="What the partner says of it.")
@server
def register(url: str, key: str, **said: str | None) -> None:
    """Register a deal for a partner. Who else has to do with its company is told; somebody else decides."""
    body = {
        "advocate_external_id": said["advocate"],
        "program": said["program"],
        "company": _said(name=said["company"], domain=said["domain"], external_id=said["company_id"]),
        "contact": _said(external_id=said["contact"], email=said["mail"], name=said["name"], phone=said["phone"]),
        "note": said["note"],
        "currency": said["currency"],
        "amount": _amount(said["amount"], said["currency"]),
    }
    tell(ask(url, key, lambda api: api.post("/v1/deals", _said(**body)))["verdicts"])


@deals.command()
@_DEAL
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=90,
    show_default=True,
    help="For how long the company is protected.",
)
@click.option("--over", "conflicts", multiple=True, metavar="SUBJECT", help="A conflict that you saw, once for each.")
@click.option("--deal-id", help="The CRM's deal that it is.")
@_NOTE
@_PREVIEW
@server
def accept(deal: str, conflicts: tuple[str, ...], preview: bool, url: str, key: str, **more: str | int | None) -> None:
    """Accept DEAL over the conflicts that you name: it protects its company, and makes its contact the partner's referral."""
    _decide(deal, _said(outcome="accepted", conflicts=[*conflicts], **more), preview, url, key)


@deals.command()
@_DEAL
@click.option("--reason", type=click.Choice(REASONS), required=True, help="The partner is told a sentence for it.")
@_NOTE
@_PREVIEW
@server
def decline(deal: str, reason: str, note: str | None, preview: bool, url: str, key: str) -> None:
    """Decline DEAL, for a reason."""
    _decide(deal, _said(outcome="declined", reason=reason, note=note), preview, url, key)


def _decide(deal: str, said: dict[str, Any], preview: bool, url: str, key: str) -> None:
    where = "preview" if preview else "decision"
    tell(ask(url, key, lambda api: api.post(f"/v1/deals/{deal}/{where}", said))["verdicts"])


@deals.command()
@_DEAL
@click.argument("text")
@click.option("--side", type=click.Choice(SIDES), default="sales", show_default=True, help="Whose words these are.")
@server
def message(deal: str, text: str, side: str, url: str, key: str) -> None:
    """Write TEXT on DEAL, for sales, or what its partner says."""
    tell(ask(url, key, lambda api: api.post(f"/v1/deals/{deal}/messages", {"side": side, "text": text}))["verdicts"])


@deals.command()
@_DEAL
@_NOTE
@server
def withdraw(deal: str, note: str | None, url: str, key: str) -> None:
    """Take DEAL back for its partner: its protection is over at once."""
    tell(ask(url, key, lambda api: api.post(f"/v1/deals/{deal}/withdrawal", _said(note=note)))["verdicts"])


@deals.command()
@click.argument("advocate", metavar="PARTNER")
@_JSON
@server
def forms(advocate: str, as_json: bool, url: str, key: str) -> None:
    """Show the links to PARTNER's own form, by id, ended ones too. What opens one is kept by nobody."""
    found = ask(url, key, lambda api: api.get(f"/v1/people/{advocate}/deal-forms"))["items"]
    if as_json:
        _json(found)
        return
    rows = [
        (it["id"], it["program"], "open" if it["open"] else "ended", it["expires_at"][:10], it["made_by"])
        for it in found
    ]
    click.echo(table(("form", "program", "state", "until", "made by"), rows))


@deals.command("make-form")
@click.argument("advocate", metavar="PARTNER")
@click.option("--program", help="The program, where they are an advocate of several.")
@click.option(
    "--days", type=click.IntRange(1, MOST_FORM_DAYS), default=FORM_DAYS, show_default=True, help="How long it opens."
)
@server
def make_form(advocate: str, url: str, key: str, **more: str | int | None) -> None:
    """Make a link by which PARTNER, by id, registers deals of their own. It is printed this once: send it to nobody else."""
    made = ask(url, key, lambda api: api.post(f"/v1/people/{advocate}/deal-forms", _said(**more)))
    click.echo(made["url"])
    click.echo(f"{made['id']} opens their form until {made['expires_at'][:10]}; nobody keeps the link.", err=True)


@deals.command("end-form")
@click.argument("form", metavar="FORM")
@server
def end_form(form: str, url: str, key: str) -> None:
    """Let the link FORM, by its id, open nothing any more."""
    ask(url, key, lambda api: api.delete(f"/v1/deal-forms/{form}"))
    click.echo(f"{form} opens nothing any more.")


@deals.command()
@click.option("--source", help="Of this CRM alone.")
@click.option("--person", help="Of this contact alone, by id or name.")
@_JSON
@server
def matches(source: str | None, person: str | None, as_json: bool, url: str, key: str) -> None:
    """Show deals of CRMs that nobody brought, as far as is known, and by which referrals their contacts may have come."""
    found = ask(url, key, partial(_every, path="/v1/crm/matches", asked=_said(source=source, person=person)))
    if as_json:
        _json(found)
        return
    rows = [
        (
            it["deal_id"] or "",
            it["contact_name"] or it["person"] or "nobody",
            one["referral"],
            one["confidence"],
            one["why"],
        )
        for it in found
        for one in it["matches"]
    ]
    click.echo(table(("deal", "contact", "referral", "how sure", "why"), rows))


@deals.command()
@click.argument("referral", metavar="REFERRAL")
@click.option("--deal-id", help="The CRM's deal whose contact it is about; or --person.")
@click.option("--person", help="The contact's id.")
@click.option("--no", is_flag=True, help="They did not come by it.")
@server
def match(referral: str, deal_id: str | None, person: str | None, no: bool, url: str, key: str) -> None:
    """Say that a contact came by REFERRAL, which enters a claim that somebody else decides; or with --no that they did not."""
    said, where = _said(referral=referral, deal_id=deal_id, person=person), "denial" if no else "confirmation"
    tell(ask(url, key, lambda api: api.post(f"/v1/crm/matches/{where}", said))["verdicts"])


async def _every(api: Client, path: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all items of a list."""
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = await api.get(path, **asked, after=after, limit=_PAGE)
        found += page["items"]
        after = page["after"]
    return found


def _said(**fields: Any) -> dict[str, Any]:
    """Return what was said, without what was not."""
    return {name: it for name, it in fields.items() if it is not None}


def _amount(text: str | None, currency: str | None) -> int | None:
    if text is None:
        return None
    if currency not in money.CURRENCIES:
        raise click.BadParameter("an amount has a currency of ISO 4217, such as EUR", param_hint="--currency")
    try:
        return money.minor(text, currency)
    except ValueError:
        raise click.BadParameter(f"{text} is no amount such as 5000.00", param_hint="--amount") from None


def _json(found: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
