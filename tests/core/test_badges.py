"""Badges: what somebody reached in a program, by counters that decide anyway; a pause takes nothing away, a refund does."""

from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.world import World, at

from goodword.core import badges, calendar
from goodword.core.badges import Badge
from goodword.core.draft import Draft
from goodword.core.rules import Conversion, Reward, Rules
from goodword.core.state import Counter, Program, State

RULES = Rules(
    program="main",
    currency="EUR",
    timezone="Europe/Berlin",
    conversions=(Conversion(rewards=(Reward(side="advocate"),)),),
)
[KIND] = badges.kinds(RULES)


def has(made: World, until: str) -> tuple[Badge, ...]:
    """Ann's badges on a day of 2024."""
    [program] = made.state.all(Program)
    draft = Draft(made.state, {}, "", at(until))
    return badges.of(draft, program.id, ("ann",), RULES, badges.periods(RULES, at("2024-01-01"), at(until)))


def test_orders_that_count_are_counted_and_a_refund_takes_its_own_back() -> None:
    """The first one is a badge, so are five; months in a row are, whatever pause follows them."""
    made = world(hold="90d")
    assert has(made, "2024-01-02") == ()
    tell(made, "01-02 lead a code=ANN\n01-03 buy a 100.00 EUR")
    assert has(made, "2024-01-04") == (Badge("counted", 1),)
    tell(made, "02-02 lead b code=ANN\n02-03 buy b 100.00 EUR\n03-02 lead c code=ANN\n03-03 buy c 100.00 EUR")
    assert has(made, "2024-03-04") == (Badge("counted", 1), Badge("steady", 3))
    tell(made, "06-02 lead d code=ANN\n06-03 buy d 100.00 EUR\n06-04 lead e code=ANN\n06-05 buy e 100.00 EUR")
    assert has(made, "2024-06-06") == (Badge("counted", 5), Badge("steady", 3))
    tell(made, "06-07 refund e-1 100.00")
    assert has(made, "2024-06-08") == (Badge("counted", 1), Badge("steady", 3))


@given(used=st.lists(st.booleans(), max_size=70), counted=st.integers(0, 1_200))
def test_the_longest_row_of_the_newest_months_counts_and_the_highest_step_is_told(
    used: list[bool], counted: int
) -> None:
    """Against texts of months that are cut where there was none."""
    begin = at("2020-01-15")
    now = calendar.add_months(begin, max(len(used) - 1, 0), "UTC")
    months = badges.periods(RULES, begin, now)
    assert len(months) == min(max(len(used), 1), badges.MONTHS)
    assert months[-1] == calendar.period(now, "month", RULES.timezone)
    state = State(complete=True)
    newest = used[-badges.MONTHS :]
    for month, one in zip(months, newest, strict=False):
        if one:
            state.put(Counter(program="p", person="ann", kind=KIND, period=month, count=1))
    state.put(Counter(program="p", person="ann", kind="kept", period="ever", count=counted))
    found = dict(badges.of(Draft(state, {}, "", now), "p", ("ann",), RULES, months))
    longest = max(len(row) for row in "".join("x" if one else " " for one in newest).split(" ")) if newest else 0
    assert found.get("steady", 0) == max((it for it in badges.ROWS if it <= longest), default=0)
    assert found.get("counted", 0) == max((it for it in badges.STEPS if it <= counted), default=0)


def test_a_month_is_one_of_the_programs_zone() -> None:
    """What happened in Berlin's first hour of March is of March."""
    assert badges.periods(RULES, at("2024-02-29T23:30"), at("2024-03-31T21:59")) == ("2024-03",)
    assert badges.periods(RULES, at("2024-02-29T22:30"), at("2024-03-31T22:00")) == ("2024-02", "2024-03", "2024-04")
    assert badges.periods(RULES, at("2024-05-01"), at("2024-03-15")) == ("2024-03",)
