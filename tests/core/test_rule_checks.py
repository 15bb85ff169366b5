"""Rules whose values have the right types and make no sense are told so, each where it stands."""

from typing import Any

import msgspec
import pytest
from testkit.rule_documents import WHOLE, replaced
from testkit.stories import tell
from testkit.world import World, advocate, rules

from goodword.core import calendar, events, rule_checks
from goodword.core import rules as core_rules
from goodword.core.rule_checks import Place
from goodword.core.rules import Rules

_CASH = ("conversions", 0, "rewards", 0)
_CREDIT = ("conversions", 0, "rewards", 1)
_FRIEND = ("conversions", 0, "rewards", 2)
_POINTS = ("conversions", 1, "rewards", 0)
_CONDITION = ("conversions", 0, "conditions")

SMALL = rules(rewards=[advocate(percent="10")])

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
    """Return the places of all problems of rules that have the right types."""
    return [problem.place for problem in rule_checks.problems(msgspec.convert(document, Rules), None)]


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
    for changed in (replaced(changes) for changes, _ in SENSELESS):
        for _, part in rule_checks._parts(msgspec.convert(changed, Rules), ()):
            silent -= {check for check in rule_checks.CHECKS.get(type(part), ()) if list(check(part))}
    assert silent == set()


def test_an_unknown_currency_of_the_program_is_reported() -> None:
    """The program's own currency must be one of ISO 4217; that its amounts lack it is said too."""
    assert told(replaced({("currency",): "XQQ"}))[0] == ("currency",)


#: currency -> instants at which it may be named by new rules, and at which it may not
IN_USE = [
    ("BGN", "2025-12-31T23:59:59Z", True),
    ("BGN", "2026-01-01T00:00:00Z", False),
    ("ANG", "2025-06-30T23:59:59Z", True),
    ("ANG", "2025-07-01T00:00:00Z", False),
    ("XCG", "2025-03-30T23:59:59Z", False),
    ("XCG", "2025-03-31T00:00:00Z", True),
    ("EUR", "2099-01-01T00:00:00Z", True),
]


@pytest.mark.parametrize(("currency", "when", "right"), IN_USE)
def test_new_rules_name_currencies_that_are_in_use(currency: str, when: str, *, right: bool) -> None:
    """A currency is refused from the day on which it ended, as the program's and in any amount; unpublished rules know no day."""
    in_budget = msgspec.convert(replaced({("budget", currency): 1}), Rules)
    of_program = msgspec.convert({**SMALL, "currency": currency}, Rules)
    for changed, place in ((in_budget, ("budget", currency)), (of_program, ("currency",))):
        found = [one.place for one in rule_checks.problems(changed, calendar.parse(when))]
        assert found == ([] if right else [place])
        assert rule_checks.problems(changed, None) == []


def test_who_names_an_ended_currency_is_told_when_it_ended() -> None:
    """The problem says what was found, and the day."""
    (found,) = rule_checks.problems(
        msgspec.convert({**SMALL, "currency": "BGN"}, Rules), calendar.parse("2026-11-28T00:00:00Z")
    )
    assert (found.found, found.expected) == ("BGN", "a currency that is in use: BGN ended on 2026-01-01")


def test_a_running_program_outlives_its_currency() -> None:
    """Orders and refunds go on in a currency that ended, the books with them; new rules in it are refused and told why."""
    made = World(start="2025-12-01")
    document = rules(currency="BGN", rewards=[advocate(percent="10")])
    made.publish(document)
    made.enrol("ann")
    tell(
        made,
        """
        2026-02-01 lead bob code=ANN -> attributed to ann
        2026-02-02 buy bob 100.00 BGN -> ann 10.00 BGN
        2026-02-03 refund bob-1 40.00 currency=BGN -> applied; ann now 6.00 BGN
        """,
    )
    assert made.balances() == {("accrued", "ann"): 600}
    text = core_rules.document(msgspec.convert({**document, "hold": "9d"}, Rules))
    fields = {"slug": "main", "rules": core_rules.version(text).hash, "document": text}
    (verdict,) = made.command(events.ProgramPublished, **fields).verdicts
    assert verdict.refusal == "rules_invalid"
    told_ = {"path": "currency", "expected": "a currency that is in use: BGN ended on 2026-01-01"}
    assert [step.values for step in verdict.steps] == [told_]
    assert len(made.versions) == 1


def test_numbers_beyond_json_are_refused_by_meaning_too() -> None:
    """Rules that did not come from a file are held to integers that every JSON reader keeps."""
    changed = replaced({(*_CONDITION, 6, "at_least"): 2**53, (*_CONDITION, 0, "below", "EUR"): 2**53})
    assert told(changed) == [(*_CONDITION, 0, "below", "EUR"), (*_CONDITION, 6, "at_least")]
