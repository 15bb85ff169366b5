"""What a simulated company's systems say: events as senders write them, each as the world's chance has it.

Beside the ordinary ones stand those of untidy life: orders that are told otherwise, money that comes back after all, accounts that
turn out to be one person's, what another system had before. Must not know: who sends them, and when.
"""

from typing import Any

from faults.simulate_time import DAY
from faults.simulate_world import World
from testkit import sent

from goodword.core import calendar

UNITS = ("EUR", "EUR", "EUR", "JPY", "BHD")
_AMOUNTS = (1, 999, 5_000, 10_000, 33_333, 250_000)
_Event = dict[str, Any]


def pick(world: World, things: list[Any], default: Any) -> Any:
    """One of the things, or something in its place where there is none."""
    return world.random.choice(things) if things else default


def invoice(world: World) -> tuple[str, int, str]:
    """An invoice that was told before: its name, amount and unit."""
    found: tuple[str, int, str] = pick(world, world.invoices, ("i0", 100, "EUR"))
    return found


# --- ordinary ---


def enrolment(world: World) -> _Event:
    """Somebody becomes an advocate, or does so again."""
    number = world.number()
    name = f"a{number % 7}"
    if name not in world.advocates:
        world.advocates.append(name)
    return sent.enrolled(f"e{number}", name, f"CODE-{name}")


def lead(world: World) -> _Event:
    """A friend shows up with an advocate's code; now and then with a mail address that another account has."""
    number = world.number()
    name = f"f{number}"
    world.friends.append(name)
    mail = {"customer_email": f"mail{number % 5}@example.com"} if world.random.random() < 0.1 else {}
    return sent.lead(f"e{number}", name, code=f"CODE-{pick(world, world.advocates, 'a0')}", **mail)


def sale(world: World, friend: str | None = None, amount: int | None = None) -> _Event:
    """A friend buys."""
    number = world.number()
    unit = world.random.choice(UNITS)
    found = amount if amount is not None else world.random.choice(_AMOUNTS)
    name = f"i{number}"
    world.invoices.append((name, found, unit))
    return sent.purchase(f"e{number}", friend or pick(world, world.friends[-4:], "f0"), name, found, unit)


