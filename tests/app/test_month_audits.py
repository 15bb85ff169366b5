"""The audit of a month: what was netted whole is in it, a list is shown in pages, and one that was signed stays as it was signed."""

from typing import Any

from testkit import sent
from testkit.house import ANNA, OWNER, PAT, House, opened, payees, sales

from goodword.app.principal import Principal
from goodword.app.say import audits as say_audits
from goodword.app.see import audits
from goodword.core import events, lists
from goodword.core.facts import Actor
from goodword.core.state import Payee, Payout, Reward

OTTO = Actor(id="otto", kind="member", roles=("auditor",))


async def _earned(house: House, *items: dict[str, Any]) -> list[Reward]:
    """What these events earn, its beneficiaries with an account."""
    known = {it.id for it in await house.every(Reward)}
    assert {answer.status for answer in await house.send(*items)} == {"accepted"}
    await house.decide()
    found = [it for it in await house.every(Reward) if it.id not in known]
    new = {it.beneficiary for it in found} - {it.person for it in await house.every(Payee)}
    accounts = [it for it in found if it.beneficiary in new]
    await payees(house, accounts, "bank_file", name="Ann", iban="DE89370400440532013000")
    return found


async def _paid(house: House, rewards: list[Reward], month: str) -> list[Payout]:
    """They are approved, and paid in a month; returns the payouts of it."""
    known = {it.id for it in await house.every(Payout)}
    await house.approve(rewards, ANNA)
    await house.move_clock(f"{month}-02T00:00:00Z")
    made = [it for it in await house.draft(rewards, rail="bank_file") if it.id not in known]
    await house.release(made, PAT)
    for payout in made:
        for said in ("processing", "completed") if payout.amount else ():
            await house.say(events.PayoutAnswered, PAT, payout=payout.id, outcome=said)
    ids = {it.id for it in made}
    return [it for it in await house.every(Payout) if it.id in ids]


async def test_what_was_netted_whole_is_in_the_month_and_a_signed_list_stays(database: str) -> None:
    """Nothing went over the rail, and it is looked at all the same. What completed behind the head that was signed is named apart."""
    async with opened(database) as house:
        await house.join(OTTO)
        otto: Principal = house.as_(OTTO)
        first = await _paid(house, await _earned(house, *sales(3)), "2026-03")
        assert {it.status for it in first} == {"completed"}
        await house.send(sent.refund("r", "i-s0", "1", 10_000))
        await house.decide()
        [small] = [
            it
            for it in await _earned(
                house, sent.lead("l-x", "f-x", code="code-s0"), sent.purchase("p-x", "f-x", "i-x", 4_000)
            )
            if it.side == "advocate"
        ]
        [netted] = await _paid(house, [small], "2026-05")
        assert (netted.amount, netted.status, netted.parts[0].netted[0][1]) == (0, "completed", 400)
        await house.move_clock("2026-06-02T00:00:00Z")
        await house.sign()
        may = await audits.month(otto, house.directory, "2026-05")
        assert [one.payout.id for one in may.looked] == [netted.id]
        assert may.looked[0].lacks == ()
        assert not (
            await say_audits.sign(otto, house.directory, "2026-05", may.frozen.list_sha256, [], None, "m")
        ).refused
        assert (await audits.month(otto, house.directory, "2026-05")).kept

        march = await audits.month(otto, house.directory, "2026-03", limit=4)
        assert (march.count, march.size, len(march.looked)) == (6, 5, 4)
        rest = await audits.month(otto, house.directory, "2026-03", after=march.after or "", limit=4)
        whole = [one.payout for one in (*march.looked, *rest.looked)]
        assert (len(rest.looked), rest.after) == (1, None)
        assert lists.digest(march.frozen.items) == march.frozen.list_sha256
        assert [item.id for item in march.frozen.items] == [it.id for it in whole]
        assert rest.frozen.list_sha256 == march.frozen.list_sha256

        arrived = "select distinct position from posting where workspace_id = $1 and destination = 'settled' order by 1"
        positions = [position for (position,) in await house.rows(arrived)]
        of = "select reward from posting where workspace_id = $1 and destination = 'settled' and position = $2"
        [(last,)] = await house.rows(of, positions[5])
        listed = [it for it in whole if it.parts[0].reward != last]  # somebody signed before the last of them was there
        items = await house.items(listed)
        said = {"month": "2026-03", "head": positions[4], "root": "ab", "list_sha256": lists.digest(items)}
        entry = await house.say(
            events.AuditSigned, OTTO, items=items, outliers={items[0].id: ("large_amount",)}, **said
        )
        assert not entry.refused, entry.verdicts
        shown = await audits.month(otto, house.directory, "2026-03")
        assert (shown.kept, shown.is_same, shown.size, shown.later_count) == (True, False, len(items), 1)
        assert [one.payout.id for one in shown.looked] == [item.id for item in items]
        assert shown.looked[0].why == ("large_amount",)
        assert [it.parts[0].reward for it in first if it.id in shown.later] == [last]
        now = await audits.month(otto, house.directory, "2026-03", now=True)
        assert (now.kept, now.size, now.frozen.list_sha256) == (False, 5, march.frozen.list_sha256)
        await house.say(events.PayoutAnswered, PAT, payout=items[0].id, outcome="returned", reason="closed")
        gone = await audits.month(otto, house.directory, "2026-03")
        assert (gone.gone, gone.size) == ((items[0].id,), len(items))
        assert (await audits.accuracy(house.as_(OWNER), house.directory)).paid[0] > 0
