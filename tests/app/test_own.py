"""Where somebody stands, as they see it: what the ledger says of them, after any history."""

from collections import Counter
from random import Random
from typing import Any

from testkit.world import World
from tests.app.histories import tell
from tests.core.test_properties import MOVES, buy, correct, credit, cross, lead, pay_out, settle, start, welcome

from goodword.app import see
from goodword.app.principal import Principal
from goodword.core.facts import Actor
from goodword.core.ledger import REPAID
from goodword.core.state import Kin, Reward


def _paid(rows: list[Any]) -> tuple[Counter[str], Counter[str]]:
    """What postings say is on its way, and what arrived and did not come back, by unit."""
    way: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for source, of, to, owner, unit, amount in rows:
        way[unit] += amount * ((to == "clearing") - (source == "clearing"))
        if to in ("settled", "credit") and owner != REPAID and source not in ("settled", "credit"):
            paid[unit] += amount
        if source == "settled" and of != REPAID and to not in ("settled", "credit"):
            paid[unit] -= amount
    return way, paid


#: Of each four times as many as of others, so that money reaches people, and comes back.
OFTEN = (pay_out, cross, buy, lead, credit, welcome, correct, settle)


def _story(seed: int) -> World:
    random = Random(seed)  # noqa: S311
    world = start()
    world.checked = False  # the core's own tests do
    for _ in range(70):
        random.choice((*MOVES, *OFTEN * 4))(world, *(random.randrange(12) for _ in range(3)))
    return world


async def test_the_balance_is_the_ledgers_for_everybody_after_any_history(make_house: Any) -> None:
    """Each line in each unit, for whoever has or had a reward under any of their ids; and each page of theirs can be made."""
    seen: Counter[str] = Counter()
    for seed in (0, 3, 11):
        world = _story(seed)
        house = await make_house(starts_at=world.log[0][0].accepted_at)
        await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
        seen += await _looked_at(house)
    assert {*seen} >= {"expected", "payable", "on_its_way", "paid", "owed_back"}, seen


async def _looked_at(house: Any) -> Counter[str]:
    """Look at everybody; returns of which lines something was said."""
    gone = {it.person for it in await house.every(Kin) if it.root != it.person}
    names = {it.person: (it.person, *it.members) for it in await house.every(Kin)}
    seen: Counter[str] = Counter()
    for person in sorted({it.beneficiary for it in await house.every(Reward)} - gone):
        mine = list(names.get(person, (person,)))
        who = Principal("session", house.workspace, Actor(id=person, kind="person"))
        home = await see.own.home(who, house.directory)
        lines = {it.code: Counter(dict(it.amounts)) for it in home.balance}
        said = {code: +lines.get(code, Counter()) for code in ("expected", "owed_back", "paid", "on_its_way", "credit")}
        held = await house.pool.fetch(
            "select account, unit, sum(amount)::bigint as amount from balance"
            " where workspace_id = $1 and owner = any($2) group by account, unit",
            house.ws,
            mine,
        )
        by: dict[str, Counter[str]] = {it: Counter() for it in ("accrued", "payable", "receivable", "credit")}
        for it in held:
            by.setdefault(it["account"], Counter())[it["unit"]] = it["amount"]
        rows = await house.pool.fetch(
            "select source, source_owner, destination, destination_owner, unit, amount from posting as it where workspace_id = $1"
            " and exists (select from reward where workspace_id = $1 and id = it.reward and beneficiary = any($2))",
            house.ws,
            mine,
        )
        way, paid = _paid([tuple(row) for row in rows])
        owed = Counter({unit: -amount for unit, amount in by["receivable"].items()})
        right = {"expected": by["accrued"], "owed_back": owed, "paid": paid, "on_its_way": way, "credit": by["credit"]}
        assert said == {code: +counter for code, counter in right.items()}, person
        payable = lines["approved"].copy()
        payable.update(lines["payable"])
        assert +payable == +by["payable"], person
        assert (await see.own.rewards(who, house.directory)).items
        await see.own.payments(who, house.directory)
        await see.own.referrals(who, house.directory)
        seen.update(code for code, counter in lines.items() if any(counter.values()))
    return seen
