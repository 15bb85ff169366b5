"""Welcome offers: promised as a friend is bound, redeemed by one order, a cost when that is confirmed; a table for lawyers."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.stories import decided
from testkit.tables import stories
from testkit.world import OWNER, World, advocate, friend, member, rules
from tests.core.test_loading import decided_on_parts
from tests.core.test_standing_approvals import grant, stop

from goodword.core import calendar, entry, events, semantics
from goodword.core.decision import Decision
from goodword.core.state import Balance, Case, Claim, Counter, Offer, Payout
from goodword.words.verdicts import sentences

TOLD = stories(__file__)
WELCOME = friend(kind="welcome", flat={"EUR": 500}, valid="30d")
SIDES = [advocate(kind="points", points=10), WELCOME]
#: What nobody is told of whom nothing is ever paid.
OF_PAYMENTS = ("next payout", "what was paid", "before it is paid")
STANDS = {
    "kind": "welcome",
    "rail": "welcome",
    "side": "friend",
    "per_reward": 500,
    "per_beneficiary": 500,
    "in_all": 1_000,
}


def shop(**parts: Any) -> World:
    """A workspace in which whom ann and amy bring is welcomed with 5.00 EUR off an order of 20.00 EUR or more."""
    made = World()
    made.join(OWNER, member("ana", "approver"), member("ola"), member("pia", "payer"))
    conversion = {"minimum": {"EUR": 2_000}}
    made.publish(rules(**{"rewards": SIDES, "conversion": conversion, "hold": "14d", **parts}))
    for person in ("ann", "amy"):
        made.enrol(person)
    return made


def offers(made: World) -> list[Offer]:
    return sorted(made.state.all(Offer), key=lambda it: it.id)


def of(made: World, person: str) -> str | None:
    """The offer that somebody may use, or else the first that they had."""
    its = sorted((it for it in offers(made) if it.person == person), key=lambda it: it.status == "ended")
    return next((it.id for it in its), None)


def seen(made: World) -> tuple[str, int, int]:
    """How bob's offer stands, what welcomes take of the budget, and what they have cost."""
    status = next((it.status for it in offers(made) if it.person == "bob"), "no")
    spent = next((it.amounts.get("EUR", 0) for it in made.state.all(Counter) if it.kind == "spent"), 0)
    cost = -sum(it.amount for it in made.state.all(Balance) if (it.account, it.unit) == ("expense", "EUR"))
    return status, spent, cost


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def order(made: World, person: str, amount: int, off: int, naming: str | None = None, **more: Any) -> Decision:
    more.setdefault("invoice", f"{person}-{len(made.log)}")
    return made.buy(person, amount, offer=naming, discount=off, **more)


def welcomes(made: World) -> list[Any]:
    return [it for it in made.rewards() if it.kind == "welcome"]


def _order(made: World, verb: str, what: list[str], more: dict[str, str]) -> Decision:
    person, amount = what
    naming = more.get("naming", person)
    named = None if naming == "nothing" else naming if naming.startswith("off_") else of(made, naming)
    fields: dict[str, Any] = {"status": "open" if verb == "open" else "paid", "currency": more.get("in", "EUR")}
    if "invoice" in more:
        fields["invoice"] = more["invoice"]
    if "ago" in more:
        fields["when"] = made.now - calendar.duration(more["ago"])
    return order(made, person, minor(amount), minor(more["off"]), named, **fields)


