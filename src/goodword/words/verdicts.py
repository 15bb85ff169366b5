"""From the codes of a verdict to sentences: one for the beneficiary, one for finance, one for each step.

The beneficiary is told what happened, why, and what comes next, plainly: never another person's data, and never a figure that would
help somebody to stay just below it. Finance is told everything. Sentences are rendered on reading and stand in no digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from goodword.core import calendar, money
from goodword.core.decision import Step, Verdict
from goodword.core.refusals import Refusal

Values = Mapping[str, Any]


class Explained(Struct, frozen=True, kw_only=True):
    """``steps``: (code, sentence for finance), in the order in which they were taken."""

    beneficiary: str
    finance: str
    steps: list[tuple[str, str]]


def sentences(verdict: Verdict) -> Explained:
    """A verdict in words. Pure: the same verdict reads the same for ever under one version of this file."""
    steps = [(step.code, step_sentence(step, verdict.unit)) for step in verdict.steps]
    return Explained(beneficiary=_to_beneficiary(verdict), finance=_to_finance(verdict, steps), steps=steps)


# --- for the beneficiary ----------------------------------------------------------------------------------------------

_NOT_YOURS = "This is about the company's own work; it changes nothing that you earn by itself."
_LATER = "Nothing needs to be done."

#: refusal -> what the beneficiary is told. What is not here concerns people of the company only.
REFUSED: dict[str, str] = {
    "program_not_active": "The program was not taking new recommendations at that time. It may again later.",
    "already_bound": "The friend was already recommended by somebody before. The first recommendation stays.",
    "existing_customer": "The friend was a customer before the recommendation, and the program is for new customers.",
    "unknown_code": "Nobody has the code that was named. If it was mistyped, please tell us the right one.",
    "bot_touch": "The click came from a program, not from a person. A person's click counts.",
    "advocate_not_enrolled": "The recommendation was made before the advocate had joined the program.",
    "advocate_not_active": "The advocate does not take part in the program at present.",
    "terms_missing": "The terms of the program were not accepted yet. Once they are, new recommendations count.",
    "outside_window": "Too much time lay between the click and the sign-up for it to count, or they came in the wrong order.",
    "self_referral": "A recommendation of oneself does not count.",
    "unverified_lead": "The sign-up is noted. It counts once the company has confirmed who it was.",
    "no_touch": "No click and no code links the customer to an advocate. A code that was named can be told to us.",
    "not_referred": "The customer was not recommended by anybody.",
    "program_ended": "The program has ended; new orders earn nothing more.",
    "conversion_not_offered": "The program gives no reward for this.",
    "before_lead": "The order came before the recommendation.",
    "outside_conversion_window": "The order came too late after the recommendation.",
    "currency_not_offered": "The program gives no reward in this currency, or for an order without an amount.",
    "below_minimum": "The order was too small for a reward.",
    "condition_not_met": "The order does not meet the conditions of the program.",
    "not_first": "Only one order of a friend earns a reward here, and another one already has.",
    "recurring_ended": "The time in which the friend's orders earn rewards is over.",
    "beneficiary_not_active": "You do not take part in the program at present, so this order earned you nothing.",
    "count_cap_reached": "You have reached the number of rewards for this period. This one is not paid later.",
    "amount_cap_reached": "You have reached the amount of rewards for this period. This one is not paid later.",
    "budget_exhausted": "The program's means are used up for now. This reward is not paid later.",
    "test_event": "This was a test of the company and counts for nothing.",
    "person_unknown": "We do not know you in this role here.",
    "code_taken": "The code belongs to somebody else. Please choose another one.",
    "already_enrolled": "You take part already.",
    "duplicate_conversion": "This order is known already; it counts once.",
    "conversion_conflict": "This order reached us twice with different figures. A person looks at it before anything is paid.",
    "not_paid": "The order is not paid yet; it counts when it is.",
    "duplicate_refund": "This refund is known already; it counts once.",
}

#: (about, outcome) -> what the beneficiary is told
DONE: dict[tuple[str, str], str] = {
    ("event", "recorded"): f"We have noted it. {_LATER}",
    ("event", "enrolled"): "You take part in the program. Your code is ready to be passed on.",
    (
        "event",
        "suspended",
    ): "Your part in the program is suspended: what is open is looked at by a person. You can ask us why.",
    ("event", "active"): "You take part in the program again.",
    ("event", "left"): "You have left the program. What you have earned and is open is still paid.",
    ("attribution", "attributed"): "The recommendation counts. What the friend buys from now on can earn a reward.",
    ("refund", "waiting"): f"A refund arrived before its order; it is kept for it. {_LATER}",
    ("refund", "applied"): "Money was given back for the order; what it earned is worked out again.",
    (
        "refund",
        "chargeback_opened",
    ): "The payment of the order is disputed. What it earned waits until that is settled.",
    ("refund", "chargeback_kept"): "The dispute about the payment is settled; what the order earned goes on.",
    ("refund", "chargeback_lost"): "The payment of the order was taken back; what it earned is worked out again.",
    (
        "command",
        "approved",
    ): "A person has approved it. It is paid with the payout for the month of approval; if one came back, with the next.",
    ("command", "second_person_needed"): "One person has agreed; a second one looks at it before it goes on.",
    ("command", "rejected"): "A person has looked at it and declined it, with a reason. You can ask us for it.",
    (
        "command",
        "withdrawn",
    ): "It was taken back before it took effect. Where it concerns a reward, a person looks at it again.",
    ("command", "cleared"): "A person has looked at it and found nothing wrong; what waited for this goes on.",
    ("command", "confirmed"): "A person has looked at it, and what waited for this is not paid. You can ask us why.",
    ("command", "claim_opened"): "We were told that somebody else brought this friend. A person looks at it.",
    ("command", "won"): "A person has decided who brought the friend. Orders since then count for that recommendation.",
    ("command", "lost"): "A person has decided who brought the friend. Nothing changes.",
    (
        "command",
        "payee_set",
    ): "Your payment details are noted. What was approved for others is looked at again before it is paid.",
    ("command", "drafted"): "Your payout is being prepared.",
    ("command", "released"): "Your payout has been released and is on its way.",
    (
        "command",
        "canceled",
    ): "The payout was taken back before it was sent. What is in it stays yours and comes with the next one.",
    ("command", "processing"): "Your payout is being carried out.",
    ("command", "sent"): "Your payout has been sent.",
    ("command", "completed"): "Your payout has arrived.",
    (
        "command",
        "failed",
    ): "The payout could not be carried out. What is in it stays yours; a person may look at it again. "
    "Please check your payment details.",
    (
        "command",
        "returned",
    ): "The payout came back. What was in it stays yours; a person may look at it again. "
    "Please check your payment details.",
    ("command", "unknown"): "We are asking whether your payout has arrived. It is not sent a second time meanwhile.",
    (
        "command",
        "published",
    ): "The program has new rules. Recommendations made before keep the rules they were made under.",
    ("command", "active"): "The program takes new recommendations.",
    ("command", "paused"): "The program takes no new recommendations for now. Those made before go on.",
    ("command", "ended"): "The program has ended. What is earned and open goes on.",
    ("command", "member_set"): _NOT_YOURS,
    ("command", "clock_moved"): _NOT_YOURS,
    ("timer", "in_review"): "The time in which the order could be returned is over. Now a person looks at the reward.",
    ("timer", "expired"): "Nobody approved the reward within its time, so it has expired. You can ask us why.",
    (
        "timer",
        "case_open",
    ): "Somebody still looks into something about this reward. It keeps its place until that is decided.",
    ("timer", "lapsed"): "The time in which the friend's orders earn rewards is over.",
    ("timer", "nothing_to_do"): _LATER,
}


def _to_beneficiary(verdict: Verdict) -> str:
    if verdict.refusal is not None:
        return REFUSED.get(verdict.refusal, _NOT_YOURS)
    amount = money.text(verdict.amount or 0, verdict.unit or "")
    if (verdict.about, verdict.outcome) == ("reward", "earned"):
        return _earned(verdict, amount)
    if (verdict.about, verdict.outcome) == ("reward", "adjusted"):
        return _adjusted(verdict, amount)
    return DONE[verdict.about, verdict.outcome]


def _earned(verdict: Verdict, amount: str) -> str:
    """The same with flags and without: whoever tries to deceive must not learn what was noticed."""
    if not verdict.amount:
        return "You earn nothing for this order: too little of it is left for a reward."
    why = (
        "because a friend whom you recommended has ordered"
        if verdict.side == "advocate"
        else "for coming by a recommendation"
    )
    return (
        f"You earn {amount} {why}. It waits until {_time(_step(verdict, 'hold')['until'])}, in case the order is returned. "
        "Then a person looks at it, and what is approved is paid with the payout for the month of approval. "
        "A refund of the order would lower it."
    )


def _adjusted(verdict: Verdict, amount: str) -> str:
    before = _step(verdict, "was").get("amount", 0)
    was = money.text(before, verdict.unit or "")
    if before == verdict.amount:
        return f"Money was given back for the order. Your reward stays {amount}."
    why = "because money was given back for the order"
    paid = (
        " What was paid already is set off against your next payout."
        if _step(verdict, "was").get("status") == "paid"
        else ""
    )
    return f"Your reward is {amount} instead of {was} now, {why}.{paid}"


def _step(verdict: Verdict, code: str) -> Values:
    return next((step.values for step in verdict.steps if step.code == code), {})


# --- for finance ------------------------------------------------------------------------------------------------------


def _to_finance(verdict: Verdict, steps: list[tuple[str, str]]) -> str:
    what = f"{verdict.about}: {verdict.outcome}"
    if verdict.refusal is not None:
        what = f"{verdict.about}: refused {verdict.refusal}. {Refusal[verdict.refusal].value}"
    elif verdict.amount is not None and verdict.unit is not None:
        what = f"{what} {money.text(verdict.amount, verdict.unit)}"
    whom = f" for {verdict.side or 'beneficiary'} {verdict.beneficiary}" if verdict.beneficiary is not None else ""
    flags = f" Flags: {', '.join(verdict.flags)}." if verdict.flags else ""
    again = f" Decided again after {verdict.redecides}." if verdict.redecides is not None else ""
    about = f" ({verdict.subject})" if verdict.subject is not None else ""
    return " ".join([f"{what.rstrip('.')}{whom}{about}.{flags}{again}", *(sentence for _, sentence in steps)])


def _amount(value: int | None, unit: Any) -> str:
    """``unit`` is missing only for refunds of an invoice that never had an amount."""
    return "no amount" if value is None else money.text(value, str(unit)) if unit else str(value)


def _time(value: int | None) -> str:
    return "never" if value is None else calendar.text(value)


def _touch(v: Values, _: str | None) -> str:
    kind = "typed code" if v["typed"] else "click"
    window = f", window {v['window']}" if "window" in v else ""
    return f"The {kind} {v['touch']} at {_time(v['at'])}: {v['result']}{window}."


def _winner(v: Values, _: str | None) -> str:
    kind = "typed code" if v["typed"] else f"click within {v['window']}, {v['model']} touch"
    new = "new customers only" if v["new_customers_only"] else "all customers"
    return f"{v['touch']} at {_time(v['touch_at'])} won as a {kind}, under rules {v['rules'][:12]} ({new})."


def _price(v: Values, unit: str | None) -> str:
    figure = f"{v['percent']} %" if "percent" in v else f"{_amount(v.get('flat', v.get('points')), unit)} flat"
    tier = f" in the tier from {v['from_kept']} kept" if "from_kept" in v else ""
    kept = f", {v['kept']} kept before," if "kept" in v else ""
    base, refunded = _amount(v["base"], v["currency"]), _amount(v["refunded"], v["currency"])
    least = f", minimum {_amount(v['minimum'], v['currency'])}" if v["minimum"] is not None else ""
    cap = f", at most {_amount(v['cap'], unit)}," if "cap" in v else ""
    earns = _amount(v["earns"], unit)
    return f"The {v['side']}'s side: {figure}{tier}{kept} of {base} ({refunded} refunded{least}){cap} earns {earns}."


def _share(v: Values, _: str | None) -> str:
    person, numerator, denominator = v["of"][v["index"]]
    return f"{person} has {numerator}/{denominator} of it, split by largest remainder among {len(v['of'])}."


def _place(v: Values, _: str | None) -> str:
    rule = "only one conversion earns" if v["months"] is None else f"all within {v['months']} months of the first earn"
    if v["first"]:
        return f"It is the first qualifying conversion; {rule}."
    return f"The first qualifying conversion was at {_time(v['first_at'])}, this one at {_time(v['at'])}; {rule}."


def _list(v: Values, _: str | None) -> str:
    many = f" of {v['items']}" if "items" in v else ""
    digest = f", sha256 {v['sha256']}" if "sha256" in v else ""
    reason = f", reason {v['reason']}" if "reason" in v else ""
    first = f", first approved by {', '.join(v['first'])}" if v.get("first") else ""
    return f"The list{many}{digest}{reason}{first}."


def _named(v: Values) -> str:
    """All values as ``name value``, for steps whose values speak for themselves."""
    return ", ".join(f"{name} {value}" for name, value in v.items())


def _plain(title: str) -> Callable[[Values, str | None], str]:
    return lambda v, _: f"{title}: {_named(v)}." if v else f"{title}."


#: code of a step -> its sentence for finance, from its values and the unit of the verdict
STEPS: dict[str, Callable[[Values, str | None], str]] = {
    "action": _plain("It needs the permission"),
    "advocate": lambda v, _: f"The advocate is {v['status']}.",
    "bound": lambda v, _: f"The customer is bound by {v['referral']} in {v['program']}.",
    "budget": lambda v, _: (
        f"Of the budget of {_amount(v['budget'], v['unit'])}, {_amount(v['spent'], v['unit'])} is spent; "
        f"this needs {_amount(v['amount'], v['unit'])}."
    ),
    "case": _plain("Case"),
    "changed": _plain("What differs from the list"),
    "claim": _plain("Claim"),
    "clock": lambda v, _: f"The clock stands at {_time(v['to'])}.",
    "code": lambda v, _: f"The code is {v['code']}.",
    "condition": lambda v, _: (
        f"Condition {v['kind']} {'holds' if v['holds'] else 'does not hold'}: "
        f"{_named({n: x for n, x in v.items() if n not in ('kind', 'holds')})}."
    ),
    "conversion_name": lambda v, _: f"It is a {v['name']}.",
    "conversion_window": lambda v, _: (
        f"The lead was at {_time(v['lead_at'])}, the conversion at {_time(v['at'])}; the window is {v['window'] or 'open'}."
    ),
    "currency": lambda v, _: (
        f"The rules give nothing in {v['currency']}{'' if v.get('amount', 0) is not None else ' for an order that has no amount'}."
    ),
    "entered": lambda v, _: f"{v['item']}: the payment details of {v['beneficiary']} were entered by the same person or key.",
    "existing": lambda v, _: (
        f"First conversion {_time(v['first_conversion_at'])}, known as a customer since {_time(v['known_since'])}, "
        f"lead at {_time(v['lead_at'])}."
    ),
    "first": _plain("The first one"),
    "flag": lambda v, _: f"Flag {v['code']}: {_named({n: x for n, x in v.items() if n != 'code'})}.",
    "hold": lambda v, _: (
        f"Held until {_time(v['until'])}"
        + (f" ({v['hold']})" if "hold" in v else "")
        + (f", expires {v['expires_after']} after" if "expires_after" in v else "")
        + (f": {v['item']}" if "item" in v else "")
        + "."
    ),
    "item": _plain("The item"),
    "last_owner": lambda v, _: f"{v['member']} is the last owner.",
    "lead": lambda v, _: f"The lead was at {_time(v['at'])}.",
    "limit": lambda v, _: f"{v['used']} of {v['count']} rewards are used in the {v['per']} {v['period']}.",
    "limit_amount": lambda v, _: (
        f"Of {_amount(v['amount'], v['unit'])} in the {v['per']} {v['period']}, {_amount(v['left'], v['unit'])} is left."
    ),
    "list": _list,
    "minimum": lambda v, _: f"The amount is {_amount(v['amount'], v['unit'])}, the minimum {_amount(v['minimum'], v['unit'])}.",
    "moved_from": lambda v, _: f"{v['referral']} ends; {v['reversed']} of its rewards are reversed.",
    "over_limit": lambda v, _: (
        f"{_amount(v['sum'], v['unit'])}"
        + (f" for {v['beneficiary']} today" if "beneficiary" in v else "")
        + f" is above the member's limit of {_amount(v['limit'], v['unit'])}."
    ),
    "own": lambda v, _: f"The touch that won, {v['touch']}, is the friend's own.",
    "payee": lambda v, _: f"Rail {v['rail']}; {len(v['back_to_review'])} approved rewards go back to review.",
    "payout": lambda v, unit: (
        f"{v['rewards']} rewards, {_amount(v['sum'], unit)} to send, {_amount(v['netted'], unit)} netted; "
        f"the minimum is {_amount(v['minimum'], unit)}."
    ),
    "place": _place,
    "price": _price,
    "problem": _plain("The rules are wrong"),
    "refund": lambda v, _: f"Refund {v['refund']}.",
    "refunded": lambda v, unit: (
        f"{_amount(v['amount'], unit)} given back now, {_amount(v['refunded'], unit)} of {_amount(v['of'], unit)} in all."
    ),
    "rest": lambda v, _: f"Refund {v['refund']} of {_amount(v['amount'], v['unit'])}; {_amount(v['rest'], v['unit'])} is left.",
    "role": lambda v, _: f"There is no role {v['role']}.",
    "same_person": lambda v, _: f"Both sides share a verified {v['key']}.",
    "share": _share,
    "status": _plain("Its state"),
    "sum": lambda v, _: f"{_amount(v['sum'], v['unit'])} is due, the minimum is {_amount(v['minimum'], v['unit'])}.",
    "terms": lambda v, _: (
        f"Conversion {v['conversion']} at {_time(v['at'])} of {v['referral']}, under rules {v['rules'][:12]}."
    ),
    "times": lambda v, _: f"It says {_time(v['at'])}, the clock {_time(v['accepted_at'])}.",
    "touch": _touch,
    "two_people_over": lambda v, _: (
        f"{v['item']} is {_amount(v['amount'], v['unit'])}; above {_amount(v['limit'], v['unit'])} two people approve."
    ),
    "version": lambda v, _: f"Rules {v['rules'][:12]} hold from {_time(v['from'])}, semantics {v['semantics']}.",
    "was": lambda v, unit: f"It was {_amount(v['amount'], unit)}, {v['status']}, under rules {v['rules'][:12]}.",
    "winner": _winner,
    "withheld": lambda v, _: (
        f"{v['item']}: {_amount(v['amount'], v['unit'])} was netted for a payment that never arrived, and stays owed."
    ),
}  # fmt: skip


def step_sentence(step: Step, unit: str | None) -> str:
    """One step for finance; ``unit`` is that of the verdict it stands in."""
    return STEPS[step.code](step.values, unit)
