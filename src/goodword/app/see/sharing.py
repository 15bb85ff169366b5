"""What an advocate has to share, as staff, the company's own app and they themselves see it: the kit of one person in one program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from goodword.app import portal, sharing
from goodword.app.addresses import Link, link_of
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say import codes
from goodword.app.sharing import Format, Message, Preview, Variant
from goodword.core import rules as core_rules
from goodword.core.state import Advocate, Program
from goodword.store import entities, pages, people, redirects, workspaces
from goodword.store import rules as rule_versions

_MOST = 1_000  # programs in which one person is an advocate


class Kit(Struct, frozen=True):
    """What an advocate shares. ``link``: that of their newest code; ``links``: of all of them, which go on.

    ``variant``: the name of the text in ``messages``; ``opened``: how often their friends' page was, by people; ``bots``: by programs.
    """

    advocate: Advocate
    link: Link
    links: tuple[Link, ...]
    variants: tuple[Variant, ...]
    variant: str
    messages: tuple[Message, ...]
    preview: Preview
    opened: int
    bots: int


@requires("person.names")
async def kit(who: Principal, directory: Directory, advocate: str, variant: str | None = None) -> Kit:
    """Return what an advocate, by id, has to share; ``variant``: which of the texts, by default the first.

    Raises UnknownError for an advocate who is not there, has no code or was erased, and for a text that is not.
    """
    return await _kit(who, directory, *await _links(who, directory, advocate), variant)


@requires("own.rewards")
async def own(who: Principal, directory: Directory, program: str, variant: str | None = None) -> tuple[Kit, bytes]:
    """Return what somebody has to share in a program, by its name, and the link as a QR code in SVG. Raises UnknownError likewise."""
    ws, person = who.workspace, who.actor.id
    async with directory.reading() as conn:
        found = await pages.advocates(conn, ws.id, person=person, after="", limit=_MOST)
        programs = await entities.load(conn, ws.id, Program, [it.program for it in found])
        hosts = await workspaces.hosts(conn, ws.id)
    named = {it.id for it in programs if it.slug == program}
    its = next((it for it in found if it.program in named and it.codes and it.status == "active"), None)
    if its is None:
        raise UnknownError("program")
    links = _linked(who, directory, its, hosts, await codes.own(who, directory))
    kit = await _kit(who, directory, its, links, variant)
    return kit, sharing.picture(kit.link.url, "svg")


async def _kit(
    who: Principal, directory: Directory, its: Advocate, links: tuple[Link, ...], variant: str | None
) -> Kit:
    ws = who.workspace
    async with directory.reading() as conn:
        [program] = await entities.load(conn, ws.id, Program, [its.program])
        [(semantics, document)] = await rule_versions.documents(conn, ws.id, [program.versions[-1][1]])
        name = await portal.named(directory, conn, ws, its.person)
        opened, bots = await redirects.views(conn, ws.id, its.codes)
    rules = core_rules.version(document, semantics).means
    texts = sharing.variants(rules, ws.name)
    chosen = next((it for it in texts if variant in (None, it.name)), None)
    if chosen is None:
        raise UnknownError("text of this program")
    link = links[-1]
    said = sharing.messages(rules, ws.name, link, chosen.text)
    place, _, code = link.url.rpartition("/r/")
    seen = sharing.preview(rules, ws.name, name, f"{place}/f/{code}")
    return Kit(its, link, links, texts, chosen.name, said, seen, opened, bots)


@requires("person.names")
async def picture(who: Principal, directory: Directory, advocate: str, kind: Format) -> bytes:
    """Return the link of an advocate as a QR code, as SVG or PNG. Raises UnknownError as ``kit`` does."""
    _, links = await _links(who, directory, advocate)
    return sharing.picture(links[-1].url, kind)


async def _links(who: Principal, directory: Directory, advocate: str) -> tuple[Advocate, tuple[Link, ...]]:
    """Return an advocate and the links of their codes, the newest last."""
    ws = who.workspace
    async with directory.reading() as conn:
        person = await pages.advocate_person(conn, ws.id, advocate)
        found = await pages.advocates(conn, ws.id, person=person, after="", limit=_MOST) if person is not None else []
        its = next((it for it in found if it.id == advocate and who.sees(it.program)), None)
        named = its is not None and bool(await people.texts(conn, ws.id, ws.keys, directory.vault, [its.person]))
        hosts = await workspaces.hosts(conn, ws.id)
    if its is None or not its.codes or not named:
        raise UnknownError("advocate")
    return its, _linked(who, directory, its, hosts, await codes.name(who, directory, its.codes))


def _linked(
    who: Principal, directory: Directory, its: Advocate, hosts: Sequence[str], texts: Mapping[str, str]
) -> tuple[Link, ...]:
    at = (directory.engine.url, who.workspace.id, hosts[0] if hosts else None)
    return tuple(link_of(*at, texts[code]) for code in its.codes if code in texts)
