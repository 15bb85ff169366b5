"""Caps of a period, the budget, places, recurring months, the advocate's own standing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell, under, world
from testkit.world import advocate, at, friend

from goodword.core import calendar
from goodword.core.draft import Draft
from goodword.core.rules import Conversion, Limit, Reward, Rules
from goodword.core.stages import limits
from goodword.core.state import Counter, Referral, State, Used

FRIENDS = "\n".join(f"02-01 lead {name} code=ANN" for name in ("bob", "bea", "ben", "bel")) + "\n"


def capped(**limit: object) -> dict[str, object]:
    return {"rewards": [advocate(percent="10", limits=[limit]), friend(flat={"EUR": 500})]}


STORIES: dict[str, tuple[dict[str, object], str]] = {
    **under(
        capped(per="month", count=1),
        """
        a count cap refuses the advocate's side alone
            02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
            02-03 buy bea 100.00 EUR -> ann: refused count_cap_reached; bea 5.00 EUR
            03-01 buy ben 100.00 EUR -> ben 5.00 EUR; ann 10.00 EUR
        what was refused is not paid later, and a reversal frees no place
            02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
            02-03 buy bea 100.00 EUR -> ann: refused count_cap_reached; bea 5.00 EUR
            02-04 refund bob-1 100.00 -> applied; bob now 0.00 EUR; ann now 0.00 EUR
            02-05 buy ben 100.00 EUR -> ann: refused count_cap_reached; ben 5.00 EUR
        the period is that of the conversion, not of its arrival
            03-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
            02-28 buy bea 100.00 EUR -> bea 5.00 EUR; ann 10.00 EUR
            02-29T23:59:59.999999 buy ben 100.00 EUR -> ann: refused count_cap_reached; ben 5.00 EUR
        """,
    ),
    "a count of none": (
        capped(per="ever", count=0),
        "02-02 buy bob 100.00 EUR -> ann: refused count_cap_reached; bob 5.00 EUR",
    ),
    "an amount cap pays what is left": (
        capped(per="month", amount={"EUR": 1_500}),
        """
        02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        02-03 buy bea 100.00 EUR -> bea 5.00 EUR; ann 5.00 EUR
        02-04 buy ben 100.00 EUR -> ann: refused amount_cap_reached; ben 5.00 EUR
        03-01 buy bel 100.00 EUR -> bel 5.00 EUR; ann 10.00 EUR
        """,
    ),
    "exactly what is left": (
        capped(per="month", amount={"EUR": 1_000}),
        "02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR",
    ),
    "a refund lowers a capped reward only below what it is": (
        capped(per="month", amount={"EUR": 400}),
        """
        02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 4.00 EUR
        02-03 refund bob-1 50.00 r1 -> applied; bob now 5.00 EUR; ann now 4.00 EUR
        02-04 refund bob-1 20.00 r2 -> applied; bob now 5.00 EUR; ann now 3.00 EUR
        """,
    ),
    "the budget covers whole rewards, the friend's first": (
        {"budget": {"EUR": 2_000}},
        """
        02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        02-03 buy bea 100.00 EUR -> ann: refused budget_exhausted; bea 5.00 EUR
        02-04 buy ben 100.00 EUR -> ben: refused budget_exhausted; ann: refused budget_exhausted
        02-05 refund bob-1 100.00 -> applied; bob now 0.00 EUR; ann now 0.00 EUR
        02-06 buy bel 100.00 EUR -> bel 5.00 EUR; ann 10.00 EUR
        """,
    ),
    "a budget exactly used up": (
        {"budget": {"EUR": 1_500}},
        "02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR",
    ),
    "a budget in one currency limits no other": (
        {"budget": {"EUR": 0}, "rewards": [advocate(percent="10")]},
        """
        02-02 buy bob 100.00 EUR -> ann: refused budget_exhausted
        02-02 buy bea 100.00 USD -> ann 10.00 USD
        """,
    ),
    "all conversions of two calendar months from the first": (
        {"conversion": {"counts": {"months": 2}}},
        """
        02-10T12:00 buy bob 100.00 EUR invoice=a -> bob 5.00 EUR; ann 10.00 EUR
        04-10T11:59:59.999999 buy bob 100.00 EUR invoice=b -> bob 5.00 EUR; ann 10.00 EUR
        04-10T12:00 buy bob 100.00 EUR invoice=c -> refused recurring_ended
        02-10T11:59:59.999999 buy bob 100.00 EUR invoice=d -> refused not_first
        """,
    ),
    **under(
        {},
        """
        a suspended advocate earns nothing new, the friend does
            02-02 suspended ann
            02-03 buy bob 100.00 EUR -> ann: refused beneficiary_not_active; bob 5.00 EUR
            02-04 resumed ann
            02-05 buy bea 100.00 EUR -> bea 5.00 EUR; ann 10.00 EUR
        a paused program still rewards
            02-02 paused main
            02-03 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        an ended one takes refunds only
            02-02 buy bob 100.00 EUR
            02-03 ended main -> ended
            02-03 active main -> refused wrong_state
            02-04 buy bea 100.00 EUR -> refused program_ended
            02-05 refund bob-1 100.00 -> applied; bob now 0.00 EUR; ann now 0.00 EUR
        """,
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story is decided as it says."""
    parts, story = STORIES[name]
    tell(world(**parts), FRIENDS + story)


