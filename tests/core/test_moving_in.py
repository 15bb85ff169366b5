"""What ran in another system goes on here: referrals with the rest of their time, settled orders, opening balances."""

from typing import Any

from testkit.world import OWNER, World, advocate, member, verdict

from goodword.core import calendar, events, lists, reviews
from goodword.core.decision import Decision, Verdict
from goodword.core.ledger import OPENING
from goodword.core.state import Balance, Conversion, Customer, Referral

YEAR = {"rewards": [advocate(percent="10")], "conversion": {"counts": {"months": 12}}}
JANUARY = calendar.parse("2026-01-10T00:00:00Z")
FIRST = calendar.parse("2026-01-10T01:00:00Z")


def moved_in(**rules: Any) -> World:
    """Return a workspace whose program was published in June, with an advocate; the clock stands a day later."""
    world = World(start="2026-06-01")
    world.publish(**(rules or YEAR))
    world.tick("2026-06-02")
    world.enrol("ann")
    return world


def imported(world: World, **more: Any) -> Decision:
    """Bring bob's referral along."""
    fields = {"person": "bob", "advocate": "ann", "lead_at": JANUARY, "first": {"purchase": FIRST}} | more
    return world.send(events.ReferralImported, **fields)


def told(decision: Decision) -> list[tuple[str, str | None, int | None]]:
    """Return outcome, refusal and amount of each verdict."""
    return [(each.outcome, each.refusal, each.amount) for each in decision.verdicts]


def refusal(decision: Decision) -> str | None:
    """Return the only refusal."""
    [said] = decision.verdicts
    return said.refusal


def test_a_running_referral_has_the_rest_of_its_year() -> None:
    """B12: the binding is kept, what was settled earns nothing, an invoice inside the year earns, one at its very end does not."""
    world = moved_in()
    assert verdict(imported(world)) == "imported"
    [referral] = list(world.state.all(Referral))
    assert (referral.status, referral.lead_at) == ("converted", JANUARY)
    assert told(world.buy("bob", 5_000, FIRST, invoice="o1", settled=True))[-1] == (
        "refused",
        "settled_elsewhere",
        None,
    )
    assert told(world.buy("bob", 5_000, "2026-06-01T12:00", invoice="o2")) == [("earned", None, 500)]
    world.tick("2027-01-10T01:00")
    assert refusal(world.buy("bob", 5_000, "2027-01-10T01:00", invoice="o3")) == "recurring_ended"
    assert world.state.get(Customer, "bob").first_conversion_at == FIRST  # type: ignore[union-attr]


def test_what_was_settled_first_takes_the_place_in_whatever_order_it_comes() -> None:
    """The settled order before the referral, or behind it: the next order of a program that pays the first alone earns nothing."""
    for before in (True, False):
        world = moved_in(rewards=[advocate(percent="10")])
        if before:
            world.buy("bob", 5_000, FIRST, invoice="o1", settled=True)
        imported(world, first={})
        if not before:
            world.buy("bob", 5_000, FIRST, invoice="o1", settled=True)
        assert told(world.buy("bob", 5_000, invoice="o2"))[-1] == ("refused", "not_first", None)
        assert world.rewards() == []


def test_an_order_that_came_before_its_referral_is_decided_again() -> None:
    """What nobody was thanked for earns once the referral is brought along."""
    world = moved_in()
    assert refusal(world.buy("bob", 5_000, "2026-06-01T12:00", invoice="o2")) == "not_referred"
    assert told(imported(world)) == [("imported", None, None), ("earned", None, 500)]


def test_a_bound_customer_gets_a_claim() -> None:
    """Nothing moves by itself; the same referral again is said to be there already, without a claim."""
    world = moved_in()
    world.enrol("amy")
    imported(world)
    assert refusal(imported(world)) == "already_bound"
    assert world.claims() == []
    assert refusal(imported(world, advocate="amy")) == "already_bound"
    [claim] = world.claims()
    assert (claim.status, [share.person for share in claim.shares]) == ("open", ["amy"])


