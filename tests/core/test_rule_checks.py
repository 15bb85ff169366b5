"""Rules whose values have the right types and make no sense are told so, each where it stands."""

from typing import Any

import msgspec
import pytest
from testkit.rule_documents import WHOLE, place_of, replaced
from testkit.stories import tell
from testkit.tables import rows
from testkit.world import World, advocate, rules

from goodword.core import calendar, events, rule_checks
from goodword.core import rules as core_rules
from goodword.core.rule_checks import Place
from goodword.core.rules import Rules

SMALL = rules(rewards=[advocate(percent="10")])

SENSELESS = rows(__file__, "Senseless values")
#: All checks, those of later behaviours too.
CHECKS = {kind: checks + rule_checks.LATER.get(kind, ()) for kind, checks in rule_checks.CHECKS.items()}


def told(document: Any) -> list[Place]:
    """Return the places of all problems of rules that have the right types."""
    return [problem.place for problem in rule_checks.problems(msgspec.convert(document, Rules), None)]


def test_sensible_rules_have_no_problem() -> None:
    """Rules with everything in them have none."""
    assert told(WHOLE) == []


@pytest.mark.parametrize(("place", "value", "reported"), SENSELESS, ids=str)
def test_a_senseless_value_is_reported_where_it_stands(place: str, value: Any, reported: str) -> None:
    """A value of the right type that makes no sense beside the others is reported at its place."""
    assert told(replaced({place_of(place): value})) == [place_of(reported)]


def test_every_check_of_meaning_has_its_row() -> None:
    """Each check of the core finds something in some row of the table above."""
    silent = {check for checks in CHECKS.values() for check in checks}
    for changed in (replaced({place_of(place): value}) for place, value, _ in SENSELESS):
        for _, part in rule_checks._parts(msgspec.convert(changed, Rules), ()):
            silent -= {check for check in CHECKS.get(type(part), ()) if list(check(part))}
    assert silent == set()


def test_an_unknown_currency_of_the_program_is_reported() -> None:
    """The program's own currency must be one of ISO 4217; that its amounts lack it is said too."""
    assert told(replaced({("currency",): "XQQ"}))[0] == ("currency",)


@pytest.mark.parametrize(("currency", "when", "right"), rows(__file__, "Currencies in use"))
def test_new_rules_name_currencies_that_are_in_use(currency: str, when: str, *, right: bool) -> None:
    """A currency is refused from the day on which it ended, as the program's and in any amount; unpublished rules know no day."""
    in_budget = msgspec.convert({**SMALL, "budget": {"EUR": 1, currency: 1}}, Rules)
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
    places = [place_of(f"conversions[0].conditions[{where}") for where in ("0].below.EUR", "6].at_least")]
    assert told(replaced(dict.fromkeys(places, 2**53))) == places
