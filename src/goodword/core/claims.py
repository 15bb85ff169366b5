"""Claims: somebody says that an advocate brought a friend, and a person decides. A claim that is won makes or moves the referral."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from goodword.core import (
    access,
    borne,
    calendar,
    conduct,
    confidence,
    contested,
    disputes,
    hands,
    kin,
    ledger,
    lifecycles,
    offers,
    payouts,
    persons,
    referrals,
    refunds,
    same_person,
    semantics,
    settlement,
)
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ClaimAppealed, ClaimDecided, ClaimEntered, ClaimNoted, ClaimTaken
from goodword.core.facts import Actor, Told
from goodword.core.kinds.rewards import taken_off
from goodword.core.stages import matching, planning
from goodword.core.state import (
    BEFORE_PAYMENT,
    ELSEWHERE,
    Act,
    Advocate,
    Case,
    Claim,
    Comment,
    Conversion,
    Customer,
    Lead,
    Paid,
    Place,
    Program,
    Referral,
    Reward,
    Share,
)

#: What deciding one takes besides: it is a dispute about money. Taking it up and withdrawing it take less.
CLEAR = "flag.clear"
#: So many claims about one friend may be undecided.
MOST_OPEN = 20
#: A claim, like a case, keeps so many comments, the newest; the log has all.
MOST_COMMENTS = 100
#: What ends what binds the friend: somebody else has them, several share them, or nobody brought them.
BINDING = ("won", "split", "none")
#: Claims that do not ask who brought the friend: nobody shares an order, or an account.
OF_ANOTHER_SORT = ("earlier_conversion", same_person.KIND)


def entered(draft: Draft, event: ClaimEntered, told: Told) -> None:
    """Open a claim; shares are exact and sum to one."""
    program = draft.get(Program, event.program) if event.program is not None else None
    shares = tuple(Share(*share) for share in event.advocates)
    if program is None:
        draft.say(refused("command", "unknown_program"))
        return
    missing = [share.person for share in shares if draft.get(Advocate, (program.id, share.person)) is None]
    if missing or not _sum_to_one(shares):
        draft.say(refused("command", "not_found" if missing else "nothing_to_do", program=program.id))
        return
    if any(share.person == event.person for share in shares):
        draft.say(refused("command", "self_referral", program=program.id))
        return
    by = told.actor.id if told.actor is not None else None
    if told.actor is not None and not _for_themselves(event, told.actor):
        draft.say(refused("command", "not_found", program=program.id))
        return
    refusal = _bounds(draft, program, event) if draft.semantics >= semantics.CLAIMS_MOVE_MONEY else None
    refusal = refusal or (disputes.bounded(draft, told.actor) if told.actor is not None else None)
    if refusal is not None:
        draft.say(refused("command", refusal[0], refusal[1], program=program.id))
        return
    said = referrals.Entered(by, event.evidence)
    claim = referrals.open_claim(draft, program.id, event.person, shares, "entered", event.lead_at, said)
    others = [
        other for other in draft.of(Claim, "friend", event.person) if other.status == "open" and other.id != claim.id
    ]
    contested = [other.id for other in others if told.actor is None or access.covers(told.actor, other.program)]
    shown = Step("claim", {"claim": claim.id, "reason": event.reason, "contested_by": contested})
    steps = (shown, *_themselves(draft, told, claim))
    draft.say(Verdict(about="command", outcome="claim_opened", program=program.id, subject=claim.id, steps=steps))


def _for_themselves(event: ClaimEntered, actor: Actor) -> bool:
    """Whether a person claims a friend for themselves alone, by no evidence, whose ids they cannot know; others claim for anybody."""
    if actor.kind != "person":
        return True
    theirs = [person for person, _, _ in event.advocates] == [actor.id] and not actor.programs
    return theirs and not event.evidence


def of_person(claim: Claim) -> str | None:
    """The person who entered a claim for themselves; None: a member, a key or the rules did."""
    return claim.entered_by if (claim.entered_by or "").startswith("per_") else None


def _sum_to_one(shares: tuple[Share, ...]) -> bool:
    """Whether these are parts of one, each of another person."""
    parts = all(share.denominator > 0 and share.numerator > 0 for share in shares) and (
        sum(Fraction(share.numerator, share.denominator) for share in shares) == 1
    )
    return parts and len({share.person for share in shares}) == len(shares)


def _bounds(draft: Draft, program: Program, event: ClaimEntered) -> tuple[str, Step] | None:
    """What speaks against a claim before anybody looks at it: its time, and how many there are already."""
    times = {"at": event.lead_at, "accepted_at": draft.as_of}
    if event.lead_at > draft.as_of:
        return "in_future", Step("times", times)
    if not program.began or program.status_at(event.lead_at) == "draft":
        return "program_not_live", Step("status", {"status": "draft"})
    if program.version_at(event.lead_at) is None:
        return "program_not_active", Step("times", {**times, "accepted_at": program.versions[0][0]})
    open_ = draft.of(Claim, "open_of", event.person)
    if len(open_) >= MOST_OPEN:
        return "too_many", Step("claims", {"open": len(open_), "most": MOST_OPEN})
    return None


def taken(draft: Draft, event: ClaimTaken) -> None:
    """Take up a request: from now on it stops what it touches."""
    claim = draft.get(Claim, event.claim)
    if claim is None:
        draft.say(refused("command", "not_found", subject=event.claim))
        return
    if claim.status != "open" or claim.stops_at is not None:
        draft.say(refused("command", "wrong_state", Step("status", {"status": claim.status}), subject=claim.id))
        return
    draft.say(Verdict(about="command", outcome="claim_taken", program=claim.program, subject=claim.id))
    contested.stop(draft, draft.put(replace(claim, between=(*claim.between, draft.evt))), draft.as_of)


def noted(draft: Draft, event: ClaimNoted, told: Told) -> None:
    """Comment on a claim, whatever its state."""
    claim = draft.get(Claim, event.claim)
    if claim is None:
        draft.say(refused("command", "not_found", subject=event.claim))
        return
    actor = told.need_actor()
    if event.told or actor.kind == "person":
        disputes.wrote(draft, claim, of_person(claim), event, actor)
        return
    comment = Comment(actor.id, draft.as_of, event.note)
    draft.put(replace(claim, comments=(*claim.comments, comment)[-MOST_COMMENTS:]))
    draft.say(Verdict(about="command", outcome="claim_noted", program=claim.program, subject=claim.id))


def decided(draft: Draft, event: ClaimDecided, told: Told) -> list[Referral]:
    """won: the referral is made or moved; what else claims its place is lost. On appeal lost: what it took is given back.

    split: the same, and who brought the friend is whom the decision names, each for their part. none: nobody brought them, so that
    nothing is owed by them. Returns the referrals whose conversions are decided again.
    """
    claim = draft.get(Claim, event.claim)
    if claim is None:
        draft.say(refused("command", "not_found", subject=event.claim))
        return []
    version = draft.need(Program, claim.program).version_at(claim.lead_at)
    shares = tuple(Share(*share) for share in event.shares) if event.outcome == "split" else claim.shares
    refusal = _against(draft, replace(claim, shares=shares), event.outcome, version, told)
    refusal = refusal or _unfit(draft, claim, event.outcome, shares)
    if refusal is not None:
        draft.say(refused("command", *refusal, program=_told(refusal[0], claim), subject=claim.id))
        return []
    by = told.actor.id if told.actor is not None else ""
    appealed = claim.status == "appealed"
    claim = _close(draft, claim, event.outcome, by)
    steps = [Step("claim", {"claim": claim.id, "kind": claim.kind, "outcome": event.outcome, "reason": event.reason})]
    before = len(draft.verdicts)
    bound: list[Referral] = []
    parties = _concerned(draft, claim, event.outcome)
    if event.outcome == "none":
        _nobodys(draft, claim, by, steps)
    elif event.outcome in BINDING and version is not None:
        if draft.semantics < semantics.CLAIMS_MOVE_MONEY:
            _lose(draft, claim, by)
            bound = [_move_unsent(draft, claim, version, by, steps)]
        elif not _stands_so(draft, claim, shares):
            bound = _won(draft, claim, shares, version, by, steps)
    elif appealed and (claim.referral is not None or claim.ended):
        bound = _give_back(draft, claim, by, steps)
    elif appealed and claim.kind == same_person.KIND and draft.semantics >= semantics.SAME_PERSON_IS_APPEALED:
        _apart(draft, claim, steps)
    steps += _then(draft, claim, bound)
    verdict = Verdict(about="command", outcome=event.outcome, program=claim.program, subject=claim.id)
    draft.verdicts.insert(before, replace(verdict, steps=tuple(steps)))
    now = _as_decided(draft, claim, event.outcome, shares) if parties else ()
    draft.verdicts[before + 1 : before + 1] = [_to_one(claim, event.outcome, now, person) for person in parties]
    if (person := of_person(claim)) is not None:
        disputes.answered(draft, claim, person, decided=True)
    return bound


def _then(draft: Draft, claim: Claim, bound: list[Referral]) -> tuple[Step, ...]:
    """Who else must act: what is earned by the decision is approved by who had no part in it."""
    if not bound or draft.semantics < semantics.CLAIMS_ARE_SHARED:
        return ()
    acts = [act for act in _acts(draft.need(Claim, claim.id)) if "approve" in conduct.FORBIDDEN[act.act]]
    programs = sorted({claim.program, *(referral.program for referral in bound)})
    could = hands.others(draft, conduct.PERMISSIONS["approve"], programs, [act.member for act in acts])
    return (Step("then", {"action": conduct.PERMISSIONS["approve"], "could": could}),)


def _concerned(draft: Draft, claim: Claim, outcome: str) -> tuple[str, ...]:
    """Whom a decision tells whose the friend is: all sides of it, and who had them in another program that gives them up."""
    if draft.semantics < semantics.CLAIMS_ARE_SHARED or claim.kind in OF_ANOTHER_SORT or outcome == "withdrawn":
        return ()
    if outcome == "lost":
        return _parties(draft, claim, rivals=False)  # what others claim stays open
    others = [kin.root(draft.get, share.person) for referral in leaving(draft, claim) for share in referral.shares]
    return tuple(dict.fromkeys((*_parties(draft, claim), *others)))


def _as_decided(draft: Draft, claim: Claim, outcome: str, shares: tuple[Share, ...]) -> tuple[Share, ...]:
    """Whose the friend is in the claim's program by a decision, as whom they are now; of a claim that is lost, whose they are still."""
    if outcome == "none":
        return ()
    if outcome == "lost":
        customer = draft.get(Customer, claim.friend)
        bound = [draft.need(Referral, id_) for id_ in (customer.referrals if customer is not None else ())]
        shares = next((it.shares for it in bound if it.program == claim.program and it.status != "void"), ())
    return tuple(replace(share, person=kin.root(draft.get, share.person)) for share in shares)


