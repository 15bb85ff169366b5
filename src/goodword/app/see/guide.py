"""Pages of help as a person reads them at the portal: what the company published, in their language as far as it is there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core.state import Customer
from goodword.store import entities, message_texts
from goodword.store.message_texts import Present
from goodword.words import ENGLISH, guide
from goodword.words.catalogue import spoken


class Page(Struct, frozen=True):
    """A page. ``name``: by which its address names it; ``html``: what stands below its title, with nothing but marks of ours."""

    name: str
    title: str
    language: str
    html: str
    said_at: int


@requires("own.rewards")
async def every(who: Principal, directory: Directory) -> list[Page]:
    """Return all pages, by title, each in the language of who asks or of their browser, or else in English, or else as there is one."""
    async with directory.reading() as conn:
        present = await message_texts.present(conn, who.workspace.id, help_=True)
        customers = await entities.load(conn, who.workspace.id, Customer, [who.actor.id])
    wanted = next((it.language for it in customers), None) or spoken()
    by_name: dict[str, list[Present]] = {}
    for it in present:
        if it.text:
            by_name.setdefault(guide.name_of(it.topic) or it.topic, []).append(it)
    pages = [_page(name, _chosen(texts, wanted)) for name, texts in by_name.items()]
    return sorted(pages, key=lambda it: (it.title.casefold(), it.name))


@requires("own.rewards")
async def one(who: Principal, directory: Directory, name: str) -> Page:
    """Return a page likewise. Raises UnknownError."""
    for it in await every(who, directory):
        if it.name == name:
            return it
    raise UnknownError("page")


def _page(name: str, it: Present) -> Page:
    read = guide.read(it.text)
    return Page(name, read.title, it.language, read.html, it.said_at)


def _chosen(texts: Iterable[Present], language: str) -> Present:
    """Return the text in a language, in that of which it is a kind or in another kind of that, in English, or the first."""

    def far(it: Present) -> tuple[bool, bool, bool, str]:
        return it.language != language, _kind(it.language) != _kind(language), it.language != ENGLISH, it.language

    return min(texts, key=far)


def _kind(language: str) -> str:
    return re.split("[-_]", language, maxsplit=1)[0]
