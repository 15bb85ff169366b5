"""Messages to advocates: whether one is sent, put off to the end of quiet hours, or withheld, and why.

What a decision brings about only orders a job (``follow``): whom it concerns is read when that says ``message.due``, so that no
decision over money looks at anything for the sake of a mail. A person gets one message of a topic for what triggered it, because its
id follows from the three. What is not in the state, whether a mail is known and may be written to, is a fact of the event, and is asked
again as it is sent. Must not know: addresses, texts, how it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from goodword.core import calendar, ids, kin, ledger, lifecycles, settlement, stocks
from goodword.core.decision import Job, Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import (
    AdvocateEnrolled,
    ConsentRecorded,
    ConversionRecorded,
    Event,
    MessageAnswered,
    MessageBounced,
    MessageComplained,
    MessageDue,
    MessagesChosen,
    MessageSettled,
    MessagesResumed,
    MessageUnsubscribed,
    ProgramPublished,
    SatisfactionAnswered,
    TimerDue,
)
from goodword.core.facts import Told
from goodword.core.kinds.rewards import taken_off
from goodword.core.rules import Quiet
from goodword.core.state import (
    Advocate,
    Claim,
    Customer,
    Letter,
    Payout,
    Program,
    Recipient,
    Reward,
)

#: Kinds of jobs: to say that one is due, or that of all advocates; to send one; to list where none goes. Of a timer: to look again.
DUE: Final = "message.due"
ALL_DUE: Final = "message.all_due"
SEND: Final = "message.send"
SUPPRESS: Final = "message.suppress"
TIMER: Final = "message_due"
QUEUE: Final = "messages"

#: The topic of a gift: its mail is how it arrives. No rule names it, nobody turns it off by itself, and a friend gets theirs, too.
GIFT: Final = "gift"
#: Topics that nobody waits for: they take a consent for this purpose by this channel, and an advocate who takes part.
INVITING: Final = frozenset({"tip_share", "tip_click", "satisfaction"})
PURPOSE: Final = "messages"
CHANNEL: Final = "email"
#: The source of what comes from a file.
IMPORTING: Final = "import"
#: So long after somebody joined they get a tip, where it fits by then.
TIPS: Final = {"tip_share": 3 * calendar.DAY, "tip_click": 10 * calendar.DAY}
#: Of so many soft bounces in a row an address counts as one that is not there.
MOST_BOUNCES: Final = 5
SCORES: Final = range(1, 6)
#: Tiers of which it is known whether somebody reached one as whom they were before a merge.
_TIERS: Final = range(1, 65)

#: What became of one, or becomes of it now -> what a verdict says.
OUTCOMES: Final = {
    "ordered": "message_ordered",
    "sent": "message_sent",
    "refused": "message_refused",
    "unknown": "message_unknown",
    "withheld": "message_withheld",
}
#: By what somebody becomes an advocate: they are enrolled, or a rule does that, by an order or a consent of theirs.
_ENROLLING: Final = (AdvocateEnrolled, ConversionRecorded, ConsentRecorded)
_ANSWERED: Final = frozenset({"won", "lost", "split", "none"})


def id_of(person: str, topic: str, trigger: str) -> str:
    """Return the id of a message: one for a person, a topic and what triggered it, which is an id."""
    return ids.derived("ltr", trigger, "message", side=topic, share=person)


def same(names: Collection[str], program: str, person: str, topic: str, trigger: str) -> tuple[str, ...]:
    """Return the ids that a message may have under any of a person's names, as it is called now first: whoever was merged is told once.

    What they themselves trigger, or by a tier that they reach, each of their names triggers.
    """
    triggers = [trigger]
    if len(names) > 1 and trigger in names:
        triggers = [*names]
    elif len(names) > 1 and topic == "milestone_reached":
        tier = next((n for n in _TIERS if any(reached(program, one, n) == trigger for one in names)), None)
        triggers = [trigger] if tier is None else [reached(program, one, tier) for one in names]
    found = [id_of(one, topic, its) for one in names for its in triggers]
    return tuple(dict.fromkeys([id_of(person, topic, trigger), *found]))


# --- what brings one about --------------------------------------------------------------------------------------------


def follow(draft: Draft, event: Event) -> None:
    """Order a job for each message that this decision brings about, in programs whose rules name its topic."""
    if not draft.published and not _writes(draft) and not _gives(draft):  # most workspaces, and every event asks
        return
    if event.source == IMPORTING or event.imported:  # what comes from a file, or from long ago, is news to nobody
        return
    topics = _topics(draft)
    for program, person, topic, trigger in dict.fromkeys(_triggered(draft, event)):
        if topic == GIFT or topic in topics.get(program, ()):
            after = draft.as_of + TIPS[topic] if topic in TIPS else None
            order(draft, program, person, topic, trigger, after)
    if type(event) is ProgramPublished and draft.published:
        _changed(draft, topics)


def order(draft: Draft, program: str, person: str, topic: str, trigger: str, after: int | None = None) -> None:
    """Order the job that says that a message is due; one that was ordered before is not ordered again."""
    payload = {"program": program, "topic": topic, "trigger": trigger}
    if after is not None:
        payload["after"] = after  # type: ignore[assignment]
    name = f"{DUE}:{id_of(person, topic, trigger)}"
    draft.jobs.append(Job(id=name, kind=DUE, subject=person, queue=QUEUE, payload=payload))


def _writes(draft: Draft) -> bool:
    rules = draft.rules
    for program in draft.state.tables[Program].values():
        versions = program.versions  # type: ignore[attr-defined]
        if versions and rules[versions[-1][1]].rules.messages.topics:
            return True
    return False


def _gives(draft: Draft) -> bool:
    return any(noun is Reward and it.kind == GIFT for (noun, _), it in draft.puts.items())  # type: ignore[attr-defined]


def _topics(draft: Draft) -> dict[str, tuple[str, ...]]:
    """What the rules of each program name that hold after this decision, which is nothing in most."""
    new = {it.hash: it for it in draft.published}
    found: dict[str, tuple[str, ...]] = {}
    for program in draft.programs():
        hash_ = program.versions[-1][1] if program.versions else None
        version = draft.rules.get(hash_) or new.get(hash_) if hash_ is not None else None
        if version is not None and version.rules.messages.topics:
            found[program.id] = version.rules.messages.topics
    return found


def _triggered(draft: Draft, event: Event) -> Iterator[tuple[str, str, str, str]]:
    """Program, person, topic and trigger of what this decision changed."""
    for (noun, key), entity in draft.puts.items():
        before = draft.state.tables[noun].get(key)
        if noun is Reward:
            yield from _of_reward(before, entity)  # type: ignore[arg-type]
            yield from _given(draft, before, entity)  # type: ignore[arg-type]
        elif noun is Advocate and before is None and type(event) in _ENROLLING and not _was_merged(draft, entity):  # type: ignore[arg-type]
            for topic in ("enrolled", *TIPS):
                yield entity.program, entity.person, topic, entity.id  # type: ignore[attr-defined]
        elif noun is Claim and entity.status in _ANSWERED and (before is None or before.status != entity.status):  # type: ignore[attr-defined]
            for share in entity.shares:  # type: ignore[attr-defined]
                yield entity.program, share.person, "dispute_answered", draft.evt  # type: ignore[attr-defined]
        elif noun is Payout and entity.status == "completed" and entity.programs:  # type: ignore[attr-defined]
            yield entity.programs[0], entity.beneficiary, "satisfaction", entity.beneficiary  # type: ignore[attr-defined]
    for said in draft.verdicts:
        if said.outcome == "dispute_answered" and said.program is not None and said.beneficiary is not None:
            yield said.program, said.beneficiary, "dispute_answered", draft.evt


def _was_merged(draft: Draft, it: Advocate) -> bool:
    """Whether somebody takes part as whom this decision joined with them: they were told so then."""
    rows = [now for (noun, _), now in draft.puts.items() if noun is Advocate]
    mine = [now for now in rows if now.program == it.program and now.status == "merged"]  # type: ignore[attr-defined]
    return any(kin.root(draft.get, now.person) == it.person for now in mine)  # type: ignore[attr-defined]


def _of_reward(before: Reward | None, now: Reward) -> Iterator[tuple[str, str, str, str]]:
    """Of what a friend gets nobody is written to here: their order says it."""
    if now.side != "advocate" or taken_off(now.kind):
        return
    whose, was = (now.program, now.beneficiary), before.status if before is not None else None
    undecided, cases = now.status in settlement.UNDECIDED, before.cases if before is not None else ()
    held = [case for case in now.cases if case not in cases] if undecided else []
    if held:
        yield *whose, "reward_held", held[-1]
    elif was is None and undecided and now.amount > 0 and not ledger.of_no_order(now.on):
        yield *whose, "referral_counted", now.id
    if now.status == "approved" and was in (None, *settlement.UNDECIDED):
        yield *whose, "reward_approved", now.id
    if now.status == "paid" and was != "paid" and now.amount > 0 and now.kind != GIFT:
        yield *whose, "reward_paid", now.id
    if before is None and now.tier > 0 and now.amount > 0:
        yield *whose, "milestone_reached", reached(now.program, now.beneficiary, now.tier)


def _given(draft: Draft, before: Reward | None, now: Reward) -> Iterator[tuple[str, str, str, str]]:
    """A gift whose codes a stock gave: of one payout there is one mail. What a system of the company's own gives that tells itself."""
    if (
        now.kind != GIFT
        or now.status != "paid"
        or now.payout is None
        or (before is not None and before.status == "paid")
    ):
        return
    if draft.need(Payout, now.payout).rail == stocks.CODE_STOCK:
        yield now.program, now.beneficiary, GIFT, now.payout


