"""A rule file is read strictly, and a wrong one tells all that is wrong with it at once."""

import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from testkit.rule_documents import JUNK, PLACES, WHOLE, at, places, replaced, shuffled, without

from goodword.core import rule_checks
from goodword.core.rule_checks import Place
from goodword.core.rules import Rules, document, version
from goodword.sources import plain, schemas
from goodword.sources.rule_file import RuleFileErrors, read

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@cache
def schema() -> Draft202012Validator:
    return Draft202012Validator(schemas.rules())


def as_json(value: Any) -> Rules:
    return read(json.dumps(value).encode(), "rules.json")


def as_yaml(value: Any) -> Rules:
    return read(yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode(), "rules.yaml")


def wrong(value: Any, how: Callable[[Any], Rules] = as_json) -> list[rule_checks.Problem]:
    """Return the problems of a document; none for a right one."""
    try:
        how(value)
    except RuleFileErrors as errors:
        return errors.problems
    return []


def test_the_whole_file_is_whole() -> None:
    """The file that the tests below change has each field of each part that a rule file can have."""

    def fields_of(value: Any) -> set[str]:
        """Name each field that stands in the parts of the rules, with its part."""
        found = set()
        for _, part in rule_checks._parts(value, ()):
            given_ = {name for name in part.__struct_fields__ if getattr(part, name) not in (None, ())}
            found |= {f"{type(part).__name__}.{name}" for name in given_}
        return found

    named = set()
    for name, part in schemas.rules()["$defs"].items():
        named |= {f"{name}.{field}" for field in part["properties"] if field != "kind" or name == "Reward"}
    assert named - fields_of(as_json(WHOLE)) == set()
    assert schema().is_valid(WHOLE)


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_examples_are_read(path: Path) -> None:
    """Each example is a right file, by its reader and by the published schema, and names a version."""

    def as_floats(value: Any) -> Any:
        """Return what an ordinary parser would have made of the numbers."""
        if isinstance(value, dict):
            return {name: as_floats(item) for name, item in value.items()}
        if isinstance(value, list):
            return [as_floats(item) for item in value]
        return float(value) if isinstance(value, plain.Number) else value

    rules = read(path.read_bytes(), path.name)
    assert version(document(rules)).rules == rules
    assert schema().is_valid(as_floats(plain.load(path.read_bytes(), is_json=False)))


def test_the_retail_example_says_what_the_real_year_assumes() -> None:
    """Each rule that the real year's results assume stands in the example."""
    rules = read((EXAMPLES / "retail.yaml").read_bytes(), "retail.yaml")
    assert (rules.currency, rules.timezone, rules.new_customers_only, rules.hold) == ("GBP", "UTC", True, "30d")
    assert (rules.attribution.window, rules.attribution.touch) == ("30d", "last")
    (purchase,) = rules.conversions
    assert (purchase.on, purchase.window, purchase.minimum) == ("purchase", "90d", {"GBP": 2000})
    assert purchase.counts.months is None
    advocate, friend = purchase.rewards
    assert (advocate.side, advocate.kind, advocate.percent, advocate.cap) == ("advocate", "cash", "10", {"GBP": 5000})
    assert [(limit.per, limit.count, limit.amount) for limit in advocate.limits] == [("month", 5, None)]
    assert (friend.side, friend.kind, friend.flat, friend.cap, friend.limits) == (
        "friend",
        "cash",
        {"GBP": 500},
        None,
        (),
    )


def test_the_uncapped_example_lacks_the_limit_alone() -> None:
    """retail-uncapped.yaml is retail.yaml without its limits."""
    capped = read((EXAMPLES / "retail.yaml").read_bytes(), "retail.yaml")
    purchase = capped.conversions[0]
    rewards = tuple(msgspec.structs.replace(reward, limits=()) for reward in purchase.rewards)
    purchase = msgspec.structs.replace(purchase, rewards=rewards)
    uncapped = read((EXAMPLES / "retail-uncapped.yaml").read_bytes(), "retail-uncapped.yaml")
    assert uncapped == msgspec.structs.replace(capped, conversions=(purchase,))


