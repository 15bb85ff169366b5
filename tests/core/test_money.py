"""What a conversion earns: amounts, minima, rounding, currencies, tiers, shares, conditions."""

from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import rows, stories
from testkit.world import World, advocate, rules
from tests.core.test_claims import claim, decided

from goodword.core import events, money
from goodword.core.events import Line

STORIES = stories(__file__)


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story earns what it says."""
    parts, story = STORIES[name]
    tell(world(**parts), story)


def test_tiers_follow_kept_conversions() -> None:
    """The tier is that of the advocate's kept conversions before this one; one given back whole is kept no longer."""
    tiers = [{"from_kept": 1, "percent": "20"}, {"from_kept": 2, "percent": "30"}]
    tell(
        world(rewards=[advocate(percent="10", tiers=tiers), advocate(kind="points", points=1)]),
        """
        02-01 lead bob code=ANN
        02-01 lead bea code=ANN
        02-01 lead ben code=ANN
        02-01 lead bel code=ANN
        02-02 buy bob 100.00 EUR -> ann 10.00 EUR; ann 1 point
        02-03 buy bea 100.00 EUR -> ann 20.00 EUR; ann 1 point
        02-04 refund bea-1 100.00 -> applied; ann now 0.00 EUR; ann now 0 points
        02-05 buy ben 100.00 EUR -> ann 20.00 EUR; ann 1 point
        02-06 buy bel 100.00 EUR -> ann 30.00 EUR; ann 1 point
        02-07 refund ben-1 50.00 -> applied; ann now 10.00 EUR; ann now 1 point
        """,
    )


def shared(*shares: tuple[str, int, int], **parts: object) -> World:
    """A claim for several advocates, won before the conversion."""
    made = world(**parts)
    made.enrol("abe")
    claim(made, *shares)
    decided(made, "won")
    return made


def test_shares_are_split_once_by_largest_remainder() -> None:
    """The whole is rounded once; the cents that are left go by remainder, ties by advocate id; a refund splits anew."""
    made = shared(("ann", 1, 3), ("amy", 1, 3), ("abe", 1, 3))
    tell(
        made,
        """
        02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 3.33 EUR; amy 3.33 EUR; abe 3.34 EUR
        02-03 refund bob-1 0.20 -> applied; bob now 5.00 EUR; ann now 3.32 EUR; amy now 3.33 EUR; abe now 3.33 EUR
        """,
    )


def test_each_share_has_its_own_caps() -> None:
    """Each uses one place of its advocate's count and is checked against its own advocate's amount."""
    limits = [{"per": "month", "count": 1}, {"per": "year", "amount": {"EUR": 400}}]
    made = shared(("ann", 1, 2), ("amy", 1, 2), rewards=[advocate(percent="10", limits=limits)])
    tell(
        made,
        """
        02-01 lead bea code=AMY
        02-02 buy bea 20.00 EUR -> amy 2.00 EUR
        02-03 buy bob 100.00 EUR -> amy: refused count_cap_reached; ann 4.00 EUR
        """,
    )


@given(st.integers(0, 10**9), st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_parts_always_sum_to_the_whole(amount: int, weights: list[int]) -> None:
    """No cent is lost or made, and nobody is more than a cent from the exact share."""
    shares = [(f"per_{i}", Fraction(weight, sum(weights))) for i, weight in enumerate(weights)]
    parts = money.split(amount, shares)
    assert sum(parts) == amount
    assert all(abs(part - amount * share) < 1 for part, (_, share) in zip(parts, shares, strict=True))


@pytest.mark.parametrize(("condition", "said", "met"), rows(__file__, "Conditions"), ids=str)
def test_condition(condition: dict[str, Any], said: Any, met: str) -> None:
    """A condition that is not met refuses both sides, and shows what it saw."""
    made = world(conversion={"conditions": [condition]})
    made.send(events.CustomerUpdated, person="bob", traits={"plan": "team", "seats": 5})
    made.lead("bob", code="ANN")
    fields = said or {}
    lines = msgspec.convert(fields.get("lines", ()), tuple[Line, ...])
    verdicts = made.buy("bob", **{**fields, "lines": lines}).verdicts
    assert [verdict.refusal for verdict in verdicts] == ([None, None] if met == "yes" else ["condition_not_met"])
    steps = [step for step in verdicts[0].steps if step.code == "condition"]
    assert [step.values["holds"] for step in steps] == [met == "yes"]


def test_named_conversions_have_their_own_place() -> None:
    """A sign-up with a flat reward in points and a purchase each have a first."""
    document = rules()
    document["conversions"].append({"on": "sign-up", "rewards": [advocate(kind="points", points=100)]})
    made = World()
    made.publish(document)
    made.enrol("ann")
    tell(
        made,
        """
        02-01 lead bob code=ANN
        02-02 buy bob name=sign-up -> ann 100 points
        02-03 buy bob name=sign-up -> refused not_first
        02-04 buy bob 10.00 EUR -> bob 5.00 EUR; ann 1.00 EUR
        """,
    )


@example(25, 10_000_000)
@example(35, 10_000_000)
@given(st.integers(0, money.MAX_INTEGER), st.integers(0, 100_000_000))
def test_a_percentage_is_rounded_half_to_even(amount: int, millionths: int) -> None:
    """A percentage of an amount is the exact fraction, rounded once as IEEE 754 rounds ties."""
    percent = Fraction(millionths, 1_000_000)
    assert money.percent_of(amount, percent) == round(amount * percent / 100)


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (1250, "EUR", "12.50"),
        (-1250, "EUR", "-12.50"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (500, "JPY", "500"),
        (-500, "JPY", "-500"),
        (1250, "BHD", "1.250"),
        (12345, "CLF", "1.2345"),
        (500, "points:main", "500"),
        (-500, "points:main", "-500"),
        (500, "", "5.00"),
    ],
)
def test_a_figure_is_written_with_the_places_of_its_unit(amount: int, unit: str, expected: str) -> None:
    """The places of ISO 4217 after the point, none for points, two where the currency is not listed, the sign before all."""
    assert money.decimal(amount, unit) == expected
