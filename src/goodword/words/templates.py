"""Templates that companies write, in Liquid, of which little is let in, so that what was checked once always says something.

A template puts values in (``{{ name }}``), asks whether one is there (``{% if name %}``) or compares a count with a number, and nothing
else: no loops, no variables, no other files, no filters but ``money``, ``date`` and ``default``. So it ends, and every way through it
can be tried before it is published (docs/decisions/0136). Values are marked where they stand, so that none is taken for markup.
Must not know: which messages there are, where a text comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, Literal, TextIO

from liquid import Environment, RenderContext, Token
from liquid.ast import ConditionalBlockNode, Node
from liquid.builtin import content, illegal, output
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions import logical as logic
from liquid.builtin.expressions.path import Path
from liquid.builtin.expressions.primitive import IntegerLiteral, Nil, StringLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags import comment_tag, if_tag
from liquid.exceptions import LiquidError
from liquid.mode import Mode
from liquid.template import BoundTemplate
from msgspec import Struct

from goodword.words.lint import Problem

#: What stands around a value, and around an address, in what a template gives: private characters, which no value has.
VALUE: Final = ("\ue000", "\ue001")
ADDRESS: Final = ("\ue002", "\ue003")
#: Characters of a template; braces that open anything, because Liquid takes the square of their number to find what closes none; parts
#: of a condition; and how many different numbers conditions may name.
MOST: Final = 8_000
MOST_OPENED: Final = 100
MOST_PARTS: Final = 20
MOST_NUMBERS: Final = 8
_KEPT: Final = 1_024  # templates that were read
_COMPARED: Final = (
    *(logic.LtExpression, logic.LeExpression, logic.GtExpression, logic.GeExpression),
    *(logic.EqExpression, logic.NeExpression),
)
_BRACES: Final = ("{{", "}}", "{%", "%}")


Kind = Literal["text", "address", "money", "date", "count"]


class Value(Struct, frozen=True):
    """A value that a template may use. ``kind``: text, address, money, date or count; ``optional``: it may be missing."""

    kind: Kind
    about: str
    optional: bool = False


#: The values that a template may use, as what was read is remembered by.
Known = tuple[tuple[str, Value], ...]


class TemplateError(ValueError):
    """A template says nothing that could be sent. ``problems``: all that is wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"line {it.line}: {it.text}" for it in problems))
        self.problems = problems


class Address(str):
    """The text of a value that is an address: http or https."""

    __slots__ = ()


class Money(str):
    """The text of a value that is money."""

    __slots__ = ()


class Day(str):
    """The text of a value that is a day."""

    __slots__ = ()


class Template(Struct, frozen=True):
    """A template that was read. ``names``: the values that it uses; ``numbers``: with which its conditions compare counts."""

    bound: BoundTemplate
    names: frozenset[str]
    numbers: frozenset[int]

    def said(self, values: Mapping[str, object]) -> str:
        """Return what it says, values marked; None is missing. Raises TemplateError where one is missing and not asked for."""
        try:
            return self.bound.render(values)
        except LiquidError as error:
            raise TemplateError(_problem(error)) from error


@lru_cache(_KEPT)
def read(source: str, values: Known) -> Template:
    """Return a template, which stays known. Raises TemplateError with all that is wrong in it."""
    if len(source) > MOST:
        raise TemplateError(Problem(1, f"The text has more than {MOST} characters: make it shorter."))
    if source.count("{{") + source.count("{%") > MOST_OPENED:
        raise TemplateError(Problem(1, f"{{{{ and {{% stand more than {MOST_OPENED} times in the text: take some out."))
    try:
        bound = _LIQUID.from_string(source)
    except LiquidError as error:
        raise TemplateError(_problem(error)) from error
    looked = _Looked(dict(values), source)
    looked.nodes(bound.nodes)
    if len(looked.numbers) > MOST_NUMBERS:
        looked.problems.append(Problem(1, f"Conditions compare with more than {MOST_NUMBERS} numbers: take some out."))
    if looked.problems:
        raise TemplateError(*looked.problems)
    return Template(bound, frozenset(looked.names), frozenset(looked.numbers))


class _Missing(LiquidError):
    """A value that is missing was to be put in."""


class _Put(OutputNode):
    """Puts a value in, marked. Nothing is no value: a hole is an error and no text."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        found = self.expression.evaluate(context)
        if found is None:
            named = str(self.expression).partition(" ")[0]
            raise _Missing(_hole(named), token=self.token)
        begin, end = ADDRESS if isinstance(found, Address) else VALUE
        return buffer.write(f"{begin}{found}{end}")


class _Output(output.Output):
    node_class = _Put


class _If(if_tag.IfTag):
    mode = Mode.STRICT  # what stands behind a second else is an error, and not left out


class _Liquid(Environment):
    """Liquid with what is let in, and nothing of what it brings by itself: what is said is no longer than the text and its values."""

    block_nesting_limit = 6
    context_depth_limit = 6

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Let in two tags and three filters."""
        del extra
        for tag in (content.Literal, illegal.Illegal, comment_tag.CommentTag, _Output, _If):
            self.add_tag(tag)
        self.add_filter("money", lambda it: it)
        self.add_filter("date", lambda it: it)
        self.add_filter("default", lambda it, otherwise: otherwise if it is None else it)


_LIQUID: Final = _Liquid()