def test_a_claim_leaves_the_place_that_another_system_paid() -> None:
    """Who wins the friend has the rest of the year as it is, and nothing is looked for behind the place that was taken elsewhere."""
    world = moved_in()
    world.enrol("amy")
    imported(world)
    imported(world, advocate="amy", lead_at=JANUARY - calendar.DAY)
    [claim] = world.claims()
    world.command(events.ClaimDecided, claim=claim.id, outcome="won", reason="seen")
    [now] = [referral for referral in world.state.all(Referral) if referral.status != "void"]
    assert ([share.person for share in now.shares], now.qualified[0].at) == (["amy"], FIRST)
    assert told(world.buy("bob", 5_000, invoice="o2")) == [("earned", None, 500)]


def test_a_wrong_import_says_what_is_wrong() -> None:
    """Each names its reason, and nothing is bound."""
    world = moved_in()
    later = world.now + calendar.DAY
    for fields, reason in (
        ({"advocate": "nobody"}, "advocate_not_enrolled"),
        ({"advocate": "bob"}, "self_referral"),
        ({"lead_at": later}, "in_future"),
        ({"first": {"purchase": later}}, "in_future"),
        ({"first": {"signup": FIRST}}, "conversion_not_offered"),
    ):
        assert refusal(imported(world, **fields)) == reason
    assert list(world.state.all(Referral)) == []


def opened(world: World, amount: int, reference: str = "old-1", **more: Any) -> Verdict:
    """Open a balance of ann's."""
    fields = {"person": "ann", "amount": amount, "reference": reference, "currency": "EUR"} | more
    [said] = world.send(events.BalanceOpened, **fields).verdicts
    return said


def balances(world: World) -> dict[str, int]:
    """Return the sums of accounts that are not nought."""
    sums: dict[str, int] = {}
    for each in world.state.all(Balance):
        sums[each.account] = sums.get(each.account, 0) + each.amount
    return {account: amount for account, amount in sums.items() if amount}


def test_what_another_system_owed_is_paid_as_everything_is() -> None:
    """12.00 from before: in review, approved by a person, sent; it is no expense of this year. The reference counts once."""
    world = moved_in()
    assert opened(world, 1_200).outcome == "opened"
    assert opened(world, 900).refusal == "duplicate_conversion"
    [reward] = world.rewards()
    assert (reward.status, reward.amount, reward.on) == ("in_review", 1_200, OPENING)
    assert balances(world) == {"opening": -1_200, "accrued": 1_200}
    world.payee("ann")
    assert verdict(world.approve(world.rewards())) == "approved"
    world.tick("2026-08-02")
    [payout] = world.draft("ann")
    assert verdict(world.release([payout], member("pia", "payer"))) == "released"
    assert payout.amount == 1_200


def test_what_is_rejected_of_it_goes_back_to_where_it_came_from() -> None:
    """A rejected opening balance leaves no expense and no income behind."""
    world = moved_in()
    opened(world, 1_200)
    world.command(events.RewardsRejected, OWNER, items=world.items(world.rewards()), reason="mistake")
    assert balances(world) == {}


def test_what_was_rejected_of_it_by_mistake_is_restored() -> None:
    """Two members put an opening balance back that was rejected: no order and no referral stand behind it, and it is owed in full."""
    world = moved_in()
    opened(world, 1_200)
    world.command(events.RewardsRejected, OWNER, items=world.items(world.rewards()), reason="mistake")
    items = tuple(reviews.restorable(reward) for reward in world.rewards())
    said = {"items": items, "list_sha256": lists.digest(items), "reason": "mistake"}
    assert verdict(world.command(events.RewardsRestored, member("anna", "approver"), **said)) == "second_person_needed"
    assert verdict(world.command(events.RewardsRestored, member("ben", "approver"), **said)) == "restored"
    assert [(reward.status, reward.amount) for reward in world.rewards()] == [("in_review", 1_200)]
    assert balances(world) == {"opening": -1_200, "accrued": 1_200}


