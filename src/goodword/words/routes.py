"""A table of routes in words: a sentence a route, and between two versions those that only one of them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from goodword.core.routes import ANY, LIMITS, POINTS, Document, Row
from goodword.words.catalogue import Catalogue, catalogue
from goodword.words.rules import Changed


def misrouted(code: str, language: str | None = None) -> str:
    """Return what a table of routes needs somewhere."""
    return catalogue(language).word("misrouted", code)


def default(language: str | None = None) -> str:
    """Return what holds where no table was published."""
    return catalogue(language).say("routes.default")


def told(row: Row, names: Mapping[str, str], language: str | None = None) -> str:
    """Return a route as a sentence. ``names``: of members and programs by id, as they are to be shown."""
    words = catalogue(language)
    limits = [
        words.say(f"routes.{name}", amounts=_amounts(words, getattr(row, name)))
        for name in LIMITS
        if getattr(row, name)
    ]
    said = words.say(
        "routes.row",
        which=words.say("routes.row.rest") if row.takes_all else _which(words, row, names),
        role=words.word("routes.role", row.role),
        days=words.count("step.route.within", row.days),
        fallback=names.get(row.fallback, row.fallback),
    )
    return " ".join([said, *limits])


def changes(
    before: Document | None, after: Document, names: Mapping[str, str], language: str | None = None
) -> list[Changed]:
    """Return what a table changes of the one before, by the names of its routes, in order."""
    old = {row.name: told(row, names, language) for row in (before.routes if before is not None else ())}
    new = {row.name: told(row, names, language) for row in after.routes}
    found = [Changed(name, old.get(name), new.get(name)) for name in dict.fromkeys([*new, *old])]
    moved = [name for name in old if name in new] != [name for name in new if name in old]
    order = [Changed("", was, now) for was, now in zip_longest(old, new)] if moved else []
    return [one for one in (*found, *order) if one.before != one.after]


def _which(words: Catalogue, row: Row, names: Mapping[str, str]) -> str:
    kinds = words.say("routes.row.any")
    if row.kinds:
        kinds = words.say("routes.row.kinds", kinds=_either(words, row.kinds))
    flags = words.say("routes.row.flags", flags=_either(words, row.flags)) if row.flags else ""
    if ANY in row.flags:
        flags = words.say("routes.row.flagged")
    amounts = words.say("routes.row.from", least=_amounts(words, row.at_least)) if row.at_least else ""
    amounts += words.say("routes.row.below", below=_amounts(words, row.below)) if row.below else ""
    programs = [names.get(id_, id_) for id_ in row.programs]
    said = words.say("routes.row.programs", programs=_either(words, programs)) if programs else ""
    return words.say("routes.row.which", kinds=kinds, flags=flags, amounts=amounts, programs=said)


def _amounts(words: Catalogue, of: Mapping[str, int]) -> str:
    return _either(
        words, [words.money(n, unit if unit != POINTS else f"{POINTS}:any") for unit, n in sorted(of.items())]
    )


def _either(words: Catalogue, parts: Sequence[str]) -> str:
    text = parts[0]
    for part in parts[1:]:
        text = words.say("routes.row.or", before=text, last=part)
    return text