def _to_one(claim: Claim, outcome: str, shares: tuple[Share, ...], person: str) -> Verdict:
    """What one of those who claimed or had the friend is told, whatever was earned yet: that they are theirs, in part, or not."""
    steps = [Step("by_decision", {"claim": claim.id})]
    mine = next((place for place, share in enumerate(shares) if share.person == person), None)
    is_part, is_split, is_nobodys = len(shares) > 1, outcome == "split", outcome == "none"
    if mine is not None and is_part:
        parts = [[share.person, share.numerator, share.denominator] for share in shares]
        steps.append(Step("share", {"index": mine, "of": parts}))
    return Verdict(
        about="attribution",
        outcome=("shared" if is_part else "theirs")
        if mine is not None
        else ("not_shared" if is_split else "nobodys" if is_nobodys else "not_theirs"),
        program=claim.program,
        subject=claim.id,
        beneficiary=person,
        steps=tuple(steps),
    )


def _told(refusal: str, claim: Claim) -> str | None:
    return claim.program if refusal in ("program_not_active", "own_work", "self_referral") else None


def _unfit(draft: Draft, claim: Claim, outcome: str, shares: tuple[Share, ...]) -> tuple[str, Step] | None:
    """What speaks against a decision that gives a friend to several or to nobody, or that is another one than was appealed."""
    if outcome in BINDING and _overtaken(draft, claim) and (outcome == "none" or not _stands_so(draft, claim, shares)):
        return "wrong_state", Step("overtaken", {"referral": claim.referral})
    if outcome not in ("split", "none"):
        return None
    if claim.kind in OF_ANOTHER_SORT:
        return "wrong_state", Step("status", {"status": claim.status, "answer": outcome})
    if outcome == "none":
        return None
    if len(shares) == 1 or not _sum_to_one(shares):
        return "nothing_to_do", Step(
            "shares", {"of": [[s.person, s.numerator, s.denominator] for s in shares[:MOST_OPEN]]}
        )
    parties = set(_parties(draft, claim))
    for share in shares:
        if share.person not in parties or draft.get(Advocate, (claim.program, share.person)) is None:
            return "not_found", Step("item", {"item": share.person})
    return None


