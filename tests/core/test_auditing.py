"""The monthly audit: which payouts are outliers and why, a sample that nobody chooses, and who may sign."""

from typing import Any

import pytest
from testkit.world import World, member, rules
from tests.core.test_standing_approvals import OLA, deliver, grant, order
from tests.core.test_standing_approvals import world as standing_world

from goodword.core import auditing, calendar, events, lists, payouts, semantics
from goodword.core.auditing import Seen
from goodword.core.decision import Decision
from goodword.core.state import Act, Audit, Payee, Payout

OTTO = member("otto", "auditor")


def _payout(id_: str = "pay_1", amount: int = 1_000, unit: str = "EUR") -> Payout:
    return Payout(
        id=id_,
        beneficiary="ann",
        rail="bank_file",
        unit=unit,
        amount=amount,
        status="completed",
        parts=(),
        destination="d",
        drafted_by="pia",
        drafted_at=0,
    )


def _seen(**known: Any) -> Seen:
    return Seen(**({"payout": _payout(), "completed_at": 40 * calendar.DAY, "month": 1_000, "past": 1_000} | known))


def _changed(at: int, replaced: str | None = "old") -> Payee:
    return Payee(person="ann", rail="bank_file", destination="d", changed_at=at, replaced=replaced)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({}, ()),
        ({"month": 1_001}, ("source_spike",)),
        ({"month": 1_000_000, "past": 0}, ()),
        ({"places": frozenset({"FR"}), "usual": {"DE": 2, "AT": 1}}, ("unusual_place",)),
        ({"places": frozenset({"FR"}), "usual": {"DE": 2}}, ()),
        ({"places": frozenset({"DE"}), "usual": {"DE": 3}}, ()),
        ({"payee": _changed(27 * calendar.DAY)}, ("account_changed",)),
        ({"payee": _changed(26 * calendar.DAY)}, ()),
        ({"payee": _changed(41 * calendar.DAY)}, ()),
        ({"payee": _changed(39 * calendar.DAY, replaced=None)}, ()),
        ({"payee": _changed(41 * calendar.DAY), "marked": (39 * calendar.DAY,)}, ("account_changed",)),
        ({"payee": _changed(41 * calendar.DAY), "marked": (26 * calendar.DAY, 41 * calendar.DAY)}, ()),
        ({"lacks": ("approval",)}, ("point_missing",)),
    ],
)
def test_a_rule_says_why_a_payout_is_an_outlier(known: dict[str, Any], why: tuple[str, ...]) -> None:
    """Three times what a payee had before, a place where none of their orders was, details changed two weeks before, a gap."""
    assert auditing.outliers([_seen(**known)]).get("pay_1", ()) == why


def test_a_large_amount_is_five_times_the_median_of_its_unit() -> None:
    """Of five at least; points are no euros."""
    those = [_seen(payout=_payout(f"pay_{n}", 100)) for n in range(4)]
    large = _seen(payout=_payout("pay_l", 500))
    assert auditing.outliers([*those, large]) == {"pay_l": ("large_amount",)}
    assert auditing.outliers([*those[1:], large]) == {}
    assert auditing.outliers([*those, _seen(payout=_payout("pay_l", 500, "points:x"))]) == {}


def test_the_sample_follows_from_the_head_alone() -> None:
    """In whatever order they come; another head draws others; five at least, one in twenty, fifty at most."""
    ids = [f"pay_{n:05}" for n in range(2_000)]
    drawn = auditing.sample(ids, "ab")
    assert drawn == auditing.sample(reversed(ids), "ab")
    assert drawn != auditing.sample(ids, "cd")
    assert [len(auditing.sample(ids[:n], "ab")) for n in (0, 3, 100, 101, 400, 2_000)] == [0, 3, 5, 6, 20, 50]


def _paid(number: int = semantics.CURRENT, until: str = "completed") -> tuple[World, Payout]:
    made = World()
    made.semantics = number
    made.join(member("olga"), member("ada", "approver"), OTTO)
    made.publish()
    made.enrol("ann")
    made.lead("bob", code="ANN")
    made.buy("bob", 20_000)
    made.payee("ann")
    made.tick(made.now + 90 * calendar.DAY)
    made.paid(until=until, conversion=made.rewards()[0].conversion)
    payout = next(iter(made.state.all(Payout)))
    return made, payout


def _sign(made: World, payout: Payout, who: Any = OTTO, **other: Any) -> Decision:
    items = (payouts.item_of(payout),)
    said = {"month": "2024-01", "head": 9, "root": "ab", "items": items, "list_sha256": lists.digest(items)}
    return made.command(events.AuditSigned, who, **said | other)


def test_who_had_no_part_signs_and_it_is_kept() -> None:
    """By the digest of the list, with its findings; again only if there is something else to sign."""
    made, payout = _paid()
    assert _sign(made, payout).verdicts[0].outcome == "audit_signed"
    assert made.state.get(Audit, "2024-01").by == "otto"  # type: ignore[union-attr]
    assert _sign(made, payout).verdicts[0].refusal == "nothing_to_do"
    more = {"findings": (payout.id,), "outliers": {payout.id: ("large_amount",)}, "note": "sha"}
    assert _sign(made, payout, **more).verdicts[0].outcome == "audit_signed"
    assert made.state.get(Audit, "2024-01").findings == (payout.id,)  # type: ignore[union-attr]


