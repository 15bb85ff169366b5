"""Notices: what an entry of the log tells other systems, made of the entry alone, so that it is told the same whenever it is told.

A notice has an id for ever, which follows from the event and its place in the decision. ``data`` is the thing as the entry leaves it,
``previous`` what of it the entry says was otherwise before. What never changes of a thing and does not stand in the entry (whose
program a reward is in, over which rail a payout goes) comes from its entity; a field of which neither says anything is None.
Nothing in a notice is personal: people are ids.
Must not know: who is told, how, whether it arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from msgspec import Struct

from goodword.core import calendar, ids, state
from goodword.core.conversions import key_of
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.core.events import (
    ApprovalGiven,
    ApprovalWithdrawn,
    ChargebackClosed,
    ChargebackOpened,
    ConversionRecorded,
    Event,
    Item,
    PayoutReleased,
    PersonMerged,
    PersonsJoined,
    RefundReturned,
    RewardsRejected,
)
from goodword.core.kinds.rewards import taken_off
from goodword.core.ledger import WELCOME, Posting


class Advocate(Struct, frozen=True, kw_only=True):
    """One person in one program."""

    id: str
    program: str | None
    person: str | None
    status: str


class Referral(Struct, frozen=True, kw_only=True):
    """Who brought whom. ``advocate``: of several who share it, the first."""

    id: str
    program: str | None
    friend: str | None
    advocate: str | None
    status: str


class Conversion(Struct, frozen=True, kw_only=True):
    """An order, or what else counts. ``refunded``: all that was given back of it so far; amounts are in minor units."""

    id: str
    person: str | None = None
    name: str | None = None
    amount: int | None = None
    currency: str | None = None
    refunded: int | None = None
    status: str | None = None
    occurred_at: str | None = None


class Chargeback(Struct, frozen=True, kw_only=True):
    """The buyer's bank asks money of a conversion back."""

    id: str
    conversion: str
    status: str


class Reward(Struct, frozen=True, kw_only=True):
    """What one beneficiary earns. ``amount``: in minor units of a currency, or points, as ``unit`` says.

    Of an approval, and of one taken back, it is what is to be sent; of what was paid, what arrived; below
    zero: an opening balance that the beneficiary owes. ``reason``: the code of why it was
    rejected, unless that may not be told. ``expected``: the shop took it off an order as a welcome, and nobody has approved it yet.
    """

    id: str
    program: str | None
    referral: str | None
    conversion: str | None
    beneficiary: str | None
    side: str | None
    kind: str | None
    amount: int | None
    unit: str | None
    status: str | None
    hold_until: str | None = None
    reason: str | None = None
    expected: bool = False


class Offer(Struct, frozen=True, kw_only=True):
    """What a friend is offered off one order: ``amounts`` by currency, in minor units. ``status``: expected, or ended for a ``reason``.

    It is no more than expected, also once an order (``conversion``) has redeemed it: the reward that it becomes tells of its approval.
    """

    id: str
    program: str | None
    person: str | None
    referral: str | None
    amounts: dict[str, int]
    until: str | None
    status: str
    conversion: str | None = None
    reason: str | None = None


class Refusal(Struct, frozen=True, kw_only=True):
    """Why a conversion earned somebody nothing; no ``side``: it earned nobody anything."""

    conversion: str | None
    program: str | None
    referral: str | None
    beneficiary: str | None
    side: str | None
    refusal: str


class Payout(Struct, frozen=True, kw_only=True):
    """What is sent to one beneficiary. ``rewards``: the ids of those that it pays or nets."""

    id: str
    beneficiary: str | None
    rail: str | None
    amount: int | None
    unit: str | None
    status: str
    rewards: tuple[str, ...] | None
    reference: str | None = None
    reason: str | None = None


class Claim(Struct, frozen=True, kw_only=True):
    """An assertion that an advocate brought a friend."""

    id: str
    program: str | None
    friend: str | None
    kind: str | None
    status: str


class Case(Struct, frozen=True, kw_only=True):
    """A task for a person, for which rewards wait."""

    id: str
    program: str | None
    kind: str | None
    subject: str | None
    status: str
    outcome: str | None = None


class Deal(Struct, frozen=True, kw_only=True):
    """A deal that a partner registered. ``advocate``: the partner; ``person``: the contact; ``deal``: the CRM's by which this was said.

    ``protected_until``: its company is the partner's until then; ``reason``: why it was declined.
    """

    id: str
    program: str | None
    advocate: str | None
    person: str | None
    status: str | None
    deal: str | None = None
    protected_until: str | None = None
    reason: str | None = None