def _parties(draft: Draft, claim: Claim, *, rivals: bool = True) -> tuple[str, ...]:
    """Who claims the friend, or has or had them, as whom they are now: who decides shares among these, and gives to no other."""
    others = [
        other
        for other in (draft.of(Claim, "friend", claim.friend) if rivals else ())
        if other.status == "open" and other.program == claim.program
    ]
    customer = draft.get(Customer, claim.friend)
    ids = dict.fromkeys((*claim.ended, *(customer.referrals if customer is not None else ())))
    bound = [
        referral
        for id_ in ids
        if (referral := draft.need(Referral, id_)).program == claim.program or id_ in claim.ended
    ]
    sides = (claim.shares, *(it.shares for it in bound), *(it.shares for it in others))
    return tuple(dict.fromkeys(kin.root(draft.get, share.person) for shares in sides for share in shares))


def _stands_so(draft: Draft, claim: Claim, shares: tuple[Share, ...]) -> bool:
    """Whether a claim that was decided before gave the friend to the same people already, in the same parts."""
    if claim.referral is None:
        return False
    if draft.semantics < semantics.CLAIMS_ARE_SHARED or claim.kind in OF_ANOTHER_SORT:
        return True
    now = draft.need(Referral, claim.referral).shares
    return _as_now(draft, now) == _as_now(draft, shares)


def _as_now(draft: Draft, shares: tuple[Share, ...]) -> set[tuple[str, Fraction]]:
    return {(kin.root(draft.get, share.person), Fraction(share.numerator, share.denominator)) for share in shares}


def _against(
    draft: Draft, claim: Claim, outcome: str, version: str | None, told: Told
) -> tuple[str, *tuple[Step, ...]] | None:
    """What speaks against a decision: the claim's state, and who decides. Who entered it may still withdraw it."""
    new = outcome in ("split", "none") and draft.semantics < semantics.CLAIMS_ARE_SHARED
    if not lifecycles.may_move("claim", claim.status, outcome) or outcome == "appealed" or new:
        return "wrong_state", Step("status", {"status": claim.status})
    cleared = draft.semantics >= semantics.CLAIMS_ARE_CLEARED and outcome != "withdrawn"
    if cleared and not access.allowed(told.need_actor(), CLEAR):
        return "not_permitted", Step("action", {"action": CLEAR})
    if draft.semantics >= semantics.CLAIMS_MOVE_MONEY and outcome != "withdrawn":
        wanted = "decide_appeal" if claim.status == "appealed" else "decide"
        step = Step("item", {"item": claim.id})
        takes = CLEAR if cleared else None
        own = conduct.own_work(draft, told.need_actor(), wanted, _acts(claim), (claim.program,), step, takes)
        if own is not None:
            return own
    if outcome in BINDING and version is None:
        return ("program_not_active",)
    themselves = _themselves(draft, told, claim) if outcome in ("won", "split") else ()
    if themselves:
        return "self_referral", *themselves
    if outcome == "lost" and _overtaken(draft, claim):
        return "wrong_state", Step("overtaken", {"referral": claim.referral})
    return None


def _acts(claim: Claim) -> tuple[Act, ...]:
    """Who entered it, decided it, and appealed."""
    return (*((Act(claim.entered_by, "claim.entered"),) if claim.entered_by is not None else ()), *claim.acts)