def _happen(made: World, said: list[str]) -> Any:  # noqa: PLR0912 - a word a line
    verb, *what = [word for word in said if "=" not in word]
    more = dict(word.split("=") for word in said if "=" in word)
    match verb:
        case "stands":
            return grant(made, **STANDS)
        case "stop":
            return stop(made)
        case "lead":
            return made.lead(what[0], code="ANN")
        case "others":
            for person in what:
                made.lead(person, code="AMY")
                order(made, person, 9_500, 500, of(made, person))
            return made.tick(made.now + 15 * calendar.DAY)
        case "order" | "open":
            return _order(made, verb, what, more)
        case "wait":
            return made.tick(made.now + calendar.duration(what[0]))
        case "approve":
            return made.approve([it for it in welcomes(made) if it.status == "in_review"])
        case "reject":
            items = made.items(welcomes(made))
            return made.command(events.RewardsRejected, items=items, reason="x")
        case "refund":
            return made.refund(what[0], minor(what[1]), "-".join(["r1", *what[2:]]))
        case "cancel":
            return made.send(events.ConversionCanceled, invoice=what[0])
        case "asked":
            return made.send(events.ChargebackOpened, invoice=what[0], chargeback="cb")
        case "lost" | "kept":
            return made.send(events.ChargebackClosed, invoice=what[0], chargeback="cb", outcome=verb)
        case "claim":
            said_by = {
                "person": "bob",
                "program": made.program(),
                "advocates": ((what[0], 1, 1),),
                "lead_at": made.now,
                "reason": "x",
            }
            return made.command(events.ClaimEntered, **said_by, evidence=("tch_1",))
        case "decide":
            (claim,) = made.state.all(Claim)
            return made.command(events.ClaimDecided, member("ola"), claim=claim.id, outcome=what[0], reason="x")
        case "confirm":
            (case,) = (it for it in made.state.all(Case) if it.status == "open")
            return made.command(events.CaseDecided, member("ola"), case=case.id, outcome="confirmed", reason="x")
        case "appeal":
            (claim,) = made.state.all(Claim)
            made.command(events.ClaimAppealed, member("eve"), claim=claim.id, reason="x")
            return made.command(events.ClaimDecided, member("pip"), claim=claim.id, outcome=what[0], reason="x")
        case "merge":
            return made.send(events.PersonMerged, keep=what[0], gone=what[1])
        case _:
            return made.command(events.PersonErased, person=what[0])


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_the_table(told: tuple[dict[str, Any], str]) -> None:
    """Each line of the table is decided as it says, and leaves what it says; all of it is decided so on what is loaded, too."""
    parts, story = told
    made = shop(**parts)
    for line in story.splitlines():
        happens, _, leaves = line.partition("|")
        happens, arrow, expected = happens.partition("->")
        decision = _happen(made, happens.split())
        assert not arrow or decided(decision) == expected.strip(), line
        status, *amounts = leaves.split()
        assert seen(made) == (status, *map(minor, amounts)), line
        assert not any(it.receivable for it in welcomes(made)), "a friend who was paid nothing owes something"
    heard = [sentences(it).beneficiary for _, _, said in made.log for it in said.verdicts if it.side == "friend"]
    assert not [it for it in heard if any(wrong in it for wrong in OF_PAYMENTS)]
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=True)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "lead",
                "lead",
                "order",
                "order",
                "open",
                "cancel",
                "refund",
                "wait",
                "approve",
                "merge",
                "claim",
                "appeal",
            )
        ),
        st.integers(0, 4),
        st.integers(0, 5),
    ),
    max_size=30,
)


def _step(made: World, verb: str, a: int, b: int) -> None:
    person, other = f"f{a}", f"f{(a + b) % 5}"
    match verb:
        case "lead":
            made.lead(person, code=("ANN", "AMY")[b % 2])
        case "order" | "open":
            fields = {"status": "open" if verb == "open" else "paid", "invoice": f"{person}-{b % 3}"}
            order(made, person, (9_500, 1_000)[b == 5], (500, 300, 0)[b % 3], of(made, other), **fields)
        case "cancel":
            made.send(events.ConversionCanceled, invoice=f"{person}-{b % 3}")
        case "refund":
            made.refund(f"{person}-{b % 3}", (9_500, 8_000)[b % 2], f"r{b}")
        case "wait":
            made.tick(made.now + (1, 13, 30)[b % 3] * calendar.DAY)
        case "approve":
            made.approve([it for it in welcomes(made) if it.status == "in_review" and not it.cases])
        case "merge" if b == 0:
            made.send(events.PersonMerged, keep=person, gone=f"f{(a + 1) % 5}")
        case "appeal":
            for claim in [it for it in made.state.all(Claim) if it.status in ("won", "none")]:
                made.command(events.ClaimAppealed, member("eve"), claim=claim.id, reason="x")
                outcome = ("won", "none", "lost")[b % 3]
                made.command(events.ClaimDecided, member("pip"), claim=claim.id, outcome=outcome, reason="x")
        case "claim":
            said = {"person": person, "program": made.program(), "advocates": (("amy", 1, 1),), "reason": "x"}
            made.command(events.ClaimEntered, **said, lead_at=made.now, evidence=("tch_1",))
            for claim in [it for it in made.state.all(Claim) if it.status == "open" and b > 2]:
                made.command(
                    events.ClaimDecided, OWNER, claim=claim.id, outcome=("won", "none", "lost")[b - 3], reason="x"
                )


