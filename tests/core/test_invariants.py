"""Each invariant notices its breach: a workspace in which all is well is changed by hand, and what is wrong is named."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from testkit.stories import tell, world
from testkit.world import World, advocate

from goodword.core import invariants
from goodword.core.state import (
    Advocate,
    Balance,
    Case,
    Conversion,
    Counter,
    Customer,
    Entity,
    Payee,
    Payout,
    Program,
    Referral,
    Refund,
    Reward,
    Share,
    Used,
)


def well() -> World:
    """Of ann's rewards that for bob is paid, for bea approved, for ben in review with a case, for bud reversed; friends earn none."""
    limits = [{"per": "month", "count": 9}, {"per": "year", "amount": {"EUR": 9_000}}]
    made = world(budget={"EUR": 50_000}, rewards=[advocate(percent="10", limits=limits)])
    tell(
        made,
        """
        02-01 lead bob code=ANN
        02-01 buy bob 100.00 EUR
        02-02 lead bea code=ANN
        02-02 buy bea 50.00 EUR
        02-03 lead ben code=ANN
        02-03 buy ben 30.00 EUR
        02-04 lead bud code=ANN
        02-04 buy bud 20.00 EUR
        02-05 refund bud-1 20.00 r1
        """,
    )
    made.tick("03-10")
    made.payee("ann")
    made.paid(conversion="inv:bob-1")
    made.approve(made.rewards(conversion="inv:bea-1"))
    tell(made, "03-12 chargeback ben-1 opened")
    return made


def of(made: World, friend_: str) -> Reward:
    return made.reward(conversion=f"inv:{friend_}-1")


def one(made: World, noun: type[Any], **which: object) -> Any:
    """Return the one entity of a noun of which this is true."""
    (found,) = [e for e in made.state.all(noun) if all(getattr(e, name) == value for name, value in which.items())]
    return found


def balance(made: World, account: str, amount: int, owner: str = "ann") -> Balance:
    return Balance(program=made.program(), account=account, owner=owner, unit="EUR", amount=amount)


def changed(friend_: str, **fields: Any) -> Callable[[World], list[Entity]]:
    """A change of the reward for a friend."""
    return lambda made: [replace(of(made, friend_), **fields)]


def other(noun: type[Any], which: dict[str, object], **fields: Any) -> Callable[[World], list[Entity]]:
    """A change of another entity."""
    return lambda made: [replace(one(made, noun, **which), **fields)]


def part(**fields: Any) -> Callable[[World], list[Entity]]:
    """A change of what the payout does for its reward."""
    return lambda made: [replace(one(made, Payout), parts=(replace(one(made, Payout).parts[0], **fields),))]


BOB, NOBODY = {"id": "inv:bob-1"}, {"person": "bob"}
EVER = {"period": "ever"}

