"""Standing approvals: an approval given beforehand by two named members for a class of rewards, with limits and an end.

Where a reward would be ready for a person, the same decision looks whether a standing approval covers it (``earned``: as its conversion
is decided; ``ready``: as its hold is over). Then it is approved, gathered and released at once, and the record names the standing
approval in the place of a member. What does not go by itself waits for a person as ever, and says why. Only what was earned while it
held, by an order that is decided for the first time, is ever covered; money never is.
Must not know: how one is asked for and stopped (``granting``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from goodword.core import (
    calendar,
    canonical,
    conduct,
    confidence,
    contested,
    conversions,
    dossier,
    hands,
    kin,
    launching,
    ledger,
    lists,
    money,
    payouts,
    reviews,
    semantics,
    settlement,
)
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ChangeDecided, ConversionRecorded
from goodword.core.ids import PREFIXES
from goodword.core.kinds.conditions.trait import Token
from goodword.core.kinds.rewards import REGISTRY, Kind, to_payee
from goodword.core.stages import limits
from goodword.core.state import Change, Conversion, Member, Payout, Program, Referral, Reward, Standing, Stood

#: What granting one takes, of both.
PERMISSION: Final = "standing.grant"
#: In the place of a currency: points, of the program.
POINTS: Final = "points"
#: What a verdict about it is about.
ABOUT: Final = "standing"
#: With what its id begins, and the kind of its counters.
PREFIX: Final = f"{PREFIXES['standing']}_"
COUNTED: Final = "standing:"
#: So many may hold at once, and so many are kept.
MOST_ACTIVE: Final = 50
MOST_KEPT: Final = 1_000
#: The longest time for which one may be given.
LONGEST: Final = 366 * calendar.DAY
#: Files that people bring in come under this name.
IMPORT: Final = "import"
#: act of a member -> why what rests on it is for a person
_ACTS: Final = {
    "claim.entered": "manual_claim",
    "claim.decided": "manual_claim",
    "appeal.decided": "manual_claim",
    "conversion.amended": "correction",
    "reward.rejected": "correction",
    "restore.asked": "correction",
    "restore.confirmed": "correction",
    "payout.returned": "correction",
}
#: Why a reward of the class of a standing approval waits for a person. What each means is said by ``words``.
WHYS: Final = (
    "imported",
    "unverified",
    "stopped",
    "ended",
    "granter_left",
    "feed_silent",
    "owner_missing",
    "flag",
    "case",
    "claim",
    *dict.fromkeys(_ACTS.values()),
    "own_work",
    "evidence",
    "owes_back",
    "per_reward",
    "per_beneficiary",
    "in_all",
)

Amount = Annotated[int, Meta(ge=1, le=money.MAX_INTEGER)]


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A standing approval as it is written: which rewards, over which rail, how much, and until when.

    ``unit``: ISO 4217, or points; ``per_reward``, ``per_beneficiary`` and ``in_all``: the most, in minor units or points; ``until``: an
    instant, no part of it.
    """

    program: Token
    kind: Kind
    unit: Annotated[str, Meta(pattern="^([A-Z]{3}|points)$(?!\\n)")]
    rail: Token
    side: Literal["advocate", "friend"] | None = None
    per_reward: Amount
    per_beneficiary: Amount
    in_all: Amount
    until: int


def text_of(terms: Terms) -> str:
    """Return the canonical text of terms, with every default written out."""
    return canonical.encode(terms).decode()


def hash_of(text: str) -> str:
    """Return the hash that names terms."""
    return hashlib.sha256(f"goodword:standing\n{text}".encode()).hexdigest()


@lru_cache(maxsize=256)
def read(text: str) -> Terms:
    """Return the terms that a text is. Raises msgspec.DecodeError for a text that is none."""
    return msgspec.json.decode(text, type=Terms)


def problems(terms: Terms, as_of: int) -> Iterator[tuple[str, str]]:
    """Yield what makes terms senseless at an instant: where it stands, and the code of what was expected."""
    if to_payee(terms.kind):
        yield "kind", "no_money"
    if REGISTRY[terms.kind].in_money is (terms.unit == POINTS):
        yield "unit", "unit"
    if terms.unit != POINTS and terms.unit not in money.CURRENCIES:
        yield "unit", "unit"
    if not terms.per_reward <= terms.per_beneficiary <= terms.in_all:
        yield "per_beneficiary", "range"
    if not as_of < terms.until <= as_of + LONGEST:
        yield "until", "until"


