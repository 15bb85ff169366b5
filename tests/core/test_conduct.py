"""Who did what before: for each pair of commands on one reward, who may do the second after the first. Owners are no exception."""

from collections.abc import Callable
from typing import Any

import pytest
from testkit.world import CLERK, OWNER, SERVER, World, advocate, member, rules, verdict

from goodword.core import conduct, events
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.state import Payee, Reward

#: Both may do everything: what one of them may not do is theirs by what they did before.
OLGA, OTTO = member("olga", "owner"), member("otto", "owner")
#: For what lies before and between.
PAUL = member("paul", "approver", "payer", "support", "operations")
#: Acts of commands that stand not in every workspace's reach here: nothing brings a rejected reward back, and nothing appeals
#: (``test_moved_claims`` does).
#: A protection that is taken back leaves no reward (``test_deals``); who says that money arrived signs no audit (``test_auditing``).
APART = {
    conduct.TOUCHED,
    "reward.rejected",
    "restore.asked",
    "restore.confirmed",
    "appeal.decided",
    "appealed",
    "deal.withdrawn",
    "payout.arrived",
}
WHY: dict[str, Any] = {"reason": "seen"}


def furnished() -> World:
    """A program without a hold, ann enrolled, and the people."""
    made = World()
    made.join(OWNER, OLGA, OTTO, PAUL, CLERK)
    made.publish(rules(hold="0d", rewards=[advocate(percent="10")]))
    made.enrol("ann")
    return made


def bought(made: World) -> None:
    """Bob, whom ann brought, buys, unless he has."""
    if not made.rewards():
        made.lead("bob", code="ANN")
        made.buy("bob")


def details(made: World, actor: Actor = SERVER) -> None:
    """Where ann is paid."""
    made.payee("ann", "iban", actor=actor)


def claim(made: World, by: Actor) -> str:
    """Enter a claim that ann brought bob; its id."""
    fields = {"program": made.program(), "lead_at": made.now, "advocates": (("ann", 1, 1),), **WHY}
    assert verdict(made.command(events.ClaimEntered, by, person="bob", **fields)) == "claim_opened"
    (found,) = made.claims(status="open")
    return found.id


def decide(made: World, id_: str, by: Actor, outcome: str = "won") -> Decision:
    return made.command(events.ClaimDecided, by, claim=id_, outcome=outcome, **WHY)


# --- the first: each is done by one member, and leaves a reward of ann behind -----------------------------------------


def payee_entered(made: World, by: Actor) -> None:
    bought(made)
    details(made, by)


def code_typed(made: World, by: Actor) -> None:
    made.lead("bob", code="ANN", entered_by=by.id)
    made.buy("bob")


def registered(made: World, by: Actor | None = None) -> str:
    """Ann registers a deal with bob's company."""
    typed = by.id if by is not None else None
    said = made.send(events.DealRegistered, advocate="ann", person="bob", company="acme", entered_by=typed)
    return said.verdicts[0].subject or ""


def deal_registered(made: World, by: Actor) -> None:
    made.command(events.DealAccepted, PAUL, registration=registered(made, by))
    made.buy("bob")


def deal_accepted(made: World, by: Actor) -> None:
    made.command(events.DealAccepted, by, registration=registered(made))
    made.buy("bob")


def agreement_made(made: World, by: Actor) -> None:
    made.command(events.AgreementMade, by, person="ann", percent="20")
    bought(made)


def claim_entered(made: World, by: Actor) -> None:
    made.buy("bob")
    decide(made, claim(made, by), PAUL)


def claim_decided(made: World, by: Actor) -> None:
    made.buy("bob")
    decide(made, claim(made, SERVER), by)


def case_decided(made: World, by: Actor) -> None:
    bought(made)
    made.send(events.ChargebackOpened, invoice="bob-1", chargeback="cb")
    (case,) = made.cases()
    made.command(events.CaseDecided, by, case=case.id, outcome="cleared", **WHY)


def person_merged(made: World, by: Actor) -> None:
    made.enrol("amy")
    made.lead("bob", code="AMY")
    made.buy("bob")
    made.command(events.PersonsJoined, by, keep="ann", gone="amy", **WHY)


def conversion_amended(made: World, by: Actor) -> None:
    bought(made)
    made.command(events.OrderAmended, by, conversion="inv:bob-1", amount=12_000, currency="EUR", **WHY)


def payout_returned(made: World, by: Actor) -> None:
    bought(made)
    details(made)
    (payout,) = made.paid()
    made.answer(payout, "returned", by)


def correction_entered(made: World, by: Actor) -> None:
    said = {"program": made.program(), "person": "ann", "origin": "goodwill", "amount": 1_000, "currency": "EUR"}
    made.command(events.CorrectionEntered, by, note="x", **said)


def approved(made: World, by: Actor) -> None:
    bought(made)
    details(made)
    assert verdict(made.approve(made.rewards(), by)) == "approved"


def drafted(made: World, by: Actor) -> None:
    approved(made, PAUL)
    made.tick(made.reward().due_at or 0)
    kinds = {"rail": "bank_file", "kinds": ("cash",), "unit": "EUR", "beneficiaries": ("ann",)}
    made.command(events.PayoutDrafted, by, **kinds)


