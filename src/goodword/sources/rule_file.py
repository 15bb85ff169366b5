"""A rule file -> rules, or everything that is wrong with it at once.

The types in ``core/rules`` are walked beside the file's values, so a new field or condition needs nothing here. In the
place of each wrong value stands a ``_Hole``, and the checks of meaning run over the rest: one reading tells all. Must
not know programs, versions in force or where the file came from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import inspect

from goodword.core import rule_checks
from goodword.core.rule_checks import Place, Problem, Unreadable
from goodword.core.rules import Percent, Rules
from goodword.sources import plain

_PERCENT: Final = inspect.type_info(Percent)
#: Characters that no name, address or token needs, and that logs, headers or databases choke on.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_SHOWN: Final = 60
_LINES: Final = 50


class RuleFileErrors(ValueError):
    """The file cannot be used. ``problems`` has all that is wrong, in the file's order; the text shows it by line.

    ``lines``: the file's line of each place, where they can be told.
    """

    def __init__(self, name: str, problems: list[Problem], lines: Mapping[Place, int] = MappingProxyType({})) -> None:
        self.name = name
        self.problems = problems
        super().__init__(render(name, problems, lines))


class Doubt(NamedTuple):
    """What is allowed and hardly meant: its place, and what comes of it."""

    path: str
    text: str


def doubts(rules: Rules) -> list[Doubt]:
    """Return what is allowed in the rules and hardly meant: whoever publishes them is told, and publishes them all the same."""
    if rules.landing_url is None:
        return [
            Doubt(
                "landing_url",
                "is not set: links of this program lead to another program's page, or where there is none to a page that says so;"
                " set it to the page of yours that friends shall see",
            )
        ]
    return []


def render(name: str, problems: list[Problem], at: Mapping[Place, int]) -> str:
    """Return the problems for people: a line with the file and their number, then a line each, fifty at most."""
    lines = [f"{name}: {len(problems)} error{'s' if len(problems) > 1 else ''}"]
    lines += [
        f"  {_line(problem.place, at)}{problem.path or 'the file'}: found {problem.found}; expected {problem.expected}"
        for problem in problems[:_LINES]
    ]
    if len(problems) > _LINES:
        lines.append(f"  and {len(problems) - _LINES} more")
    return "\n".join(lines)


def _line(place: Place, at: Mapping[Place, int]) -> str:
    """Return the line of a place as words, or of what it would stand in if it is missing."""
    while place and place not in at:
        place = place[:-1]
    return f"line {at[place]}: " if place in at else ""


def read(
    data: bytes, name: str, at: int | None = None, also: Callable[[Rules], Iterable[Problem]] | None = None
) -> Rules:
    """Return the rules that a YAML file, or a JSON one if its name ends so, holds. Raises RuleFileErrors with all its errors.

    A percentage may be written as a number or as text; it is kept exactly, in its shortest form. A program without a
    name is shown by its slug. ``at`` is the instant at which they would be published; without it no currency is too old.
    ``also``: what else is wrong with rules that can be read, such as what their texts say.
    """
    rules: Rules = read_as(Rules, data, name, lambda rules: rule_checks.problems(rules, at))
    if also is not None and (wrong := [*also(rules)]):
        raise RuleFileErrors(name, wrong, plain.lines(data))
    return rules if rules.name else msgspec.structs.replace(rules, name=rules.program)


def read_as(
    kind: type,
    data: bytes,
    name: str,
    check: Callable[[Any], Iterable[Problem]],
    errors: type[RuleFileErrors] = RuleFileErrors,
) -> Any:
    """Return what a file says as a struct. Raises ``errors`` with all that does not fit its types and all that ``check`` finds.

    A check that looks at what could not be read meets a value that raises Unreadable.
    """
    try:
        tree = plain.load(data, is_json=name.lower().endswith(".json"))
    except plain.UnplainError as error:
        raise errors(name, [error.problem]) from None
    problems: list[Problem] = []
    read = _Reader(problems).value(tree, _type(kind), ())
    if read is not _HOLE:
        problems += check(read)
    if problems:
        raise errors(name, _in_file_order(problems, tree), plain.lines(data))
    return read


@cache
def _type(kind: type) -> inspect.Type:
    return inspect.type_info(kind)


class _Hole:
    """Stands for a value that could not be read. Whatever a check does with it raises Unreadable."""

    def _unreadable(self, *_: object) -> Any:
        raise Unreadable

    __getattr__ = __iter__ = __len__ = __bool__ = __contains__ = __getitem__ = _unreadable
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = __str__ = __mul__ = _unreadable


_HOLE: Final[Any] = _Hole()


class _Reader:
    """Walks values and types side by side and notes what does not fit."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def _wrong(self, place: Place, value: Any, expected: str) -> Any:
        self._problems.append(Problem(place, _shown(value), expected))
        return _HOLE

    def value(self, value: Any, kind: inspect.Type, place: Place) -> Any:
        """Return what the value means as that type, or the hole."""
        match _bare(kind):
            case inspect.StructType() as struct if isinstance(value, plain.Mapping):
                return self._struct(value, struct, place)
            case inspect.VarTupleType() as many if isinstance(value, list):
                return self._list(value, many, place)
            case inspect.DictType() as mapping if isinstance(value, plain.Mapping):
                return self._dict(value, mapping, place)
            case inspect.UnionType() as union:
                return self._union(value, union, place)
            case bare:
                if kind == _PERCENT:
                    value = _percent_text(value)
                if _fits(value, bare):
                    return value
                meant = _meant(value, bare.values) if isinstance(bare, inspect.LiteralType) else ""
                return self._wrong(place, value, expected(kind) + meant)

    def _struct(self, value: plain.Mapping, kind: inspect.StructType, place: Place) -> Any:
        fields = {field.encode_name: field for field in kind.fields}
        self._once(value, place)
        given: dict[str, Any] = {}
        for name, inner in value.items():
            if name in fields:
                given[fields[name].name] = self.value(inner, fields[name].type, (*place, name))
            elif name != kind.tag_field:
                known = f"one of {', '.join(sorted(fields))}{_meant(name, fields)}"
                self._problems.append(Problem((*place, name), "an unknown name", known))
        for name, field in fields.items():
            if field.required and name not in value:
                self._problems.append(Problem((*place, name), "nothing", expected(field.type)))
                given[field.name] = _HOLE
        return kind.cls(**given)

    def _once(self, value: plain.Mapping, place: Place) -> None:
        for name in value.repeated:
            self._problems.append(Problem((*place, name), "the name again", "each name once"))

    def _list(self, value: list[Any], kind: inspect.VarTupleType, place: Place) -> Any:
        items = tuple(self.value(item, kind.item_type, (*place, index)) for index, item in enumerate(value))
        return items if _length_fits(value, kind) else self._wrong(place, value, expected(kind))

    def _dict(self, value: plain.Mapping, kind: inspect.DictType, place: Place) -> Any:
        self._once(value, place)
        entries = {name: self.value(inner, kind.value_type, (*place, name)) for name, inner in value.items()}
        wrong = [name for name in value if not _fits(name, _bare(kind.key_type))]
        for name in wrong:
            self._wrong((*place, name), name, expected(kind.key_type))
        if not _length_fits(value, kind):
            return self._wrong(place, value, expected(kind))
        return _HOLE if wrong else entries

    def _union(self, value: Any, kind: inspect.UnionType, place: Place) -> Any:
        choices = [choice for choice in kind.types if not isinstance(choice, inspect.NoneType)]
        if value is None and len(choices) < len(kind.types):
            return None
        if len(choices) == 1:
            return self.value(value, choices[0], place)
        for choice in map(_bare, choices):
            if isinstance(choice, inspect.VarTupleType) and isinstance(value, list):
                return self._list(value, choice, place)
        if isinstance(value, plain.Mapping) and any(
            isinstance(_bare(choice), inspect.StructType) for choice in choices
        ):
            return self._tagged(value, kind, place)
        return (
            value
            if any(_fits(value, _bare(choice)) for choice in choices)
            else self._wrong(place, value, expected(kind))
        )

    def _tagged(self, value: plain.Mapping, kind: inspect.UnionType, place: Place) -> Any:
        structs = {struct.tag: struct for struct in map(_bare, kind.types) if isinstance(struct, inspect.StructType)}
        field = str(next(iter(structs.values())).tag_field)
        tag = value.get(field)
        if isinstance(tag, str) and tag in structs:
            return self._struct(value, structs[tag], place)
        shown = _shown(tag) if field in value else "nothing"
        self._problems.append(
            Problem((*place, field), shown, f"one of {', '.join(map(str, structs))}{_meant(tag, structs)}")
        )
        return _HOLE


