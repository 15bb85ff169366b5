"""Pages of help that a company writes, in Markdown: what may stand in one, and what it becomes in HTML.

Headings, paragraphs, lists, emphasis, quotations, code and links to the web; no HTML, no pictures, no other address. What is not let
in is shown as it is written, and named before a page is published (docs/decisions/0146). Must not know: where a page is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from msgspec import Struct

from goodword.words import lint, pages
from goodword.words.lint import Problem
from goodword.words.templates import MOST

#: What stands before the name of a page where texts are named by topic.
TOPIC: Final = "help."
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_LONGEST: Final = 40  # characters of a name
_TITLE: Final = 120  # and of a title
_RULES: Final = (
    *("heading", "list", "blockquote", "hr", "fence"),
    *("newline", "escape", "backticks", "emphasis", "link", "autolink", "balance_pairs", "fragments_join"),
)
_KEPT: Final = 256  # pages that were read


class Guide(Struct, frozen=True):
    """A page. ``html``: what stands below its title."""

    title: str
    html: str


def name_of(topic: str) -> str | None:
    """Return the name of the page that a topic is of; None: it is of a message, or no name."""
    name = topic.removeprefix(TOPIC)
    return name if name != topic and len(name) <= _LONGEST and _NAME.match(name) else None


@lru_cache(_KEPT)
def read(source: str) -> Guide:
    """Return a page, whatever somebody wrote."""
    reader = _reader()
    tokens = reader.parse(source)
    if _is_title(tokens):
        return Guide(_plain(tokens[1]), str(reader.renderer.render(tokens[3:], reader.options, {})))
    return Guide("", str(reader.renderer.render(tokens, reader.options, {})))


def framed(source: str) -> str:
    """Return a page as a document of its own, for a preview."""
    it = read(source)
    return pages.page(it.title, f"<h1>{escape(it.title)}</h1>\n{it.html}").body.decode()


def check(source: str, language: str) -> tuple[Problem, ...]:
    """Return what is wrong with a page, the first line first; nothing: it may be published. What no text may say is wrong, too."""
    if len(source) > MOST:
        return (Problem(1, f"The text has more than {MOST} characters: make two pages of it."),)
    found = dict.fromkeys((*_wrong(source), *lint.found(source, language)))
    return tuple(sorted(found, key=lambda it: it.line))


def _wrong(source: str) -> Iterator[Problem]:
    tokens = _reader().parse(source)
    if not _is_title(tokens):
        yield Problem(1, "The first line is the title: begin with “# ” and what the page is called.")
    elif not 0 < len(_plain(tokens[1])) <= _TITLE:
        yield Problem(1, f"The title is empty, or has more than {_TITLE} characters.")
    elif not tokens[3:]:
        yield Problem(1, "Below the title stands nothing yet.")
    for token in tokens[3:]:
        if token.type == "heading_open" and token.tag == "h1":
            yield Problem(_line(token), "There is one title: write “## ” for a part of the page.")
    # What is not let in is found by a reader that lets it in, and whose HTML nobody sees.
    for token in _reader(everything=True).parse(source):
        if token.type == "html_block":
            yield Problem(_line(token), _NO_HTML)
        for one in token.children or ():
            if one.type == "html_inline":
                yield Problem(_line(token), _NO_HTML)
            elif one.type == "image":
                yield Problem(_line(token), "Pictures are not shown: say it in words, or link to it.")
            elif one.type == "link_open" and not _is_address(str(one.attrs.get("href", ""))):
                yield Problem(_line(token), "A link begins with https:// or http://: write the whole address.")


_NO_HTML: Final = "HTML is shown as text and does nothing: write it in Markdown, or between ` and `."


def _reader(*, everything: bool = False) -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": everything, "maxNesting": 20}).enable(_RULES)
    if everything:
        reader.enable(("image", "html_inline", "html_block"))
        reader.validateLink = lambda _: True  # type: ignore[assignment, method-assign]
    else:
        reader.validateLink = _is_address  # type: ignore[assignment, method-assign]
    reader.add_render_rule("link_open", _link)
    reader.add_render_rule("fence", _code)
    return reader


def _is_address(href: str) -> bool:
    return re.match(r"https?://[^/\s]", href) is not None


def _link(self: RendererProtocol, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    if not _is_address(str(token.attrs.get("href", ""))):  # of "[x]()" the reader asks nobody
        return "<a>"
    token.attrSet("class", "link")
    token.attrSet("rel", "noopener noreferrer nofollow")
    return str(self.renderToken(tokens, place, options, env))  # type: ignore[attr-defined]


def _code(_: RendererProtocol, tokens: Sequence[Token], place: int, *__: Any) -> str:
    return f"<pre>{escape(tokens[place].content)}</pre>\n"


def _is_title(tokens: Sequence[Token]) -> bool:
    return bool(tokens) and tokens[0].type == "heading_open" and tokens[0].tag == "h1"


def _plain(token: Token) -> str:
    return "".join(it.content or " " for it in token.children or () if not it.nesting).strip()


def _line(token: Token) -> int:
    return (token.map[0] if token.map else 0) + 1
