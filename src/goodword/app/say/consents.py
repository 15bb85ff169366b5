"""What a person agrees to at the portal, and takes back: the event that any consent is, in their own words."""

from __future__ import annotations

from typing import Any, Final

from goodword.app import portal
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import sent
from goodword.app.see import partners
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.state import Customer
from goodword.core.stories import PLACES
from goodword.sources.base import Sender
from goodword.sources.naming import is_name
from goodword.sources.native import ConsentRecorded
from goodword.store import entities, log, pages, people

_ONESELF: Final = Sender("portal", verified=True, types=frozenset({ConsentRecorded}))


@requires("own.consent")
async def give(who: Principal, directory: Directory, purpose: str, shown_as: str, key: str) -> Entry:
    """Agree to be named as one likes in a place, or beside one's stories (``stories.PLACES``).

    ``purpose``: ``NAMED`` to who follows one's link, ``KNOWN`` to who recommended one, ``BOARD`` on leaderboards.
    Raises UnknownError for any other purpose: that the company asks for itself; InvalidError for what is no name.
    """
    if purpose not in (portal.NAMED, portal.KNOWN, portal.BOARD, *PLACES.values()):
        raise UnknownError("consent")
    if not is_name(shown_as):
        raise InvalidError("shown_as: a name of at most 40 characters, without an address.", "shown_as")
    return await _said(who, directory, key, purpose=purpose, outcome="given", shown_as=shown_as)


@requires("own.consent")
async def accept(who: Principal, directory: Directory, purpose: str, digest: str, key: str) -> Entry:
    """Accept a text of the company's for its partners as the version that one was shown: its SHA-256 is what the consent is for alone.

    Raises UnknownError for what is no such text, or who is no advocate; ConflictError (``text_changed``) where it is another one by
    now, and (``too_many_consents``) where one has said all that is kept of one person.
    """
    ws = who.workspace
    async with directory.reading() as conn:
        current = await partners.versions(conn, ws.id)
        advocates = await pages.advocates(conn, ws.id, person=who.actor.id, after="", limit=1)
    if not advocates or not current.get(purpose):
        raise UnknownError("text")
    if digest not in current[purpose].values():
        raise ConflictError("text_changed", "The text has changed since: read it again.")
    entry = await _said(who, directory, key, purpose=purpose, channel=digest, outcome="given")
    if any(it.refused for it in entry.verdicts):
        raise ConflictError("too_many_consents", "No more consents of this person are kept.")
    return entry


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