def _of_registration(claim: Claim) -> tuple[Act, ...]:
    """Who registered and accepted the deal that made it."""
    return tuple(act for act in claim.acts if act.act in ("deal.registered", "deal.accepted"))


def _overtaken(draft: Draft, claim: Claim) -> bool:
    """Whether a later claim ended what this one made: that one must be appealed first, for it says whose the friend is."""
    return claim.referral is not None and draft.need(Referral, claim.referral).status == "void"


def _close(draft: Draft, claim: Claim, outcome: str, by: str) -> Claim:
    """The claim is decided, and the cases that it opened with it. Once it may be appealed, for a time."""
    closed = replace(claim, status=outcome, decided_by=by, decided_evt=draft.evt, appeal_until=None)
    if draft.semantics >= semantics.CLAIMS_MOVE_MONEY:
        act = "appeal.decided" if claim.status == "appealed" else "claim.decided"
        closed = replace(closed, acts=conduct.noted(claim.acts, draft.semantics, act, by))
        if claim.appealed_at is None and outcome != "withdrawn":
            rules = draft.rules_of(draft.need(Program, claim.program).versions[-1][1])
            closed = replace(closed, appeal_until=draft.as_of + calendar.duration(rules.claims.appeal_within))
        for id_ in claim.cases:
            case = draft.need(Case, id_)
            if case.status == "open":
                settlement.close_case(draft, case, f"claim_{outcome}", by)
    return draft.put(closed)


def _lose(draft: Draft, claim: Claim, by: str) -> None:
    """What else claims the place of a claim that is won is lost."""
    for other in draft.of(Claim, "friend", claim.friend):
        if other.status == "open" and other.program == claim.program:
            _close(draft, other, "lost", by)


def appealed(draft: Draft, event: ClaimAppealed, told: Told) -> None:
    """Have the decision looked at again, by another member: once, and in its time. Until then it stops what it could move."""
    claim, actor = draft.get(Claim, event.claim), told.need_actor()
    if claim is None or not disputes.theirs(draft, actor, of_person(claim)):
        draft.say(refused("command", "not_found", subject=event.claim))
        return
    refusal = appeal_refused(draft, "claim", claim)
    if refusal is None and actor.kind == "person" and claim.status not in ("lost", "none"):
        refusal = "wrong_state", Step("status", {"status": claim.status})
    refusal = refusal or disputes.bounded(draft, actor)
    if refusal is not None:
        draft.say(refused("command", *refusal, subject=claim.id))
        return
    by = actor.id
    claim = draft.put(
        replace(
            claim,
            status="appealed",
            appealed_at=draft.as_of,
            appeal_until=None,
            acts=conduct.noted(claim.acts, draft.semantics, "appealed", by),
            between=(*claim.between, claim.decided_evt or "", draft.evt),
        )
    )
    steps = (Step("claim", {"claim": claim.id, "kind": claim.kind, "outcome": "appealed", "reason": event.reason}),)
    draft.say(Verdict(about="command", outcome="appealed", program=claim.program, subject=claim.id, steps=steps))
    contested.stop(draft, claim, draft.as_of)


def appeal_refused(draft: Draft, noun: str, it: Claim | Case) -> tuple[str, Step] | None:
    """What speaks against an appeal: there is no decision, there was one already, or its time is over."""
    if it.appealed_at is not None or (it.appeal_until is not None and draft.as_of > it.appeal_until):
        return "appeal_over", Step("appeal", {"appealed_at": it.appealed_at, "until": it.appeal_until})
    if it.appeal_until is None or not lifecycles.may_move(noun, it.status, "appealed"):
        return "wrong_state", Step("status", {"status": it.status})
    return None


def _themselves(draft: Draft, told: Told, claim: Claim) -> tuple[Step, ...]:
    """Return what shows that somebody who claims the friend is the friend: whoever decides is shown it, and nobody wins by it."""
    if draft.semantics < semantics.PERSONS:
        return ()
    if draft.semantics >= semantics.MERGED_ARE_THEMSELVES:
        friend = kin.root(draft.get, claim.friend)
        if friend in persons.earning(draft, claim.shares):
            return (Step("own_account"),)
    own = persons.own(draft, told, claim.friend, claim.shares)
    return () if own is None else (own,)


def leaving(draft: Draft, claim: Claim) -> list[Referral]:
    """Return the referrals that end if the claim is won: not those of other programs where its program shares its customers."""
    customer = draft.get(Customer, claim.friend)
    if customer is None or draft.need(Program, claim.program).version_at(claim.lead_at) is None:
        return []
    shared = contested.shares_customers(draft, claim)
    bound = [draft.need(Referral, id_) for id_ in customer.referrals]
    return [
        referral
        for referral in bound
        if referral.status != "void" and not (shared and referral.program != claim.program)
    ]


# --- a claim is won -----------------------------------------------------------------------------------------------------


def _won(
    draft: Draft, claim: Claim, shares: tuple[Share, ...], version: str, by: str, steps: list[Step]
) -> list[Referral]:
    if claim.kind == "earlier_conversion":
        return _earlier_first(draft, claim, by, steps)
    if claim.kind == same_person.KIND:
        return same_person.won(draft, claim, by, steps)
    _lose(draft, claim, by)
    ending = leaving(draft, claim)
    made = _bind(draft, replace(claim, shares=shares), version, by, ending)
    draft.put(replace(claim, referral=made.id, ended=_and(claim, ending)))
    moved = _take(draft, claim, made)
    if not ending:
        _welcomed(draft, claim, draft.need(Referral, made.id))
    steps += [Step("moved_from", {"referral": each.id, "reversed": moved.get(each.id, 0)}) for each in ending]
    steps += confidence.told(draft, confidence.of_claim(claim))
    kept = [place for referral in ending for place in referral.qualified if _is_kept(draft, claim, place)]
    made = _inherit(draft, draft.need(Referral, made.id), kept)
    return [_counted_before(draft, claim, made, ending)]