def test_a_claim_about_nobody_stops_no_opening_balance() -> None:
    """A claim whose person is no text at all concerns no balance from before, which nobody brought: it is approved."""
    world = moved_in()
    opened(world, 1_200)
    fields = {"advocates": (("amy", 1, 1),), "lead_at": world.now, "reason": "mail", "evidence": ("evt_1",)}
    world.enrol("amy")
    world.command(events.ClaimEntered, member("anna", "approver"), person="", program=world.program(), **fields)
    world.payee("ann")
    assert verdict(world.approve(world.rewards())) == "approved"


def test_whose_friend_an_advocate_is_moves_no_opening_balance() -> None:
    """Ann, who is owed 12.00 from before, is amy's friend by a claim that is won: the balance stays hers."""
    world = moved_in()
    world.enrol("amy")
    opened(world, 1_200)
    since = world.now - calendar.DAY
    fields = {"advocates": (("amy", 1, 1),), "lead_at": since, "reason": "mail", "evidence": ("evt_1",)}
    world.command(events.ClaimEntered, member("anna", "operations"), person="ann", program=world.program(), **fields)
    [claim] = world.claims()
    said = world.command(events.ClaimDecided, OWNER, claim=claim.id, outcome="won", reason="seen")
    assert told(said) == [("won", None, None), ("theirs", None, None)]
    assert [(each.status, each.amount, each.taken_by) for each in world.rewards()] == [("in_review", 1_200, None)]


def test_what_a_case_took_of_it_is_owed_again_on_appeal() -> None:
    """A suspension that is confirmed takes the opening balance; cleared on appeal it is owed again, all of it."""
    world = moved_in()
    opened(world, 1_200)
    world.send(events.AdvocateSuspended, person="ann", program=world.program())
    [case] = world.cases()
    world.command(events.CaseDecided, OWNER, case=case.id, outcome="confirmed", reason="seen")
    assert [(each.status, each.amount) for each in world.rewards()] == [("rejected", 0)]
    world.command(events.CaseAppealed, member("anna", "operations"), case=case.id, reason="new evidence")
    cleared = world.command(
        events.CaseDecided, member("ben", "operations"), case=case.id, outcome="cleared", reason="x"
    )
    assert verdict(cleared) == "cleared"
    assert [(each.status, each.amount) for each in world.rewards()] == [("in_review", 1_200)]
    assert balances(world) == {"opening": -1_200, "accrued": 1_200}


def test_what_was_paid_too_much_elsewhere_is_netted() -> None:
    """An advocate who owes 5.00 from before is sent 7.00 of the next 12.00."""
    world = moved_in()
    opened(world, -500)
    assert balances(world) == {"receivable": -500, "opening": 500}
    opened(world, 1_200, "old-2")
    world.payee("ann")
    world.approve([reward for reward in world.rewards() if reward.amount])
    world.tick("2026-08-02")
    [payout] = world.draft("ann")
    assert payout.amount == 700


def test_points_are_opened_in_the_points_of_their_program() -> None:
    """Points need no currency and no payment details."""
    world = moved_in()
    unit = f"points:{world.program()}"
    assert opened(world, 300, reward_kind="points", currency=None).unit == unit
    [reward] = world.rewards()
    assert (reward.kind, reward.unit, reward.status) == ("points", unit, "in_review")
    assert verdict(world.approve([reward])) == "approved"


def test_an_opening_balance_is_no_order_that_could_be_amended_or_taken_back() -> None:
    """Whoever names it as one is told that there is no such order, and it stays owed as it was."""
    world = moved_in()
    opened(world, 1_000)
    [reward] = world.rewards(beneficiary="ann")
    before = world.state.get(Conversion, reward.conversion)
    assert refusal(world.send(events.ConversionCanceled, conversion=reward.conversion)) == "conversion_unknown"
    figures = {"conversion": reward.conversion, "amount": 500, "currency": "EUR", "reason": "typo"}
    assert refusal(world.command(events.OrderAmended, OWNER, **figures)) == "not_found"
    assert world.reward(beneficiary="ann") == reward
    assert world.state.get(Conversion, reward.conversion) == before
