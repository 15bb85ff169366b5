"""What somebody reads of a no, of what waits and of a friend: each says what comes next, or what could change it, and when."""

import itertools
import re
from typing import Any, get_args

import msgspec
import pytest
from msgspec.structs import replace
from testkit import tables

from goodword import words
from goodword.app.see.own import Brought, Mine, Next, Stage
from goodword.core import calendar, semantics
from goodword.core import rules as core_rules
from goodword.core.decision import Step, Verdict
from goodword.core.holds import HOLDS
from goodword.core.refusals import Refusal
from goodword.core.stages import matching
from goodword.core.state import Conversion, Customer, Paid, Place, Referral, Reward, Used
from goodword.portal import rendering
from goodword.words.catalogue import catalogue, speaking

SHOP = "Shop GmbH"
DAY = calendar.parse("2026-06-01T22:30:00Z")  # the second of June in Berlin
REFUSED, WAITS, FRIENDS, STAGES = (
    tables.rows(__file__, heading) for heading in ("A no", "A reward that waits", "A friend", "How far a reward is")
)


def _mine(holds: list[str], said: dict[str, Any]) -> Mine:
    reward = Reward(
        id="rwd",
        program="prg",
        referral="ref",
        conversion="inv:1",
        friend="f",
        side="advocate",
        beneficiary="a",
        share=0,
        kind="cash",
        unit="EUR",
        gross=1_000,
        amount=1_000,
        status="pending",
        rules="r",
        on="purchase",
        rule=0,
        tier=-1,
        evt="evt",
        earned_at=DAY,
        hold_until=DAY,
    )
    when = said.get("when")
    short = said.get("short")
    return Mine(
        reward=reward,
        stage="expected",
        program="main",
        because="advocate",
        said=None,
        holds=tuple(holds),
        when=when,
        day=_at(said.get("day")),
        since=DAY,
        zone="Europe/Berlin",
        lapses=_at(said.get("lapses")),
        run=_at(said.get("run")),
        short=None if short is None else (short[0], short[1]),
    )


def _at(day: str | None) -> int | None:
    return None if day is None else calendar.day_begins(day, "Europe/Berlin")


def _refused(code: str, steps: dict[str, Any] | None) -> tuple[str, str]:
    """Render a no as it is told of something of that day, by rules that reckon in Berlin."""
    found = tuple(Step(name, values) for name, values in (steps or {}).items())
    verdict = Verdict(about="reward", outcome="refused", refusal=code, steps=found)
    return words.sentences(verdict).beneficiary, words.could_change(verdict, DAY, "Europe/Berlin", SHOP)


@pytest.mark.parametrize(("code", "because", "said", "change"), REFUSED)
def test_a_no_says_why_and_what_could_change_it(code: str, because: Any, said: str, change: str) -> None:
    assert _refused(code, because or None) == (said, change)


@pytest.mark.parametrize(("holds", "said", "lines"), WAITS)
def test_what_waits_says_what_ends_that_and_when(holds: list[str], said: Any, lines: str) -> None:
    assert " ".join(rendering.nexts(_mine(holds, said or {}), SHOP)) == lines


@pytest.mark.parametrize(("next_", "until", "said"), FRIENDS)
def test_a_friend_says_what_of_theirs_can_still_count(next_: Next, until: str, said: str) -> None:
    friend = Brought("ref", "main", "attributed", DAY, next_, _at(until or None), (), (), "Europe/Berlin")
    assert rendering.again(friend) == said


@pytest.mark.parametrize(("stage", "said"), STAGES)
def test_each_stage_of_a_reward_says_what_could_change_it(stage: str, said: str) -> None:
    assert words.portal(f"own.change.{stage}", workspace=SHOP) == said


def _all() -> list[str]:
    """Return what each row of the tables says, in the language that is spoken."""
    refused = [" ".join(_refused(code, because or None)) for code, because, _, _ in REFUSED]
    waits = [" ".join(rendering.nexts(_mine(holds, said or {}), SHOP)) for holds, said, _ in WAITS]
    friends = [
        rendering.again(Brought("ref", "main", "attributed", DAY, it, _at(until or None), (), (), "Europe/Berlin"))
        for it, until, _ in FRIENDS
    ]
    return [*refused, *waits, *friends, *(words.portal(f"own.change.{it}", workspace=SHOP) for it, _ in STAGES)]


