"""Works a verdict out again from its explanation alone. It imports nothing of the product: what it needs must stand in the steps.

``recompute(verdict)`` takes a verdict as it is written in the log and gives (refusal or None, amount or None). A long list of a
condition stands in the version of the rules that the steps name: ``lists_of`` reads it there.
"""

import calendar
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

Values = dict[str, Any]
Result = tuple[str | None, int | None]
Lists = dict[str, list[str]]
FIVE_MINUTES = 5 * 60 * 1_000_000
UNITS = {"m": 60 * 1_000_000, "h": 3_600 * 1_000_000, "d": 86_400 * 1_000_000}
#: Of several reasons against the touches of a lead the first of these is given.
TOUCHES = (
    "program_not_live", "program_not_active", "unknown_code", "bot_touch", "advocate_not_enrolled", "advocate_not_active",
    "terms_missing", "outside_pilot", "outside_window", "no_touch",
)  # fmt: skip


def recompute(verdict: Values, lists: Lists | None = None) -> Result:
    """Refusal and amount, from the steps; AssertionError where the steps contradict themselves."""
    steps = verdict.get("steps", [])
    for code, values in steps:
        if code == "still_owed":
            return None, values["owed"] - values["amount"]
        if code == "expired":  # of what was delivered as credit, which costs nothing any more
            return None, -values["amount"]
    if verdict["about"] == "attribution":
        return attribution(steps)
    return reward(steps, lists or {}, raised=verdict.get("outcome") in ("restored", "shared"))


def lists_of(rules: Values) -> Lists:
    """The lists of a version of the rules, by the first 16 digits of the SHA-256 of their members, each with a line feed."""
    conditions = [one for conversion in rules["conversions"] for one in conversion.get("conditions", ())]
    lists = [one["any_of"] for one in conditions if "any_of" in one]
    return {sha256("".join(f"{each}\n" for each in any_of).encode()).hexdigest()[:16]: any_of for any_of in lists}


def duration(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]]


def attribution(steps: list[Any]) -> Result:
    said = dict(map(tuple, steps))
    if "imported" in said:
        return "already_bound" if "bound" in said else None, None
    touches = [values for code, values in steps if code == "touch"]
    if "by_decision" in said and not touches:  # what somebody is told whom the decision of a claim concerns
        return None, None
    for touch in touches:
        if "window" in touch:
            lead = said["lead"]["at"]
            latest = lead + (FIVE_MINUTES if touch.get("named") else 0)
            inside = lead - duration(touch["window"]) < touch["at"] <= latest
            assert inside or touch["result"] != "counts", "counts outside its window"
            assert not inside or touch["result"] != "outside_window", "outside a window that it lies in"
    if said.get("lead", {}).get("unverified"):
        return "unverified_lead", None
    counting = [touch for touch in touches if touch["result"] == "counts"]
    if not counting:
        return min([touch["result"] for touch in touches] or ["no_touch"], key=TOUCHES.index), None
    if "own" in said:
        return "self_referral", None
    if "bound" in said:
        return "already_bound", None
    if "by_decision" in said:
        return "decided_nobodys", None
    if "existing" in said:
        first, known, lead = (said["existing"][name] for name in ("first_conversion_at", "known_since", "lead_at"))
        assert (first is not None and first < lead - FIVE_MINUTES) or (known is not None and known < lead)
        return "existing_customer", None
    if "company" in said:
        assert said["company"]["since"] < said["company"]["lead_at"] - FIVE_MINUTES
        assert said["company"]["by"] in ("company", "domain"), "refused by a mere hint"
        return "existing_customer", None
    winner, typed = said["winner"], [touch for touch in counting if touch["typed"]]
    clicks = sorted(counting, key=lambda touch: touch["at"])
    expected = typed[-1] if typed else clicks[-1 if winner["model"] == "last" else 0]
    assert winner["touch"] == expected["touch"]
    return None, None


def reward(steps: list[Any], lists: Lists, *, raised: bool) -> Result:  # noqa: PLR0912 - one branch a step
    amount = before = None
    if not steps or steps[0][0] == "equal":  # nobody brought whom they are equal to, either, until somebody says so
        return "not_referred", None
    for code, v in steps:
        match code:
            case "was":
                amount = before = v["amount"]
            case "amended" | "returned":  # what lets an amount rise
                amount = None
            case "canceled":
                amount = 0
            case "ceiling":
                amount = min(amount, v["left"])
            case "budget_left":
                assert v["spent"] + v["amount"] > v["budget"], "the budget has room"
                amount = before
            case "price":
                check_base(dict(map(tuple, steps)), v)
                amount = price(v) if amount is None or raised else min(amount, price(v))
                whole = price(v)
            case "share":
                part = split(whole, v["of"])[v["index"]]
                amount = part if amount == whole else min(amount, part)
            case "moved":
                amount = v["keeps"]
            case "opened" | "taken_off":
                amount = v["amount"]
            case "let_off":
                amount = -v["amount"]
            case "own_account":
                amount = 0
            case "limit_amount" if v["left"]:
                amount = min(amount, v["left"])
            case "instant":
                assert v["amount"] == amount
                assert v["amount"] > v["most"] or v["hold"] == "0d"
            case "hold":
                at = dict(map(tuple, steps))["terms"]["at"]
                assert v["until"] == at + duration(v["hold"])
        refusal = against(code, v, lists)
        if refusal is not None:
            return refusal, None
    return None, amount


