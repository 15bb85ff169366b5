"""The examples of terms are what the real write path makes of the same events, and what cannot be an example says why."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from testkit.rule_documents import text
from testkit.world import advocate, friend
from testkit.world import rules as small
from tests.app.conftest import House

from goodword.app.proof import terms
from goodword.app.proof.examples import START, Story, examples, stories
from goodword.cli import demo_data
from goodword.core import calendar, events, lists, rule_checks
from goodword.core import rules as core_rules
from goodword.core.decision import Verdict
from goodword.core.facts import Actor
from goodword.core.rules import Rules
from goodword.core.state import Case, Reward
from goodword.sources import rule_file
from goodword.words.terms import Has

SOLD = {"kind": "brand", "any_of": ["acme", "globex"]}
ALL = {
    "demo": demo_data.RULES,
    "whole": text("whole"),
    "explained": text("explained"),
    "limited": small(rewards=[advocate(percent="10", limits=[{"per": "year", "count": 3}]), friend(kind="credit", flat={"EUR": 1})]),
    "summed": small(hold="0d", rewards=[advocate(percent="10", limits=[{"per": "ever", "amount": {"EUR": 2500}}])]),
    "looked at": small(review={"over": {"EUR": 1}, "two_people_over": {"EUR": 2}}, payouts={"every": "once"}),
    "credit": small(rewards=[advocate(kind="credit", percent="7")], credit={"expires": "30d"}, payouts={"every": "week"}),
    "brands": small(rewards=[advocate(percent="10", rates=[{"percent": "2", "brand": ["acme"]}])], conversion={"conditions": [SOLD]}),
    "welcome": small(rewards=[advocate(percent="10"), friend(kind="welcome", flat={"EUR": 500}, valid="30d")]),
}  # fmt: skip
CODES = ["purchase", "half", "after_payment", "shared", "capped", "brands"]


def version(document: dict[str, Any] | str) -> core_rules.RuleVersion:
    is_text = isinstance(document, str)
    read = rule_file.read(document.encode(), "rules.yaml") if is_text else msgspec.convert(document, Rules)
    return core_rules.version(core_rules.document(read))


class Again:
    """An example that is told to a workspace in the database. ``ids``: what each id of the example is called there."""

    def __init__(self, house: House, story: Story) -> None:
        self.house = house
        self.story = story
        self.ids: dict[str, str] = {}

    async def tell(self, number: int) -> None:
        """Say what the example said, at its time, by whom it was said."""
        event, facts, verdicts = self.story.said[number]
        await self.house.move_clock(calendar.text(event.accepted_at))
        fields = {name: self.there(getattr(event, name)) for name in event.__struct_fields__ if name not in _STAMP}
        if "list_sha256" in fields:
            fields["list_sha256"] = lists.digest(fields["items"])
        if facts.actor is None:
            entry = await self.house.send(
                type(event), occurred_at=event.occurred_at, accepted_at=event.accepted_at, **fields
            )
        else:
            actor = self.house.owner if facts.actor.id == "owner" else facts.actor
            entry = await self.house.say(type(event), actor, **fields)
        assert [(it.about, it.outcome, it.refusal, it.amount) for it in entry.verdicts] == [
            (it.about, it.outcome, it.refusal, it.amount) for it in verdicts
        ], (event, entry.verdicts)
        expected = verdicts[0].about == "reward" or verdicts[0].refusal in (None, "below_payout_minimum")
        assert expected, "an example whose commands are refused shows nothing"
        for mine, its in zip(verdicts, entry.verdicts, strict=True):
            self.ids |= {one: other for one, other in zip(ids(mine), ids(its), strict=True) if one and other}
        cases = {(it.kind, self.there(it.subject)): it.id for it in self.story.state.all(Case)}
        self.ids |= {cases[it.kind, it.subject]: it.id for it in await self.house.every(Case)}

    def there(self, value: Any) -> Any:
        """A value with the ids of the other workspace."""
        if isinstance(value, str):
            return self.ids.get(value, value)
        if isinstance(value, tuple):
            return tuple(self.there(it) for it in value)
        return replace(value, id=self.there(value.id)) if isinstance(value, events.Item) else value

    async def has(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """By person, unit and state what everybody has, and how much of it was sent."""
        sums: dict[tuple[str, str, str], tuple[int, int]] = {}
        for it in await self.house.every(Reward):
            key = (it.beneficiary.partition("-")[0], it.unit, it.status)
            before = sums.get(key, (0, 0))
            sums[key] = before[0] + it.amount, before[1] + it.sent
        return {key: value for key, value in sums.items() if any(value)}


_STAMP = ("evt", "source", "occurred_at", "accepted_at")


def ids(verdict: Verdict) -> tuple[str | None, ...]:
    """What a verdict names, in order."""
    return verdict.program, verdict.subject


def kept(has: tuple[Has, ...], ids_: dict[str, str]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """What everybody has in an example, with its points called as there."""
    renamed = {f"points:{one}": f"points:{other}" for one, other in ids_.items()}
    return {
        (it.who, renamed.get(it.unit, it.unit), it.status): (it.amount, it.sent) for it in has if it.amount or it.sent
    }


@pytest.mark.parametrize("name", ALL)
async def test_examples_are_what_the_write_path_decides(name: str, make_house: Any) -> None:
    """Each example, told event by event to a workspace in the database, comes to the same amounts and states at each of its moments."""
    told = [story for _, story in stories(version(ALL[name])) if story is not None]
    assert told
    for story in told:
        house = await make_house("manual", START - 2 * calendar.DAY)
        for actor in {facts.actor.id: facts.actor for _, facts, _ in story.said if facts.actor is not None}.values():
            if actor.kind == "member" and actor.id != "owner":
                await house.join(Actor(id=actor.id, kind="member", roles=actor.roles))
        again = Again(house, story)
        for number in range(len(story.said)):
            await again.tell(number)
            for moment, at in zip(story.moments, story.told_at, strict=True):
                if at == number + 1:
                    assert await again.has() == kept(moment.has, again.ids), moment.code
        assert await house.broken() == []


def test_all_of_them_are_there_for_some_rules() -> None:
    """Of each example there is one somewhere, and where there is none it says why; they are the same each time."""
    them = {name: examples(version(document)) for name, document in ALL.items()}
    assert all([it.code for it in one] == CODES for one in them.values())
    assert {it.code for one in them.values() for it in one if it.why is None} == set(CODES)
    assert {it.why for one in them.values() for it in one} >= {None, "no_cap", "no_brands", "not_alone"}
    assert them == {name: examples(version(document)) for name, document in ALL.items()}


def test_rules_by_which_nothing_can_be_earned_have_no_examples() -> None:
    """An order that meets two conditions which nothing can meet is not made up."""
    asked = [{"kind": "country", "any_of": ["DE"]}, {"kind": "country", "any_of": ["FR"]}]
    found = examples(version(small(conversion={"conditions": asked})))
    assert {it.why for it in found} == {"nothing", "no_cap", "no_brands"}


def test_what_nobody_pays_for_is_not_given_back() -> None:
    """A sign-up has no amount, so there is nothing to give back, and the examples of it say so."""
    found = {
        it.code: it
        for it in examples(version(small(conversion={"on": "sign-up"}, rewards=[advocate(flat={"EUR": 100})])))
    }
    assert found["half"].why == found["after_payment"].why == "no_amount"
    assert found["purchase"].why is None


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


AMOUNT = st.sampled_from([0, 1, 999, 5_000, 12_345, 10**9, 2**53 - 1]).map(lambda amount: {"EUR": amount})
FIGURE = st.one_of(
    st.sampled_from(["0", "0.000001", "7", "12.5", "100"]).map(lambda percent: {"percent": percent}),
    AMOUNT.map(lambda flat: {"flat": flat}),
    st.sampled_from([0, 1, 500]).map(lambda points: {"points": points, "kind": "points"}),
)
LIMIT = st.sampled_from(
    [{"per": "day", "count": 0}, {"per": "ever", "count": 2}, {"per": "month", "amount": {"EUR": 5_000}}]
)
REWARD = st.tuples(
    st.sampled_from(["advocate", "friend"]),
    FIGURE,
    optional(cap=AMOUNT, kind=st.sampled_from(["cash", "credit"]), limits=st.lists(LIMIT, max_size=2),
             rates=st.just([{"percent": "3", "product": ["tv"]}]), tiers=st.just([{"from_kept": 1, "percent": "15"}])),
).map(lambda parts: {"side": parts[0], **parts[2], **parts[1]})  # fmt: skip
CONDITION = st.sampled_from([
    SOLD, {"kind": "product", "any_of": ["tv"]}, {"kind": "customer", "new": True}, {"kind": "customer", "new": False},
    {"kind": "country", "any_of": ["DE", "FR", "US", "JP", "CH"], "negate": True}, {"kind": "trait", "name": "vip", "equals": True},
    {"kind": "amount", "below": {"EUR": 100}}, {"kind": "amount", "at_least": {"EUR": 10**12}},
])  # fmt: skip
CONVERSION = st.tuples(
    st.lists(REWARD, min_size=1, max_size=3),
    optional(on=st.sampled_from(["purchase", "sign-up"]), minimum=AMOUNT, conditions=st.lists(CONDITION, max_size=2),
             window=st.sampled_from(["1h", "400d"]), counts=st.sampled_from([{"months": 12}, {"payments": 2}]),
             base=st.sampled_from(["charged", "with_tax"])),
).map(lambda parts: {"rewards": parts[0], **parts[1]})  # fmt: skip
DOCUMENT = st.tuples(
    st.lists(CONVERSION, min_size=1, max_size=2),
    optional(hold=st.sampled_from(["0d", "1m", "999999d"]), expires_after=st.just("1m"), budget=AMOUNT, payout_minimum=AMOUNT,
             new_customers_only=st.booleans(), payouts=st.sampled_from([{"every": "once"}, {"every": "week", "net": 365}]),
             review=st.sampled_from([{"over": {"EUR": 0}}, {"two_people_over": {"EUR": 0}}, {"velocity": {"count": 1}}]),
             timezone=st.sampled_from(["Pacific/Kiritimati", "America/New_York"])),
).map(lambda parts: {"program": "main", "currency": "EUR", "conversions": parts[0], **parts[1]})  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(DOCUMENT)
def test_whatever_the_rules_they_have_terms(document: dict[str, Any]) -> None:
    """Rules that can be published have terms with six examples, the same each time: publishing never fails by them."""
    it = version(document)
    assume(not rule_checks.problems(it.rules, START))
    made = terms.of(it)
    assert [one.code for one in made.examples] == CODES
    assert all(bool(one.rows) is (one.why is None) for one in made.examples)
    assert made == terms.of(it)