class StandingApproval(Struct, frozen=True, kw_only=True):
    """An approval that two members gave beforehand. Limits: in minor units of ``unit``, or points; ``reason``: why it was stopped."""

    id: str
    program: str | None
    status: str
    kind: str | None
    unit: str | None
    rail: str | None
    side: str | None
    per_reward: int | None
    per_beneficiary: int | None
    in_all: int | None
    until: str | None
    reason: str | None = None


class Program(Struct, frozen=True, kw_only=True):
    """A program. ``rules``: the hash of the version in force."""

    id: str
    slug: str | None
    status: str | None
    rules: str | None = None


class Pilot(Struct, frozen=True, kw_only=True):
    """A program that runs for some first. ``outcome``: what was decided, None as it begins; ``ends``: of its cycle, None: it is over.

    ``share``: of all advocates, exact, as two numbers; ``persons``: so many are named; ``ways``: of touches that are in.
    """

    program: str
    outcome: str | None
    ends: str | None
    share: tuple[int, int]
    persons: int
    ways: tuple[str, ...]


class Feed(Struct, frozen=True, kw_only=True):
    """A source that a program lives by. ``last_at``: when it delivered last."""

    program: str
    feed: str
    last_at: str


class Person(Struct, frozen=True, kw_only=True):
    """A person. ``merged``: the id that leads to them from now on, too."""

    id: str
    merged: str | None = None


class TaxForm(Struct, frozen=True, kw_only=True):
    """A form of a payee that a jurisdiction asks for. ``year``: for which it is asked for; ``until``: its last day."""

    person: str
    jurisdiction: str
    form: str | None = None
    year: str | None = None
    until: str | None = None


class Tried(Struct, frozen=True, kw_only=True):
    """Nothing happened: somebody tries an endpoint."""

    endpoint: str


class Kind(NamedTuple):
    """A type of notice. ``data``: what it holds; ``action``: what it takes to read that (``access``)."""

    data: type[Struct]
    action: str


_R, _P = "reward.read", "payout.read"
#: What is told of a deal -> the state that it is in then; None: whatever it was.
_PILOTS: Final = ("started", "enlarged", "everybody", "again", "stopped")
_DEALS: Final[dict[str, str | None]] = {
    "registered": "submitted",
    "accepted": "accepted",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "won": "won",
    "lost": "lost",
    "expired": "expired",
    "reopened": "accepted",
    "noted": None,
}
#: What is told of an offer.
_OFFERS: Final = ("issued", "bound", "freed", "redeemed", "moved", "ended")
#: Every type of notice.
KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys(
        ("advocate.enrolled", "advocate.suspended", "advocate.resumed", "advocate.left"),
        Kind(Advocate, "advocate.read"),
    ),
    **dict.fromkeys(("referral.created", "referral.lapsed"), Kind(Referral, "referral.read")),
    **dict.fromkeys(
        (
            "conversion.recorded",
            "conversion.amended",
            "conversion.canceled",
            "conversion.refunded",
            "conversion.refund_returned",
        ),
        Kind(Conversion, "event.read"),
    ),
    **dict.fromkeys(("chargeback.opened", "chargeback.closed"), Kind(Chargeback, "event.read")),
    **dict.fromkeys(
        (
            "reward.created",
            "reward.in_review",
            "reward.approved",
            "reward.adjusted",
            "reward.rejected",
            "reward.expired",
            "reward.reversed",
            "reward.restored",
            "reward.paid",
        ),
        Kind(Reward, _R),
    ),
    "reward.refused": Kind(Refusal, _R),
    **dict.fromkeys((f"offer.{what}" for what in _OFFERS), Kind(Offer, "referral.read")),
    **dict.fromkeys(
        (
            "payout.drafted",
            "payout.lowered",
            "payout.released",
            "payout.processing",
            "payout.unknown",
            "payout.sent",
            "payout.completed",
            "payout.failed",
            "payout.returned",
            "payout.canceled",
        ),
        Kind(Payout, _P),
    ),
    **dict.fromkeys(("claim.opened", "claim.decided"), Kind(Claim, "claim.read")),
    **dict.fromkeys(("case.opened", "case.decided"), Kind(Case, "case.read")),
    **dict.fromkeys((f"deal.{what}" for what in _DEALS), Kind(Deal, "deal.read")),
    **dict.fromkeys(
        ("standing_approval.granted", "standing_approval.stopped"), Kind(StandingApproval, "standing.read")
    ),
    **dict.fromkeys(
        ("program.published", "program.launched", "program.paused", "program.resumed", "program.ended"),
        Kind(Program, "program.read"),
    ),
    **dict.fromkeys(("pilot.started", "pilot.decided"), Kind(Pilot, "program.read")),
    **dict.fromkeys(("feed.silenced", "feed.heard"), Kind(Feed, "program.read")),
    **dict.fromkeys(("person.merged", "person.erased"), Kind(Person, "person.read")),
    **dict.fromkeys(("tax_form.asked", "tax_form.given"), Kind(TaxForm, _P)),
}
#: What somebody sends to try an endpoint: it stands in no log and takes no permission to read.
TEST: Final = "webhook.test"


