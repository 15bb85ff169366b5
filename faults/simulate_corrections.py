"""What people of a simulated company put right: what was decided wrongly, what is owed back, who is who, who may what.

Each move takes the world and does a little of something, as its chance says. Must not know: faults.
"""

import contextlib
import io
from collections.abc import Awaitable, Callable
from fractions import Fraction
from functools import partial
from typing import Any

import msgspec
from faults.simulate_events import (
    UNTIDY,
    amendment,
    cancellation,
    chargeback,
    draft_order,
    imported,
    lead,
    opening_balance,
    refund,
    refund_returned,
    sale,
    told_again,
)
from faults.simulate_moves import MOVES as ORDINARY
from faults.simulate_moves import (
    Move,
    approve,
    cancel,
    draft,
    every,
    paid_out,
    parts,
    pay_out,
    payees,
    sell,
    to_approve,
)
from faults.simulate_time import DAY, HOUR
from faults.simulate_world import World

from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.follow import feeds
from goodword.app.follow.messages import WORKER
from goodword.app.principal import Principal
from goodword.app.say.conversions import Figures
from goodword.app.say.corrections import Arrived, Corrected
from goodword.app.say.credit import Using
from goodword.app.say.payees import Answered
from goodword.app.say.pilots import Chosen, Decided
from goodword.app.say.programs import Wanted as Launched
from goodword.app.say.said import Why
from goodword.app.say.schedules import Days
from goodword.app.say.standing import Wanted
from goodword.app.say.stocks import Upload
from goodword.app.see.paging import FrozenList
from goodword.app.write.commands import command
from goodword.core.entry import Entry
from goodword.core.events import (
    MessageAnswered,
    MessageBounced,
    MessageComplained,
    MessageDue,
    MessagesChosen,
    MessageSettled,
    MessagesResumed,
    MessageUnsubscribed,
    PayeeAnswered,
)
from goodword.core.facts import Actor
from goodword.core.launching import MEASURES
from goodword.core.money import MAX_INTEGER
from goodword.core.sharing import CHANNELS
from goodword.core.state import (
    Advocate,
    Case,
    Change,
    Claim,
    Conversion,
    Customer,
    Letter,
    Lot,
    Payee,
    Payout,
    Program,
    Reward,
    Schedule,
    Standing,
)
from goodword.store import codes, sources

_WHY = Why("mistake", "looked again")

# --- events of untidy life ---

#: How columns of a bank's table are read.
_VAT = {
    "name": "Ann",
    "vat_id": "DE136695976",
    "country": "DE",
    "street": "Weg 1",
    "town": "Ulm",
    "signed": "2020-01-01",
}
_COLUMNS = (
    "{columns: {day: day, amount: amount, reference: reference}, currency: EUR, decimal: point, dates: YYYY-MM-DD,"
    " account: DE02120300000000202051}"
)


async def untidy(world: World) -> None:
    """Events that tell otherwise what was told before."""
    await world.send(*(world.random.choice(UNTIDY)(world) for _ in range(world.random.randint(2, 6))))
    if world.random.random() < 0.6:
        await world.decide()


