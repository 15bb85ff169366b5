"""The terms of a program: nothing that executes is unsaid, nothing is said that does not, and all of it is plain.

``WRITE=1`` writes the files in ``tables/terms`` anew, where what they say has changed on purpose: a lawyer can read them.
"""

import copy
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from testkit.rule_documents import WHOLE, at, places, text
from testkit.world import advocate, friend
from testkit.world import rules as small
from tests.words.test_languages import folder, made_up, script

from goodword.app.proof import terms
from goodword.cli import demo_data
from goodword.core import rules as core_rules
from goodword.core.kinds.conditions import REGISTRY as CONDITIONS
from goodword.core.rules import Rules
from goodword.sources import rule_file
from goodword.words import terms as words
from goodword.words.catalogue import FOLDER

__all__ = ["folder", "script"]

TABLES = Path(__file__).parent / "tables" / "terms"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FILES = {
    "demo": demo_data.RULES,
    "whole": text("whole"),
    **{name: (EXAMPLES / f"{name}.yaml").read_text() for name in ("minimal", "retail", "saas")},
}

#: What only the company needs to know of when somebody looks closer: that it is so is said, the figure is not.
WITHOUT_FIGURE = ("review.over.", "review.two_people_over.", "review.velocity.", "review.just_before")
#: Words that take one of a few values -> others of them.
WORDS = {
    "last": "first", "first": "last", "claim": "join", "join": "claim", "bear": "net", "net": "ask_back", "ask_back": "bear",
    "month": "week", "week": "month", "ever": "year", "day": "month", "advocate": "friend", "friend": "advocate",
    "page": "direct", "reward_approved": "enrolled", "reward_paid": "reward_held", "21:00": "22:00", "08:00": "07:00",
    "open": "closed", "customers": "anybody", "#8a1c4a": "#145c3f",
    "cash": "credit", "credit": "cash", "points": "cash", "welcome": "credit", "gift": "credit",
    "with_tax": "charged", "goods": "charged",
}  # fmt: skip
#: Rules of other sorts, so that whatever two fields mean together is said too.
MORE = (
    small(),
    small(
        currencies="any",
        conversion={"minimum": {"any": 100, "EUR": 200}},
        rewards=[advocate(percent="1", cap={"any": 7, "EUR": 9})],
    ),
    small(payouts={"every": "once"}, hold="0d", rewards=[friend(kind="credit", flat={"EUR": 500})]),
    small(payouts={"every": "threshold"}, payout_minimum={"EUR": 100}, attribution={"same_person": "join"}),
    small(conversion={"counts": {"payments": 3}, "conditions": [{"kind": "trait", "name": "vip", "equals": True}]}),
    small(rewards=[advocate(percent="10", tiers=[{"from_kept": 1, "percent": "20"}], tiers_count="all")]),
)


def version(document: dict[str, Any] | str) -> core_rules.RuleVersion:
    is_text = isinstance(document, str)
    read = rule_file.read(document.encode(), "rules.yaml") if is_text else msgspec.convert(document, Rules)
    return core_rules.version(core_rules.document(read))


def sentences(document: dict[str, Any]) -> list[str]:
    """All that is said of rules, right ones or not."""
    said = words.told(msgspec.convert(document, Rules), ())
    return [*said.short, *(f"{part.title}: {sentence}" for part in said.parts for sentence in part.sentences)]


def full(document: dict[str, Any]) -> Any:
    """The document with all its defaults."""
    return msgspec.json.decode(core_rules.document(msgspec.convert(document, Rules)))


def other(value: Any) -> Any:
    """Another value of the same sort."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value in WORDS:
        return WORDS[value]
    if re.fullmatch(r"\d+[mhd]", value):
        return f"{int(value[:-1]) + 1}{value[-1]}"
    if re.fullmatch(r"[\d.]+", value):
        return "7"
    return {"EUR": "CHF", "USD": "CHF", "DE": "FR", "NO": "FR", "Europe/Berlin": "Europe/Vienna"}.get(
        value, f"{value}x"
    )


def changed() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every value of the whole rule file changed, and every one that has a default taken away: its path, and the document."""
    whole = full(WHOLE)
    for place in places(whole):
        *outer, last = place or ("",)
        path = ".".join(map(str, place))
        value = at(whole, place)
        if not place or (last == "kind" and outer[-2] == "conditions"):
            continue
        if isinstance(value, str | int):
            made = copy.deepcopy(whole)
            at(made, tuple(outer))[last] = other(value)
            yield path, made
        if isinstance(last, str):
            made = copy.deepcopy(whole)
            del at(made, tuple(outer))[last]
            try:
                made = full(made)
            except msgspec.ValidationError:  # it has no default
                continue
            if made != whole:
                yield f"{path} (gone)", made


