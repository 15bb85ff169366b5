"""Facts of a reward's record in words: what was seen, and what it had to meet. Must not know: where they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from goodword import words
from goodword.app.see.records import Fact, Named
from goodword.console import parts
from goodword.core import recommendation
from goodword.core.decision import Step, Verdict
from goodword.core.routes import LIMITS
from goodword.core.rules import amount_in

#: What more of a fact has a page -> where that is.
PLACES: Final = {
    "referral": "/referrals/",
    "conversion": "/conversions/",
    "program": "/programs/",
    "person": "/people/",
    "case": "/cases/",
    "claim": "/claims/",
    "registration": "/deals/",
    "reward": "/rewards/",
    "payout": "/payouts/",
}


class Told(NamedTuple):
    """A fact as it is shown. ``met`` is empty where there was nothing to meet."""

    title: str
    value: str
    met: str


def told(fact: Fact, unit: str) -> Told:
    """Return a fact in words. ``unit``: the reward's, for amounts that the rules give by unit."""
    value, met = _WORDS[fact.code](fact, unit)
    return Told(words.page(f"fact.{fact.code}"), value, ", ".join(filter(None, met)))


def speaks_for(code: str) -> bool:
    """Return whether a reason of a recommendation speaks for approving."""
    return recommendation.REASONS[code] == "approve"


def rejected(reason: str) -> str:
    """Return what the payee is told when a reward is rejected for a reason."""
    steps = (Step("reason", {"told": reason}),)
    return words.sentences(Verdict(about="command", outcome="rejected", steps=steps)).beneficiary


def rule(code: str, checks: Iterable[str]) -> str:
    """Return what has to be done before somebody may approve, by why they may not. ``checks``: codes of those to be opened first."""
    try:
        return words.page(f"rule.{code}", checks=" and ".join(map(parts.spoken, checks)))
    except KeyError:
        return words.refusal(code)


def happened(code: str) -> str:
    """Return what happened by its code, as a head of the timeline."""
    return words.page_or_none(f"happened.{code}") or parts.spoken(code).capitalize()


def names_of(members: Iterable[Named]) -> str:
    """Return members as those of whom one is needed: ``ana@shop.example or li@shop.example``."""
    return " or ".join(member.mail or parts.short(member.id) for member in members)


_Said = tuple[str, Iterable[str | None]]


def _say(code: str, **values: object) -> str:
    return words.page(f"fact.said.{code}", **values)


def _sum(amount: int, unit: str) -> str:
    return f"{parts.figure(amount, unit)} {parts.unit(unit)}"


def _within(code: str, amounts: dict[str, int] | None, unit: str | None) -> str | None:
    """Return what the rules say by unit, of this one."""
    amount = amount_in(amounts, unit) if amounts and unit else None
    return _say(code, amount=_sum(amount, unit or "")) if amount is not None else None


def _tracked(fact: Fact, _: str) -> _Said:
    seen = fact.values
    if "corrected" in seen:
        return _say("corrected", origin=words.page(f"correction.origin.{seen['corrected']}")), ()
    if "opened" in seen:
        return _say("opened", opened=seen["opened"]), ()
    lead = parts.day(seen["lead_at"])
    met = [_say("touch", touch=fact.met["touch"], window=fact.met["window"])]
    if seen["typed"]:
        return _say("typed", lead=lead), ()
    if seen["touch_at"] is None:
        return _say("lead", lead=lead), met
    return _say("clicked", lead=lead, click=parts.day(seen["touch_at"])), met


def _ordered(fact: Fact, _: str) -> _Said:
    seen, met = fact.values, fact.met
    if "corrected" in seen:
        document = seen["document"]
        return (_say("rests_on", document=document) if document else _say("rests_on_nothing")), ()
    if "name" not in seen:
        return _say("no_order"), ()
    asked = [_say("window", window=met["window"]) if met.get("window") else None]
    asked.append(_within("minimum", met.get("minimum"), seen["unit"]))
    name = parts.spoken(seen["name"]).capitalize()
    if seen["amount"] is None or seen["unit"] is None:
        return _say("order", name=name, at=parts.day(seen["at"])), asked
    amounts = {"amount": _sum(seen["amount"], seen["unit"]), "back": _sum(seen["back"], seen["unit"])}
    return _say("order_sum" if seen["back"] == 0 else "order_back", name=name, **amounts), asked


def _eligible(fact: Fact, _: str) -> _Said:
    seen, met = fact.values, fact.met
    standing = ", ".join(dict.fromkeys(map(parts.spoken, seen["standing"].values()))) or _say("unknown")
    asked = [
        _say("terms", version=met["requires_terms"]) if met.get("requires_terms") else None,
        _say("new_only") if met.get("new_customers_only") else None,
        _say("hold", hold=met["hold"], until=parts.day(seen["hold_until"])),
    ]
    return standing.capitalize(), asked


