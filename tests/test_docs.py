"""The pages that come from the code are those of the code, and every word of the core is explained once."""

import json
import re
import subprocess
import sys
from enum import Enum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import msgspec
import pytest

import goodword.core
from goodword import words
from goodword.core.events import AnyEvent
from goodword.core.invariants import INVARIANTS
from goodword.core.kinds.signals import CODES as SIGNALS
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.refusals import Refusal
from goodword.core.rules import Percent
from goodword.core.state import Entity
from goodword.outbound.rails import REGISTRY as RAILS
from goodword.settings import VARIABLES
from goodword.sources import native, schemas

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
GENERATE = (sys.executable, str(ROOT / "scripts" / "generate_docs.py"))


def test_generated_pages_are_those_of_the_code() -> None:
    """The check that developers run finds every committed page up to date."""
    done = subprocess.run([*GENERATE, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_changed_page_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that somebody edited, and one that is missing, make the check name them and only them."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    pages = import_module("generate_docs")
    for name, make in pages.PAGES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(make())
    assert pages.stale(tmp_path) == []
    (tmp_path / "settings.md").unlink()
    (tmp_path / "refusals.md").write_text((tmp_path / "refusals.md").read_text() + "\n")
    assert sorted(pages.stale(tmp_path)) == ["refusals.md", "settings.md"]


def test_pages_are_whole() -> None:
    """Each refusal, flag, move, invariant and setting stands on its page, and each field of a rail under the rail."""
    refusals = (DOCS / "refusals.md").read_text()
    assert all(f"| `{one.code}` | {words.refusal(one.code)} |" in refusals for one in Refusal)
    assert all(f"| `{code}` |" in refusals for code in SIGNALS)
    lifecycles = (DOCS / "lifecycles.md").read_text()
    for moves in LIFECYCLES.values():
        assert all(f"    {state} --> {to}\n" in lifecycles for state, targets in moves.items() for to in targets)
    assert all(f"| `{one.id}` | {one.sentence} |" in (DOCS / "invariants.md").read_text() for one in INVARIANTS)
    assert all(f"| `{one.name}` |" in (DOCS / "settings.md").read_text() for one in VARIABLES)
    for name, rail in RAILS.items():
        _, _, told = (DOCS / "rails.md").read_text().partition(f"\n## {name}\n")
        assert [line.split("`")[1] for line in told.partition("\n## ")[0].splitlines() if line.startswith("| `")] == [
            field.name for field in rail.fields
        ]


def test_every_word_of_the_core_is_in_the_glossary() -> None:
    """Each entity, enumeration and event type of the core has a line, and no word has two."""
    modules = [import_module(found.name) for found in walk_packages(goodword.core.__path__, "goodword.core.")]
    classes = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    own = {one for one in classes if one.__module__.startswith("goodword.core.") and one is not Entity}
    nouns = {re.sub(r"(?<=[a-z])(?=[A-Z])", " ", one.__name__).lower() for one in own if issubclass(one, Entity | Enum)}
    types = {str(one.__struct_config__.tag) for one in AnyEvent.__args__}
    lines = re.findall(r"^\| (.+?) \| .+ \|$", (DOCS / "words.md").read_text(), re.MULTILINE)
    explained = [word.strip("`") for word in lines if word not in {"word", "type", "---"}]
    assert {"referral", "payee", "refusal"} <= nouns
    assert (nouns | types | set(LIFECYCLES)) - set(explained) == set()
    assert len(explained) == len(set(explained))


@pytest.mark.parametrize("name", ["rules.json", "events.json"])
def test_schemas_explain_themselves(name: str) -> None:
    """A published schema is valid JSON Schema 2020-12 and explains each part."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import

    schema = json.loads((DOCS / "schemas" / name).read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    parts = schema["$defs"]
    assert parts
    if name == "rules.json":
        assert [part for part, about in parts.items() if not about.get("description")] == []
    else:
        fields = [about for part in parts.values() for key, about in part["properties"].items() if key != "type"]
        assert [field for field in fields if not field.get("description")] == []
        assert all(parts[one.__name__]["description"] for one in native.TYPES)


def test_percentages_may_be_numbers_in_the_schema() -> None:
    """Wherever the types hold a percentage, the schema takes a number beside the text."""
    text = json.dumps(schemas.rules())
    pattern = json.dumps(msgspec.json.schema(Percent)["pattern"])
    assert text.count(pattern) == text.count('"maximum": 100}') == 4


def test_every_event_type_is_in_the_schema() -> None:
    """The event schema has each type of the native format, by the name that stands on the wire."""
    parts = schemas.events()["$defs"]
    tags = {parts[one.__name__]["properties"]["type"]["enum"][0] for one in native.TYPES}
    assert tags == {one.__struct_config__.tag for one in native.TYPES}
    assert len(schemas.events()["anyOf"]) == len(native.TYPES)
