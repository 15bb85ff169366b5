"""From the codes of a verdict to sentences: one for the beneficiary, one for finance, one for each step.

The beneficiary is told what happened, why, and what comes next, plainly: never another person's data, and never a figure that would
help somebody to stay just below it. Finance is told everything. Sentences are rendered on reading and stand in no digest; their texts
are in the catalogue of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from msgspec import Struct

from goodword.core.calendar import DAY
from goodword.core.decision import Step, Verdict
from goodword.core.ledger import WELCOME
from goodword.core.routes import LIMITS
from goodword.words import pilots, schedules
from goodword.words.catalogue import Catalogue, catalogue

Values = Mapping[str, Any]
#: From the words of a language, the values of a step and the unit of its verdict to its sentence.
Teller = Callable[[Catalogue, Values, str | None], str]


class Explained(Struct, frozen=True, kw_only=True):
    """``steps``: (code, sentence for finance), in the order in which they were taken."""

    beneficiary: str
    finance: str
    steps: list[tuple[str, str]]


def sentences(verdict: Verdict, language: str | None = None) -> Explained:
    """Return a verdict in the words of a language. Raises UnknownLanguageError.

    Pure: the same verdict reads the same for ever under one version of this file and of the catalogue.
    """
    words = catalogue(language)
    steps = [(step.code, step_sentence(step, verdict.unit, language)) for step in verdict.steps]
    return Explained(
        beneficiary=_to_beneficiary(words, verdict), finance=_to_finance(words, verdict, steps), steps=steps
    )


# --- for the beneficiary ----------------------------------------------------------------------------------------------


def _to_beneficiary(words: Catalogue, verdict: Verdict) -> str:
    if verdict.refusal is not None:
        firm = next((code for code in ("company", "company_deal") if _step(verdict, code)), None)
        told = f"told.{firm}" if firm is not None else f"refused.{verdict.refusal}"
        # A refusal that has no words of its own concerns people of the company only.
        return words.say(told if told in words else "refused")
    done = f"done.{verdict.about}.{verdict.outcome}"
    if done == "done.reward.earned":
        return _earned(words, verdict)
    if done == "done.reward.adjusted":
        return _adjusted(words, verdict)
    if verdict.about == "reward" and verdict.outcome in ("repaid", "written_off", "forgiven"):
        return _settled(words, verdict)
    if done == "done.reward.opened":
        amount = verdict.amount or 0
        return words.say(f"{done}.owed" if amount < 0 else done, amount=words.money(abs(amount), verdict.unit))
    if done == "done.reward.corrected":
        origin = _step(verdict, "correction")["origin"]
        return words.say(f"{done}.{origin}", amount=words.money(verdict.amount, verdict.unit))
    if owed := _step(verdict, "owed_twice"):
        return words.say(f"{done}.{owed['how']}", amount=words.money(owed["amount"], owed["unit"]))
    if verdict.about in ("credit", "offer") or verdict.outcome in ("credit_expired", "credit_had_expired", "taken_off"):
        return (_credit if "credit" in done else _welcome)(words, verdict, done)
    if declined := _step(verdict, "declined"):
        return words.say(f"declined.{declined['reason']}")
    reason = _step(verdict, "reason")
    if "told" in reason:
        return words.say(f"told.{verdict.outcome}", reason=words.say(f"reason.{reason['told']}"))
    if "withheld" in reason:
        return words.say("told.withheld")
    if verdict.about == "reward" and _step(verdict, "was"):
        return _changed(words, verdict, done)
    return words.say(f"{done}.welcome" if _step(verdict, "standing").get("rail") == WELCOME else done)


def _earned(words: Catalogue, verdict: Verdict) -> str:
    """The same with flags and without: whoever tries to deceive must not learn what was noticed."""
    if not verdict.amount:
        return words.say("done.reward.earned.nothing")
    side = "advocate" if verdict.side == "advocate" else "friend"
    side = "welcome" if "discount" in _step(verdict, "price") else side
    hold = _step(verdict, "hold")
    said = {"amount": words.money(verdict.amount, verdict.unit or ""), "until": words.day(hold["until"])}
    if side != "welcome" and "decide_by" in hold:
        when = "over" if "over" in hold else "by"
        return words.say(f"done.reward.earned.{side}.{when}", by=words.day(hold["decide_by"]), **said)
    return words.say(f"done.reward.earned.{side}", **said)


#: Steps that say why a reward was worked out anew, where no refund is the reason.
_CAUSES = ("amended", "returned", "canceled")


def _adjusted(words: Catalogue, verdict: Verdict) -> str:
    was = _step(verdict, "was")
    before = was.get("amount", 0)
    amount = words.money(verdict.amount or 0, verdict.unit)
    cause = next((step.code for step in verdict.steps if step.code in _CAUSES), "refunded")
    if before == verdict.amount:
        return words.say(f"done.reward.adjusted.same.{cause}", amount=amount)
    sentence = words.say(f"done.reward.adjusted.{cause}", amount=amount, before=words.money(before, verdict.unit))
    if _step(verdict, "off_again"):
        return words.say("done.reward.adjusted.welcome", sentence=sentence)
    if (verdict.amount or 0) > before:
        more = "expected" if "discount" in _step(verdict, "price") else "more"
        return words.say(f"done.reward.adjusted.{more}", sentence=sentence)
    return words.say("done.reward.adjusted.paid", sentence=sentence) if was.get("status") == "paid" else sentence


def _changed(words: Catalogue, verdict: Verdict, done: str) -> str:
    """What became of a reward by a claim, a case, a rejection or time; who loses one is told what becomes of what was paid."""
    figures = {"amount": verdict.amount, "before": _step(verdict, "was")["amount"]}
    sentence = words.say(done, **{name: words.money(figure, verdict.unit) for name, figure in figures.items()})
    if _step(verdict, "off_again"):
        return words.say("done.reward.adjusted.welcome", sentence=sentence)
    policy = _step(verdict, "moved").get("policy")
    return sentence if policy is None else words.say(f"{done}.{policy}", sentence=sentence)


def _credit(words: Catalogue, verdict: Verdict, done: str) -> str:
    """What became of what somebody has: the amount is always said as what it is, without a sign."""
    figures = {"amount": words.money(abs(verdict.amount or 0), verdict.unit)}
    done = f"{done}.code" if _step(verdict, "by_code") else done
    if verdict.outcome == "redeemed":
        figures["rest"] = words.money(_step(verdict, "redeemed")["balance"], verdict.unit)
    elif (
        verdict.outcome in ("delivered", "delivered_as_code")
        and (until := _step(verdict, "lot")["expires_at"]) is not None
    ):
        return words.say(f"{done}.until", until=words.day(until), **figures)
    return words.say(done, **figures)


def _welcome(words: Catalogue, verdict: Verdict, done: str) -> str:
    """What became of what somebody was promised off an order."""
    said = _step(verdict, "offer")
    if not said:
        return words.say(done, amount=words.money(verdict.amount, verdict.unit))
    return words.say(done, amounts=_amounts(words, said["amounts"]), until=words.day(said["until"]))


def _amounts(words: Catalogue, amounts: Mapping[str, int]) -> str:
    return words.listed([words.money(amount, unit) for unit, amount in sorted(amounts.items())])


def _order_of_offer(key: str) -> Teller:
    """An order and the offer that it has, or names in vain; an open one has not said yet what was taken off."""

    def tell(words: Catalogue, v: Values, _: str | None) -> str:
        if not v.get("discount"):
            return words.say(key, conversion=v["conversion"])
        figures = {name: words.money(v[name], v["unit"]) for name in ("discount", "offered") if name in v}
        return words.say(f"{key}.taken_off", conversion=v["conversion"], **figures)

    return tell


def _until(words: Catalogue, key: str, v: Values, **figures: Any) -> str:
    """A sentence that also says until when something can be used, where it has an end."""
    if v["expires_at"] is None:
        return words.say(key, **figures)
    return words.say(f"{key}.until", until=words.time(v["expires_at"]), **figures)


def _settled(words: Catalogue, verdict: Verdict) -> str:
    """To who owed it, written off is forgiven."""
    told = "done.reward.repaid" if verdict.outcome == "repaid" else "done.reward.forgiven"
    amount, rest = verdict.amount, _step(verdict, "still_owed")["amount"]
    if not rest:
        return words.say(f"{told}.all", amount=words.money(amount, verdict.unit))
    return words.say(told, amount=words.money(amount, verdict.unit), rest=words.money(rest, verdict.unit))


def _recommended(words: Catalogue, v: Values, _: str | None) -> str:
    codes = dict.fromkeys(code for _, codes in v["items"] for code in codes)
    return words.count(
        "step.recommended",
        len(v["items"]),
        advice=words.word("advice", v["advice"]),
        decided=words.word("outcome", v["decided"]),
        version=v["version"],
        rules=_rules(v),
        reasons=words.listed([words.word("seen", code) for code in codes]),
    )


def reason_seen(code: str, values: Values, language: str | None = None) -> str:
    """Return a reason of a recommendation (``core.recommendation``) as a sentence."""
    words, unit = catalogue(language), values.get("unit")
    figures: dict[str, Any] = dict(values)
    figures |= {name: words.time(v) for name, v in values.items() if name.endswith("at")}
    figures |= {name: words.money(values[name], unit) for name in ("amount", "limit") if name in values}
    figures |= {name: words.listed(list(v)) for name, v in values.items() if isinstance(v, (list, tuple))}
    if "level" in values:
        figures["level"] = words.word("confidence", values["level"])
    return words.say(f"reason_seen.{code}", **figures)


def _step(verdict: Verdict, code: str) -> Values:
    return next((step.values for step in verdict.steps if step.code == code), {})


# --- for finance ------------------------------------------------------------------------------------------------------


def _to_finance(words: Catalogue, verdict: Verdict, steps: list[tuple[str, str]]) -> str:
    side = words.word("side", verdict.side or "beneficiary")
    parts = {
        "about": words.word("about", verdict.about),
        "whom": words.part("verdict.whom", of=verdict.beneficiary is not None, side=side, person=verdict.beneficiary),
        "subject": words.part("verdict.subject", of=verdict.subject is not None, subject=verdict.subject),
    }
    if verdict.refusal is not None:
        meaning = words.say(f"refusal.{verdict.refusal}").rstrip(".")
        said = [words.say("verdict.refused", code=verdict.refusal, meaning=meaning, **parts)]
    else:
        has_amount = verdict.amount is not None and verdict.unit is not None
        parts["amount"] = words.part("verdict.amount", of=has_amount, amount=words.money(verdict.amount, verdict.unit))
        said = [words.say("verdict.said", outcome=words.word("outcome", verdict.outcome), **parts)]
    if verdict.flags:
        said.append(words.say("verdict.flags", flags=words.listed(list(verdict.flags))))
    if verdict.redecides is not None:
        said.append(words.say("verdict.redecides", event=verdict.redecides))
    return " ".join([*said, *(sentence for _, sentence in steps)])


def _named(key: str) -> Teller:
    """A step whose values speak for themselves: all of them are shown, each behind its name."""
    return lambda words, v, _: words.say(key, values=words.named(v))


def _rules(v: Values) -> str:
    """The version of rules, short."""
    return str(v["rules"][:12])


def _looked(words: Catalogue, v: Values, _: str | None) -> str:
    what = str(v["what"])
    if what == "unmasked":
        return words.say("step.looked.unmasked", fields=words.listed(v["fields"]))
    if what == "opened":
        return words.count("step.looked.opened", v["seconds"] or 0)
    return words.say(f"step.looked.{what}")


def _appeal(words: Catalogue, v: Values, _: str | None) -> str:
    if v["appealed_at"] is not None:
        return words.say("step.appeal.before", appealed_at=words.time(v["appealed_at"]))
    return words.say("step.appeal", until=words.time(v["until"]))


def _condition(words: Catalogue, v: Values, _: str | None) -> str:
    seen = {name: value for name, value in v.items() if name not in {"kind", "holds"}}
    return words.say(
        "step.condition.holds" if v["holds"] else "step.condition.fails", kind=v["kind"], values=words.named(seen)
    )


def _confidence(words: Catalogue, v: Values, _: str | None) -> str:
    grounds = [_ground(words, code, values) for code, values in v["grounds"]]
    return words.say("step.confidence", level=words.word("confidence", v["level"]), grounds=" ".join(grounds))


def ground(code: str, values: Values, language: str | None = None) -> str:
    """Return why an attribution is as sure as it is (``core.confidence``), for finance."""
    return _ground(catalogue(language), code, values)


def _ground(words: Catalogue, code: str, values: Values) -> str:
    figures = {name: words.time(v) if name.endswith("at") else v for name, v in values.items()}
    if "window" in values:
        figures |= {"window": words.duration(values["window"]), "model": words.word("model", values["model"])}
    return words.say(f"ground.{code}", **figures)


def _currency(words: Catalogue, v: Values, _: str | None) -> str:
    has_amount = v.get("amount", 0) is not None
    return words.say("step.currency" if has_amount else "step.currency.no_amount", currency=v["currency"])


def _code(words: Catalogue, v: Values, _: str | None) -> str:
    said = words.say("step.code", code=v["code"])
    if "terms" not in v:
        return said
    held = words.say("step.code.rules", rules=_rules(v)) if v["rules"] is not None else ""
    return f"{said} {words.say('step.code.terms', terms=v['terms'][:12], held=held)}"


def _version(words: Catalogue, v: Values, _: str | None) -> str:
    said = words.say("step.version", rules=_rules(v), since=words.time(v["from"]), semantics=v["semantics"])
    told = [words.say("step.version.terms", language=name, terms=it[:12]) for name, it in v.get("terms", {}).items()]
    return " ".join([said, *told])


def _during(words: Catalogue, v: Values) -> str:
    """From when until when terms hold."""
    if v["until"] is None:
        return words.say("figure.from", since=words.time(v["since"]))
    return words.say("figure.from_until", since=words.time(v["since"]), until=words.time(v["until"]))


def _agreement(words: Catalogue, v: Values, _: str | None) -> str:
    how = v["outside"] or ("own" if v["own"] else "inside")
    which = {"agreement": v["agreement"], "version": v["version"], "during": _during(words, v)}
    return words.say(f"step.agreement.{how}", **which)


def _agreed(words: Catalogue, v: Values, _: str | None) -> str:
    if v["since"] == v["until"]:
        return words.say("step.agreed.over", version=v["version"], since=words.time(v["since"]))
    on = words.say("step.agreed.any") if v["on"] is None else words.say("step.agreed.on", on=v["on"])
    rate = words.say("step.agreed.none")
    if v["percent"] is not None:
        rate = words.say("step.agreed.percent", percent=words.decimal(v["percent"]), on=on)
    elif v["flat"] is not None:
        amounts = words.listed([words.money(amount, unit) for unit, amount in sorted(v["flat"].items())])
        rate = words.say("step.agreed.flat", flat=amounts, on=on)
    accounts, products, countries = v["left_out"]
    return words.say(
        "step.agreed",
        version=v["version"],
        during=_during(words, v),
        rate=rate,
        accounts=accounts,
        products=products,
        countries=countries,
        protected="" if v["days"] is None else words.say("step.agreed.protected", days=v["days"]),
    )


def _outside(words: Catalogue, v: Values) -> str:
    """Why something is outside of a partner's agreement."""
    which = {name: v[name] for name in ("partner", "agreement", "version")}
    match v["reason"]:
        case "expired":
            return words.say("step.flag.expired", **which, until=words.time(v["until"]), at=words.time(v["at"]))
        case "rate":
            asked, held = (
                words.say("figure.flat") if it is None else words.say("figure.percent", percent=words.decimal(it))
                for it in (v["asked"], v["held"])
            )
            return words.say("step.flag.rate", **which, asked=asked, held=held)
        case "unpriced":
            return words.say("step.flag.unpriced", **which, money=v["charged_in"])
        case _:
            found = {name: it for name, it in v.items() if name not in (*which, "code", "reason")}
            seen = {name: words.listed(it) if isinstance(it, list) else it for name, it in found.items()}
            return words.say("step.flag.excluded", **which, seen=words.named(seen))