def reached(program: str, person: str, tier: int) -> str:
    """Return what stands for a tier that somebody reached: once, however often they earn by it."""
    return ids.derived("ltr", person, "tier", program=program, n=tier)


def _changed(draft: Draft, topics: dict[str, tuple[str, ...]]) -> None:
    """Have all advocates of a program told whose terms are others than before: they are made from its rules."""
    new = {it.hash: it for it in draft.published}
    for (noun, _), it in draft.puts.items():
        if noun is not Program or "terms_changed" not in topics.get(it.id, ()) or len(it.versions) < 2:  # type: ignore[attr-defined] # noqa: PLR2004 - one before
            continue
        was, now = ((draft.rules.get(hash_) or new[hash_]).means for _, hash_ in it.versions[-2:])  # type: ignore[attr-defined]
        if replace(was, messages=now.messages, sharing=now.sharing) != now:
            payload = {"program": it.id, "topic": "terms_changed", "trigger": draft.evt, "before": draft.as_of}  # type: ignore[attr-defined]
            id_ = draft.id("job", ALL_DUE, program=it.id)  # type: ignore[attr-defined]
            draft.jobs.append(Job(id=id_, kind=ALL_DUE, subject=it.id, queue=QUEUE, payload=payload))  # type: ignore[attr-defined]


