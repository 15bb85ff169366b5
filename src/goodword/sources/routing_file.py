"""A file of routes -> a table, or everything that is wrong with it at once; and a table as such a file.

In a file a fallback may be named by their mail and a program by its slug. Must not know: which members and programs there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from msgspec import Meta

from goodword.core import routes
from goodword.core.routes import MOST_ROUTES, Row
from goodword.core.rule_checks import Problem, Unreadable
from goodword.sources import rule_yaml
from goodword.sources.rule_file import RuleFileErrors, read_as


class FileRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A route as a file says it. ``fallback``: a member's id or mail; ``programs``: ids or slugs."""

    fallback: Annotated[str, Meta(min_length=1, max_length=320)]


class File(routes.Document, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of routes."""

    routes: Annotated[tuple[FileRow, ...], Meta(min_length=1, max_length=MOST_ROUTES)]


class RoutingFileErrors(RuleFileErrors):
    """The file is no table of routes."""


def read(data: bytes, name: str, meaning: Callable[[str], str]) -> File:
    """Return what a YAML file says, or a JSON one if its name ends so. Raises RoutingFileErrors with all that is wrong in it.

    ``meaning``: code of what is expected (``routes.problems``) -> how it is said.
    """
    read: File = read_as(File, data, name, lambda file: _problems(file, meaning), RoutingFileErrors)
    return read


def text(table: routes.Document, fallbacks: dict[str, str], programs: dict[str, str]) -> str:
    """Return a table as a file, with names in the place of ids: of members and programs, by id, where they are known."""
    rows = []
    for row in rule_yaml.said(table)["routes"]:
        named = {"fallback": fallbacks.get(row["fallback"], row["fallback"])}
        if "programs" in row:
            named["programs"] = [programs.get(id_, id_) for id_ in row["programs"]]
        rows.append(row | named)
    return rule_yaml.dumped({"routes": rows})


def _problems(file: Any, meaning: Callable[[str], str]) -> Iterator[Problem]:
    """What is wrong though every value has its type; where one has not, that is said first."""
    try:
        for path, code in routes.problems(file):
            place = tuple(int(part) if part.isdecimal() else part for part in path.split("."))
            yield Problem(place, _found(file, place), meaning(code))
    except Unreadable:
        return


def _found(file: Any, place: tuple[str | int, ...]) -> str:
    """What stands there, or the name of the route where it is the whole of it."""
    row = file.routes[place[1]]
    value = getattr(row, str(place[2])) if place[2:] else row.name
    return str(value if not isinstance(value, tuple) else ", ".join(value))
