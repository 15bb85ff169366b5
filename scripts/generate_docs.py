# ruff: noqa: INP001 - a script, not a package
"""Write the pages that are made from the code: refusals, lifecycles, conduct, invariants, pages, rails, settings, schemas, database.

``generate_docs.py`` writes them; ``--check`` writes nothing and fails, naming each page that differs.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from inspect import getdoc
from pathlib import Path
from typing import Any

from msgspec import NODEFAULT, UNSET, inspect
from schema import schema

from goodword import console, settings, words
from goodword.api import asyncapi
from goodword.app.principal import action_of
from goodword.console import nav
from goodword.core import access, conduct, holds, invariants, lifecycles, measuring, rollup
from goodword.core.kinds import signals
from goodword.core.kinds.signals import families
from goodword.core.refusals import Refusal
from goodword.core.rules import Rules
from goodword.outbound import rails
from goodword.sources import native, rule_file, schemas
from goodword.sources.rule_meanings import MEANINGS
from goodword.words import letters

DOCS = Path(__file__).resolve().parent.parent / "docs"
EXAMPLES = DOCS.parent / "examples"
MADE = "<!-- Made from the code by scripts/generate_docs.py: change it there. -->"


def page(title: str, introduction: str, *parts: str) -> str:
    """One page of Markdown."""
    return "\n\n".join((f"# {title}", MADE, introduction, *parts)) + "\n"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; a bar inside a cell is escaped."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def refusals() -> str:
    """Every code of a refusal and of a flag with its sentence."""
    numbered = ((str(place), f"`{one.code}`", words.refusal(one.code)) for place, one in enumerate(Refusal, 1))
    sorts = ((code, families.sort(code)) for code in signals.CODES)
    flags = (
        (f"`{code}`", sort.family, sort.severity, "marks" if sort.marks else "case", words.flag(code))
        for code, sort in sorts
    )
    return page(
        "Refusals and flags",
        "An expected no is no error: it is decided, stored and explained like a yes. Where several "
        "refusals would apply, the one that stands first here is given.",
        table(("", "code", "meaning"), numbered),
        "## Flags\n\nA flag never refuses. It opens a case with its evidence, and nothing is approved before a person "
        "closes the case; or it marks the reward. Nobody approves what is flagged before they opened its evidence. "
        f"Flags of {', '.join(sorted(families.GUARDED))} are cleared by an approver or an owner.",
        table(("code", "family", "severity", "opens", "what is seen"), flags),
    )


def all_conduct() -> str:
    """What a member who did one thing may not do afterwards."""
    rows = (
        (f"`{act}`", ", ".join(f"`{one}`" for one in sorted(forbidden)) or "none")
        for act, forbidden in conduct.FORBIDDEN.items()
        if act != conduct.TOUCHED
    )
    return page(
        "Who did what before",
        "Roles say who may do what at all. Four eyes are two people: who did one thing to a reward, or to the claim, the case or "
        "the payment details that it rests on, may not do these to it afterwards. Owners are no exception. A member whom a sole "
        "owner made counts as this owner until another owner confirms them, or the holder of the database with "
        "`goodword member confirm`.",
        table(("who did this", "may not do this to the same reward or claim"), rows),
        "Who drafted a payout, or set the schedule that did, is the first of two to release it, wherever somebody else could. "
        "Where two people decide one list (above a member's limit, or where a program asks for it), the second is another person "
        "than the first, who must still be one who may; one of the two is within their own limit. What raises a member's roles, "
        "limits or programs holds once another owner, or the holder of the database, confirms it; what lowers them holds at once. "
        "Which pairs of commands these lines allow is tried one by one in `tests/core/test_conduct.py`.",
    )


def all_pages() -> str:
    """Every page and form of the console with the roles that it is for."""
    header = ("", "action", *access.ROLES, "limited to programs")
    return page(
        "Pages",
        "Who may open which page of the [console](console.md), and send which form; a page shows only what its reader may see, such as "
        "names and accounts. x: yes. Who has several roles may what any of them may; who is not signed in may nothing but sign in. "
        "*limited to programs*: whether it is open at all to who has such a role for some programs only, who then sees and does what "
        "lies in these. Which actions a role has is one table, `core/access.py`; `tests/console/test_permissions.py` asks for each of "
        "these pages and forms as each role.",
        "## Pages",
        table(header, (permitted(f"`{nav.ROOT}{one.path}`", one.use_case) for one in console.reads())),
        "## Forms",
        table(header, (permitted(f"`{nav.ROOT}{one.path}`", one.use_case) for one in console.acts())),
    )


def permitted(name: str, use_case: Callable[..., Any]) -> tuple[str, ...]:
    """A line of that table."""
    action = action_of(use_case)
    marks = ["x" if action in actions else "" for actions in access.ROLES.values()]
    return (name, f"`{action}`", *marks, "" if action in access.WHOLE else "x")


def first_sentence(text: str) -> str:
    """The first sentence of a docstring, in one line."""
    return " ".join(text.partition("\n\n")[0].replace("``", "`").split())


def lifecycle(noun: str, moves: dict[str, tuple[str, ...]]) -> str:
    """Diagram and table of one noun."""
    arrows = [f"    [*] --> {first}" for first in lifecycles.FIRST[noun]]
    arrows += [f"    {state} --> {to}" for state, targets in moves.items() for to in targets]
    arrows += [f"    {state} --> [*]" for state, targets in moves.items() if not targets]
    diagram = "\n".join(("```mermaid", "stateDiagram-v2", *arrows, "```"))
    rows = (
        (f"`{state}`", ", ".join(f"`{to}`" for to in targets) or "none: the end") for state, targets in moves.items()
    )
    return f"## {noun}\n\n{diagram}\n\n{table(('state', 'may become'), rows)}"


def all_lifecycles() -> str:
    """Every noun that has states."""
    return page(
        "Lifecycles",
        "Which states exist, in which of them a noun may begin, and what may follow. A decision that tried another move is our own "
        "mistake: its event is set aside, and nothing is stored.",
        *(lifecycle(noun, moves) for noun, moves in lifecycles.LIFECYCLES.items()),
    )


def all_invariants() -> str:
    """Every sentence that the tests and the audit hold."""
    rows = ((f"`{one.id}`", one.sentence) for one in invariants.INVARIANTS)
    return page(
        "Invariants",
        "What is true of a workspace after every event, whatever came. A number never changes its meaning.",
        table(("", "what holds"), rows),
    )


def all_settings() -> str:
    """Every variable of the environment."""
    rows = ((f"`{one.name}`", one.default, one.meaning) for one in settings.VARIABLES)
    return page(
        "Settings",
        "They come from the environment. An empty variable counts as unset; a wrong one stops the process, named.",
        table(("variable", "default", "meaning"), rows),
    )


def glossary() -> dict[str, str]:
    """Word -> meaning, from the one page that is written by hand."""
    lines = re.findall(r"^\| `?(.+?)`? \| (.+) \|$", (DOCS / "words.md").read_text(), re.MULTILINE)
    return {word: meaning for word, meaning in lines if word not in {"word", "type", "---"}}


def events() -> dict[str, Any]:
    """The schema of native events, each type with its line of the glossary."""
    schema = schemas.events()
    meanings = glossary()
    for payload in native.TYPES:
        part = schema["$defs"][payload.__name__]
        part["description"] = meanings[str(payload.__struct_config__.tag)]
    return schema


def as_json(schema: dict[str, object]) -> str:
    """A schema as text."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def all_holds() -> str:
    """Everything that a reward may wait for."""
    rows = ((f"`{code}`", *words.hold(code)) for code in holds.HOLDS)
    return page(
        "Holds",
        "Why a reward waits, from the day it was earned to the day it arrived, and what ends each wait.",
        table(("code", "why it waits", "what ends it"), rows),
    )


