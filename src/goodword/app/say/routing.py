"""Routes: a table says who decides which reward, and by when. What gives anything waits for another owner (``changes``)."""

from __future__ import annotations

from msgspec.structs import asdict

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.core import routes
from goodword.core.entry import Entry
from goodword.core.events import RoutingPublished
from goodword.core.routes import Document, Row
from goodword.sources import routing_file
from goodword.sources.identity import canonical_email
from goodword.sources.routing_file import FileRow
from goodword.store import pages, workspaces


@requires("routing.publish")
async def publish(who: Principal, directory: Directory, data: bytes, name: str, key: str | None = None) -> Entry:
    """Publish a file of routes; ``name`` is its file name. Raises RoutingFileErrors with everything that is wrong in it.

    Members are named by id or mail, programs by id or slug: raises InvalidError for one that there is not.
    """
    read = routing_file.read(data, name, words.misrouted)
    async with directory.reading() as conn:
        mails = await workspaces.mails(conn, who.workspace)
        members = {it.id for it in await pages.members(conn, who.workspace.id) if it.became is None}
        programs = {it.slug: it.id for it in await pages.programs(conn, who.workspace.id)}
    by_mail = {mail: id_ for id_, mail in mails.items() if id_ in members}
    found = []
    for place, row in enumerate(read.routes):
        fallback = by_mail.get(canonical_email(row.fallback) or "", row.fallback)
        if fallback not in members:
            raise InvalidError(f"routes.{place}.fallback: {row.fallback} is no member.", f"routes.{place}.fallback")
        found.append(_row(row, fallback, tuple(_program(programs, place, each) for each in row.programs)))
    text = routes.text_of(Document(routes=tuple(found)))
    table = routes.hash_of(text)
    return await say(who, directory, lambda s: RoutingPublished(**s, table=table, document=text), key)


def _row(row: FileRow, fallback: str, programs: tuple[str, ...]) -> Row:
    return Row(**asdict(row) | {"fallback": fallback, "programs": programs})


def _program(programs: dict[str, str], place: int, named: str) -> str:
    if named in programs.values():
        return named
    if named not in programs:
        raise InvalidError(f"routes.{place}.programs: {named} is no program.", f"routes.{place}.programs")
    return programs[named]