def _flag(words: Catalogue, v: Values, _: str | None) -> str:
    if v["code"] == "partner_exception":
        return _outside(words, v)
    if v["code"] == "bank_line":
        return words.say(
            "step.flag.bank_line", said=_by_bank(words, v), differs=words.word("bank_differs", v["differs"])
        )
    if v["code"] == "payee_check":
        return _payee_check(words, v, None)
    return words.say(
        "step.flag", code=v["code"], values=words.named({name: value for name, value in v.items() if name != "code"})
    )


def _payee_check(words: Catalogue, v: Values, _: str | None) -> str:
    """What a bank answered about the name of a payee, who said so and when."""
    return words.say(
        "step.payee_check",
        answer=words.say(f"payee_answer.{v['answer']}"),
        provider=v["provider"],
        at=words.time(v["at"]),
    )


def _bank_line(words: Catalogue, v: Values, _: str | None) -> str:
    said = words.say("step.bank_line", said=_by_bank(words, v), became=words.word("bank_became", v["became"]))
    differs = v.get("differs")
    return said if differs is None else f"{said} {words.word('bank_differs', differs)}"


def _by_bank(words: Catalogue, v: Values) -> str:
    """What a bank said of a payout, with the amount if it says one, and the reason."""
    amount, unit, reason = v.get("amount"), v.get("unit"), v.get("reason")
    return words.say(
        f"bank_said.{v['said']}",
        payout=v.get("payout") or v.get("named") or v.get("reference") or "–",
        amount=words.money(abs(amount), unit) if amount is not None and unit is not None else "–",
        day=v.get("day") or "–",
        reason=words.part("bank_said.reason", of=reason is not None, reason=reason),
    )


