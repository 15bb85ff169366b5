"""Standing approvals: asked for by one member, confirmed by another (``changes``), stopped by one."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters, publications
from goodword.core import standing
from goodword.core.entry import Entry
from goodword.core.events import StandingAsked, StandingStopped
from goodword.core.kinds.rewards import REGISTRY as KINDS
from goodword.core.standing import Terms
from goodword.outbound.rails import REGISTRY, for_mode


class Wanted(Struct, frozen=True, kw_only=True):
    """A standing approval as it is asked for: amounts in minor units, or points. ``program``: by id or slug; ``side``: None, both."""

    program: str
    kind: str
    unit: str
    rail: str
    side: Literal["advocate", "friend"] | None
    per_reward: int
    per_beneficiary: int
    in_all: int
    until: int


@requires("standing.grant")
async def ask(who: Principal, directory: Directory, wanted: Wanted, key: str | None = None) -> Entry:
    """Ask for a standing approval, which another member must confirm. What was asked for in that program before is withdrawn.

    Raises UnknownError for a program that there is not, InvalidError for a kind or rail,
    RailModeError for a rail that does not work here, ConflictError for one to a system of your own that was not named.
    """
    filters.choice("kind", wanted.kind, KINDS)
    filters.choice("rail", wanted.rail, REGISTRY)
    rail = for_mode(REGISTRY, wanted.rail, who.workspace.mode)
    async with directory.snapshot() as conn:
        await filters.connected(conn, who, wanted.rail)
        [program] = await filters.programs(conn, who, wanted.program) or ()
        rules, authors = await publications.authors(conn, who.workspace.id, program)
    terms = Terms(
        program=program,
        kind=wanted.kind,  # type: ignore[arg-type]
        unit=wanted.unit,
        rail=wanted.rail,
        side=wanted.side,
        per_reward=wanted.per_reward,
        per_beneficiary=wanted.per_beneficiary,
        in_all=wanted.in_all,
        until=wanted.until,
    )
    try:
        text = standing.text_of(standing.read(standing.text_of(terms)))
    except msgspec.DecodeError as error:
        raise InvalidError(str(error), "terms") from error
    return await say(
        who,
        directory,
        lambda s: StandingAsked(
            **s,
            program=program,
            standing=standing.hash_of(text),
            document=text,
            kinds=rail.kinds,
            manual=rail.manual,
            authors=authors,
            rules=rules,
        ),
        key,
    )


@requires("standing.stop")
async def stop(who: Principal, directory: Directory, id_: str, reason: str, key: str | None = None) -> Entry:
    """Let a standing approval cover nothing from now on; ``reason``: a code."""
    return await say(who, directory, lambda s: StandingStopped(**s, standing=id_, reason=reason), key)