def _welcomed(draft: Draft, claim: Claim, made: Referral) -> None:
    """Whom nobody was found to have brought, and now somebody has, has their welcome again, whoever that is."""
    offer = offers.inherit(draft, made)
    order = draft.need(Conversion, offer.conversion) if offer is not None and offer.conversion is not None else None
    for id_ in order.rewards if order is not None else ():
        reward = draft.need(Reward, id_)
        if taken_off(reward.kind) and reward.program == made.program and planning.of_a_claim(reward):
            now = replace(reward, friend=made.friend, acts=made.acts, by_claim=True)
            if (
                order is not None and order.at >= claim.lead_at - calendar.CLOCK_DIFFERENCE
            ):  # else it stays in what had its place
                now = replace(now, referral=made.id)
            restore(draft, now, Step("by_claim", {"claim": claim.id}))


def _and(claim: Claim, ending: list[Referral]) -> tuple[str, ...]:
    """What a claim ended by now: decided otherwise on appeal it ends what it made itself."""
    return tuple(dict.fromkeys((*claim.ended, *(referral.id for referral in ending))))


def _counted_before(draft: Draft, claim: Claim, made: Referral, ending: list[Referral]) -> Referral:
    """Give a referral the payments that count for those that ended and are older than its lead: a rule that counts so many goes on.

    So do those of which a reward came with it, since they are not counted as new ones.
    """
    if draft.semantics < semantics.OWED_ONCE:
        return made
    ended, paid = {referral.id for referral in ending}, dict(made.paid)
    since = claim.lead_at - calendar.CLOCK_DIFFERENCE
    for conversion in draft.of(Conversion, "person", claim.friend):
        its = {draft.need(Reward, id_).referral for id_ in conversion.rewards}
        older = conversion.at < since and (conversion.settled or bool(its & ended))
        if older or (made.id in its and _counts_payments(draft, made, conversion)):
            before = paid.get(conversion.name, Paid(0, conversion.at))
            paid[conversion.name] = Paid(before.count + 1, max(before.last_at, conversion.at))
    return draft.put(replace(made, paid=paid)) if paid != made.paid else made


def _counts_payments(draft: Draft, made: Referral, conversion: Conversion) -> bool:
    rule = draft.rules_of(made.rules).conversion(conversion.name)
    return draft.semantics >= semantics.CLAIMS_ARE_SHARED and rule is not None and rule.counts.payments is not None


def _bind(draft: Draft, claim: Claim, version: str, by: str, ending: list[Referral]) -> Referral:
    """What binds the friend ends, a new referral begins: nobody who had a part in it approves what it earns."""
    customer = draft.get(Customer, claim.friend) or Customer(person=claim.friend)
    for referral in ending:
        draft.put(replace(referral, status="void"))
    ended = {referral.id for referral in ending}
    referrals.hold(draft, customer, *(id_ for id_ in customer.referrals if id_ not in ended))
    lead = Lead(id=draft.evt, person=claim.friend, at=claim.lead_at, program=claim.program)
    referral = referrals.bind(draft, claim.program, lead, claim.shares, version, confidence.of_claim(claim))
    acts = _of_registration(claim)
    if claim.entered_by is not None:
        acts = conduct.noted(acts, draft.semantics, "claim.entered", claim.entered_by)
    return draft.put(replace(referral, acts=conduct.noted(acts, draft.semantics, "claim.decided", by)))


def _take(draft: Draft, claim: Claim, made: Referral) -> dict[str, int]:
    """Move what the friend's conversions earned since the claim's lead; says how many rewards of which referral were taken.

    What would be the same stays, and now belongs to the new referral: a friend's own reward, or that of an advocate with the same
    share. What lies before the lead is nobody's business here.
    """
    shared, ended = contested.shares_customers(draft, claim), draft.need(Claim, claim.id).ended
    since = claim.lead_at - calendar.CLOCK_DIFFERENCE
    moved: dict[str, int] = {}
    for conversion in draft.of(Conversion, "person", claim.friend):
        if conversion.at < since or conversion.name == ledger.OPENING:  # nobody brought an opening balance
            continue
        for id_ in conversion.rewards:
            reward = draft.need(Reward, id_)
            if reward.program != made.program and shared:
                continue
            if _would_be_the_same(draft, reward, made):
                # What stands in no referral that ends now, since two accounts were found to be one, has a place of its own there.
                if reward.referral not in ended and reward.taken_by is not None and _keeps_place(draft, reward, ended):
                    draft.put(replace(reward, taken_by=None))
                elif _stands(reward) and (reward.referral in ended or reward.taken_by is not None):
                    draft.put(replace(reward, referral=made.id, share=_place_of(draft, made, reward), taken_by=None))
            elif reward.taken_by is None and _stands(reward):
                reward = payouts.kept_back(draft, reward)
                if reward.referral in ended and borne.their_part(draft, claim, reward, made):
                    continue
                _taken(draft, claim.id, reward, "kept_of_more" if borne.keeps_more(draft, reward, made) else "moved")
                moved[reward.referral] = moved.get(reward.referral, 0) + 1
            else:
                _rises_no_more(draft, claim.id, reward)
    return moved


