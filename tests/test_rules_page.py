"""docs/rules.md: every field of a rule file is told, with an example that the reader of rule files takes."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import inspect
from tests.conftest import ROOT

from goodword.core.kinds.conditions import REGISTRY
from goodword.core.rules import Rules
from goodword.sources import plain, rule_file, schemas
from goodword.sources.rule_meanings import MEANINGS

TEXT = (ROOT / "docs" / "rules.md").read_text()
LEAST: dict[str, Any] = {
    "program": "least",
    "currency": "EUR",
    "conversions": [{"rewards": [{"side": "advocate", "percent": 10}]}],
}


def printed() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every example that stands on the page: the part's heading, the field (a condition's: its kind), and what it says."""
    for section in TEXT.split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        part = heading.replace("`", "")
        rows = re.findall(r"^\| `(\w+)` \| .* \| `([^`]+)` \|$", text, re.MULTILINE)
        for field, example in rows if ": " not in part else []:
            yield part, field, plain.load(example.encode(), is_json=False)
        for example in re.findall(r"^- `(.+)`$", text, re.MULTILINE):
            yield part, part.partition(": ")[2], plain.load(example.encode(), is_json=False)


def whole(part: str, example: dict[str, Any]) -> dict[str, Any]:
    """The least file with an example in its place."""
    [conversion] = LEAST["conversions"]
    if part in ("conversions", "counts"):
        return {**LEAST, "conversions": [{**conversion, **example}]}
    if part.startswith("conditions: "):
        return {**LEAST, "conversions": [{**conversion, "conditions": [example]}]}
    if part == "rewards":
        return {**LEAST, "conversions": [{"rewards": [example], "counts": {"months": 24}}]}
    if part == "rates":
        return {**LEAST, "conversions": [{"rewards": [{"side": "advocate", "percent": 10, "rates": [example]}]}]}
    if part == "limits":
        return {**LEAST, "conversions": [{"rewards": [{"side": "advocate", "percent": 10, "limits": [example]}]}]}
    if part in ("tiers", "later"):
        [figure] = example.keys() - {"from_kept", "after_months"}
        kind = "points" if figure == "points" else "cash"
        reward = {"side": "advocate", "kind": kind, figure: example[figure], part: [example]}
        return {**LEAST, "conversions": [{"rewards": [reward], "counts": {"months": 24}}]}
    return {**LEAST, **example}


def parts(kind: inspect.Type) -> Iterator[inspect.StructType]:
    """Every part that the types of a rule file are made of."""
    if isinstance(kind, inspect.StructType):
        yield kind
        for field in kind.fields:
            yield from parts(field.type)
    for name in ("type", "item_type"):
        if hasattr(kind, name):
            yield from parts(getattr(kind, name))
    for one in getattr(kind, "types", ()):
        yield from parts(one)


EXAMPLES = list(printed())
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_every_field_is_told_with_an_example_that_has_it() -> None:
    """No field of any part is left out, and the example beside it says it."""
    fields = [(one.cls, field.name) for one in parts(inspect.type_info(Rules)) for field in one.fields]
    assert len(fields) > 45
    told = {(part, name) for part, meanings in MEANINGS.items() for name in meanings}
    assert {one for one in fields if one[0] not in REGISTRY.values()} == told
    rows = [example for _, field, example in EXAMPLES if f"'{field}':" in str(example)]
    assert len(rows) == len(told)
    for kind, condition in REGISTRY.items():
        said = [set(example) for part, _, example in EXAMPLES if part == f"conditions: {kind}"]
        assert set().union(*said) == {"kind", *condition.__struct_fields__}, kind


@pytest.mark.parametrize(("part", "field", "example"), EXAMPLES, ids=[f"{part}.{field}" for part, field, _ in EXAMPLES])
def test_every_example_is_read(part: str, field: str, example: dict[str, Any]) -> None:
    """What stands on the page can be written into a rule file."""
    del field
    text = json.dumps(whole(part, example))
    assert rule_file.read(text.encode(), "example.json").program


@pytest.mark.parametrize("block", BLOCKS, ids=["least", "most"])
def test_every_whole_file_on_the_page_is_read(block: str) -> None:
    """The files that the page begins with are right, without a doubt."""
    assert rule_file.doubts(rule_file.read(block.encode(), "example.yaml")) == []


def test_points_are_not_called_minor_units() -> None:
    """The published schema says of points that they are points, and gives each field the sentence of the page."""
    definitions = schemas.rules()["$defs"]
    for part in ("Reward", "Tier"):
        points = definitions[part]["properties"]["points"]
        assert [one.get("description") for one in points["anyOf"]] == ["points", None]
        assert "minor" not in points["description"]
    assert definitions["Rules"]["properties"]["hold"]["description"].startswith("How long after its conversion")