def check_base(said: dict[str, Any], price: Values) -> None:
    """Whether a price is of the base that the steps before it say, and by the figures of the customer's age."""
    if "age" in said:
        first_at, months, zone = (said["age"][name] for name in ("first_at", "months", "timezone"))
        assert said["age"]["at"] >= later(first_at, months, zone), "too young for these figures"
    base = price.get("net")
    if "base" in said:
        parts = said["base"]
        included = {"goods": 0, "with_tax": parts["tax"], "with_shipping": parts["shipping"]}
        base = parts["goods"] + included.get(parts["of"], parts["tax"] + parts["shipping"])
        assert base == parts["amount"], "the parts of the base do not sum to it"
    if "lines" in said:
        share = said["lines"]
        base = Fraction(base * Fraction(share["eligible"]), share["of"]) if share["of"] else 0
    assert base is None or Fraction(price["base"]) == base, "another base than the steps say"


def against(code: str, v: Values, lists: Lists) -> str | None:  # noqa: PLR0912 - one branch a step
    match code:
        case "status":
            return "program_ended" if v["status"] == "ended" else None
        case "charged":
            return "nothing_paid" if v["amount"] == 0 else None
        case "same_person":
            return "self_referral"
        case "conversion_name":
            return "conversion_not_offered"
        case "conversion_window" if v["at"] < v["lead_at"] - FIVE_MINUTES:
            return "before_lead"
        case "conversion_window" if v["window"] and v["at"] >= v["lead_at"] + duration(v["window"]):
            return "outside_conversion_window"
        case "currency":
            return "currency_not_offered"
        case "minimum":
            return "below_minimum" if v["amount"] < v["minimum"] else None
        case "condition":
            assert holds(v, lists) is v["holds"]
            return None if v["holds"] else "condition_not_met"
        case "place" if not v["first"]:
            if v["at"] < v["first_at"] or v["months"] is None:
                return "not_first"
            return "recurring_ended" if v["at"] >= later(v["first_at"], v["months"], v["timezone"]) else None
        case "payments" if v["last_at"] is not None and v["count"] >= v["of"]:
            return "not_first" if v["at"] < v["last_at"] else "recurring_ended"
        case "settled":
            return "settled_elsewhere"
        case "advocate":
            return "beneficiary_not_active"
        case "limit":
            return "count_cap_reached" if v["used"] >= v["count"] else None
        case "limit_amount":
            return None if v["left"] else "amount_cap_reached"
        case "budget":
            return "budget_exhausted" if v["spent"] + v["amount"] > v["budget"] else None
    return None


def price(v: Values) -> int:
    earns = v.get("flat", v.get("points"))
    rates = v["rates"] if "rates" in v else [[v["percent"], v["base"]]] if "percent" in v else None
    if rates is not None:
        exact = sum((Fraction(base) * Fraction(percent) / 100 for percent, base in rates), Fraction())
        assert sum(Fraction(base) for _, base in rates) == Fraction(v["base"]), "the rates are of another base"
        floor, rest = divmod(exact.numerator, exact.denominator)
        earns = floor + (2 * rest > exact.denominator or (2 * rest == exact.denominator and floor % 2))
    if "cap" in v:
        earns = min(earns, v["cap"])
    if "discount" in v:
        earns = min(earns, v["discount"])
    left = v.get("net", v["base"])
    too_little = (v["refunded"] or v.get("amended")) and (
        v["base"] == 0 or (v["minimum"] is not None and left < v["minimum"])
    )
    assert v["earns"] == (0 if too_little else earns)
    return v["earns"]


def split(whole: int, owners: list[Any]) -> list[int]:
    exact = [Fraction(whole * numerator, denominator) for _, numerator, denominator in owners]
    parts = [part.numerator // part.denominator for part in exact]
    order = sorted(range(len(owners)), key=lambda i: (parts[i] - exact[i], owners[i][0]))
    for i in order[: whole - sum(parts)]:
        parts[i] += 1
    return parts


def holds(v: Values, lists: Lists) -> bool:
    members = lists[v["list"]] if "list" in v else v.get("any_of", [])
    assert v.get("size", len(members)) == len(members)
    match v["kind"]:
        case "country":
            return v["country"] is not None and (v["country"] in members) is not v["negate"]
        case "amount":
            low, high = v.get("at_least"), v.get("below")
            named = v["amount"] is not None and (low is not None or high is not None)
            return named and (low is None or v["amount"] >= low) and (high is None or v["amount"] < high)
        case "trait" if v["equals"] is not None:
            return type(v["value"]) is type(v["equals"]) and v["value"] == v["equals"]
        case "trait":
            return type(v["value"]) is int and v["value"] >= v["at_least"]
        case "customer":
            return v["new"] is v["asked"]
        case _:
            assert set(v["found"]) <= set(members)
            return bool(v["found"])


def later(at: int, months: int, zone: str) -> int:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    month = local.month - 1 + months
    year, month = local.year + month // 12, month % 12 + 1
    moved = local.replace(year=year, month=month, day=min(local.day, calendar.monthrange(year, month)[1]))
    return (moved - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