@settings(max_examples=60, deadline=None)
@given(STEPS, st.booleans(), st.booleans())
def test_no_budget_is_overdrawn_and_no_order_has_two_offers(
    steps: list[tuple[str, int, int]], stands: bool, parted: bool
) -> None:
    """In any order of leads, orders, claims and ends; each is decided on what is loaded as on the whole workspace."""
    made = shop(budget={"EUR": 1_400})
    if stands:
        grant(made, **STANDS)
    for step in [("lead", 0, 0), ("lead", 1, 0), ("lead", 2, 0), ("order", 0, 0), *steps]:
        _step(made, *step)
        _, spent, cost = seen(made)
        assert 0 <= cost <= spent
        assert spent <= 1_400 or any(it.by_claim for it in welcomes(made)), "but by what an appeal gives back"
    assert len(offers(made)) >= 2
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=parted)


def test_an_approval_books_and_sends_nothing() -> None:
    """No job for any rail follows from it, and the payout that stands for it in the books is complete."""
    made = shop()
    made.lead("bob", code="ANN")
    order(made, "bob", 9_500, 500, of(made, "bob"))
    made.tick(made.now + 15 * calendar.DAY)
    decision = made.approve(welcomes(made))
    (payout,) = made.state.all(Payout)
    assert (decision.jobs, payout.status, payout.rail, payout.releases) == ((), "completed", "welcome", ("owner",))
    assert made.balances()["settled", "welcome"] == 500
    assert seen(made) == ("redeemed", 500, 500)
    assert made.answer(payout, "returned").verdicts[0].refusal == "wrong_state"


def test_rules_that_welcome_nobody_look_at_no_offer() -> None:
    """What such a program decides has no word about offers, so that what was decided before they were is decided alike."""
    made = shop(rewards=[advocate(percent="10"), friend(flat={"EUR": 500})], conversion={})
    said = [made.lead("bob", code="ANN"), made.buy("bob", 9_500, discount=500)]
    assert {verdict.about for decision in said for verdict in decision.verdicts} == {"attribution", "reward"}
    assert offers(made) == []


def two_programs() -> tuple[World, list[str]]:
    """A workspace of two programs that share their customers: both have brought bob, and promise him something."""
    made = World()
    made.join(OWNER, member("ola"))
    for program, person in (("main", "ann"), ("other", "amy")):
        made.publish(rules(program=program, rewards=SIDES, shares_customers=True))
        made.enrol(person, program=made.program(program))
        made.lead("bob", code=person.upper())
    return made, [it.id for it in offers(made)]


@pytest.mark.parametrize("status", ["open", "paid"])
def test_an_order_that_names_another_offer_leaves_the_one_before(status: str) -> None:
    """Told again with the other one, paid or not, it has that alone; the one before is open for another order."""
    made, (one, other) = two_programs()
    order(made, "bob", 9_500, 500, one, status="open", invoice="7")
    order(made, "bob", 9_500, 500, other, status=status, invoice="7")
    left, had = offers(made)
    assert (left.status, left.conversion) == (("open", None) if status == "open" else ("ended", None))
    assert (had.status, had.conversion) == ("bound" if status == "open" else "redeemed", "inv:7")
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=True)


def won(made: World, lead_at: int) -> None:
    """It is decided that amy brought bob, at an instant."""
    said = {"person": "bob", "program": made.program(), "advocates": (("amy", 1, 1),), "lead_at": lead_at}
    made.command(events.ClaimEntered, **said, reason="x", evidence=("tch_1",))
    (claim,) = made.state.all(Claim)
    made.command(events.ClaimDecided, member("ola"), claim=claim.id, outcome="won", reason="x")


def test_an_offer_that_goes_with_its_friend_stays_what_was_promised() -> None:
    """Whatever the rules promise by then to whom they bind; and a part of its order that is given back changes nothing of it."""
    made = shop()
    made.lead("bob", code="ANN")
    made.tick(made.now + calendar.DAY)
    less = friend(kind="welcome", flat={"EUR": 300}, valid="30d")
    made.publish(rules(rewards=[SIDES[0], less], conversion={"minimum": {"EUR": 2_000}}, hold="14d"))
    made.tick(made.now + calendar.DAY)
    won(made, made.now)
    order(made, "bob", 9_500, 500, of(made, "bob"), invoice="7")
    (reward,), (offer,) = welcomes(made), offers(made)
    assert (offer.rules == reward.rules, reward.amount) == (False, 500)
    made.refund("7", 1_000, "r1")
    assert seen(made) == ("redeemed", 500, 0)
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=True)


def test_an_offer_that_goes_with_its_friend_ends_with_the_window_that_they_have_then() -> None:
    """What no order could redeem any more is not told to be usable, and holds nothing of the budget."""
    made = shop(conversion={"minimum": {"EUR": 2_000}, "window": "30d"})
    start = made.now
    made.tick(start + 25 * calendar.DAY)
    made.lead("bob", code="ANN")
    won(made, start)
    (offer,) = offers(made)
    assert offer.until == start + 30 * calendar.DAY
    made.tick(offer.until)
    assert seen(made) == ("ended", 0, 0)