#: What marketers ask for -> how it follows from figures.
RATIOS = {
    "click to lead": "`leads` / (`clicks` + `redirects`)",
    "lead to conversion": "`qualified` / `attributed`",
    "referred revenue, before refunds": "amount of `qualified`",
    "reward cost": "amounts of `earned_advocate` + `earned_friend` - `reversed` + `let_off` - `credit_expired`",
    "average reward value": "reward cost / (`earned_advocate` + `earned_friend`)",
    "cost per acquisition": "reward cost / `qualified`, where each customer qualifies once",
    "return on rewards": "amount of `qualified` / reward cost",
}


def all_figures() -> str:
    """Every metric of the overview."""
    rows = [(f"`{name}`", words.metric(name)) for name in rollup.METRICS]
    return page(
        "Figures",
        "What `GET /v1/reports/overview` counts. A figure is added up behind the decision of its event, within a second where a worker "
        "runs (`as_of_position` says up to which entry of the log), for the program and unit that it concerns; `goodword verify` works "
        "all of them out again from the log. Amounts are in minor units, or points.",
        "`from` and `to` (not included) are days of `timezone`, UTC by default. `by=decided`, the default: a figure is one of the day "
        "that the workspace's clock showed at the decision. `by=occurred`: of the day on which its event says that it happened; "
        "earning and qualifying happened with their conversion, so an order of March sent in April is March's.",
        table(
            ("metric", "what is counted; what the amount is"),
            [*rows, ("`refused:<code>`", "Refusals by their [code](refusals.md).")],
        ),
        "## Ratios\n\nOver the same days, in one unit.",
        table(("ratio", "how"), RATIOS.items()),
    )