def _terms(fact: Fact, unit: str) -> _Said:
    seen, met = fact.values, fact.met
    asked = [
        _within("flat", met.get("flat"), unit),
        _say("percent", percent=met["percent"]) if met.get("percent") else None,
        _say("points", points=f"{met['points']:,}") if met.get("points") else None,
        _within("cap", met.get("cap"), unit),
    ]
    return _version(seen), asked


def _version(seen: dict[str, Any]) -> str:
    rules, version = seen["rules"][:12], seen["version"]
    said = _say("version", version=version, rules=rules) if version else _say("no_version", rules=rules)
    if "agreement" not in seen:
        return said
    code = "own_rate" if seen["own_rate"] else "agreement"
    return _say(code, said=said, version=seen["agreement_version"])


def _sure(fact: Fact, _: str) -> _Said:
    level = fact.values["level"]
    return (_say(f"level.{level}") if level else _say("level.none")), [_say("least")]


def _duplicates(fact: Fact, _: str) -> _Said:
    seen = fact.values
    claims = 1 if seen["claim"] else 0
    late = _say("proofs", proofs=len(seen["proofs"])) if seen["proofs"] else None
    return ", ".join(filter(None, [_say("stops", cases=len(seen["cases"]), claims=claims), late])), [_say("none_open")]


def _method(fact: Fact, _: str) -> _Said:
    seen, kind = fact.values, parts.spoken(fact.values["kind"]).capitalize()
    if fact.state == "stops" and "changed_at" not in seen:
        return _say("no_details", kind=kind), ()
    if not seen["rail"] or "changed_at" not in seen:
        return kind, ()
    where = parts.spoken(seen["rail"]) + (f" ••{seen['last']}" if seen["last"] else "")
    since = _say("changed", at=parts.day(seen["changed_at"])) if seen["changed_at"] else None
    known = words.page(f"payee.{seen['check']}") if "check" in seen else None
    return _say("method", kind=kind, where=where), [since, known]


def _approval(fact: Fact, unit: str) -> _Said:
    seen = fact.values
    two = _within("two_people", fact.met.get("two_people_over"), unit)
    said = _say("approver", role=parts.spoken(seen["role"]), until=parts.day(seen["decide_by"]))
    if "route" not in seen:
        return said, [two]
    who = seen["fallback"]
    limits = [_say(f"route.{name}", amount=_sum(fact.met[name], unit)) for name in LIMITS if name in fact.met]
    return said, [_say("route", route=seen["route"], fallback=who["mail"] or parts.short(who["id"])), *limits, two]


def _source(fact: Fact, _: str) -> _Said:
    referral = fact.values["referral"]
    return (_say("referral", referral=parts.short(referral)) if referral else _say("nobody")), ()


def _event(fact: Fact, _: str) -> _Said:
    if fact.values["corrected"] is not None:
        return _say("by_hand"), ()
    return parts.short(fact.values["conversion"].removeprefix("inv:")), ()


def _check(fact: Fact, _: str) -> _Said:
    stops = fact.values["stopped_by"]
    return (_say("stopped", by=parts.short(stops)) if stops else _say("nothing_stops")), [_say("none_open")]


def _worked_out(fact: Fact, _: str) -> _Said:
    seen = fact.values
    gross, amount = _sum(seen["gross"], seen["unit"]), _sum(seen["amount"], seen["unit"])
    return _say("worked_out" if gross == amount else "lowered", gross=gross, amount=amount), ()


def _approved(fact: Fact, _: str) -> _Said:
    seen = fact.values
    standing = seen.get("standing")
    if seen["approved_at"] is not None and fact.state == "good":
        if standing in seen["approvals"]:
            return _say("stood", at=parts.day(seen["approved_at"]), standing=standing), ()
        return _say("approved", at=parts.day(seen["approved_at"])), ()
    if standing is not None and seen["standing_waits"] is not None:
        return _say("not_yet"), [_say("not_covered", why=words.page(f"standing_waits.{seen['standing_waits']}"))]
    return (_say("first") if seen["approvals"] else _say("not_yet")), ()


_WORDS: Final[dict[str, Callable[[Fact, str], _Said]]] = {
    "referral_record": _tracked,
    "conversion_event": _ordered,
    "referrer_eligibility": _eligible,
    "program_rules": _terms,
    "attribution_confidence": _sure,
    "duplicate_check": _duplicates,
    "payment_method": _method,
    "approval_rules": _approval,
    "source_attribution": _source,
    "qualifying_event": _event,
    "program_terms": lambda fact, _: (_version(fact.values), ()),
    "fraud_check": _check,
    "payout_calculation": _worked_out,
    "approval_record": _approved,
}
