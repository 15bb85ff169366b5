"""Every refusal has the smallest story that produces it: a member without one fails here."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.core.builder import OWNER, World, advocate, at, friend, member, rules
from tests.core.stories import tell, world

from goodword.core import events
from goodword.core.facts import Actor, Match
from goodword.core.refusals import Refusal

#: refusal -> (parts of the rules, story); its last line is refused so
TOLD: dict[str, tuple[dict[str, Any], str]] = {
    "code_taken": ({}, "01-02 enrol abe code=ANN"),
    "already_enrolled": ({}, "01-02 enrol ann"),
    "person_unknown": ({}, "01-02 suspended zoe"),
    "unknown_program": ({}, "01-02 lead bob code=ANN program=prg_none"),
    "duplicate_conversion": ({}, "01-02 buy bob 10.00 EUR\n01-02 buy bob 10.00 EUR"),
    "conversion_conflict": ({}, "01-02 buy bob 10.00 EUR\n01-02 buy bob 20.00 EUR"),
    "not_paid": ({}, "01-02 buy bob 10.00 EUR open"),
    "program_not_active": ({}, "01-02 paused main\n01-02 lead bob code=ANN"),
    "already_bound": ({}, "01-02 lead bob code=ANN\n01-02 lead bob code=AMY"),
    "existing_customer": ({}, "01-02 buy bob 10.00 EUR\n01-03 lead bob code=ANN"),
    "unknown_code": ({}, "01-02 lead bob code=NONE"),
    "bot_touch": ({}, "01-02 click ANN v1 bot\n01-02 lead bob v1"),
    "advocate_not_enrolled": ({}, "01-02 click ABE v1\n01-03 enrol abe\n01-03 lead bob v1"),
    "advocate_not_active": ({}, "01-02 left ann\n01-02 lead bob code=ANN"),
    "terms_missing": ({"requires_terms": True}, "01-02 lead bob code=ANN"),
    "outside_window": ({}, "01-02 click ANN v1\n03-02 lead bob v1"),
    "self_referral": ({}, "01-02 lead ann code=ANN"),
    "unverified_lead": ({}, "01-02 lead bob page code=ANN"),
    "no_touch": ({}, "01-02 lead bob"),
    "not_referred": ({}, "01-02 buy bob 10.00 EUR"),
    "program_ended": ({}, "01-02 lead bob code=ANN\n01-02 ended main\n01-02 buy bob 10.00 EUR"),
    "conversion_not_offered": ({}, "01-02 lead bob code=ANN\n01-02 buy bob name=sign-up"),
    "before_lead": ({}, "01-02 lead bob code=ANN\n01-01 buy bob 10.00 EUR"),
    "outside_conversion_window": (
        {"conversion": {"window": "1d"}},
        "01-02 lead bob code=ANN\n01-03 buy bob 10.00 EUR",
    ),
    "currency_not_offered": (
        {"rewards": [advocate(flat={"EUR": 1})]},
        "01-02 lead bob code=ANN\n01-02 buy bob 10.00 USD",
    ),
    "below_minimum": (
        {"conversion": {"minimum": {"EUR": 1_000}}},
        "01-02 lead bob code=ANN\n01-02 buy bob 9.99 EUR",
    ),
    "condition_not_met": (
        {"conversion": {"conditions": [{"kind": "country", "any_of": ["DE"]}]}},
        "01-02 lead bob code=ANN\n01-02 buy bob 10.00 EUR country=FR",
    ),
    "not_first": ({}, "01-02 lead bob code=ANN\n01-02 buy bob 10.00 EUR\n01-02 buy bob 9.00 EUR invoice=b"),
    "recurring_ended": (
        {"conversion": {"counts": {"months": 1}}},
        "01-02 lead bob code=ANN\n01-02 buy bob 10.00 EUR\n02-02 buy bob 9.00 EUR invoice=b",
    ),
    "beneficiary_not_active": ({}, "01-02 lead bob code=ANN\n01-02 left ann\n01-02 buy bob 10.00 EUR"),
    "count_cap_reached": (
        {"rewards": [advocate(percent="10", limits=[{"per": "day", "count": 0}])]},
        "01-02 lead bob code=ANN\n01-02 buy bob 10.00 EUR",
    ),
    "amount_cap_reached": (
        {"rewards": [advocate(percent="10", limits=[{"per": "day", "amount": {"EUR": 0}}])]},
        "01-02 lead bob code=ANN\n01-02 buy bob 10.00 EUR",
    ),
    "budget_exhausted": ({"budget": {"EUR": 0}}, "01-02 lead bob code=ANN\n01-02 buy bob 10.00 EUR"),
    "duplicate_refund": ({}, "01-02 refund x 1.00\n01-02 refund x 1.00"),
    "refund_exceeds": ({}, "01-02 buy bob 10.00 EUR\n01-02 refund bob-1 10.01"),
    "chargeback_unknown": ({}, "01-02 chargeback bob-1 lost"),
    "wrong_state": ({}, "01-02 ended main\n01-02 active main"),
}


def in_review(**parts: Any) -> World:
    made = world(hold="0d", rewards=[advocate(percent="10"), friend(kind="credit", flat={"EUR": 500})], **parts)
    made.referred()
    made.payee("ann")
    return made


def in_future() -> World:
    made = world()
    made.lead("bob", made.now + 5 * 60_000_000 + 1, accepted_at=made.now)
    return made


def program_required() -> World:
    made = world()
    made.publish(rules(program="other"))
    made.enrol("abe")
    return made


def marked_as_test() -> World:
    made = world()
    made.buy("bob", test=True)
    return made


def not_permitted() -> World:
    made = in_review()
    made.approve(made.rewards(), member("pat", "payer"))
    return made


def outside_scope() -> World:
    made = in_review()
    other = made.publish(rules(program="other"))
    made.approve(made.rewards(), Actor(id="mia", kind="member", roles=("approver",), programs=(other,)))
    return made


def owner_scoped() -> World:
    made = world()
    made.command(events.MemberSet, member="mia", roles=("owner",), programs=("main",))
    return made


def not_found() -> World:
    made = world()
    made.command(events.CaseDecided, case="cas_none", outcome="cleared", reason="x")
    return made


def nothing_to_do() -> World:
    made = world()
    made.approve([])
    return made


def item_changed() -> World:
    made = in_review()
    made.approve(made.rewards(), list_sha256="0" * 64)
    return made


def hold_running() -> World:
    made = world()
    made.referred()
    made.approve(made.rewards())
    return made


def case_open() -> World:
    made = in_review()
    made.send(events.ChargebackOpened, invoice="bob-1", chargeback="cb")
    made.approve(made.rewards())
    return made


def below_payout_minimum() -> World:
    made = in_review(payout_minimum={"EUR": 100_000})
    made.approve(made.rewards())
    made.tick(at("06-01"))
    made.draft("ann")
    return made


def payee_missing() -> World:
    made = world(hold="0d")
    made.referred()
    made.approve(made.rewards())
    return made


def own_work() -> World:
    made = case_open()
    made.command(events.CaseDecided, OWNER, case=made.cases()[0].id, outcome="cleared", reason="x")
    made.approve(made.rewards(), OWNER)
    return made


def rail_answers() -> World:
    made = world(hold="0d", rewards=[advocate(flat={"EUR": 2_500})])
    made.payee("ann", rail="pigeon")
    made.referred()
    made.approve(made.rewards())
    made.tick(at("02-20"))
    (payout,) = made.draft("ann", rail="pigeon")
    made.release([payout])
    made.answer(payout, "processing")
    made.answer(payout, "failed", OWNER)
    return made


def same_member() -> World:
    made = in_review()
    for _ in range(2):
        made.approve(made.rewards(), member("mia", "approver", EUR=1))
    return made


def rules_invalid() -> World:
    made = World()
    made.command(events.ProgramPublished, slug="main", rules="x", document="{")
    return made


def not_forward() -> World:
    made = world()
    made.tick(at("02-01"))
    made.command(events.ClockMoved, to=at("01-31"))
    return made


MADE: tuple[Callable[[], World], ...] = (
    in_future, program_required, not_permitted, outside_scope, owner_scoped, not_found, nothing_to_do, item_changed, hold_running,
    case_open, below_payout_minimum, payee_missing, own_work, rail_answers, same_member, rules_invalid, not_forward,
)  # fmt: skip
SCENARIOS = {make.__name__: make for make in MADE} | {"test_event": marked_as_test}


@pytest.mark.parametrize("refusal", [member_.name for member_ in Refusal])
def test_refusal(refusal: str) -> None:
    """The story's last event is refused so, and said so once about each side that it concerns."""
    if refusal in TOLD:
        parts, story = TOLD[refusal]
        made = world(**parts)
        tell(made, story)
    else:
        made = SCENARIOS[refusal]()
    assert refusal in [verdict.refusal for verdict in made.log[-1][2].verdicts]


def test_a_verified_key_refuses_what_was_attributed_before() -> None:
    """Attributed while nothing was known; a verified key that both share refuses the reward."""
    made = world()
    tell(made, "01-02 lead bob code=ANN")
    made.matches = [Match("bob", "ann", "payment", verified=True)]
    tell(made, "01-03 buy bob 10.00 EUR -> refused self_referral")


def test_the_first_of_several_reasons_is_given() -> None:
    """Too late, too small, in another currency: the one that stands first in the list."""
    made = world(conversion={"window": "1d", "minimum": {"EUR": 2_000}}, rewards=[advocate(flat={"EUR": 1})])
    tell(
        made,
        """
        01-02 lead bob code=ANN
        01-05 buy bob 1.00 USD invoice=a -> refused outside_conversion_window
        01-02 buy bob 1.00 USD invoice=b -> refused currency_not_offered
        01-02 buy bob 1.00 EUR invoice=c -> refused below_minimum
        """,
    )


def test_each_has_one_scenario() -> None:
    """No story for a refusal that is gone, none told twice."""
    assert set(TOLD) | set(SCENARIOS) == set(Refusal.__members__)
    assert not set(TOLD) & set(SCENARIOS)