def all_measures() -> str:
    """Every measure and every measurement event, with its version."""
    made = [
        (
            words.measure(name).title,
            f"`{name}`",
            str(it.v),
            f"`{it.of}` {measuring.EVENTS[it.of]}",
            words.measure(name).formula,
        )
        for name, it in measuring.MEASURES.items()
    ]
    absent = [
        (words.measure(name).title, f"`{name}`", "", "", words.measure(name).formula) for name in measuring.ABSENT
    ]
    emitted = [(f"`{name}`", str(v), words.measurement(name)) for name, v in measuring.EVENTS.items()]
    return page(
        "Measures",
        "What a program did, over a month or days: `GET /v1/measures`, `goodword measures`, and **Figures**, **Measures** in the "
        "console. Each is made of measurement events, which every step emits; [how to use them, and how to count them "
        "again](howto/measures.md). A version never changes its meaning: what is to mean something else is a new version beside it.",
        "## Measures",
        table(("measure", "code", "version", "made of", "how"), [*made, *absent]),
        "Times are the nearest rank, exact to whole seconds, from a minute on to whole minutes, from an hour on to whole hours, from "
        "the hundredth day on to whole days, rounded down.",
        "## Measurement events\n\n`GET /v1/measurements` gives them by position of the log. Each has `decided_at`, the instant that "
        "its decision read as now, and `occurred_at`, when what it tells happened, or the order by which something was earned did.",
        table(("event", "version", "what it tells"), emitted),
    )


def all_message_texts() -> str:
    """Every message with the values of its text and ours."""
    return page(
        "Messages and their values",
        "What advocates are written about, which values the text of each may use, and ours, which is sent as long as you publish none "
        "of your own ([how to write one](howto/message-texts.md)).",
        *(message_text(topic) for topic in letters.TOPICS),
    )


def message_text(topic: str) -> str:
    """One message."""
    rows = (
        (
            f"`{{{{ {name}{f' | {it.kind}' if it.kind in ('money', 'date') else ''} }}}}`",
            it.about,
            "yes" if it.optional else "no",
        )
        for name, it in letters.VALUES[topic].items()
    )
    head = f"## {words.page(f'texts.topic.{topic}')}\n\n`{topic}`. {words.page(f'texts.about.{topic}')}"
    ours = f"```liquid\n{letters.builtin(topic)}```"
    return "\n\n".join((head, table(("value", "what it is", "may be missing"), rows), ours))


def all_rails() -> str:
    """Every rail with the fields of its payment details."""
    return page(
        "Rails",
        "A payout reaches its beneficiary over a rail. `PUT /v1/people/{person}/payee` names the rail and gives the payment details. "
        "They are checked there: all that is wrong is named at once (422 `payment_details_invalid`), and nothing is kept. "
        "`GET /v1/rails` gives what stands here. Credit and points go to no payment details.",
        *(rail(name, kind) for name, kind in rails.REGISTRY.items()),
    )


def rail(name: str, kind: type[rails.Rail]) -> str:
    """What one rail is and delivers, and its fields."""
    told = first_sentence(getdoc(sys.modules[kind.__module__]) or "")
    modes = f"{' and '.join(kind.modes)} workspaces{' only' if len(kind.modes) == 1 else ''}"
    by = (
        "People carry its payouts out and say what became of them."
        if kind.manual
        else "It says itself what became of them."
    )
    rows = ((f"`{one.name}`", needed(one, kind.fields), one.meaning, f"`{one.example}`") for one in kind.fields)
    return "\n\n".join(
        (
            f"## {name}",
            told,
            f"For {', '.join(kind.kinds)}, in {modes}. {by}",
            table(("field", "needed", "what it is", "example"), rows) if kind.fields else "Nothing is entered for it.",
        )
    )


def needed(field: rails.Field, fields: tuple[rails.Field, ...]) -> str:
    """Whether a field must be there, and what may be there instead."""
    if field.way is None:
        return "yes" if field.required else "no"
    if not field.required:
        return f"no; only beside `{field.way}`"
    others = (one.name for one in fields if one.required and one.way not in (None, field.way))
    return f"yes, or {' and '.join(f'`{name}`' for name in others)}"


def all_rules() -> str:
    """Every field of a rule file."""
    return page(
        "Rules",
        "A program is a rule file, YAML or JSON: `goodword rules check FILE` names all that is wrong in it at once, "
        "`goodword rules try FILE` shows what an order would earn, `goodword rules terms FILE` what it tells advocates and friends "
        "([terms](howto/terms.md)), `goodword program publish FILE` lets it hold from now on. A "
        "referral keeps the version that was in force at its touch. An unknown field is an error. A map of amounts is currency to "
        "minor units, such as `{EUR: 2500}` for 25.00 EUR; a duration is such as `30d`, `24h` or `15m`. The same as a JSON schema: "
        "[schemas/rules.json](schemas/rules.json).",
        "The least that a program needs:",
        f"```yaml\n{(EXAMPLES / 'minimal.yaml').read_text()}```",
        "And one with nearly everything:",
        f"```yaml\n{(EXAMPLES / 'saas.yaml').read_text()}```",
        *(rule_part(name, kind) for name, kind in rule_parts(inspect.type_info(Rules), "The file")),
    )


