"""What is one's own: sessions, and how one signs in."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.see.sessions import Session
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit


class Account(Struct, frozen=True):
    """One's own sessions, the last used first."""

    mail: str | None
    member: str
    roles: list[str]
    sessions: list[Session]


async def shown(visit: Visit) -> Account:
    """Return what is one's own."""
    who = visit.caller
    return Account(who.mail, who.member, list(visit.who.actor.roles), await visit.read(see.sessions.mine))


async def end(visit: Visit, _: Form) -> str:
    """End a session."""
    await visit.read(say.sessions.end, visit.named("session"))
    return "/settings?done=session_ended"


async def end_others(visit: Visit, _: Form) -> str:
    """End all others."""
    await visit.read(say.sessions.end_others)
    return "/settings?done=sessions_ended"


_PAGE = Read("/settings", "/settings", see.sessions.mine, "account/detail.html", shown)
READS = (_PAGE,)
ACTS = (
    Act("/settings/sessions", _PAGE, say.sessions.end_others, end_others),
    Act("/settings/sessions/{session}", _PAGE, say.sessions.end, end),
)