def _bare(kind: inspect.Type) -> inspect.Type:
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _fits(value: Any, kind: inspect.Type) -> bool:
    """Whether a plain value is of a simple type. A Number is no text, true is no number."""
    match kind:
        case inspect.StrType():
            return type(value) is str and not _UNPRINTABLE.search(value) and _text_fits(value, kind)
        case inspect.IntType():
            return (
                type(value) is int and (kind.ge is None or value >= kind.ge) and (kind.le is None or value <= kind.le)
            )
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.LiteralType():
            return type(value) is str and value in kind.values
    return False


def _text_fits(value: str, kind: inspect.StrType) -> bool:
    return _length_fits(value, kind) and (kind.pattern is None or re.search(kind.pattern, value) is not None)


def _length_fits(value: Any, kind: Any) -> bool:
    return (kind.min_length or 0) <= len(value) and (kind.max_length is None or len(value) <= kind.max_length)


def _percent_text(value: Any) -> Any:
    """The shortest text of a percentage: 10, 10.0 and "10.00" are one. What is no percentage comes back as it is."""
    if type(value) is int or isinstance(value, plain.Number):
        value = str(value)
    if not _fits(value, _bare(_PERCENT)):
        return value
    whole, _, rest = value.partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole)}.{rest}" if rest else str(int(whole))


