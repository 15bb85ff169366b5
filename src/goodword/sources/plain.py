"""YAML or JSON text, strictly, as plain values that keep the file's order.

Stricter than the formats: no anchors and aliases (so nothing expands), no tags, no second document, a depth of at most
32. Of YAML's plain words only true, false, null and numbers mean more than themselves: ``on``, ``NO``, ``2024-01-01``
are text. A number with a point or an exponent stays as it was written. Must not know what the values are for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import yaml

from goodword.core.money import MAX_INTEGER
from goodword.core.rule_checks import Place, Problem

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 32

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_REAL: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # its events only: nothing is constructed


class Number(str):
    """A number that is no whole one of at most 53 bits, as it was written."""

    __slots__ = ()


class Mapping(dict[str, Any]):
    """Names and values in the file's order; the first value of a name that is given twice."""

    repeated: tuple[str, ...] = ()


class UnplainError(ValueError):
    """The text cannot be read at all. ``problem`` says where and why."""

    def __init__(self, place: Place, found: str, expected: str) -> None:
        super().__init__(found)
        self.problem = Problem(place, found, expected)


def load(data: bytes, *, is_json: bool) -> Any:
    """Return the value that the text stands for. Raises UnplainError."""
    if len(data) > MAX_BYTES:
        raise UnplainError((), f"{len(data)} bytes", f"at most {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnplainError((), f"a wrong byte at {error.start}", "text in UTF-8") from None
    return _json(text) if is_json else _yaml(text)


def lines(data: bytes) -> dict[Place, int]:
    """Return the line, from 1, on which each place of a text stands that ``load`` has read; empty if they cannot be told.

    A name that is given twice has its last line. JSON is read as the YAML that it is, too.
    """
    line_of: dict[Place, int] = {}
    with suppress(yaml.YAMLError, StopIteration):
        events = (
            event
            for event in yaml.parse(data.decode("utf-8-sig"), Loader=_LOADER)
            if not isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent)
        )
        _note_lines(events, next(events), (), line_of)
    return line_of


def _note_lines(events: Iterator[Any], event: Any, place: Place, line_of: dict[Place, int]) -> None:
    line_of.setdefault(place, event.start_mark.line + 1)
    if isinstance(event, yaml.SequenceStartEvent):
        index = 0
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            _note_lines(events, inner, (*place, index), line_of)
            index += 1
    elif isinstance(event, yaml.MappingStartEvent):
        while not isinstance(name := next(events), yaml.MappingEndEvent):
            line_of[*place, name.value] = name.start_mark.line + 1
            _note_lines(events, next(events), (*place, name.value), line_of)


def _number(text: str) -> int | Number:
    whole = int(text) if _INTEGER.fullmatch(text) else None
    return Number(text) if whole is None or abs(whole) > MAX_INTEGER else whole


def _mapping(pairs: Iterator[tuple[str, Any]]) -> Mapping:
    mapping = Mapping()
    repeated = []
    for name, value in pairs:
        if name in mapping:
            repeated.append(name)
        else:
            mapping[name] = value
    mapping.repeated = tuple(dict.fromkeys(repeated))
    return mapping


# --- JSON -------------------------------------------------------------------------------------------------------------


def _json(text: str) -> Any:
    # The depth is counted before the parser recurses. An unclosed text takes all the rest: no quote is tried twice.
    depth = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', text, re.DOTALL):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark[0], 0)
        if depth > MAX_DEPTH:
            raise UnplainError((), "deeper nesting", f"nesting of at most {MAX_DEPTH}")
    try:
        return json.loads(
            text,
            object_pairs_hook=lambda pairs: _mapping(iter(pairs)),
            parse_int=_number,
            parse_float=Number,
            parse_constant=Number,
        )
    except json.JSONDecodeError as error:
        raise UnplainError((), f"{error.msg} in line {error.lineno}", "JSON") from None


# --- YAML -------------------------------------------------------------------------------------------------------------


def _yaml(text: str) -> Any:
    try:
        events = yaml.parse(text, Loader=_LOADER)
        value = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise UnplainError((), "a second document", "one document")
                value = _node(events, next(events), ())
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnplainError((), f"{error.problem or error.context}{line}".removeprefix("found "), "YAML") from None
    except yaml.YAMLError as error:
        raise UnplainError((), str(error).partition("\n")[0], "YAML") from None
    return value


def _node(events: Iterator[Any], event: Any, place: Place) -> Any:
    if len(place) > MAX_DEPTH:
        raise UnplainError((), "deeper nesting", f"nesting of at most {MAX_DEPTH}")
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise UnplainError(place, "an anchor or alias", "values written out")
    if event.tag is not None:
        raise UnplainError(place, f"the tag {event.tag}", "values without tags")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_node(events, inner, (*place, len(items))))
        return items
    return _mapping(_pairs(events, place))


def _pairs(events: Iterator[Any], place: Place) -> Iterator[tuple[str, Any]]:
    while not isinstance(name := next(events), yaml.MappingEndEvent):
        if not isinstance(name, yaml.ScalarEvent) or name.anchor is not None or name.tag is not None:
            raise UnplainError(place, "a name that is no plain text", "names as text")
        yield name.value, _node(events, next(events), (*place, name.value))


def _scalar(event: Any) -> Any:
    """A quoted scalar is text; a plain one a word, a number or text."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _REAL.fullmatch(text):
        return _number(text)
    return text
