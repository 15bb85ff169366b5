"""Words by language: English is what it was, another language lacks nothing, and a wrong catalogue is refused."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any

import msgspec
import pytest
from babel.messages import Catalog
from babel.messages.pofile import write_po

from goodword import words
from goodword.core.decision import Verdict
from goodword.core.holds import HOLDS
from goodword.core.kinds.signals import CODES as SIGNALS
from goodword.core.refusals import Refusal
from goodword.core.rollup import METRICS
from goodword.words import catalogue as catalogues
from goodword.words.verdicts import STEPS

ROOT = Path(__file__).resolve().parent.parent.parent
PO = catalogues.FOLDER / "en.po"

#: Verdicts of the tests' histories with what was said of them, one for each shape of a step: (verdict, beneficiary, finance, steps).
#: A sentence is changed in ``en.po`` and here.
GOLDEN: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "tests" / "golden" / "explanations.jsonl").read_text().splitlines()
]

#: Values of steps that are said as words; all others are names, figures and codes, the same in every language.
SAID = {
    ("advocate", "status"), ("open", "status"), ("limit", "per"), ("limit_amount", "per"), ("price", "side"), ("same_person", "key"),
    ("equal", "key"),    ("company", "by"), ("joined", "key"), ("was", "status"), ("winner", "model"),
    ("standing_terms", "kind"), ("standing_terms", "side"), ("standing_waits", "why"),
    ("tax_form", "jurisdiction"), ("tax_form", "forms"), ("tax_given", "jurisdiction"), ("tax_given", "form"),
    ("tax_form_until", "form"),
    ("letter", "topic"), ("message_until", "why"), ("topics", "all"),
    ("messages_chosen", "off"), ("messages_chosen", "none"), ("bounce", "hard"),
    ("correction", "origin"), ("confidence", "level"), ("recommended", "advice"), ("recommended", "decided"),
}  # fmt: skip

#: Rendered by a made-up language: it has three plural forms, as Polish has, which are marked by these.
FORMS = "①②③"
PLURALS = (
    "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"  # a count is never negative
)
GREEK = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "ΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠΘΡΣΤΘΩΣΧΥΖαβψδεφγηιξκλμνοπθρστθωςχυζ"
)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script that compiles catalogues."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return import_module("catalogues")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of catalogues with English in it, which is the one that is read."""
    (tmp_path / "en.po").write_bytes(PO.read_bytes())
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues.opened.cache_clear()
    yield tmp_path
    catalogues.opened.cache_clear()


def pseudo(text: str) -> str:
    """The text in other letters, its placeholders in the opposite order."""
    parts = list(Formatter().parse(text))
    names = [name for _, name, *_ in parts if name is not None]
    turned = iter(reversed(names))
    return "".join(
        literal.translate(GREEK) + ("" if name is None else f"{{{next(turned)}}}") for literal, name, *_ in parts
    )


def made_up(script: Any, folder: Path, *, without: tuple[str, ...] = (), **other: str) -> None:
    """Write a language ``el`` in which each message is transformed, but some that it lacks and some that say something else."""
    english, made = script.read(folder / "en.po"), Catalog(locale=None, fuzzy=False)
    made.mime_headers = [("Content-Type", "text/plain; charset=utf-8"), ("Plural-Forms", PLURALS)]
    for message in english:
        if not message.id or script._key(message) in without:
            continue
        if message.pluralizable:
            made.add(message.id, tuple(mark + pseudo(message.string[-1]) for mark in FORMS))
        else:
            made.add(message.id, other.get(message.id.replace(".", "_"), pseudo(message.string)))
    with (folder / "el.po").open("wb") as file:
        write_po(file, made)


def verdict(golden: dict[str, Any]) -> Verdict:
    return msgspec.convert(golden["verdict"], Verdict)


def all_texts(said: words.Explained) -> list[str]:
    return [said.beneficiary, said.finance, *(sentence for _, sentence in said.steps)]


