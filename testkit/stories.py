"""Stories: lines that say what happened and what must be decided, so that tests of rules read like cases.

A line is ``time verb who …``; after ``->`` stands the decision. Times are UTC, of 2024 if no year is said; amounts are
written as on an invoice. Words with ``=`` are further fields, ``to=`` names the program.

    02-01 click ANN v1                  a click on ann's code by visitor v1
    02-02 lead bob v1 code=AMY          bob becomes known, in that browser, and typed amy's code
    02-03 buy bob 100.00 EUR            an invoice, bob-1 unless ``invoice=`` says another; ``open`` when it is not paid
    02-03 buy bob 65.00 EUR tax=5.00    of it in tax, in shipping; lines=1:book:10.00,2:tv:50.00
    02-04 refund bob-1 40.00 r1         money back; tax=, shipping=, lines=1:10.00 likewise; in=GBP when that was said
    02-05 chargeback bob-1 opened       then kept or lost; amount=10.00 is asked back of it, in=USD in that currency
    02-05 back bob-1 r1                 the refund was taken back; with an amount, so much of it
    02-05 amend bob-1 120.00 EUR a1     the invoice has other figures; tax=, shipping=, lines=
    02-05 cancel bob-1                  it was taken back whole
    05-01 lead bob v1 page when=02-01   said by a page in May, which says that it was in February
    02-06 same mail bob ann             a server says one mail (phone, device, …) of these people; ``text=`` is another one
    02-06 held ann                      a member wants a look at all that ann may still be paid
    02-06 suspended ann                 resumed, left; enrol PERSON; known PERSON since=…; traits PERSON a=b;
                                        issue PERSON opened NAME, closed NAME; paused, active, ended for programs
    02-06 pilot main ann way=link       only ann, and what comes by links, is in; share=1/4 likewise. Another member
                                        says enlarged main …, everybody main, again main, stopped main
    02-06 firm bob crm=4711             their firm, by its sender's id; domain=, or a mere name=; mail= is the domain of
                                        their mail, staff=mail a member's own; a lead or order says firm-crm=, firm-mail= …
    02-06 deal d1 open domain=acme.com  what a CRM says of a sale; crm=, name= of its company, opened=01-05, code=, with=bob
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from goodword import words
from goodword.core import events, money
from goodword.core.decision import Decision, Verdict
from goodword.core.state import BEFORE_PAYMENT, Program
from testkit.world import World, advocate, at, member, rules

_OF_PROGRAM = ("paused", "active", "ended", "pilot", "enlarged", "everybody", "again", "stopped")
_STANDING: dict[str, type[events.Event]] = {
    "suspended": events.AdvocateSuspended,
    "resumed": events.AdvocateResumed,
    "left": events.AdvocateLeft,
}
PARTS = ("tax", "shipping", "discount")
_FIELDS = {"link": "link_code"}
_OF_DEAL = {
    "domain": "company_domain",
    "crm": "company_ref",
    "name": "company",
    "with": "person",
    "opened": "opened_at",
}
#: How a firm is told -> the fields of the event; what is empty is the text.
_FIRM: dict[str, dict[str, Any]] = {
    "firm-crm": {"company": "", "company_as": "id"},
    "firm-name": {"company": "", "company_as": "name"},
    "firm-domain": {"domain": ""},
    "firm-mail": {"domain": "", "domain_of_mail": True},
    "firm-staff": {"staff": ""},
}


def world(**parts: Any) -> World:
    """A workspace with one program, since the start of 2024, and its advocates ann and amy."""
    made = World()
    made.publish(**parts)
    made.enrol("ann")
    made.enrol("amy")
    return made


def earning(*amounts: int, **parts: Any) -> World:
    """A workspace in which ann earns these amounts, one of each friend f0, f1, …"""
    made = world(rewards=[advocate(percent="100")], **parts)
    for number, amount in enumerate(amounts):
        made.lead(f"f{number}", code="ANN")
        made.buy(f"f{number}", amount)
    return made


def with_another_program(made: World, **other: Any) -> World:
    """The same, with a second program in which abe earns three euros."""
    made.publish(rules(program="other", rewards=[advocate(flat={"EUR": 300})], **other))
    tell(made, "01-01 enrol abe to=other")
    return made


def tell(world_: World, story: str) -> None:
    """Let a story happen; each line that says its decision must get it."""
    for line in filter(None, map(str.strip, story.splitlines())):
        happened, arrow, expected = line.partition("->")
        decision = _happen(world_, happened.split())
        assert not arrow or decided(decision) == expected.strip(), f"{line}\n decided: {decided(decision)}"


def decided(decision: Decision) -> str:
    """All verdicts of a decision in one line."""
    return "; ".join(map(_short, decision.verdicts))


def _short(verdict: Verdict) -> str:
    if verdict.refusal is not None:
        who = f"{verdict.beneficiary}: " if verdict.beneficiary is not None else ""
        return f"{who}refused {verdict.refusal}"
    if verdict.outcome == "attributed":
        return f"attributed to {verdict.beneficiary}"
    if verdict.about == "reward":
        now = " now" if verdict.outcome == "adjusted" else ""
        return f"{verdict.beneficiary}{now} {words.money(verdict.amount or 0, verdict.unit or '')}"
    return verdict.outcome


def minor(amount: str, currency: str) -> int:
    """12.50 EUR in minor units."""
    return int(Decimal(amount).scaleb(money.CURRENCIES[currency]))


def _bought(world_: World, person: str, when: int, paid: list[str], fields: dict[str, Any]) -> Decision:
    """A conversion of an amount, or of none."""
    if not paid:
        return world_.buy(person, None, when, **fields)
    amount, currency, *more = paid
    status, settled = "open" if "open" in more else "paid", "settled" in more
    fields |= {"currency": currency, "status": status, "settled": settled, **_parts(fields, currency)}
    return world_.buy(person, minor(amount, currency), when, **fields)


def _parts(further: dict[str, str], currency: str) -> dict[str, Any]:
    """The parts of an amount that a line names."""
    parts: dict[str, Any] = {name: minor(further[name], currency) for name in PARTS if name in further}
    if "lines" in further:
        parts["lines"] = tuple(_line(text.split(":"), currency) for text in further["lines"].split(","))
    return parts


def _line(words: list[str], currency: str) -> events.Line | events.RefundLine:
    """``1:book:10.00`` of an invoice, perhaps with a brand behind it; ``1:10.00`` of a refund."""
    if len(words) == 2:
        return events.RefundLine(id=words[0], amount=minor(words[1], currency))
    brand = words[3] if len(words) > 3 else None
    return events.Line(id=words[0], product=words[1], amount=minor(words[2], currency), brand=brand)


def _of_order(world_: World, words: list[str], further: dict[str, str], when: int) -> Decision:
    """What becomes of an order after it was told."""
    named: dict[str, Any]
    match words:
        case ["refund", invoice, amount, *id_]:
            currency = further.get("currency", "EUR")
            said_in = {"currency": further["in"]} if "in" in further else {}
            parts = _parts(further, currency)
            return world_.refund(invoice, minor(amount, currency), id_[0] if id_ else "r1", when, **parts, **said_in)
        case ["chargeback", invoice, what]:
            kind = events.ChargebackOpened if what == "opened" else events.ChargebackClosed
            more_: dict[str, Any] = {} if what == "opened" else {"outcome": what}
            if "amount" in further:
                more_["amount"] = minor(further["amount"], further.get("in", "EUR"))
            if "in" in further:
                more_["currency"] = further["in"]
            named = {"invoice": invoice, "chargeback": further.get("id", "cb1"), **more_}
            return world_.send(kind, when=when, **named)
        case ["amend", invoice, amount, currency, id_]:
            parts = _parts(further, currency)
            named = {"invoice": invoice, "amendment": id_, "amount": minor(amount, currency), "currency": currency}
            return world_.send(events.ConversionAmended, when=when, **named, **parts)
        case ["back", invoice, refund, *some]:
            back = minor(some[0], "EUR") if some else None
            return world_.send(events.RefundReturned, when=when, invoice=invoice, refund=refund, amount=back)
        case ["asks", invoice, refund, *declined]:
            asks = events.RefundClosed if declined else events.RefundOpened
            return world_.send(asks, when=when, invoice=invoice, refund=refund)
        case ["cancel", invoice]:
            return world_.send(events.ConversionCanceled, when=when, invoice=invoice)
    raise ValueError(f"no story is told like this: {' '.join(words)}")


def _of_person(world_: World, verb: str, person: str, when: int, fields: dict[str, Any]) -> Decision:
    """What is said of one person."""
    if verb == "held":
        world_.tick(when)
        rewards = [reward for reward in world_.rewards(beneficiary=person) if reward.status in BEFORE_PAYMENT]
        return world_.command(events.RewardsHeld, items=world_.items(rewards), reason="look")
    return world_.send(_STANDING[verb], when=when, person=person, **fields)


def _of_customer(world_: World, when: int, verb: str, person: str, more: list[str], fields: dict[str, Any]) -> Decision:
    """Something is said of a customer: since when they are one, traits of theirs, an issue that is opened or closed."""
    if verb == "known":
        return world_.send(events.CustomerKnown, when=when, person=person, since=at(fields["since"]))
    if verb == "firm":
        said = {name: value for key, text in fields.items() for name, value in _firm(f"firm-{key}", text).items()}
        return world_.send(events.CustomerUpdated, when=when, person=person, traits={}, **said)
    if verb == "traits":
        traits = {name: value == "true" or value for name, value in fields.items()}
        return world_.send(events.CustomerUpdated, when=when, person=person, traits=traits)
    how, issue = more
    kind = events.CustomerIssueOpened if how == "opened" else events.CustomerIssueClosed
    return world_.send(kind, when=when, person=person, issue=issue)


def _deal(world_: World, when: int, id_: str, status: str, fields: dict[str, Any]) -> Decision:
    """What a CRM says of a sale: its company, its contact, since when it is open, and a code that it names."""
    said = {_OF_DEAL.get(name, name): value for name, value in fields.items()}
    if "opened_at" in said:
        said["opened_at"] = at(said["opened_at"])
    if "code" in said:
        said["code"] = said["code"].upper()
    return world_.send(events.DealReported, when=when, deal=id_, status=status, **said)


def _of_two(world_: World, when: int, words: list[str], fields: dict[str, Any]) -> Decision:
    """Two people are one, or a deal with a company is at a status."""
    match words:
        case ["deal", id_, status]:
            return _deal(world_, when, id_, status, fields)
        case ["merge", gone, "into", keep]:
            return world_.send(events.PersonMerged, when=when, keep=keep, gone=gone)
    raise ValueError(f"no story is told like this: {' '.join(words)}")


def _of_program(world_: World, verb: str, slug: str, persons: list[str], fields: dict[str, Any]) -> Decision:
    """A program is paused, goes on or ends; a pilot begins, or another member decides about its cycle who saw the report."""
    program = world_.program(slug)
    if verb in ("paused", "active", "ended"):
        return world_.command(events.ProgramMoved, to=verb, program=program)
    share = Fraction(fields.get("share", "0"))
    ways = tuple(fields["way"].split(",")) if "way" in fields else ()
    who = {"persons": tuple(persons), "ways": ways, "share": share.as_integer_ratio()}
    if verb == "pilot":
        return world_.command(events.PilotStarted, member("mia", "owner"), program=program, **who)
    [cycle] = [it.pilots[-1] for it in world_.state.all(Program) if it.id == program]
    said = {"pilot": cycle.id, "ends": cycle.ends, "outcome": verb, "report": "ab", "through": 1}
    return world_.command(events.PilotDecided, member("max", "owner"), program=program, **said, **who)


def _firm(how: str, text: str) -> dict[str, Any]:
    """What is said of somebody's firm."""
    return {name: text if value == "" else value for name, value in _FIRM[how].items()}