def rail_problem(terms: Terms, kinds: Iterable[str], *, manual: bool) -> tuple[str, str] | None:
    """Return why a rail that delivers these kinds is none for a standing approval: one of money never is."""
    kinds = tuple(kinds)
    if any(to_payee(kind) for kind in kinds if kind in REGISTRY):
        return "rail", "no_money_rail"
    return ("rail", "rail") if manual or terms.kind not in kinds else None


def unfit(draft: Draft, text: str, named: str, program: str | None) -> Verdict | None:
    """Return why a text is none that could hold now; ``named``: the hash by which it was named."""
    try:
        terms = read(text)
    except msgspec.DecodeError as error:
        return refused("command", "standing_invalid", Step("problem", {"path": "", "expected": str(error)[:200]}))
    found = [*problems(terms, draft.as_of)]
    if text_of(terms) != text or hash_of(text) != named or terms.program != program:
        found.append(("standing", "hash"))
    if found:
        return refused("command", "standing_invalid", *(mistold(*each) for each in found))
    there = draft.get(Program, terms.program)
    if there is None or there.status == "ended":
        return refused("command", "unknown_program" if there is None else "program_ended", subject=terms.program)
    known = [*every(draft)]
    if len(known) >= MOST_KEPT or len([it for it in known if holds(it, draft.as_of)]) >= MOST_ACTIVE:
        return refused("command", "too_many", Step("standing_most", {"most": MOST_ACTIVE, "kept": MOST_KEPT}))
    return None


def mistold(path: str, expected: str) -> Step:
    """Return the step that shows what is wrong with terms."""
    return Step("standing_wrong", {"path": path, "expected": expected})


def every(draft: Draft) -> Iterator[Standing]:
    """Yield all standing approvals of the workspace, the oldest first. They are loaded always: what is not here is not there."""
    ids = {str(key) for key in draft.state.tables[Standing]} | {
        str(key) for noun, key in draft.puts if noun is Standing
    }
    for id_ in sorted(ids):
        yield draft.need(Standing, id_)


def find(draft: Draft, id_: str) -> Standing | None:
    """Return the standing approval of this id, if there is one."""
    return next((it for it in every(draft) if it.id == id_), None)


def holds(it: Standing, at: int) -> bool:
    """Return whether a standing approval covers anything at an instant."""
    return it.status == "active" and it.since <= at < it.until


def unit_of(terms: Terms) -> str:
    """Return the unit as rewards have it."""
    return f"points:{terms.program}" if terms.unit == POINTS else terms.unit


# --- how one comes to hold, and ends ----------------------------------------------------------------------------------


def confirmed(draft: Draft, change: Change, by: str) -> Verdict | None:
    """Let what one member asked for and another confirms hold from now on; returns why it cannot."""
    text, named = change.to["document"], change.to["standing"]
    refusal = unfit(draft, text, named, change.subject)
    if refusal is not None:
        return replace(refusal, subject=change.id)
    terms, granters = read(text), (change.asked_by, by)
    if not all(able(draft, member, terms.program) for member in granters):
        return refused("command", "not_permitted", Step("action", {"action": PERMISSION}), subject=change.id)
    for member in granters:
        if wrote(draft, change.to["authors"], member):
            return author(member, change.id)
    where = (terms.program,) if draft.semantics >= semantics.STANDING_BY_APPROVERS else ()
    most = [_limit(draft, member, unit_of(terms), *where) for member in granters]
    over = [each is not None and each < terms.in_all for each in most]
    if all(over) or (over[-1] and not _owner(draft, by)):
        step = {"unit": unit_of(terms), "sum": terms.in_all, "limit": max(each or 0 for each in most)}
        return refused("command", "over_limit", Step("over_limit", step), subject=change.id)
    it = Standing(
        id=draft.id("sta", named, share=change.id),
        status="active",
        program=terms.program,
        kind=terms.kind,
        unit=unit_of(terms),
        rail=terms.rail,
        side=terms.side,
        per_reward=terms.per_reward,
        per_beneficiary=terms.per_beneficiary,
        in_all=terms.in_all,
        since=draft.as_of,
        until=terms.until,
        hash=named,
        granted_by=granters,
        evt=draft.evt,
    )
    draft.put(it)
    said = Verdict(about="command", outcome="standing_granted", program=it.program, subject=it.id, amount=it.in_all)
    draft.say(replace(said, unit=it.unit, steps=(_terms(it),)))
    return None