def refund(world: World) -> _Event:
    """Some of an invoice is given back."""
    number = world.number()
    name, amount, _ = invoice(world)
    back = max(1, world.random.choice((amount, amount // 2, amount // 7)))
    world.refunds.append((name, f"r{number}", back))
    return sent.refund(f"e{number}", name, f"r{number}", back)


def chargeback(world: World) -> _Event:
    """A bank asks a payment back, all of it or a part, or has decided; now and then it decides again, the other way."""
    number = world.number()
    name, amount, _ = invoice(world)
    if world.random.random() < 0.5:
        part = {"amount": max(1, amount // 3)} if world.random.random() < 0.5 else {}
        return sent.chargeback(f"e{number}", name, "cb") | part
    return sent.chargeback(f"e{number}", name, "cb", world.random.choice(("kept", "lost")))


def standing(world: World) -> _Event:
    """An advocate is suspended, or goes on."""
    kind = world.random.choice(("advocate.suspended", "advocate.resumed", "advocate.resumed"))
    return {"type": kind, "id": f"e{world.number()}", "external_id": pick(world, world.advocates, "a0")}


def leave(world: World) -> _Event:
    """An advocate takes leave."""
    return {"type": "advocate.left", "id": f"e{world.number()}", "external_id": pick(world, world.advocates, "a0")}


# --- orders that are told otherwise ---


def amendment(world: World) -> _Event:
    """An order has other figures than it had: more, less, nothing."""
    number = world.number()
    name, amount, unit = invoice(world)
    now = world.random.choice((0, amount // 2, amount + 777))
    said = {"type": "conversion.amended", "id": f"e{number}", "invoice_id": name, "amendment_id": f"am{number % 9}"}
    return said | {"amount": now, "tax": now // 10, "currency": unit}


def cancellation(world: World, name: str | None = None) -> _Event:
    """An order is taken back whole: this one, or any."""
    return {"type": "conversion.canceled", "id": f"e{world.number()}", "invoice_id": name or invoice(world)[0]}


def contract_ended(world: World) -> _Event:
    """A contract without an invoice is taken back."""
    ended = pick(world, world.contracts, "e0")
    return {"type": "conversion.canceled", "id": f"e{world.number()}", "event_id": ended}


def contract(world: World) -> _Event:
    """Something that counts and has no invoice."""
    number = world.number()
    world.contracts.append(f"e{number}")
    friend = pick(world, world.friends[-4:], "f0")
    return {"type": "conversion.recorded", "id": f"e{number}", "customer_external_id": friend}


def told_again(world: World) -> _Event:
    """An order comes again under another id with other figures: a person must choose."""
    name, amount, unit = invoice(world)
    friend = pick(world, world.friends[-4:], "f0")
    return sent.purchase(f"e{world.number()}", friend, name, amount + 500, unit)


def draft_order(world: World) -> _Event:
    """An invoice is open; its payment comes later, by the event that tells it again."""
    return sale(world) | {"status": "open"}


def settled_order(world: World) -> _Event:
    """An order that another system rewarded."""
    return sale(world) | {"settled": True}


def refund_returned(world: World) -> _Event:
    """A refund failed or was taken back, all of it or a part."""
    name, refund_, amount = pick(world, world.refunds, ("i0", "r0", 100))
    part = {"amount": max(1, amount // 2)} if world.random.random() < 0.3 else {}
    return {"type": "refund.returned", "id": f"e{world.number()}", "invoice_id": name, "refund_id": refund_} | part


def refund_opened(world: World) -> _Event:
    """Somebody asks for money back, now and then under the id of a refund that was told already."""
    name, refund_, _ = pick(world, world.refunds, ("i0", "r0", 100))
    asked = refund_ if world.random.random() < 0.3 else f"asked{world.number() % 5}"
    return {"type": "refund.opened", "id": f"e{world.number()}", "invoice_id": name, "refund_id": asked}


def refund_closed(world: World) -> _Event:
    """It is not given back; now and then nobody asked for it."""
    return refund_opened(world) | {"type": "refund.closed"}


# --- who persons are, and what another system had ---


def merged(world: World) -> _Event:
    """Two accounts are one person's."""
    keep, gone = (pick(world, world.friends[-6:] + world.advocates, "f0") for _ in range(2))
    return {
        "type": "person.merged",
        "id": f"e{world.number()}",
        "keep_external_id": keep,
        "gone_external_id": gone if gone != keep else f"guest{world.number()}",
    }


def known(world: World) -> _Event:
    """Somebody was a customer before."""
    since = calendar.text(world.now - world.random.choice((DAY, 400 * DAY)))
    friend = pick(world, [*world.friends[-4:], "f-known"], "f0")
    return {"type": "customer.known", "id": f"e{world.number()}", "customer_external_id": friend, "since": since}


def updated(world: World) -> _Event:
    """What is known of a customer."""
    friend = pick(world, world.friends[-4:], "f0")
    said = {"type": "customer.updated", "id": f"e{world.number()}", "customer_external_id": friend}
    if world.random.random() < 0.5:
        return {**said, "traits": {"plan": "team"}}
    company = world.random.choice(("a.example", f"b{world.number()}.example", "hs-4711", "Acme"))
    where = {"language": "de-AT", "time_zone": "Europe/Vienna", "country": "AT", "company": company}
    mail = {"email": f"mail{world.number() % 5}@example.com"} if world.random.random() < 0.2 else {}
    return {**said, **where, **mail}


def consent(world: World) -> _Event:
    """A customer agrees to something or takes it back."""
    number = world.number()
    return {
        "type": "consent.recorded",
        "id": f"e{number}",
        "customer_external_id": pick(world, world.friends[-4:], "f0"),
        "purpose": world.random.choice(("referral", "news")),
        "channel": "email",
        "outcome": world.random.choice(("given", "given", "revoked")),
        "until": calendar.text(world.now + 30 * DAY),
    }


def survey(world: World) -> _Event:
    """A customer answers how likely they are to recommend the company."""
    number = world.number()
    friend = pick(world, world.friends[-4:], "f0")
    said = {"type": "survey.answered", "id": f"e{number}", "customer_external_id": friend}
    return {**said, "survey": "nps", "score": number % 11}


def issue_opened(world: World) -> _Event:
    """A customer has an issue with the company."""
    number = world.number()
    friend = pick(world, world.friends[-4:], "f0")
    world.issues.append((friend, f"issue{number % 9}"))
    return {
        "type": "customer.issue_opened",
        "id": f"e{number}",
        "customer_external_id": friend,
        "issue": f"issue{number % 9}",
    }


def issue_closed(world: World) -> _Event:
    """It is closed; now and then one that nobody has opened."""
    friend, issue = pick(world, world.issues, ("f0", "issue0"))
    return {
        "type": "customer.issue_closed",
        "id": f"e{world.number()}",
        "customer_external_id": friend,
        "issue": issue,
    }


def imported(world: World) -> _Event:
    """A referral runs on from another system, perhaps with a first order there."""
    number = world.number()
    world.friends.append(f"f{number}")
    began = world.now - world.random.choice((DAY, 60 * DAY))
    first = {"purchase": calendar.text(began + DAY // 2)} if world.random.random() < 0.5 else {}
    return {
        "type": "referral.imported",
        "id": f"e{number}",
        "customer_external_id": f"f{number}",
        "advocate_external_id": pick(world, world.advocates, "a0"),
        "lead_at": calendar.text(began),
        "first": first,
    }


def opening_balance(world: World) -> _Event:
    """What another system owes an advocate, or is owed by them; now and then it is told twice."""
    number = world.number()
    return {
        "type": "balance.opened",
        "id": f"e{number}",
        "external_id": pick(world, world.advocates, "a0"),
        "amount": world.random.choice((1, 4_000, 60_000, -700)),
        "currency": world.random.choice(UNITS),
        "reference": f"old{number % 50}",
    }


def own_click(world: World) -> _Event:
    """A click that the sender's own redirect saw."""
    number = world.number()
    return sent.click(f"e{number}", f"CODE-{pick(world, world.advocates, 'a0')}", f"v{number % 5}")


def deal_registered(world: World) -> _Event:
    """A partner brings a deal with one of a few companies."""
    number = world.number()
    return {
        "type": "deal.registered",
        "id": f"e{number}",
        "advocate_external_id": pick(world, world.advocates, "a0"),
        "customer_external_id": pick(world, world.friends[-4:], "f0"),
        **_company(world),
    }


def deal_reported(world: World) -> _Event:
    """A CRM says what a deal is, perhaps with a code and late."""
    code = {"code": f"CODE-{pick(world, world.advocates, 'a0')}"} if world.random.random() < 0.3 else {}
    return {
        "type": "deal.reported",
        "id": f"e{world.number()}",
        "deal_id": f"deal{world.number() % 7}",
        "status": world.random.choice(("open", "open", "won", "lost")),
        "customer_external_id": pick(world, world.friends[-4:], "f0"),
        "occurred_at": calendar.text(world.now - world.random.choice((0, 1, 3)) * DAY),
        **_company(world),
        **code,
    }


def _company(world: World) -> _Event:
    name = world.random.choice(("acme", "globex", "hooli"))
    return {"company": name, **({"company_domain": f"{name}.example"} if world.random.random() < 0.6 else {})}


def credit_redeemed(world: World) -> _Event:
    """A shop takes credit of somebody who may have some; now and then the same twice, or more than there is."""
    number = world.number()
    return {
        "type": "credit.redeemed",
        "id": f"e{number}",
        "customer_external_id": pick(world, world.friends[-12:], "f0"),
        "redemption_id": f"rd{number % 9}",
        "amount": world.random.choice((1, 200, 500, 90_000)),
        "currency": world.random.choice(UNITS),
    }


def credit_reversed(world: World) -> _Event:
    """The shop gives it back, all or a part; now and then what nobody used."""
    number = world.number()
    part = {"amount": world.random.choice((1, 300))} if world.random.random() < 0.5 else {}
    named = {"redemption_id": f"rd{number % 9}", "reversal_id": f"rv{number % 4}"}
    return {"type": "credit.reversed", "id": f"e{number}", **named, **part}


UNTIDY = (
    amendment, amendment, cancellation, contract, contract_ended, told_again, draft_order, settled_order, refund_returned,
    refund_opened, refund_closed,
    merged, known, updated, imported, opening_balance, own_click, leave, issue_opened, issue_closed, consent, survey,
    deal_registered, deal_reported, credit_redeemed, credit_redeemed, credit_reversed,
)  # fmt: skip
OUTSIDE = (*[enrolment, lead, lead, sale, sale, sale, refund, chargeback, standing] * 2, *UNTIDY)


def some_events(world: World, count: int) -> list[_Event]:
    """So many events, as they come."""
    return [world.random.choice(OUTSIDE)(world) for _ in range(count)]