def _hold(words: Catalogue, v: Values, _: str | None) -> str:
    lasts, expires, decide_by = v.get("hold"), v.get("expires_after"), v.get("decide_by")
    return words.say(
        "step.hold",
        until=words.time(v["until"]),
        hold="" if lasts is None else words.say("step.hold.for", hold=words.duration(lasts)),
        expires="" if expires is None else words.say("step.hold.expires", expires_after=words.duration(expires)),
        decide="" if decide_by is None else words.say("step.hold.decide", at=words.time(decide_by)),
        item=words.part("step.hold.item", of="item" in v, item=v.get("item")),
    )


def _route(words: Catalogue, v: Values, _: str | None) -> str:
    why = [words.word("routed_by", each) for each in v["why"]]
    return words.say(
        "step.route",
        route=v["route"],
        place=v["place"],
        table=v["table"][:12],
        role=words.word("routes.role", v["role"]),
        days=words.count("step.route.within", v["days"]),
        fallback=v["fallback"],
        why=words.say("step.route.why", why=words.listed(why)) if why else words.say("step.route.rest"),
    )


def _routed(words: Catalogue, v: Values, _: str | None) -> str:
    which = {"item": v["item"], "route": v["route"], "fallback": v["fallback"]}
    return words.say("step.routed", **which, role=words.word("routes.role", v["role"]), since=words.time(v["from"]))


def _by(v: Values) -> dict[str, Any]:
    return {"member": v["by"], "reason": v["reason"]}


def _standing_terms(words: Catalogue, v: Values, _: str | None) -> str:
    return words.say(
        "step.standing_terms",
        kind=words.word("standing_kind", v["kind"]),
        side=words.word("standing_side", v["side"] or "any"),
        rail=v["rail"],
        until=words.time(v["until"]),
        who=words.listed(v["granted_by"]),
        hash=v["sha256"][:12],
        **_of_unit(words, v, "per_reward", "per_beneficiary", "in_all"),
    )


def _standing_waits(words: Catalogue, v: Values, _: str | None) -> str:
    """Why a standing approval did not cover a reward: ``core.standing.WHYS``."""
    figures = dict(v)
    figures |= {name: words.money(v[name], v["unit"]) for name in ("used", "amount", "most") if name in v}
    for name in ("at", "last_at"):
        if name in v:
            figures[name] = words.time(v[name])
    if "lacks" in v:
        figures["lacks"] = words.listed([words.word("evidence", piece) for piece in v["lacks"]])
    return words.say(
        "step.standing_waits", standing=v["standing"], why=words.say(f"standing_why.{v['why']}", **figures)
    )