def _meant(value: Any, names: Iterable[Any]) -> str:
    """Return the question whether the name next to it was meant, if one is near."""
    near = get_close_matches(value, map(str, names), 1) if isinstance(value, str) else []
    return f"; did you mean {near[0]}?" if near else ""


def _shown(value: Any) -> str:
    """What was found, short: a value as JSON writes it, or what sort of thing it is."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "a mapping"
    text = str(value) if isinstance(value, plain.Number) else json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def expected(kind: inspect.Type) -> str:
    """Return a type in words, as errors say them; its own description where it has one."""
    described = (kind.extra_json_schema or {}).get("description") if isinstance(kind, inspect.Metadata) else None
    match _bare(kind):
        case inspect.StrType(pattern=pattern) as text:
            words = f"text that matches {pattern}" if pattern else f"text of {_span(text)} printable characters"
            return str(described or words)
        case inspect.IntType(ge=low, le=high):
            bounds = "" if low is None else f" from {low} to {high}"
            return f"a whole number{bounds}" + (f" ({described})" if described else "")
        case inspect.LiteralType(values=values):
            return f"one of {', '.join(map(str, values))}"
        case inspect.UnionType(types=types):
            return _expected_of_union([choice for choice in types if not isinstance(choice, inspect.NoneType)])
        case bare:
            return str(described or _expected_sort(bare))


def _expected_sort(kind: inspect.Type) -> str:
    match kind:
        case inspect.VarTupleType():
            return f"a list of {_span(kind)}"
        case inspect.DictType():
            return "a mapping of currencies to minor units, such as {EUR: 2500}"
        case inspect.StructType(fields=fields):
            return f"a mapping with {', '.join(field.encode_name for field in fields)}"
        case inspect.BoolType():
            return "true or false"
    raise TypeError(f"rules have no values of {kind}")


def _expected_of_union(choices: list[inspect.Type]) -> str:
    if any(isinstance(_bare(choice), inspect.StructType) for choice in choices):
        return "a mapping with its kind"
    return " or ".join(map(expected, choices))


def _span(kind: Any) -> str:
    low = kind.min_length or 0
    return f"{low} or more" if kind.max_length is None else f"{low} to {kind.max_length}"


def _in_file_order(problems: list[Problem], tree: Any) -> list[Problem]:
    """Sort by where the places stand in the file; what is missing stands where its mapping does."""
    order: dict[Place, int] = {}

    def number(value: Any, place: Place) -> None:
        order[place] = len(order)
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, item in inner:
            number(item, (*place, step))

    def position(place: Place) -> int:
        while place not in order:
            place = place[:-1]
        return order[place]

    number(tree, ())
    return sorted(problems, key=lambda problem: position(problem.place))
