"""What people and machines do in a simulated company when nothing is wrong: sell, refund, review, pay out, wait.

Each move takes the world and does a little of something, as its chance says. Must not know: faults.
"""

import contextlib
from collections.abc import Awaitable, Callable
from fractions import Fraction
from typing import Any

from faults.simulate_events import deal_registered, enrolment, lead, pick, sale, some_events
from faults.simulate_rail import NAME
from faults.simulate_time import DAY, HOUR, MINUTE
from faults.simulate_world import World
from testkit.house import SERVER

from goodword.app import say, see
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal
from goodword.app.say.agreements import Agreed
from goodword.app.say.deals import Answer
from goodword.app.say.said import Why
from goodword.app.see.paging import FrozenList
from goodword.core.entry import Entry
from goodword.core.state import Advocate, Case, Claim, Payee, Payout, Program, Referral, Registration, Reward

Move = Callable[[World], Awaitable[None]]

_TRIES = 8  # at a list of which something is refused


async def trade(world: World) -> None:
    """Events come in; now and then a worker looks."""
    await world.send(*some_events(world, world.random.randint(2, 8)))
    if world.random.random() < 0.6:
        await world.decide()


async def sell(world: World) -> None:
    """Friends come and buy: rewards come into being."""
    said = [enrolment(world)]
    for _ in range(world.random.randint(1, 3)):
        said += [lead(world), sale(world, world.friends[-1])]
    await world.tell(*said)


async def click(world: World) -> None:
    """Somebody follows a link, and signs up with what it left in the address."""
    name = pick(world, world.advocates, "a0")
    page = await world.click(f"CODE-{name}")
    _, found, mark = page.rpartition("gw_click=")
    if found:
        friend = {**lead(world), "click_id": mark.partition("#")[0]}
        del friend["code"]
        await world.send(friend, sale(world, world.friends[-1]))


# --- people ---


async def approve(world: World, who: Principal | None = None) -> None:
    """Approve what waits and has no open case: one of the people, or who is named. What stands in the way is left out."""
    waiting = [reward.id for reward in await every(world, Reward, "in_review") if not reward.cases]
    by = who or world.random.choice(world.people)
    for _ in range(_TRIES):
        if not waiting:
            return
        seen = await world.insist(lambda: see.rewards.to_approve(by, world.directory, waiting))  # noqa: B023
        for shown in seen.shown:
            if not shown.opened:
                await world.say(say.looking.reward, by, shown.id, 9)
        waiting = without(waiting, await world.say(say.approvals.approve, by, seen.items, seen.list_sha256))


def without(listed: list[str], entry: Entry) -> list[str]:
    """What is left of a list that was refused for some of it; nothing if it was taken, or nobody knows for which."""
    named = {step.values.get("item") for verdict in entry.verdicts if verdict.refused for step in verdict.steps}
    left = [id_ for id_ in listed if id_ not in named]
    return left if len(left) < len(listed) else []


async def to_approve(world: World, rewards: list[Reward]) -> FrozenList:
    """A list as it is now."""
    ids = [reward.id for reward in rewards]
    return await world.insist(lambda: see.rewards.to_approve(world.people[0], world.directory, ids))


async def undo(world: World) -> None:
    """Somebody rejects rewards, or takes an approval back."""
    status = world.random.choice(("in_review", "approved", "approved", "approved"))
    if found := await every(world, Reward, status):
        seen = await to_approve(world, [world.random.choice(found)])
        withdraws = status == "approved" and world.random.random() < 0.9  # few are approved and not on their way yet
        who = world.random.choice(world.people)
        if withdraws:
            await world.say(say.approvals.withdraw, who, seen.items, "looked", "a note")
        else:
            await world.say(say.rewards.reject, who, seen.items, Why("looked", "a note"))


async def judge(world: World) -> None:
    """Somebody closes cases."""
    for case in (await every(world, Case, "open"))[:5]:
        outcome = world.random.choice(("cleared", "cleared", "confirmed"))
        await world.say(say.cases.decide, world.random.choice(world.people), case.id, outcome, Why("looked"))


async def parts(world: World, claim: Claim, outcome: str) -> list[tuple[str, Fraction]]:
    """The parts of a split between who claims a friend and who has or had them; none of any other decision."""
    bound = [one for one in await every(world, Referral) if one.friend == claim.friend] if outcome == "split" else []
    if not bound:
        return []
    part = world.random.choice((Fraction(1, 2), Fraction(1, 3), Fraction(5, 7)))
    return [(world.random.choice(bound).shares[0].person, part), (claim.shares[0].person, 1 - part)]