def test_a_minimal_file_has_the_documented_defaults() -> None:
    """Everything that may be left out takes the default that the design names."""
    rules = read((EXAMPLES / "minimal.yaml").read_bytes(), "minimal.yaml")
    assert (rules.attribution.window, rules.attribution.touch, rules.hold) == ("30d", "last", "30d")
    assert (rules.new_customers_only, rules.requires_terms, rules.shares_customers) == (True, False, False)
    assert (rules.name, rules.timezone, rules.budget, rules.payout_minimum) == ("minimal", "UTC", None, None)
    (conversion,) = rules.conversions
    assert (conversion.on, conversion.window, conversion.counts.months) == ("purchase", None, None)
    assert conversion.rewards[0].kind == "cash"


# --- one value, several values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_wrong_value_is_reported_where_it_stands(place: Place) -> None:
    """A value that the schema refuses is refused in its place, in JSON as in YAML; one that it takes, for its meaning alone."""

    def percent_as_text(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: str(item) if name == "percent" and item is not None else percent_as_text(item)
                for name, item in value.items()
            }
        return [percent_as_text(item) for item in value] if isinstance(value, list) else value

    refused = 0
    for junk in JUNK:
        changed = replaced({place: junk})
        problems = wrong(changed)
        assert problems == wrong(changed, as_yaml)
        if schema().is_valid(changed):
            rules = msgspec.convert(percent_as_text(changed), Rules)
            assert {one.place for one in problems} == {one.place for one in rule_checks.problems(rules, None)}
            continue
        refused += 1
        assert any(one.place[: len(place)] == place for one in problems), junk
        if not isinstance(junk, list | dict):  # others may bring names with them that make no sense elsewhere
            assert [one.place for one in problems] == [place]
    assert refused


@given(st.lists(st.sampled_from(PLACES[1:]), min_size=2, max_size=8, unique=True), st.integers())
def test_several_wrong_values_are_all_reported(chosen: list[Place], seed: int) -> None:
    """Wrong values of which none stands in another are reported together, each once, in the order of the file."""

    def is_tag(place: Place) -> bool:
        """Whether the value says of which kind a condition is: with a wrong one, its other fields mean nothing."""
        return len(place) > 2 and place[-3] == "conditions" and place[-1] == "kind"

    alone = {one for one in chosen if not any(one != other and one[: len(other)] == other for other in chosen)}
    changed = shuffled(replaced(dict.fromkeys(alone, "\t")), random.Random(seed))  # noqa: S311 - a shuffle
    untold = {
        one for one in alone if any(is_tag(tag) and tag != one and tag[:-1] == one[: len(tag) - 1] for tag in alone)
    }
    found = [problem.place for problem in wrong(changed)]
    assert sorted(map(str, found)) == sorted(map(str, alone - untold))
    assert found == sorted(found, key=list(places(changed)).index)


def test_missing_fields_are_reported() -> None:
    """A field without default that is left out is reported at the place where it should stand; no other needs to be there."""
    required = {
        *("program", "currency", "conversions", "rewards", "side", "from_kept", "per", "count"),
        *("kind", "any_of", "name"),  # of conditions
        "text",  # of what may be shared
        *("begins", "ends"),  # of quiet hours
        *("after_months", "percent"),  # of figures for later, of a rate
    }
    fields = [place for place in PLACES[1:] if isinstance(place[-1], str)]
    refused = [place for place in fields if not schema().is_valid(without(place))]
    assert {place[-1] for place in refused} == required
    for place in refused:
        (problem,) = wrong(without(place))
        assert (problem.place, problem.found) == (place, "nothing")


def test_unknown_and_repeated_names_are_reported() -> None:
    """In every mapping an unknown name is an error, with the names that are known; so is a name that stands there twice."""
    parts = [place for place in PLACES if isinstance(at(WHOLE, place), dict) and not str(place[-1:]).isupper()]
    for place in parts:
        inner = at(WHOLE, place)
        if any(name.isupper() for name in inner):
            continue  # amounts: their names are currencies
        changed = replaced({(*place, "windwo"): "30d"})
        (problem,) = wrong(changed)
        assert problem.place == (*place, "windwo")
        assert all(name in problem.expected for name in inner if name != "kind")
    twice = b"""{"program": "a", "program": "b", "currency": "EUR", "conversions": [
        {"rewards": [{"side": "advocate", "flat": {"EUR": 1, "EUR": 2}}]}]}"""
    for name in ("twice.json", "twice.yaml"):
        with pytest.raises(RuleFileErrors) as caught:
            read(twice, name)
        assert [one.path for one in caught.value.problems] == ["program", "conversions[0].rewards[0].flat.EUR"]


