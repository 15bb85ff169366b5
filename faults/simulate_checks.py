"""After the faults: everything in trouble comes to its end, then what the database holds is held against what the world saw.

The provider's book, the clients' notes of what was acknowledged, the core's invariants, and the product's own verification.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from faults.simulate_moves import answered, every, trade
from faults.simulate_rail import NAME, Entry
from faults.simulate_time import SECOND
from faults.simulate_world import World
from testkit import domain, explained

from goodword.app.proof import audit
from goodword.app.see.payouts import bank_file
from goodword.app.write import process
from goodword.core import contested
from goodword.core.decide import decide
from goodword.core.draft import Draft
from goodword.core.entry import read
from goodword.core.events import PayoutAnswered
from goodword.core.evolve import evolve
from goodword.core.money import CURRENCIES
from goodword.core.rules import RuleVersion
from goodword.core.state import Balance, Payout, Reward, State

_ROUNDS = 60
_UNDER_WAY = ("released", "processing", "unknown")
_GONE = ("failed", "canceled")
_UNREADABLE = "cannot be read"
_NEXT_JOB = "select min(greatest(due_at, leased_until)) from job where workspace_id = $1 and done_at is null"


async def settle(world: World) -> None:
    """No more faults: what stands aside is decided, what waits is done, and people see to what only they can."""
    for server in world.servers:
        server.strikes.disarm()
    world.clock.drag = 1
    world.provider.manners.clear()
    ws, pool = world.workspace.id, world.ground.pools[0]
    await trade(world)
    await world.drain()
    aside = [row for row in await process.quarantined(pool, ws) if row.waits_for == row.evt]
    for row in aside:
        await process.retry_quarantine(world.servers[0].engine, ws, row.evt)
    for _ in range(_ROUNDS):
        await world.drain()
        await world.work()
        due = await world.ground.owner.fetchval(_NEXT_JOB, ws)
        if due is None:
            break
        world.clock.passes(max(SECOND, due - world.clock.wall))
        await _look_after(world)
    else:
        world.expect(False, "jobs do not come to an end")
    for server in world.servers:
        await server.drain()
    await world.servers[0].worker.sign_heads()


async def _look_after(world: World) -> None:
    """A person asks the provider by telephone about payouts that it said it never heard of, and enters what is so."""
    rows = await world.ground.owner.fetch(
        "select subject from job where workspace_id = $1 and done_at is null and error like 'UnheardError%'",
        world.workspace.id,
    )
    unheard = {row["subject"] for row in rows}
    for payout in await every(world, Payout, "unknown"):
        if payout.id in unheard:
            said = world.provider.known(payout.id) or world.provider.says(payout.id, "failed")
            outcome = "completed" if said.outcome == "returned" else said.outcome
            await answered(world, payout.id, outcome)
            if said.outcome == "returned":
                await answered(world, payout.id, "returned")


async def check(world: World) -> list[str]:
    """Return everything that is not as it must be."""
    state = await world.insist(world.house.state)
    found = [*world.wrong, *await _acknowledged(world), *_book(world, state), *await _bank_file(world, state)]
    found += [*await world.house.broken(), *await _canonical(world)]
    found += await _told(world)
    report = await audit.verify(world.ground.pools[0], world.workspace.id)
    strange = [one for one in report.differences if one.noun == "undecided" and _UNREADABLE in one.what]
    if len(strange) != world.unreadable:
        found.append(f"verify names {len(strange)} rows that cannot be read, and there are {world.unreadable}")
    said = (f"verify: {one.noun} {one.key}: {one.what}" for one in report.differences if one not in strange)
    return [*found, *said]


async def _told(world: World) -> list[str]:
    """Return what the log says otherwise of money than its postings do, or was sent although it was contested.

    In each entry what the verdicts say that a reward changed by is what was posted of it, and each names its beneficiary; and what
    begins to be sent is stopped by no case or claim. The whole log is decided anew for it, from its first entry.
    """
    ws, found = world.workspace.id, list[str]()
    state, versions = State(complete=True), dict[str, RuleVersion]()
    rows = await world.ground.owner.fetch("select leaf from log where workspace_id = $1 order by position", ws)
    for row in rows:
        old = read(row["leaf"])
        kind = str(type(old.event).__struct_config__.tag)
        world.reached[kind] += 1
        decision = decide(state, old.event, old.facts, versions, old.as_of, old.semantics)
        versions |= {version.hash: version for version in decision.rules}
        evolve(state, decision)
        draft = Draft(state, versions, old.event.evt, old.as_of, old.semantics)
        going = isinstance(old.event, PayoutAnswered) and old.event.outcome == "processing"
        for payout in decision.puts.values() if going else ():
            for part in payout.parts if isinstance(payout, Payout) and payout.status == "processing" else ():
                stopped = contested.by(draft, draft.need(Reward, part.reward))
                if stopped is not None:
                    found.append(f"entry {old.position} sends {part.reward}, which {stopped} stops")
        said, posted = explained.told(old.verdicts, state), explained.posted(old.postings, state)
        if said != posted:
            found.append(f"entry {old.position} ({kind}) says {said} and posts {posted}")
    sums: Counter[tuple[str, str]] = Counter()
    for balance in state.all(Balance):
        sums[balance.program, balance.unit] += balance.amount
    return found + [f"{program} sums to {amount} {unit}" for (program, unit), amount in sums.items() if amount]


async def _canonical(world: World) -> list[str]:
    """Every entry of the log is in the domain in which outsiders can recompute its bytes: no number beyond 2^53-1."""
    rows = await world.ground.owner.fetch("select position, leaf from log where workspace_id = $1", world.workspace.id)
    found = []
    for row in rows:
        try:
            domain.check(msgspec.json.decode(row["leaf"]))
        except ValueError as error:
            found.append(f"entry {row['position']} is not canonical: {error}")
    return found


async def _acknowledged(world: World) -> list[str]:
    """Every event that was acknowledged is decided once or stands in quarantine; every command that was answered is in the log."""
    owner, ws = world.ground.owner, world.workspace.id
    rows = await owner.fetch(
        """select e.id, u.waits_for, u.evt is not null as waiting, count(l.position) as entries
           from event e
           left join log l on l.workspace_id = e.workspace_id and l.evt = e.evt
           left join undecided u on u.workspace_id = e.workspace_id and u.evt = e.evt
           where e.workspace_id = $1 and e.source = 'native' group by e.id, u.waits_for, u.evt""",
        ws,
    )
    stored = {row["id"]: row for row in rows}
    found = [f"event {id_} was acknowledged and is lost" for id_ in world.acknowledged if id_ not in stored]
    for id_, row in stored.items():
        if row["waiting"] and row["waits_for"] is None:
            found.append(f"event {id_} is never decided")
        if row["entries"] != (0 if row["waiting"] else 1):
            found.append(f"event {id_} has {row['entries']} entries" + ", and waits" * row["waiting"])
    logged = {row["evt"] for row in await owner.fetch("select evt from log where workspace_id = $1", ws)}
    return found + [f"command {evt} was answered and is lost" for evt in world.decided if evt not in logged]


def _book(world: World, state: State) -> Iterator[str]:
    """The provider delivered each payout at most once, and the ledger says of each what the provider did."""
    sent: Counter[str] = Counter()
    for payout in state.all(Payout):
        if payout.rail != NAME:
            continue
        entry = world.provider.book.get(payout.id) or Entry(payout)
        kept = entry.delivered and not entry.returned
        if payout.status in _UNDER_WAY:
            yield f"{payout.id} is {payout.status} and nobody sees to it"
        if entry.delivered > 1:
            yield f"{payout.id} was delivered {entry.delivered} times"
        if (entry.amount, entry.unit) != (payout.amount, payout.unit):
            yield f"{payout.id} of {payout.amount} {payout.unit} was delivered as {entry.amount} {entry.unit}"
        if payout.status in ("sent", "completed") and payout.amount and not kept:
            yield f"{payout.id} is {payout.status} and the provider did not deliver it"
        if payout.status in _GONE and entry.delivered and not entry.lied:
            yield f"{payout.id} is {payout.status} and the provider delivered it"
        if payout.status == "returned" and kept:
            yield f"{payout.id} is returned and the provider did not take it back"
        if kept and (not entry.lied or payout.status == "completed"):  # unless two members found out that it arrived
            sent[payout.unit] += payout.amount
    known = {payout.id for payout in state.all(Payout)}
    yield from (f"{id_} was delivered and is no payout" for id_ in world.provider.book if id_ not in known)
    booked: Counter[str] = Counter()
    for balance in state.all(Balance):
        if balance.account in ("clearing", "settled") and balance.owner == NAME:
            booked[balance.unit] += balance.amount
    yield from (
        f"the ledger says that {booked[unit]} {unit} were sent, the provider {sent[unit]}"
        for unit in sorted({*sent, *booked})
        if sent[unit] != booked[unit]
    )


async def _bank_file(world: World, state: State) -> list[str]:
    """The bank file holds what is processing on its rail, to the last minor unit, and nothing that a spreadsheet would run."""
    text = (await bank_file(world.people[0], world.directory)).text
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text)))
    found = [f"the bank file would be run: {row}" for row in rows if row["name"].startswith("=")]
    for row in rows:
        payout = state.get(Payout, row["reference"])
        whole, _, part = row["amount"].partition(".")
        if payout is None or int(whole + part) != payout.amount or len(part) != CURRENCIES[row["currency"]]:
            found.append(f"the bank file says {row}, the payout is {payout}")
    return found