def _terms(it: Standing) -> Step:
    values: dict[str, Any] = {"standing": it.id, "sha256": it.hash, "kind": it.kind, "rail": it.rail, "side": it.side}
    values |= {"unit": it.unit}
    values |= {"per_reward": it.per_reward, "per_beneficiary": it.per_beneficiary, "in_all": it.in_all}
    return Step("standing_terms", {**values, "until": it.until, "granted_by": list(it.granted_by)})


def wrote(draft: Draft, authors: Iterable[str], member: str) -> bool:
    """Return whether a member may be one of those who published a program's rules."""
    return any(hands.same(draft, each, member) for each in authors)


def author(member: str, subject: str | None = None) -> Verdict:
    """Return the refusal of who published the rules."""
    return refused("command", "rules_author", Step("author", {"member": member}), subject=subject)


def able(draft: Draft, member: str, program: str) -> Member | None:
    """Return the member, or who they go on as, if they may grant in a program."""
    return hands.able(partial(hands.known, draft), member, PERMISSION, program)


def _owner(draft: Draft, member: str) -> bool:
    """Whether a member decides changes of every kind: one who does not stands for what they confirm within their own limit."""
    return hands.able(partial(hands.known, draft), member, ChangeDecided.PERMISSION or "") is not None


def _limit(draft: Draft, member: str, unit: str, *programs: str) -> int | None:
    """What a member may approve alone in a unit, in these programs; None: anything."""
    known = hands.able(partial(hands.known, draft), member, PERMISSION, *programs)
    found = known.limits if known is not None else {}
    return None if found is None else found.get(unit, 0)


def stop(draft: Draft, it: Standing, reason: str, by: str | None) -> None:
    """Let a standing approval cover nothing from now on: what it has approved stays so."""
    draft.put(
        replace(it, status="stopped", stopped_by=by, stopped_at=draft.as_of, stopped_evt=draft.evt, reason=reason)
    )
    used = limits.counter(draft, key_of(it))
    values = {"standing": it.id, "reason": reason, "by": by, "count": used.count}
    values |= {"used": money.told(used.amounts.get(it.unit, 0)), "unit": it.unit}
    said = Verdict(about="command", outcome="standing_stopped", program=it.program, subject=it.id)
    draft.say(replace(said, steps=(Step("standing_stopped", values),)))


def left(draft: Draft) -> None:
    """What somebody granted who may not grant any more stops at once."""
    for it in every(draft):
        if it.status == "active" and not _granters(draft, it):
            stop(draft, it, "granter_left", None)


def published(draft: Draft, program: str, by: str) -> None:
    """Rules of a program were published: what their author granted there stops. (What is asked for is withdrawn by ``granting``.)"""
    for it in every(draft):
        if it.status == "active" and it.program == program and wrote(draft, it.granted_by, by):
            stop(draft, it, "rules_author", None)


def _granters(draft: Draft, it: Standing) -> bool:
    return all(able(draft, member, it.program) is not None for member in it.granted_by)


def approves(verdict: Verdict) -> bool:
    """Return whether a verdict says that a standing approval approved a reward, and released what pays it."""
    return verdict.about == ABOUT and verdict.outcome == "approved"


#: Why what a standing approval approved is not proved: there is none, one alone gave it, another class, not then, beyond its limits.
UNPROVED: Final = ("standing_gone", "standing_by_one", "standing_class", "standing_over", "standing_beyond")


def unproved(draft: Draft, reward: Reward, payout: Payout | None) -> str | None:
    """Return why what a standing approval is said to have approved is not proved, of ``UNPROVED``; None: it was covered then.

    What was used of a limit is never given back, so that what is within it now was within it then.
    """
    named = [id_ for id_ in reward.approvals if id_.startswith(PREFIX)]
    it, stood, at = find(draft, named[0]), reward.standing, reward.approved_at
    if it is None or len(named) != 1 or stood is None or stood.standing != it.id or stood.amount is None:
        return "standing_gone"
    if len({*it.granted_by}) < 2:  # noqa: PLR2004 - four eyes
        return "standing_by_one"
    if not of_class(it, reward) or to_payee(reward.kind) or (payout is not None and payout.rail != it.rail):
        return "standing_class"
    if at is None or not it.since <= at < it.until or (it.stopped_at is not None and at > it.stopped_at):
        return "standing_over"
    used = [(limits.counter(draft, key).amounts.get(it.unit, 0), most) for key, most in bounds(it, reward)]
    if not 0 < stood.amount <= it.per_reward or any(amount > most for amount, most in used):
        return "standing_beyond"
    return None