def _gate(words: Catalogue, v: Values, _: str | None) -> str:
    """One thing that the gate looked at: ``core.launching.ITEMS``."""
    figures = {name: value if value is not None else "" for name, value in v.items() if name not in ("item", "why")}
    for name in ("could", "authors"):
        if name in v:
            figures[name] = words.listed(v[name])
    if "measures" in v:
        figures["measures"] = words.listed([words.word("measure", code) for code in v["measures"]])
    if v.get("heard") is not None:
        figures["heard"] = words.time(v["heard"])
    return words.say(f"step.gate.{v['item']}.{v['why'] or 'ok'}", **figures)


def _stands_still(words: Catalogue, v: Values, _: str | None) -> str:
    if "feed" in v:
        return words.say("step.stands_still.feed", item=v["item"], feed=v["feed"], at=words.time(v["last_at"]))
    return words.say("step.stands_still.owner", item=v["item"], member=v["member"], program=v["program"])


def _list(words: Catalogue, v: Values, _: str | None) -> str:
    first = v.get("first")
    return words.say(
        "step.list",
        items=words.count("step.list.items", v["items"]) if "items" in v else "",
        sha256=words.part("step.list.sha256", of="sha256" in v, sha256=v.get("sha256")),
        reason=words.part("step.list.reason", of="reason" in v, reason=v.get("reason")),
        first=words.say("step.list.first", members=words.listed(first)) if first else "",
    )


def _moved(words: Catalogue, v: Values, unit: str | None) -> str:
    figures = {name: words.money(v[name], unit) for name in ("sent", "keeps")}
    if v["policy"] is None:
        return words.say("step.moved", claim=v["claim"], **figures)
    return words.say("step.moved.policy", claim=v["claim"], policy=v["policy"], **figures)


def _over_limit(words: Catalogue, v: Values, _: str | None) -> str:
    figures = {"sum": words.money(v["sum"], v["unit"]), "limit": words.money(v["limit"], v["unit"])}
    if "beneficiary" in v:
        return words.say("step.over_limit.today", beneficiary=v["beneficiary"], **figures)
    return words.say("step.over_limit", **figures)


def _item(words: Catalogue, v: Values, _: str | None) -> str:
    return _could(
        words, v, words.say("step.item", values=words.named({k: v[k] for k in v if k not in ("could", "did")}))
    )


def _could(words: Catalogue, v: Values, before: str) -> str:
    """A sentence, and who could do instead what somebody may not do after what they did."""
    if "could" not in v:
        return before
    if not v["could"]:
        return words.say("step.item.nobody", before=before)
    return words.say("step.item.could", before=before, members=words.listed(v["could"]))


def _place(words: Catalogue, v: Values, _: str | None) -> str:
    months = v["months"]
    counts = words.say("step.place.one") if months is None else words.count("step.place.months", months)
    if v["first"]:
        return words.say("step.place.first", counts=counts)
    return words.say("step.place.later", first_at=words.time(v["first_at"]), at=words.time(v["at"]), counts=counts)


def _exact(words: Catalogue, value: int | str | None, currency: str | None) -> str:
    """A part of an amount that may be a fraction of a minor unit, such as ``7/3``, to the nearest one."""
    return words.money(value if value is None else round(Fraction(value)), currency)


def _age(words: Catalogue, v: Values, _: str | None) -> str:
    first_at, at = words.time(v["first_at"]), words.time(v["at"])
    return words.count("step.age", v["months"], first_at=first_at, at=at, timezone=v["timezone"])


def _base(words: Catalogue, v: Values, unit: str | None) -> str:
    parts = {name: words.money(v[name], v.get("unit", unit)) for name in ("goods", "tax", "shipping", "amount")}
    return words.say("step.base", of=words.word("base", v["of"]), **parts)


def _parts(words: Catalogue, v: Values, unit: str | None) -> str:
    by = words.part("step.parts.goods_first", of=v["by"] == "goods_first")
    return words.say("step.parts", by=by, **{name: words.money(v[name], unit) for name in ("goods", "shipping", "tax")})


def _payments(words: Catalogue, v: Values, _: str | None) -> str:
    last = words.part("step.payments.last", of=v["last_at"] is not None, last_at=words.time(v["last_at"]))
    return words.count("step.payments", v["of"], count=v["count"], at=words.time(v["at"]), last=last)


def _price(words: Catalogue, v: Values, unit: str | None) -> str:
    currency = v["currency"]
    if "rates" in v:
        rates = [
            words.say("step.price.rate", percent=words.decimal(percent), base=_exact(words, base, currency))
            for percent, base in v["rates"]
        ]
        figure = words.listed(rates)
    elif "percent" in v:
        figure = words.say("step.price.percent", percent=words.decimal(v["percent"]))
    else:
        figure = words.say("step.price.flat", amount=words.money(v.get("flat", v.get("points")), unit))
    least, cap = v["minimum"], v.get("cap")
    return words.say(
        "step.price",
        side=words.word("side", v["side"]),
        figure=figure,
        tier=words.part("step.price.tier", of="from_kept" in v, from_kept=v.get("from_kept")),
        kept=words.part("step.price.kept", of="kept" in v, kept=v.get("kept")),
        base=_exact(words, v["base"], currency),
        refunded=words.money(v["refunded"], currency),
        minimum="" if least is None else words.say("step.price.minimum", minimum=words.money(least, currency)),
        cap=("" if cap is None else words.say("step.price.cap", cap=words.money(cap, unit)))
        + ("" if "discount" not in v else words.say("step.price.discount", discount=words.money(v["discount"], unit))),
        earns=words.money(v["earns"], unit),
    )


def _tax_form(words: Catalogue, v: Values, _: str | None) -> str:
    forms = words.listed([words.say(f"tax_form.{form}") for form in v["forms"]])
    money = {name: words.money(int(v[name]), v["unit"]) for name in ("paid", "more", "threshold") if name in v}
    told = {"jurisdiction": words.say(f"tax.{v['jurisdiction']}"), "year": v["year"], "forms": forms, **money}
    return words.say("step.tax_form" if "paid" in v else "step.tax_form.reached", **told)


def _tax_given(words: Catalogue, v: Values, _: str | None) -> str:
    said = {"form": words.say(f"tax_form.{v['form']}"), "jurisdiction": words.say(f"tax.{v['jurisdiction']}")}
    if v["until"] is None:
        return words.say("step.tax_given", **said)
    return words.say("step.tax_given.until", until=v["until"], **said)


def _payee(words: Catalogue, v: Values, _: str | None) -> str:
    said = words.count("step.payee", len(v["back_to_review"]), rail=v["rail"])
    return words.say("step.payee.differs", said=said) if v.get("payee_name") == "differs" else said


