"""A rule file is read strictly, and a wrong one tells all that is wrong with it at once."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from goodword.core import rule_checks
from goodword.core.rule_checks import Place
from goodword.core.rules import Rules, document, version
from goodword.sources import plain, schemas
from goodword.sources.rule_file import RuleFileErrors, read

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

#: A right file in which every field of every part stands at least once.
WHOLE: dict[str, Any] = {
    "program": "whole",
    "currency": "EUR",
    "name": "Everything",
    "timezone": "Europe/Berlin",
    "attribution": {"window": "30d", "touch": "first"},
    "new_customers_only": False,
    "requires_terms": True,
    "shares_customers": True,
    "hold": "24h",
    "expires_after": "90d",
    "budget": {"EUR": 1000000},
    "review": {
        "over": {"EUR": 10000},
        "two_people_over": {"EUR": 20000, "USD": 20000},
        "velocity": {"count": 3, "per": "week"},
    },
    "payout_minimum": {"EUR": 2500},
    "landing_url": "https://shop.example.com/welcome?from=friend#top",
    "conversions": [
        {
            "on": "purchase",
            "window": "400d",
            "counts": {"months": 12},
            "minimum": {"EUR": 2000, "USD": 2200},
            "conditions": [
                {"kind": "amount", "at_least": {"EUR": 1}, "below": {"EUR": 10000, "USD": 10000}},
                {"kind": "brand", "any_of": ["acme", "globex"]},
                {"kind": "country", "any_of": ["DE", "NO"], "negate": True},
                {"kind": "customer", "new": False},
                {"kind": "product", "any_of": ["sku-1"]},
                {"kind": "trait", "name": "plan", "equals": "team"},
                {"kind": "trait", "name": "seats", "at_least": 5},
            ],
            "rewards": [
                {
                    "side": "advocate",
                    "kind": "cash",
                    "percent": "12.5",
                    "tiers": [{"from_kept": 5, "percent": "15"}, {"from_kept": 10, "percent": "20"}],
                    "cap": {"EUR": 5000, "USD": 5500},
                    "limits": [{"per": "month", "count": 5}, {"per": "ever", "amount": {"EUR": 90000, "USD": 99000}}],
                },
                {
                    "side": "advocate",
                    "kind": "credit",
                    "flat": {"EUR": 300, "USD": 330},
                    "tiers": [{"from_kept": 2, "flat": {"EUR": 400, "USD": 440}}],
                },
                {"side": "friend", "kind": "credit", "flat": {"EUR": 500}},
            ],
        },
        {
            "on": "sign-up",
            "rewards": [
                {"side": "advocate", "kind": "points", "points": 100, "tiers": [{"from_kept": 3, "points": 150}]},
                {"side": "friend", "kind": "points", "points": 50},
            ],
        },
    ],
}

#: Values of all sorts. What each does in each place, the published schema says.
JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**53,
    1.5,
    "",
    "x",
    "EUR",
    "30d",
    "ünïcode and spaces",
    "y" * 3000,
    [],
    {},
    [None],
    {"kind": "other"},
    {"eur": 1},
    {"EUR": -1},
    {"EUR": "1"},
)


@cache
def schema() -> Draft202012Validator:
    return Draft202012Validator(schemas.rules())


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Walk all places of a document in its order."""
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield from places(item, (*place, step))


PLACES = list(places(WHOLE))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def replaced(changes: dict[Place, Any], whole: Any = WHOLE) -> Any:
    """Give a copy of the document with other values in some places."""
    changed = copy.deepcopy(whole)
    for place, value in changes.items():
        if not place:
            return value
        at(changed, place[:-1])[place[-1]] = value
    return changed


def without(place: Place) -> Any:
    changed = copy.deepcopy(WHOLE)
    del at(changed, place[:-1])[place[-1]]
    return changed


def as_json(value: Any) -> Rules:
    return read(json.dumps(value).encode(), "rules.json")


def as_yaml(value: Any) -> Rules:
    return read(yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode(), "rules.yaml")


