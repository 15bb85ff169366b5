"""Generated histories, and how they are told to a real database: in batches of all sizes, through the whole write path.

The moves are those of the core's own generator and some that only the loading of facts is interested in: links that are followed,
pages that say leads, codes that are named before anybody has them, keys by which people are recognised, very many clicks.
"""

from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec
from msgspec.structs import replace
from testkit.world import Key, World, advocate, friend, rules
from tests.core.test_properties import ADVOCATES, FRIENDS, MEMBERS, MOVES, late, pick, program_of, start, wait

from goodword.app.write.commands import command
from goodword.app.write.process import drain
from goodword.core import calendar, events
from goodword.store import inbox, people, redirects
from goodword.store.sql_files import statements
from goodword.store.vault import row_identity, seal

MANY = 101
#: A program whose referrals lapse, and of which both sides are told apart by nothing but money.
SHORT = rules(
    program="short",
    hold="0d",
    attribution={"window": "60d"},
    conversion={"window": "10d"},
    rewards=[advocate(percent="10"), friend(flat={"EUR": 300})],
)


def follow_and_come(world: World, a: int, b: int, c: int) -> None:
    """A link is followed; whoever followed it comes later, with the click's id and no visitor."""
    click = world.follow(pick(("ANN", "AMY", "ABE", "SOON0"), a))
    if c % 3:
        wait(world, 1 + c % 2, 0, 0)
    person = pick((*FRIENDS, f"new{len(world.log)}", f"new{len(world.log)}"), b)
    if c % 2:
        world.lead(person, click=click)
    else:
        world.buy(person, 20_000, invoice=f"f{len(world.log)}", click=click)


def page(world: World, a: int, b: int, c: int) -> None:
    """A page names who somebody is, with a click of an earlier visit; a server confirms it by the visitor alone."""
    number = len(world.log)
    person, visitor = pick((*FRIENDS, f"new{number}", f"new{number}"), a), f"v{b % 3}" if c % 4 else f"w{number}"
    click = world.follow(pick(("ANN", "AMY", "ABE"), b))
    world.lead(person, visitor=visitor, click=click, unverified=True)
    if c % 2:
        wait(world, 2, 0, 0)
    if a % 2:
        world.lead(person, visitor=visitor)
    else:
        world.buy(person, 20_000, invoice=f"p{number}", visitor=visitor)


def name_in_vain(world: World, a: int, b: int, c: int) -> None:
    """Somebody names a code that nobody has yet, perhaps with a visitor's clicks or after a purchase."""
    person = pick((*FRIENDS, f"new{len(world.log)}"), a)
    if c % 3 == 0:
        world.buy(person, 20_000, invoice=f"b{len(world.log)}")
    touch = pick(({}, {"visitor": "v0"}, {"visitor": "v2"}), b)
    world.lead(person, late(world, c), code=f"SOON{b % 3}", **touch)


def enrol_at_last(world: World, a: int, b: int, c: int) -> None:
    """Somebody, perhaps one of those who named it, gets that code."""
    program = world.program(pick(("short", "short", "main", "other"), c))
    world.enrol(pick((*ADVOCATES, *FRIENDS, "zoe"), a), f"SOON{b % 3}", program=program)


def recognise(world: World, a: int, b: int, c: int) -> None:
    """Several people share a mail or a phone, as a server says or once only a page."""
    kind, text = pick(("mail", "phone"), c), f"{c % 5}"
    persons = pick((*FRIENDS, "zoe"), a), pick((*FRIENDS, "zoe"), c), pick(ADVOCATES, b)
    world.recognise(*((kind, text, person, c != 4) for person in persons))