def _reason(words: Catalogue, v: Values, _: str | None) -> str:
    if "withheld" in v:
        return words.say("step.reason.withheld", withheld=words.word("withheld", v["withheld"]))
    return words.say("step.reason", reason=words.say(f"reason.{v['told']}"))


def _share(words: Catalogue, v: Values, _: str | None) -> str:
    person, numerator, denominator = v["of"][v["index"]]
    return words.count("step.share", len(v["of"]), person=person, numerator=numerator, denominator=denominator)


def _then(words: Catalogue, v: Values, _: str | None) -> str:
    if not v["could"]:
        return words.say("step.then.nobody", action=v["action"])
    return words.say("step.then", action=v["action"], could=words.listed(list(v["could"])))


def _touch(words: Catalogue, v: Values, _: str | None) -> str:
    values = {"touch": v["touch"], "at": words.time(v["at"]), "result": words.word("result", v["result"])}
    if v["typed"]:
        return words.say("step.touch.code", **values)
    if "registered" in v:
        return words.say(f"step.touch.registered.{v['registered']}", **values)
    if "window" not in v:
        return words.say("step.touch.click", **values)
    return words.say("step.touch.window", window=words.duration(v["window"]), **values)


def _winner(words: Catalogue, v: Values, _: str | None) -> str:
    values = {
        "touch": v["touch"],
        "at": words.time(v["touch_at"]),
        "rules": _rules(v),
        "customers": words.say("step.winner.new" if v["new_customers_only"] else "step.winner.all"),
    }
    if v["typed"]:
        return words.say("step.winner.code", **values)
    if "registered" in v:
        return words.say("step.winner.registered", **values)
    model = words.word("model", v["model"])
    return words.say("step.winner.click", window=words.duration(v["window"]), model=model, **values)


def _pilot(words: Catalogue, v: Values, _: str | None) -> str:
    who = pilots.said(words, v["persons"], v["ways"], v["share"])
    return words.say("step.pilot", who=who, begins=words.time(v["begins"]), ends=words.time(v["ends"]))


def _deal(words: Catalogue, v: Values, _: str | None) -> str:
    if v["status"] is None:
        return words.say("step.deal.unknown", deal=v["deal"])
    said = words.say(
        "step.deal" if v["latest"] else "step.deal.late", deal=v["deal"], status=words.word("deal", v["status"])
    )
    if v["registration"] is None:
        return words.say("step.deal.own", said=said)
    return words.say("step.deal.of", said=said, registration=v["registration"])


def _correction(words: Catalogue, v: Values, _: str | None) -> str:
    right = words.part("step.correction.puts_right", of=v["puts_right"] is not None, reward=v["puts_right"])
    document = words.part("step.correction.document", of=v["document"] is not None, document=v["document"])
    origin = words.word("origin", v["origin"])
    return words.say("step.correction", member=v["member"], origin=origin, puts_right=right, document=document)


def _arrival(words: Catalogue, v: Values, _: str | None) -> str:
    said = words.say(
        "step.arrival",
        amount=words.money(v["amount"], v["unit"]),
        was=words.word("status", v["was"]),
        first=words.listed(v["first"]),
    )
    return said + words.part("step.arrival.twice", of=bool(v["twice"]), twice=words.money(v["twice"], v["unit"]))


def _firm(words: Catalogue, v: Values, code: str) -> str:
    times = {name: words.time(v[name]) for name in ("since", "lead_at")}
    return words.say(f"step.{code}", **times, by=words.word("sign", v["by"]))


def _conflict(words: Catalogue, v: Values, _: str | None) -> str:
    return _conflicts(words, v["kind"], v["by"], v["sure"], v["subject"], v["since"])


def conflict(kind: str, by: str, sure: str, subject: str, since: int, language: str | None = None) -> str:
    """Return a conflict of a registration (``core.deals``) as a sentence."""
    return _conflicts(catalogue(language), kind, by, sure, subject, since)


def payee_check(evidence: Values, language: str | None = None) -> str:
    """Return what a bank answered about the name of a payee (``core.payees``), as a sentence."""
    return _payee_check(catalogue(language), evidence, None)


def bank_line(evidence: Values, language: str | None = None) -> str:
    """Return what a bank said and how it differs (``core.statements``), as sentences."""
    return _flag(catalogue(language), {"code": "bank_line", **evidence}, None)


def match(by: str, friend: str, advocate: str, language: str | None = None) -> str:
    """Return by what a record of a CRM may be somebody's who was recommended (``core.crm``), as a sentence."""
    return catalogue(language).say(f"match.{by}", friend=friend, advocate=advocate)


def _conflicts(words: Catalogue, kind: str, by: str, sure: str, subject: str, since: int) -> str:
    said = {"by": words.say(f"conflict_by.{by}"), "sure": words.say(f"conflict_sure.{sure}")}
    if kind == "existing_customer" and by != "contact":
        kind = "company_customer"
    return words.say(f"step.conflict.{kind}", subject=subject, since=words.time(since), **said)


def _protection(words: Catalogue, v: Values, _: str | None) -> str:
    if v["until"] is None:
        return words.count("step.protection.days", v["most"], days=v["days"])
    return words.say("step.protection", since=words.time(v["since"]), until=words.time(v["until"]))


def _of_unit(words: Catalogue, v: Values, *names: str) -> dict[str, str]:
    """Figures of a step that names their unit itself."""
    return {name: words.money(v[name], v["unit"]) for name in names}


def _answered(words: Catalogue, values: Values, _: str | None) -> str:
    since = values["decided_since"] or values["first_since"]
    return words.say("step.answered.again") if since is None else words.say("step.answered", since=words.time(since))