def bounds(it: Standing, reward: Reward) -> list[tuple[tuple[str, str, str, str], int]]:
    """Return the counters of what a standing approval approved, in all and of the beneficiary of a reward, each with the most."""
    return [(key_of(it), it.in_all), (key_of(it, reward.beneficiary), it.per_beneficiary)]


# --- what one covers --------------------------------------------------------------------------------------------------


def earned(draft: Draft, event: ConversionRecorded) -> None:
    """Look at what an order has earned in its own decision: approve it now, as soon as its hold is over, or let it wait."""
    standing = [it for it in every(draft) if holds(it, draft.as_of)] if _any(draft) else []
    conversion = draft.get(Conversion, conversions.key_of(event)) if standing else None
    for id_ in conversion.rewards if conversion is not None else ():
        reward = draft.need(Reward, id_)
        if reward.evt != draft.evt or reward.status not in settlement.UNDECIDED:
            continue
        mine = [it for it in standing if of_class(it, reward)]
        if not mine:
            continue
        never = "unverified" if event.unverified else "imported" if event.imported or event.source == IMPORT else None
        if never is not None:
            _wait(draft, reward, mine[0], never, {})
        elif reward.status == "pending":
            draft.put(replace(reward, standing=Stood(mine[0].id)))
            step = Step("standing_held", {"standing": mine[0].id, "until": reward.hold_until})
            _say(draft, "noted", reward, step)
        else:
            _decide(draft, reward, mine)


def ready(draft: Draft, reward: Reward) -> bool:
    """The hold of a reward is over: approve what was earned under a standing approval, if that covers it now. Tells whether."""
    stood = reward.standing
    if stood is None or stood.waits is not None or stood.at is not None:
        return False
    return _decide(draft, reward, [draft.need(Standing, stood.standing)])


def of_class(it: Standing, reward: Reward) -> bool:
    """Return whether a reward is of the class that a standing approval is for."""
    same = (it.program, it.kind, it.unit) == (reward.program, reward.kind, reward.unit)
    return same and it.side in (None, reward.side)


def _any(draft: Draft) -> bool:
    return bool(draft.state.tables[Standing])


def _decide(draft: Draft, reward: Reward, among: list[Standing]) -> bool:
    """By the first that covers it; what none covers waits, for the reason of the first. Tells whether it is approved."""
    first: tuple[Standing, str, dict[str, Any]] | None = None
    for it in among:
        against = _against(draft, it, reward)
        if against is None:
            _approve(draft, it, reward)
            return True
        first = first or (it, *against)
    if first is not None:
        _wait(draft, reward, *first)
    return False


def _against(draft: Draft, it: Standing, reward: Reward) -> tuple[str, dict[str, Any]] | None:
    """Return the first reason for which a person decides a reward of the class, with the values seen."""
    found = (look(draft, it, reward) for look in _LOOKS)
    return next(filter(None, found), None)


Why = tuple[str, dict[str, Any]] | None


def _over(draft: Draft, it: Standing, _: Reward) -> Why:
    if it.status != "active":
        return "stopped", {"at": it.stopped_at}
    if draft.as_of >= it.until:
        return "ended", {"at": it.until}
    return None if _granters(draft, it) else ("granter_left", {})


def _stands_still(draft: Draft, _: Standing, reward: Reward) -> Why:
    return launching.stopped(draft, reward.program)


def _doubted(draft: Draft, _: Standing, reward: Reward) -> Why:
    if reward.marks:
        return "flag", {"flag": reward.marks[0].code}
    if reward.cases:
        return "case", {"case": reward.cases[0]}
    claim = contested.claim_on(draft, reward)
    return None if claim is None else ("claim", {"claim": claim})


def _by_hand(draft: Draft, it: Standing, reward: Reward) -> Why:
    """What members did to it: a claim and a correction are always for a person, other work of a granter as well."""
    referral = draft.need(Referral, reward.referral)
    for act in (*reward.acts, *referral.acts):
        if act.act in _ACTS:
            return _ACTS[act.act], {}
    if reward.by_claim or reward.taken_by is not None:
        return "manual_claim", {}
    if any(ground.code == "imported" for ground in confidence.of(referral).grounds):
        return "imported", {}
    for member in it.granted_by:
        act_ = conduct.against(draft, reward.acts, member, "approve")
        if act_ is not None:
            return "own_work", {"member": member, "did": act_.act}
    return None