class Notice(NamedTuple):
    """What is told. ``programs``: those that it concerns; none: no program in particular."""

    id: str
    type: str
    position: int
    at: int
    programs: tuple[str, ...]
    data: Struct
    previous: dict[str, Any]


#: What was otherwise before, by field.
Before = Mapping[str, Any]
NOTHING: Final[Before] = {}
#: What never changes of things, by id.
Known = Mapping[str, state.Entity]
_NOUNS: Final[dict[str, type[state.Entity]]] = {
    "rwd_": state.Reward,
    "pay_": state.Payout,
    "ref_": state.Referral,
    "clm_": state.Claim,
    "cas_": state.Case,
    "reg_": state.Registration,
    "sta_": state.Standing,
}
_ANSWERED: Final = ("processing", "unknown", "sent", "completed", "failed", "returned")
#: state of a payout -> the only one before it; of the others the entry does not say which it was
_BEFORE: Final = {"released": "awaiting_release", "processing": "released", "unknown": "processing"}
_MOVED: Final = {"active": "resumed", "suspended": "suspended", "left": "left", "lifted": "resumed"}


def named(entry: Entry) -> list[tuple[type[state.Entity], str]]:
    """The things that the notices of an entry are about, of which more is known than the entry says."""
    found = dict.fromkeys(item.id for item in getattr(entry.event, "items", ()))
    for verdict in entry.verdicts:
        if verdict.subject is not None and not verdict.refused:
            found[verdict.subject] = None
        for step in verdict.steps:
            if step.code == "case" and isinstance(step.values.get("case"), str):
                found[step.values["case"]] = None
            elif step.code == "standing":
                found[step.values["payout"]] = None
    for posting in entry.postings:
        if _arrives(posting):
            found[posting.reward] = None
    return [(noun, id_) for id_ in found if (noun := _NOUNS.get(id_[:4])) is not None]


def _arrives(posting: Posting) -> bool:
    """Whether a posting says that something arrived, perhaps of what had come back."""
    if posting.source == "clearing":
        return posting.destination in ("settled", "credit")
    return posting.destination == "settled" and posting.source in ("accrued", "payable", "receivable")


def payload(notice: Notice) -> dict[str, Any]:
    """What is sent of a notice, as JSON."""
    return {
        "type": notice.type,
        "timestamp": calendar.text(notice.at),
        "position": notice.position,
        "data": notice.data,
        "previous": notice.previous,
    }


def tells(entry: Entry, types: Collection[str]) -> bool:
    """Return whether an entry tells anything of these types: that does not depend on what else is known."""
    return bool(notices(entry, {}, types))


def notices(entry: Entry, known: Known, types: Collection[str] = KINDS) -> list[Notice]:
    """What an entry tells of these types, in order. ``known``: of what ``named`` gave, what is there."""
    telling = _Telling(entry, known, types)
    if type(entry.event) is ConversionRecorded:
        telling.recorded(entry.event)
    for verdict in entry.verdicts:
        tell = _REFUSED.get(verdict.about) if verdict.refused else _TELL.get((verdict.about, verdict.outcome))
        if tell is None and verdict.about == "reward" and not verdict.refused:
            tell = _Telling.reward
        if tell is not None:
            tell(telling, verdict)
    telling.paid()
    return telling.told


def _was(verdict: Verdict, code: str) -> dict[str, Any]:
    return next((step.values for step in verdict.steps if step.code == code), {})


def _of_refusal(data: Struct) -> str:
    if not isinstance(data, Refusal):
        return ""
    return " ".join(str(part) for part in (data.conversion, data.program, data.side, data.beneficiary))


class Nobody(NamedTuple):
    """What no verdict says of a reward."""

    program: None = None
    beneficiary: None = None
    side: None = None
    amount: None = None
    unit: None = None


NOBODY: Final = Nobody()


