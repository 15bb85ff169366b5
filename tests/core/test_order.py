"""Generated histories: the order of events of people who share nothing is without effect; that of others changes nothing unsaid."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.stories import tell
from testkit.world import World, rules
from tests.core.test_properties import GENERATED, NUMBER

from goodword.core import events

PLAIN = rules(conversion={"minimum": {"EUR": 2_000}, "window": "20d"})

Told = tuple[str, int, int, int]
STREAM = st.lists(
    st.tuples(
        st.sampled_from(("click", "lead", "typed", "buy", "refund", "known", "contested", "lost")),
        NUMBER,
        NUMBER,
        NUMBER,
    ),
    max_size=14,
)


def line(who: str, told_: Told) -> str:
    """One event of a group of people that share nothing with the others: their advocate, friend, visitor and invoices."""
    what, a, b, c = told_
    invoice = f"{who}{c % 3}"
    said = {
        "click": f"click ANN{who} v{who}",
        "lead": f"lead bob{who} v{who}",
        "typed": f"lead bob{who} code=ANN{who}",
        "buy": f"buy bob{who} {10 * (1 + b)}.00 EUR invoice={invoice}",
        "refund": f"refund {invoice} {7 * (1 + a)}.00 r{b % 3}",
        "known": f"known bob{who} since=02-{1 + b:02}",
        "contested": f"chargeback {invoice} opened id=cb",
        "lost": f"chargeback {invoice} lost id=cb",
    }
    return f"02-{1 + a:02}T{b:02}:00 {said[what]}"


def money_after(order: list[tuple[str, Told]]) -> dict[tuple[str, str, str], list[tuple[int, int]]]:
    """(program, beneficiary, conversion) -> what was earned and what is left of it, once all was delivered in that order."""
    world = World()
    world.publish(PLAIN)
    for who in "xyz":
        world.enrol(f"ann{who}", f"ANN{who}")
    world.tick("2024-03-01")
    for who, told_ in order:
        if told_[0] == "lost":
            tell(world, line(who, ("contested", *told_[1:])))
        tell(world, line(who, told_))
    money: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for reward in world.rewards():
        money.setdefault((reward.side, reward.beneficiary, reward.conversion), []).append((reward.gross, reward.amount))
    return money


@GENERATED
@given(STREAM, STREAM, STREAM, st.randoms(use_true_random=False))
def test_the_order_of_unrelated_events_is_nothing(x: list[Told], y: list[Told], z: list[Told], random: Any) -> None:
    """Events of people who share nothing give the same money, however they are interleaved; each group keeps its order."""
    one_by_one = [(who, told_) for who, stream in zip("xyz", (x, y, z), strict=True) for told_ in stream]
    turns = [who for who, _ in one_by_one]
    random.shuffle(turns)
    left = {who: iter(stream) for who, stream in zip("xyz", (x, y, z), strict=True)}
    assert money_after([(who, next(left[who])) for who in turns]) == money_after(one_by_one)


# --- of what belongs together -----------------------------------------------------------------------------------------

#: Events of one friend, each once: what is told of them, without its time. A guest is the friend, as a merge says.
ABOUT_ONE = (
    "lead bob code=ANN", "lead bob code=ANN", "lead bob code=AMY", "lead bob code=ABE", "click ANN v", "click AMY v", "lead bob v",
    "enrol abe", "buy bob 50.00 EUR invoice=b0", "buy bob 30.00 EUR invoice=b1", "buy guest 40.00 EUR invoice=b2",
    "refund b0 20.00 r0", "refund b0 45.00 r1", "refund b1 30.00 r0", "back b0 r0", "back b0 r1 7.00", "amend b0 70.00 EUR a0",
    "amend b0 25.00 EUR a1", "amend b1 90.00 EUR a0", "cancel b0", "cancel b1", "chargeback b0 opened amount=15.00",
    "chargeback b0 lost", "chargeback b0 kept", "chargeback b1 opened", "chargeback b1 lost", "merged", "known bob since=02-06",
    "click ANN w", "lead bob w", "lead guest w", "lead bob x",
)  # fmt: skip
LEAD, ORDER = ABOUT_ONE.index("lead bob code=ANN"), ABOUT_ONE.index("buy bob 50.00 EUR invoice=b0")
EVENTS = st.lists(st.integers(0, len(ABOUT_ONE) - 1), unique=True, max_size=7).map(
    lambda more: [*more, *(each for each in (LEAD, ORDER)[len(more) % 2 :] if each not in more)]
)


def earned(order: list[tuple[str, int]]) -> tuple[World, dict[tuple[str, str, str], int]]:
    """Once all was told in that order, each at a day of its own: (conversion, side, beneficiary) -> what it earns."""
    made = World()
    made.publish(rules(conversion={"minimum": {"EUR": 2_000}}))
    for person in ("ann", "amy"):
        made.enrol(person)
    made.tick("2024-03-01")
    for what, day in order:
        if what == "merged":
            made.send(events.PersonMerged, keep="bob", gone="guest", when=f"02-{day:02}")
        else:
            tell(made, f"02-{day:02} {what}")
    sums: dict[tuple[str, str, str], int] = {}
    for reward in made.rewards():
        key = (reward.conversion, reward.side, reward.beneficiary)
        sums[key] = sums.get(key, 0) + reward.amount
    return made, {key: amount for key, amount in sums.items() if amount}


def named(made: World, conversion: str) -> bool:
    """Whether somebody is asked about the conversion, or about its friend."""
    claims = any(claim.status == "open" and claim.friend == "bob" for claim in made.claims())
    rewards = made.conversion(conversion).rewards
    open_ = [case for case in made.cases() if case.status == "open"]
    flagged = {flag.evidence.get("conversion") for case in open_ for flag in case.flags}
    return claims or any(
        case.subject == conversion or conversion in flagged or set(case.rewards).intersection(rewards) for case in open_
    )


@settings(GENERATED, max_examples=600)
@given(EVENTS, st.permutations(range(9)), st.permutations(range(9)))
def test_each_conversion_earns_the_same_in_any_order_of_delivery(
    which: list[int], times: list[int], turns: list[int]
) -> None:
    """Events of one friend, told in the order in which they happened or in any other: each conversion earns each person the same.

    Where it does not, an open claim or case names it, in one of the two orders: a late event turns no yes into a no by itself.
    """
    happened = [(ABOUT_ONE[each], 1 + times[place]) for place, each in enumerate(which)]
    as_it_was, in_time = earned(sorted(happened, key=lambda one: one[1]))
    otherwise, late = earned([happened[turn] for turn in turns if turn < len(happened)])
    for key in {*in_time, *late}:
        if in_time.get(key) != late.get(key):
            assert named(as_it_was, key[0]) or named(otherwise, key[0]), (key, in_time.get(key), late.get(key))
