"""Agreements with partners: inside of one its own rate holds, outside of it the program's, flagged, in whatever order it is told."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from testkit.world import OWNER, World, advocate, at, friend, member

from goodword.core import calendar, events
from goodword.core.decision import Verdict
from goodword.core.events import Line
from goodword.core.state import Agreement, Case, Registration, Reward

PAM, ANA, MAX = member("pam", "program_manager"), member("ana", "approver"), member("max", "operations")
DAY = calendar.DAY


def world(**parts: Any) -> World:
    """Paul is a partner of a program that gives ten per cent; Bob came by him."""
    made = World()
    made.join(OWNER, PAM, ANA, MAX)
    made.publish(**parts)
    made.enrol("paul")
    return made


def agree(made: World, person: str = "paul", actor: Any = PAM, **terms: Any) -> Verdict:
    """Agree on terms, in all programs unless one is named."""
    return made.command(events.AgreementMade, actor, person=person, **terms).verdicts[0]


def buy(made: World, friend: str = "bob", **more: Any) -> dict[str, Reward]:
    """What comes of an order of somebody whom Paul brought, by side."""
    made.tick(made.now + DAY)
    if not made.rewards(friend=friend):
        made.lead(friend, code="PAUL", when=more.get("when"))
    made.buy(friend, **{"amount": 10_000, **more})
    return {reward.side: reward for reward in made.rewards(friend=friend)}


def flags(made: World) -> list[tuple[str, dict[str, Any]]]:
    return [(flag.code, flag.evidence) for case in made.cases() for flag in case.flags]


def steps(made: World, code: str) -> list[dict[str, Any]]:
    """Those of the last decision, of the advocate's side."""
    said = [verdict for verdict in made.log[-1][2].verdicts if verdict.side == "advocate"]
    return [step.values for verdict in said for step in verdict.steps if step.code == code]


def test_inside_of_an_agreement_its_own_rate_holds_and_nothing_is_flagged() -> None:
    """The program's cap stays; the explanation names agreement and version before the price; the friend's side is as it was."""
    made = world(rewards=[advocate(percent="10", cap={"EUR": 1_400}), friend(flat={"EUR": 500})])
    said = agree(made, percent="12.5")
    assert (said.outcome, said.beneficiary) == ("agreement_made", "paul")
    found = buy(made)
    assert {side: reward.amount for side, reward in found.items()} == {"advocate": 1_250, "friend": 500}
    assert made.cases() == []
    (shown,), (price,) = steps(made, "agreement"), steps(made, "price")
    assert shown == {"agreement": said.subject, "version": 1, "since": at("2024-01-01"), "until": None} | {
        "outside": None,
        "own": True,
    }
    assert (price["percent"], price["cap"], price["tier"]) == ("12.5", 1_400, -1)
    agree(made, percent="20")
    assert buy(made, "ben")["advocate"].amount == 1_400


@pytest.mark.parametrize("rate", [{"percent": "20"}, {"flat": {"EUR": 2_000}}])
def test_a_refund_takes_back_of_an_own_rate_what_it_takes_of_any(rate: dict[str, Any]) -> None:
    made = world()
    agree(made, **rate)
    reward = buy(made)["advocate"]
    assert (reward.amount, reward.agreement and reward.agreement.own) == (2_000, True)
    made.refund("bob-1", 5_000)
    now = made.state.get(Reward, reward.id)
    assert now is not None
    assert now.amount == (1_000 if "percent" in rate else 2_000)