CHANGED = dict(changed())


def test_the_whole_file_has_every_field() -> None:
    """What is held below is held of every field that a rule file can have, and of every kind of condition."""
    assert {it["kind"] for one in WHOLE["conversions"] for it in one.get("conditions", ())} == set(CONDITIONS)
    said = {step for place in places(full(WHOLE)) for step in place if isinstance(step, str)}
    parts = [
        Rules,
        *(it for it in vars(core_rules).values() if isinstance(it, type) and issubclass(it, core_rules._Part)),
    ]
    assert {name for part in parts for name in part.__struct_fields__} <= said
    assert len(CHANGED) > 200


@pytest.mark.parametrize("path", CHANGED)
def test_every_rule_is_said(path: str) -> None:
    """Whatever of a rule file is changed, or taken away, the terms say something else: but figures that are the company's alone."""
    same = sentences(CHANGED[path]) == sentences(full(WHOLE))
    assert same is path.startswith(WITHOUT_FIGURE)


def test_that_somebody_looks_closer_is_said_and_not_from_when() -> None:
    """Each of these rules has its sentence while it holds, and none of them a figure."""
    with_all = [it for it in sentences(full(WHOLE)) if "more closely first" in it or "two people" in it]
    assert len(with_all) == 4
    assert not re.search(r"\d", "".join(with_all))
    without = sentences({**full(WHOLE), "review": {"just_before": 0}})
    assert [it for it in without if it in with_all] == []


@pytest.mark.parametrize("document", MORE, ids=range(len(MORE)))
def test_other_rules_are_said_too(document: dict[str, Any]) -> None:
    """Rules of every sort have terms of three lines and sentences without a gap, the same each time."""
    it = version(document)
    made = terms.of(it)
    assert made == terms.of(it) == words.read(words.text(made))
    assert len(made.short) == 3
    assert not re.search(r"[{}]|None|  |\b(True|False)\b", words.markdown(made, it.hash, "0"))


@pytest.mark.parametrize("name", FILES)
def test_the_terms_of_typical_programs(name: str) -> None:
    """The terms of these rule files are those that stand in the tables, to the last character."""
    it = version(FILES[name])
    made = terms.of(it)
    said = words.markdown(made, it.hash, core_rules.terms_digest(it.hash, words.text(made)))
    path = TABLES / f"{name}.md"
    if os.environ.get("WRITE"):
        path.write_text(said)
    assert said == path.read_text()


def test_another_language_leaves_nothing_in_english(script: Any, folder: Path) -> None:
    """With every message in other letters, only names, figures and codes of the rules are left in ours."""
    made_up(script, folder)
    assert script.run(folder, check=False) == []
    for document in FILES.values():
        it = version(document)
        said = words.markdown(terms.of(it, "el"), it.hash, "0")
        text_ = msgspec.json.decode(it.text)
        values = {value for place in places(text_) if isinstance(value := at(text_, place), str)}
        named = {*values, *core_rules.currencies_named(it.rules), it.hash}
        for value in sorted(named, key=len, reverse=True):
            said = said.replace(value, "")
        assert set(re.findall("[A-Za-z]+", said)) == set()


def test_the_words_are_plain_and_free_of_pressure() -> None:
    """No sentence promises, hurries or shouts, and none is longer than a reader can hold."""
    catalogue = (FOLDER / "en.po").read_text()
    them = re.findall(r'^msgid "terms\..*\n(?:msgid_plural .*\n)?(?:msgstr.*\n)+', catalogue, re.MULTILINE)
    said = [one for it in them for one in re.findall(r'^msgstr.* ?"(.*)"$', it, re.MULTILINE)]
    assert len(said) > 150
    pressing = r"!|\b(hurry|now|guarantee|only today|miss|last chance|free|best)\b"
    assert [one for one in said if re.search(pressing, one, re.IGNORECASE)] == []
    lengths = [len(sentence.split()) for one in said for sentence in re.split(r"(?<=[.:;]) ", one)]
    assert max(lengths) <= 40
    assert sum(lengths) / len(lengths) < 15
