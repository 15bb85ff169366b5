"""The terms of a program by a version of its rules: as they were said when it was published, which its entry in the log keeps."""

from __future__ import annotations

import asyncio

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.proof import terms
from goodword.app.see import publications
from goodword.core import rules as core_rules
from goodword.core.events import ProgramPublished
from goodword.core.state import Program
from goodword.store import pages
from goodword.store import rules as rule_versions
from goodword.words import terms as sentences
from goodword.words.catalogue import ENGLISH
from goodword.words.terms import Terms


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


@requires("program.read")
async def of(
    who: Principal, directory: Directory, named: str, number: int | None = None, language: str = ENGLISH
) -> Told:
    """Return the terms of a program, by its id or slug; by default by its newest version.

    Raises UnknownError for a program or a version that there is not, and InvalidError for a language without words.
    """
    async with directory.reading() as conn:
        known = [
            it for it in await pages.programs(conn, who.workspace.id) if who.sees(it.id) and named in (it.id, it.slug)
        ]
        if not known:
            raise UnknownError("program")
        [program] = known
        number = len(program.versions) if number is None else number
        if not 1 <= number <= len(program.versions):
            raise UnknownError("version of this program")
        return await load(conn, who.workspace.id, program, number, language)


async def load(conn: asyncpg.Connection, ws: str, program: Program, number: int, language: str = ENGLISH) -> Told:
    """Return the terms by a version of a program that there is. Raises InvalidError likewise."""
    if language not in words.languages():
        raise InvalidError(f"There are words in {', '.join(words.languages())}.", "language")
    (since, rules), *later = program.versions[number - 1 :]
    entry = await publications.entry(conn, ws, since, rules)
    kept = entry.event.terms.get(language) if entry is not None and isinstance(entry.event, ProgramPublished) else None
    if kept is None:
        [(semantics, document)] = await rule_versions.documents(conn, ws, [rules])
        made = await asyncio.to_thread(terms.of, core_rules.version(document, semantics), language)
        text = sentences.text(made)
    else:
        text, made = kept, sentences.read(kept)
    digest = core_rules.terms_digest(rules, text)
    return Told(program, number, rules, since, later[0][0] if later else None, digest, kept is not None, made)
