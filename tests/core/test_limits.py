"""Caps of a period, the budget, places, recurring months, the advocate's own standing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import advocate, at, friend

from goodword.core import calendar
from goodword.core.draft import Draft
from goodword.core.rules import Conversion, Limit, Reward, Rules
from goodword.core.stages import limits
from goodword.core.state import Counter, Kin, Referral, State, Used


def capped(**limit: object) -> dict[str, object]:
    return {"rewards": [advocate(percent="10", limits=[limit]), friend(flat={"EUR": 500})]}


STORIES = stories(__file__)


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story is decided as it says."""
    parts, story = STORIES[name]
    tell(world(**parts), story)


def test_a_capped_reward_was_never_reversed() -> None:
    """What an amount cap kept back was not earned: gross is what was owed before refunds."""
    made = world(**capped(per="month", amount={"EUR": 400}))
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
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
    state.miss(Kin, ["ann"])
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