def values(node: Any) -> Iterator[str]:
    """All texts inside a value."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        # What a map names is a code, such as a unit.
        for inner in (*node, *node.values()) if isinstance(node, dict) else node:
            yield from values(inner)


def english_left(text: str, of: Verdict) -> str:
    """What is left of a text without the names, figures and codes of its verdict, if there are letters of English in it."""
    named = {of.refusal, of.subject, of.beneficiary, of.redecides, of.unit, *of.flags} - {None}
    for step in of.steps:
        for name, value in step.values.items():
            if (step.code, name) not in SAID and value != "counts":
                named.update(values(value))
        named.update((step.values.get(name) or "")[:12] for name in ("rules", "table", "sha256"))
    for name in sorted(filter(None, map(str, named)), key=len, reverse=True):
        text = text.replace(name, "")
    return text if re.search("[A-Za-z]", text) else ""


# --- English ----------------------------------------------------------------------------------------------------------


def test_the_golden_explanations_have_every_step_and_refusal() -> None:
    """What is held below is held of every step and refusal that there is."""
    them = [verdict(one) for one in GOLDEN]
    assert {step.code for one in them for step in one.steps} == set(STEPS)
    assert {one.refusal for one in them} - {None} == set(Refusal.__members__)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda one: f"{one['verdict']['about']}-{one['verdict']['outcome']}")
def test_english_says_what_it_said(golden: dict[str, Any]) -> None:
    """Each sentence is the same to the last character as before there were catalogues."""
    said = words.sentences(verdict(golden))
    assert (said.beneficiary, said.finance) == (golden["beneficiary"], golden["finance"])
    assert [sentence for _, sentence in said.steps] == golden["steps"]


def test_every_code_has_its_meaning_and_none_is_left_over(script: Any) -> None:
    """The catalogue has a message for each refusal, flag, hold and metric of the core, and for nothing else in their families."""
    keys = {script._key(one) for one in script.read(PO) if one.id}
    for family, codes in {"refusal": Refusal.__members__, "flag": SIGNALS, "hold": HOLDS, "metric": METRICS}.items():
        assert {key.split(".")[1] for key in keys if key.startswith(f"{family}.")} == set(codes)
    assert {key.split(".")[1] for key in keys if key.startswith("step.")} == set(STEPS)


def test_a_key_that_nobody_wrote_is_a_mistake() -> None:
    """A key that English lacks is an error of ours and never shown to anybody."""
    for say in (lambda w: w.say("step.nothing"), lambda w: w.count("step.nothing", 1)):
        with pytest.raises(KeyError, match=r"step\.nothing"):
            say(catalogues.catalogue())


@pytest.mark.parametrize(("text", "shown"), [("15m", "15m"), ("24h", "24h"), ("30d", "30d"), (None, "open")], ids=str)
def test_durations(text: str | None, shown: str) -> None:
    """English writes a duration as rules do."""
    assert catalogues.catalogue().duration(text) == shown


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        (1250, "EUR", "12.50 EUR"), (-5, "EUR", "-0.05 EUR"), (500, "JPY", "500 JPY"), (-500, "JPY", "-500 JPY"),
        (1234, "KWD", "1.234 KWD"), (1, "points:p", "1 point"), (-7, "points:p", "-7 points"), (None, "EUR", "no amount"),
        (7, None, "7"),
    ],
)  # fmt: skip
def test_money(amount: int | None, unit: str | None, shown: str) -> None:
    """English writes an amount with a point and the decimal places of its currency."""
    assert catalogues.catalogue().money(amount, unit) == shown


# --- another language -------------------------------------------------------------------------------------------------


def test_another_language_leaves_nothing_in_english(script: Any, folder: Path) -> None:
    """With every message transformed, its placeholders turned round, all that is said is in the other letters."""
    made_up(script, folder)
    assert script.run(folder, check=False) == []
    assert words.languages() == ("el", "en")
    for one in GOLDEN:
        said = words.sentences(verdict(one), "el")
        assert [left for text in all_texts(said) if (left := english_left(text, verdict(one)))] == []
    meanings = [words.refusal(code, "el") for code in Refusal.__members__] + [
        words.flag(code, "el") for code in SIGNALS
    ]
    meanings += [text for code in HOLDS for text in words.hold(code, "el")] + [
        words.metric(code, "el") for code in METRICS
    ]
    assert [text for text in meanings if re.search("[A-Za-z]", text)] == []
    assert words.money(500, "points:p", "el").startswith("③500 ποι")


def test_what_is_looked_for_is_found_in_english(script: Any, folder: Path) -> None:
    """The test above can fail: of English, each sentence has something left but those of values alone."""
    script.run(folder, check=False)
    clean = {
        text
        for one in GOLDEN
        for text in all_texts(words.sentences(verdict(one)))
        if not english_left(text, verdict(one))
    }
    assert clean == set()


def test_a_count_is_said_in_the_form_that_suits_it(script: Any, folder: Path) -> None:
    """A language with three plural forms gets all of them, by its own rule."""
    made_up(script, folder)
    script.run(folder, check=False)
    says = catalogues.catalogue("el")
    assert [says.count("step.place.months", number)[0] for number in (1, 2, 4, 5, 12, 22)] == list("①②②③③②")


def test_what_a_language_lacks_is_said_in_english_and_named(
    script: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message without a translation is English, plural ones too, and the check names it and passes."""
    made_up(script, folder, without=("refusal.no_touch", "figure.days"))
    assert script.run(folder, check=False) == []
    assert "el.po: said in English, 2 in all: figure.days, refusal.no_touch" in capsys.readouterr().out
    assert words.refusal("no_touch", "el") == words.refusal("no_touch")
    assert catalogues.catalogue("el").duration("30d") == "30d"
    assert words.refusal("not_first", "el") != words.refusal("not_first")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{amount} {whole}", "figure.money: has {amount}, {whole}, in English {figure}, {unit}"),
        ("{figure}", "figure.money: has {figure}, in English {figure}, {unit}"),
        ("no placeholder", "figure.money: has no placeholder, in English {figure}, {unit}"),
        (
            "{figure} {unit.__class__}",
            "figure.money: a placeholder is a name in braces and nothing else: unit.__class__",
        ),
        ("{figure:>9} {unit}", "figure.money: a placeholder is a name in braces and nothing else: figure"),
        ("{figure} {unit!r}", "figure.money: a placeholder is a name in braces and nothing else: unit"),
        ("{figure} {unit", "figure.money: expected '}' before end of string"),
    ],
)
def test_other_placeholders_are_refused(script: Any, folder: Path, text: str, said: str) -> None:
    """A message that would put in something else than English does, or ask a value for more than itself, is not compiled."""
    made_up(script, folder, figure_money=text)
    assert [line.removeprefix("el.po: ") for line in script.run(folder, check=False)] == [said]
    assert not (folder / "el.mo").exists()