LEFT_OUT = {
    "a product": ({"products": ("gift",)}, {"lines": (Line(id="1", product="gift", amount=10_000),)}),
    "a country": ({"countries": ("CH",)}, {"country": "CH"}),
    "an account by its domain": ({"accounts": ("acme.example",)}, {"domain": "acme.example"}),
    "an account by a mail there": ({"accounts": ("acme.example",)}, {"domain": "acme.example", "domain_of_mail": True}),
}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_what_is_left_out_earns_what_the_program_says_and_is_flagged_and_never_refused(what: str) -> None:
    """It holds what the partner would get, and not what the friend does; only an approver or an owner clears it."""
    terms, order = LEFT_OUT[what]
    made = world()
    agreement = agree(made, percent="20", **terms).subject
    found = buy(made, **order)
    assert {side: reward.amount for side, reward in found.items()} == {"advocate": 1_000, "friend": 500}
    [(code, evidence)] = flags(made)
    assert code == "partner_exception"
    assert {"partner": "paul", "agreement": agreement, "version": 1, "reason": "excluded"}.items() <= evidence.items()
    assert (len(found["advocate"].cases), found["friend"].cases) == (1, ())
    (case,) = made.cases()
    answer = {"case": case.id, "outcome": "cleared", "reason": "agreed"}
    for actor, said in ((MAX, "not_permitted"), (ANA, "cleared")):
        (verdict,) = made.command(events.CaseDecided, actor, **answer).verdicts[:1]
        assert (verdict.refusal or verdict.outcome) == said
    assert buy(made, "ben")["advocate"].amount == 2_000
    assert made.cases(status="open") == []


def test_an_agreement_holds_until_its_end_which_is_no_part_of_it() -> None:
    """What happens at its end or later earns by the program and is flagged, with both times; and so it is once it was ended."""
    made = world()
    until = made.now + 30 * DAY
    agree(made, percent="20", until=until)
    made.tick(until + DAY)
    assert buy(made, when=until - 1)["advocate"].amount == 2_000
    assert buy(made, "ben", when=until)["advocate"].amount == 1_000
    [(code, evidence)] = flags(made)
    assert (code, evidence["reason"], evidence["until"], evidence["at"]) == (
        "partner_exception",
        "expired",
        until,
        until,
    )


def test_an_end_is_a_version_and_terms_of_the_program_end_the_flags() -> None:
    made = world()
    agree(made, percent="20")
    made.tick(made.now + DAY)
    (verdict,) = made.command(events.AgreementEnded, PAM, person="paul").verdicts
    assert verdict.outcome == "agreement_ended"
    assert made.command(events.AgreementEnded, PAM, person="paul").verdicts[0].refusal == "nothing_to_do"
    assert buy(made)["advocate"].amount == 1_000
    assert [evidence["reason"] for _, evidence in flags(made)] == ["expired"]
    agree(made)
    assert buy(made, "ben")["advocate"].amount == 1_000
    assert len(flags(made)) == 1
    (agreement,) = made.state.all(Agreement)
    assert [(terms.version, terms.percent, terms.since == terms.until) for terms in agreement.versions] == [
        (1, "20", False),
        (2, None, True),
        (3, None, False),
    ]


def test_terms_take_the_place_of_those_of_before_from_their_date_and_never_in_the_past() -> None:
    made = world()
    start = made.now
    agree(made, percent="20")
    made.tick(start + 10 * DAY)
    agree(made, percent="30", since=start + 20 * DAY)
    assert agree(made, percent="40", since=made.now - 1).refusal == "in_past"
    assert agree(made, percent="40", until=made.now - 1).refusal == "wrong_state"
    made.tick(start + 30 * DAY)
    for name, day, amount in (("bob", 5, 2_000), ("ben", 19, 2_000), ("bea", 20, 3_000)):
        assert buy(made, name, when=start + day * DAY)["advocate"].amount == amount
    agree(made, percent="50")
    assert [reward.amount for reward in made.rewards(side="advocate")] == [2_000, 2_000, 3_000]


def test_an_agreement_in_one_program_comes_before_one_for_all() -> None:
    made = world()
    agree(made, percent="20")
    assert buy(made)["advocate"].amount == 2_000
    agree(made, percent="30", program=made.program())
    assert buy(made, "ben")["advocate"].amount == 3_000
    assert made.cases() == []


def test_who_agreed_on_a_rate_approves_nothing_that_is_earned_by_it() -> None:
    made = world(hold="0d")
    agree(made, actor=OWNER, percent="20")
    made.payee("paul")
    buy(made)
    made.tick(made.now + DAY)
    reward = made.rewards(side="advocate")[0]
    assert made.approve([reward]).verdicts[0].refusal == "own_work"
    assert made.approve([reward], ANA).verdicts[0].outcome == "approved"