async def claim(world: World) -> None:
    """Somebody says who brought a friend, or decides who did."""
    open_, who = await every(world, Claim, "open"), world.random.choice(world.people)
    if open_ and world.random.random() < 0.7:
        one = world.random.choice(open_)
        outcome = world.random.choice(("won", "lost", "split", "none", "withdrawn"))
        await world.say(
            say.claims.decide, who, one.id, outcome, "heard", "a note", shares=await parts(world, one, outcome)
        )
        return
    decided = [one for one in await every(world, Claim) if one.appeal_until is not None]
    if decided and world.random.random() < 0.3:
        await world.say(say.claims.appeal, who, world.random.choice(decided).id, "not so", None)
        return
    appealed = await every(world, Claim, "appealed")
    if appealed and world.random.random() < 0.5:
        one, outcome = world.random.choice(appealed), world.random.choice(("won", "lost", "split", "none"))
        shares = await parts(world, one, outcome)
        await world.say(say.claims.decide, who, one.id, outcome, "looked", None, shares=shares)
        return
    found = [one for one in await every(world, Reward) if one.side == "advocate" and one.friend]
    if len(found) < 2:
        return
    mine, other = world.random.sample(found, 2)
    both = [(mine.beneficiary, Fraction(1, 3)), (other.beneficiary, Fraction(2, 3))]
    shares = world.random.choice(([(other.beneficiary, Fraction(1))], both))
    if len(dict(shares)) == len(shares):
        given = mine.program, mine.friend, shares, world.now - HOUR, "mail", None
        await world.say(say.claims.enter, who, *given, world.random.choice(((), ("evt_said",))))


async def deals(world: World) -> None:
    """Somebody decides a deal that a partner registered, having seen what conflicts with it or not, writes on it, or takes it back."""
    known = await every(world, Registration)
    if not known:  # else few companies would ever have one to decide
        await world.send(deal_registered(world))
        await world.decide()
        known = await every(world, Registration)
    if not known:
        return
    who = world.random.choice([one for one in world.people if one.may("deal.decide") and one.may("deal.withdraw")])
    waits = [one for one in known if one.status == "submitted"]
    one = world.random.choice(waits or known)
    await world.say(say.deals.write, who, one.id, world.random.choice(("partner", "sales")), "a message")
    if world.random.random() < 0.5:
        seen = tuple(each.subject for each in one.conflicts) if world.random.random() < 0.8 else ()
        answer = Answer(outcome="accepted", conflicts=seen, days=world.random.choice((1, 30)))
        await world.say(say.deals.decide, who, one.id, answer, None)
    else:
        await world.say(say.deals.decide, who, one.id, Answer(outcome="declined", reason="no_fit"), "a note")
    if world.random.random() < 0.5:
        await world.say(say.deals.withdraw, who, world.random.choice(known).id, None)


async def matches(world: World) -> None:
    """A friend's colleague speaks with sales, now and then; somebody says of a deal that it came by a referral, or did not."""
    if world.random.random() < 0.5:
        name, firm = f"walk{world.number()}", f"firm{world.number()}.example"
        friend = {"customer_external_id": pick(world, world.friends[-4:], "f0"), "company": firm}
        deal = {
            "deal_id": name,
            "status": "open",
            "customer_external_id": name,
            "company": firm,
            "company_domain": firm,
        }
        told = {"type": "customer.updated", "id": f"e{world.number()}", **friend}
        await world.tell(told, {"type": "deal.reported", "id": f"e{world.number()}", **deal})
    who = world.random.choice([one for one in world.people if one.may("claim.enter") and one.may("deal.read")])
    found = await world.insist(lambda: see.matches.page(who, world.directory))
    whose = [one for one in found.items if one.person is not None]
    if not whose:
        return
    one = world.random.choice(whose)
    answer = say.matches.decline if world.random.random() < 0.6 else say.matches.confirm
    about = {"person": one.person} if one.deal is None else {"deal": one.deal.id}
    await world.say(answer, who, world.random.choice(one.matches).referral, **about)


async def agreements(world: World) -> None:
    """Terms are agreed on with a partner, from now on, or are over: not by who approves most, who could approve nothing of it."""
    who = next(one for one in reversed(world.people) if one.may("agreement.make"))
    partners = await every(world, Advocate)
    if not partners:
        return
    one = world.random.choice(partners)
    program = world.random.choice((None, one.program))
    if world.random.random() < 0.3:
        await world.say(say.agreements.end, who, one.person, program, None, None)
        return
    rate = world.random.choice(({"percent": "12.5"}, {"flat": {"EUR": 700}}, {}))
    accounts = world.random.choice(((), ("acme.example", "Acme")))
    await world.say(
        say.agreements.make, who, Agreed(advocate=one.person, program=program, accounts=accounts, **rate), None
    )