def _lacks(draft: Draft, _: Standing, reward: Reward) -> Why:
    lacks = [piece for piece in dossier.lacking(draft, reward) if piece != dossier.EVIDENCE[-1]]
    return ("evidence", {"lacks": lacks}) if lacks else None


def _owes(draft: Draft, it: Standing, reward: Reward) -> Why:
    """Who owes something back has that netted, in a payout that people gather."""
    owing = [each for each in draft.of(Reward, "owed_by", reward.beneficiary) if each.unit == it.unit]
    total = sum(each.receivable for each in owing if each.kind == it.kind)
    return ("owes_back", {"amount": money.told(total), "unit": it.unit}) if total else None


def _beyond(draft: Draft, it: Standing, reward: Reward) -> Why:
    """The limits, in the order in which they are said."""
    for limit, used, most in _used(draft, it, reward):
        if used + reward.unsent > most:
            values = {"used": money.told(used), "amount": reward.unsent, "most": most, "unit": it.unit}
            return limit, values
    return None


#: All that is looked at, in the order in which it is said.
_LOOKS: Final[tuple[Callable[[Draft, Standing, Reward], Why], ...]] = (
    *(_over, _stands_still, _doubted, _by_hand, _lacks, _owes, _beyond),
)


def _used(draft: Draft, it: Standing, reward: Reward) -> list[tuple[str, int, int]]:
    """The limits of a standing approval: what is used of each for the beneficiary of a reward, and the most."""
    theirs = sum(
        limits.counter(draft, key_of(it, person)).amounts.get(it.unit, 0)
        for person in kin.all_of(draft.get, reward.beneficiary)
    )
    in_all = limits.counter(draft, key_of(it)).amounts.get(it.unit, 0)
    return [
        ("per_reward", 0, it.per_reward),
        ("per_beneficiary", theirs, it.per_beneficiary),
        ("in_all", in_all, it.in_all),
    ]


def key_of(it: Standing, person: str = "") -> tuple[str, str, str, str]:
    """Return the key of the counter of what a standing approval approved, of one beneficiary or in all."""
    return "", person, f"{COUNTED}{it.id}", limits.EVER


def _approve(draft: Draft, it: Standing, reward: Reward) -> None:
    """Approve a reward and send it over the rail: what is used of a limit stays used, whatever becomes of the reward."""
    amount, items = reward.unsent, (reviews.item_of(reward, None),)
    listed = lists.digest(items)
    draft.postings += ledger.approved(reward)
    before = _used(draft, it, reward)
    approved = replace(
        reward,
        status="approved",
        approvals=(it.id,),
        approval_list=listed,
        approved_at=draft.as_of,
        expires_at=None,
        due_at=draft.as_of,
        standing=Stood(it.id, amount=amount, at=draft.as_of),
    )
    payout = payouts.at_once(draft, approved, it.rail, it.id)
    for person in ("", reward.beneficiary):
        limits.add(draft, key_of(it, person), 1, it.unit, amount)
    released = lists.digest((payouts.item_of(payout),))
    payouts.release(draft, payout, (it.id,), released)
    values = {"standing": it.id, "sha256": it.hash, "granted_by": list(it.granted_by), "until": it.until}
    values |= {"list": listed, "payout": payout.id, "rail": it.rail, "released": released}
    rest = {limit: money.told(most - used) for limit, used, most in before}
    rest |= {limit: rest[limit] - amount for limit in ("per_beneficiary", "in_all")}
    steps = (Step("standing", values), Step("standing_left", {**rest, "unit": it.unit}))
    _say(draft, "approved", approved, *steps, amount=amount)


def _wait(draft: Draft, reward: Reward, it: Standing, why: str, values: dict[str, Any]) -> None:
    """Let a person decide a reward, and say why no standing approval did."""
    now = draft.put(replace(reward, standing=Stood(it.id, why)))
    _say(draft, "waits", now, Step("standing_waits", {"standing": it.id, "why": why, **values}))


def _say(draft: Draft, outcome: str, reward: Reward, *steps: Step, amount: int | None = None) -> None:
    said = Verdict(about=ABOUT, outcome=outcome, program=reward.program, subject=reward.id, side=reward.side)
    draft.say(replace(said, beneficiary=reward.beneficiary, amount=amount, unit=reward.unit, steps=steps))