def _nobodys(draft: Draft, claim: Claim, by: str, steps: list[Step]) -> None:
    """Nobody brought the friend: what binds them ends, and all that it earned on either side is taken, whenever it was earned."""
    _lose(draft, claim, by)
    ending = leaving(draft, claim)
    ended = {referral.id for referral in ending}
    for referral in ending:
        draft.put(replace(referral, status="void"))
    if ending:
        customer = draft.need(Customer, claim.friend)
        referrals.hold(draft, customer, *(id_ for id_ in customer.referrals if id_ not in ended))
    draft.put(replace(draft.need(Claim, claim.id), referral=None, ended=_and(claim, ending)))
    taken: dict[str, int] = {}
    for conversion in draft.of(Conversion, "person", claim.friend) if ending else ():
        for id_ in conversion.rewards:
            reward = draft.need(Reward, id_)
            if reward.referral not in ended or ledger.of_no_order(reward.on):
                continue
            if reward.taken_by is None and _stands(reward):
                _taken(draft, claim.id, reward, "nobodys")
                taken[reward.referral] = taken.get(reward.referral, 0) + 1
            else:
                _rises_no_more(draft, claim.id, reward)
    steps += [Step("moved_from", {"referral": each.id, "reversed": taken.get(each.id, 0)}) for each in ending]


def _keeps_place(draft: Draft, reward: Reward, ended: tuple[str, ...]) -> bool:
    """Whether a reward that was kept as it was paid has its place in a referral of its own, for here another conversion has it."""
    if draft.semantics < semantics.PLACES_STAY_TAKEN:
        return False
    rules, theirs = draft.rules_of(reward.rules), [draft.need(Referral, id_) for id_ in ended]
    return any(matching.of_another(rules, each, reward.on, reward.conversion) is not None for each in theirs)


def _would_be_the_same(draft: Draft, reward: Reward, made: Referral) -> bool:
    """Whether a reward is the same under another referral. What was taken and kept as it was paid is its beneficiary's again."""
    if reward.program != made.program or (reward.taken_by is not None and not reward.amount):
        return False
    if reward.side == "friend":
        return True
    mine = draft.need(Referral, reward.referral).shares[reward.share]
    return mine in made.shares


def _place_of(draft: Draft, made: Referral, reward: Reward) -> int:
    if reward.side == "friend":
        return reward.share
    whose = kin.root(draft.get, reward.beneficiary)
    return next(place for place, share in enumerate(made.shares) if kin.root(draft.get, share.person) == whose)


def _stands(reward: Reward) -> bool:
    """Whether something is owed or was sent of it; what was rejected, reversed or expired stays what it is."""
    return reward.amount > 0 or reward.withheld > 0


def _rises_no_more(draft: Draft, by: str, reward: Reward) -> None:
    """What fell to nothing with its order does not rise with it for whom it was, while the order earns for somebody else."""
    if draft.semantics >= semantics.OWED_ONCE and reward.status == "reversed" and reward.taken_by is None:
        draft.put(replace(reward, taken_by=by))


def _taken(draft: Draft, by: str, reward: Reward, outcome: str = "moved") -> None:
    """Take a reward from whom it was earned for. What was sent of it is borne, netted or asked back, as its rules say."""
    reward = payouts.kept_back(draft, reward)
    policy = draft.rules_of(reward.rules).claims.lost_after_payment
    sent = max(0, reward.discharged)
    keeps = min(sent, reward.amount) if policy == "bear" else 0
    # Of what the shop took off itself nothing was paid to anybody, who could be told to keep it, or to give it back.
    told = policy if sent and not taken_off(reward.kind) else None
    values = {"claim": by, "policy": told, "sent": sent, "keeps": keeps}
    steps = (Step("moved", values),)
    if keeps == reward.amount:
        settlement.tell(draft, reward, reward, outcome, steps)
    else:
        reward = settlement.lower(
            draft, reward, keeps, status=None if keeps else "reversed", outcome=outcome, steps=steps
        )
    owed_back = "ask" if policy == "ask_back" else reward.owed_back
    draft.put(replace(draft.need(Reward, reward.id), taken_by=by, owed_back=owed_back))


def _is_kept(draft: Draft, claim: Claim, place: Place) -> bool:
    """Whether who brings the friend from now on finds the place taken: by what lies before, or what was earned by it and stands."""
    if place.at < claim.lead_at - calendar.CLOCK_DIFFERENCE or place.conversion == ELSEWHERE:
        return True
    conversion = draft.get(Conversion, place.conversion)
    if conversion is None:
        return True
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    return any(reward.amount for reward in rewards)


def _inherit(draft: Draft, referral: Referral, places: list[Place]) -> Referral:
    """Give a referral the places that are not its own yet, the earliest of each name; one by which something is its own first."""
    mine = list(referral.qualified)
    for place in sorted(places, key=lambda place: (not _earned_by(draft, referral, place), place.at)):
        if all(place.on != other.on for other in mine):
            mine.append(place)
    status = "converted" if mine and referral.status == "attributed" else referral.status
    return draft.put(replace(referral, qualified=tuple(mine), status=status))


def _earned_by(draft: Draft, referral: Referral, place: Place) -> bool:
    """Whether what the conversion of a place earned stands in a referral."""
    if draft.semantics < semantics.PLACES_STAY_TAKEN or place.conversion == ELSEWHERE:
        return False
    conversion = draft.get(Conversion, place.conversion)
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards] if conversion is not None else []
    return any(reward.referral == referral.id and reward.amount for reward in rewards)


