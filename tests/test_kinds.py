"""Adding a kind takes three files: a module, a line in its registry, a test. This is such a test, for a kind of each sort."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from testkit.product import python

ROOT = Path(__file__).resolve().parent.parent

#: What is added: the module's path, its text, the registry's path, and the lines that are replaced there.
CONDITION = (
    "core/kinds/conditions/round.py",
    '''"""The order is one of whole tens."""
from msgspec import Struct
from goodword.core.kinds.conditions.base import Seen, View

class Round(Struct, frozen=True, kw_only=True, tag_field="kind", tag="round", forbid_unknown_fields=True):
    to: int
    def holds(self, view: View) -> tuple[bool, Seen]:
        return view.amount is not None and view.amount % self.to == 0, {"amount": view.amount, "to": self.to}
''',
    "core/kinds/conditions/__init__.py",
    [
        ("import Trait\n", "import Trait\nfrom goodword.core.kinds.conditions.round import Round\n"),
        ("| Trait", "| Trait | Round"),
    ],
)
REWARD = (
    "core/kinds/rewards/trees.py",
    '''"""Trees: planted, not paid."""
from goodword.core.kinds.rewards.base import RewardKind

KIND = RewardKind(name="trees", unit=lambda program, _currency: f"points:{program}", in_money=False)
''',
    "core/kinds/rewards/__init__.py",
    [
        ("import cash, credit, points", "import cash, credit, points, trees"),
        ('"points"]', '"points", "trees"]'),
        ('"points": points.KIND', '"points": points.KIND, "trees": trees.KIND'),
    ],
)
SIGNAL = (
    "core/kinds/signals/night.py",
    '''"""Bought at night."""
from goodword.core import calendar
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag

def look(scene: Scene) -> list[Flag]:
    hour = scene.conversion.at % calendar.DAY // (calendar.DAY // 24)
    return [Flag("night", {"hour": hour})] if hour < 5 else []
''',
    "core/kinds/signals/__init__.py",
    [
        ("    existing_customer,\n", "    existing_customer,\n    night,\n"),
        ('"velocity":', '"night": night.look,\n    "velocity":'),
    ],
)
RAIL = (
    "outbound/rails/pigeon.py",
    '''"""A pigeon carries points."""
from goodword.outbound.rails.base import Answer, Order, Rail
from goodword.outbound.rails.details import Field, text

class Pigeon(Rail):
    kinds = ("points", "trees")
    modes = ("live", "sandbox")
    manual = False
    fields = (Field("loft", "The loft that the pigeon flies to.", "North tower", text(40), required=True),)
    async def send(self, order: Order) -> Answer:
        return Answer("completed", f"pigeon-{order.id}")
    async def ask(self, order: Order) -> Answer | None:
        return Answer("completed", f"pigeon-{order.id}")
''',
    "outbound/rails/__init__.py",
    [
        ("import Sandbox\n", "import Sandbox\nfrom goodword.outbound.rails.pigeon import Pigeon\n"),
        ('"sandbox": Sandbox', '"sandbox": Sandbox, "pigeon": Pigeon'),
    ],
)

USES = {
    "condition": '''
made = world(rewards=[advocate(percent="10")], conversion={"conditions": [{"kind": "round", "to": 1000}]})
tell(made, """
    02-01 lead bob code=ANN
    02-02 buy bob 10.00 EUR -> ann 1.00 EUR
""")
assert made.log[-1][2].verdicts[0].steps, "the explanation quotes what the condition saw"
''',
    "reward": """
made = world(rewards=[advocate(points=7, kind="trees")])
tell(made, "02-01 lead bob code=ANN")
tell(made, "02-02 buy bob 10.00 EUR")
(reward,) = made.rewards()
assert (reward.kind, reward.amount, reward.unit) == ("trees", 7, f"points:{made.program()}")
made.approved()
""",
    "signal": """
made = world()
tell(made, "02-01 lead bob code=ANN")
tell(made, "02-02T03:00 buy bob 10.00 EUR")
(case,) = made.cases()
assert [flag.code for flag in case.flags] == ["night"]
""",
    "rail": """
import asyncio, pathlib
from goodword.api import bodies
from goodword.outbound.rails import REGISTRY, Order, checked, for_mode, make_rails
rails = make_rails(pathlib.Path("nowhere"))
assert asyncio.run(rails["pigeon"].send(Order("pay_1", 5, "points:x", {}))).outcome == "completed"
assert checked(for_mode(REGISTRY, "pigeon", "live").fields, {"loft": " North  tower"}) == {"loft": "North tower"}
body = bodies.Draft(rail="pigeon", unit="EUR")
made = world(rewards=[advocate(points=7, kind="points")])
tell(made, "02-01 lead bob code=ANN")
tell(made, "02-02 buy bob 10.00 EUR")
made.approved()
made.tick("2024-06-15")
made.command(events.PayoutDrafted, rail="pigeon", kinds=rails["pigeon"].kinds, unit=f"points:{made.program()}", beneficiaries=("ann",))
(payout,) = made.state.all(Payout)
assert (payout.rail, payout.amount) == ("pigeon", 7)
""",
}  # fmt: skip

START = """
from testkit.world import advocate
from testkit.stories import tell, world
from goodword.core import events
from goodword.core.state import Payout
"""


@pytest.mark.parametrize(
    ("sort", "added"), [("condition", CONDITION), ("reward", REWARD), ("signal", SIGNAL), ("rail", RAIL)]
)
def test_a_new_kind_takes_a_module_and_its_line(
    sort: str, added: tuple[str, str, str, list[tuple[str, str]]], tmp_path: Path
) -> None:
    """In a copy of the source with one module and its registry line added, and nothing else, the new kind works."""
    module, text, registry, lines = added
    source = tmp_path / "goodword"
    shutil.copytree(ROOT / "src" / "goodword", source, ignore=shutil.ignore_patterns("__pycache__"))
    script = START + USES[sort]
    assert run_on(tmp_path, script).returncode != 0, "it works without the new kind: the script shows nothing"
    (source / module).write_text(text)
    listed = (source / registry).read_text()
    for before, after in lines:
        assert listed.count(before) == 1, before
        listed = listed.replace(before, after)
    (source / registry).write_text(listed)
    done = run_on(tmp_path, script)
    assert done.returncode == 0, done.stderr[-2000:]


def run_on(source: Path, script: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a script to its end on another copy of the source: the folder that ``goodword`` stands in."""
    path = f"{source}{os.pathsep}{ROOT}"
    return python("-c", script, env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **settings})