def test_a_plural_form_that_is_missing_is_refused(script: Any, folder: Path) -> None:
    """A language says a count in all its forms or leaves it to English."""
    made_up(script, folder)
    po = (folder / "el.po").read_text()
    form = re.search(r'msgid_plural "figure.days"\n.*\n.*\n(msgstr\[2\] ".*")', po)
    assert form is not None
    (folder / "el.po").write_text(po.replace(form[1], 'msgstr[2] ""', 1))
    assert [line for line in script.run(folder, check=False) if "figure.days" in line] != []


def test_a_key_that_english_lacks_is_refused(script: Any, folder: Path) -> None:
    """A message that nothing says is no translation."""
    made_up(script, folder)
    with (folder / "el.po").open("a") as file:
        file.write('\nmsgid "refusal.of_mine"\nmsgstr "x"\n')
    assert script.run(folder, check=False) == ["el.po: refusal.of_mine: English has no such message"]


def test_a_key_that_stands_there_twice_is_refused(script: Any, folder: Path) -> None:
    """Of two texts for one key nobody could say which holds."""
    with (folder / "en.po").open("a") as file:
        file.write('\nmsgid "figure.never"\nmsgstr "at no time"\n')
    assert script.run(folder, check=False) == ["en.po: figure.never: stands there twice"]


def test_an_unknown_language_is_told(folder: Path, script: Any) -> None:
    """Who asks for a language without a catalogue is told which there are; a path is no language."""
    script.run(folder, check=False)
    for language in ("xx", "../en", ""):
        with pytest.raises(words.UnknownLanguageError, match="there are some in en"):
            words.refusal("no_touch", language)


def test_what_is_compiled_is_what_is_written(script: Any, folder: Path) -> None:
    """The committed catalogues are compiled as they stand; one that was changed since is named."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "catalogues.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [
        line for line in done.stdout.splitlines() if not re.match(r"(de|es)\.po: said in English, \d+ in all", line)
    ] == []
    (folder / "en.mo").write_bytes(PO.with_suffix(".mo").read_bytes())
    assert script.run(folder, check=True) == []
    (folder / "en.po").write_text((folder / "en.po").read_text().replace('msgstr "never"', 'msgstr "at no time"'))
    assert script.run(folder, check=True) == ["en.mo is not en.po compiled: run make docs"]