async def order_retold(world: World) -> None:
    """One order is open, then paid with other figures, amended, given back in part and not after all."""
    open_ = draft_order(world) | {"customer_external_id": lead(world)["customer_external_id"]}
    name, unit = open_["invoice_id"], open_["currency"]
    paid = open_ | {"id": f"e{world.number()}", "status": "paid", "amount": open_["amount"] + 50}
    back = refund(world) | {"invoice_id": name, "amount": max(1, open_["amount"] // 2)}
    again = refund_returned(world) | {"invoice_id": name, "refund_id": back["refund_id"]}
    again.pop("amount", None)
    said = [open_, paid, amendment(world) | {"invoice_id": name, "currency": unit}, back, again]
    said.append(told_again(world) | {"invoice_id": name, "currency": unit})
    if world.random.random() < 0.3:
        world.random.shuffle(said)
    for item in said:
        await world.tell(item)


async def moved_in(world: World) -> None:
    """Referrals and balances come from another system, and go on here."""
    said = [opening_balance(world)]
    for _ in range(2):
        said += [imported(world), sale(world, world.friends[-1])]
    await world.tell(*said)


async def paid_and_taken_back(world: World) -> None:
    """What was paid is given back, or an opening balance says that it was too much: somebody owes something, and it is settled."""
    await pay_out(world)
    await world.work()
    backs: list[Callable[[World], dict[str, Any]]] = [refund, cancellation, chargeback, amendment]
    await world.send(*(world.random.choice(backs)(world) for _ in range(4)))
    for name, _, _ in world.invoices[-3:]:
        await world.send(cancellation(world, name))
    await world.drain()
    await settle(world)


# --- what was decided wrongly ---


def whoever(world: World, action: str) -> Principal:
    """One of the people who may do something."""
    return world.random.choice([who for who in world.people if who.may(action)])


async def by_two(world: World, said: Callable[..., Awaitable[Entry]], *given: Any) -> None:
    """Two people say the same, now and then only one."""
    for who in world.random.sample(world.people, world.random.choice((1, 2, 2, 2))):
        await world.say(said, who, *given)


async def restore(world: World) -> None:
    """Rewards that were rejected or have expired were so by mistake; what is restored is looked at anew."""
    ended = await every(world, Reward, "rejected", "expired")
    if not ended:
        if waiting := (await every(world, Reward, "in_review"))[:1]:
            await by_two(world, say.rewards.reject, (await to_approve(world, waiting)).items, _WHY)
        ended = await every(world, Reward, "rejected", "expired")
    if ended:
        some = [reward.id for reward in world.random.sample(ended, min(2, len(ended)))]
        seen = await world.insist(lambda: see.rewards.to_restore(world.people[0], world.directory, some))
        await by_two(world, say.rewards.restore, seen.items, seen.list_sha256, _WHY)


async def lift(world: World) -> None:
    """An advocate is suspended, sells, and was suspended by mistake."""
    programs = await every(world, Program)
    name = world.random.choice(world.advocates or ["a0"])
    suspended = {"type": "advocate.suspended", "id": f"e{world.number()}", "external_id": name}
    friend = lead(world) | {"code": f"CODE-{name}"}
    await world.tell(suspended, friend, sale(world, friend["customer_external_id"]))
    await world.drain()
    for advocate in (await every(world, Advocate, "suspended"))[:2]:
        await by_two(world, say.advocates.lift, programs[0].id, advocate.person, _WHY)


async def contest(world: World) -> None:
    """Somebody says that another advocate brought a friend, with evidence or without; others take it up, decide, and look again."""
    rewards = [reward for reward in await every(world, Reward) if reward.side == "advocate" and reward.friend]
    others = [advocate.person for advocate in await every(world, Advocate, "active")]
    if not rewards or len(others) < 2:
        return
    reward = world.random.choice(rewards[-4:])
    mine = world.random.choice([person for person in others if person != reward.beneficiary])
    shares, evidence = [(mine, Fraction(1))], world.random.choice(((), ("evt_said",)))
    given = reward.program, reward.friend, shares, reward.earned_at - DAY, "mail", None, evidence
    if (await world.say(say.claims.enter, world.people[1], *given)).refused:
        return
    await take(world)
    await remark(world)
    if world.random.random() < 0.5:
        await pay_out(world)  # without what is contested
    for claim in await every(world, Claim, "open"):
        outcome = world.random.choice(("won", "split", "lost", "none"))
        shares = await parts(world, claim, outcome)
        await world.say(say.claims.decide, world.people[0], claim.id, outcome, "heard", None, shares=shares)
    if world.random.random() < 0.5:
        await pay_out(world)
    await appeal(world)


async def appeal(world: World) -> None:
    """What was decided of a case or claim is to be looked at again, and somebody else does."""
    who, other = world.random.sample(world.people, 2)
    for case in (await every(world, Case, "open"))[:1]:
        await world.say(say.cases.decide, who, case.id, "confirmed", _WHY)
    cases = [case for case in await every(world, Case) if case.appeal_until is not None]
    for case in cases[-2:]:
        await world.say(say.cases.appeal, who, case.id, "new evidence", None)
        outcome = world.random.choice(("cleared", "confirmed"))
        await world.say(say.cases.decide, other, case.id, outcome, _WHY)
    claims = [claim for claim in await every(world, Claim) if claim.appeal_until is not None]
    for claim in claims[-2:]:
        await world.say(say.claims.appeal, who, claim.id, "new evidence", "a note")
        outcome = world.random.choice(("won", "lost", "split", "none"))
        shares = await parts(world, claim, outcome)
        await world.say(say.claims.decide, other, claim.id, outcome, "looked", None, shares=shares)


async def take(world: World) -> None:
    """Somebody takes up a request that came without evidence."""
    for claim in await every(world, Claim, "open"):
        if claim.stops_at is None:
            await world.say(say.claims.take, world.random.choice(world.people), claim.id)


async def hold(world: World) -> None:
    """Somebody wants rewards looked at before they are paid, and hands the cases of them to somebody."""
    found = await every(world, Reward, "in_review", "approved")
    if found:
        some = world.random.sample(found, min(2, len(found)))
        seen = await to_approve(world, some)
        await world.say(say.rewards.hold, whoever(world, "reward.hold"), seen.items, _WHY)
    await handle(world)


async def handle(world: World) -> None:
    """Whose a case is, what people write on it, and that it is put aside for a while, or back before that."""
    for case in (await every(world, Case, "open", "appealed"))[-2:]:
        who, other = whoever(world, "case.handle"), world.random.choice(world.people)
        mine = world.random.choice((who.actor.id, who.actor.id, None))
        due = world.random.choice((None, world.now + 5 * DAY))
        await world.say(say.cases.assign, who, case.id, mine, due)
        until = min(world.now + DAY, due or case.due_at or world.now + DAY)
        await world.say(say.cases.snooze, who, case.id, until, "waits for the shop", "a note")
        await world.say(say.cases.comment, other, case.id, "seen")
        if world.random.random() < 0.3:
            await world.say(say.cases.snooze, who, case.id, None, "back", None)


async def put_aside(world: World) -> None:
    """What cannot be decided today is put aside, comes back by itself, by what is new, or because somebody says so."""
    for reward in (await every(world, Reward, "in_review"))[-3:]:
        who, until = whoever(world, "reward.hold"), world.now + world.random.choice((HOUR, DAY, 20 * DAY))
        await world.say(say.rewards.snooze, who, reward.id, until, Why("waits for the shop", "a note"))
        if world.random.random() < 0.3:
            await world.say(say.rewards.snooze, who, reward.id, None, Why(""))
    if world.random.random() < 0.5:
        await world.tell(refund(world), sale(world, world.random.choice(world.friends or ["f0"])))


async def remark(world: World) -> None:
    """People write what they know of a claim, whatever became of it."""
    for claim in (await every(world, Claim))[-3:]:
        await world.say(say.claims.comment, whoever(world, "claim.note"), claim.id, "asked the shop")


async def choose(world: World) -> None:
    """Of an order that was told twice with other figures, somebody says which are right."""
    for case in await every(world, Case, "open"):
        if case.kind == "conversion_conflict":
            outcome = world.random.choice(("kept", "replaced"))
            await world.say(say.cases.decide, world.random.choice(world.people), case.id, outcome, _WHY)


async def amend(world: World) -> None:
    """A member gives a paid order other figures by hand: less of it, or more."""
    paid = [order for order in await every(world, Conversion, "paid") if order.amount and order.currency]
    for order in world.random.sample(paid, min(2, len(paid))):
        now = min(world.random.choice((order.amount // 3, order.amount + 777)), MAX_INTEGER)
        figures = Figures(now, order.currency, tax=now // 10)
        await world.say(say.conversions.amend, whoever(world, "conversion.amend"), order.id, figures, _WHY)


async def settle(world: World) -> None:
    """What people owe back is repaid, written off or forgiven, all of it or in parts."""
    owing = [reward.id for reward in await every(world, Reward) if reward.receivable]
    if owing:
        some = world.random.sample(owing, min(2, len(owing)))
        seen: FrozenList = await world.insist(lambda: see.rewards.to_settle(world.people[0], world.directory, some))
        how = world.random.choice(("repaid", "written_off", "forgiven"))
        reference = f"bank{world.number()}" if how == "repaid" else None
        await by_two(world, say.rewards.settle, seen.items, seen.list_sha256, how, reference, _WHY)


# --- who is who, and who may what ---


async def join(world: World) -> None:
    """A member says that two accounts are one person's."""
    people = [customer.person for customer in await every(world, Customer)]
    if len(people) > 1:
        keep, gone = world.random.sample(people, 2)
        with contextlib.suppress(UnknownError):  # whoever was erased is found no more
            await world.say(say.people.merge, whoever(world, "person.merge"), keep, gone, "same person", None)


async def erase(world: World) -> None:
    """Somebody asks to be forgotten."""
    people = [customer.person for customer in await every(world, Customer)]
    if people:
        with contextlib.suppress(UnknownError):
            await world.say(say.people.erase, world.people[0], world.random.choice(people))


async def office(world: World) -> None:
    """Owners give members other limits, publish routes, give the account that is paid from; a member asks for a standing approval.

    Another confirms it or not. Keys and links to forms are made and ended.
    """
    owner, other = world.people[0], world.people[-1]
    mail = world.random.choice(("ben@example.com", f"zoe{world.number() % 3}@example.com"))
    limits = {unit: world.random.choice((1_000, 5_000, 90_000)) for unit in ("EUR", "JPY", "BHD")}
    await world.set_member(owner, mail, ("approver", "payer"), limits)
    await routes(world, owner)
    await debtor(world, owner)
    await beforehand(world)
    for change in await every(world, Change, "open"):
        outcome = world.random.choice(("confirmed", "confirmed", "declined", "withdrawn"))
        who = owner if outcome == "withdrawn" else other
        await world.decide_change(who, change.id, outcome)
    for given in (await every(world, Standing))[-1:]:  # one that was stopped before is refused
        if world.random.random() < 0.7:
            await world.say(say.standing.stop, owner, given.id, "changed our mind")
    made, _ = await world.insist(lambda: say.keys.make(owner, world.directory, "wk"))
    with contextlib.suppress(UnknownError):  # the try before this one ended it and was not answered
        await world.insist(lambda: say.keys.revoke(owner, world.directory, made))
    await forms(world, owner)
    await corrected(world, owner, other)


async def corrected(world: World, owner: Principal, other: Principal) -> None:
    """A partner is given something that no order earned; of a payout that failed two people say that it arrived after all."""
    partners = [one for one in await every(world, Advocate) if one.status == "active"]
    for one in partners[-1:]:
        said = Corrected(program=one.program, person=one.person, origin="goodwill", amount=150, currency="EUR")
        await world.say(say.corrections.enter, owner, said, "waited long")
    failed = await every(world, Payout, "failed") or await every(world, Payout)
    for payout in failed[:1]:
        for who in (owner, other):
            it = Arrived(payout.id, payout.amount, payout.unit)
            await world.say(say.corrections.arrived, who, it, "it is on the statement")


async def routes(world: World, owner: Principal) -> None:
    """Which role decides which reward, and by when: now and then large ones are an owner's, within few days or many."""
    fallback = owner.actor.id
    rest = {"name": "rest", "role": "approver", "fallback": fallback, "days": world.random.choice((1, 7))}
    large = {"name": "large", "at_least": {"EUR": 2_000}, "role": "owner", "fallback": fallback, "days": 3}
    table = {"routes": [*world.random.choice(([], [large])), rest]}
    await world.say(say.routing.publish, owner, msgspec.json.encode(table), "routes.json")


async def debtor(world: World, owner: Principal) -> None:
    """The account that files for the bank pay from is given, one of two; another owner confirms it, or nobody does."""
    iban = world.random.choice(("DE02120300000000202051", "DE89370400440532013000"))
    await world.say(say.debtors.set_debtor, owner, {"name": "Acme", "iban": iban})


async def beforehand(world: World) -> None:
    """An approver asks for a standing approval, for a few days or many; one that stands is stopped now and then."""
    given = [it for it in await every(world, Standing) if it.status == "active"]
    if given and world.random.random() < 0.5:
        await world.say(say.standing.stop, world.random.choice(world.people), given[-1].id, "enough")
    programs = [it for it in await every(world, Program) if it.status != "ended"]
    if not programs:
        return
    most = world.random.choice((600, 5_000))
    limits = {"per_reward": most, "per_beneficiary": 2 * most, "in_all": 10 * most}
    until = world.now + world.random.choice((1, 30)) * DAY
    wanted = Wanted(
        program=programs[0].id, kind="credit", unit="EUR", rail="store_credit", side=None, until=until, **limits
    )
    await world.say(say.standing.ask, world.people[1], wanted)


async def cards(world: World) -> None:
    """Somebody uploads codes, now and then some that were uploaded before: then none of them is kept."""
    first = world.random.randrange(40)
    text = "\n".join(f"CARD-{number}" for number in range(first, first + 5))
    wanted = Upload(name="cards", unit="EUR", amount=500, text=text, low=2)
    with contextlib.suppress(InvalidError):
        await world.say(say.stocks.upload, world.people[0], wanted)


async def till(world: World) -> None:
    """A shop takes the codes of our own that it is shown, whole or in part, now and then for more than there is."""
    for payout in sorted({lot.code for lot in await every(world, Lot) if lot.code is not None})[-3:]:
        used = Using(f"till{world.number()}", world.random.choice((1, 200, 500, 90_000)), "EUR")
        await world.say(say.credit.redeem_code, world.people[0], codes.of_payout(world.workspace, payout), used)


async def statement(world: World) -> None:
    """A file for the bank is handed out. One of the bank is taken, some of it again: payouts left, and something that nobody knows."""
    out = await world.insist(lambda: see.payouts.bank_file(world.people[0], world.directory))
    await world.say(say.handovers.register, world.people[0], out)
    left = [it for it in await every(world, Payout, "completed") if it.rail == "bank_file" and it.unit == "EUR"]
    lines = [f"2026-01-0{n},-{it.amount / 100:.2f},{it.id}" for n, it in enumerate(left[-3:], 1)]
    lines.append(f"2026-01-09,-1.00,pay_{world.random.randrange(3):026d}")
    text = "\n".join(["day,amount,reference", *lines]).encode()
    owner = world.people[0]
    await world.insist(lambda: say.statements.take(owner, world.directory, io.BytesIO(text), _COLUMNS))


async def doubted(world: World) -> None:
    """A bank answers about the payment details of somebody, of these or of others; most often it knows the account."""
    for payee in (await every(world, Payee))[-2:]:
        answer = world.random.choice(("match", "match", "not_possible", "close_match", "no_match"))
        about = payee.destination if world.random.random() < 0.9 else "others"
        suggested = "Ann B" if answer == "close_match" else None
        said = Answered(answer=answer, provider="bank", destination=about, suggested=suggested)
        with contextlib.suppress(UnknownError):  # whoever was erased has no details
            await world.say(say.payees.check, world.people[0], payee.person, said)


async def taxed(world: World) -> None:
    """An owner says where is reported, or nowhere; somebody gives the form that is asked for, or one that nobody asked for."""
    of = world.random.choice(((), ("eu-dac7",), ("eu-dac7", "us")))
    await world.say(say.taxes.set_reporting, world.people[0], of, world.random.choice(("UTC", "Europe/Berlin")))
    for payee in (await every(world, Payee))[-2:]:
        with contextlib.suppress(UnknownError):  # whoever was erased has none
            await world.say(say.taxes.give, world.people[0], payee.person, "eu-dac7", "vat_id", _VAT)


async def audited(world: World) -> None:
    """The payouts of the month before are looked at, and signed; now and then something was found."""
    await world.insist(world.server.worker.sign_heads)
    owner, month = world.people[0], await world.insist(lambda: see.audits.last_month(world.people[0], world.directory))
    with contextlib.suppress(ConflictError, InvalidError):  # no head has all of it yet
        shown = await world.insist(lambda: see.audits.month(owner, world.directory, month))
        found = [one.payout.id for one in shown.looked[: world.random.randrange(2)]]
        await world.say(say.audits.sign, owner, month, shown.frozen.list_sha256, found, "Seen.")


async def scheduled(world: World) -> None:
    """Drafts are made by themselves each morning, for a day; then no more, for its jobs would never come to an end."""
    owner, now = world.people[0], await every(world, Schedule)
    hour, rail = world.random.randrange(24), world.random.choice(("sandbox", "bank_file"))
    days = Days(rail=rail, unit="EUR", every="day", hour=hour, timezone="Europe/Berlin")
    await world.say(say.schedules.keep, owner, days, now[-1].id if now else None)
    await world.wait(DAY)
    await world.work()
    for it in await every(world, Schedule):
        if it.next_at is not None:
            await world.say(say.schedules.stop, owner, it.id)


async def written(world: World) -> None:
    """A message to an advocate is due, and decided once; what became of it is said, its channel reports, and a member settles it."""
    owner, advocates = world.people[0], await every(world, Advocate)
    if not advocates:
        return
    it = world.random.choice(advocates)

    async def tell(make: partial[Any], actor: Actor) -> None:
        await world.insist(lambda: command(world.directory.engine, owner.workspace.id, lambda s: make(**s), actor))

    due = {"person": it.person, "topic": "enrolled", "trigger": it.id, "program": it.program, "known": True}
    await tell(partial(MessageDue, **due), WORKER)
    for letter in (await every(world, Letter))[-1:]:
        await tell(partial(MessageAnswered, message=letter.id, outcome="unknown"), WORKER)
        await tell(partial(MessageSettled, message=letter.id, outcome="arrived"), owner.actor)
        await tell(partial(MessageBounced, message=letter.id), WORKER)
        await tell(partial(MessageComplained, message=letter.id), WORKER)
        await tell(partial(MessageUnsubscribed, message=letter.id), WORKER)
    await tell(partial(MessagesResumed, person=it.person, reason="They asked for it."), owner.actor)
    themselves = Actor(id=it.person, kind="person")
    await tell(partial(MessagesChosen, person=it.person, off=("tip_share",)), themselves)
    await tell(partial(PayeeAnswered, person=it.person, destination="elsewhere", outcome="confirmed"), themselves)


async def piloted(world: World) -> None:
    """A program runs for some first; what its report says is decided, too early, in time, or after it changed."""
    owner = world.random.choice([one for one in world.people if one.may("program.publish")])
    program = (await every(world, Program))[-1]
    with contextlib.suppress(InvalidError):  # nobody is chosen
        if program.pilot is None:
            chosen = Chosen(share=world.random.choice(("10", "99.5")), ways=world.random.choice(((), ("link",))))
            await world.say(say.pilots.start, owner, program.id, chosen)
            return
        seen = await world.insist(lambda: see.pilots.report(owner, world.directory, program.id))
        outcome = world.random.choice(("everybody", "again", "stopped"))
        await world.say(
            say.pilots.decide, owner, program.id, Decided(outcome=outcome, note="Seen.", report=seen.sha256)
        )
        if outcome == "stopped":
            await world.say(say.programs.move, owner, program.id, "active")


async def launched(world: World) -> None:
    """A program is launched with the source that it lives by; that falls silent, and delivers again."""
    owner, [*_, program] = world.people[0], await every(world, Program)

    async def delivers() -> None:
        async with world.directory.pool.acquire() as conn, conn.transaction():
            await sources.add(conn, owner.workspace.id, {"shop": world.directory.now()}, [])

    await world.insist(delivers)
    ready = await world.insist(lambda: see.launching.readiness(owner, world.directory, program.id))
    for who in ready.members:  # who published its rules approves nothing by them, and one of them may not have
        feed = {"trigger": "shop", "billing": "shop", "evidence": ready.evidence}
        wanted = Launched(program=program.id, owner=who, looks=who, hours=1, measures=MEASURES, every=30, **feed)
        await world.say(say.programs.launch, owner, wanted)
    await world.wait(2 * HOUR)
    await world.insist(lambda: feeds.look(world.directory, owner.workspace))
    await world.insist(delivers)
    await world.insist(lambda: feeds.look(world.directory, owner.workspace))


async def shares(world: World) -> None:
    """An advocate opens channels with their link, and somebody of the company gives them another code, perhaps for the second time."""
    slugs = {it.id: it.slug for it in await every(world, Program)}
    partners = [one for one in await every(world, Advocate) if one.status == "active" and one.codes]
    if not partners:
        return
    one = world.random.choice(partners)
    who = Principal("session", world.people[0].workspace, Actor(id=one.person, kind="person"))
    with contextlib.suppress(UnknownError):  # they left or were merged meanwhile
        for channel in world.random.sample(CHANNELS, 2):
            await world.insist(partial(say.sharing.shared, who, world.directory, slugs[one.program], channel, None))
        owner, number = (
            world.people[0],
            world.number(),
        )  # what is refused leaves nothing, so that nothing of it is looked for
        change = partial(say.sharing.change, owner, world.directory, one.id, f"CODE-{number}", f"code-{number}")
        await world.insist(change)


async def speaks(world: World) -> None:
    """An advocate complains about their data, and hands in a tip, of which the team says whether it is shown."""
    owner, slugs = world.people[0], {it.id: it.slug for it in await every(world, Program)}
    partners = [one for one in await every(world, Advocate) if one.status == "active"]
    if not partners:
        return
    one = partners[-1]
    who = Principal("session", owner.workspace, Actor(id=one.person, kind="person"))
    with contextlib.suppress(UnknownError):  # they left or were merged meanwhile
        complain = partial(say.disputes.complain, who, world.directory, "Whence?", f"complaint-{world.number()}")
        await world.insist(complain)
        tip = partial(say.stories.hand_in, who, world.directory, slugs[one.program], "tip", "Ask early.")
        await world.insist(partial(tip, f"tip-{world.number()}"))
    for case in [it for it in await every(world, Case, "open") if it.kind == "story"][:1]:
        await world.say(say.cases.decide, owner, case.id, "shown", _WHY)


async def forms(world: World, owner: Principal) -> None:
    """A partner gets a link to a form of their own, which is ended, now and then."""
    partners = [one for one in await every(world, Advocate) if one.status == "active"]
    if not partners:
        return
    one = partners[-1]
    make = partial(say.forms.make, owner, world.directory, one.person, one.program, None)
    try:
        made = await world.insist(lambda: make(f"form-{world.number()}"))
    except (ConflictError, InvalidError):  # they were merged into somebody, or left, meanwhile
        return
    with contextlib.suppress(UnknownError):
        await world.insist(lambda: say.forms.end(owner, world.directory, made.id))


async def draft_and_cancel(world: World) -> None:
    """What was drafted is canceled before it is sent."""
    await sell(world)
    await world.wait(2 * DAY)
    await payees(world)
    await approve(world, world.people[0])
    await world.wait(50 * DAY)
    await draft(world)
    await cancel(world)


async def wait_out(world: World) -> None:
    """So much time passes that what waits too long expires; then what is due goes out."""
    await world.wait(20 * DAY)
    await paid_out(world)
    await world.work()


MOVES: tuple[Move, ...] = (
    *ORDINARY, untidy, untidy, order_retold, moved_in, paid_and_taken_back, restore, lift, contest, contest,
    appeal, take, hold, put_aside, choose, settle, join, erase, office, draft_and_cancel, wait_out, amend, cards,
    till, statement, doubted, taxed, audited, scheduled, piloted,
    launched, shares, written, speaks,
)  # fmt: skip
