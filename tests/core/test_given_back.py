"""Money that is given back of an order, and comes back after all, in any order and at any stage of its reward.

The model beside it knows no reward and no statuses: figures, what each refund said, and what disputes took.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from testkit import explained
from testkit.stories import tell, world
from testkit.world import World, advocate
from tests.core.test_orders import checked

from goodword.core import events
from goodword.core.state import Case, Payout

WHICH, SOME = st.integers(0, 2), st.integers(1, 13_000)
MOVE = st.one_of(
    st.tuples(st.just("amend"), st.integers(0, 15_000)),
    st.tuples(st.just("refund"), WHICH, SOME),
    st.tuples(st.just("refund"), WHICH, SOME),
    st.tuples(st.just("returned"), WHICH, st.one_of(st.none(), SOME)),
    st.tuples(st.just("returned"), WHICH, st.one_of(st.none(), SOME)),
    st.tuples(st.just("opened"), WHICH, st.one_of(st.none(), SOME)),
    st.tuples(st.just("closed"), WHICH, st.sampled_from(["kept", "lost"])),
    st.tuples(st.just("canceled")),
    st.tuples(st.just("merged")),
    st.tuples(st.just("pay"), st.sampled_from(["approved", "released", "processing", "completed"])),
    st.tuples(st.just("answer"), st.sampled_from(["completed", "failed", "returned"])),
)


class Model:
    """What is left of an order, by the words of its events alone."""

    def __init__(self) -> None:
        self.amount = 10_000
        self.refunds: dict[str, int] = {}  # what each says, less what came back of it
        self.early: dict[str, int | None] = {}  # what came back before it was told; None: all
        self.disputes: dict[str, tuple[int | None, bool]] = {}  # what was asked for, whether it is lost
        self.opened: set[str] = set()
        self.canceled = False

    @property
    def net(self) -> int:
        """What is left."""
        if self.canceled:
            return 0
        lost = [asked for asked, is_lost in self.disputes.values() if is_lost]
        if None in lost:
            return 0
        return max(0, self.amount - sum(self.refunds.values()) - sum(asked or 0 for asked in lost))

    def take(self, what: str, *said: Any) -> None:
        """Something is said of the order."""
        if what == "amend" and not self.canceled:
            self.amount = said[0]
        elif what == "refund" and not self.canceled:
            if f"r{said[0]}" not in self.refunds:
                early = self.early.get(f"r{said[0]}", 0)
                self.refunds[f"r{said[0]}"] = 0 if early is None else max(0, said[1] - early)
        elif what == "returned":
            id_, amount = f"r{said[0]}", said[1]
            early = self.early.get(id_, 0)
            if id_ in self.refunds:
                self.refunds[id_] = 0 if amount is None else max(0, self.refunds[id_] - amount)
            elif early is not None:
                self.early[id_] = None if amount is None else early + amount
        elif what == "opened":
            _, is_lost = self.disputes.get(f"c{said[0]}", (None, False))
            if f"c{said[0]}" not in self.opened:
                self.disputes[f"c{said[0]}"] = said[1], is_lost
            self.opened.add(f"c{said[0]}")
        elif what == "closed":
            asked, _ = self.disputes.get(f"c{said[0]}", (None, False))
            self.disputes[f"c{said[0]}"] = asked, said[1] == "lost"
        elif what == "canceled":
            self.canceled = True


def say(made: World, number: int, what: str, *said: Any) -> None:
    """Say it to the product."""
    named: dict[str, Any] = {"invoice": "bob-1"}
    if what == "amend":
        made.send(events.ConversionAmended, amendment=f"a{number}", amount=said[0], currency="EUR", **named)
    elif what == "refund":
        made.refund("bob-1", said[1], f"r{said[0]}")
    elif what == "returned":
        made.send(events.RefundReturned, refund=f"r{said[0]}", amount=said[1], **named)
    elif what == "opened":
        made.send(events.ChargebackOpened, chargeback=f"c{said[0]}", amount=said[1], **named)
    elif what == "closed":
        made.send(events.ChargebackClosed, chargeback=f"c{said[0]}", outcome=said[1], **named)
    elif what == "canceled":
        made.send(events.ConversionCanceled, **named)
    elif what == "merged":
        made.send(events.PersonMerged, keep="bob", gone=f"guest{number}")
        made.send(events.PersonMerged, keep="amy" if number % 2 else "ann", gone="ann" if number % 2 else "amy")
    elif what == "pay":
        pay(made, said[0])
    elif what == "answer":
        for payout in made.state.all(Payout):
            made.answer(payout, said[0])


def pay(made: World, until: str) -> None:
    """All that can go is approved, and goes so far."""
    for case in [case for case in made.state.all(Case) if case.status == "open"]:
        made.command(events.CaseDecided, case=case.id, outcome="cleared", reason="looked")
    made.tick("06-01")
    made.approve([reward for reward in made.rewards(status="in_review") if not reward.cases])
    if until == "approved":
        return
    payouts = made.draft("ann", "amy", "bob")
    made.release(payouts)
    for outcome in ("processing", "completed"):
        for payout in payouts if until != "released" else ():
            made.answer(payout, outcome)
        if outcome == until:
            return


@settings(max_examples=400, deadline=None)
@given(st.lists(MOVE, max_size=10), st.integers(0, 3))
def test_a_reward_is_what_is_left_of_its_order(moves: list[tuple[Any, ...]], first: int) -> None:
    """Refunds, returns, amendments, disputes, cancellations, merges, payouts as they come: each reward is its part of the rest.

    Every invariant of the books holds after each event, and every change of a reward is posted and told to the cent.
    """
    made = world(rewards=[advocate(percent="12.5"), {"side": "friend", "percent": "5"}], hold="0d", expires_after=None)
    made.payee("ann")
    made.payee("amy")
    made.payee("bob")
    tell(made, "01-02 lead bob code=ANN")
    model = Model()
    for number, (what, *said) in enumerate([*moves[:first], ("buy",), *moves[first:]]):
        if what == "buy":
            made.buy("bob", 10_000)
        elif what in ("canceled", "amend") and made.conversion().amount is None:
            continue
        else:
            say(made, number, what, *said)
            model.take(what, *said)
        if made.conversion().amount is not None:
            assert made.conversion().net == model.net, (what, said)
            earned = {reward.side: reward.amount for reward in made.rewards()}
            for side, percent in (("advocate", 125), ("friend", 50)):
                exact = model.net * percent
                assert abs(earned[side] * 1_000 - exact) <= 500, (what, said, earned)
    for _, _, decision in made.log:
        assert explained.told(decision.verdicts, made.state) == explained.posted(decision.postings, made.state)
    checked(made)