class _Looked:
    """Looks at every node of a template, also those that one rendering would not come by."""

    def __init__(self, values: Mapping[str, Value], source: str) -> None:
        self.names: set[str] = set()
        self.numbers: set[int] = set()
        self.problems: list[Problem] = []
        self._values = values
        self._source = source

    def nodes(self, nodes: list[Node]) -> None:
        """Look at nodes and at what is in them."""
        for node in nodes:
            if isinstance(node, content.ContentNode):
                self._text(node)
            elif isinstance(node, OutputNode):
                self._put(node.token, node.expression)
            elif isinstance(node, if_tag.IfNode):
                self._condition(node.token, node.condition)
                self.nodes(node.consequence.nodes)
                for other in node.alternatives:
                    assert isinstance(other, ConditionalBlockNode)  # noqa: S101 - an elsif is one
                    self._condition(other.token, other.expression)
                    self.nodes(other.block.nodes)
                if node.default is not None:
                    self.nodes(node.default.nodes)

    def _wrong(self, token: Token, text: str) -> None:
        self.problems.append(Problem(_line(self._source, token), text))

    def _text(self, node: content.ContentNode) -> None:
        if found := next((it for it in _BRACES if it in node.text), None):
            self._wrong(node.token, f"{found} stands alone: values are written as {{{{ name }}}}.")
        if any(mark in node.text for mark in (*VALUE, *ADDRESS)):
            self._wrong(node.token, "A character of the text is a private one: take it out.")

    def _named(self, token: Token, it: object) -> Value | None:
        """Return which value a path names."""
        name = it.path[0] if isinstance(it, Path) and len(it.path) == 1 else None
        if isinstance(name, str) and name in self._values:
            self.names.add(name)
            return self._values[name]
        self._wrong(token, f"There is no value {it}: this message has {', '.join(self._values)}.")
        return None

    def _put(self, token: Token, expression: object) -> None:
        assert isinstance(expression, FilteredExpression)  # noqa: S101 - without ternaries there is no other
        value = self._named(token, expression.left)
        if value is None:
            return
        filters = list(expression.filters or ())
        shows = value.kind if value.kind in ("money", "date") else None
        if shows is not None:
            if not filters or filters[0].name != shows or filters[0].args:
                self._wrong(token, f"{expression.left} is shown by {{{{ {expression.left} | {shows} }}}}.")
                return
            filters = filters[1:]
        for one in filters:
            if one.name != "default":
                self._wrong(
                    token,
                    f"The filter {one.name} does not go with {expression.left}: there are money, date and default.",
                )
                return
            given = [getattr(it, "value", None) for it in one.args]
            if len(given) != 1 or not isinstance(given[0], StringLiteral) or not given[0].value.strip():
                self._wrong(token, f'default takes one text that says something: {expression.left} | default: "there".')
                return

    def _condition(self, token: Token, expression: Any) -> None:
        parts = list(_parts(getattr(expression, "expression", expression)))
        if len(parts) > MOST_PARTS:
            self._wrong(token, f"The condition asks for more than {MOST_PARTS // 2} things: write several conditions.")
            return
        kinds = {type(it) for it in parts if isinstance(it, logic.LogicalAndExpression | logic.LogicalOrExpression)}
        if len(kinds) > 1:
            self._wrong(
                token,
                "Of and and or a condition has one: which comes first is read in two ways. Write two conditions.",
            )
        for part in parts:
            if isinstance(part, logic.LogicalAndExpression | logic.LogicalOrExpression):
                continue
            if isinstance(part, _COMPARED):
                value = self._named(token, part.left)
                if isinstance(part.right, Nil) and isinstance(part, logic.EqExpression | logic.NeExpression):
                    continue
                if isinstance(part.right, IntegerLiteral) and value is not None and value.kind == "count":
                    self.numbers.add(part.right.value)
                elif value is not None:
                    self._wrong(
                        token,
                        f"{part} is not asked here: ask whether a value is there, or compare a count with a number.",
                    )
            elif isinstance(part, Path):
                self._named(token, part)
            else:
                self._wrong(
                    token, f"{part} is not asked here: ask whether a value is there, or compare a count with a number."
                )


def _parts(expression: object) -> Iterator[object]:
    yield expression
    if isinstance(expression, logic.LogicalAndExpression | logic.LogicalOrExpression):
        yield from _parts(expression.left)
        yield from _parts(expression.right)


def _hole(name: str) -> str:
    return (
        f"{name} may be missing, and then this says nothing: write {{% if {name} %}} … {{% endif %}} around what speaks of it, "
        f'or give another text by | default: "…".'
    )


def _problem(error: LiquidError) -> Problem:
    token = error.token
    return Problem(_line(token.source, token) if token is not None else 1, _told(str(error.message)))


def _told(message: str) -> str:
    """Say what Liquid says so that its writer knows what to do."""
    if message.endswith("."):
        return message
    if message.startswith("expected tag endif"):
        return "An {% if … %} has no {% endif %} behind it, or more than one {% else %}."
    if found := re.fullmatch("unexpected tag '(.*)'", message):
        return (
            f"{{% {found[1]} %}} is nothing here: there are if with elsif, else and endif, and comment with endcomment."
        )
    if message.startswith("expected '}}'"):
        return "A {{ has no }} behind it."
    return f"This cannot be read: {message}."


def _line(source: str, token: Token) -> int:
    return source.count("\n", 0, max(token.start_index, 0)) + 1
