"""Who published a version of rules, and with which terms: found in the log. Must not know: who asks, and whether they may."""

from __future__ import annotations

import asyncio

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.proof import terms
from goodword.core import rules as core_rules
from goodword.core.entry import Entry
from goodword.core.events import ProgramPublished
from goodword.core.state import Program
from goodword.store import entities, log
from goodword.store import rules as rule_versions
from goodword.words import terms as sentences
from goodword.words.catalogue import near, spoken
from goodword.words.terms import Terms

#: Entries of one instant among which the publication of a version is looked for.
_OF_AN_INSTANT = 50


class Told(Struct, frozen=True):
    """Terms by the version ``number`` of ``of``, in force since ``since`` until ``until``, half-open; None: it holds.

    ``rules``: its hash; ``sha256``: of these terms; ``recorded``: they stand in the log since its publication, else they were made now,
    as of versions that were published before terms were kept.
    """

    program: Program
    number: int
    rules: str
    since: int
    until: int | None
    sha256: str
    recorded: bool
    terms: Terms

    @property
    def markdown(self) -> str:
        """All of it as a page of Markdown."""
        return sentences.markdown(self.terms, self.rules, self.sha256)


async def authors(conn: asyncpg.Connection, ws: str, program: str) -> tuple[str, tuple[str, ...]]:
    """Return the newest version of a program's rules, and who published any of them, by id, as the log says."""
    [its] = await entities.load(conn, ws, Program, [program])
    entries = [await entry(conn, ws, at, hash_) for at, hash_ in its.versions]
    return its.versions[-1][1], tuple(
        sorted({it.facts.actor.id for it in entries if it is not None and it.facts.actor})
    )


async def entry(conn: asyncpg.Connection, ws: str, at: int, hash_: str) -> Entry | None:
    """Return the entry that published a version, by the instant: those of the log never fall, so it is found by halving."""
    low, high = 1, (await log.stream(conn, ws)).position
    while low < high:
        middle = (low + high) // 2
        found = await log.at(conn, ws, middle)
        if found is not None and found.as_of < at:
            low = middle + 1
        else:
            high = middle
    for found in await log.read(conn, ws, low, low + _OF_AN_INSTANT):
        if isinstance(found.event, ProgramPublished) and found.event.rules == hash_:
            return found
    return None


async def short(
    conn: asyncpg.Connection, directory: Directory, ws: str, program: Program, rules: str
) -> tuple[str, tuple[str, ...]]:
    """Return a program's name and its newest terms in three lines. ``rules``: the hash of its newest version."""
    kept = directory.engine.terms.get((ws, rules, spoken()))
    if kept is None:
        its = (await told(conn, ws, program, len(program.versions))).terms
        kept = its.name, its.short
        directory.engine.terms.put((ws, rules, spoken()), kept)
    return kept


async def told(conn: asyncpg.Connection, ws: str, program: Program, number: int, language: str | None = None) -> Told:
    """Return the terms by a version of a program that there is. Raises InvalidError for a language without words; ``de-AT`` has some.

    Where none is named, it is the one that is spoken if the log keeps the terms in it, else English: what somebody accepts is there.
    """
    if language is not None and (language := near([language])) is None:
        raise InvalidError(f"There are words in {', '.join(words.languages())}.", "language")
    (since, rules), *later = program.versions[number - 1 :]
    found = await entry(conn, ws, since, rules)
    said = found.event.terms if found is not None and isinstance(found.event, ProgramPublished) else {}
    if language is None:
        language = spoken() if spoken() in said else words.ENGLISH
    kept = said.get(language)
    if kept is None:
        [(semantics, document)] = await rule_versions.documents(conn, ws, [rules])
        made = await asyncio.to_thread(terms.of, core_rules.version(document, semantics), language)
        text = sentences.text(made)
    else:
        text, made = kept, sentences.read(kept)
    digest = core_rules.terms_digest(rules, text)
    return Told(program, number, rules, since, later[0][0] if later else None, digest, kept is not None, made)