def wrong(value: Any, how: Callable[[Any], Rules] = as_json) -> list[rule_checks.Problem]:
    """Give the problems of a document; none for a right one."""
    try:
        how(value)
    except RuleFileErrors as errors:
        return errors.problems
    return []


def fields_of(value: Any) -> set[str]:
    """Name each field that stands in the parts of the rules, with its part."""
    found = set()
    for _, part in rule_checks._parts(value, ()):
        given_ = {name for name in part.__struct_fields__ if getattr(part, name) not in (None, ())}
        found |= {f"{type(part).__name__}.{name}" for name in given_}
    return found


def test_the_whole_file_is_whole() -> None:
    """The file that the tests below change has each field of each part that a rule file can have."""
    named = set()
    for name, part in schemas.rules()["$defs"].items():
        named |= {f"{name}.{field}" for field in part["properties"] if field != "kind" or name == "Reward"}
    assert named - fields_of(as_json(WHOLE)) == set()
    assert schema().is_valid(WHOLE)


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_examples_are_read(path: Path) -> None:
    """Each example is a right file, by its reader and by the published schema, and names a version."""
    rules = read(path.read_bytes(), path.name)
    assert version(document(rules)).rules == rules
    assert schema().is_valid(as_floats(plain.load(path.read_bytes(), is_json=False)))


def as_floats(value: Any) -> Any:
    """Give what an ordinary parser would have made of the numbers."""
    if isinstance(value, dict):
        return {name: as_floats(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_floats(item) for item in value]
    return float(value) if isinstance(value, plain.Number) else value


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
    refused = 0
    for junk in JUNK:
        changed = replaced({place: junk})
        problems = wrong(changed)
        assert problems == wrong(changed, as_yaml)
        if schema().is_valid(changed):
            rules = msgspec.convert(_percent_as_text(changed), Rules)
            assert {one.place for one in problems} == {one.place for one in rule_checks.problems(rules)}
            continue
        refused += 1
        assert any(one.place[: len(place)] == place for one in problems), junk
        if not isinstance(junk, list | dict):  # others may bring names with them that make no sense elsewhere
            assert [one.place for one in problems] == [place]
    assert refused


def _percent_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: str(item) if name == "percent" and item is not None else _percent_as_text(item)
            for name, item in value.items()
        }
    return [_percent_as_text(item) for item in value] if isinstance(value, list) else value


@given(st.lists(st.sampled_from(PLACES[1:]), min_size=2, max_size=8, unique=True), st.integers())
def test_several_wrong_values_are_all_reported(chosen: list[Place], seed: int) -> None:
    """Wrong values of which none stands in another are reported together, each once, in the order of the file."""
    alone = {one for one in chosen if not any(one != other and one[: len(other)] == other for other in chosen)}
    changed = shuffled(replaced(dict.fromkeys(alone, "\t")), random.Random(seed))  # noqa: S311 - a shuffle
    untold = {
        one for one in alone if any(_is_tag(tag) and tag != one and tag[:-1] == one[: len(tag) - 1] for tag in alone)
    }
    found = [problem.place for problem in wrong(changed)]
    assert sorted(map(str, found)) == sorted(map(str, alone - untold))
    assert found == sorted(found, key=list(places(changed)).index)


def _is_tag(place: Place) -> bool:
    """Whether the value says of which kind a condition is: with a wrong one, its other fields mean nothing."""
    return len(place) > 2 and place[-3] == "conditions" and place[-1] == "kind"


def shuffled(value: Any, order: random.Random) -> Any:
    """Put the names of all mappings into another order."""
    if isinstance(value, dict):
        names = list(value)
        order.shuffle(names)
        return {name: shuffled(value[name], order) for name in names}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


REQUIRED = {
    *("program", "currency", "conversions", "rewards", "side", "from_kept", "per", "count"),
    *("kind", "any_of", "name"),  # of conditions
}


def test_missing_fields_are_reported() -> None:
    """A field without default that is left out is reported at the place where it should stand; no other needs to be there."""
    fields = [place for place in PLACES[1:] if isinstance(place[-1], str)]
    refused = [place for place in fields if not schema().is_valid(without(place))]
    assert {place[-1] for place in refused} == REQUIRED
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
        '  hold: found "a month"; expected such as 30d, 24h or 15m; a d is 24 hours',
        '  conversions[0].rewards[0].percent: found "12,5"; expected 0 to 100, exact: "12.5"',
    ]


