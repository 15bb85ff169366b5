"""The company's own system that books rewards: which it is, and by which secret it knows us. Who said so is on the record."""

from __future__ import annotations

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked
from goodword.outbound.addresses import AddressError, checked_url, new_secret
from goodword.outbound.rails import OWN_SYSTEM
from goodword.outbound.rails.own import SYSTEMS
from goodword.store import jobs, own_system
from goodword.store.own_system import OwnSystem
from goodword.store.uuid7 import new_id
from goodword.store.webhooks import Secret, exchanged

#: States of a payout of which nobody knows what became: another system would not know it, and book it again.
_UNDER_WAY = ("processing", "unknown")


@requires("rail.manage")
async def connect(
    who: Principal,
    directory: Directory,
    kind: str,
    *,
    address: str = "",
    key: str = "",
    same_system: bool = False,
) -> str | None:
    """Have payouts over the rail booked by this system from now on; return the secret that signs requests, shown once, if it is new.

    ``address``: where it is, or its host; ``key``: by which it is asked, of a kind that gets no signed requests. ``same_system``: it
    knows what was sent to the one of before, of which it is an other address or key. Raises InvalidError, and ConflictError while
    payouts are on their way of which another system would know nothing.
    """
    filters.choice("kind", kind, SYSTEMS)
    ws, now = who.workspace, directory.now()
    address = _address(who, directory, kind, address)
    secrets, made = _held(who, kind, key), (who.actor.id, now)
    shown: list[str] = []

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        shown.clear()
        before, waiting = await own_system.find(conn, ws), await own_system.waiting(conn, ws.id)
        busy = sum(status in _UNDER_WAY for status in waiting.values())
        other = before is not None and before.kind != kind  # which cannot be the one that was told
        if busy and (other or not same_system):
            raise ConflictError(
                "payouts_under_way",
                f"Of {busy} payouts over {OWN_SYSTEM} nobody knows what became: wait until the system of before has answered, say "
                "of each what became of it, or say that this is the same system, which knows them.",
            )
        if secrets:
            held = secrets
        elif before is not None and before.kind == kind:
            held = [*before.secrets]
        else:
            held = [Secret(new_secret())]
            shown.append(held[0].text)
        await own_system.set_(conn, ws, OwnSystem(kind, address, held, *made))
        for payout in waiting:
            for job in ("payout.send", "payout.ask"):
                await jobs.again(conn, ws.id, job, payout, now)

    await say(who, directory, lambda s: RecordLooked(**s, subject=OWN_SYSTEM, what="endpoint_set"), None, also=also)
    return shown[0] if shown else None


@requires("rail.manage")
async def exchange(who: Principal, directory: Directory, once: str | None = None) -> str:
    """Make a new secret and return it, shown once. For a day requests are signed with those of before too.

    ``once``: a repeat raises ConflictError, for nobody has the secret any more. Raises UnknownError where none signs.
    """
    ws, now, secret = who.workspace, directory.now(), new_secret()

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        before = await own_system.find(conn, ws)
        if before is None or SYSTEMS[before.kind].key is not None:
            raise UnknownError("system of your own that gets signed requests")
        await own_system.exchange(conn, ws, exchanged(before.secrets, secret, now))

    event = RecordLooked
    await say(
        who, directory, lambda s: event(**s, subject=OWN_SYSTEM, what="endpoint_set"), once or new_id("msg"), also=also
    )
    async with directory.reading() as conn:
        kept = await own_system.find(conn, ws)
    if kept is None or secret not in [it.text for it in kept.secrets]:
        raise ConflictError("shown_once", "Its secret was shown when this was said first: exchange it once more.")
    return secret


@requires("rail.manage")
async def end(who: Principal, directory: Directory) -> None:
    """Have nothing booked any more: what is released waits. Raises UnknownError, and ConflictError while payouts are on their way."""

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        if busy := sum(it in _UNDER_WAY for it in (await own_system.waiting(conn, who.workspace.id)).values()):
            raise ConflictError(
                "payouts_under_way",
                f"Of {busy} payouts over {OWN_SYSTEM} nobody knows what became: wait until it has answered, or say "
                "of each what became of it.",
            )
        if not await own_system.end(conn, who.workspace.id):
            raise UnknownError("system of your own")

    await say(who, directory, lambda s: RecordLooked(**s, subject=OWN_SYSTEM, what="endpoint_ended"), None, also=also)


def _address(who: Principal, directory: Directory, kind: str, address: str) -> str:
    how = SYSTEMS[kind]
    if how.key is None:
        try:
            return checked_url(address, live=who.workspace.mode == "live", loopback=directory.loopback)
        except AddressError as error:
            raise InvalidError(str(error), "address") from None
    if how.site is None:
        if address:
            raise InvalidError(f"{kind} is at one address for all: leave it out.", "address")
    elif not how.site.fullmatch(address):
        raise InvalidError("Expected the host of your own, such as acme.myshopify.com.", "address")
    return address


def _held(who: Principal, kind: str, key: str) -> list[Secret]:
    how = SYSTEMS[kind]
    if how.key is None:
        if key:
            raise InvalidError("It gets requests that a secret of ours signs: leave the key out.", "key")
        return []
    if not how.key.fullmatch(key):
        raise InvalidError("That is no key of that system: copy it whole.", "key")
    mode = who.workspace.mode
    if how.live is not None and how.live(key) is not (mode == "live"):
        raise InvalidError(
            f"A {mode} workspace takes no key that books {'for trial' if mode == 'live' else 'in earnest'}.", "key"
        )
    return [Secret(key)]
