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

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from goodword import words
from goodword.core import events, money
from goodword.core.decision import Decision, Verdict
from testkit.world import World, advocate, at, rules

Verb = Callable[[World, int, str, list[str], dict[str, Any]], Decision]

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


def _happen(world_: World, words: list[str]) -> Decision:
    when, verb, *rest = words
    plain = [word for word in rest if "=" not in word]
    fields: dict[str, Any] = dict(word.split("=", 1) for word in rest if "=" in word)
    if "when" in fields:
        fields["accepted_at"], when = at(when), fields.pop("when")
    if "to" in fields:
        fields["program"] = world_.program(fields.pop("to"))
    fields = {_FIELDS.get(name, name): value for name, value in fields.items()}
    if verb in ("paused", "active", "ended"):
        world_.tick(at(when))
        return world_.command(events.ProgramMoved, to=verb, program=world_.program(plain[0]))
    return _VERBS.get(verb, _standing)(world_, at(when), verb, plain, fields)


def _standing(world_: World, when: int, verb: str, plain: list[str], fields: dict[str, Any]) -> Decision:
    return world_.send(_STANDING[verb], when=when, person=plain[0], **fields)


def _enrol(world_: World, when: int, _: str, plain: list[str], fields: dict[str, Any]) -> Decision:
    return world_.enrol(plain[0], when=when, accepted_terms="terms" in plain, **fields)


def _click(world_: World, when: int, _: str, plain: list[str], fields: dict[str, Any]) -> Decision:
    return world_.click(plain[0], plain[1], when, bot="bot" in plain, unverified="page" in plain, **fields)


def _lead(world_: World, when: int, _: str, plain: list[str], fields: dict[str, Any]) -> Decision:
    visitor = next((word for word in plain[1:] if word != "page"), None)
    return world_.lead(plain[0], when, visitor=visitor, unverified="page" in plain, **fields)


def _buy(world_: World, when: int, _: str, plain: list[str], fields: dict[str, Any]) -> Decision:
    person, *more = plain
    status = "open" if "open" in more else "paid"
    if len(more) < 2:
        return world_.buy(person, None, when, **fields)
    return world_.buy(person, minor(more[0], more[1]), when, currency=more[1], status=status, **fields)


def _refund(world_: World, when: int, _: str, plain: list[str], fields: dict[str, Any]) -> Decision:
    invoice, amount, *id_ = plain
    return world_.refund(invoice, minor(amount, fields.get("currency", "EUR")), id_[0] if id_ else "r1", when)


def _chargeback(world_: World, when: int, _: str, plain: list[str], fields: dict[str, Any]) -> Decision:
    invoice, what = plain
    named = {"invoice": invoice, "chargeback": fields.get("id", "cb1")}
    if what == "opened":
        return world_.send(events.ChargebackOpened, when=when, **named)
    return world_.send(events.ChargebackClosed, when=when, outcome=what, **named)


def _known(world_: World, when: int, _: str, plain: list[str], fields: dict[str, Any]) -> Decision:
    return world_.send(events.CustomerKnown, when=when, person=plain[0], since=at(fields["since"]))


_VERBS: dict[str, Verb] = {
    "enrol": _enrol,
    "click": _click,
    "lead": _lead,
    "buy": _buy,
    "refund": _refund,
    "chargeback": _chargeback,
    "known": _known,
}