# --- meaning ----------------------------------------------------------------------------------------------------------

_CASH = ("conversions", 0, "rewards", 0)
_CREDIT = ("conversions", 0, "rewards", 1)
_FRIEND = ("conversions", 0, "rewards", 2)
_POINTS = ("conversions", 1, "rewards", 0)
_CONDITION = ("conversions", 0, "conditions")

#: What is changed -> where the problem is reported.
SENSELESS: list[tuple[dict[Place, Any], list[Place]]] = [
    ({("timezone",): "Europe/Atlantis"}, [("timezone",)]),
    ({("timezone",): "../../etc/passwd"}, [("timezone",)]),
    ({("timezone",): ""}, [("timezone",)]),
    ({("landing_url",): "https://user@example.com/"}, [("landing_url",)]),
    ({("landing_url",): "https://example.com/ü"}, [("landing_url",)]),
    ({("expires_after",): "0d"}, [("expires_after",)]),
    ({("attribution", "window"): "0h"}, [("attribution", "window")]),
    ({("conversions", 1, "window"): "0m"}, [("conversions", 1, "window")]),
    ({("conversions", 0, "window"): "335d"}, [("conversions", 0, "window")]),
    ({("conversions", 1, "on"): "purchase"}, [("conversions", 1, "on")]),
    ({("budget", "XQQ"): 1}, [("budget", "XQQ")]),
    ({("conversions", 0, "minimum"): {"EUR": 1}}, [("conversions", 0, "minimum")]),
    ({("conversions", 1, "minimum"): {"USD": 1}}, [("conversions", 1, "minimum")]),
    ({_FRIEND: {"side": "advocate", "flat": {"EUR": 1}}}, [_FRIEND]),
    ({(*_FRIEND, "flat"): {"USD": 500}}, [(*_FRIEND, "flat")]),
    ({(*_FRIEND, "percent"): "10"}, [_FRIEND]),
    ({(*_FRIEND, "flat"): None}, [_FRIEND]),
    ({(*_FRIEND, "kind"): "points"}, [(*_FRIEND, "flat")]),
    ({(*_FRIEND, "tiers"): [{"from_kept": 1, "flat": {"EUR": 1}}]}, [(*_FRIEND, "tiers")]),
    ({(*_FRIEND, "limits"): [{"per": "day", "count": 1}]}, [(*_FRIEND, "limits")]),
    ({(*_FRIEND, "cap"): {"EUR": 1, "USD": 1}}, [(*_FRIEND, "cap")]),
    ({(*_CASH, "percent"): "100.5"}, [(*_CASH, "percent")]),
    ({(*_CASH, "tiers", 1, "percent"): "100.000001"}, [(*_CASH, "tiers", 1, "percent")]),
    ({(*_CASH, "tiers", 1, "from_kept"): 5}, [(*_CASH, "tiers", 1, "from_kept")]),
    ({(*_CASH, "tiers", 1): {"from_kept": 10, "flat": {"EUR": 1}}}, [(*_CASH, "tiers", 1)]),
    ({(*_CASH, "tiers", 1): {"from_kept": 10}}, [(*_CASH, "tiers", 1)]),
    ({(*_CASH, "limits", 0, "count"): None}, [(*_CASH, "limits", 0)]),
    ({(*_CASH, "limits", 1, "count"): 1}, [(*_CASH, "limits", 1)]),
    ({(*_CASH, "limits", 1): {"per": "month", "count": 9}}, [(*_CASH, "limits", 1)]),
    ({(*_CASH, "limits", 1, "amount"): {"EUR": 1}}, [(*_CASH, "limits", 1, "amount")]),
    ({(*_CREDIT, "tiers", 0, "flat"): {"EUR": 1}}, [(*_CREDIT, "tiers", 0, "flat")]),
    ({(*_POINTS, "kind"): "cash"}, [(*_POINTS, "points")]),
    ({(*_POINTS, "cap"): {"EUR": 1}}, [(*_POINTS, "cap")]),
    ({(*_POINTS, "limits"): [{"per": "day", "amount": {"EUR": 1}}]}, [(*_POINTS, "limits", 0, "amount")]),
    ({(*_CONDITION, 0): {"kind": "amount"}}, [(*_CONDITION, 0)]),
    ({(*_CONDITION, 0, "below", "EUR"): 1}, [(*_CONDITION, 0, "below", "EUR")]),
    ({(*_CONDITION, 0, "at_least", "EUR"): -1}, [(*_CONDITION, 0, "at_least", "EUR")]),
    ({(*_CONDITION, 0, "at_least", "eur"): 1}, [(*_CONDITION, 0, "at_least", "eur")]),
    ({(*_CONDITION, 5, "at_least"): 1}, [(*_CONDITION, 5)]),
    ({(*_CONDITION, 6, "at_least"): None}, [(*_CONDITION, 6)]),
]