#: what is changed -> the lines that say so
BREACHES: dict[str, tuple[Callable[[World], list[Entity]], list[str]]] = {
    "a balance too much": (lambda made: [balance(made, "expense", 0, "")], ["I-01 EUR sums to 1800"]),
    "accrued": (
        lambda made: [balance(made, "accrued", 299)],
        ["I-01 EUR sums to -1", "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 299, expected 300"],
    ),
    "payable of somebody else": (
        lambda made: [balance(made, "payable", 5, "amy"), balance(made, "expense", -1805, "")],
        ["I-02 ('main', 'payable', 'amy', 'EUR') stands at 5, expected 0"],
    ),
    "receivable": (
        lambda made: [balance(made, "receivable", -5)],
        ["I-01 EUR sums to -5", "I-02 ('main', 'receivable', 'ann', 'EUR') stands at -5, expected 0"],
    ),
    "settled": (
        lambda made: [balance(made, "settled", 999, "bank_file")],
        ["I-01 EUR sums to -1", "I-03 ('main', 'settled', 'bank_file', 'EUR') stands at 999, expected 1000"],
    ),
    "clearing": (
        lambda made: [balance(made, "clearing", 1, "bank_file")],
        ["I-01 EUR sums to 1", "I-03 ('main', 'clearing', 'bank_file', 'EUR') stands at 1, expected 0"],
    ),
    "an amount above what was earned": (
        changed("ben", amount=301),
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 301",
            "I-04 ben's reward: gross 300, amount 301, sent 0, netted 0",
            "I-14 ('main', 'EUR') has spent 1800, its rewards are 1801",
        ],
    ),
    "an amount below nothing": (
        changed("ben", amount=-1),
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 0",
            "I-02 ('main', 'receivable', 'ann', 'EUR') stands at 0, expected -1",
            "I-04 ben's reward: gross 300, amount -1, sent 0, netted 0",
            "I-04 ben's reward is in_review with -1, 0 withheld",
            "I-14 ('main', 'EUR') has spent 1800, its rewards are 1499",
        ],
    ),
    "sent below nothing": (
        changed("ben", sent=-1),
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 301",
            "I-04 ben's reward: gross 300, amount 300, sent -1, netted 0",
        ],
    ),
    "netted below nothing": (
        changed("ben", netted=-1),
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 299",
            "I-04 ben's reward: gross 300, amount 300, sent 0, netted -1",
        ],
    ),
    "ended with an amount": (
        changed("ben", status="expired"),
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 0",
            "I-04 ben's reward is expired with 300, 0 withheld",
        ],
    ),
    "rejected with an amount": (
        changed("ben", status="rejected"),
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 0",
            "I-04 ben's reward is rejected with 300, 0 withheld",
        ],
    ),
    "living without an amount": (
        changed("ben", amount=0),
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 0",
            "I-04 ben's reward is in_review with 0, 0 withheld",
            "I-13 ('main', 'ann') kept 3 conversions, there are 2",
            "I-14 ('main', 'EUR') has spent 1800, its rewards are 1500",
        ],
    ),
    "ended while something is withheld": (
        changed("bud", netted=5),
        ["I-04 bud's reward is reversed with 0, 5 withheld"],
    ),
    "processing of what was withheld": (
        changed("bud", status="processing", netted=5, sent=5),
        [
            "I-09 bud's reward is processing and nobody approved it",
            "I-11 bud's reward is processing, its payout is None",
        ],
    ),
    "bound twice in a program": (
        lambda made: [
            replace(one(made, Customer, person="bob"), referrals=(of(made, "bob").referral, of(made, "bea").referral))
        ],
        ["I-05 bob is bound 2 times in 1 programs", "I-05 bob is bound by a referral that is void, gone or another's"],
    ),
    "bound by what is gone": (
        other(Customer, NOBODY, referrals=("ref_x",)),
        ["I-05 bob is bound 1 times in 0 programs", "I-05 bob is bound by a referral that is void, gone or another's"],
    ),
    "bound by a void referral": (
        other(Referral, {"friend": "bob"}, status="void"),
        ["I-05 bob is bound by a referral that is void, gone or another's"],
    ),
    "shares below one": (
        other(Referral, {"friend": "bob"}, shares=(Share("ann", 1, 2), Share("amy", 1, 3))),
        ["I-06 bob's referral: its shares do not sum to one"],
    ),
    "a share of oneself": (
        other(Referral, {"friend": "bob"}, shares=(Share("ann", 1, 2), Share("bob", 1, 2))),
        ["I-06 bob's referral: bob refers themselves"],
    ),
    "a refund twice": (
        other(Conversion, BOB, refunds=(Refund(id="r", amount=1, at=1),) * 2),
        ["I-07 inv:bob-1: a refund counts twice"],
    ),
    "more given back than paid": (
        other(Conversion, BOB, refunds=(Refund(id="r", amount=10_001, at=1),)),
        ["I-07 inv:bob-1: 10001 given back of 10000"],
    ),
    "nothing paid and some given back": (
        other(Conversion, BOB, amount=None, refunds=(Refund(id="r", amount=1, at=1),)),
        ["I-07 inv:bob-1: 1 given back of None"],
    ),
    "waiting for its conversion": (
        other(Conversion, BOB, status="waiting", refunds=(Refund(id="r", amount=10_001, at=1),)),
        [],
    ),
    "waits for no case": (changed("ben", cases=()), ["I-08 ben's reward and case disagree whether it waits"]),
    "waits twice": (
        lambda made: [replace(of(made, "ben"), cases=of(made, "ben").cases * 2)],
        ["I-08 a reward waits twice for one case"],
    ),
    "waits for a case that is decided": (
        other(Case, {}, status="decided"),
        ["I-08 ben's reward and case disagree whether it waits"],
    ),
    "waits for a case that is appealed": (other(Case, {}, status="appealed"), []),
    "approved by nobody": (changed("bea", approvals=()), ["I-09 bea's reward is approved and nobody approved it"]),
    "approved and never due": (changed("bea", due_at=None), ["I-09 bea's reward is approved and nobody approved it"]),
    "approved for other details": (
        changed("bea", destination="iban-2"),
        ["I-09 bea's reward is approved for payment details that are not the beneficiary's"],
    ),
    "details changed since": (
        other(Payee, {}, destination="iban-2"),
        ["I-09 bea's reward is approved for payment details that are not the beneficiary's"],
    ),
    "paid for other details": (changed("bob", destination="iban-2"), []),
    "paid without approval": (changed("bob", approvals=()), ["I-09 bob's reward is paid and nobody approved it"]),
    "a payout more than its parts": (other(Payout, {}, amount=1_001), ["I-10 payout is 1001 and its parts are not"]),
    "a payout below nothing": (
        lambda made: [replace(one(made, Payout), amount=-1, parts=(replace(one(made, Payout).parts[0], sent=-1),))],
        [
            "I-03 ('main', 'settled', 'bank_file', 'EUR') stands at 1000, expected -1",
            "I-10 payout is -1 and its parts are not",
        ],
    ),
    "a payout released by nobody": (
        other(Payout, {}, releases=()),
        ["I-10 payout is completed and nobody released it"],
    ),
    "a payout that failed": (
        other(Payout, {}, status="failed"),
        [
            "I-03 ('main', 'settled', 'bank_file', 'EUR') stands at 1000, expected 0",
            "I-10 bob's reward and payout disagree whether it is in there",
            "I-11 bob's reward is paid, its payout is failed",
        ],
    ),
    "a payout under way": (
        other(Payout, {}, status="sent"),
        [
            "I-03 ('main', 'clearing', 'bank_file', 'EUR') stands at 0, expected 1000",
            "I-03 ('main', 'settled', 'bank_file', 'EUR') stands at 1000, expected 0",
            "I-11 bob's reward is paid, its payout is sent",
        ],
    ),
    "a reward in no payout": (
        changed("bob", payout=None),
        [
            "I-10 bob's reward and payout disagree whether it is in there",
            "I-11 bob's reward is paid, its payout is None",
        ],
    ),
    "processing in a payout that arrived": (
        changed("bob", status="processing"),
        ["I-11 bob's reward is processing, its payout is completed"],
    ),
    "paid by a payout that is not there": (
        changed("bob", payout="pay_x"),
        [
            "I-10 bob's reward and payout disagree whether it is in there",
            "I-10 bob's reward and pay_x disagree whether it is in there",
            "I-11 bob's reward is paid, its payout is None",
        ],
    ),
    "counts another number ever": (
        other(Counter, {"kind": "purchase:cash", **EVER}, count=5),
        ["I-12 ('main', 'ann', 'purchase:cash', 'ever') counts 5 rewards, there are 4"],
    ),
    "counts another number on a day": (
        lambda made: [
            replace(one(made, Counter, kind="purchase:cash", period="2024-02"), days={"2024-02-01": Used(2)})
        ],
        [
            "I-12 ('main', 'ann', 'purchase:cash', '2024-02-01') counts 2 rewards, there are 1",
            "I-12 ('main', 'ann', 'purchase:cash', '2024-02-02') counts 0 rewards, there are 1",
            "I-12 ('main', 'ann', 'purchase:cash', '2024-02-03') counts 0 rewards, there are 1",
            "I-12 ('main', 'ann', 'purchase:cash', '2024-02-04') counts 0 rewards, there are 1",
        ],
    ),
    "kept another number": (
        other(Counter, {"kind": "kept"}, count=4),
        ["I-13 ('main', 'ann') kept 4 conversions, there are 3"],
    ),
    "spent another amount": (
        other(Counter, {"kind": "spent"}, amounts={"EUR": 1}),
        ["I-14 ('main', 'EUR') has spent 1, its rewards are 1800"],
    ),
    "spent above the budget": (
        lambda made: [
            replace(of(made, "ben"), amount=49_000, gross=49_000),
            replace(one(made, Counter, kind="spent"), amounts={"EUR": 50_500}),
        ],
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 49000",
            "I-14 ('main', 'EUR') has spent 50500 of 50000",
            "I-15 ('rules', 'purchase', '0', 'ann', '2024', 'EUR'): 4 rewards of 50500, allowed None of 9000",
        ],
    ),
    "a cap of a year": (
        lambda made: [replace(of(made, "ben"), amount=9_000, gross=9_000)],
        [
            "I-02 ('main', 'accrued', 'ann', 'EUR') stands at 300, expected 9000",
            "I-14 ('main', 'EUR') has spent 1800, its rewards are 10500",
            "I-15 ('rules', 'purchase', '0', 'ann', '2024', 'EUR'): 4 rewards of 10500, allowed None of 9000",
        ],
    ),
    "a code of another advocate": (
        lambda made: [replace(one(made, Advocate, person="amy"), codes=one(made, Advocate, person="ann").codes)],
        ["I-16 ANN is not amy's"],
    ),
    "a code that is not there": (other(Advocate, {"person": "amy"}, codes=("cod_x",)), ["I-16 cod_x is not amy's"]),
    "a reward that is not there": (
        other(Conversion, BOB, rewards=("rwd_x",)),
        ["I-17 inv:bob-1 points to rwd_x, which is not there"],
    ),
    "a referral that is not there": (
        changed("bob", referral="ref_x"),
        ["I-17 inv:bob-1 points to bob's reward, which is not there"],
    ),
    "a conversion of no rule": (
        changed("bob", on="sign-up"),
        [
            "I-12 ('main', 'ann', 'purchase:cash', '2024-02') counts 4 rewards, there are 3",
            "I-12 ('main', 'ann', 'purchase:cash', '2024-02-01') counts 1 rewards, there are 0",
            "I-12 ('main', 'ann', 'purchase:cash', 'ever') counts 4 rewards, there are 3",
            "I-12 ('main', 'ann', 'sign-up:cash', '2024-02') counts 0 rewards, there are 1",
            "I-12 ('main', 'ann', 'sign-up:cash', '2024-02-01') counts 0 rewards, there are 1",
            "I-12 ('main', 'ann', 'sign-up:cash', 'ever') counts 0 rewards, there are 1",
            "I-17 inv:bob-1 points to bob's reward, which is not there",
        ],
    ),
    "no place": (
        other(Referral, {"friend": "bob"}, qualified=()),
        ["I-17 inv:bob-1 earned and does not hold the place of bob's referral"],
    ),
    "the place of another conversion": (
        lambda made: [
            replace(one(made, Referral, friend="bob"), qualified=one(made, Referral, friend="bea").qualified)
        ],
        ["I-17 inv:bob-1 earned and does not hold the place of bob's referral"],
    ),
    "versions out of order": (
        lambda made: [
            replace(one(made, Program), versions=(*one(made, Program).versions, (0, one(made, Program).versions[0][1])))
        ],
        ["I-18 main: its versions are out of order or missing"],
    ),
    "a version that is not there": (
        other(Program, {}, versions=((0, "no"),)),
        ["I-18 main: its versions are out of order or missing"],
    ),
}


