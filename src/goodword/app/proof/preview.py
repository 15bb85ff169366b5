"""What an order would earn under a rule file: a workspace that is nowhere, in which it really happens, decided by ``core.run``.

An advocate enrols, a friend types their code and orders; nothing is stored, and no timer fires. Must not know: SQL, HTTP, what any
rule means.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from msgspec import Struct

from goodword.core import calendar, events, ids, money, rules
from goodword.core.decision import Verdict
from goodword.core.events import Event, Line
from goodword.core.facts import Actor, Facts
from goodword.core.rules import Rules
from goodword.core.run import Run
from goodword.core.state import Offer, Reward, State

ADVOCATE: Final = "advocate"
FRIEND: Final = "friend"
MOST_BEFORE: Final = 1_000
_CODE: Final = "code"
_BEFORE: Final = (
    367 * calendar.DAY
)  # what came before lies in another calendar year: limits of a period do not count it
_OWNER: Final = Actor(id="owner", kind="member", roles=("owner",))


class Order(Struct, frozen=True, kw_only=True):
    """What a friend does. ``amount``: minor units, None: nothing was paid, as with a sign-up. ``days``: since the lead.

    ``known``: the friend was a customer before. ``before``: so many other friends of the advocate ordered the same, more than a year
    before. ``products`` and ``brands``: of its lines, the first product with the first brand; the amount is spread evenly over them.
    """

    amount: int | None = None
    currency: str | None = None
    name: str = "purchase"
    country: str | None = None
    products: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    traits: Mapping[str, bool | int | str] = {}
    known: bool = False
    days: int = 0
    before: int = 0


class Preview(Struct, frozen=True):
    """The verdicts about the friend's lead and order, the rewards that they earn, and the welcome that the friend is offered still."""

    verdicts: tuple[Verdict, ...]
    rewards: tuple[Reward, ...]
    offers: tuple[Offer, ...] = ()


def preview(of: Rules, order: Order, at: int) -> Preview:
    """Return what an order of that instant would earn, if the rules had been published before it. Raises nothing for right rules."""
    told = _Told(max(0, at - _BEFORE - order.days * calendar.DAY))
    text = rules.document(of)
    told.say(events.ProgramPublished, slug=of.program, rules=rules.version(text).hash, document=text)
    told.say(events.AdvocateEnrolled, person=ADVOCATE, code=_CODE, accepted_terms=True)
    for number in range(order.before):
        told.orders(f"{FRIEND}-{number + 1}", order)
    told.now = max(told.now, at - order.days * calendar.DAY)
    if order.known:
        told.say(events.CustomerKnown, person=FRIEND, since=told.now - calendar.DAY)
    verdicts = told.orders(FRIEND, order, at)
    offered = tuple(offer for offer in told.state.all(Offer) if offer.person == FRIEND and offer.status == "open")
    return Preview(verdicts, tuple(reward for reward in told.state.all(Reward) if reward.friend == FRIEND), offered)


class _Told(Run):
    """A story, each event at the instant ``now``."""

    def __init__(self, now: int) -> None:
        super().__init__(State(complete=True), {})
        self.now = now

    def say(self, kind: type[Event], **fields: Any) -> tuple[Verdict, ...]:
        """Let something happen now; its verdicts."""
        number = (self.now // 1_000).to_bytes(6) + self.position.to_bytes(10)
        event: Any = kind(
            evt=ids.encode("evt", number), source="preview", occurred_at=self.now, accepted_at=self.now, **fields
        )
        return self.step(event, Facts(actor=_OWNER if kind.PERMISSION else None)).verdicts

    def orders(self, friend: str, order: Order, at: int | None = None) -> tuple[Verdict, ...]:
        """Let a friend type the advocate's code now and order at an instant, or now; return the verdicts about both."""
        if order.traits:
            self.say(events.CustomerUpdated, person=friend, traits=dict(order.traits))
        lead = self.say(events.LeadCreated, person=friend, code=_CODE)
        self.now = self.now if at is None else at
        offer = self._offered(friend, order.currency)
        ordered = self.say(
            events.ConversionRecorded,
            person=friend,
            name=order.name,
            invoice=None if order.amount is None else f"order-of-{friend}",
            amount=order.amount,
            currency=order.currency,
            country=order.country,
            lines=lines_of(order),
            offer=None if offer is None else offer.id,
            discount=0 if offer is None else offer.amounts[order.currency or ""],
        )
        return (*lead, *ordered)

    def _offered(self, friend: str, currency: str | None) -> Offer | None:
        """Return the welcome that a friend may use for an order in a currency: the shop takes it off, and charges the amount."""
        its = (it for it in self.state.all(Offer) if it.person == friend and it.status == "open")
        return next((it for it in its if it.until > self.now and currency in it.amounts), None)


def lines_of(order: Order) -> tuple[Line, ...]:
    """Return the lines of an order: of the shorter list the last one goes on, so that each line has a product and a brand."""
    count = max(len(order.products), len(order.brands))
    parts = money.split(order.amount or 0, [(f"{n}", Fraction(1, count)) for n in range(count)])
    products, brands = order.products or ("any",), order.brands or (None,)
    return tuple(
        Line(id=f"{n}", product=products[min(n, len(products) - 1)], brand=brands[min(n, len(brands) - 1)], amount=part)
        for n, part in enumerate(parts)
    )