class _Telling:
    """The notices of one entry."""

    def __init__(self, entry: Entry, known: Known, types: Collection[str]) -> None:
        self.types = types
        self.told: list[Notice] = []
        self.times: dict[tuple[str, str], int] = {}
        self.entry = entry
        self.event: Event = entry.event
        self.known = known

    def add(self, type_: str, data: Struct, programs: Iterable[str | None] = (), **previous: Any) -> None:
        """Tell something. Its id follows from the event, what is told, of what, and how often before: not from what else is told."""
        if type_ not in self.types:
            return
        of = getattr(data, "id", "") or _of_refusal(data)
        times = self.times[type_, of] = self.times.get((type_, of), -1) + 1
        self.told.append(
            Notice(
                id=ids.derived("msg", self.event.evt, type_, share=of, n=times),
                type=type_,
                position=self.entry.position,
                at=self.entry.as_of,
                programs=tuple(dict.fromkeys(program for program in programs if program is not None)),
                data=data,
                previous={name: was for name, was in previous.items() if was != getattr(data, name)},
            )
        )

    # --- people and programs ---

    def enrolled(self, verdict: Verdict) -> None:
        """Tell of an advocate."""
        person = getattr(self.event, "person", None)
        value = Advocate(id=verdict.subject or "", program=verdict.program, person=person, status="active")
        self.add("advocate.enrolled", value, [verdict.program])

    def moved(self, verdict: Verdict) -> None:
        """Tell what became of an advocate."""
        to, person = _MOVED[verdict.outcome], getattr(self.event, "person", None)
        status = {"resumed": "active"}.get(to, to)
        value = Advocate(id=verdict.subject or "", program=verdict.program, person=person, status=status)
        before = {"resumed": {"status": "suspended"}, "suspended": {"status": "active"}}.get(to, {})
        self.add(f"advocate.{to}", value, [verdict.program], **before)

    def program(self, verdict: Verdict) -> None:
        """Tell of a program: its rules, or that it was paused, goes on or ended."""
        id_ = verdict.subject or ""
        if verdict.outcome == "published":
            value = Program(
                id=id_,
                slug=getattr(self.event, "slug", None),
                status=None,
                rules=str(_was(verdict, "version").get("rules")),
            )
            self.add("program.published", value, [id_])
            return
        if verdict.outcome == "launched":  # of one that was live, or paused, what goes with it was said anew
            self.add("program.launched", Program(id=id_, slug=None, status=None), [id_])
            return
        to = {"active": "resumed"}.get(verdict.outcome, verdict.outcome)
        before = {"resumed": {"status": "paused"}, "paused": {"status": "active"}}.get(to, {})
        self.add(f"program.{to}", Program(id=id_, slug=None, status=verdict.outcome), [id_], **before)

    def pilot(self, verdict: Verdict) -> None:
        """Tell that a program runs for some first, or what was decided about that."""
        what, said = verdict.outcome.removeprefix("pilot_"), _was(verdict, "pilot")
        value = Pilot(
            program=verdict.subject or "",
            outcome=None if what == "started" else what,
            ends=None if what in ("everybody", "stopped") else calendar.text(said["ends"]),
            share=tuple(said["share"]),
            persons=said["persons"],
            ways=tuple(said["ways"]),
        )
        self.add("pilot.started" if what == "started" else "pilot.decided", value, [verdict.subject])

    def feed(self, verdict: Verdict) -> None:
        """Tell that a source has gone silent by which a program lives, or delivers again."""
        said = _was(verdict, "feed")
        value = Feed(program=verdict.program or "", feed=said["feed"], last_at=calendar.text(said["last_at"]))
        self.add(verdict.outcome.replace("_", "."), value, [value.program])

    def merged(self, verdict: Verdict) -> None:
        """Tell that two persons are one."""
        if isinstance(self.event, PersonMerged | PersonsJoined):
            gone = self.event.gone if self.event.gone != verdict.subject else self.event.keep
            self.add("person.merged", Person(id=verdict.subject or "", merged=gone))

    def erased(self, verdict: Verdict) -> None:
        """Tell that a person is known no more."""
        self.add("person.erased", Person(id=verdict.subject or ""))

    # --- referrals ---

    def bound(self, verdict: Verdict) -> None:
        """Tell of a referral."""
        referral = self._of(state.Referral, verdict.subject)
        value = Referral(
            id=verdict.subject or "",
            program=verdict.program,
            friend=referral.friend if referral else None,
            advocate=verdict.beneficiary,
            status="attributed",
        )
        self.add("referral.created", value, [verdict.program])

    def lapsed(self, verdict: Verdict) -> None:
        """Tell that a referral earned nothing in its time."""
        referral = self._of(state.Referral, verdict.subject)
        value = Referral(
            id=verdict.subject or "",
            program=referral.program if referral else None,
            friend=referral.friend if referral else None,
            advocate=referral.shares[0].person if referral else None,
            status="lapsed",
        )
        self.add("referral.lapsed", value, [value.program], status="attributed")

    # --- conversions ---

    def recorded(self, event: ConversionRecorded) -> None:
        """Tell of an order, unless it was one that was known already, or none that counts."""
        verdicts = self.entry.verdicts
        if any(it.about == "event" and it.refused and it.refusal != "not_paid" for it in verdicts):
            return
        value = Conversion(
            id=key_of(event),
            person=event.person,
            name=event.name,
            amount=event.amount,
            currency=event.currency,
            status=event.status,
            occurred_at=calendar.text(event.at),
        )
        self.add("conversion.recorded", value, [event.program, *(it.program for it in verdicts)])

    def amended(self, verdict: Verdict) -> None:
        """Tell that an order has other figures."""
        was = _was(verdict, "amended")
        amount = verdict.amount if verdict.amount is not None else was.get("now")
        value = Conversion(id=verdict.subject or "", amount=amount, currency=verdict.unit)
        before = {"amount": was["was"]} if "was" in was else {}
        self.add("conversion.amended", value, self._programs(), **before)

    def canceled(self, verdict: Verdict) -> None:
        """Tell that an order was taken back."""
        value = Conversion(id=verdict.subject or "", currency=verdict.unit, status="canceled")
        self.add("conversion.canceled", value, self._programs())

    def refunded(self, verdict: Verdict) -> None:
        """Tell that something was given back of an order."""
        said = _was(verdict, "refunded")
        value = Conversion(
            id=verdict.subject or "", amount=said.get("of"), currency=verdict.unit, refunded=said.get("refunded")
        )
        before = {"refunded": said["refunded"] - (verdict.amount or 0)} if "refunded" in said else {}
        self.add("conversion.refunded", value, self._programs(), **before)

    def returned(self, verdict: Verdict) -> None:
        """Tell that a refund was taken back."""
        if isinstance(self.event, RefundReturned) and verdict.unit is not None:
            value = Conversion(id=verdict.subject or "", currency=verdict.unit)
            self.add("conversion.refund_returned", value, self._programs())

    def chargeback(self, verdict: Verdict) -> None:
        """Tell of a chargeback."""
        status = verdict.outcome.removeprefix("chargeback_").replace("opened", "open")
        if isinstance(self.event, ChargebackOpened | ChargebackClosed):
            value = Chargeback(id=self.event.chargeback, conversion=verdict.subject or "", status=status)
            type_ = "chargeback.opened" if status == "open" else "chargeback.closed"
            self.add(type_, value, self._programs())

    # --- rewards ---

    def earned(self, verdict: Verdict) -> None:
        """Tell of a reward."""
        until = _was(verdict, "hold").get("until")
        status = None if until is None else "pending" if until > self.entry.as_of else "in_review"
        status = "in_review" if verdict.outcome == "corrected" else status
        status = "reversed" if verdict.amount == 0 else status
        value = self._reward(verdict.subject or "", verdict=verdict, status=status)
        self.add("reward.created", value, [value.program])

    def reward(self, verdict: Verdict) -> None:
        """Tell what became of a reward that was there."""
        was = _was(verdict, "was")
        if not was:
            return
        outcome, amount = verdict.outcome, verdict.amount
        ends = outcome if outcome in ("rejected", "expired", "reversed") else None
        falls = (
            not amount and was["amount"]
        )  # as a rule it is reversed by that, but not where something of it is withheld
        if ends is None and outcome != "restored" and amount == was["amount"]:
            return
        type_ = ends or ("reversed" if falls else "restored" if outcome == "restored" else "adjusted")
        event = self.event
        tells = isinstance(event, RewardsRejected) and event.withheld is None and ends == "rejected"
        value = self._reward(
            verdict.subject or "",
            verdict=verdict,
            status=ends,
            reason=event.reason if tells else None,  # type: ignore[attr-defined]
        )
        before = {"amount": was["amount"]} if was["amount"] != amount else {}
        before |= {"status": was["status"]} if ends is not None else {}
        self.add(f"reward.{type_}", value, [value.program], **before)

    def refused(self, verdict: Verdict) -> None:
        """Tell that a conversion earned somebody nothing."""
        terms = _was(verdict, "terms")
        event = self.event
        own = key_of(event) if isinstance(event, ConversionRecorded) else None
        value = Refusal(
            conversion=terms.get("conversion") or verdict.subject or own,
            program=verdict.program,
            referral=terms.get("referral"),
            beneficiary=verdict.beneficiary,
            side=verdict.side,
            refusal=verdict.refusal or "",
        )
        self.add("reward.refused", value, [verdict.program])

    def hold_over(self, verdict: Verdict) -> None:
        """Tell that a reward's hold is over."""
        self._listed([verdict.subject or ""], "in_review", "pending")

    def approved(self, _: Verdict) -> None:
        """Tell which rewards were approved."""
        if isinstance(self.event, ApprovalGiven):
            self._listed(self.event.items, "approved", "in_review")

    def standing(self, verdict: Verdict) -> None:
        """Tell that a standing approval approved a reward, and released what pays it."""
        id_, payout = verdict.subject or "", _was(verdict, "standing")["payout"]
        value = self._reward(id_, verdict=verdict, status="approved")
        self.add("reward.approved", value, [value.program], status="in_review")
        if _was(verdict, "standing")["rail"] == WELCOME:  # nothing is sent
            return
        self._payout(payout, "released", "released", verdict, {"status": "awaiting_release"})

    def withdrawn(self, verdict: Verdict) -> None:
        """Tell whose approval was taken back, or that a claim was."""
        if isinstance(self.event, ApprovalWithdrawn):
            self._listed(self.event.items, "in_review", "approved")
        else:
            self.decided(verdict)

    def paid(self) -> None:
        """Tell which rewards arrived: what the entry posts says so. One that was reversed on the way stays so: no state is told."""
        sent: dict[str, int] = {}
        for posting in self.entry.postings:
            if _arrives(posting):
                sent[posting.reward] = sent.get(posting.reward, 0) + posting.amount
        for id_, amount in sent.items():
            value = self._reward(id_, status=None, amount=amount)
            self.add("reward.paid", value, [value.program])

    def offer(self, verdict: Verdict) -> None:
        """Tell what became of an offer."""
        said, order = _was(verdict, "offer"), _was(verdict, "offer_order")
        ends = verdict.outcome == "ended"
        value = Offer(
            id=verdict.subject or "",
            program=verdict.program,
            person=verdict.beneficiary,
            referral=said.get("referral"),
            amounts=said.get("amounts", {}),
            until=None if "until" not in said else calendar.text(said["until"]),
            status="ended" if ends else "expected",
            conversion=order.get("conversion"),
            reason=_was(verdict, "offer_ended").get("reason"),
        )
        self.add(f"offer.{verdict.outcome}", value, [verdict.program], **({"status": "expected"} if ends else {}))

    # --- payouts ---

    def drafted(self, verdict: Verdict) -> None:
        """Tell of a payout."""
        self._payout(verdict.subject or "", "drafted", "awaiting_release", verdict)

    def lowered(self, verdict: Verdict) -> None:
        """Tell that a payout goes on without some rewards, or that nothing of it was left."""
        was = _was(verdict, "left_out").get("was")
        if verdict.amount:
            self._payout(verdict.subject or "", "lowered", "awaiting_release", verdict, {"amount": was})
        else:
            self._payout(verdict.subject or "", "canceled", "canceled", verdict, {"amount": was})

    def released(self, _: Verdict) -> None:
        """Tell which payouts were released."""
        for item in self.event.items if isinstance(self.event, PayoutReleased) else ():
            self._payout(item.id, "released", "released", None, {"status": "awaiting_release"})
            if not item.amount:  # all of it was netted: there is nothing to send
                self._payout(item.id, "completed", "completed", None, {"status": "processing"})

    def answered(self, verdict: Verdict) -> None:
        """Tell what became of a payout."""
        if (verdict.subject or "").startswith("pay_"):
            to = verdict.outcome
            before = {"status": _BEFORE[to]} if to in _BEFORE else {}
            self._payout(verdict.subject or "", to, to, verdict, before)

    def arrived(self, verdict: Verdict) -> None:
        """Tell that a payout arrived after all."""
        was = _was(verdict, "arrival").get("was")
        self._payout(verdict.subject or "", "completed", "completed", verdict, {"status": was})

    # --- claims and cases ---

    def claimed(self, verdict: Verdict) -> None:
        """Tell of a claim."""
        self._claim(verdict, "opened", "open")

    def decided(self, verdict: Verdict) -> None:
        """Tell how a claim or a case was decided."""
        subject = verdict.subject or ""
        if subject.startswith("clm_"):
            self._claim(verdict, "decided", verdict.outcome)
        elif subject.startswith("cas_"):
            self._case(subject, "decided", "decided", verdict.outcome)

    def case_opened(self, verdict: Verdict) -> None:
        """Tell of a case."""
        case = _was(verdict, "case").get("case")
        if isinstance(case, str):
            self._case(case, "opened", "open", None)

    def disputed(self, verdict: Verdict) -> None:
        """Tell of a case that a person opened."""
        self._case(verdict.subject or "", "opened", "open", None)

    # --- deals ---

    def deal(self, verdict: Verdict) -> None:
        """Tell what became of a registered deal."""
        what = verdict.outcome.removeprefix("deal_")
        it, until = self._of(state.Registration, verdict.subject), _was(verdict, "protection").get("until")
        value = Deal(
            id=verdict.subject or "",
            program=verdict.program or (it.program if it else None),
            advocate=it.advocate if it else None,
            person=it.person if it else None,
            status=_DEALS[what],
            deal=getattr(self.event, "deal", None),  # the entry's: which came of it changes
            protected_until=None if until is None else calendar.text(until),
            reason=_was(verdict, "declined").get("reason"),
        )
        before = {"accepted": "submitted", "declined": "submitted"}.get(what)
        before = "accepted" if verdict.about == "timer" else before
        self.add(f"deal.{what}", value, [value.program], **({"status": before} if before is not None else {}))

    # --- standing approvals ---

    def granted(self, verdict: Verdict) -> None:
        """Tell that rewards of a class go without a person from now on."""
        self._standing(verdict, "granted", "active")

    def stopped(self, verdict: Verdict) -> None:
        """Tell that they do no longer."""
        self._standing(verdict, "stopped", "stopped", {"status": "active"})

    def _standing(self, verdict: Verdict, type_: str, status: str, previous: Before = NOTHING) -> None:
        it = self._of(state.Standing, verdict.subject)
        value = StandingApproval(
            id=verdict.subject or "",
            program=verdict.program,
            status=status,
            kind=it.kind if it else None,
            unit=it.unit if it else None,
            rail=it.rail if it else None,
            side=it.side if it else None,
            per_reward=it.per_reward if it else None,
            per_beneficiary=it.per_beneficiary if it else None,
            in_all=it.in_all if it else None,
            until=calendar.text(it.until) if it else None,
            reason=_was(verdict, "standing_stopped").get("reason"),
        )
        self.add(f"standing_approval.{type_}", value, [value.program], **previous)

    def tax_form(self, verdict: Verdict) -> None:
        said = _was(verdict, "tax_form") or _was(verdict, "tax_given")
        value = TaxForm(
            person=verdict.subject or "",
            jurisdiction=said["jurisdiction"],
            form=said.get("form"),
            year=said.get("year"),
            until=said.get("until"),
        )
        self.add(verdict.outcome.replace("tax_form_", "tax_form."), value, ())

    # --- in common ---

    def _of(self, noun: type[Any], id_: str | None) -> Any:
        found = self.known.get(id_ or "")
        return found if isinstance(found, noun) else None

    def _programs(self) -> list[str | None]:
        """The programs that anything of the entry is about."""
        return [self.event.program, *(verdict.program for verdict in self.entry.verdicts)]

    def _listed(self, items: Iterable[Item | str], status: str, before: str) -> None:
        for item in items:
            id_, said = (item, None) if isinstance(item, str) else (item.id, item)
            amount, unit = (said.amount, said.unit) if said is not None else (None, None)
            value = self._reward(id_, status=status, amount=amount, unit=unit)
            self.add(f"reward.{status}", value, [value.program], status=before)

    def _reward(
        self,
        id_: str,
        *,
        verdict: Verdict | None = None,
        status: str | None,
        amount: int | None = None,
        unit: str | None = None,
        reason: str | None = None,
    ) -> Reward:
        it = self._of(state.Reward, id_)
        said: Any = verdict or NOBODY
        until = _was(verdict, "hold").get("until") if verdict is not None else None
        return Reward(
            id=id_,
            program=said.program or (it.program if it else None),
            referral=it.referral or None if it else None,
            conversion=it.conversion or None if it else None,
            beneficiary=said.beneficiary or (it.beneficiary if it else None),
            side=said.side or (it.side if it else None),
            kind=it.kind if it else None,
            amount=amount if amount is not None else said.amount,
            unit=unit or said.unit or (it.unit if it else None),
            status=status,
            hold_until=None if until is None else calendar.text(until),
            reason=reason,
            expected=it is not None and taken_off(it.kind) and status in ("pending", "in_review"),
        )

    def _payout(self, id_: str, type_: str, status: str, verdict: Verdict | None, previous: Before = NOTHING) -> None:
        it, event = self._of(state.Payout, id_), self.event
        said = verdict.amount if verdict is not None else None
        item = next((one for one in getattr(event, "items", ()) if one.id == id_), None)
        amount = said if said is not None else item.amount if item is not None else it.amount if it else None
        value = Payout(
            id=id_,
            beneficiary=it.beneficiary if it else verdict.beneficiary if verdict else None,
            rail=it.rail if it else None,
            amount=amount,
            unit=it.unit if it else verdict.unit if verdict else None,
            status=status,
            rewards=tuple(part.reward for part in it.parts) if it else None,
            reference=getattr(event, "reference", None) if type_ in _ANSWERED else None,
            reason=getattr(event, "reason", None) if type_ in (*_ANSWERED, "canceled") else None,
        )
        self.add(f"payout.{type_}", value, it.programs if it else (), **previous)

    def _claim(self, verdict: Verdict, type_: str, status: str) -> None:
        it = self._of(state.Claim, verdict.subject)
        friend, kind = (it.friend, it.kind) if it else (None, None)
        value = Claim(id=verdict.subject or "", program=verdict.program, friend=friend, kind=kind, status=status)
        self.add(f"claim.{type_}", value, [verdict.program])

    def _case(self, id_: str, type_: str, status: str, outcome: str | None) -> None:
        it = self._of(state.Case, id_)
        program, kind, subject = (it.program, it.kind, it.subject) if it else (None, None, None)
        value = Case(id=id_, program=program, kind=kind, subject=subject, status=status, outcome=outcome)
        self.add(f"case.{type_}", value, [program])