def test_what_cannot_be_signed_is_refused() -> None:
    """A list that changed, what did not complete, a finding of what is not listed, and by who had a part or may not."""
    made, payout = _paid()
    released = next(one for one in payout.releases)
    owner = member(released)
    assert _sign(made, payout, owner).verdicts[0].refusal == "own_work"
    assert _sign(made, payout, member("paul", "payer")).verdicts[0].refusal == "not_permitted"
    assert _sign(made, payout, list_sha256="x").verdicts[0].refusal == "item_changed"
    assert _sign(made, payout, findings=("pay_9",)).verdicts[0].refusal == "item_changed"
    assert _sign(made, payout, items=(), list_sha256=lists.digest(())).verdicts[0].refusal == "nothing_to_do"
    made.answer(payout, "returned")
    assert _sign(made, payout).verdicts[0].refusal == "wrong_state"
    assert not [*made.state.all(Audit)]


def test_who_granted_a_standing_approval_does_not_sign_what_it_sent() -> None:
    """What it approved and released did who asked for it and who confirmed it: neither is an auditor who had no part."""
    made = standing_world()
    grant(made)
    order(made)
    deliver(made)
    made.join(OTTO)
    payout = next(iter(made.state.all(Payout)))
    assert payout.status == "completed"
    assert _sign(made, payout, OLA).verdicts[0].refusal == "own_work"
    assert _sign(made, payout, member("ana", "approver", "auditor")).verdicts[0].refusal == "own_work"
    assert _sign(made, payout).verdicts[0].outcome == "audit_signed"


def test_who_entered_the_payment_details_does_not_sign_what_went_there() -> None:
    """As they neither approve nor release it; what somebody entered later, for another account, is no part in it."""
    made, _ = _paid()
    paul = member("paul", "payer", "auditor")
    made.join(paul)
    made.enrol("amy")
    made.lead("bea", code="AMY")
    made.buy("bea", 20_000)
    made.payee("amy", actor=paul)
    made.tick(made.now + 90 * calendar.DAY)
    made.paid(conversion=made.reward(beneficiary="amy").conversion)
    payout = next(it for it in made.state.all(Payout) if it.beneficiary == "amy")
    assert _sign(made, payout, paul).verdicts[0].refusal == "own_work"
    made.payee("amy", destination="another", actor=paul)
    assert _sign(made, payout, paul).verdicts[0].outcome == "audit_signed"


def test_details_that_are_changed_back_behind_a_payment_hide_nothing() -> None:
    """What was earned before them stays marked when other details take their place: the payout is an outlier all the same."""
    made = World()
    made.join(member("olga"), member("ada", "approver"))
    made.publish(rules(payouts={"every": "once"}))
    made.enrol("amy")
    made.lead("bea", code="AMY")
    made.buy("bea", 20_000)
    made.payee("amy")
    made.tick(made.now + 90 * calendar.DAY)
    made.payee("amy", destination="another")
    reward = made.reward(beneficiary="amy")
    for one in (member("olga"), member("ada", "approver")):
        made.command(events.RecordLooked, one, subject=reward.id, what="opened", seconds=9)
    made.paid(conversion=reward.conversion)
    completed_at = made.now
    made.tick(made.now + calendar.DAY)
    made.payee("amy", destination="iban")
    [reward] = [it for it in made.rewards(conversion=reward.conversion) if it.beneficiary == "amy"]
    payout, payee = made.state.get(Payout, reward.payout), made.state.get(Payee, "amy")
    assert payout is not None
    assert payout.status == "completed"
    seen = {"payout": payout, "completed_at": completed_at, "payee": payee}
    assert auditing.outliers([_seen(**seen)]) == {}
    assert auditing.outliers([_seen(**seen, marked=tuple(auditing.marked(reward)))]) == {
        payout.id: ("account_changed",)
    }


def test_who_said_that_it_arrived_does_not_sign() -> None:
    """Neither the one whose word completed it, nor the two who said that it did after all. Before 7 nobody remembered who said it."""
    dora = member("dora", "payer", "auditor")
    for number, refusal in ((semantics.CURRENT, "own_work"), (semantics.ARRIVALS_ARE_ACTS - 1, None)):
        made, payout = _paid(number, until="processing")
        made.join(dora)
        made.answer(payout, "completed", dora)
        assert _sign(made, made.payout(payout.id), dora).verdicts[0].refusal == refusal
    made, payout = _paid()
    made.answer(payout, "returned")
    people = [member(name, "payer", "auditor") for name in ("bea", "ben")]
    for one in people:
        made.join(one)
        said = {"payout": payout.id, "amount": payout.amount, "unit": "EUR", "note": "on the statement"}
        made.command(events.PayoutArrived, one, **said)
    payout = made.payout(payout.id)
    assert payout.status == "completed"
    for one in people:
        assert Act(one.id, "payout.arrived") in made.reward(id=payout.parts[0].reward).acts
        assert _sign(made, payout, one).verdicts[0].refusal == "own_work"
