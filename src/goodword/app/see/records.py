"""The record of one reward: what it was decided by, the evidence, what is recommended, and what who looks at it may do.

All that whoever decides it needs to see stands here once, for pages and the API alike: codes, values, and where each stands in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import paging
from goodword.app.see.paging import FrozenList
from goodword.app.see.parties import Known, Parties
from goodword.app.see.payees import Beneficiaries
from goodword.core import (
    calendar,
    confidence,
    contested,
    dossier,
    ledger,
    payees,
    priority,
    recommendation,
    reviews,
    routes,
)
from goodword.core.decision import Verdict
from goodword.core.draft import Draft
from goodword.core.entry import Entry
from goodword.core.kinds.rewards import to_payee
from goodword.core.rules import Rules
from goodword.core.state import Advocate, Case, Conversion, Payee, Referral, Reward
from goodword.store import log, pages, workspaces

#: Good; waits for time or a person; look closer; stops the approval.
State = Literal["good", "waits", "look", "stops"]
#: What a reward is decided by, in the order in which it is shown.
INPUTS: Final = (
    "referral_record",
    "conversion_event",
    "referrer_eligibility",
    "program_rules",
    "attribution_confidence",
    "duplicate_check",
    "payment_method",
    "approval_rules",
)


class Fact(Struct, frozen=True, kw_only=True):
    """One input or piece of evidence. ``values``: what was seen; ``met``: what it had to meet. Amounts in minor units or points.

    ``evt`` and ``position``: where it stands in the log, None for who may not read that, and for what stands in no entry;
    ``noun`` and ``id``: whose page shows more.
    """

    code: str
    state: State
    values: dict[str, Any]
    met: dict[str, Any] = {}
    evt: str | None = None
    position: int | None = None
    noun: str | None = None
    id: str | None = None


class Reason(Struct, frozen=True):
    """Why something is recommended, or an attribution as sure as it is: its code, its values, and a sentence for finance."""

    code: str
    values: dict[str, Any]
    sentence: str


class Advice(Struct, frozen=True):
    """What is recommended. It never acts by itself."""

    advice: str
    version: int
    reasons: tuple[Reason, ...]


class Named(Struct, frozen=True):
    """A member; ``mail`` is None for a reader who may see no mails."""

    id: str
    mail: str | None


class Mine(Struct, frozen=True, kw_only=True):
    """What the reader may approve today for this beneficiary in the reward's unit. ``limit`` and ``left`` are None without a limit.

    ``day``: the UTC day; ``refusal``: why they could not approve it now, None: they could.
    """

    unit: str
    day: str
    limit: int | None
    used: int
    left: int | None
    refusal: str | None


class Second(Struct, frozen=True):
    """Whether two people must approve it: ``why`` is the code of the step that says so, None: one is enough.

    ``first``: who said so already; ``could``: who could be the other one, twenty at most.
    """

    why: str | None
    first: tuple[Named, ...]
    could: tuple[Named, ...]


class Record(Struct, frozen=True, kw_only=True):
    """The whole record. ``lacks``: which pieces of evidence it lacks; ``approver``: the role that decides it, by ``decide_by``.

    ``to_payee``, ``to_finance``: the sentences of the decision that earned it, None for who may not read the log; ``if_approved``: what
    the payee is told when it is approved.
    """

    about: Parties
    inputs: tuple[Fact, ...]
    evidence: tuple[Fact, ...]
    lacks: tuple[str, ...]
    confidence: str | None
    grounds: tuple[Reason, ...]
    recommended: Advice
    approver: str
    decide_by: int
    mine: Mine
    second: Second
    to_payee: str | None
    to_finance: str | None
    if_approved: str

    @property
    def id(self) -> str:
        """The reward's."""
        return self.about.id


@requires("reward.read")
async def get(who: Principal, directory: Directory, reward: str) -> Record:
    """Return the record of one reward. Raises UnknownError."""
    async with directory.snapshot() as conn:
        return (await Made.of(conn, who, directory, reward)).record()


def _events(draft: Draft, reward: Reward) -> list[str]:
    order, referral = draft.get(Conversion, reward.conversion), _referral(draft, reward)
    found = [reward.evt, order.evt if order is not None else None, referral.lead if referral is not None else None]
    return [evt for evt in found if evt is not None]


def _hold(reward: Reward, rules: Rules) -> str:
    """How long a reward is held by its rules, as it was decided: of one that was let be instant, not at all."""
    rule = rules.conversion(reward.on)
    if rule is None or reward.rule >= len(rule.rewards):
        return rules.hold
    its = rule.rewards[reward.rule]
    return "0d" if its.instant_up_to and reward.hold_until == reward.earned_at else its.hold or rules.hold