@pytest.mark.parametrize("language", ["de", "es"])
def test_each_no_and_each_wait_says_the_same_day_amount_and_step_in_each_language(language: str) -> None:
    """All is said in the language, with each day and amount of the English, and whom to ask where that would change it."""
    its, english = catalogue(language), _all()
    months = {catalogue("en").say(f"month.{n}"): n for n in range(1, 13)}
    with speaking(language):
        told = list(zip(english, _all(), strict=True))
    days = amounts = asked = 0
    for before, said in told:
        assert said != before
        for day, month, year in re.findall(r"(\d+) ([A-Z]\w+) (\d{4})", before):
            assert its.day(calendar.parse(f"{year}-{months[month]:02}-{int(day):02}T12:00:00Z")) in said, said
            days += 1
        for amount in re.findall(r"\d+\.\d\d EUR", before):
            assert amount.replace(".", ",") in said, said
            amounts += 1
        assert (SHOP in said) == (SHOP in before), said
        asked += SHOP in said
    assert days > 20
    assert amounts > 0
    assert asked > 20


def test_the_tables_have_each_refusal_hold_and_state_there_is() -> None:
    """Each refusal with words of its own is there; each other concerns the company's people, and says that too."""
    texts = catalogue()
    own = {code.name for code in Refusal if f"refused.{code.name}" in texts}
    assert len(own) > 50
    assert own == {code.name for code in Refusal if f"next.{code.name}" in texts} == {row[0] for row in REFUSED}
    other = {_refused(code.name, None) for code in Refusal if code.name not in own}
    assert other == {(texts.say("refused"), texts.say("next"))}
    assert {hold for row in WAITS for hold in row[0]} == {*HOLDS}
    assert {row[0] for row in FRIENDS} == {*get_args(Next)}
    assert {row[0] for row in STAGES} == {*get_args(Stage)}


def test_before_its_day_nobody_is_told_that_something_was_noticed() -> None:
    """A flag, a case and a second person leave a reward that is held as it is without them."""
    held = {"when": "hold", "day": "2026-06-15"}
    plain = rendering.nexts(_mine(["hold_period"], held), SHOP)
    for hold in ("case_flags", "case_held", "review", "request", "second_person", "second_rejection"):
        assert rendering.nexts(_mine(["hold_period", hold], held), SHOP) == plain


#: Window, months, payments, the day of the first that counted, and how many did.
_GRID = [
    it
    for it in itertools.product((None, "30d"), (None, 2), (None, 2), (None, 0, 20), (0, 1, 2))
    if (it[3] is None) == (it[4] == 0)
]


@pytest.mark.parametrize(("window", "months", "payments", "placed", "paid"), _GRID)
def test_what_is_said_to_count_until_a_day_counts_until_then(
    window: str | None, months: int | None, payments: int | None, placed: int | None, paid: int
) -> None:
    """An order just before the end qualifies, one at it does not; where no end is, neither of a far day; where nothing counts, none."""
    counts = {name: it for name, it in (("months", months), ("payments", payments)) if it is not None}
    rule: dict[str, Any] = {"rewards": [{"side": "advocate", "flat": {"EUR": 100}}], "counts": counts}
    rule |= {"window": window} if window is not None else {}
    text = core_rules.document(
        msgspec.convert({"program": "main", "currency": "EUR", "conversions": [rule]}, core_rules.Rules)
    )
    rules = core_rules.version(text).means
    place = () if placed is None else (Place("purchase", placed * calendar.DAY, "inv:0"),)
    counted = {"purchase": Paid(paid, place[0].at)} if place and payments is not None else {}
    common = {"program": "prg", "friend": "f", "shares": (), "rules": "r", "status": "attributed", "lead": "evt"}
    referral = Referral(id="ref", lead_at=0, qualified=place, paid=counted, **common)  # type: ignore[arg-type]

    def qualifies(at: int) -> bool:
        order = Conversion(id="inv:1", status="paid", at=at, amount=1_000, currency="EUR", person="f")
        found = matching.match(
            rules, referral, Customer(person="f"), order, semantics.CURRENT, by_digest=True, new=lambda: True
        )
        return found[0] is None

    ends = matching.ends(rules, referral)
    first = place[0].at if place else 0
    far = first + 20_000 * calendar.DAY
    if not ends:
        assert not any(map(qualifies, (first, first + calendar.DAY, far)))
    for end in ends:
        assert qualifies(first + 1 if end is None else end - 1)
        assert qualifies(far) if end is None else not qualifies(end)