# --- an earlier conversion comes first ----------------------------------------------------------------------------------


def _earlier_first(draft: Draft, claim: Claim, by: str, steps: list[Step]) -> list[Referral]:
    """Give the place to the earlier conversion, in the same referral; but what was sent for a later one keeps it."""
    earlier, referral = draft.need(Conversion, claim.conversion or ""), _same_referral(draft, claim)
    place = referral.place(earlier.name) if referral is not None else None
    if referral is None or place is None or place.at <= earlier.at:
        return [referral] if referral is not None else []
    rewards = _rewards_of(draft, referral, earlier.name)
    rule = draft.rules_of(referral.rules).conversion(earlier.name)
    if rule is not None and rule.counts.months is None and any(reward.discharged > 0 for reward in rewards):
        steps.append(Step("place_paid", {"conversion": place.conversion}))
        return []
    for reward in rewards:
        if reward.discharged <= 0 and _stands(reward):
            _taken(draft, claim.id, reward)
        else:
            _rises_no_more(draft, claim.id, reward)
    draft.put(replace(claim, referral=referral.id, place=place))
    return [_without_place(draft, referral, earlier.name, by)]


def _same_referral(draft: Draft, claim: Claim) -> Referral | None:
    """The referral in which the friend is bound to those whom the claim names."""
    customer = draft.get(Customer, claim.friend)
    for id_ in customer.referrals if customer is not None else ():
        referral = draft.need(Referral, id_)
        if referral.program == claim.program and referral.shares == claim.shares:
            return referral
    return None


def _rewards_of(draft: Draft, referral: Referral, name: str) -> list[Reward]:
    """What conversions of that name earned in a referral."""
    rewards = [draft.need(Reward, id_) for c in draft.of(Conversion, "person", referral.friend) for id_ in c.rewards]
    return [reward for reward in rewards if reward.referral == referral.id and reward.on == name]


def _without_place(draft: Draft, referral: Referral, name: str, by: str, *places: Place) -> Referral:
    left = tuple(place for place in referral.qualified if place.on != name)
    acts = conduct.noted(referral.acts, draft.semantics, "claim.decided", by)
    return draft.put(replace(draft.need(Referral, referral.id), qualified=(*left, *places), acts=acts))


# --- an appeal against a won claim is lost for it -----------------------------------------------------------------------


def _give_back(draft: Draft, claim: Claim, by: str, steps: list[Step]) -> list[Referral]:
    """What the claim took comes alive again, rather than being earned anew; what it earned goes the same way as what it took."""
    made = draft.need(Referral, claim.referral) if claim.referral is not None else None
    if made is not None and claim.place is not None:
        return _later_again(draft, claim, made, claim.place, by, steps)
    customer = draft.need(Customer, claim.friend)
    if made is not None:
        draft.put(replace(made, status="void"))
    bound = tuple(id_ for id_ in customer.referrals if id_ != claim.referral)
    programs = {draft.need(Referral, id_).program for id_ in bound}
    ended = [each for id_ in claim.ended if not _own(draft, claim, each := draft.need(Referral, id_))]
    if draft.semantics >= semantics.MERGES_ARE_FOLLOWED:
        ended = [replace(each, friend=claim.friend) for each in ended]
    back = [_alive(draft, referral, claim, by) for referral in ended if referral.program not in programs]
    referrals.hold(draft, customer, *bound, *(referral.id for referral in back))
    count = 0
    for conversion in draft.of(Conversion, "person", claim.friend):
        for id_ in conversion.rewards:
            reward = draft.need(Reward, id_)
            if reward.referral == claim.referral and reward.taken_by is None:
                if _goes_back(draft, claim, reward, back):
                    continue
                if _stands(reward):
                    _taken(draft, claim.id, reward)
                    count += 1
                else:
                    _rises_no_more(draft, claim.id, reward)
    for conversion in draft.of(Conversion, "person", claim.friend):
        for id_ in conversion.rewards:
            _restore(draft, claim, back, draft.need(Reward, id_))
    if made is None:
        return back
    steps.append(Step("moved_from", {"referral": made.id, "reversed": count}))
    kept = [place for place in made.qualified if _is_kept(draft, claim, place)]
    return [_inherit(draft, referral, kept) for referral in back if referral.program == made.program] + [
        referral for referral in back if referral.program != made.program
    ]


def _goes_back(draft: Draft, claim: Claim, reward: Reward, back: list[Referral]) -> bool:
    """Put a reward into a referral that binds again: as it is, or as the part that it is there."""
    same = next((old for old in back if _fits(draft, reward, old)), None)
    if same is not None:
        draft.put(replace(reward, referral=same.id, share=_place_of(draft, same, reward)))
        return True
    free = [old for old in back if _stands(reward) and _is_free(draft, reward, old)]
    return any(borne.their_part(draft, claim, reward, old) for old in free)


def _fits(draft: Draft, reward: Reward, back: Referral) -> bool:
    """Whether a reward is the same under a referral that binds again, where no other conversion took the one place that there is."""
    return _would_be_the_same(draft, reward, back) and _is_free(draft, reward, back)


def _is_free(draft: Draft, reward: Reward, back: Referral) -> bool:
    """Whether a referral that binds again has the place for what a reward was earned by."""
    taken = matching.of_another(draft.rules_of(back.rules), back, reward.on, reward.conversion)
    return taken is None or draft.semantics < semantics.PLACES_STAY_TAKEN


