"""A history for a workspace that was just created: ``HOME WORKSPACE traffic|console ENTRIES`` or ``… payable|payees|banked REWARDS``.

The product's own deciding makes it, its rows are copied into the tables, ``goodword verify`` accepts it. It begins in the past:
the founding of the workspace is moved back to its first instant. What follows the log has followed it, but only in ``console``
friends have names and mails to be found by. A process of its own, for the memory that it takes.
"""

import argparse
import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import msgspec
from history import Buyer, History, Made, amount, group, member
from msgspec.structs import replace
from works.traffic import ENROLLED, RULES

from goodword.app.follow.registry import REGISTRY
from goodword.core import events, lists, payouts, reviews
from goodword.core.events import MemberSet
from goodword.core.facts import Actor
from goodword.core.merkle import Frontier
from goodword.core.state import NOUNS, Payee, Payout, Referral, Reward
from goodword.sources import naming
from goodword.sources.identity import code_key
from goodword.store import entities, figures, followers, log, payees, people, rules, search, vault, workspaces
from goodword.store.embedded import Embedded
from goodword.store.embedded_place import find_place
from goodword.store.vault import MasterKey, Vault
from goodword.store.workspaces import Workspace

_DAY = 86_400_000_000
_YEAR = 365 * _DAY
_OF_A_GROUP = 10  # entries: five from outside, the timers of four rewards, and of two referrals that last for 90 days
_BLOCK = 1_000  # groups that are named at once
_CHUNK = 20_000  # entries that are copied at once
_LIST = 1_000  # rewards on a list to approve
_EACH = 20  # rewards of one advocate that are to be paid
_EACH_OF_MANY = 5  # likewise where there are many to pay

#: Who enters payment details: the company's system, since a member who did could not approve what goes there.
_SERVER = Actor(id="sk:key_server", kind="key")
#: Who hands payouts over.
_WORKER = Actor(id="worker", kind="system")

_WORKS = Path(__file__).with_name("works")
_NAMESAKES = 200  # friends of one name, in any history: more than a page shows
#: First names and family names: whoever is looked for by the beginning of one is one of many.
_NAMES, _FAMILIES = (line.split() for line in (_WORKS / "names.txt").read_text().splitlines())


class Filler:
    """What goes into the database. ``history`` is what it all follows from."""

    def __init__(self, conn: asyncpg.Connection, secrets: Vault, ws: Workspace) -> None:
        self.history = History()
        self.conn = conn
        self.secrets = secrets
        self.ws = ws
        self._rows: list[Made] = []
        self._end = log.End(log.Stream(0, 0, None, Frontier(), "real"), [])

    async def ids(self, kind: str, texts: Sequence[str]) -> list[str]:
        """Return ids that stand for these names from now on."""
        names = {(kind, (code_key(text) or "") if kind == "code" else text): (text, None) for text in texts}
        found, _ = await people.resolve(self.conn, self.ws.id, self.ws.keys, self.secrets, names)
        return [found[name] for name in names]

    async def take(self, made: Iterable[Made]) -> None:
        """Take entries; they are copied a chunk at a time."""
        for one in made:
            self._rows.append(one)
            if len(self._rows) >= _CHUNK:
                await self._flush()

    async def _flush(self) -> None:
        rows, self._rows = self._rows, []
        entries, leaves = [entry for entry, _ in rows], [leaf for _, leaf in rows]
        before, loose = self._end
        self._end = await log.append(self.conn, self.ws.id, before, entries, leaves, None, loose)
        await self.conn.copy_records_to_table("event", records=list(self._inbox(rows)))

    def _inbox(self, rows: list[Made]) -> Iterator[tuple[object, ...]]:
        """Yield the rows of what came from outside."""
        for entry, _ in rows:
            event = entry.event
            if event.source == "native":
                content = vault.content_digest(self.ws.keys.content, msgspec.json.encode(event))
                type_ = str(event.__struct_config__.tag)
                yield (self.ws.id, event.source, event.evt, event.evt, type_, content)

    async def end(self) -> None:
        """Write every entity, the figures of the days, and the rest of the log, whose end tells when the next timer is due; signed."""
        for noun in NOUNS:
            found = list(self.history.state.all(noun))
            for at in range(0, len(found), _CHUNK):
                await entities.save(self.conn, self.ws.id, noun, [], found[at : at + _CHUNK])
        await figures.add(self.conn, self.ws.id, self.history.rollup)
        for follower in REGISTRY:
            await followers.wait(self.conn, self.ws.id, follower)
            await followers.move(self.conn, self.ws.id, follower, self.history.position)
        await rules.save(self.conn, self.ws.id, self.history.versions)
        await self._flush()
        await log.sign(self.conn, self.ws.id, self.ws.keys.signing)