@pytest.mark.parametrize(("changes", "expected"), SENSELESS, ids=str)
def test_a_senseless_value_is_reported_where_it_stands(changes: dict[Place, Any], expected: list[Place]) -> None:
    """A value of the right type that makes no sense beside the others is reported at its place."""
    changed = replaced(changes)
    assert schema().is_valid(changed)
    assert [problem.place for problem in wrong(changed)] == expected


def test_every_check_of_meaning_has_its_row() -> None:
    """Each check of the core finds something in some row of the table above."""
    silent = {check for checks in rule_checks.CHECKS.values() for check in checks}
    currency = replaced({("currency",): "XQQ"})
    for changed in (currency, *(replaced(changes) for changes, _ in SENSELESS)):
        for _, part in rule_checks._parts(msgspec.convert(changed, Rules), ()):
            silent -= {check for check in rule_checks.CHECKS.get(type(part), ()) if list(check(part))}
    assert silent == set()


def test_an_unknown_currency_of_the_program_is_reported() -> None:
    """The program's own currency must be one of ISO 4217; that its amounts lack it is said too."""
    assert wrong(replaced({("currency",): "XQQ"}))[0].place == ("currency",)


def test_numbers_beyond_json_are_refused_by_meaning_too() -> None:
    """Rules that did not come from a file are held to integers that every JSON reader keeps."""
    rules = msgspec.convert(
        replaced({(*_CONDITION, 6, "at_least"): 2**53, (*_CONDITION, 0, "below", "EUR"): 2**53}), Rules
    )
    places_ = [(*_CONDITION, 0, "below", "EUR"), (*_CONDITION, 6, "at_least")]
    assert [one.place for one in rule_checks.problems(rules)] == places_


def test_types_and_meaning_are_reported_together() -> None:
    """A wrong type hides no senseless value elsewhere, and calls nothing senseless that it only hides."""
    changes = {("hold",): 30, (*_CASH, "percent"): "100.5", (*_CASH, "cap"): "50 EUR", ("timezone",): "Mars"}
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
            "11",
            "12.75",
            "18",
            "UTC",
            "FR",
            "https://other.example.com",
            "credit",
        ),
        bool: (True, False),
        int: (1, 7, 77, 777, 7777, 77777),
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
    assert {place[-1] for place in unchanged} <= {"currency", "kind", "side"}


# --- hostile files ----------------------------------------------------------------------------------------------------

BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (i + 1, i + 1, i, i) for i in range(97, 120))

