"""Examples of what rules come to: small stories in a workspace that is nowhere, each event decided by ``core.run`` as a real one is.

Their orders are made up from the rules, so that what these ask for holds. They happen on the same days whenever they are told, so that
the same rules have the same examples. An example that the rules make impossible says why. Must not know: SQL, HTTP, sentences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from goodword.app.proof.preview import Order, lines_of
from goodword.core import calendar, events, ids, lists, money, payouts, reviews
from goodword.core.decision import Verdict
from goodword.core.events import Event
from goodword.core.facts import Actor, Facts
from goodword.core.kinds.conditions.amount import Amount
from goodword.core.kinds.conditions.brand import Brand
from goodword.core.kinds.conditions.country import Country
from goodword.core.kinds.conditions.customer import Customer as ForCustomer
from goodword.core.kinds.conditions.product import Product
from goodword.core.kinds.conditions.trait import Trait
from goodword.core.kinds.rewards import taken_off, to_payee
from goodword.core.rules import Conversion, Reward, Rules, RuleVersion, amount_in, fraction
from goodword.core.run import Timed
from goodword.core.semantics import CURRENT
from goodword.core.state import Case, Claim, Offer, Payee, Payout, Program, State
from goodword.core.state import Reward as Earned
from goodword.words.terms import Else, Example, Has, Moment

#: When every example begins. It is no promise: only what lies between two days is.
START: Final = calendar.parse("2026-03-02T09:00:00Z")
ADVOCATE: Final = "advocate"
OTHER: Final = "other"
FRIEND: Final = "friend"
_OWNER: Final = Actor(id="owner", kind="member", roles=("owner",))
_SECOND: Final = Actor(id="second", kind="member", roles=("owner",))
_LOOKS: Final = Actor(id="looks", kind="member", roles=("owner",))  # decides cases: who does approves nothing of them
_PAYER: Final = Actor(id="payer", kind="member", roles=("payer",))
_SERVER: Final = Actor(id="sk:server", kind="key")
_RAIL: Final = Actor(id="worker", kind="system")
_WHOLE = 100  # of the currency: what an order comes to, unless the rules ask for more or less
_MOST_ORDERS = 24  # that an example tells, to reach a limit
_COUNTRIES = ("DE", "FR", "US", "JP", "CH")  # of which one is not left out by rules that leave some out


class Nothing(Exception):
    """There is no such example. ``why``: its code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


#: What was told to the workspace of an example, by whom, and what came of it.
Told = tuple[Event, Facts, tuple[Verdict, ...]]


