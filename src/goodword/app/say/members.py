"""Members: who works with the workspace, and what each may do. Must not know: HTTP, how a key is checked."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say import keys
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core.entry import Entry
from goodword.core.events import MemberSet
from goodword.sources.identity import canonical_email
from goodword.store import workspaces


class MemberEntry(Struct, frozen=True):
    """What became of a member: the decision, the member's id, and the text of a key if one was made for them."""

    entry: Entry
    member: str
    key: str | None


@requires("member.manage")
async def set_member(
    who: Principal,
    directory: Directory,
    mail: str,
    roles: tuple[str, ...],
    limits: dict[str, int] | None,
    key: str | None = None,
    *,
    programs: tuple[str, ...] = (),
) -> MemberEntry:
    """Give a member roles, limits and programs. Raises InvalidError for what is no mail address or unit.

    What gives them more waits for another owner, where there is one (``changes``). Who is a member now and never had a key gets one:
    whose key was ended gets none here, or an owner could act as any colleague.
    ``programs``: ids or slugs of those that they are limited to; none: they work with all.
    """
    canonical = canonical_email(mail)
    if canonical is None:
        raise InvalidError("`email` is no mail address.")
    async with directory.pool.acquire() as conn:
        if limits is not None:
            limits = {await filters.unit(conn, who, unit): most for unit, most in limits.items()}
        member = await workspaces.name_member(conn, who.workspace, canonical)
    entry = await say(
        who,
        directory,
        lambda s: MemberSet(**s, member=member, roles=roles, limits=limits, programs=programs),
        key,
    )
    return MemberEntry(entry, member, None if entry.refused else await keys.first(who, directory, member))
