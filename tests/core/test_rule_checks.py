"""Rules whose values have the right types and make no sense are told so, each where it stands."""

from typing import Any

import msgspec
import pytest
from tests.sources.rule_documents import WHOLE, replaced

from goodword.core import rule_checks
from goodword.core.rule_checks import Place
from goodword.core.rules import Rules

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


def told(document: Any) -> list[Place]:
    """Give the places of all problems of rules that have the right types."""
    return [problem.place for problem in rule_checks.problems(msgspec.convert(document, Rules))]


def test_sensible_rules_have_no_problem() -> None:
    """Rules with everything in them have none."""
    assert told(WHOLE) == []


@pytest.mark.parametrize(("changes", "expected"), SENSELESS, ids=str)
def test_a_senseless_value_is_reported_where_it_stands(changes: dict[Place, Any], expected: list[Place]) -> None:
    """A value of the right type that makes no sense beside the others is reported at its place."""
    assert told(replaced(changes)) == expected


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
    assert told(replaced({("currency",): "XQQ"}))[0] == ("currency",)


def test_numbers_beyond_json_are_refused_by_meaning_too() -> None:
    """Rules that did not come from a file are held to integers that every JSON reader keeps."""
    changed = replaced({(*_CONDITION, 6, "at_least"): 2**53, (*_CONDITION, 0, "below", "EUR"): 2**53})
    assert told(changed) == [(*_CONDITION, 0, "below", "EUR"), (*_CONDITION, 6, "at_least")]