def named(made: World, line: str) -> str:
    """Return a line with names instead of ids."""
    names = {made.program(): "main", one(made, Payout).id: "payout", one(made, Case).id: "case"}
    names |= {reward.id: f"{reward.conversion[4:7]}'s reward" for reward in made.rewards()}
    names |= {reward.referral: f"{reward.conversion[4:7]}'s referral" for reward in made.rewards()}
    names |= {advocate_.id: advocate_.person for advocate_ in made.state.all(Advocate)}
    names |= {reward.rules: "rules" for reward in made.rewards()}
    for id_, name in names.items():
        line = line.replace(id_, name)
    return line


def test_all_is_well_before() -> None:
    """The workspace that is changed below breaks no invariant."""
    made = well()
    assert invariants.broken(made.state, made.rules) == []


@pytest.mark.parametrize("title", BREACHES)
def test_a_breach_is_named(title: str) -> None:
    """What was changed by hand is named by its invariants and no other, with culprit and what was expected; what is allowed is not."""
    made, before = well(), well()
    change, expected = BREACHES[title]
    for entity in change(made):
        made.state.put(entity)
    assert [named(before, line) for line in invariants.broken(made.state, made.rules)] == expected


def test_every_invariant_is_broken_by_something() -> None:
    """No invariant is without a breach that it names."""
    found = {line.split()[0] for _, lines in BREACHES.values() for line in lines}
    assert found == {invariant.id for invariant in invariants.INVARIANTS}
