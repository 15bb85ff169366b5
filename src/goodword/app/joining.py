"""How people join a program by themselves: what its page says, and what is recorded once they confirmed their mail.

Nobody is known yet, so these use cases ask for no permission. Whether somebody may join is decided by the core, when they are enrolled.
Who confirms a mail that a trusted source said is the person whom that source means; who confirms another one is somebody new, whose
name nobody else gives (docs/decisions/0129). Must not know: how a mail is confirmed, cookies, pages.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct

from goodword import words
from goodword.app.addresses import join_of
from goodword.app.directory import Directory, workspace_of
from goodword.app.errors import ConflictError
from goodword.app.intake.ingest import Ingest
from goodword.app.see import publications
from goodword.app.write.process import drain_until
from goodword.core import rules as core_rules
from goodword.core.advocates import BY_THEMSELVES
from goodword.core.entry import Entry
from goodword.sources import native_read
from goodword.sources.base import Problem, Sender
from goodword.sources.fields import MAX_NAME
from goodword.sources.identity import canonical_email, written_email
from goodword.sources.split import canonical
from goodword.store import log, pages, people
from goodword.store import rules as rule_versions
from goodword.store.workspaces import Workspace

#: The purpose of the consent that who joins gives.
CONSENT: Final = "advocate"
#: What stands before a mail as the name of somebody whom the company has not named.
MAIL: Final = "mail:"
#: Characters of a name.
LONGEST: Final = 120
#: What a mailbox says of itself, once it was confirmed.
_SENDER: Final = Sender(BY_THEMSELVES, verified=True)


class Joinable(Struct, frozen=True):
    """What the page of a program says that people may join. ``short``: its terms in three lines; ``rules``: the hash of its newest.

    ``status``: open; or draft, paused, ended, where nobody can now. ``colour``: six hexadecimal digits, or None.
    """

    workspace: Workspace
    program: str
    name: str
    status: Literal["open", "draft", "paused", "ended"]
    joiners: Literal["anybody", "customers"]
    short: tuple[str, ...]
    rules: str
    colour: str | None


class Joining(Struct, frozen=True, omit_defaults=True):
    """What somebody said who asks to join. ``program``: its slug; ``mail``: as they wrote it."""

    program: str
    mail: str
    name: str | None = None


class JoinRefusedError(ConflictError):
    """Whoever confirmed their mail may not join. ``code``: the refusal."""


async def joinable(directory: Directory, workspace: str, program: str) -> Joinable | None:
    """Return what is said of a program that people may join; None: there is none of this name, or its rules let nobody join."""
    ws = await workspace_of(directory, workspace)
    if ws is None:
        return None
    async with directory.reading() as conn:
        it = next(
            (it for it in await pages.programs(conn, ws.id) if it.slug == program and it.newest is not None), None
        )
        if it is None or it.newest is None:
            return None
        [(semantics, document)] = await rule_versions.documents(conn, ws.id, [it.newest])
        sharing = core_rules.version(document, semantics).means.sharing
        if sharing.join == "closed":
            return None
        name, short = await publications.short(conn, directory, ws.id, it, it.newest)
    status: Any = "open" if it.status == "active" else it.status
    colour = sharing.colour[1:] if sharing.colour is not None else None
    return Joinable(ws, it.slug, name, status, sharing.joiners, short, it.newest, colour)


def read(program: str, mail: str, name: str) -> Joining | None:
    """Return what somebody said who asks to join; None: the mail is no address."""
    known = canonical_email(mail)
    fits = known is not None and len(MAIL) + len(known) <= MAX_NAME
    return Joining(program, written_email(mail), name[:LONGEST] or None) if fits else None


async def confirmed(directory: Directory, ws: Workspace, asked: str, said: Joining, named: str | None) -> str:
    """Enrol who confirmed the mail by which they asked to join, and record what they agreed to; return the person.

    ``asked``: what no other request is called, by which a repeat is harmless; ``named``: the company's own name for them, if it knows
    them. Raises JoinRefusedError: they may not.
    """
    may = await joinable(directory, ws.id, said.program)
    if may is None or may.status != "open":
        raise JoinRefusedError("join_closed", "Nobody can join this program now.")
    name = named or f"{MAIL}{canonical_email(said.mail)}"
    who = {"external_id": name, "email": said.mail, "name": said.name}
    entry = await told(
        directory, ws, {"type": "advocate.enrolled", "id": f"join:{asked}", "program": said.program, **who}
    )
    no = entry.verdicts[0].refusal if entry.verdicts[0].refused else None
    if no not in (None, "already_enrolled"):
        raise JoinRefusedError(no or "", "They may not join.")
    page = join_of(directory.engine.url, ws.id, may.program)
    proof = f"{page}: {words.portal('join.consent', workspace=ws.name, name=may.name)}"
    agreed = {"purpose": CONSENT, "outcome": "given", "proof": proof, "customer_external_id": name}
    await told(directory, ws, {"type": "consent.recorded", "id": f"join:{asked}:consent", **agreed})
    async with directory.reading() as conn:
        names = [("person", canonical("person", name)), ("person", name)]
        ids = await people.find(conn, ws.id, ws.keys, names)
    return next(ids[one] for one in names if one in ids)


async def told(directory: Directory, ws: Workspace, said: dict[str, Any]) -> Entry:
    """Have what somebody says of themselves accepted as any event is, and decided; return its entry."""
    wire = native_read.checked({name: it for name, it in said.items() if it is not None})
    if isinstance(wire, Problem):
        raise ConflictError("invalid", f"{wire.field or 'event'}: {native_read.CODES[wire.code]}")
    [answer] = await Ingest(directory.engine, directory.vault).accept(ws, _SENDER, [wire])
    if answer.evt is None or answer.status in ("conflict", "invalid"):
        raise ConflictError("said_before", "This was said before with something else.")
    await drain_until(directory.engine, ws.id, answer.evt)
    async with directory.reading() as conn:
        entry = await log.of(conn, ws.id, answer.evt)
    if entry is None:
        raise AssertionError(f"{answer.evt} was decided and is not there")
    return entry
