"""Markdown as HTML: headings with anchors, links between pages, code that can be copied, tables that scroll in themselves.

HTML in a text is shown as text. Must not know: which pages there are.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token

_HEADING = re.compile(r"^(#{1,6}) +(.+?)(?: +#+)?$", re.MULTILINE)
_FENCED = re.compile(r"^(```+|~~~+).*?^\1[`~]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_OUTPUT = frozenset({"", "text", "console"})  # what is printed, or plain text: nothing to copy


class Heading(NamedTuple):
    """A heading of a page. ``level``: 1 is its title."""

    level: int
    text: str
    anchor: str


def rendered(text: str, path: str, root: str, pages: Mapping[str, str], files: Collection[str]) -> str:
    """Return a text as HTML. ``path``: of the page, below ``root``; ``pages``: path -> title; other links are text."""
    reader = _reader()
    tokens = reader.parse(text)
    _anchor(tokens, headings(text))
    for token in tokens:
        if token.children:
            token.children = _linked(token.children, path, root, pages, files)
    return str(reader.renderer.render(tokens, reader.options, {}))


def headings(text: str) -> list[Heading]:
    """Return the headings of a text, each with an anchor as most readers of Markdown make it."""
    found: list[Heading] = []
    taken: dict[str, int] = {}
    for sign, said in _HEADING.findall(_FENCED.sub("", text)):
        plain = _LINK.sub(r"\1", said).replace("`", "").replace("*", "").strip()
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-") or "section"
        taken[anchor] = taken.get(anchor, -1) + 1
        found.append(Heading(len(sign), plain, f"{anchor}-{taken[anchor]}" if taken[anchor] else anchor))
    return found


def sections(text: str) -> list[str]:
    """Return what stands from each heading to the next, in the order of ``headings``."""
    without = _FENCED.sub(lambda fenced: re.sub(r"[^\n]", " ", fenced[0]), text)
    begins = [heading.start() for heading in _HEADING.finditer(without)]
    return [text[begin:end] for begin, end in pairwise([*begins, len(text)])]


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("fence", _code)
    reader.add_render_rule("code_block", _code)
    reader.add_render_rule("table_open", _table)
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    reader.add_render_rule("th_open", _head)
    return reader


def _anchor(tokens: Sequence[Token], found: Sequence[Heading]) -> None:
    """Give each heading its anchor, and those below the title a link to it."""
    opened = [(token, inside) for token, inside in pairwise(tokens) if token.type == "heading_open"]
    for (token, inside), heading in zip(opened, found, strict=True):
        token.attrSet("id", heading.anchor)
        if heading.level > 1 and inside.children is not None:
            to = Token("html_inline", "", 0)
            to.content = (
                f' <a class="to" href="#{escape(heading.anchor)}" aria-label="Link to {escape(heading.text)}">#</a>'
            )
            inside.children.append(to)


def _linked(
    children: list[Token], path: str, root: str, pages: Mapping[str, str], files: Collection[str]
) -> list[Token]:
    """Let links lead to the pages, called by their titles where they were called by their files; what leads nowhere is text."""
    kept: list[Token] = []
    dead = 0
    title: str | None = None
    for token in children:
        if token.type == "link_open":
            href = _address(str(token.attrs["href"]), path, root, pages, files)
            if href is None:
                dead += 1
                continue
            token.attrSet("href", href)
            title = pages.get(href.removeprefix(f"{root}/").partition("#")[0])
        elif token.type == "link_close":
            title = None
            if dead:
                dead -= 1
                continue
        elif title is not None and token.content.endswith(".md"):
            token.type, token.tag, token.content = "text", "", title
        kept.append(token)
    return kept


def _address(href: str, path: str, root: str, pages: Collection[str], files: Collection[str]) -> str | None:
    split = urlsplit(href)
    if split.scheme or not split.path or href.startswith("/"):
        return href
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), split.path))
    if target in files:
        return f"{root}/{target}"
    name = target.removesuffix(".md")
    if name == target or name not in pages:
        return None
    return f"{root}/{name}" + (f"#{split.fragment}" if split.fragment else "")


def _code(_: RendererProtocol, tokens: Sequence[Token], place: int, *__: Any) -> str:
    token = tokens[place]
    language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
    button = (
        ""
        if language in _OUTPUT and token.type == "fence"
        else '<button class="copying" type="button" hidden>Copy</button>'
    )
    return (
        f'<div class="sample">{button}<pre tabindex="0"><code>{escape(token.content, quote=False)}</code></pre></div>\n'
    )


def _table(*_: Any) -> str:
    return '<div class="wide" tabindex="0"><table>'


def _head(_: RendererProtocol, tokens: Sequence[Token], place: int, *__: Any) -> str:
    """The head of a column; above a column of names there may be none, and then it is a plain cell."""
    return '<th scope="col">' if tokens[place + 1].content.strip() else '<th scope="col"><span class="hide">Name</span>'