def _stood(reward: Reward) -> dict[str, Any]:
    """The standing approval that a reward was earned under, and why a person decides it all the same."""
    stood = reward.standing
    return {} if stood is None else {"standing": stood.standing, "standing_waits": stood.waits}


def _referral(draft: Draft, reward: Reward) -> Referral | None:
    return None if ledger.of_no_order(reward.on) else draft.get(Referral, reward.referral)


class Made(Struct, frozen=True):
    """What the record is made of, as it was read."""

    who: Principal
    about: Parties
    draft: Draft
    reward: Reward
    cases: list[Case]
    mails: Mapping[str, str]
    entries: Mapping[str, Entry]
    approved_at: int | None
    payees: Beneficiaries

    @classmethod
    async def of(cls, conn: asyncpg.Connection, who: Principal, directory: Directory, reward: str) -> Made:
        """Read it, for who may read rewards. Raises UnknownError."""
        ws = who.workspace.id
        now = await paging.one(conn, who, Reward, reward)
        known = await Known.of(conn, who, directory, [now])
        [about] = known.parties(who, [now])
        mails = await workspaces.mails(conn, who.workspace) if who.may("member.mails") else {}
        entries: Mapping[str, Entry] = {}
        approved_at: int | None = None
        if who.may("log.read"):
            entries = await log.of_each(conn, ws, _events(known.draft, now))
            approved_at = await pages.approved_at(conn, ws, reward) if now.approvals else None
        cases = [known.cases[case] for case in now.cases if case in known.cases]
        return cls(who, about, known.draft, now, cases, mails, entries, approved_at, known.about)

    def frozen(self) -> FrozenList:
        """Return what an approval of it is given over."""
        return self.payees.listed(self.who, [self.reward], self.draft)

    def record(self) -> Record:
        """Put it together."""
        draft, reward = self.draft, self.reward
        referral = _referral(draft, reward)
        sure = confidence.of(referral) if referral is not None else None
        recommended = recommendation.recommend(recommendation.seen(draft, reward))
        lacks = dossier.lacking(draft, reward)
        told = self._told()
        grounds = sure.grounds if sure is not None else ()
        return Record(
            about=self.about,
            inputs=self._inputs(
                referral, sure.level if sure is not None else None, [ground.code for ground in grounds]
            ),
            evidence=tuple(self._piece(piece, lacks) for piece in dossier.EVIDENCE),
            lacks=lacks,
            confidence=sure.level if sure is not None else None,
            grounds=tuple(Reason(it.code, it.values, words.ground(it.code, it.values)) for it in grounds),
            recommended=Advice(
                recommended.advice,
                recommended.version,
                tuple(Reason(it.code, it.values, words.reason_seen(it.code, it.values)) for it in recommended.reasons),
            ),
            approver=reward.route.role if reward.route is not None else reviews.APPROVER,
            decide_by=priority.decide_by(reward),
            mine=self._mine(),
            second=self._second(),
            to_payee=told.beneficiary if told is not None else None,
            to_finance=told.finance if told is not None else None,
            if_approved=words.sentences(Verdict(about="command", outcome="approved")).beneficiary,
        )

    def _told(self) -> words.Explained | None:
        entry = self.entries.get(self.reward.evt)
        mine = (verdict for verdict in entry.verdicts if verdict.subject == self.reward.id) if entry is not None else ()
        verdict = next(iter(mine), None)
        return words.sentences(verdict) if verdict is not None else None

    def _fact(self, code: str, state: State, values: dict[str, Any], evt: str | None = None, **more: Any) -> Fact:
        entry = self.entries.get(evt or "")
        position = entry.position if entry is not None else None
        return Fact(
            code=code, state=state, values=values, evt=evt if entry is not None else None, position=position, **more
        )

    def _inputs(self, referral: Referral | None, level: str | None, grounds: list[str]) -> tuple[Fact, ...]:
        rules = self.draft.rules_of(self.reward.rules)
        made = (
            self._tracked(referral, rules),
            self._event(rules),
            self._eligible(referral, rules),
            self._rules(rules),
            self._sure(referral, level, grounds),
            self._duplicates(referral),
            self._method(),
            self._approval(rules),
        )
        return tuple(made)

    @property
    def _corrected(self) -> str | None:
        """What a correction is; None of what an order earned, or another system owed."""
        return ledger.correction(self.reward.on)

    def _tracked(self, referral: Referral | None, rules: Rules) -> Fact:
        if self._corrected is not None:
            return self._fact("referral_record", "good", {"corrected": self._corrected}, self.reward.evt)
        if referral is None:
            return self._fact(
                "referral_record", "good", {"opened": self.about.invoice or self.reward.conversion}, self.reward.evt
            )
        values = {
            "referral": referral.id,
            "lead_at": referral.lead_at,
            "touch_at": referral.touch_at,
            "typed": referral.typed,
        }
        met = {"window": rules.attribution.window, "touch": rules.attribution.touch}
        state: State = "look" if referral.status == "void" else "good"
        return self._fact("referral_record", state, values, referral.lead, met=met, noun="referral", id=referral.id)

    def _event(self, rules: Rules) -> Fact:
        if self._corrected is not None:
            values: dict[str, Any] = {"corrected": self._corrected, "document": self.reward.document}
            right = {"noun": "reward", "id": self.reward.puts_right} if self.reward.puts_right is not None else {}
            return self._fact("conversion_event", "good", values, self.reward.evt, **right)
        order = self.draft.get(Conversion, self.reward.conversion)
        if order is None:
            return self._fact("conversion_event", "stops", {"conversion": self.reward.conversion})
        rule = rules.conversion(order.name)
        back = order.back.amount
        taken = bool(order.amount) and back >= (order.amount or 0)
        values = {"name": order.name, "at": order.at, "amount": order.amount, "unit": order.currency, "back": back}
        met = {"window": rule.window, "minimum": rule.minimum} if rule is not None else {}
        state: State = "stops" if taken or order.status != "paid" else "look" if back else "good"
        return self._fact("conversion_event", state, values, order.evt, met=met, noun="conversion", id=order.id)

    def _eligible(self, referral: Referral | None, rules: Rules) -> Fact:
        people = [share.person for share in referral.shares] if referral is not None else [self.reward.beneficiary]
        table: dict[Any, Any] = self.draft.state.tables[Advocate]
        known: list[Advocate] = [
            it for person in people if (it := table.get((self.reward.program, person))) is not None
        ]
        standing = {it.person: it.status for it in known}
        values = {"standing": standing, "hold_until": self.reward.hold_until}
        met = {
            "requires_terms": rules.requires_terms,
            "new_customers_only": rules.new_customers_only,
            "hold": _hold(self.reward, rules),
        }
        state: State = "good"
        if any(status != "active" for status in standing.values()):
            state = "look"
        if self.reward.status == "pending":
            state = "waits"
        return self._fact(
            "referrer_eligibility", state, values, referral.lead if referral is not None else None, met=met
        )

    def _rules(self, rules: Rules) -> Fact:
        rule = rules.conversion(self.reward.on)
        known = rule is not None and self.reward.rule < len(rule.rewards)
        of = rule.rewards[self.reward.rule] if rule is not None and known else None
        met = {"flat": of.flat, "percent": of.percent, "points": of.points, "cap": of.cap} if of is not None else {}
        values = {"program": self.about.program, "version": self.about.version, "rules": self.reward.rules}
        values |= self._agreed()
        if self.reward.agreement is not None and self.reward.agreement.own:
            met |= {"flat": self.reward.agreement.flat, "percent": self.reward.agreement.percent}
        return self._fact("program_rules", "good", values, met=met, noun="program", id=self.about.program)

    def _agreed(self) -> dict[str, Any]:
        """By which version of its partner's agreement the reward was judged, if they had one."""
        held = self.reward.agreement
        if held is None:
            return {}
        return {"agreement": held.agreement, "agreement_version": held.version, "own_rate": held.own}

    def _sure(self, referral: Referral | None, level: str | None, grounds: list[str]) -> Fact:
        state: State = "look" if level == "possible" else "good"
        evt = referral.lead if referral is not None else None
        return self._fact(
            "attribution_confidence", state, {"level": level, "grounds": grounds}, evt, met={"least": "probable"}
        )

    def _duplicates(self, referral: Referral | None) -> Fact:
        claim = contested.claim_on(self.draft, self.reward)
        flags = dict.fromkeys(flag.code for case in self.cases for flag in case.flags)
        proofs = dict.fromkeys(proof.code for proof in referral.proofs) if referral is not None else {}
        stops = contested.by(self.draft, self.reward)
        state: State = "stops" if stops is not None else "look" if proofs else "good"
        cases, claims = self.who.may("case.read"), self.who.may("claim.read")
        values = {
            "cases": list(self.reward.cases) if cases else [],
            "claim": claim if claims else None,
            "flags": list(flags) if cases else [],
            "proofs": list(proofs),
        }
        named = self._stopped_by()
        where = {"noun": "claim" if stops == claim else "case", "id": named} if named is not None else {}
        return self._fact("duplicate_check", state, values, self.reward.evt, met={"open": 0}, **where)

    def _stopped_by(self) -> str | None:
        """The claim or case that stops it, if the reader may see one."""
        stops = contested.by(self.draft, self.reward)
        may = self.who.may("claim.read" if stops == contested.claim_on(self.draft, self.reward) else "case.read")
        return stops if may else None

    def _method(self) -> Fact:
        values: dict[str, Any] = {"kind": self.reward.kind, "rail": self.about.rail, "last": self.about.last}
        if not to_payee(self.reward.kind):
            return self._fact("payment_method", "good", values)
        payee = self.draft.get(Payee, self.reward.beneficiary)
        if payee is None:
            return self._fact("payment_method", "stops", values, noun="person", id=self.reward.beneficiary)
        values |= {"changed_at": payee.changed_at, "entered_by": [act.member for act in payee.acts]}
        if payee.checked is not None:
            values["check"] = payee.checked.answer
        changed = payee.replaced is not None and (payee.changed_at or 0) > self.reward.earned_at
        stopped = payees.refusal(payee, payee.destination, self.reward.id) is not None
        state: State = "stops" if stopped else "look" if changed else "good"
        return self._fact("payment_method", state, values, noun="person", id=self.reward.beneficiary)

    def _approval(self, rules: Rules) -> Fact:
        values: dict[str, Any] = {"role": reviews.APPROVER, "decide_by": priority.decide_by(self.reward)}
        met = {"two_people_over": rules.review.two_people_over, "due_days": rules.review.due_days}
        if (route := self.reward.route) is not None:
            stands_in = {"id": route.fallback, "mail": self.mails.get(route.fallback)}
            values |= {"role": route.role, "route": route.name, "table": route.table, "fallback": stands_in}
            met["due_days"] = route.days
            met |= {name: most for name in routes.LIMITS if (most := getattr(route, name)) is not None}
        two = reviews.second_needed(self.draft, self.who.actor, self.reward) is not None
        return self._fact("approval_rules", "waits" if two else "good", values, met=met)

    def _piece(self, piece: str, lacks: tuple[str, ...]) -> Fact:
        reward, lacking = self.reward, piece in lacks
        order, referral = self.draft.get(Conversion, reward.conversion), _referral(self.draft, reward)
        evts = {
            "source_attribution": referral.lead if referral is not None else reward.evt,
            "qualifying_event": order.evt if order is not None else reward.evt if self._corrected else None,
            "fraud_check": reward.evt,
            "payout_calculation": reward.evt,
        }
        values: dict[str, dict[str, Any]] = {
            "source_attribution": {"referral": reward.referral or None},
            "qualifying_event": {"conversion": reward.conversion, "corrected": self._corrected},
            "program_terms": {"rules": reward.rules, "version": self.about.version, **self._agreed()},
            "fraud_check": {"stopped_by": self._stopped_by()},
            "payout_calculation": {"gross": reward.gross, "amount": reward.amount, "unit": reward.unit},
            "approval_record": {
                "approvals": list(reward.approvals),
                "approved_at": reward.approved_at,
                **_stood(reward),
            },
        }
        state: State = "good"
        if lacking:
            state = "waits" if piece == dossier.EVIDENCE[-1] else "stops"
        if piece == dossier.EVIDENCE[-1]:
            return Fact(code=piece, state=state, values=values[piece], position=self.approved_at)
        return self._fact(piece, state, values[piece], evts.get(piece))

    def _mine(self) -> Mine:
        actor, reward = self.who.actor, self.reward
        used = reviews.approved_today(self.draft, actor.id, reward.beneficiary).get(reward.unit, 0)
        limit = None if actor.limits is None else actor.limits.get(reward.unit, 0)
        refusal: str | None = "not_permitted"
        if reviews.may_approve(self.draft, actor, [reward]):
            item = reviews.item_of(reward, self.draft.get(Payee, reward.beneficiary))
            why = reviews.against(self.draft, item, actor)
            refusal = why[0] if why is not None else None
        left = None if limit is None else max(0, limit - used)
        day = calendar.utc_day(self.draft.as_of)
        return Mine(unit=reward.unit, day=day, limit=limit, used=used, left=left, refusal=refusal)

    def _second(self) -> Second:
        why = reviews.second_needed(self.draft, self.who.actor, self.reward)
        first = tuple(map(self._named, self.reward.approvals if self.reward.status == "in_review" else ()))
        could = reviews.seconds(self.draft, self.who.actor, self.reward) if why is not None else []
        return Second(why.code if why is not None else None, first, tuple(map(self._named, could)))

    def _named(self, member: str) -> Named:
        return Named(member, self.mails.get(member))