def test_two_accounts_of_one_partner_with_an_agreement_each_are_looked_at() -> None:
    """Nobody knows which of the two holds, so the program's rate does, until new terms take the place of both."""
    made = world()
    made.enrol("petra")
    agree(made, percent="20")
    agree(made, "petra", percent="30")
    made.send(events.PersonMerged, keep="paul", gone="petra")
    assert buy(made)["advocate"].amount == 1_000
    [(code, evidence)] = flags(made)
    assert (code, evidence["partner"], evidence["other"] != evidence["agreement"]) == ("two_agreements", "paul", True)
    agree(made, percent="25")
    assert buy(made, "ben")["advocate"].amount == 2_500
    assert len(made.cases()) == 1


def test_a_rate_that_names_no_amount_for_an_order_is_not_stretched_to_it() -> None:
    """In another currency than it names the program's holds, flagged; what has no amount is not meant, and what is named alone is."""
    made = world(
        rewards=[advocate(flat={"EUR": 1_000, "USD": 1_100})],
    )
    agree(made, flat={"EUR": 3_000})
    assert buy(made, currency="USD")["advocate"].amount == 1_100
    assert [evidence["reason"] for _, evidence in flags(made)] == ["unpriced"]
    assert buy(made, "ben", amount=None)["advocate"].amount == 1_000
    agree(made, flat={"EUR": 3_000}, on="purchase")
    assert buy(made, "bea", amount=None)["advocate"].amount == 3_000
    assert len(flags(made)) == 1


def test_an_agreement_is_with_an_advocate_and_made_by_whom_the_rules_are() -> None:
    made = world()
    assert agree(made, "petra", percent="20").refusal == "advocate_not_enrolled"
    assert agree(made, actor=ANA, percent="20").refusal == "not_permitted"
    narrow = member("nora", "program_manager")
    made.command(events.MemberSet, OWNER, member="nora", roles=("program_manager",), programs=(made.program(),))
    narrow = replace(narrow, programs=(made.program(),))
    assert agree(made, actor=narrow, percent="20").refusal == "outside_scope"
    assert agree(made, actor=narrow, percent="20", program=made.program()).outcome == "agreement_made"


def test_no_order_of_telling_of_an_agreement_and_an_order_changes_what_is_earned() -> None:
    """An order of before it is decided by what held then, whether it comes before the agreement or after it."""
    amounts = set()
    for first in (True, False):
        made = world()
        made.lead("bob", code="PAUL")
        before = made.now + DAY
        made.tick(made.now + 2 * DAY)
        if first:
            made.buy("bob", 10_000, when=before)
        agree(made, percent="20", countries=("CH",))
        if not first:
            made.buy("bob", 10_000, when=before)
        amounts.add(frozenset((reward.side, reward.amount, reward.agreement) for reward in made.rewards()))
        assert made.state.tables[Case] == {}
    assert amounts == {frozenset([("advocate", 1_000, None), ("friend", 500, None)])}


_DAY = st.integers(0, 30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_DAY, _DAY, st.sampled_from([None, "5", "20", "33.3"])), max_size=4), _DAY, st.randoms())
def test_when_an_order_is_told_changes_nothing_of_what_it_earns(
    agreed: list[tuple[int, int, str | None]], day: int, random: Any
) -> None:
    """Terms are made on a day, from a later one on: an order of some day earns by them alike, as soon or as late as it comes."""
    told = set()
    for delay in (0, random.randint(0, 30), 31):
        made = world(new_customers_only=False)
        start = made.now
        made.lead("bob", code="PAUL")
        rows = [(on, 0, "agree", {"percent": rate, "since": start + (on + later) * DAY}) for on, later, rate in agreed]
        rows.append((min(day + delay, 62), 1, "buy", {"when": start + day * DAY + 1}))
        for on, _, what, more in sorted(rows, key=lambda row: row[:2]):
            made.tick(start + on * DAY + (2 if what == "buy" else 0))
            more["since"] = max(more["since"], made.now) if "since" in more else None
            if what == "agree":
                agree(made, **more)
            else:
                made.buy("bob", 10_000, when=more["when"])
        told.add(tuple(sorted((it.side, it.amount) for it in made.rewards())))
    assert len(told) == 1