def test_errors_are_told_by_line() -> None:
    """The text of the error names the file, then each path with what was found and what was expected."""
    changed = replaced({("conversions", 0, "rewards", 0, "percent"): "12,5", ("hold",): "a month"})
    with pytest.raises(RuleFileErrors) as caught:
        as_json(changed)
    assert str(caught.value).splitlines() == [
        "rules.json: 2 errors",
        '  line 1: hold: found "a month"; expected such as 30d, 24h or 15m; a d is 24 hours',
        '  line 1: conversions[0].rewards[0].percent: found "12,5"; expected 0 to 100, exact: "12.5"',
    ]


def test_types_and_meaning_are_reported_together() -> None:
    """A wrong type hides no senseless value elsewhere, and calls nothing senseless that it only hides."""
    changes = {
        ("hold",): 30,
        ("conversions", 0, "rewards", 0, "percent"): "100.5",
        ("conversions", 0, "rewards", 0, "cap"): "50 EUR",
        ("timezone",): "Mars",
    }
    assert [one.path for one in wrong(replaced(changes))] == [
        "timezone",
        "hold",
        "conversions[0].rewards[0].percent",
        "conversions[0].rewards[0].cap",
    ]


# --- one value, one version -------------------------------------------------------------------------------------------


@given(st.integers())
def test_the_version_knows_values_not_spelling(seed: int) -> None:
    """The order of names and the choice of YAML or JSON change neither the canonical text nor the version's hash."""
    text = document(as_json(WHOLE))
    other = shuffled(WHOLE, random.Random(seed))  # noqa: S311 - a shuffle
    assert document(as_json(other)) == document(as_yaml(other)) == text
    assert version(text).rules == as_json(WHOLE)
    assert version(text).hash == version(document(as_yaml(other))).hash


@pytest.mark.parametrize("spelling", ["12.5", "12.50", '"12.5"', "'12.500000'"])
def test_equal_percentages_are_one_version(spelling: str) -> None:
    """A percentage is exact, and the same however it is written."""
    text = (EXAMPLES / "retail.yaml").read_text().replace("percent: 10", f"percent: {spelling}")
    rules = read(text.encode(), "retail.yaml")
    assert rules.conversions[0].rewards[0].percent == "12.5"
    assert rules == read(text.replace(spelling, "12.5").encode(), "retail.yaml")


@pytest.mark.parametrize(
    ("spelling", "percent"), [("10", "10"), ("10.0", "10"), ("'05'", "5"), ("0.1", "0.1"), ("100", "100")]
)
def test_percentages_may_be_numbers(spelling: str, percent: str) -> None:
    """A number is taken as it was written, never by way of a binary fraction."""
    text = (EXAMPLES / "retail.yaml").read_text().replace("percent: 10", f"percent: {spelling}")
    assert read(text.encode(), "retail.yaml").conversions[0].rewards[0].percent == percent


def test_another_value_is_another_version() -> None:
    """Each value of the file, changed to another right one, changes the hash."""
    others: dict[type, tuple[Any, ...]] = {
        str: (
            "other",
            "500d",
            "10h",
            "last",
            "day",
            "quarter",
            "week",
            "11",
            "12.75",
            "18",
            "5.5",
            "charged",
            "UTC",
            "FR",
            "https://other.example.com",
            "credit",
            "direct",
            "page",
            "anybody",
            "#145c3f",
            "enrolled",
            "22:00",
        ),
        bool: (True, False),
        int: (1, 7, 30, 77, 777, 7777, 77777),
    }
    base = version(document(as_json(WHOLE))).hash
    unchanged = []
    for place in PLACES:
        value = at(WHOLE, place)
        right = [replaced({place: one}) for one in others.get(type(value), ()) if one != value]
        hashes = {version(document(as_json(one))).hash for one in right if not wrong(one)}
        assert base not in hashes
        if not isinstance(value, dict | list) and not hashes:
            unchanged.append(place)
    # These have no second right value beside the others of this file.
    listed = [place for place in unchanged if {*place} & {"currencies", "tiers_count"}]
    assert {place[-1] for place in unchanged if place not in listed} <= {"currency", "kind", "side", "on", "join"} | {
        "board"
    }


def test_a_number_is_no_text() -> None:
    """A name that looks like a number must be quoted, so that nothing is guessed."""
    assert [one.path for one in wrong(replaced({("name",): 1.5}))] == ["name"]
    assert as_json(replaced({("name",): "1.5"})).name == "1.5"