class Story(Timed):
    """A workspace in which an example happens. ``said``: all that was said in it, which another one decides alike."""

    def __init__(self, code: str, version: RuleVersion) -> None:
        super().__init__(State(complete=True), {})
        self.code = code
        self.now = START - calendar.DAY
        self.said: list[Told] = []
        self.moments: list[Moment] = []
        self.told_at: list[int | None] = []  # behind how much of what was said each moment is
        self.semantics = version.semantics
        self.say(events.ProgramPublished, _OWNER, slug=version.rules.program, rules=version.hash, document=version.text)
        self.semantics = CURRENT
        if next(iter(self.state.all(Program)), None) is None:
            raise Nothing("nothing")  # rules of before, such as of a currency that has ended
        self.enrols(ADVOCATE)
        self.now = START

    def say(self, kind: type[Event], actor: Actor | None = None, **fields: Any) -> tuple[Verdict, ...]:
        """Let something happen now, behind the timers that are due by then; its verdicts."""
        self.fire(self.now)
        number = (self.now // 1_000).to_bytes(6) + self.position.to_bytes(10)
        event: Any = kind(
            evt=ids.encode("evt", number), source="preview", occurred_at=self.now, accepted_at=self.now, **fields
        )
        facts = Facts(actor=actor)
        self.now += calendar.SECOND  # no two things happen at once
        verdicts = self.step(event, facts).verdicts
        self.said.append((event, facts, verdicts))
        return verdicts

    def tell(self, code: str, verdicts: tuple[Verdict, ...] = (), **values: Any) -> None:
        """Keep what happened last, and what everybody has by now."""
        heard = tuple(
            (who, it) for it in verdicts if it.about == "reward" and (who := self._who(it.beneficiary)) is not None
        )
        self.moments.append(Moment(self.day, code, values, self.has(), heard))
        self.told_at.append(len(self.said))

    @property
    def day(self) -> int:
        """How many days it is since the example began."""
        return (self.now - START) // calendar.DAY

    def reach_day(self, at: int) -> None:
        """Let time pass until an instant is over."""
        self.now = max(self.now, at + calendar.MINUTE)
        self.fire(self.now)

    def enrols(self, person: str) -> None:
        """Let somebody join who accepts the terms."""
        self.say(events.AdvocateEnrolled, person=person, code=f"code-{person}", accepted_terms=True)

    def comes(self, order: Order, friend: str = FRIEND) -> None:
        """Let a friend type the advocate's code."""
        if order.known:
            self.say(events.CustomerKnown, person=friend, since=self.now - calendar.DAY)
        if order.traits:
            self.say(events.CustomerUpdated, person=friend, traits=dict(order.traits))
        self.say(events.LeadCreated, person=friend, code=f"code-{ADVOCATE}")

    def orders(self, order: Order, friend: str = FRIEND) -> tuple[Verdict, ...]:
        """Let a friend order, with what was offered to them taken off."""
        offer = next((it for it in self.state.all(Offer) if it.person == friend and it.status == "open"), None)
        off = 0 if offer is None or order.amount is None else offer.amounts.get(order.currency or "", 0)
        return self.say(
            events.ConversionRecorded,
            person=friend,
            name=order.name,
            invoice=None if order.amount is None else f"order-of-{friend}",
            amount=order.amount,
            currency=None if order.amount is None else order.currency,
            country=order.country,
            discount=off,
            offer=offer.id if off and offer is not None else None,
            lines=lines_of(order),
        )

    def rewards(self) -> list[Earned]:
        """All rewards, the advocate's first."""
        return sorted(self.state.all(Earned), key=lambda it: (it.side != "advocate", it.earned_at, it.id))

    def has(self) -> tuple[Has, ...]:
        """Sums by person, unit and state, so that an example of many orders has one line of each."""
        sums: dict[tuple[str, str, str], tuple[int, int]] = {}
        for it in self.rewards():
            who = self._who(it.beneficiary)
            if who is not None:
                key = who, it.unit, it.status if it.amount or it.sent else "pending"
                amount, sent = sums.get(key, (0, 0))
                sums[key] = amount + it.amount, sent + it.sent
        return tuple(Has(who, amount, unit, status, sent) for (who, unit, status), (amount, sent) in sums.items())

    def _who(self, person: str | None) -> str | None:
        if person in (ADVOCATE, OTHER):
            return person
        return FRIEND if person is not None and person.startswith(FRIEND) else None


def examples(version: RuleVersion) -> tuple[Example, ...]:
    """Return the examples of a version of rules, always the same and in the same order."""
    return tuple(it for it, _ in stories(version))


def stories(version: RuleVersion) -> list[tuple[Example, Story | None]]:
    """Return them with the workspaces in which they happened."""
    found: list[tuple[Example, Story | None]] = []
    for code, make in _EXAMPLES.items():
        try:
            story = Story(code, version)
            make(story, version.means)
        except Nothing as error:
            found.append((Example(code, why=error.why), None))
        else:
            found.append((Example(code, tuple(story.moments)), story))
    return found


# --- the stories ------------------------------------------------------------------------------------------------------


def _purchase(story: Story, rules: Rules) -> None:
    order = order_of(rules, rules.conversions[0])
    _until_ordered(story, order)


def _half(story: Story, rules: Rules) -> None:
    order = _returnable(rules)
    _until_ordered(story, order)
    story.now += 5 * calendar.DAY
    _give_back(story, order, (order.amount or 0) // 2)
    _approve(story)


def _after_payment(story: Story, rules: Rules) -> None:
    order = _returnable(rules)
    _until_ordered(story, order)
    _approve(story)
    _pay(story)
    story.now += 5 * calendar.DAY
    _give_back(story, order, order.amount or 0)


def _shared(story: Story, rules: Rules) -> None:
    order = order_of(rules, rules.conversions[0])
    story.enrols(OTHER)
    story.comes(order)
    lead_at = story.now
    story.tell("comes")
    story.say(
        events.ClaimEntered,
        _SERVER,
        person=FRIEND,
        advocates=((OTHER, 1, 1),),
        lead_at=lead_at,
        reason="introduced",
        program=_program(story),
    )
    story.tell("claimed")
    claim = next(iter(story.state.all(Claim)), None)
    if claim is None:
        raise Nothing("nothing")
    half = ((ADVOCATE, 1, 2), (OTHER, 1, 2))
    story.say(events.ClaimDecided, _OWNER, claim=claim.id, outcome="split", reason="both", shares=half)
    story.tell("split")
    story.now += 5 * calendar.DAY
    _order(story, order)


def _capped(story: Story, rules: Rules) -> None:
    rule, reward = _limited(rules)
    order = order_of(rules, rule)
    if reward.cap is not None:
        most = amount_in(reward.cap, rules.currency) or 0
        order = _large(rule, reward, order, most)
        _come(story, order)
        verdicts = _expected(story.orders(order))
        if order.amount is None:
            _tell_order(story, order, verdicts)
        else:
            story.tell("orders_more", verdicts, amount=(order.amount, order.currency), most=(most, order.currency))
        if all(it.amount != most for it in story.rewards() if it.side == reward.side and it.kind == reward.kind):
            raise Nothing("far_cap")
        return
    _until_ordered(story, order)
    first = _earned(story, rule, reward)
    for number in range(1, _MOST_ORDERS):
        had, before = story.has(), _earned(story, rule, reward)
        friend = f"{FRIEND}-{number}"
        story.comes(order, friend)
        verdicts = story.orders(order, friend)
        if _earned(story, rule, reward) - before >= max(first, 1):
            continue
        if number > 1:
            story.moments.append(Moment(story.day, "again", {"count": number - 1}, had))
            story.told_at.append(None)
        _tell_order(story, order, verdicts, "friend_")
        return
    raise Nothing("far_cap")


def _brands(story: Story, rules: Rules) -> None:
    one, two, order = _two(rules)
    _come(story, order)
    first, second = ((line.amount, order.currency) for line in lines_of(order))
    verdicts = _expected(story.orders(order))
    amount = (order.amount, order.currency)
    story.tell("orders_brands", verdicts, amount=amount, first=first, second=second, one=one, two=two)


_EXAMPLES: Final[dict[str, Callable[[Story, Rules], None]]] = {
    "purchase": _purchase,
    "half": _half,
    "after_payment": _after_payment,
    "shared": _shared,
    "capped": _capped,
    "brands": _brands,
}


# --- what happens in several of them ----------------------------------------------------------------------------------


def _come(story: Story, order: Order) -> None:
    story.comes(order)
    story.tell("comes")
    story.now += 5 * calendar.DAY


def _until_ordered(story: Story, order: Order) -> None:
    _come(story, order)
    _order(story, order)


def _order(story: Story, order: Order) -> None:
    verdicts = _expected(story.orders(order))
    _tell_order(
        story, order, verdicts if story.code == "purchase" else ()
    )  # what all examples begin with is said in one of them


def _tell_order(story: Story, order: Order, verdicts: tuple[Verdict, ...], who: str = "") -> None:
    if order.amount is None:
        story.tell(f"{who}does", verdicts, on=order.name)
    else:
        story.tell(f"{who}orders", verdicts, amount=(order.amount, order.currency))


def _expected(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    if not any(it.about == "reward" and it.amount for it in verdicts):
        raise Nothing("nothing")
    return verdicts


def _give_back(story: Story, order: Order, amount: int) -> None:
    of = f"order-of-{FRIEND}"
    verdicts = story.say(events.ConversionRefunded, invoice=of, refund="return", amount=amount, currency=order.currency)
    story.tell("returned", verdicts, amount=(amount, order.currency))


def _approve(story: Story) -> None:
    """Wait for the end of the hold, decide what made somebody look closer, and approve, by two where the rules say so."""
    story.reach_day(max((it.hold_until for it in story.rewards()), default=story.now))
    for reward in story.rewards():
        for actor in (_LOOKS, _OWNER, _SECOND) if reward.marks else ():
            story.say(events.RecordLooked, actor, subject=reward.id, what="opened", seconds=9)
    for case in [it for it in story.state.all(Case) if it.status == "open"]:
        story.say(events.CaseDecided, _LOOKS, case=case.id, outcome="cleared", reason="nothing_found")
    for person in dict.fromkeys(it.beneficiary for it in story.rewards() if to_payee(it.kind)):
        story.say(events.PayeeSet, _SERVER, person=person, rail="bank_file", destination="account")
    for actor in (_OWNER, _SECOND):
        waits = [it for it in story.rewards() if it.status == "in_review" and it.amount]
        items = tuple(reviews.item_of(it, story.state.get(Payee, it.beneficiary)) for it in waits)
        if items:
            story.say(events.ApprovalGiven, actor, items=items, list_sha256=lists.digest(items))
    if not any(it.status == "approved" for it in story.rewards()):
        raise Nothing("nothing")
    story.tell("approved")


def _way(it: Earned) -> tuple[str, tuple[str, ...], bool]:
    """The rail over which a reward goes in an example, what it delivers, and whether a person says what became of it."""
    if to_payee(it.kind):
        return "bank_file", ("cash",), True
    return ("own_system", ("gift",), False) if it.kind == "gift" else ("store_credit", ("credit", "points"), False)


def _pay(story: Story) -> None:
    """Wait until it is due, and send it over a rail that answers that it arrived."""
    approved = [it for it in story.rewards() if it.status == "approved" and not taken_off(it.kind)]
    story.reach_day(max((it.due_at or 0 for it in approved), default=story.now))
    for unit, way in dict.fromkeys((it.unit, _way(it)) for it in approved):
        people = tuple(dict.fromkeys(it.beneficiary for it in approved if it.unit == unit and _way(it) == way))
        rail, kinds, manual = way
        how = {"rail": rail, "kinds": kinds, "manual": manual, "unit": unit, "beneficiaries": people}
        story.say(events.PayoutDrafted, _PAYER, **how)
    drafts = [it for it in story.state.all(Payout) if it.status in ("draft", "awaiting_release")]
    if not drafts:
        raise Nothing("not_alone")
    items = tuple(payouts.item_of(it) for it in drafts)
    story.say(events.PayoutReleased, _OWNER, items=items, list_sha256=lists.digest(items))
    for payout in drafts:
        for outcome in ("processing", "sent", "completed"):
            by = _PAYER if payout.manual else _RAIL
            story.say(events.PayoutAnswered, by, payout=payout.id, outcome=outcome, anew=True)
    story.tell("paid")


# --- orders that rules ask for ----------------------------------------------------------------------------------------


def order_of(rules: Rules, rule: Conversion) -> Order:
    """Return an order of which all holds that a rule asks for, as far as one can."""
    conditions = {kind: [it for it in rule.conditions if isinstance(it, kind)] for kind in _KINDS}
    traits = {it.name: it.equals if it.equals is not None else it.at_least or 0 for it in conditions[Trait]}
    is_paid = (
        rule.on == "purchase"
        or rule.minimum is not None
        or bool(conditions[Amount])
        or any(reward.percent is not None or taken_off(reward.kind) for reward in rule.rewards)
    )
    return Order(
        name=rule.on,
        amount=_amount(rules, rule, conditions[Amount]) if is_paid else None,
        currency=rules.currency,
        country=_country(conditions[Country]),
        products=tuple(it.any_of[0] for it in conditions[Product][:1]),
        brands=tuple(it.any_of[0] for it in conditions[Brand][:1]),
        traits=traits,
        known=any(not it.new for it in conditions[ForCustomer]),
    )


_KINDS: Final[tuple[Any, ...]] = (Amount, Brand, Country, ForCustomer, Product, Trait)


def _amount(rules: Rules, rule: Conversion, ranges: list[Amount]) -> int:
    """A hundred of the currency; more or less where the rules ask for that."""
    amount = _WHOLE * 10 ** max(money.CURRENCIES[rules.currency], 2)
    low = max(
        [amount_in(rule.minimum or {}, rules.currency) or 0, *(it.at_least.get(rules.currency, 0) for it in ranges)]
    )
    below = min((it.below[rules.currency] for it in ranges if rules.currency in it.below), default=None)
    amount = max(amount, low)
    return amount if below is None or amount < below else (low + below) // 2


def _country(asked: list[Any]) -> str | None:
    if not asked:
        return None
    named = [code for it in asked if not it.negate for code in it.any_of]
    fits = (code for code in (*named, *_COUNTRIES) if all((code in it.members) is not it.negate for it in asked))
    return next(fits, None)


def _returnable(rules: Rules) -> Order:
    """An order of the first rule by which something is paid."""
    orders = (order_of(rules, rule) for rule in rules.conversions)
    order = next((it for it in orders if it.amount is not None), None)
    if order is None:
        raise Nothing("no_amount")
    return order


def _limited(rules: Rules) -> tuple[Conversion, Reward]:
    """The first reward of an advocate that has a cap, or else a limit."""
    them = [(rule, reward) for rule in rules.conversions for reward in rule.rewards if reward.side == "advocate"]
    for name in ("cap", "limits"):
        for rule, reward in them:
            if getattr(reward, name):
                return rule, reward
    raise Nothing("no_cap")


def _large(rule: Conversion, reward: Reward, order: Order, most: int) -> Order:
    """The order, half as large again as it needs to be for a cap of its percentage."""
    if reward.flat is not None and reward.flat.get(order.currency or "", 0) <= most:
        raise Nothing("far_cap")
    if reward.percent is None or order.amount is None or not fraction(reward.percent):
        return order
    step = 10 ** max(money.CURRENCIES[order.currency or ""], 2)
    amount = -int(-most * 150 / fraction(reward.percent) // step) * step
    below = [
        it.below[order.currency] for it in rule.conditions if isinstance(it, Amount) and order.currency in it.below
    ]
    if amount > money.MAX_INTEGER or any(amount >= it for it in below):
        raise Nothing("far_cap")
    return replace(order, amount=max(amount, order.amount))


def _two(rules: Rules) -> tuple[str | Else, str | Else, Order]:
    """Two brands, or products, of which the rules say something else of one than of the other, and an order of both."""
    for rule in rules.conversions:
        for sort, kind in (("brand", Brand), ("product", Product)):
            rates = [getattr(rate, sort) for reward in rule.rewards for rate in reward.rates if getattr(rate, sort)]
            asked = [it.any_of for it in rule.conditions if isinstance(it, kind)]
            named = list(dict.fromkeys(one[0] for one in (*rates, *asked)))[:2]
            if not named:
                continue
            order = order_of(rules, rule)
            if order.amount is None:
                raise Nothing("no_amount")
            every = {each for one in (*rates, *asked) for each in one}
            made_up = next(name for n in range(len(every) + 1) if (name := f"another-{n}") not in every)
            shown = (*named, Else(sort))[:2]
            return shown[0], shown[1], replace(order, **{f"{sort}s": (*named, made_up)[:2]})
    raise Nothing("no_brands")


def _earned(story: Story, rule: Conversion, reward: Reward) -> int:
    """What the advocate has by a reward of the rules."""
    return sum(
        it.amount
        for it in story.rewards()
        if it.beneficiary == ADVOCATE and it.kind == reward.kind and it.on == rule.on
    )


def _program(story: Story) -> str:
    return next(iter(story.state.all(Program))).id
