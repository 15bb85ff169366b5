"""Stories: lines that say what happened and what must be decided, so that tests of rules read like cases.

A line is ``time verb who …``; after ``->`` stands the decision. Times are UTC, of 2024 if no year is said; amounts are
written as on an invoice. Words with ``=`` are further fields, ``to=`` names the program.

    02-01 click ANN v1                  a click on ann's code by visitor v1
    02-02 lead bob v1 code=AMY          bob becomes known, in that browser, and typed amy's code
    02-03 buy bob 100.00 EUR            an invoice, bob-1 unless ``invoice=`` says another; ``open`` when it is not paid
    02-04 refund bob-1 40.00 r1         money back
    02-05 chargeback bob-1 opened       then kept or lost
    05-01 lead bob v1 page when=02-01   said by a page in May, which says that it was in February
    02-06 suspended ann                 resumed, left; enrol PERSON; known PERSON since=…; paused, active, ended for programs
"""

from decimal import Decimal
from typing import Any

from goodword import words
from goodword.core import events, money
from goodword.core.decision import Decision, Verdict
from testkit.world import World, advocate, at, rules

_STANDING: dict[str, type[events.Event]] = {
    "suspended": events.AdvocateSuspended,
    "resumed": events.AdvocateResumed,
    "left": events.AdvocateLeft,
}
_FIELDS = {"link": "link_code"}


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


def _happen(world_: World, words: list[str]) -> Decision:  # noqa: PLR0912 - one branch a verb
    said, verb, *rest = words
    further = dict(word.split("=", 1) for word in rest if "=" in word)
    fields: dict[str, Any] = {_FIELDS.get(name, name): value for name, value in further.items()}
    if "when" in fields:
        fields["accepted_at"], said = at(said), fields.pop("when")
    if "to" in fields:
        fields["program"] = world_.program(fields.pop("to"))
    when = at(said)
    match [verb, *(word for word in rest if "=" not in word)]:
        case ["paused" | "active" | "ended", slug]:
            world_.tick(when)
            return world_.command(events.ProgramMoved, to=verb, program=world_.program(slug))
        case ["enrol", person, *more]:
            return world_.enrol(person, when=when, accepted_terms="terms" in more, **fields)
        case ["click", code, visitor, *more]:
            return world_.click(code, visitor, when, bot="bot" in more, unverified="page" in more, **fields)
        case ["lead", person, *more]:
            browser = next((word for word in more if word != "page"), None)
            return world_.lead(person, when, visitor=browser, unverified="page" in more, **fields)
        case ["buy", person]:
            return world_.buy(person, None, when, **fields)
        case ["buy", person, amount, currency, *more]:
            status, settled = "open" if "open" in more else "paid", "settled" in more
            paid = minor(amount, currency)
            return world_.buy(person, paid, when, currency=currency, status=status, settled=settled, **fields)
        case ["refund", invoice, amount, *id_]:
            refunded = minor(amount, fields.get("currency", "EUR"))
            return world_.refund(invoice, refunded, id_[0] if id_ else "r1", when)
        case ["chargeback", invoice, what]:
            kind = events.ChargebackOpened if what == "opened" else events.ChargebackClosed
            outcome = {} if what == "opened" else {"outcome": what}
            named: dict[str, Any] = {"invoice": invoice, "chargeback": fields.get("id", "cb1"), **outcome}
            return world_.send(kind, when=when, **named)
        case ["merge", gone, "into", keep]:
            return world_.send(events.PersonMerged, when=when, keep=keep, gone=gone)
        case ["known", person]:
            return world_.send(events.CustomerKnown, when=when, person=person, since=at(fields["since"]))
        case [_, person]:
            return world_.send(_STANDING[verb], when=when, person=person, **fields)
    raise ValueError(f"no story is told like this: {' '.join(words)}")