FIRST: dict[str, Callable[[World, Actor], None]] = {
    "payee.entered": payee_entered,
    "code.typed": code_typed,
    "agreement.made": agreement_made,
    "deal.registered": deal_registered,
    "deal.accepted": deal_accepted,
    "claim.entered": claim_entered,
    "claim.decided": claim_decided,
    "case.decided": case_decided,
    "person.merged": person_merged,
    "conversion.amended": conversion_amended,
    "payout.returned": payout_returned,
    "correction.entered": correction_entered,
    "approve": approved,
    "draft": drafted,
}


# --- the second: what lies before it is done by others ----------------------------------------------------------------


def approve(made: World, by: Actor) -> Decision:
    (reward,) = made.rewards()
    if reward.status == "approved":
        made.command(events.ApprovalWithdrawn, PAUL, items=made.items([reward]), **WHY)
    return made.approve(made.rewards(), by)


def release(made: World, by: Actor) -> Decision:
    (reward,) = made.rewards()
    if reward.status == "in_review":
        assert verdict(made.approve([reward], PAUL if may(made, PAUL, "approve") else OWNER)) == "approved"
    made.tick(made.reward().due_at or 0)
    payouts = made.draft("ann") if made.reward().payout is None else [made.payout(made.reward().payout or "")]
    return made.release(payouts, by)


def may(made: World, who: Actor, wanted: str) -> bool:
    """Whether what the reward remembers lets somebody do it."""
    return not any(act.member == who.id and wanted in conduct.FORBIDDEN[act.act] for act in made.rewards()[0].acts)


SECOND: dict[str, tuple[Callable[[World, Actor], Decision], str]] = {
    "approve": (approve, "approved"),
    "release": (release, "released"),
}


def ready(made: World) -> None:
    """Ann can be paid, by details that the company's server entered unless somebody did."""
    if not list(made.state.all(Payee)):
        details(made)


@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("first", FIRST)
def test_who_may_do_the_second_after_the_first(first: str, second: str) -> None:
    """Who did the first may do the second only if the table allows it; another owner may always, and the refusal names them (17)."""
    do, done = SECOND[second]
    forbidden = second in conduct.FORBIDDEN.get(first, ())
    made = furnished()
    FIRST[first](made, OLGA)
    ready(made)
    said = do(made, OLGA)
    if (first, second) == ("draft", "release"):  # hers is the first word of two
        assert verdict(said) == "second_person_needed"
        said = do(made, OTTO)
    assert verdict(said) == ("own_work" if forbidden else done)
    if forbidden:
        values = said.verdicts[0].steps[0].values
        assert values["did"] == first
        assert OTTO.id in values["could"]
        assert OLGA.id not in values["could"]
        assert verdict(do(made, OTTO)) == done


@pytest.mark.parametrize(("outcome", "alone"), [("won", False), ("lost", False), ("withdrawn", True)])
def test_a_claims_author_does_not_decide_it(outcome: str, alone: bool) -> None:
    """Owners too: they may withdraw it, and anybody else decides it (E12)."""
    made = furnished()
    id_ = claim(made, OLGA)
    assert verdict(decide(made, id_, OLGA, outcome)) == (outcome if alone else "own_work")
    if not alone:
        assert verdict(decide(made, id_, OTTO, outcome)) == outcome


def test_the_table_is_tried_whole() -> None:
    """Every act in it is done here, and everything that it forbids is tried, or is named as apart."""
    assert set(conduct.FORBIDDEN) - set(FIRST) == APART
    tried = {*SECOND, "decide", "accept", "decide_payee", "decide_dispute"}
    # The last ones in ``test_deals``, ``test_payees`` and ``test_disputes``.
    assert set().union(*conduct.FORBIDDEN.values()) - tried == {"restore", "decide_appeal"}


@pytest.mark.parametrize("first", [act for act in FIRST if act in conduct.FORBIDDEN])
def test_who_is_made_by_an_owner_did_what_the_owner_did(first: str) -> None:
    """A member whom the only owner made and nobody confirmed is no other person than this owner, either way round (E4, 31g)."""
    for one, other in (("owner", "eve"), ("eve", "owner")):
        made = World()
        made.command(events.MemberSet, OWNER, member="owner", roles=("owner",))
        made.command(events.MemberSet, OWNER, member="eve", roles=("owner",))
        made.publish(rules(hold="0d", rewards=[advocate(percent="10")]))
        made.enrol("ann")
        FIRST[first](made, member(one, "owner"))
        ready(made)
        said = approve(made, member(other, "owner"))
        assert verdict(said) == "own_work"


def test_a_case_that_is_closed_by_the_only_other_leaves_nobody() -> None:
    """In a company of two a refusal says that another member is needed, rather than letting them search (two-member companies)."""
    made = World()
    made.join(OWNER, OLGA)
    made.publish(rules(hold="0d", rewards=[advocate(percent="10")]))
    made.enrol("ann")
    made.buy("bob")
    decide(made, claim(made, OWNER), OLGA)
    details(made)
    for who in (OWNER, OLGA):
        said = made.approve(made.rewards(), who)
        assert verdict(said) == "own_work"
        assert said.verdicts[0].steps[0].values["could"] == []
    assert {reward.status for reward in made.state.all(Reward)} == {"in_review"}