#: code of a step -> its sentence for finance
STEPS: dict[str, Teller] = {
    "action": _named("step.action"),
    "age": _age,
    "agreed": _agreed,
    "agreed_times": lambda w, v, _: w.say("step.agreed_times", during=_during(w, v), now=w.time(v["now"])),
    "agreement": _agreement,
    "amended": lambda w, v, _: w.say(
        "step.amended", amendment=v["amendment"], **{name: w.money(v[name], v["unit"]) for name in ("was", "now")}
    ),
    "advocate": lambda w, v, _: w.say("step.advocate", status=w.word("status", v["status"])),
    "appeal": _appeal,
    "audit": lambda w, v, _: w.say(
        "step.audit", items=v["items"], month=v["month"], findings=v["findings"], hash=v["sha256"][:12]
    ),
    "balance": lambda w, v, _: w.say("step.balance", **_of_unit(w, v, "balance", "amount")),
    "base": _base,
    "bound": lambda w, v, _: w.say("step.bound", referral=v["referral"], program=v["program"]),
    "budget": lambda w, v, _: w.say(
        "step.budget", **{name: w.money(v[name], v["unit"]) for name in ("budget", "spent", "amount")}
    ),
    "alone": lambda w, v, _: w.say("step.alone", **{name: w.money(v[name], v["unit"]) for name in ("sum", "limit")}),
    "budget_left": lambda w, v, _: w.say(
        "step.budget_left", **{name: w.money(v[name], v["unit"]) for name in ("budget", "spent", "amount")}
    ),
    "arrival": _arrival,
    "canceled": lambda w, v, _: w.say("step.canceled", conversion=v["conversion"]),
    "by_claim": lambda w, v, _: w.say("step.by_claim", claim=v["claim"]),
    "by_decision": lambda w, v, _: w.say("step.by_decision", claim=v["claim"]),
    "case": _named("step.case"),
    "instant": lambda w, v, unit: w.say(
        "step.instant" if v["amount"] <= v["most"] else "step.instant.not",
        amount=w.money(v["amount"], unit),
        most=w.money(v["most"], unit),
    ),
    "ceiling": lambda w, v, unit: w.say("step.ceiling", left=w.money(v["left"], unit)),
    "change": _named("step.change"),
    "changed": _named("step.changed"),
    "charged": lambda w, v, _: w.say("step.charged", amount=w.money(v["amount"], v["unit"])),
    "claim": _named("step.claim"),
    "conflict": _conflict,
    "deal": _deal,
    "declined": lambda w, v, _: w.say("step.declined", reason=w.word("decline", v["reason"])),
    "dispute": lambda w, v, _: w.say(
        "step.dispute.data" if v["reason"] in ("data", "erasure") else "step.dispute",
        case=v["case"],
        of=v["of"],
        reason=w.say(f"portal.say.reason.{v['reason']}"),
    ),
    "answered": _answered,
    "disputed": lambda w, v, _: w.say("step.disputed", count=v["count"], most=v["most"]),
    "said": lambda w, v, _: w.say("step.said", today=v["today"], most=v["most"]),
    "message": lambda w, v, _: w.say("step.message", side=w.word("deal_side", v["side"])),
    "protection": _protection,
    "registrations": lambda w, v, _: w.say("step.registrations", most=v["most"]),
    "consent_missing": lambda w, v, _: w.say("step.consent_missing", purpose=v["purpose"]),
    "enrolled_by": lambda w, v, _: w.say("step.enrolled_by", **{k: v[k] for k in ("on", "order", "number", "nth")}),
    "consents": lambda w, v, _: w.say("step.consents", most=v["most"]),
    "claims": lambda w, v, _: w.say("step.claims", open=v["open"], most=v["most"]),
    "contested": lambda w, v, _: w.say("step.contested", item=v["item"], claim=v["claim"]),
    "clamped": lambda w, v, _: w.say(
        "step.clamped",
        refund=v["refund"],
        case=v["case"],
        **{name: w.money(v[name], v["unit"]) for name in ("asked", "rest")},
    ),
    "clock": lambda w, v, _: w.say("step.clock", to=w.time(v["to"])),
    "code": _code,
    "condition": _condition,
    "confidence": _confidence,
    "conversion_name": lambda w, v, _: w.say("step.conversion_name", name=v["name"]),
    "conversion_window": lambda w, v, _: w.say(
        "step.conversion_window", lead_at=w.time(v["lead_at"]), at=w.time(v["at"]), window=w.duration(v["window"])
    ),
    "correction": _correction,
    "corrections": lambda w, v, _: w.say("step.corrections", most=v["most"]),
    "currencies": lambda w, v, _: w.say("step.currencies", refund=v["refund"], currency=v["currency"], of=v["of"]),
    "currency": _currency,
    "by_code": lambda w, v, _: w.say("step.by_code", payout=v["payout"]),
    "codes": lambda w, v, _: w.say("step.codes", **v),
    "bank_line": _bank_line,
    "payee_check": _payee_check,
    "codes_awaited": lambda w, v, _: w.say("step.codes_awaited", **_of_unit(w, v, "amount")),
    "drawn": lambda w, v, _: w.say("step.drawn", lot=v["lot"], **_of_unit(w, v, "amount")),
    "due": lambda w, v, _: w.count("step.due", v["count"], amount=w.money(v["amount"], v["unit"]), day=w.time(v["at"])),
    "entered": lambda w, v, _: _could(w, v, w.say("step.entered", item=v["item"], beneficiary=v["beneficiary"])),
    "equal": lambda w, v, _: w.say("step.equal", person=v["person"], key=w.word("key", v["key"])),
    "company": lambda w, v, _: _firm(w, v, "company"),
    "company_deal": lambda w, v, _: _firm(w, v, "company_deal"),
    "existing": lambda w, v, _: w.say(
        "step.existing", **{name: w.time(v[name]) for name in ("first_conversion_at", "known_since", "lead_at")}
    ),
    "expired": lambda w, v, _: w.say("step.expired", **_of_unit(w, v, "amount")),
    "expires": lambda w, v, _: w.say("step.expires", at=w.time(v["at"])),
    "first": _named("step.first"),
    "became": lambda w, v, _: w.say("step.became", member=v["member"], became=v["became"]),
    "first_gone": lambda w, v, _: w.say("step.first_gone", member=v["member"]),
    "feed": lambda w, v, _: w.say("step.feed", feed=v["feed"], at=w.time(v["last_at"])),
    "flag": _flag,
    "gate": _gate,
    "forgotten": lambda w, v, _: w.count("step.forgotten", v["orders"], newest=v["newest"]),
    "given_back": lambda w, v, _: _until(w, "step.given_back", v, lot=v["lot"], **_of_unit(w, v, "amount")),
    "held": lambda w, v, _: w.say("step.held", **_of_unit(w, v, "amount")),
    "hold": _hold,
    "imported": lambda w, v, _: w.say("step.imported", lead_at=w.time(v["lead_at"]), rules=_rules(v)),
    "imported_place": lambda w, v, _: w.say("step.imported_place", name=v["name"], at=w.time(v["at"])),
    "item": _item,
    "last_owner": lambda w, v, _: w.say("step.last_owner", member=v["member"]),
    "lead": lambda w, v, _: w.say("step.lead", at=w.time(v["at"])),
    "assigned": lambda w, v, _: w.say(
        "step.assigned" if v["member"] else "step.assigned.nobody", member=v["member"], due=w.time(v["due_at"])
    ),
    "snoozed": lambda w, v, _: w.say(
        "step.snoozed" if v["until"] else "step.snoozed.back",
        until=w.time(v["until"]),
        reason=v["reason"],
        due=w.time(v["due_at"]),
    ),
    "evidence": lambda w, v, _: w.say("step.evidence", item=v["item"], flags=w.listed(v["flags"])),
    "looked": _looked,
    "lacks": lambda w, v, _: w.say(
        "step.lacks", item=v["item"], lacks=w.listed([w.word("evidence", piece) for piece in v["lacks"]])
    ),
    "left_out": lambda w, v, unit: w.say("step.left_out", was=w.money(v["was"], unit), rewards=w.listed(v["rewards"])),
    "given_up": lambda w, _, __: w.say("step.given_up"),
    "left": lambda w, v, _: w.count("step.left", len(v["programs"])),
    "let_off": lambda w, v, _: w.say("step.let_off", amount=w.money(v["amount"], v["unit"])),
    "limit": lambda w, v, _: w.count(
        "step.limit", v["count"], used=v["used"], per=w.word("per", v["per"]), period=v["period"]
    ),
    "limit_amount": lambda w, v, _: w.say(
        "step.limit_amount",
        amount=w.money(v["amount"], v["unit"]),
        per=w.word("per", v["per"]),
        period=v["period"],
        left=w.money(v["left"], v["unit"]),
    ),
    "lines": lambda w, v, unit: w.say("step.lines", eligible=_exact(w, v["eligible"], unit), of=w.money(v["of"], unit)),
    "list": _list,
    "lot": lambda w, v, _: _until(w, "step.lot", v, lot=v["lot"], payout=v["payout"]),
    "shared": lambda w, v, _: (
        w.say("step.shared", **v) if v["text"] is not None else w.say("step.shared.own", channel=v["channel"])
    ),
    "alike": lambda w, v, _: w.say("step.alike", **v),
    "viewed": lambda w, v, _: w.say("step.viewed", day=w.day(v["day"] * DAY), opened=v["opened"]),
    "looks_like": lambda w, v, _: w.say("step.looks_like", code=v["code"]),
    "joined": lambda w, v, _: w.say("step.joined", person=v["person"], key=w.word("key", v["key"])),
    "merged": lambda w, v, _: w.count(
        "step.merged", v["rewards"], gone=v["gone"], orders=v["orders"], codes=v["codes"], voided=len(v["voided"])
    ),
    "minimum": lambda w, v, _: w.say(
        "step.minimum", **{name: w.money(v[name], v["unit"]) for name in ("amount", "minimum")}
    ),
    "misrouted": lambda w, v, _: w.say("step.misrouted", path=v["path"], expected=w.word("misrouted", v["expected"])),
    "moved": _moved,
    "moved_from": lambda w, v, _: w.count("step.moved_from", v["reversed"], referral=v["referral"]),
    "open": lambda w, v, _: w.count("step.open", v["rewards"], item=v["item"], status=w.word("status", v["status"])),
    "opened": lambda w, v, _: w.say("step.opened", reference=v["reference"], amount=w.money(v["amount"], v["unit"])),
    "over_limit": _over_limit,
    "overtaken": lambda w, v, _: w.say("step.overtaken", referral=v["referral"]),
    "owed": lambda w, v, _: w.say(
        "step.owed", item=v["item"], **{name: w.money(v[name], v["unit"]) for name in ("amount", "owed")}
    ),
    "owed_twice": lambda w, v, _: w.say("step.owed_twice", payout=v["payout"], **_of_unit(w, v, "amount")),
    "own_account": _named("step.own_account"),
    "own_draft": lambda w, v, _: w.say(
        "step.own_draft.schedule" if v.get("schedule") else "step.own_draft", item=v["item"], member=v["member"]
    ),
    "own": lambda w, v, _: w.say("step.own", touch=v["touch"]),
    "parts": _parts,
    "payee": _payee,
    "payee_entering": lambda w, v, _: w.say("step.payee_entering", rail=v["rail"], until=w.time(v["until"])),
    "tax_form": _tax_form,
    "tax_form_until": lambda w, v, _: w.say(
        "step.tax_form_until", form=w.say(f"tax_form.{v['form']}"), until=v["until"]
    ),
    "tax_given": _tax_given,
    "payout": lambda w, v, unit: w.count(
        "step.payout", v["rewards"], **{name: w.money(v[name], unit) for name in ("sum", "netted", "minimum")}
    ),
    "payments": _payments,
    "pilot": _pilot,
    "pilot_ends": lambda w, v, _: w.say("step.pilot_ends", ends=w.time(v["ends"])),
    "pilot_report": lambda w, v, _: w.say("step.pilot_report", hash=v["sha256"][:12], through=v["through"]),
    "pilot_state": lambda w, v, _: w.say("step.pilot_state", why=w.word("pilot_state", v["status"])),
    "pilot_wrong": lambda w, v, _: w.say("step.pilot_wrong", why=w.word("pilot_wrong", v["what"])),
    "place": _place,
    "place_paid": lambda w, v, _: w.say("step.place_paid", conversion=v["conversion"]),
    "not_booked": lambda w, v, _: w.say(
        f"step.not_booked.{'less' if v['amount'] > 0 else 'more'}", amount=w.money(abs(v["amount"]), v["unit"])
    ),
    "off_again": lambda w, v, _: w.say("step.off_again", **_of_unit(w, v, "amount")),
    "offer": lambda w, v, _: w.say(
        "step.offer", referral=v["referral"], amounts=_amounts(w, v["amounts"]), until=w.time(v["until"])
    ),
    "offer_ended": lambda w, v, _: w.say(f"step.offer_ended.{v['reason']}", until=w.time(v["until"])),
    "offer_named": _order_of_offer("step.offer_named"),
    "offer_order": _order_of_offer("step.offer_order"),
    "offer_times": lambda w, v, _: w.say(
        "step.offer_times", on=v["on"], **{name: w.time(v[name]) for name in ("lead_at", "until")}
    ),
    "price": _price,
    "problem": _named("step.problem"),
    "reason": _reason,
    "recommended": _recommended,
    "redeemed": lambda w, v, _: (
        w.say("step.redeemed", **_of_unit(w, v, "balance"))
        if v["order"] is None
        else w.say("step.redeemed.order", order=v["order"], **_of_unit(w, v, "balance"))
    ),
    "refund": lambda w, v, _: w.say("step.refund", refund=v["refund"]),
    "refunded": lambda w, v, unit: w.say(
        "step.refunded", **{name: w.money(v[name], unit) for name in ("amount", "refunded", "of")}
    ),
    "rest": lambda w, v, _: w.say(
        "step.rest", refund=v["refund"], **{name: w.money(v[name], v["unit"]) for name in ("amount", "rest")}
    ),
    "returned": lambda w, v, _: w.say("step.returned", refund=v["refund"], amount=w.money(v["amount"], v["unit"])),
    "reversed": lambda w, v, _: w.say("step.reversed", reversal=v["reversal"], **_of_unit(w, v, "rest")),
    "reversible": lambda w, v, _: w.say("step.reversible", **_of_unit(w, v, "rest", "amount")),
    "role": lambda w, v, _: w.say("step.role", role=v["role"]),
    "route": _route,
    "route_limits": lambda w, v, _: " ".join(
        w.say(f"step.route_limits.{name}", amount=w.money(v[name], v["unit"])) for name in LIMITS if name in v
    ),
    "route_per_advocate": lambda w, v, _: w.say(
        "step.route_per_advocate",
        route=v["route"],
        beneficiary=v["beneficiary"],
        **{name: w.money(v[name], v["unit"]) for name in ("sum", "limit")},
    ),
    "route_two_above": lambda w, v, _: w.say(
        "step.route_two_above",
        route=v["route"],
        item=v["item"],
        **{name: w.money(v[name], v["unit"]) for name in ("amount", "limit")},
    ),
    "routed": _routed,
    "said_again": lambda w, v, _: w.say(
        "step.said_again", refund=v["refund"], case=v["case"], **{n: w.money(v[n], v["unit"]) for n in ("was", "now")}
    ),
    "said_before": lambda w, v, _: w.say("step.said_before", first=v["first"], **_of_unit(w, v, "amount")),
    "same_person": lambda w, v, _: w.say("step.same_person", key=w.word("key", v["key"])),
    "settled": _named("step.settled"),
    "share": _share,
    "shares": lambda w, v, _: w.say("step.shares", of=w.listed([f"{p} {n}/{d}" for p, n, d in v["of"]])),
    "short": lambda w, v, _: w.say(
        "step.short", program=v["program"], **{name: w.money(v[name], v["unit"]) for name in ("sum", "minimum")}
    ),
    "standing": lambda w, v, _: w.say(
        "step.standing",
        standing=v["standing"],
        hash=v["sha256"][:12],
        who=w.listed(v["granted_by"]),
        until=w.time(v["until"]),
        payout=v["payout"],
        rail=v["rail"],
    ),
    "standing_held": lambda w, v, _: w.say("step.standing_held", standing=v["standing"], until=w.time(v["until"])),
    "standing_left": lambda w, v, _: w.say(
        "step.standing_left", **_of_unit(w, v, "per_reward", "per_beneficiary", "in_all")
    ),
    "standing_most": lambda w, v, _: w.say("step.standing_most", most=v["most"], kept=v["kept"]),
    "stands_still": _stands_still,
    "standing_stopped": lambda w, v, _: w.count(
        "step.standing_stopped",
        v["count"],
        why=w.word("standing_stop", v["reason"]) if v["by"] is None else w.say("step.standing_stopped.by", **_by(v)),
        **_of_unit(w, v, "used"),
    ),
    "standing_terms": _standing_terms,
    "standing_waits": _standing_waits,
    "standing_wrong": lambda w, v, _: w.say(
        "step.standing_wrong", path=v["path"], expected=w.word("standing_wrong", v["expected"])
    ),
    "author": lambda w, v, _: w.say("step.author", member=v["member"]),
    "status": _named("step.status"),
    "still_owed": lambda w, v, _: w.say(
        "step.still_owed", **{name: w.money(v[name], v["unit"]) for name in ("owed", "amount")}
    ),
    "handed_out": lambda w, v, _: w.count(
        "step.handed_out", v["payouts"], form=v["form"], times=v["times"], digest=v["digest"]
    ),
    "run": lambda w, v, _: w.count("step.run", v["payouts"], at=w.time(v["at"]), next_at=w.time(v["next_at"])),
    "schedule": lambda w, v, _: w.say(
        "step.schedule",
        **{name: v[name] for name in ("rail", "unit")},
        days=schedules.told(w, v["every"], v["on"], v["hour"], v["timezone"]),
        next_at=w.time(v["next_at"]),
    ),
    "letter": lambda w, v, _: w.say("step.letter", topic=w.word("topic", v["topic"]), trigger=v["trigger"]),
    "message_until": lambda w, v, _: w.say(f"step.message_until.{v['why']}", until=w.time(v["until"])),
    "message_reason": lambda w, v, _: w.say("step.message_reason", reason=v["reason"]),
    "bounce": lambda w, v, _: w.say(f"step.bounce.{'hard' if v['hard'] else 'soft'}", in_a_row=v["in_a_row"]),
    "topics": lambda w, v, _: w.say(f"step.topics.{'all' if v['all'] else 'one'}"),
    "messages_were": lambda w, v, _: w.say(
        "step.messages_were",
        stopped=v["stopped"] or "–",
        off=w.listed([w.word("topic", it) for it in v["off"]]) if v["off"] else "–",
        reason=v["reason"],
    ),
    "messages_chosen": lambda w, v, _: w.say(
        f"step.messages_chosen{'.none' if v['none'] else '' if v['off'] else '.all'}",
        **({"off": w.listed([w.word("topic", it) for it in v["off"]])} if v["off"] and not v["none"] else {}),
    ),
    "satisfaction": lambda w, v, _: w.say("step.satisfaction", score=v["score"]),
    "statement": lambda w, v, _: w.say(
        "step.statement",
        form=v["form"],
        **{name: v[name] for name in ("lines", "matched", "differing", "unknown", "others")},
    ),
    "stock": lambda w, v, _: w.say("step.stock", name=v["name"], size=v["size"], **_of_unit(w, v, "amount")),
    "stopped": lambda w, v, _: w.say("step.stopped", **_of_unit(w, v, "amount")),
    "sum": lambda w, v, _: w.say("step.sum", **{name: w.money(v[name], v["unit"]) for name in ("sum", "minimum")}),
    "table": lambda w, v, _: w.say("step.table", table=v["table"][:12], since=w.time(v["from"])),
    "taken_off": lambda w, v, _: w.say("step.taken_off", payout=v["payout"]),
    "terms": lambda w, v, _: w.say(
        "step.terms", conversion=v["conversion"], at=w.time(v["at"]), referral=v["referral"], rules=_rules(v)
    ),
    "then": _then,
    "times": lambda w, v, _: w.say("step.times", at=w.time(v["at"]), accepted_at=w.time(v["accepted_at"])),
    "touch": _touch,
    "two_say": lambda w, v, _: w.say("step.two_say", item=v["item"]),
    "two_people_over": lambda w, v, _: w.say(
        "step.two_people_over", item=v["item"], **{name: w.money(v[name], v["unit"]) for name in ("amount", "limit")}
    ),
    "versions": lambda w, v, _: w.say("step.versions", most=v["most"]),
    "version": _version,
    "was": lambda w, v, unit: w.say(
        "step.was", amount=w.money(v["amount"], unit), status=w.word("status", v["status"]), rules=_rules(v)
    ),
    "winner": _winner,
    "withheld": lambda w, v, _: w.say("step.withheld", item=v["item"], amount=w.money(v["amount"], v["unit"])),
}


def step_sentence(step: Step, unit: str | None, language: str | None = None) -> str:
    """Return one step for finance; ``unit`` is that of the verdict it stands in."""
    return STEPS[step.code](catalogue(language), step.values, unit)
