"""What is one's own: sessions, and how one signs in."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.see.account import Account as Own
from goodword.app.see.sessions import Session
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.console.qr import Picture, picture


class Account(Struct, frozen=True):
    """One's own sessions, the last used first, by what one signs in, and which mail one gets, where any is sent (``mails``)."""

    mail: str | None
    member: str
    roles: list[str]
    sessions: list[Session]
    own: Own
    wants: str
    mails: bool


class Factor(Struct, frozen=True):
    """The secret of a second factor, which is shown this once: as a picture, and as it is typed."""

    picture: Picture
    typed: str


class Codes(Struct, frozen=True):
    """Recovery codes, which are shown this once."""

    codes: list[str]


async def shown(visit: Visit) -> Account:
    """Return what is one's own."""
    who, own = visit.caller, await visit.read(see.account.mine)
    sessions = await visit.read(see.sessions.mine)
    wants, mails = await visit.read(see.account.mail), visit.directory.post is not None
    return Account(who.mail, who.member, list(visit.who.actor.roles), sessions, own, wants, mails)


async def set_mail(visit: Visit, form: Form) -> str:
    """Say which mail one wants."""
    await visit.read(say.account.set_mail, form.need("wants", 20))
    return "/settings?done=mail_set"


async def set_password(visit: Visit, form: Form) -> str:
    """Set the password."""
    await visit.read(say.account.set_password, form.need("password", 1_000))
    return "/settings?done=password_set"


async def start_factor(visit: Visit, _: Form) -> Factor:
    """Make a second factor, instead of one that waits for its first code."""
    made = await visit.read(say.account.start_factor)
    return Factor(picture(made.address), made.typed)


async def turn_factor_on(visit: Visit, form: Form) -> Codes:
    """Let it be asked for."""
    return Codes(await visit.read(say.account.turn_factor_on, form.need("code", 20)))


async def turn_factor_off(visit: Visit, _: Form) -> str:
    """Have none."""
    await visit.read(say.account.turn_factor_off)
    return "/settings?done=factor_off"


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
    Act("/settings/password", _PAGE, say.account.set_password, set_password),
    Act("/settings/own-mail", _PAGE, say.account.set_mail, set_mail),
    Act("/settings/factor", _PAGE, say.account.start_factor, start_factor, "account/factor.html"),
    Act("/settings/factor/on", _PAGE, say.account.turn_factor_on, turn_factor_on, "account/codes.html"),
    Act("/settings/factor/off", _PAGE, say.account.turn_factor_off, turn_factor_off),
    Act("/settings/sessions", _PAGE, say.sessions.end_others, end_others),
    Act("/settings/sessions/{session}", _PAGE, say.sessions.end, end),
)