HOSTILE: dict[str, tuple[bytes, str]] = {
    "billion laughs": (BOMB, "anchor or alias"),
    "alias of nothing": (b"program: *x\n", "anchor or alias"),
    "anchor alone": (b"program: &x y\n", "anchor or alias"),
    "python tag": (b"program: !!python/object/apply:os.system [ls]\n", "the tag"),
    "own tag": (b"program: !x y\n", "the tag"),
    "two documents": (b"a: 1\n---\nb: 2\n", "second document"),
    "empty": (b"", "found null"),
    "one word": (b"hello", '"hello"'),
    "too large": (b"#" * (plain.MAX_BYTES + 1), "262145 bytes"),
    "binary": (bytes(range(256)), "wrong byte"),
    "utf-16": ("program: x".encode("utf-16"), "wrong byte"),
    "nul": (b"program: a\0b", "not allowed"),
    "deep flow": (b"[" * 200_000, "deeper nesting"),
    "deep block": (b"- " * 100_000, "deeper nesting"),
    "deep mapping": (b"{a: " * 60_000, "deeper nesting"),
    "list as a name": (b"? [a]\n: b\n", "no plain text"),
    "tab": (b"\tprogram: x", "cannot start any token"),
    "unclosed": (b'program: "x', "end of stream"),
    "many names": (b"".join(b"k%d: 1\n" % i for i in range(20_000)), "and 19953 more"),
    "long number": (b"program: " + b"9" * 200_000, "found 999"),
    "line feed": (b'program: "x\\n"\n', '"x\\n"'),
}
HOSTILE_JSON: dict[str, tuple[bytes, str]] = {
    "deep": (b"[" * 200_000, "deeper nesting"),
    "unclosed": (b'{"program": ', "Expecting value"),
    "backslashes": (b'"' + b"\\" * 200_000, "Unterminated"),
    "not a number": (b'{"program": NaN}', "found NaN"),
    "infinite": (b'{"program": -Infinity}', "found -Infinity"),
    "long number": (b'{"program": ' + b"9" * 200_000 + b"}", "found 999"),
    "large exponent": (b'{"program": 1e999999999}', "found 1e999999999"),
    "lone surrogate": (b'{"name": "\\ud800"}', '"\\ud800"'),
    "surrogate in a name": (b'{"\\ud800": 1}', "unknown name"),
    "escape sequence": (b'{"\\u001b[2J": 1}', "'\\x1b[2J'"),
    "yaml": (b"program: x", "Expecting value"),
}


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [(f"{name}.yaml", *row) for name, row in HOSTILE.items()]
    + [(f"{name}.json", *row) for name, row in HOSTILE_JSON.items()],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_is_an_error(name: str, data: bytes, found: str) -> None:
    """A file made to exhaust, deceive or break its reader is refused with a text that is short and can be shown."""
    with pytest.raises(RuleFileErrors) as caught:
        read(data, name)
    text = str(caught.value)
    assert found in text
    assert len(text) < 20_000
    assert "\x1b" not in text
    assert text.encode()


@given(
    st.one_of(
        st.binary(max_size=300), st.text(alphabet="ab:-[]{}?&*!|>'\"#%@`,\n \t01.e~", max_size=200).map(str.encode)
    )
)
def test_no_text_breaks_the_reader(data: bytes) -> None:
    """Whatever the bytes, the reader gives rules or its own error."""
    for name in ("noise.yaml", "noise.json"):
        with pytest.raises(RuleFileErrors) as caught:
            read(data, name)
        assert caught.value.problems


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9)),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    )
)
def test_json_is_read_as_json_is(value: Any) -> None:
    """What the strict reader makes of JSON is what JSON says, but for integers beyond 53 bits."""
    found = plain.load(json.dumps(value).encode(), is_json=True)
    assert found == json.loads(
        json.dumps(value), parse_int=lambda digits: int(digits) if abs(int(digits)) < 2**53 else digits
    )


def test_plain_words_of_yaml_are_text() -> None:
    """on, NO, yes, dates and octals are the text that was written; only true, false and null mean more."""
    text = b"on: NO\nyes: 2024-01-01\nn: 012\nt: true\nz: ~\nq: 'true'\nx: 1_000\nm: 12:30\nh: 0x1F\nf: 1.50\n"
    assert plain.load(text, is_json=False) == {
        "on": "NO",
        "yes": "2024-01-01",
        "n": "012",
        "t": True,
        "z": None,
        "q": "true",
        "x": "1_000",
        "m": "12:30",
        "h": "0x1F",
        "f": plain.Number("1.50"),
    }


def test_a_number_is_no_text() -> None:
    """A name that looks like a number must be quoted, so that nothing is guessed."""
    assert [one.path for one in wrong(replaced({("name",): 1.5}))] == ["name"]
    assert as_json(replaced({("name",): "1.5"})).name == "1.5"