def test_nothing_is_owed_from_before_that_a_shop_took_off() -> None:
    """A balance of another system is of what is paid; one of welcomes is refused and told so, as a correction is."""
    made = shop()
    fields = {"person": "ann", "program": made.program(), "amount": 500, "reference": "b1", "currency": "EUR"}
    [said] = made.send(events.BalanceOpened, reward_kind="welcome", **fields).verdicts
    assert (said.refusal, made.rewards()) == ("wrong_state", [])
    assert made.send(events.BalanceOpened, **fields).verdicts[0].outcome == "opened"


SHOWS = {
    "the shop says since when they buy": lambda it: it.send(
        events.CustomerKnown, person="bob", since=it.now - 400 * calendar.DAY
    ),
    "an account of before turns out to be theirs": lambda it: (
        it.recognise(*(("mail", "one", person, True) for person in ("bob", "old"))),
        it.send(events.CustomerKnown, person="old", since=it.now - 400 * calendar.DAY),
    ),
    "the advocate turns out to be the friend": lambda it: (
        it.recognise(*(("mail", "one", person, True) for person in ("bob", "ann"))),
        it.send(events.CustomerKnown, person="ann", since=it.now),
    ),
}


@pytest.mark.parametrize("shown", SHOWS)
def test_who_turns_out_not_to_be_new_is_promised_nothing_any_more(shown: str) -> None:
    """An offer that is open ends, says why, and the budget has it back; one that is redeemed waits for a person. Before 7 it stayed."""
    for number, then in ((semantics.CURRENT, ("ended", 0)), (semantics.WELCOMES_END_BY_PROOF - 1, ("open", 500))):
        made = shop()
        made.semantics = number
        made.lead("bob", code="ANN")
        assert seen(made)[:2] == ("open", 500)
        SHOWS[shown](made)
        assert seen(made)[:2] == then
        assert [it.reason for it in offers(made)] == ["not_new" if then[0] == "ended" else None]
    made = shop()
    made.lead("bob", code="ANN")
    order(made, "bob", 9_500, 500, of(made, "bob"))
    SHOWS[shown](made)
    assert (seen(made)[:2], len([it for it in made.state.all(Case) if it.status == "open"])) == (("redeemed", 500), 1)


@pytest.mark.parametrize("shown", SHOWS)
def test_an_order_that_is_canceled_behind_a_proof_frees_no_offer(shown: str) -> None:
    """What an open order names stays its own; once that order is no more nobody is promised anything, and the budget has it back."""
    made = shop()
    made.lead("bob", code="ANN")
    order(made, "bob", 9_500, 500, of(made, "bob"), status="open", invoice="i1")
    SHOWS[shown](made)
    assert seen(made)[:2] == ("bound", 500)
    made.send(events.ConversionCanceled, invoice="i1")
    assert seen(made)[:2] == ("ended", 0)
    assert [it.reason for it in offers(made)] == ["not_new"]
    order(made, "bob", 9_500, 500, offers(made)[0].id, invoice="i2")
    assert (seen(made)[0], welcomes(made)) == ("ended", [])


@pytest.mark.parametrize("appeal", ["lost", "won"])
def test_an_offer_that_ended_with_its_referral_is_not_open_again_behind_a_proof(appeal: str) -> None:
    """Whoever brought the friend on appeal: the shop said meanwhile that they were a customer before. Before 7 it was open again."""
    for number, then in ((semantics.CURRENT, ("ended", 0)), (semantics.WELCOMES_END_BY_PROOF - 1, ("open", 500))):
        made = shop()
        made.semantics = number
        for said in (["lead", "bob"], ["claim", "amy"], ["decide", "none"]):
            _happen(made, said)
        assert seen(made)[:2] == ("ended", 0)
        SHOWS["the shop says since when they buy"](made)
        _happen(made, ["appeal", appeal])
        assert seen(made)[:2] == then


def test_a_proof_ends_an_offer_also_where_the_welcome_alone_is_for_new_customers() -> None:
    """And not where anybody is welcomed."""
    new = {"minimum": {"EUR": 2_000}, "conditions": [{"kind": "customer", "new": True}]}
    for parts, status in (({"conversion": new}, "ended"), ({}, "open")):
        made = shop(new_customers_only=False, **parts)
        made.lead("bob", code="ANN")
        made.send(events.CustomerKnown, person="bob", since=made.now - 400 * calendar.DAY)
        assert [it.status for it in offers(made)] == [status]
        assert not [it for it in made.state.all(Case) if it.status == "open"]