def bare(kind: inspect.Type) -> inspect.Type:
    """A type without what is said about it, and without null."""
    if isinstance(kind, inspect.Metadata):
        return bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        choices = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        return bare(choices[0]) if len(choices) == 1 else kind
    return kind


def rule_parts(kind: inspect.Type, name: str) -> Iterator[tuple[str, inspect.StructType]]:
    """Every part of a rule file with the name of the field that holds it, outer ones first."""
    match bare(kind):
        case inspect.StructType() as struct:
            yield name, struct
            for field in struct.fields:
                yield from rule_parts(field.type, field.encode_name)
        case inspect.VarTupleType(item_type=item):
            yield from rule_parts(item, name)
        case inspect.UnionType(types=types):
            for one in types:
                yield from rule_parts(one, name)


def rule_part(name: str, kind: inspect.StructType) -> str:
    """One part: what it is, and its fields. A condition has its examples below, other parts one for each field."""
    meanings = MEANINGS.get(kind.cls)
    if meanings is None:
        rows = [(f"`{one.encode_name}`", takes(one.type), default(one)) for one in kind.fields]
        examples = "\n".join(f"- `{one}`" for one in getattr(kind.cls, "EXAMPLES", ()))
        told = (
            f"{first_sentence(getdoc(sys.modules[kind.cls.__module__]) or '')} {first_sentence(getdoc(kind.cls) or '')}"
        )
        return "\n\n".join((f"## `{name}`: {kind.tag}", told, table(("field", "takes", "default"), rows), examples))
    lines = [
        (
            f"`{one.encode_name}`",
            takes(one.type),
            default(one),
            meanings[one.name].text,
            f"`{meanings[one.name].example}`",
        )
        for one in kind.fields
    ]
    heading = f"## {name}" if kind.cls is Rules else f"## `{name}`"
    told = first_sentence(getdoc(kind.cls) or "")
    return "\n\n".join((heading, told, table(("field", "takes", "default", "what it means", "example"), lines)))


def takes(kind: inspect.Type) -> str:
    """What a field takes, as errors say it; a part that has a section of its own is not repeated."""
    match bare(kind):
        case inspect.StructType():
            return "a mapping, below"
        case inspect.VarTupleType(item_type=item) as many if isinstance(
            bare(item), inspect.StructType | inspect.UnionType
        ):
            return f"{rule_file.expected(many)}, below"
        case inspect.VarTupleType(item_type=item) as many:
            return f"{rule_file.expected(many)}: {rule_file.expected(item)}"
    choices = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return " or ".join(rule_file.expected(one) for one in choices if not isinstance(one, inspect.NoneType))


def default(field: inspect.Field) -> str:
    """What holds where a field is left out."""
    if field.required:
        return "required"
    value = field.default if field.default is not NODEFAULT else field.default_factory()
    if isinstance(bare(field.type), inspect.StructType) and value is not None:
        return "its own defaults"
    if value is None or value is UNSET or value in ("", (), {}):
        return "none"
    return f"`{json.dumps(value)}`" if not isinstance(value, str) else f"`{value}`"


PAGES: dict[str, Callable[[], str]] = {
    "refusals.md": refusals,
    "lifecycles.md": all_lifecycles,
    "conduct.md": all_conduct,
    "figures.md": all_figures,
    "measures.md": all_measures,
    "message-texts.md": all_message_texts,
    "holds.md": all_holds,
    "invariants.md": all_invariants,
    "pages.md": all_pages,
    "rails.md": all_rails,
    "rules.md": all_rules,
    "settings.md": all_settings,
    "schema.sql": schema,
    "schemas/rules.json": lambda: as_json(schemas.rules()),
    "schemas/events.json": lambda: as_json(events()),
    "schemas/webhooks.json": lambda: as_json(asyncapi.document()),
}


def stale(folder: Path) -> list[str]:
    """The pages in a folder that are not what the code says now."""
    return [
        name for name, make in PAGES.items() if not (folder / name).is_file() or (folder / name).read_text() != make()
    ]


def main() -> int:
    """Write the pages, or with --check say which are stale."""
    if sys.argv[1:] == ["--check"]:
        for name in (names := stale(DOCS)):
            print(f"docs/{name} is not what the code says; run `make docs`", file=sys.stderr)
        return 1 if names else 0
    for name, make in PAGES.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make())
    return 0


if __name__ == "__main__":
    sys.exit(main())
