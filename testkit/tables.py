"""Golden tables: cases in Markdown, for those who know the rules and not Python.

They stand beside their test: ``tests/core/tables/money.md`` is that of ``tests/core/test_money.py``. Indented text and tables
are what is tried; all else explains.
"""

from itertools import chain, dropwhile, takewhile
from pathlib import Path
from string import Template
from typing import Any

import yaml


def lines(test: str) -> list[str]:
    """Return the lines of the tables of a test, which gives its ``__file__``."""
    file = Path(test)
    return (file.parent / "tables" / f"{file.stem.removeprefix('test_')}.md").read_text().splitlines()


def rows(test: str, heading: str, **names: str) -> list[list[Any]]:
    """Return the rows of the table under a heading, without its head: a cell in marks of code is a value in YAML, any other text.

    Where there are names, each stands behind a dollar sign for what it is given as.
    """
    under = dropwhile(lambda line: line.lstrip("# ") != heading, lines(test))
    table = list(takewhile(lambda line: line.startswith("|"), dropwhile(lambda line: not line.startswith("|"), under)))
    assert table[2:], f"no table under {heading!r}"
    return [[_cell(cell.strip(), names) for cell in line.split("|")[1:-1]] for line in table[2:]]


def _cell(text: str, names: dict[str, str]) -> Any:
    text = Template(text).substitute(names) if names else text
    return yaml.safe_load(text.strip("`")) if text.startswith("`") else text


def texts(test: str) -> dict[str, list[str]]:
    """Return the indented lines under each ``###`` by its title; what stands under ``#`` or ``##`` itself begins each text below."""
    found: dict[str, dict[int, list[str]]] = {}
    above: dict[int, list[str]] = {}
    for line in lines(test):
        mark, _, title = line.partition(" ")
        if mark in ("#", "##", "###"):
            above = {depth: text for depth, text in above.items() if depth < len(mark)} | {len(mark): []}
            if mark == "###":
                assert title not in found, f"{title}: there twice"
                found[title] = above
        elif line.startswith("    "):
            above[max(above)].append(line.strip())
    assert found, "no text"
    assert (silent := [title for title, parts in found.items() if not parts[3]]) == [], f"nothing under {silent}"
    return {title: [*chain(*parts.values())] for title, parts in found.items()}


def stories(test: str) -> dict[str, tuple[dict[str, Any], str]]:
    """Return the texts as stories: in braces parts of the rules, the last for each counts; then the lines of ``testkit.stories``."""
    return {title: _story(said) for title, said in texts(test).items()}


def _story(said: list[str]) -> tuple[dict[str, Any], str]:
    parts: dict[str, Any] = {}
    for line in said:
        parts |= yaml.safe_load(line) if line.startswith("{") else {}
    return parts, "".join(f"{line}\n" for line in said if not line.startswith("{"))
