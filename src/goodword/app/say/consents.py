"""What a person agrees to at the portal, and takes back: the event that any consent is, in their own words."""

from __future__ import annotations

from typing import Any, Final

from goodword.app import portal
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import sent
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.state import Customer
from goodword.sources.base import Sender
from goodword.sources.naming import is_name
from goodword.sources.native import ConsentRecorded
from goodword.store import entities, log, people

_ONESELF: Final = Sender("portal", verified=True, types=frozenset({ConsentRecorded}))


@requires("own.consent")
async def give(who: Principal, directory: Directory, purpose: str, shown_as: str, key: str) -> Entry:
    """Agree to be named as one likes: ``NAMED`` to who follows one's link, ``KNOWN`` to who recommended one, ``BOARD`` on leaderboards.

    Raises UnknownError for any other purpose: that the company asks for itself; InvalidError for what is no name.
    """
    if purpose not in (portal.NAMED, portal.KNOWN, portal.BOARD):
        raise UnknownError("consent")
    if not is_name(shown_as):
        raise InvalidError("shown_as: a name of at most 40 characters, without an address.", "shown_as")
    return await _said(who, directory, key, purpose=purpose, outcome="given", shown_as=shown_as)


@requires("own.consent")
async def revoke(who: Principal, directory: Directory, purpose: str, channel: str | None, key: str) -> Entry:
    """Take a consent back, of one channel or of any. Raises UnknownError where nothing was said of it."""
    return await _said(who, directory, key, purpose=purpose, channel=channel, outcome="revoked")


async def _said(who: Principal, directory: Directory, key: str, **said: Any) -> Entry:
    """What one says last holds, also where the clock of who recorded what was said before is ahead."""
    ws, person = who.workspace, who.actor.id
    async with directory.reading() as conn:
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, [person])
        customers = await entities.load(conn, ws.id, Customer, [person])
        now = (await log.stream(conn, ws.id)).now(directory.now())
    channel = said.pop("channel", None)
    of = said["purpose"] if channel is None else f"{said['purpose']}:{channel}"
    before = next((it.consents[of] for it in customers if of in it.consents), None)
    if person not in names or (before is None and said["outcome"] == "revoked"):
        raise UnknownError("consent")
    if channel is not None:
        said["channel"] = channel
    if before is not None and before.at > now:
        said["occurred_at"] = calendar.text(before.at)
    said |= {"type": "consent.recorded", "id": f"{person}:{key}", "customer_external_id": names[person]}
    return await sent(who, directory, _ONESELF, said)
