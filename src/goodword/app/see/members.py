"""Members, with their mails."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory, actor_of
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core import state
from goodword.core.facts import Actor
from goodword.sources.identity import one_mailbox
from goodword.store import pages, workspaces


class Member(Struct, frozen=True):
    """A member; ``mail`` is None for a reader who may see no mails.

    ``beside``: the id of another one who reads the same mailbox, as far as the mails show it: by it nobody proves to be somebody.
    """

    member: state.Member
    mail: str | None
    beside: str | None = None


@requires("member.read")
async def every(who: Principal, directory: Directory) -> list[Member]:
    """Return all members, in order of id; to who is limited to programs, those who work with one of them, and those alone."""
    async with directory.reading() as conn:
        members = [
            _shown(who, member) for member in await pages.members(conn, who.workspace.id) if _works_with(who, member)
        ]
        mails = await workspaces.mails(conn, who.workspace) if who.may("member.mails") else {}
    former = {member.id for member in members if member.became is not None}
    return [Member(member, mails.get(member.id), _beside(member.id, mails, former)) for member in members]


def _beside(id_: str, mails: dict[str, str], former: set[str]) -> str | None:
    own, others = mails.get(id_), (other for other in mails.items() if other[0] != id_ and other[0] not in former)
    return next((other for other, mail in others if own is not None and one_mailbox(own, mail)), None)


@requires("member.read")
async def get(who: Principal, directory: Directory, member: str) -> Member:
    """Return one of them. Raises UnknownError."""
    for one in await every(who, directory):
        if one.member.id == member:
            return one
    raise UnknownError("member")


class Mail(Struct, frozen=True):
    """How mail is sent: by which server, as whom."""

    host: str
    sender: str


@requires("member.read")
async def mail(who: Principal, directory: Directory) -> Mail | None:  # noqa: ARG001 - the same for every workspace
    """Return how mail is sent; None: it is not."""
    return Mail(directory.post.host, directory.post.sender) if directory.post is not None else None


@requires("member.read")
async def owner(who: Principal, directory: Directory) -> Actor:
    """Return the workspace's first owner: as whom the holder of the database acts. Raises UnknownError."""
    async with directory.reading() as conn:
        for member in await pages.members(conn, who.workspace.id):
            if "owner" in member.roles:
                return actor_of(member)
    raise UnknownError("owner")


def _works_with(who: Principal, member: state.Member) -> bool:
    return not member.programs or any(who.sees(program) for program in member.programs)


def _shown(who: Principal, member: state.Member) -> state.Member:
    """Of a colleague who works with other programs too, those are not told."""
    return replace(member, programs=tuple(program for program in member.programs if who.sees(program)))
