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
#: The second month, and where it stands when somebody opens the console: half of its holds are over, some of it is late.
GOES_ON_AT = datetime(2026, 5, 18, 8, tzinfo=UTC)
MORE_DAYS = 30
NOW = datetime(2026, 6, 17, 9, tzinfo=UTC)
#: From then on orders do not come any more, and nobody was told.
_SILENT_FROM = 27

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

_ADVOCATES = {
    name.split()[0].upper(): name
    for name in (
        *("Lena Hartmann", "Anton Krüger", "Mira Petrović", "Jonas Weber", "Clara Lindqvist", "Emil Sørensen"),
        *("Frieda Vogel", "Paul Okafor", "Ida Brandt", "Oskar Nowak", "Nora Benali", "Felix Auer", "Greta Sommer"),
        *(
            "Hugo Marchetti",
            "Alma Reyes",
            "Theo Papadakis",
            "Lotte de Vries",
            "Carl Andersson",
            "Rosa Duarte",
            "Max Keller",
        ),
    )
}
_CODES = tuple(_ADVOCATES)
#: As many names of customers as these have pairs: none comes twice.
_PLACES = (
    *(
        "Nordlicht",
        "Hafen",
        "Linden",
        "Auwald",
        "Ufer",
        "Sonnenhof",
        "Kranich",
        "Elbtal",
        "Birken",
        "Morgenrot",
        "Felsen",
    ),
    *(
        "Möwen",
        "Herbst",
        "Alpha",
        "Turm",
        "Brücken",
        "Seerosen",
        "Falken",
        "Kupfer",
        "Winter",
        "Garten",
        "Anker",
        "Wiesen",
    ),
)
_TRADES = ("Optik", "Druck", "Kaffee", "Möbel", "Fahrrad", "Papier", "Licht", "Honig", "Werkzeug")
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
    def __init__(self, starts_at: datetime, days: int, friends: int = 0) -> None:
        self.dice = random.Random(20_260_301 + friends)  # noqa: S311 - the same month every time
        self.days = [
            Day(starts_at + timedelta(days=number), starts_at + timedelta(days=number, hours=12))
            for number in range(days)
        ]
        self.friends = friends
        self.numbers: dict[str, str] = {}  # of customers by name

    def invoice(self, name: str) -> str:
        return f"2026-{self.numbers[name]}"

    def sorted(self) -> list[Day]:
        for day in self.days:
            day.events.sort(key=lambda event: event["occurred_at"])
        return self.days

    def enrol(self, code: str, name: str) -> None:
        """Let somebody recommend from the first day on."""
        who = {"external_id": name, "name": name, "email": f"{code.lower()}@mail.example"}
        self.say(0, "advocate.enrolled", f"enrol-{code.lower()}", code=code, **who)

    def say(self, day: int, type_: str, id_: str, **fields: Any) -> None:
        moment = self.days[day].morning + timedelta(minutes=self.dice.randrange(30, 700))
        self.days[day].events.append({"type": type_, "id": id_, "occurred_at": _text(moment), **fields})

    def friend(self, day: int, code: str, *, typed: bool = False, amount: int | None = None) -> str:
        """Return the name of a friend who comes, by a click or a code, and then buys for ``amount`` minor units of EUR."""
        self.friends += 1
        name = f"{_PLACES[self.friends % len(_PLACES)]} {_TRADES[self.friends % len(_TRADES)]}"
        self.numbers[name] = f"{self.friends:04d}"
        touch: dict[str, Any] = {"code": code} if typed else {"click_of": name}
        if not typed:
            self.days[day].clicks.append(Click(code, _BROWSER, name))
        lead = {"customer_external_id": name, "customer_name": name, **touch}
        self.say(day, "lead.created", f"lead-{self.numbers[name]}", **lead)
        if amount is not None:
            last = len(self.days) - 1
            bought = min(day + self.dice.randrange(0, 5), last) if day < last else day
            self.buy(max(bought, min(day + 1, last)), name, amount)
        return name

    def buy(self, day: int, name: str, amount: int) -> None:
        """Let a friend who came order, once."""
        money = {"invoice_id": self.invoice(name), "amount": amount, "currency": "EUR"}
        self.say(day, "conversion.recorded", f"order-{self.numbers[name]}", customer_external_id=name, **money)