_Tell = Callable[[_Telling, Verdict], None]
_REFUSED: Final[dict[str, _Tell]] = {"reward": _Telling.refused}
#: What a verdict is about, and what was done -> what it tells.
_TELL: Final[dict[tuple[str, str], _Tell]] = {
    **{(about, "enrolled"): _Telling.enrolled for about in ("event", "enrolment")},
    **{("event", outcome): _Telling.moved for outcome in ("suspended", "active", "left")},
    ("command", "lifted"): _Telling.moved,
    **{("command", outcome): _Telling.program for outcome in ("published", "launched", "paused", "active", "ended")},
    **{("command", f"pilot_{outcome}"): _Telling.pilot for outcome in _PILOTS},
    **{("command", f"feed_{what}"): _Telling.feed for what in ("silenced", "heard")},
    ("event", "merged"): _Telling.merged,
    ("command", "erased"): _Telling.erased,
    ("attribution", "attributed"): _Telling.bound,
    ("attribution", "imported"): _Telling.bound,
    ("timer", "lapsed"): _Telling.lapsed,
    ("event", "amended"): _Telling.amended,
    ("event", "canceled"): _Telling.canceled,
    ("refund", "applied"): _Telling.refunded,
    ("refund", "returned"): _Telling.returned,
    **{("refund", f"chargeback_{outcome}"): _Telling.chargeback for outcome in ("opened", "kept", "lost")},
    ("reward", "earned"): _Telling.earned,
    ("reward", "opened"): _Telling.earned,
    ("reward", "corrected"): _Telling.earned,
    **{("offer", outcome): _Telling.offer for outcome in _OFFERS},
    ("timer", "in_review"): _Telling.hold_over,
    ("command", "approved"): _Telling.approved,
    ("standing", "approved"): _Telling.standing,
    ("command", "standing_granted"): _Telling.granted,
    ("command", "standing_stopped"): _Telling.stopped,
    ("command", "withdrawn"): _Telling.withdrawn,
    ("command", "drafted"): _Telling.drafted,
    ("command", "payout_lowered"): _Telling.lowered,
    ("command", "released"): _Telling.released,
    **{("command", outcome): _Telling.answered for outcome in (*_ANSWERED, "canceled")},
    ("command", "arrived"): _Telling.arrived,
    ("command", "claim_opened"): _Telling.claimed,
    **{("command", outcome): _Telling.decided for outcome in ("won", "lost", "split", "none", "cleared", "confirmed")},
    **{
        ("command", outcome): _Telling.decided
        for outcome in ("kept", "replaced", "upheld", "dismissed", "shown", "not_shown")
    },
    **{("command", outcome): _Telling.disputed for outcome in ("dispute_opened", "story_handed_in")},
    ("event", "case_opened"): _Telling.case_opened,
    **{("event", f"deal_{what}"): _Telling.deal for what in ("registered", "won", "lost", "expired", "reopened")},
    **{("command", f"deal_{what}"): _Telling.deal for what in ("accepted", "declined", "withdrawn", "noted")},
    ("timer", "deal_expired"): _Telling.deal,
    **{("command", outcome): _Telling.tax_form for outcome in ("tax_form_asked", "tax_form_given")},
}