def click_a_lot(world: World, a: int, b: int, c: int) -> None:
    """One visitor comes back more often than a decision quotes, and is known in the end."""
    visitor = f"v{b % 3}"
    for number in range(MANY + c):
        when = world.now - (MANY - number) * calendar.HOUR // 60
        world.click(pick(("ANN", "AMY", "ABE", "NONE"), a + number // 40), visitor, when)
    world.lead(pick((*FRIENDS, f"new{len(world.log)}"), a), visitor=visitor)


def click_at_once(world: World, a: int, b: int, c: int) -> None:
    """Two visitors click at one time, in turn, and turn out to be one person."""
    visitors = ("v0", "v1", "v2", "v0")[b % 3 : b % 3 + 2]
    for visitor in (*visitors, *visitors):
        world.click(pick(("ANN", "AMY", "ABE"), a + len(world.log)), visitor)
    person = pick((*FRIENDS, f"new{len(world.log)}"), c)
    for visitor in visitors:
        world.lead(person, visitor=visitor)


def short(world: World, a: int, b: int, c: int) -> None:
    """A referral of the program whose referrals lapse, bought for in time or not."""
    person = f"new{len(world.log)}"
    world.lead(person, code="SHORT")
    wait(world, pick((0, 2, 3), a), 0, 0)
    world.buy(person, 20_000, invoice=f"s{len(world.log)}", program=program_of(world, b) if c % 2 else None)


MORE = (
    follow_and_come, follow_and_come, page, page, name_in_vain, name_in_vain, name_in_vain, name_in_vain, enrol_at_last,
    enrol_at_last, enrol_at_last, enrol_at_last, recognise, recognise, click_a_lot, click_at_once, short,
)  # fmt: skip


def story(seed: int, moves: int = 60) -> World:
    """A history of so many moves; the same every time."""
    random = Random(seed)  # noqa: S311
    world = start()
    world.checked = False  # the core's own tests do; here it would take most of the time
    world.publish(SHORT)
    world.enrol("zoe", "SHORT", program=world.program("short"))
    for _ in range(moves):
        random.choice((*MOVES, *MORE))(world, *(random.randrange(12) for _ in range(3)))
    return world


async def tell(house: Any, world: World, random: Random) -> list[tuple[int, Key]]:
    """Bring a history to the database: outside events in batches, commands one by one, timers by themselves.

    Gives the keys of persons, each with the length that the log had when it was known.
    """
    waiting: list[Any] = []
    members: dict[str, Any] = {}
    known: list[tuple[int, Key]] = []
    often = random.choice((0.2, 0.8, 0.97))
    for number, (event, facts, _) in enumerate(world.log):
        new = [key for at, key in world.keys if at == number]
        if new:
            told = house.event(events.CustomerKnown, person="nobody", since=0)  # verify asks which event brought a key
            await _decide(house, [*waiting, told])
            waiting.clear()
            async with house.pool.acquire() as conn:
                await people.add_match_keys(conn, house.ws, house.workspace.keys, [(*key, told.evt) for key in new])
            known += [(await house.position(), key) for key in new]
        if isinstance(event, events.TimerDue | events.MemberSet | events.MemberProved | events.ChangeDecided):
            continue  # members are set below, as each of the world's actors appears
        if isinstance(event, events.KeyMade | events.KeyEnded | events.FormMade | events.FormEnded):
            continue  # the key itself is kept beside its command, and touches nothing else: verify would miss it
        if isinstance(event, events.TouchesRecorded):
            await _redirect(house, event, world.blocks.get(event.block, ()))
            continue
        if type(event).PERMISSION is None:
            waiting.append(event)
            if random.random() < (0.97 if isinstance(event, events.ClickRecorded) else often):
                continue
        await _decide_until(house, event.accepted_at, waiting)
        if type(event).PERMISSION is not None:
            if members.get(facts.actor.id) != facts.actor and facts.actor.kind == "member":
                members[facts.actor.id] = facts.actor
                await house.join(facts.actor)
            if type(event) is events.CaseAssigned and event.member is not None and event.member not in members:
                members[event.member] = next(member for member in MEMBERS if member.id == event.member)
                await house.join(members[event.member])
            if note := events.note_of(event):
                await _type(house, note)
            await command(house.engine, house.ws, lambda _, event=event: event, facts.actor)
    await _decide_until(house, world.now, waiting)
    return known


async def _decide_until(house: Any, now: int, waiting: list[Any]) -> None:
    """Decide what waits and what is due by then: an event of nobody brings the clock there."""
    house.at = now
    await _decide(house, [*waiting, house.event(events.CustomerKnown, person="nobody", since=0)])
    waiting.clear()


async def _decide(house: Any, waiting: list[Any]) -> None:
    await house.accept(*waiting)
    waiting.clear()
    await drain(house.engine, house.ws)


async def _type(house: Any, note: str) -> None:
    """Keep a text under the digest that a command of the generator names, as who types it does: verify would miss it."""
    sealed = seal(house.workspace.keys.note, b"typed", row_identity("note", house.ws, note))
    await house.pool.execute(statements("note")["add"], house.ws, note, sealed)


async def _redirect(house: Any, event: events.TouchesRecorded, touches: Any) -> None:
    """Store a block of clicks as the edge does: with its digest, and the event that waits in the inbox."""
    if not touches:
        return  # the core's generator only says that there was one
    digest = redirects.block_digest(touches)
    event = replace(event, digest=digest.hex())
    row = inbox.Row(event.source, event.block, event.evt, "touches.recorded", b"", msgspec.json.encode(event))
    async with house.pool.acquire() as conn:
        await redirects.add_block(conn, house.ws, datetime.now(UTC), touches, digest, row)