# --- what is decided --------------------------------------------------------------------------------------------------


def due(draft: Draft, event: MessageDue) -> None:
    """Decide a message: it is sent now, or at an instant, or withheld; of one that was decided before nothing is said again."""
    ids_ = same(kin.all_of(draft.get, event.person), event.program or "", event.person, event.topic, event.trigger)
    told = next((it for it in ids_ if draft.get(Letter, it) is not None), None)
    if told is not None:
        draft.say(refused("command", "nothing_to_do", subject=told))
        return
    id_ = ids_[0]
    it = Letter(
        id=id_,
        person=event.person,
        program=event.program or "",
        topic=event.topic,
        trigger=event.trigger,
        status="withheld",
        at=draft.as_of,
        evt=draft.evt,
    )
    _decide(draft, it, withheld(draft, it, known=event.known, listed=event.listed), event.after or 0)


def again(draft: Draft, event: TimerDue) -> str:
    """Decide one anew that was put off until now: what speaks against it may have come since."""
    it = draft.need(Letter, event.subject)
    if it.status != "deferred" or it.due_at != event.due_at:
        return "nothing_to_do"
    return _decide(draft, it, withheld(draft, it), 0)


def _decide(draft: Draft, it: Letter, why: str | None, after: int) -> str:
    if why is not None:
        draft.put(replace(it, status="withheld", reason=why, due_at=None, at=draft.as_of))
        draft.say(refused("message", why, _step(it), program=it.program, subject=it.id))
        return "message_withheld"
    until = open_at(draft, it, max(after, draft.as_of))
    if until > draft.as_of:
        draft.put(replace(it, status="deferred", due_at=until, at=draft.as_of))
        settlement.timer(draft, until, TIMER, it.id)
        steps = (_step(it), Step("message_until", {"until": until, "why": "quiet" if until > after else "later"}))
        draft.say(Verdict(about="message", outcome="message_deferred", program=it.program, subject=it.id, steps=steps))
        return "message_deferred"
    draft.put(replace(it, status="ordered", reason=None, due_at=None, at=draft.as_of))
    _send(draft, it)
    draft.say(
        Verdict(about="message", outcome="message_ordered", program=it.program, subject=it.id, steps=(_step(it),))
    )
    return "message_ordered"


