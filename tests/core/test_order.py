"""Generated histories of people who share nothing: the order of their events is without effect."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from testkit.world import World, at, rules
from tests.core.test_properties import GENERATED, NUMBER

from goodword.core import calendar, events

PLAIN = rules(conversion={"minimum": {"EUR": 2_000}, "window": "20d"})

Told = tuple[str, int, int, int]
STREAM = st.lists(
    st.tuples(
        st.sampled_from(("click", "lead", "typed", "buy", "refund", "known", "cb", "lost")), NUMBER, NUMBER, NUMBER
    ),
    max_size=14,
)


def deliver(world: World, who: str, told_: Told) -> None:
    """One event of a group of people that share nothing with the others: their advocate, friend, visitor and invoices."""
    what, a, b, c = told_
    when = at_hour(a * 24 + b)
    invoice = f"{who}{c % 3}"
    if what == "click":
        world.click(f"ANN{who}", f"v{who}", when)
    elif what in ("lead", "typed"):
        touch = {"visitor": f"v{who}"} if what == "lead" else {"code": f"ANN{who}"}
        world.lead(f"bob{who}", when, **touch)
    elif what == "buy":
        world.buy(f"bob{who}", 1_000 * (1 + b), when, invoice=invoice)
    elif what == "refund":
        world.refund(invoice, 700 * (1 + a), f"r{b % 3}", when)
    elif what == "known":
        world.send(events.CustomerKnown, when=when, person=f"bob{who}", since=at_hour(b * 24))
    else:
        world.send(events.ChargebackOpened, when=when, invoice=invoice, chargeback="cb")
        if what == "lost":
            world.send(events.ChargebackClosed, when=when, invoice=invoice, chargeback="cb", outcome="lost")


def at_hour(hours: int) -> int:
    return at("2024-02-01") + hours * calendar.HOUR


def money_after(order: list[tuple[str, Told]]) -> dict[tuple[str, str, str], list[tuple[int, int]]]:
    """(program, beneficiary, conversion) -> what was earned and what is left of it, once all was delivered in that order."""
    world = World()
    world.publish(PLAIN)
    for who in "xyz":
        world.enrol(f"ann{who}", f"ANN{who}")
    world.tick("2024-03-01")
    for who, told_ in order:
        deliver(world, who, told_)
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