async def payees(world: World) -> None:
    """Everybody who is owed cash says where to pay, now and then elsewhere than before."""
    owed = {r.beneficiary for r in await every(world, Reward, "in_review") if r.kind == "cash"}
    settled = {payee.person for payee in await every(world, Payee)}
    for person in sorted(owed):
        if person not in settled or world.random.random() < 0.2:
            await pay_to(world, person, world.random.choice(("1", "1", "1", "2")))


async def pay_to(world: World, person: str, account: str) -> None:
    """Somebody's payment details."""
    rail = world.random.choice((NAME, NAME, NAME, "bank_file")) if account == "1" else NAME
    bank = {"account": account, "name": '=A1, "B"', "bank": "X"}
    details = bank if rail == "bank_file" else {"name": account}
    who = Principal("sk", world.workspace, SERVER) if world.random.random() < 0.9 else world.people[0]
    with contextlib.suppress(
        UnknownError
    ):  # whoever was erased earns on by the name of an account that was merged into theirs
        await world.say(say.payees.set_payee, who, person, rail, details)


async def draft(world: World) -> None:
    """Gather what is due to some."""
    who = world.random.choice(world.people)
    other = world.random.choice(
        ((NAME, "JPY"), (NAME, "BHD"), ("bank_file", "EUR"), ("store_credit", "EUR"), ("discount_code", "EUR"))
    )
    owed = sorted({r.beneficiary for r in await every(world, Reward, "approved") if r.payout is None})
    some = tuple(world.random.sample(owed, min(3, len(owed)))) or None
    for rail, unit in (other, (NAME, "EUR")):  # our own credit first: the provider takes it too
        await world.say(say.payouts.draft, who, rail, unit, some)


async def release(world: World, who: Principal | None = None) -> None:
    """Release a list of what waits as it is now: one of the people, or who is named. What stands in the way is left out."""
    waiting = [payout.id for payout in await every(world, Payout, "awaiting_release")]
    by = who or world.random.choice(world.people)
    for _ in range(_TRIES):
        if not waiting:
            return
        seen = await world.insist(lambda: see.payouts.to_release(by, world.directory, waiting))  # noqa: B023
        waiting = without(waiting, await world.say(say.payouts.release, by, seen.items, seen.list_sha256))


async def cancel(world: World) -> None:
    """Somebody takes a payout back, if it is not too late."""
    if found := await every(world, Payout, "awaiting_release", "released", "unknown"):
        one, who = world.random.choice(found), world.random.choice(world.people)
        await world.say(say.payouts.cancel, who, one.id, "mistake")


async def bank(world: World) -> None:
    """Somebody enters what the bank said of the file."""
    for payout in await every(world, Payout, "processing", "completed"):
        if payout.rail == "bank_file":
            outcome = world.random.choice(("completed", "completed", "failed", "returned"))
            await answered(world, payout.id, outcome)


async def answered(world: World, payout: str, outcome: str) -> Entry:
    """A person says what became of a payout: not the one who approves most, or what came back would stay in review."""
    return await world.say(say.payouts.answer, world.people[1], payout, outcome)


async def pay_out(world: World) -> None:
    """The whole way out for everything that can go."""
    await prepared(world)
    await world.work()


async def prepared(world: World) -> None:
    """Everything up to the release, so that a worker has payouts to send."""
    await sell(world)
    await world.wait(2 * DAY)
    await paid_out(world)


async def paid_out(world: World) -> None:
    """From the review to the release."""
    await payees(world)
    await approve(world, world.people[0])
    await world.wait(50 * DAY)
    await draft(world)
    await release(world, world.people[0])


async def work(world: World) -> None:
    """A worker does what is due."""
    await world.decide()
    await world.work()
    await world.insist(world.server.worker.sign_heads)


async def wait(world: World) -> None:
    """Time passes."""
    await world.wait(world.random.choice((MINUTE, HOUR, DAY, 20 * DAY)))


MOVES: tuple[Move, ...] = (
    trade, trade, sell, sell, click, approve, undo, judge, claim, deals, matches, agreements, payees, release, cancel, bank, work, wait,
    pay_out, pay_out,
)  # fmt: skip


# --- looking ---


async def every(world: World, noun: type[Any], *statuses: str) -> list[Any]:
    """All entities of a noun, or those of these statuses, in order of their keys."""
    found = sorted(await world.insist(lambda: world.house.every(noun)), key=lambda entity: entity.key)
    return [entity for entity in found if not statuses or entity.status in statuses]


async def programme(world: World, to: str) -> None:
    """Pause the program, or let it go on."""
    found = next(iter(await every(world, Program)))
    await world.say(say.programs.move, world.people[0], found.id, to)