def _send(draft: Draft, it: Letter) -> None:
    id_ = draft.id("job", SEND, share=it.id)
    draft.jobs.append(Job(id=id_, kind=SEND, subject=it.id, queue=QUEUE))


def _step(it: Letter) -> Step:
    return Step("letter", {"topic": it.topic, "trigger": it.trigger})


def withheld(draft: Draft, it: Letter, *, known: bool = True, listed: str | None = None) -> str | None:
    """Return the first reason why a message is not sent, in the order of ``refusals``; None: there is none.

    ``known``: whether a mail of the person is; ``listed``: why nothing is sent to that mail, if it is on the list.
    """
    program = draft.get(Program, it.program)
    if program is None or program.status == "draft":
        return "program_not_live"
    person = kin.root(draft.get, it.person)
    advocate = draft.get(Advocate, (it.program, person))
    gift = it.topic == GIFT  # a friend's, too: whoever is given one waits for it, and has asked for no other mail
    if advocate is None and not gift:
        return "advocate_not_enrolled"
    if advocate is not None and advocate.status != "active" and it.topic in INVITING:
        return "advocate_not_active"
    if not gift and it.topic not in draft.rules[program.versions[-1][1]].rules.messages.topics:
        return "topic_off"
    if not known:
        return "mail_unknown"
    recipient = draft.get(Recipient, person)
    if listed is not None or (recipient is not None and recipient.stopped is not None):
        return "mail_suppressed"
    if recipient is not None and it.topic in recipient.off and not gift:
        return "unsubscribed"
    if it.topic in INVITING and not _agreed(draft, person):
        return "consent_missing"
    return None


def _agreed(draft: Draft, person: str) -> bool:
    """Whether somebody agreed to be written to; what they said of the channel holds over what they said of all."""
    customer = draft.get(Customer, person)
    consents = customer.consents if customer is not None else {}
    said = consents.get(f"{PURPOSE}:{CHANNEL}") or consents.get(PURPOSE)
    return said is not None and said.holds(draft.as_of)


def open_at(draft: Draft, it: Letter, at: int) -> int:
    """Return when quiet hours are over that hold at an instant, in the person's zone or else the program's; the instant, if none do."""
    rules = draft.rules[draft.need(Program, it.program).versions[-1][1]].rules
    if rules.messages.quiet is None:
        return at
    customer = draft.get(Customer, kin.root(draft.get, it.person))
    own = customer.time_zone if customer is not None else None
    try:
        return opens(rules.messages.quiet, at, own or rules.timezone)
    except ValueError:  # a zone that this machine does not know
        return opens(rules.messages.quiet, at, rules.timezone)