def month() -> list[Day]:
    """Return the month, day by day; events of a day in order of time."""
    made = _Month(STARTS_AT, DAYS)
    for code, name in _ADVOCATES.items():
        made.enrol(code, name)
    for number in range(1, DAYS):
        _ordinary(made, number)
    _stories(made)
    return made.sorted()


def _ordinary(made: _Month, day: int) -> None:
    dice = made.dice
    for _ in range(dice.randrange(2, 7)):
        made.days[day].clicks.append(Click(dice.choice(_CODES), _BROWSER))
    for _ in range(dice.randrange(0, 3)):
        made.days[day].clicks.append(Click(dice.choice(_CODES), _BOT))
    for _ in range(dice.randrange(1, 4)):
        code = dice.choice(_CODES[1:])
        amount = dice.randrange(1_500, 42_000) if dice.random() < _BUYS else None
        name = made.friend(day, code, typed=dice.random() < _TYPES, amount=amount)
        if amount and dice.random() < _REFUNDS and day + 6 < DAYS:
            back = amount if dice.random() < _WHOLE else amount // 3
            made.say(
                day + 6,
                "conversion.refunded",
                f"back-{made.numbers[name]}",
                invoice_id=made.invoice(name),
                refund_id="r1",
                amount=back,
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
    own = {"customer_external_id": "Weber Modellbau", "customer_email": "jonas@mail.example"}
    made.say(5, "lead.created", "lead-self", code="JONAS", **own)  # Jonas recommends Jonas
    made.say(6, "lead.created", "lead-unknown", customer_external_id="Kessler Papier", code="NOBODY")


class Stories(NamedTuple):
    """What becomes of some orders of the second month, by their invoices, and of who recommended.

    ``two_people``: above what one person may decide. ``contested``: ``rival`` says that they brought the customer.
    ``new``: recommends since the month began, and nobody knows the account of a second one who does.
    """

    two_people: str
    contested: str
    rival: str
    new: str


def second_month() -> tuple[list[Day], Stories]:
    """Return a month of which nothing is approved yet: some rewards are in review, late or not, some are pending."""
    made = _Month(GOES_ON_AT, MORE_DAYS, friends=100)
    made.enrol("SAMIRA", "Samira Haddad")
    made.enrol("YANNICK", "Yannick Moreau")
    codes = (*_CODES[1:], "SAMIRA")
    for day in range(1, MORE_DAYS):
        made.days[day].clicks += [Click(code, _BROWSER) for code in made.dice.sample(codes, 2)]
        made.friend(day, made.dice.choice(codes), typed=day % 3 == 0)
        if day < _SILENT_FROM:
            made.buy(
                day,
                made.friend(day - 1, codes[day % len(codes)], typed=day % 4 == 0),
                made.dice.randrange(2_500, 42_000),
            )
    made.friend(2, "THEO", amount=260_000)  # above the review's limit: a case
    two_people = made.friend(3, "CLARA", amount=124_000)
    contested = made.friend(5, "NORA", amount=38_000)
    made.friend(6, "SAMIRA", amount=29_000)  # a payee who was never paid
    made.friend(6, "YANNICK", amount=31_000)  # one whose account nobody knows
    asked_back = made.friend(4, "FELIX", amount=45_000)
    made.say(20, "chargeback.opened", "bank-1", invoice_id=made.invoice(asked_back), chargeback_id="cb-1")
    complains = made.friend(7, "GRETA", amount=33_000)
    made.say(12, "customer.issue_opened", "issue-1", customer_external_id=complains, issue="parcel-lost")
    for _ in range(4):  # one more than usual in a day
        made.buy(10, made.friend(9, "IDA", typed=True), 7_500)
    return made.sorted(), Stories(
        made.invoice(two_people), made.invoice(contested), _ADVOCATES["HUGO"], "Samira Haddad"
    )


#: What a shop sends by mistake: each is refused at the door, with the field that was wrong.
MISTAKES = (
    {
        "type": "conversion.recorded",
        "id": "order-typo",
        "customer_external_id": "Anker Licht",
        "invoice_id": "2026-0199",
        "amount": 19_900,
        "currency": "EUR",
        "discuont": 500,
    },
    {"type": "lead.created", "id": "lead-nobody", "code": "IDA"},
)


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