async def traffic(fill: Filler, owner: MemberSet, entries: int, document: str = RULES) -> None:
    """Make a year of about so many entries, up to now."""
    begin = time.time_ns() // 1_000 - _YEAR
    codes = await _begin(fill, owner, document.encode(), ENROLLED, begin)
    history, every = fill.history, entries // _OF_A_GROUP
    step = _YEAR // (5 * every)
    for first in range(0, every, _BLOCK):
        count = min(_BLOCK, every - first)
        texts = [f"h{n}-{each}" for n in range(first, first + count) for each in range(3)]
        persons, invoices = await fill.ids("person", texts), await fill.ids("invoice", texts)
        threes = [slice(at, at + 3) for at in range(0, len(texts), 3)]
        groups = [group(first + n, persons[at], invoices[at], codes) for n, at in enumerate(threes)]
        await fill.take(history.decide(history.traffic(groups, begin + first * 5 * step, step)))


async def lived(fill: Filler, owner: MemberSet, entries: int) -> None:
    """Make such a year; the older half of its rewards is approved, and its friends have names and mails to be found by."""
    await traffic(fill, owner, entries, (_WORKS / "console.yaml").read_text())
    history = fill.history
    destinations = await _payees(fill, ENROLLED, history.as_of)
    waiting = _in_review(history)
    older = _approvals(waiting[: len(waiting) // 2], destinations, history, history.as_of)
    await fill.take(history.decide(older, member(owner)))
    friends = [(referral.friend, referral.lead) for referral in history.state.all(Referral)]
    for first in range(0, len(friends), _BLOCK):
        await _named(fill, first, friends[first : first + _BLOCK])


def _called(n: int) -> tuple[str, str]:
    """Return the name of a friend. The first of any history share one, so that a page of those of two names is full at every size."""
    if n < _NAMESAKES:
        return _NAMES[0], _FAMILIES[1]
    return _NAMES[n % len(_NAMES)], _FAMILIES[n // len(_NAMES) % len(_FAMILIES)]


async def _named(fill: Filler, first: int, friends: Sequence[tuple[str, str]]) -> None:
    """Say of friends (person, event) what they are called, and let them be found by it."""
    said, keys, words = [], [], []
    for n, (person, evt) in enumerate(friends, first):
        name, family = _called(n)
        mail = f"{name}.{family}{n}@example.com".lower()
        said.append((person, evt, {"customer_name": f"{name} {family}", "customer_email": mail}))
        keys.append(("mail", mail, person, True, None))
        texts = naming.words(f"{name} {family}"), naming.words_of_mail(mail)
        words += [(part, person) for text in texts for part in naming.kept(text)]
    await people.add_personal(fill.conn, fill.ws.id, fill.secrets, said)
    await people.add_match_keys(fill.conn, fill.ws.id, fill.ws.keys, keys)
    await search.add(fill.conn, fill.ws, words)


async def payable(fill: Filler, owner: MemberSet, rewards: int, each: int = _EACH) -> None:
    """Make so many rewards that are approved and due, twenty an advocate, for the bank file."""
    begin = time.time_ns() // 1_000 - 150 * _DAY
    history, actor = fill.history, member(owner)
    advocates = rewards // each
    codes = await _begin(fill, owner, (_WORKS / "payable.yaml").read_bytes(), advocates, begin)
    step = 20 * _DAY // (2 * rewards)
    for first in range(0, rewards, _BLOCK):
        texts = [f"h{n}" for n in range(first, min(rewards, first + _BLOCK))]
        persons, invoices = await fill.ids("person", texts), await fill.ids("invoice", texts)
        groups = [
            [Buyer(person, invoice, amount(first + n), codes[(first + n) % advocates])]
            for n, (person, invoice) in enumerate(zip(persons, invoices, strict=True))
        ]
        await fill.take(history.decide(history.traffic(groups, begin + 2 * first * step, step)))
    at = begin + 25 * _DAY
    destinations = await _payees(fill, advocates, at)
    await fill.take(history.decide(_approvals(_in_review(history), destinations, history, at), actor))
    approved = sum(reward.status == "approved" for reward in history.state.all(Reward))
    if approved != rewards:
        raise RuntimeError(f"{approved} rewards are approved, not {rewards}")


async def banked(fill: Filler, owner: MemberSet, rewards: int) -> None:
    """Make so many payouts, of one reward and payee each, that were released and wait for the bank's word."""
    await payable(fill, owner, rewards, 1)
    history, actor = fill.history, member(owner)
    at, persons = history.as_of + 100 * _DAY, [payee.person for payee in history.state.all(Payee)]
    for first in range(0, len(persons), _LIST):
        some = tuple(persons[first : first + _LIST])
        drafted = events.PayoutDrafted(
            **history.stamp(at), rail="bank_file", kinds=("cash",), unit="EUR", beneficiaries=some
        )
        await fill.take(history.decide([drafted], actor))
    waiting = list(history.state.all(Payout))
    for first in range(0, len(waiting), _LIST):
        items = tuple(map(payouts.item_of, waiting[first : first + _LIST]))
        released = events.PayoutReleased(**history.stamp(at), items=items, list_sha256=lists.digest(items))
        await fill.take(history.decide([released], actor))
    handed = (events.PayoutAnswered(**history.stamp(at), payout=it.id, outcome="processing") for it in waiting)
    await fill.take(history.decide(handed, _WORKER))
    if any(payout.status != "processing" for payout in history.state.all(Payout)) or len(waiting) != rewards:
        raise RuntimeError(f"not all of {len(waiting)} payouts wait for the bank")


async def _payees(fill: Filler, advocates: int, at: int) -> dict[str, str]:
    """Enter where the advocates are paid, at an instant; returns the digests by person."""
    history, destinations = fill.history, dict[str, str]()
    for n, person in enumerate(await fill.ids("person", [f"a{n}" for n in range(advocates)])):
        name, family = _called(n)
        details = {"name": f"{name.title()} {family.title()}", "iban": _iban(n), "street": f"{family.title()}straße"}
        details |= {"number": str(1 + n % 90), "postcode": f"{10_000 + n % 80_000}", "town": "Köln", "country": "DE"}
        destinations[person] = payees.digest(fill.ws, person, "bank_file", details)
        await payees.save(fill.conn, fill.ws, fill.secrets, person, "bank_file", details)
    entered = (
        events.PayeeSet(**history.stamp(at), person=person, rail="bank_file", destination=destination)
        for person, destination in destinations.items()
    )
    await fill.take(history.decide(entered, _SERVER))
    return destinations


def _iban(n: int) -> str:
    """Return an account of a bank in Germany."""
    account = f"37040044{n:010}"
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def _in_review(history: History) -> list[Reward]:
    return [reward for reward in history.state.all(Reward) if reward.status == "in_review"]


def _approvals(
    waiting: Sequence[Reward], destinations: Mapping[str, str], history: History, at: int
) -> Iterator[events.ApprovalGiven]:
    for first in range(0, len(waiting), _LIST):
        items = tuple(
            replace(reviews.item_of(reward, None), destination=destinations.get(reward.beneficiary))
            for reward in waiting[first : first + _LIST]
        )
        yield events.ApprovalGiven(**history.stamp(at), items=items, list_sha256=lists.digest(items))


async def _begin(fill: Filler, owner: MemberSet, document: bytes, advocates: int, at: int) -> list[str]:
    """Found the workspace at that instant; returns the codes of its advocates."""
    persons = await fill.ids("person", [f"a{n}" for n in range(advocates)])
    codes = await fill.ids("code", [f"code{n}" for n in range(advocates)])
    await fill.take(fill.history.begin(owner, document, list(zip(persons, codes, strict=True)), at))
    return codes


_WHAT: dict[str, Callable[[Filler, MemberSet, int], Awaitable[None]]] = {
    "traffic": traffic,
    "console": lived,
    "payable": payable,
    "payees": partial(payable, each=_EACH_OF_MANY),
    "banked": banked,
}


@asynccontextmanager
async def emptied(conn: asyncpg.Connection, ws: str) -> AsyncIterator[MemberSet]:
    """Yield how the workspace was founded, and undo it: a new log begins. All in one transaction, under the lock."""
    async with conn.transaction():
        await log.lock(conn, ws, wait=True)
        entries = await log.read(conn, ws, 1, 2)
        if len(entries) != 1 or not isinstance(entries[0].event, MemberSet):
            raise RuntimeError("a history can be made in a new workspace only")
        for table in ("log", "log_head", "member", "event", "figure"):
            await conn.execute(f"delete from {table} where workspace_id = $1", ws)
        yield entries[0].event


async def main() -> None:
    """Do as told and print how long it took and how many entries there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("workspace")
    parser.add_argument("what", choices=list(_WHAT))
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    gc.disable()  # all that is made stays
    begun = time.perf_counter()
    conn = await asyncpg.connect(Embedded(find_place(given.home)).dsn)
    secrets = Vault(MasterKey.load(given.home, await workspaces.masters(conn)))
    ws = await workspaces.find(conn, secrets, given.workspace)
    if ws is None:
        raise LookupError(given.workspace)
    async with emptied(conn, ws.id) as owner:
        fill = Filler(conn, secrets, ws)
        await _WHAT[given.what](fill, owner, given.count)
        await fill.take(fill.history.wait(time.time_ns() // 1_000))
        await fill.end()
    await conn.execute("vacuum analyze")
    await conn.close()
    print(json.dumps({"entries": fill.history.position, "seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    asyncio.run(main())
