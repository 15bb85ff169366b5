"""From an explanation alone a stranger's program works out verdict and amount; and no rule can change unseen."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from testkit import rule_documents as documents
from testkit.stories import tell
from testkit.world import World, at, member
from tests.core import retail
from tests.core.independent_checker import Lists, lists_of, recompute
from tests.core.test_properties import GENERATED, HISTORY, Move, told

from goodword.core import calendar, events
from goodword.core import rules as core_rules
from goodword.core.rule_checks import problems
from goodword.core.rules import Rules


def verdicts(world: World) -> list[dict[str, Any]]:
    """All verdicts of a log as they are written in it."""
    return [verdict for _, _, decision in world.log for verdict in json.loads(msgspec.json.encode(decision.verdicts))]


#: What leaves nothing of a reward, whatever it was.
ENDED = ("expired", "rejected", "reversed", "taken_back")


def checked(world: World) -> Counter[str]:
    """Check every verdict about a lead or a reward; how many of which there were."""
    seen: Counter[str] = Counter()
    lists: Lists = {}
    for version in world.versions.values():
        lists |= lists_of(json.loads(version.text))
    for verdict in verdicts(world):
        if verdict["about"] in ("attribution", "reward") and verdict["outcome"] != "corrected":  # a member's word
            refusal, amount = recompute(verdict, lists)
            amount = 0 if verdict["outcome"] in ENDED else amount
            assert refusal == verdict.get("refusal"), verdict
            assert refusal is not None or verdict["about"] == "attribution" or amount == verdict["amount"], verdict
            seen[verdict.get("refusal") or verdict["outcome"]] += 1
    return seen


def test_every_decision_of_the_real_year(shared: Path) -> None:
    """All verdicts of the year are worked out again, and their sums are those of the independent program."""
    world = retail.year(shared)
    expected = json.loads((shared / "data" / "online_retail" / "expected.json").read_text())
    seen = checked(world)
    assert seen["attributed"] == expected["attributed_leads"]
    assert seen["count_cap_reached"] == expected["monthly_cap_refusals"]
    assert seen["earned"] == expected["advocate_rewards"]["count"] + expected["friend_rewards"]["count"]
    for side in ("advocate", "friend"):
        rewards = world.rewards(side=side)
        assert sum(reward.gross for reward in rewards) == expected[f"{side}_rewards"]["gross"]
        assert sum(reward.amount for reward in rewards) == expected[f"{side}_rewards"]["net"]


@GENERATED
@given(HISTORY)
def test_every_decision_of_a_generated_history(history: list[tuple[Move, int, int, int]]) -> None:
    """Shares, tiers, budgets, conditions, several programs: nothing needs more than the steps."""
    checked(told(history))


def test_the_checker_notices() -> None:
    """An amount that is a cent off, or a refusal that the steps do not show, is found."""
    world = World()
    world.publish()
    world.referred()
    earned = next(verdict for verdict in verdicts(world) if verdict["outcome"] == "earned")
    for code, values in earned["steps"]:
        if code == "price":
            values["earns"] += 1
    with pytest.raises(AssertionError):
        recompute(earned)


#: Values that decide nothing: they name things.
NAMES = ("program", "name", "landing_url")


def mutations(whole: Any) -> Iterator[tuple[str, Any]]:
    """(path, the document with that one value changed)."""
    for place in documents.places(whole):
        path, value = ".".join(map(str, place)), documents.at(whole, place)
        is_name = path in NAMES or path.endswith((".side", ".kind", ".on"))
        is_shown = path.startswith(("sharing.", "messages."))  # to friends, and decides nothing
        # Seen where a claim is decided, or opened by an order of somebody who is bound under another name.
        of_claims = path.startswith("claims.") or path == "attribution.same_person"
        if value is not None and not isinstance(value, dict | list) and not (is_name or is_shown or of_claims):
            yield path, documents.replaced({place: other(value)}, whole)


OTHERS = {
    "last": "first", "first": "last", "UTC": "Pacific/Kiritimati", "Europe/Berlin": "Pacific/Kiritimati", "month": "week",
    "quarter": "day", "ever": "day", "EUR": "USD", "GBP": "EUR", "DE": "FR", "team": "solo", "plan": "plot",
}  # fmt: skip


def other(value: Any) -> Any:
    """Another value of the same sort."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value in OTHERS:
        return OTHERS[value]
    return f"{int(value[:-1]) + 1}{value[-1]}" if value[-1] in "dhm" else str(int(float(value)) + 1)


def shown(world: World) -> list[Any]:
    """All explanations, without the names of rule versions: these change with any value."""
    return json.loads(
        json.dumps(verdicts(world)), object_hook=lambda found: {k: v for k, v in found.items() if k != "rules"}
    )


def whole(document: dict[str, Any]) -> dict[str, Any]:
    """A rule file with every default written out."""
    return dict(json.loads(core_rules.document(msgspec.convert(document, Rules))))


def unseen(document: dict[str, Any], run: Any) -> list[str]:
    """The values of a rule file that may change without any explanation changing; none that cannot change alone is asked."""
    before = shown(run(document))[1:]
    possible = [(p, d) for p, d in mutations(whole(document)) if not problems(msgspec.convert(d, Rules), None)]
    assert len(possible) > 10
    return [path for path, changed in possible if shown(run(changed))[1:] == before]


def test_no_value_of_the_retail_rules_changes_unseen(shared: Path) -> None:
    """Each value of the retail rules shows in the explanations of the orders of the year's first leads."""

    def run(document: dict[str, Any]) -> World:
        """The orders, and the approval of a reward: it says when that is due."""
        world = retail.year(shared, document, leads=100)
        world.tick(world.now + 40 * calendar.DAY)
        for reward in world.rewards(side="advocate", status="in_review")[:1]:
            world.payee(reward.beneficiary)
            world.approve([reward])
        return world

    assert unseen(retail.RULES, run) == []


def rich(document: dict[str, Any]) -> World:
    """A story in which every value of the rich rules plays a part."""
    world = World(checked=False)
    world.publish(document)
    world.enrol("ann", accepted_terms=True)
    for person in ("bob", "bea", "ben"):
        world.send(events.CustomerUpdated, person=person, traits={"plan": "team"})
    tell(
        world,
        """
        01-20 click ANN v1
        02-01 lead bob v1
        02-02 lead bea code=ANN
        02-02 lead ben code=ANN
        02-02 buy bob name=sign-up
        02-03 buy bob 100.00 EUR country=DE
        02-04 buy bea 200.00 EUR country=DE
        02-05 buy bea 40.00 EUR country=DE invoice=bea-2
        02-05 buy ben 9.00 EUR country=DE
        """,
    )
    for case in world.cases():
        world.command(events.CaseDecided, case=case.id, outcome="cleared", reason="fine")
    world.tick(at("03-01"))
    world.payee("ann")
    world.approve(world.rewards(beneficiary="ann", kind="cash"), actor=member("mia", "approver"))
    world.approve(world.rewards(beneficiary="ann", kind="cash"), actor=member("max", "approver"))
    world.tick(at("05-01"))
    world.draft("ann")
    tell(world, "05-02 buy bob 100.00 EUR country=DE invoice=bob-2\n05-02 buy ben 100.00 EUR country=DE invoice=ben-2")
    return world


def test_no_value_of_richer_rules_changes_unseen() -> None:
    """Nor do tiers, shares of the month, conditions, budgets, reviews or payout minima of a richer file."""
    rules = documents.document("explained")
    checked(rich(rules))
    assert unseen(rules, rich) == []