def test_a_reward_that_came_from_a_refund_is_told_step_by_step() -> None:
    """Of a friend's order its sum is told only where the reward gives it away; of one's own all is told."""
    price = {
        "side": "advocate",
        "tier": 0,
        "from_kept": 5,
        "kept": 7,
        "percent": "10",
        "currency": "EUR",
        "base": 12_345,
    }
    price |= {"refunded": 0, "minimum": None, "cap": 2_000, "earns": 1_234}
    verdict = Verdict(about="reward", outcome="earned", amount=1_234, unit="EUR", steps=(Step("price", price),))
    told = words.came(verdict, own=False)
    assert told is not None
    assert told.short == "10% of the order: 12.34 EUR"
    assert told.steps == (
        "It is worked out on the order: 123.45 EUR.",
        "10% of the order.",
        "That figure holds from 5 on: 7 orders of friends counted before this one and were kept.",
        "Exactly that is 12.345 EUR. It is rounded once, to the smallest unit; a half goes to the even one.",
        "One reward is 20.00 EUR at most.",
        "So it is 12.34 EUR.",
    )
    capped = Step("price", {**price, "base": 987_654, "earns": 2_000})
    limited = (Step("price", price), Step("limit_amount", _LIMIT), Step("ceiling", {"left": 900}))
    for steps, amount in (((capped,), 2_000), (limited, 900)):
        one = replace(verdict, amount=amount, steps=steps)
        hidden, shown = (words.came(one, own=own) for own in (False, True))
        assert hidden is not None
        assert shown is not None
        figure = "9876.54" if amount == 2_000 else "123.45"
        assert figure not in " ".join(hidden.steps)
        assert figure in " ".join(shown.steps)
    flat = {"side": "advocate", "tier": -1, "flat": 500, "currency": "EUR", "base": 12_345, "refunded": 2_300}
    flat |= {"minimum": 1_000, "earns": 500}
    fixed = words.came(replace(verdict, amount=500, steps=(Step("price", flat),)), own=False)
    assert fixed is not None
    assert "123.45" not in " ".join(fixed.steps)
    assert "23.00" not in " ".join(fixed.steps)
    assert words.came(replace(verdict, steps=()), own=False) is None


_LIMIT = {"per": "month", "period": "2026-06", "left": 900, "amount": 5_000, "unit": "EUR"}


def test_how_far_somebody_is_names_the_next_tier_and_when_a_limit_is_counted_anew() -> None:
    """Both in plain words, expected until approved; the highest tier says that it holds."""
    said = {"side": "advocate", "flat": {"EUR": 1_000}, "tiers": [{"from_kept": 5, "flat": {"EUR": 2_000}}]}
    said |= {"limits": [{"per": "quarter", "count": 5, "amount": {"EUR": 9_000}}]}
    rule = msgspec.convert({"rewards": [said]}, core_rules.Conversion)
    [reward] = rule.rewards
    assert words.toward_tier(rule, reward, 3) == (
        "3 of 5 orders of friends have counted and were kept. From then on each further “purchase” brings 20.00 EUR, "
        "expected until a person has approved it."
    )
    assert "kept: 6, and 5 were needed" in words.toward_tier(rule, reward, 6)
    used = Used(3, {"EUR": 4_000})
    assert [*words.within(rule, reward.limits[0], used, DAY, "Europe/Berlin")] == [
        "3 of at most 5 rewards for “purchase” this quarter. It is counted anew from 1 July 2026 on.",
        "40.00 EUR of at most 90.00 EUR for “purchase” this quarter. It is counted anew from 1 July 2026 on.",
    ]
