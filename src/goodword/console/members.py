"""Members: who of the company may do what; what waits for a second owner."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.see.members import Mail, Member
from goodword.app.see.sessions import Session
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core import access, money
from goodword.core.state import Change
from goodword.web.forms import figure

_ROLE, _PROGRAM = "role.", "program."  # what the boxes of a form are called


class Members(Struct, frozen=True):
    """All of them, and what waits. ``names``: mails by id, of whom a mail is known; ``programs``: slugs by id.

    ``mail``: how it is sent; None: it is not.
    """

    members: list[Member]
    changes: list[Change]
    names: dict[str, str]
    programs: dict[str, str]
    roles: list[str]
    mail: Mail | None


class One(Struct, frozen=True):
    """One of them. ``sessions``: None for who may not end them; ``limits``: as they are typed."""

    it: Member
    changes: list[Change]
    names: dict[str, str]
    programs: dict[str, str]
    roles: list[str]
    sessions: list[Session] | None
    limits: str


async def listed(visit: Visit) -> Members:
    """Return the list."""
    members, mail = await visit.read(see.members.every), await visit.read(see.members.mail)
    return Members(members, await _waiting(visit), _names(members), await _programs(visit), list(access.ROLES), mail)


async def one(visit: Visit) -> One:
    """Return one member."""
    id_ = visit.named("member")
    it = await visit.read(see.members.get, id_)
    names = _names(await visit.read(see.members.every))
    waits = [change for change in await _waiting(visit) if change.subject == id_]
    sessions = await visit.glance(see.sessions.of, id_)
    limits = "\n".join(f"{unit} {money.decimal(most, unit)}" for unit, most in (it.member.limits or {}).items())
    return One(it, waits, names, await _programs(visit), list(access.ROLES), sessions, limits)


async def change(visit: Visit, form: Form) -> str:
    """Give a member what the form says."""
    id_ = visit.named("member")
    roles, limits, programs = given(form)
    entry = await visit.say(say.members.change, id_, roles, limits, form.once, programs=programs)
    waits = any(verdict.outcome == "second_person_needed" for verdict in entry.verdicts)
    return f"/settings/members/{id_}?done={'member_waits' if waits else 'member_set'}"


async def invite(visit: Visit, form: Form) -> str:
    """Let somebody become a member, and send them a link."""
    roles, limits, programs = given(form)
    said = (form.need("mail", 320), roles, limits, form.once)
    entry = await visit.say(say.members.invite, *said, programs=programs)
    waits = any(verdict.outcome == "second_person_needed" for verdict in entry.verdicts)
    return f"/settings/members?done={'invited_waits' if waits else 'invited'}"


async def invite_again(visit: Visit, form: Form) -> str:
    """Send a member a link."""
    await visit.read(say.sessions.invite, visit.named("member"), form.once)
    return f"/settings/members/{visit.named('member')}?done=link_sent"


async def try_mail(visit: Visit, form: Form) -> str:
    """Send a mail to oneself."""
    await visit.read(say.sessions.try_mail, form.once)
    return "/settings/members?done=mail_sent"


async def answer(visit: Visit, form: Form) -> str:
    """Confirm, decline or withdraw what an owner asked for."""
    outcome = form.need("outcome", 20)
    await visit.say(say.changes.answer, visit.named("change"), outcome, form.once)
    return f"/settings/members?done=change_{outcome}"


async def sign_out(visit: Visit, _: Form) -> str:
    """End the sessions of a member."""
    await visit.read(say.sessions.end_of, visit.named("member"))
    return f"/settings/members/{visit.named('member')}?done=sessions_ended"


async def forget(visit: Visit, form: Form) -> str:
    """Let a member come by a link again."""
    await visit.say(say.account.forget, visit.named("member"), form.once)
    return f"/settings/members/{visit.named('member')}?done=forgotten"


def given(form: Form) -> tuple[tuple[str, ...], dict[str, int] | None, tuple[str, ...]]:
    """Return the roles, limits and programs that a form says. Raises InvalidError for a limit that is none."""
    roles, programs = (
        tuple(name.removeprefix(kind) for name in form.fields if name.startswith(kind)) for kind in (_ROLE, _PROGRAM)
    )
    return roles, _limits(form.text("limits", 1_000)), programs


def _limits(typed: str | None) -> dict[str, int] | None:
    """Return what one may approve alone, by unit; None: any amount. A line each, such as ``EUR 500.00``."""
    if typed is None:
        return None
    limits = {}
    for line in typed.splitlines():
        unit, _, amount = line.strip().partition(" ")
        try:
            limits[unit] = money.minor(figure(amount), unit)
        except ValueError as error:
            raise InvalidError("Write each limit on a line of its own, as EUR 500.00.", "limits") from error
    return limits


async def _waiting(visit: Visit) -> list[Change]:
    page = await visit.glance(see.changes.page, status="open")
    return [it for it in page.items if it.kind == "member"] if page is not None else []


def _names(members: list[Member]) -> dict[str, str]:
    return {each.member.id: each.mail for each in members if each.mail is not None}


async def _programs(visit: Visit) -> dict[str, str]:
    return {program.id: program.slug for program in await visit.glance(see.programs.every) or []}


_LIST = Read("/settings/members", "/settings/members", see.members.every, "members/list.html", listed)
_ONE = Read("/settings/members/{member}", "/settings/members", see.members.get, "members/detail.html", one)
READS = (_LIST, _ONE)
ACTS = (
    Act("/settings/members", _LIST, say.members.invite, invite),
    Act("/settings/mail", _LIST, say.sessions.try_mail, try_mail),
    Act("/settings/members/{member}/link", _ONE, say.sessions.invite, invite_again),
    Act("/settings/members/{member}", _ONE, say.members.change, change),
    Act("/settings/members/{member}/sessions", _ONE, say.sessions.end_of, sign_out),
    Act("/settings/members/{member}/forget", _ONE, say.account.forget, forget),
    Act("/settings/changes/{change}", _LIST, say.changes.answer, answer),
)
