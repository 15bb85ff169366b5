"""A month of a small shop's traffic, the same every time: what the demo sends. Nobody in it exists."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

STARTS_AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAYS = 31
#: After every hold is over; after the approved rewards are due.
REVIEWED_AT = datetime(2026, 4, 20, 9, tzinfo=UTC)
PAID_AT = datetime(2026, 5, 16, 9, tzinfo=UTC)

#: Above it the rules below ask for two people.
TWO_PEOPLE_OVER = 10_000

RULES = """\
program: bring-a-friend
name: Bring a friend
currency: EUR
landing_url: https://shop.example/welcome
hold: 14d
review:
  over: {EUR: 14000}
  two_people_over: {EUR: 10000}
  velocity: {count: 3, per: day}
conversions:
  - on: purchase
    window: 60d
    minimum: {EUR: 2000}
    rewards:
      - side: advocate
        kind: cash
        percent: 10
        cap: {EUR: 15000}
        limits:
          - {per: month, count: 5}
      - side: friend
        kind: credit
        flat: {EUR: 1000}
"""

_ADVOCATES = tuple(
    "Lena Anton Mira Jonas Clara Emil Frieda Paul Ida Oskar Nora Felix Greta Hugo Alma Theo Lotte Carl Rosa Max".split()  # noqa: SIM905
)
#: How often an ordinary friend buys, types the code, sends an order back, and all of it.
_BUYS, _TYPES, _REFUNDS, _WHOLE = 0.7, 0.3, 0.12, 0.5
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


class Click(NamedTuple):
    """A click of an advocate's link. ``friend``: whose lead names it later; a bot has none."""

    code: str
    agent: str
    friend: str | None = None


@dataclass
class Day:
    """Clicks in the morning, events until the evening. A lead's ``click_of`` names the friend whose click it follows."""

    morning: datetime
    evening: datetime
    clicks: list[Click] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


class _Month:
    def __init__(self) -> None:
        self.dice = random.Random(20_260_301)  # noqa: S311 - the same month every time
        self.days = [
            Day(STARTS_AT + timedelta(days=number), STARTS_AT + timedelta(days=number, hours=12))
            for number in range(DAYS)
        ]
        self.friends = 0

    def say(self, day: int, type_: str, id_: str, **fields: Any) -> None:
        moment = self.days[day].morning + timedelta(minutes=self.dice.randrange(30, 700))
        self.days[day].events.append({"type": type_, "id": id_, "occurred_at": _text(moment), **fields})

    def friend(self, day: int, code: str, *, typed: bool = False, amount: int | None = None) -> str:
        """Return the name of a friend who comes, by a click or a code, and then buys for ``amount`` minor units of EUR."""
        self.friends += 1
        name = f"cus-{self.friends:03d}"
        touch: dict[str, Any] = {"code": code} if typed else {"click_of": name}
        if not typed:
            self.days[day].clicks.append(Click(code, _BROWSER, name))
        self.say(day, "lead.created", f"lead-{name}", customer_external_id=name, customer_name=name.title(), **touch)
        if amount is not None:
            bought = min(day + self.dice.randrange(0, 5), DAYS - 1) if day + 1 < DAYS else day
            self.buy(max(bought, min(day + 1, DAYS - 1)), name, amount)
        return name

    def buy(self, day: int, name: str, amount: int) -> None:
        money = {"invoice_id": f"inv-{name}", "amount": amount, "currency": "EUR"}
        self.say(day, "conversion.recorded", f"order-{name}", customer_external_id=name, **money)


def month() -> list[Day]:
    """Return the month, day by day; events of a day in order of time."""
    made = _Month()
    for number, name in enumerate(_ADVOCATES):
        who = {"external_id": f"adv-{number:02d}", "name": name, "email": f"{name.lower()}@mail.example"}
        made.say(0, "advocate.enrolled", f"enrol-{number:02d}", code=name.upper(), **who)
    for number in range(1, DAYS):
        _ordinary(made, number)
    _stories(made)
    for day in made.days:
        day.events.sort(key=lambda event: event["occurred_at"])
    return made.days


def _ordinary(made: _Month, day: int) -> None:
    dice = made.dice
    for _ in range(dice.randrange(2, 7)):
        made.days[day].clicks.append(Click(dice.choice(_ADVOCATES), _BROWSER))
    for _ in range(dice.randrange(0, 3)):
        made.days[day].clicks.append(Click(dice.choice(_ADVOCATES), _BOT))
    for _ in range(dice.randrange(1, 4)):
        code = dice.choice(_ADVOCATES[1:])
        amount = dice.randrange(1_500, 42_000) if dice.random() < _BUYS else None
        name = made.friend(day, code, typed=dice.random() < _TYPES, amount=amount)
        if amount and dice.random() < _REFUNDS and day + 6 < DAYS:
            back = amount if dice.random() < _WHOLE else amount // 3
            made.say(
                day + 6, "conversion.refunded", f"back-{name}", invoice_id=f"inv-{name}", refund_id="r1", amount=back
            )


def _stories(made: _Month) -> None:
    """What a month of ordinary days might not bring: each happens once."""
    for number in range(7):  # Lena brings seven friends, five of whom count in a month
        made.friend(3 + 2 * number, "LENA", typed=True, amount=9_000 + 500 * number)
    made.friend(8, "ANTON", amount=240_000)  # a large order: the reward is capped, flagged, and needs two people
    made.friend(9, "MIRA", amount=118_000)  # above the limit of one person, not above the review's
    for _ in range(5):  # five friends of one advocate in a day: velocity
        name = made.friend(20, "IDA", typed=True)
        made.buy(21, name, 6_000)
    own = {"customer_external_id": "cus-jonas-2", "customer_email": "jonas@mail.example"}
    made.say(5, "lead.created", "lead-self", code="JONAS", **own)  # Jonas recommends Jonas
    made.say(6, "lead.created", "lead-unknown", customer_external_id="cus-lost", code="NOBODY")


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