def _happen(world_: World, words: list[str]) -> Decision:
    said, verb, *rest = words
    further = dict(word.split("=", 1) for word in rest if "=" in word)
    fields: dict[str, Any] = {_FIELDS.get(name, name): value for name, value in further.items()}
    if "when" in fields:
        fields["accepted_at"], said = at(said), fields.pop("when")
    fields |= {name: value for key in [*fields] if key in _FIRM for name, value in _firm(key, fields.pop(key)).items()}
    if "to" in fields:
        fields["program"] = world_.program(fields.pop("to"))
    when = at(said)
    match [verb, *(word for word in rest if "=" not in word)]:
        case [what, slug, *persons] if what in _OF_PROGRAM:
            world_.tick(when)
            return _of_program(world_, verb, slug, persons, fields)
        case ["enrol", person, *more]:
            return world_.enrol(person, when=when, accepted_terms="terms" in more, **fields)
        case ["click", code, visitor, *more]:
            return world_.click(code, visitor, when, bot="bot" in more, unverified="page" in more, **fields)
        case ["lead", person, *more]:
            browser = next((word for word in more if word not in {"page", "disposable"}), None)
            fields["disposable"] = "disposable" in more
            return world_.lead(person, when, visitor=browser, unverified="page" in more, **fields)
        case ["same", kind, *people]:
            world_.tick(when)
            world_.recognise(*((kind, fields.get("text", "one"), person, True) for person in people))
            return world_.log[-1][2]
        case ["buy", person, *paid]:
            return _bought(world_, person, when, paid, fields)
        case ["refund" | "asks" | "chargeback" | "amend" | "back" | "cancel", *of_order]:
            return _of_order(world_, [verb, *of_order], further, when)
        case ["deal" | "merge", *of_two]:
            return _of_two(world_, when, [verb, *of_two], fields)
        case ["issue" | "known" | "traits" | "firm", person, *more]:
            return _of_customer(world_, when, verb, person, more, fields)
        case [_, person]:
            return _of_person(world_, verb, person, when, fields)
    raise ValueError(f"no story is told like this: {' '.join(words)}")