def _own(draft: Draft, claim: Claim, referral: Referral) -> bool:
    """Whether the friend was found to be somebody whom the referral names, since it ended: nobody refers themselves."""
    earning = {kin.root(draft.get, share.person) for share in referral.shares}
    return draft.semantics >= semantics.MERGED_ARE_THEMSELVES and claim.friend in earning


def _apart(draft: Draft, claim: Claim, steps: list[Step]) -> None:
    """The two are not one after all: what the account's orders earned when it was joined is taken. Joined it stays."""
    taken: dict[str, int] = {}
    for conversion in draft.of(Conversion, "person", claim.friend):
        for id_ in conversion.rewards:
            reward = draft.need(Reward, id_)
            if reward.evt == claim.appealed_evt and reward.taken_by is None and _stands(reward):
                _taken(draft, claim.id, reward, "taken_back")
                taken[reward.referral] = taken.get(reward.referral, 0) + 1
    steps += [Step("moved_from", {"referral": referral, "reversed": count}) for referral, count in taken.items()]


def _alive(draft: Draft, referral: Referral, claim: Claim, by: str) -> Referral:
    """A referral that a claim ended binds again. Who had a part in this does not approve what it earns."""
    rules = draft.rules_of(referral.rules)
    referrals.lapses(draft, rules, referral.id, referral.lead_at)
    registered = _of_registration(claim)
    others = (act.member for act in claim.acts if act not in registered)
    acts = conduct.noted((*referral.acts, *registered), draft.semantics, "claim.decided", *others)
    acts = conduct.noted(acts, draft.semantics, "claim.decided", by)
    status = "converted" if referral.qualified else "attributed"
    if draft.semantics >= semantics.MERGED_ARE_THEMSELVES:
        referral = replace(referral, friend=claim.friend)  # who may have been merged since it ended
    return draft.put(replace(referral, status=status, acts=acts))


def _restore(draft: Draft, claim: Claim, back: list[Referral], reward: Reward) -> None:
    """A reward that claims took of somebody whom a referral names that binds again."""
    if not planning.of_a_claim(reward) or reward.referral == claim.referral:
        return
    for referral in back:
        people = {kin.root(draft.get, each) for each in (referral.friend, *(share.person for share in referral.shares))}
        hers = kin.root(draft.get, reward.beneficiary) in people
        if reward.program == referral.program and hers and reward.rules == referral.rules:
            place = _place_of(draft, referral, reward)
            now = replace(reward, referral=referral.id, share=place, acts=referral.acts, by_claim=True)
            now = replace(now, friend=referral.friend)
            restore(draft, draft.put(now), Step("by_claim", {"claim": claim.id}))
            return


def restore(draft: Draft, reward: Reward, why: Step) -> None:
    """What took a reward is taken back: it is owed again, as much as it is worth on today's net, if it was not kept anyway."""
    reward = draft.put(replace(reward, taken_by=None, owed_back="net"))
    if ledger.of_no_order(reward.on):
        settlement.raise_(draft, reward, reward.gross, (*refunds.worth(draft, reward)[1], why))
        return
    worth, steps = refunds.priced(draft, reward)
    to = min(worth, reward.gross)
    if to > reward.amount:
        shares = planning.share_steps(draft.need(Referral, reward.referral), reward.side, reward.share)
        capped = (Step("ceiling", {"left": reward.gross}),) if to < worth else ()
        settlement.raise_(draft, reward, to, (*steps, *shares, *capped, why))
    else:
        settlement.tell(draft, reward, reward, "restored", (why,))


def _later_again(
    draft: Draft, claim: Claim, referral: Referral, place: Place, by: str, steps: list[Step]
) -> list[Referral]:
    """The later conversion gets its place back, unless something was sent for the earlier one."""
    rewards = _rewards_of(draft, referral, place.on)
    earlier = [reward for reward in rewards if reward.conversion == claim.conversion]
    if any(reward.discharged > 0 for reward in earlier):
        steps.append(Step("place_paid", {"conversion": claim.conversion}))
        return []
    for reward in earlier:
        if _stands(reward):
            _taken(draft, claim.id, reward)
        else:
            _rises_no_more(draft, claim.id, reward)
    now = _without_place(draft, referral, place.on, by, place)
    for reward in rewards:
        if reward.taken_by == claim.id:
            restore(draft, replace(draft.need(Reward, reward.id), acts=now.acts), Step("by_claim", {"claim": claim.id}))
    return []


# --- as it was under the first behaviour --------------------------------------------------------------------------------


def _move_unsent(draft: Draft, claim: Claim, version: str, by: str, steps: list[Step]) -> Referral:
    """What binds the friend ends, what it earned and was not sent is reversed; a new referral begins, and all places with it."""
    ending = leaving(draft, claim)
    steps += [Step("moved_from", {"referral": each.id, "reversed": _reverse(draft, each)}) for each in ending]
    return _bind(draft, claim, version, by, ending)


def _reverse(draft: Draft, referral: Referral) -> int:
    """Reverse the referral's rewards that were not sent; says how many."""
    count = 0
    for conversion in draft.of(Conversion, "person", referral.friend):
        left = []
        for id_ in conversion.rewards:
            reward = draft.need(Reward, id_)
            if reward.referral != referral.id or reward.sent or reward.status in ("processing", "paid"):
                left.append(id_)
            elif reward.amount and reward.status in BEFORE_PAYMENT:
                settlement.lower(draft, reward, 0, status="reversed")
                count += 1
        draft.put(replace(draft.need(Conversion, conversion.id), rewards=tuple(left)))
    return count