def opens(quiet: Quiet, at: int, zone: str) -> int:
    """Return the first instant from ``at`` on that is outside of quiet hours by the clocks of a zone. Raises ValueError.

    Where clocks are put back over their end, what comes once more of the hours is quiet once more.
    """
    begins, ends = _minute(quiet.begins), _minute(quiet.ends)
    where = calendar.zone(zone)

    def is_quiet(instant: int) -> bool:
        local = calendar.moment(instant).astimezone(where)
        minute = local.hour * 60 + local.minute
        return begins <= minute < ends if begins <= ends else minute >= begins or minute < ends

    while is_quiet(at):
        local = calendar.moment(at).astimezone(where)
        days = int(begins > ends and local.hour * 60 + local.minute >= begins)
        end = datetime.combine(local.date() + timedelta(days=days), datetime.min.time(), where)
        end = end.replace(hour=ends // 60, minute=ends % 60)
        both = [calendar.instant(end.replace(fold=fold)) for fold in (0, 1)]
        at = min((it for it in both if it > at), default=at + calendar.HOUR)
    return at


def _minute(hour: str) -> int:
    return int(hour[:2]) * 60 + int(hour[3:])


# --- what became of one -----------------------------------------------------------------------------------------------


def answered(draft: Draft, event: MessageAnswered) -> None:
    """A worker says what became of a message: sent, refused by the mail server, withheld after all, or nobody knows."""
    it = _of(draft, event, event.message)
    if it is None:
        return
    if not lifecycles.may_move("letter", it.status, event.outcome):
        draft.say(_wrong(it))
        return
    draft.put(replace(it, status=event.outcome, reason=event.reason, at=draft.as_of))
    steps = (_step(it), *((Step("message_reason", {"reason": event.reason}),) if event.reason else ()))
    outcome = OUTCOMES[event.outcome]
    draft.say(Verdict(about="message", outcome=outcome, program=it.program, subject=it.id, steps=steps))


def settled(draft: Draft, event: MessageSettled) -> None:
    """A person says of a message of which nobody knows what became, or that was refused: once more, or that it stays so.

    So they do of a gift's that was withheld, since what is in it is its beneficiary's already.
    """
    it = _of(draft, event, event.message, "command")
    if it is None:
        return
    if it.status not in ("unknown", "refused") and not (it.topic == GIFT and it.status == "withheld"):
        draft.say(_wrong(it, "command"))
        return
    to = {"again": "ordered", "arrived": "sent", "leave": "withheld"}[event.outcome]
    if to != it.status and not lifecycles.may_move("letter", it.status, to):
        draft.say(_wrong(it, "command"))
        return
    reason = "left_by_member" if to == "withheld" else None
    draft.put(replace(it, status=to, reason=reason, at=draft.as_of))
    if to == "ordered":
        _send(draft, it)
    outcome = OUTCOMES[to]
    draft.say(Verdict(about="command", outcome=outcome, program=it.program, subject=it.id, steps=(_step(it),)))


def _of(draft: Draft, event: Event, id_: str, about: str = "event") -> Letter | None:
    it = draft.get(Letter, id_)
    if it is None or (event.program is not None and event.program != it.program):
        draft.say(refused(about, "not_found", subject=id_))
        return None
    return it


def _wrong(it: Letter, about: str = "event") -> Verdict:
    return refused(about, "wrong_state", Step("status", {"status": it.status}), program=it.program, subject=it.id)


# --- what people and channels report ----------------------------------------------------------------------------------


def _recipient(draft: Draft, it: Letter) -> Recipient:
    person = kin.root(draft.get, it.person)
    return draft.get(Recipient, person) or Recipient(person=person)


def _suppress(draft: Draft, it: Letter, why: str) -> None:
    """Nothing is sent to a person any more, nor, by a job, to whoever has that mail."""
    draft.put(replace(_recipient(draft, it), stopped=why))
    id_ = draft.id("job", SUPPRESS, share=it.id)
    draft.jobs.append(Job(id=id_, kind=SUPPRESS, subject=it.id, queue=QUEUE, payload={"reason": why}))


def bounced(draft: Draft, event: MessageBounced) -> None:
    """A mail came back: for good, then nothing is sent there any more; or for now, which is counted."""
    it = _of(draft, event, event.message)
    if it is None:
        return
    if it.status not in ("sent", "unknown", "bounced"):
        draft.say(_wrong(it))
        return
    soft = _recipient(draft, it).soft + 1
    if event.hard or soft >= MOST_BOUNCES:
        draft.put(replace(it, status="bounced", at=draft.as_of))
        _suppress(draft, it, "bounced")
    else:
        draft.put(replace(_recipient(draft, it), soft=soft))
    steps = (_step(it), Step("bounce", {"hard": event.hard, "in_a_row": soft}))
    draft.say(Verdict(about="event", outcome="message_bounced", program=it.program, subject=it.id, steps=steps))


def complained(draft: Draft, event: MessageComplained) -> None:
    """Somebody called a mail unwanted, at their mail provider: they get no further one."""
    it = _of(draft, event, event.message)
    if it is not None:
        _suppress(draft, it, "complained")
        draft.say(
            Verdict(about="event", outcome="message_complained", program=it.program, subject=it.id, steps=(_step(it),))
        )


def by_itself(topic: str) -> bool:
    """Whether one may want no more of a topic and still get other messages: a gift's mail is the gift."""
    return topic != GIFT


def unsubscribed(draft: Draft, event: MessageUnsubscribed) -> None:
    """Somebody wants no more messages of this topic; or none at all, which holds for their address, whoever has it."""
    it = _of(draft, event, event.message)
    if it is None:
        return
    recipient = _recipient(draft, it)
    if event.all or not by_itself(it.topic):
        _suppress(draft, it, recipient.stopped or "unsubscribed")
    elif it.topic not in recipient.off:
        draft.put(replace(recipient, off=(*recipient.off, it.topic)))
    steps = (_step(it), Step("topics", {"all": event.all}))
    draft.say(Verdict(about="event", outcome="message_unsubscribed", program=it.program, subject=it.id, steps=steps))


def resumed(draft: Draft, event: MessagesResumed) -> None:
    """A member says that somebody may be written to again, such as when they asked for it; another account may have stopped it."""
    recipient = draft.get(Recipient, event.person) or Recipient(person=event.person)
    if recipient.stopped is None and not recipient.off and event.listed is None:
        draft.say(refused("command", "nothing_to_do", subject=event.person))
        return
    if recipient.stopped is not None or recipient.off:
        draft.put(replace(recipient, stopped=None, off=(), soft=0))
    stopped = recipient.stopped or event.listed
    steps = (Step("messages_were", {"stopped": stopped, "off": [*recipient.off], "reason": event.reason}),)
    draft.say(Verdict(about="command", outcome="messages_resumed", subject=event.person, steps=steps))


def chosen(draft: Draft, event: MessagesChosen, told: Told) -> None:
    """A person says which messages they want. That their address is not there, or called one unwanted, they do not undo by it."""
    if told.need_actor().id != event.person:
        draft.say(refused("command", "not_found", subject=event.person))
        return
    before = draft.get(Recipient, event.person) or Recipient(person=event.person)
    stopped = "unsubscribed" if event.none else None
    stopped = stopped if before.stopped in (None, "unsubscribed") else before.stopped
    now = replace(before, off=tuple(sorted({*event.off})), stopped=stopped)
    if (now.stopped, now.off) == (before.stopped, tuple(sorted(before.off))):
        draft.say(refused("command", "nothing_to_do", subject=event.person))
        return
    draft.put(now)
    steps = (Step("messages_chosen", {"off": [*now.off], "none": event.none}),)
    draft.say(Verdict(about="command", outcome="messages_chosen", subject=event.person, steps=steps))


def satisfied(draft: Draft, event: SatisfactionAnswered) -> None:
    """Somebody says how satisfied they are, from 1 to 5: once, by the message that asks."""
    it = _of(draft, event, event.message)
    if it is None:
        return
    recipient = _recipient(draft, it)
    if it.topic != "satisfaction" or recipient.score is not None or event.score not in SCORES:
        draft.say(refused("event", "nothing_to_do", program=it.program, subject=it.id))
        return
    draft.put(replace(recipient, score=event.score))
    steps = (Step("satisfaction", {"score": event.score}),)
    draft.say(Verdict(about="event", outcome="satisfaction_answered", program=it.program, subject=it.id, steps=steps))
