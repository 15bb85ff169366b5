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
from goodword.app.see import filters
from goodword.app.sharing import Format, Message, Preview, Variant
from goodword.core import rules as core_rules
from goodword.core.state import Advocate, Program
from goodword.store import entities, pages, people, redirects, workspaces
from goodword.store import rules as rule_versions

_MOST = 1_000  # programs in which one person is an advocate


class Kit(Struct, frozen=True):
    """What an advocate shares. ``link``: that of their newest code; ``links``: of all of them, which go on.

    ``variant``: the name of the text in ``messages``, which is ``text``, or the advocate's own words; behind it stands in each what is
    ``added``: what the friend ``gets``, and the ``disclosure``, where there is something to disclose.
    ``opened``: how often their friends' page was, by people; ``bots``: by programs.
    """

    advocate: Advocate
    link: Link
    links: tuple[Link, ...]
    variants: tuple[Variant, ...]
    variant: str
    text: str
    gets: tuple[str, ...]
    disclosure: str | None
    messages: tuple[Message, ...]
    preview: Preview
    opened: int
    bots: int

    @property
    def added(self) -> str:
        """What stands behind the text in each message, before the link: nobody can edit it out."""
        return " ".join((*self.gets, *filter(None, (self.disclosure,))))

    @property
    def edited(self) -> bool:
        """Whether the text is the advocate's own words."""
        return all(it.text != self.text for it in self.variants if it.name == self.variant)


@requires("person.names")
async def kit(who: Principal, directory: Directory, advocate: str, variant: str | None = None) -> Kit:
    """Return what an advocate, by id, has to share; ``variant``: which of the texts, by default the first.

    Raises UnknownError for an advocate who is not there, has no code or was erased, and for a text that is not.
    """
    return await _kit(who, directory, *await _links(who, directory, advocate), variant)


@requires("own.rewards")
async def own(
    who: Principal, directory: Directory, program: str, variant: str | None = None, said: str | None = None
) -> Kit:
    """Return what somebody has to share in a program, by its name; ``said``: in words of their own. Raises UnknownError likewise."""
    ws = who.workspace
    async with directory.reading() as conn:
        its = await filters.own_part(conn, who, program)
        hosts = await workspaces.hosts(conn, ws.id)
    links = _linked(who, directory, its, hosts, await codes.own(who, directory))
    return await _kit(who, directory, its, links, variant, said)


async def _kit(
    who: Principal,
    directory: Directory,
    its: Advocate,
    links: tuple[Link, ...],
    variant: str | None,
    own_words: str | None = None,
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
    link, text = links[-1], chosen.text if own_words is None else sharing.own_words(own_words)
    said = sharing.messages(rules, ws.name, link, text)
    gets, disclosed = sharing.gets(rules), sharing.disclosure(rules, ws.name)
    place, _, code = link.url.rpartition("/r/")
    seen = sharing.preview(rules, ws.name, name, f"{place}/f/{code}")
    return Kit(its, link, links, texts, chosen.name, text, gets, disclosed, said, seen, opened, bots)


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