# --- with deals -------------------------------------------------------------------------------------------------------


def registered(made: World, **more: Any) -> Registration:
    """A deal that Paul registers with Acme."""
    made.tick(made.now + DAY)
    said = {"company": "acme", "company_domain": "acme.example", "person": "carl", **more}
    id_ = made.send(events.DealRegistered, advocate="paul", **said).verdicts[0].subject
    found = made.state.get(Registration, id_ or "")
    assert found is not None
    return found


def accept(made: World, it: Registration, **more: Any) -> Verdict:
    return made.command(events.DealAccepted, ANA, registration=it.id, **more).verdicts[0]


@pytest.mark.parametrize(("said", "agreed", "days"), [(None, None, 90), (None, 30, 30), (10, 30, 10), (90, 30, 90)])
def test_a_deal_is_protected_as_is_said_or_as_is_agreed(said: int | None, agreed: int | None, days: int) -> None:
    made = world()
    if agreed is not None:
        agree(made, protection_days=agreed)
    it = registered(made)
    assert accept(made, it, days=said).outcome == "deal_accepted"
    found = made.state.get(Registration, it.id)
    assert found is not None
    assert found.protected_until == made.now + days * DAY


def test_a_deal_with_a_company_that_the_agreement_leaves_out_conflicts_with_it() -> None:
    """Who accepts it has seen that; an agreement that is over says nothing."""
    made = world()
    agreement = agree(made, accounts=("acme.example",), until=made.now + 10 * DAY).subject
    it = registered(made)
    assert [(each.kind, each.by, each.sure, each.subject) for each in it.conflicts] == [
        ("left_out", "company_domain", "probable", agreement)
    ]
    assert accept(made, it).refusal == "conflict_not_seen"
    assert accept(made, it, conflicts=(agreement,)).outcome == "deal_accepted"
    made.tick(made.now + 10 * DAY)
    assert registered(made, person="cleo", company_domain="acme.example").conflicts == ()


@pytest.mark.parametrize(
    ("asked", "rate", "held"),
    [
        (None, {"percent": "15"}, None),
        ("15.0", {"percent": "15"}, None),
        ("20", {"percent": "15"}, "15"),
        ("20", {}, None),
        ("20", {"flat": {"EUR": 900}}, "flat"),
    ],
)
def test_another_rate_than_the_agreement_has_is_flagged_and_not_paid(
    asked: str | None, rate: dict[str, Any], held: str | None
) -> None:
    """What is earned is what was agreed on. Where no rate is agreed on, none can be another."""
    made = world()
    agree(made, **rate)
    accept(made, registered(made, percent=asked))
    made.buy("carl", 10_000)
    amount = {"15": 1_500, "flat": 900}.get(next(iter(rate.values()), "") if "percent" in rate else "flat", 1_000)
    assert made.rewards(side="advocate")[0].amount == (amount if rate else 1_000)
    found = [(evidence["reason"], evidence["asked"], evidence["held"]) for _, evidence in flags(made)]
    assert found == ([] if held is None else [("rate", asked, None if held == "flat" else held)])


def test_a_partner_without_an_agreement_is_decided_as_if_nobody_had_one() -> None:
    """An agreement of somebody else changes nothing of theirs, down to the bytes."""
    told = set()
    for with_one in (False, True):
        made = world()
        made.enrol("petra")
        made.lead("bob", code="PAUL")
        before = len(made.leaves)
        if with_one:
            agree(made, "petra", percent="50")
        made.buy("bob", 10_000)
        assert len(made.leaves) == before + 1 + with_one
        told.add(tuple((v.side, v.amount, v.flags, v.steps[1:]) for v in made.log[-1][2].verdicts).__repr__())
    assert len(told) == 1