def test_a_capped_reward_was_never_reversed() -> None:
    """What an amount cap kept back was not earned: gross is what was owed before refunds."""
    made = world(**capped(per="month", amount={"EUR": 400}))
    tell(made, FRIENDS + "02-02 buy bob 100.00 EUR")
    assert made.reward(side="advocate").gross == 400


def test_counters_are_one_set_over_versions_the_limit_is_the_referrals() -> None:
    """Rewards under an older version take places under the newer; each referral is held to its own version's limit."""
    made = world(**capped(per="month", count=1))
    tell(made, "01-02 lead old code=ANN\n01-02 lead older code=ANN")
    made.publish(**capped(per="month", count=2))
    tell(
        made,
        """
        01-03 lead new code=ANN
        01-04 buy old 100.00 EUR -> old 5.00 EUR; ann 10.00 EUR
        01-05 buy new 100.00 EUR -> new 5.00 EUR; ann 10.00 EUR
        01-05 buy older 100.00 EUR -> ann: refused count_cap_reached; older 5.00 EUR
        """,
    )


def test_a_referral_lapses_when_its_windows_close() -> None:
    """A timer at the end of the last window lapses it; a conversion of before that arrives later still converts it."""
    made = world(conversion={"window": "10d"})
    tell(made, "02-01 lead bob code=ANN")
    made.tick("2024-02-10")
    assert [referral.status for referral in made.state.all(Referral)] == ["attributed"]
    made.tick("2024-02-11")
    assert [referral.status for referral in made.state.all(Referral)] == ["lapsed"]
    tell(made, "02-10 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR")
    assert [referral.status for referral in made.state.all(Referral)] == ["converted"]


@given(
    times=st.lists(st.integers(at("2023-12-20"), at("2025-01-10")), min_size=1, max_size=30),
    per=st.sampled_from(calendar.PERIODS),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"]),
)
def test_every_period_is_made_of_days_and_months(times: list[int], per: str, zone: str) -> None:
    """What was used in a period is what was used at the instants that lie in it, and only loaded counters are looked at."""
    rule = Reward(side="advocate", limits=(Limit(per=per),))  # type: ignore[arg-type]
    rules = Rules(program="main", currency="EUR", timezone=zone, conversions=(Conversion(rewards=(rule,)),))
    state = State(complete=False)
    draft = Draft(state, {}, "evt", 0)
    kind = limits.kind_of("purchase", rule)
    for n, time in enumerate(times):
        state.miss(Counter, [("prg", "ann", kind, period) for period in limits.periods(rules, time)])
        limits.use(draft, rules, limits.Counted("prg", "ann", kind, time, "EUR"), n)
    for time in times:
        period = calendar.period(time, per, zone)
        same = [n for n, t in enumerate(times) if calendar.period(t, per, zone) == period]
        used = limits.used(draft, rules, limits.Counted("prg", "ann", kind, time), per, period)
        assert used == Used(len(same), {"EUR": sum(same)} if sum(same) else {})
