"""The record of looking: who saw a masked field, opened evidence and for how long, exported or downloaded what, and when.

That somebody took away by what a member signs in (``forgotten``), or had a link (``invited``) or a test mail (``mail_tried``) sent to
one, stands on it too; and where webhooks go (``endpoint_set``, ``endpoint_ended``), and who had one told all of it once more
(``retold``); and who brought a file in (``imported``); and who said by a mapping what a source's items mean (``mapped``), for how long
what it delivers is kept (``keeping_set``), and had that sent again (``resent``); and who said what messages say (``worded``). No rule
is made of that.
"""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import disputes, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import RecordLooked
from goodword.core.facts import Actor, Told
from goodword.core.state import Case, Claim, Entity, Look, Payout, Reward

#: What may be done with what is looked at.
WHAT = (
    *("unmasked", "opened", "exported", "downloaded", "forgotten", "invited", "mail_tried"),
    *("endpoint_set", "endpoint_ended", "retold", "imported", "mapped", "keeping_set", "resent", "worded"),
)
#: Beginning of an id -> the noun that it names. What is none of these is known outside of the state: a person, an event, a digest.
NOUNS: dict[str, type[Entity]] = {"rwd_": Reward, "cas_": Case, "clm_": Claim, "pay_": Payout}


def programs(it: Entity) -> tuple[str | None, ...]:
    """Return the programs of what one of ``NOUNS`` is, None for one that belongs to none."""
    return it.programs if isinstance(it, Payout) else (it.program,)  # type: ignore[attr-defined]


def looked(draft: Draft, event: RecordLooked, told: Told) -> None:
    """Put it on the record. Who opened the evidence of a flagged reward may approve it from then on; nothing else follows."""
    if event.what not in WHAT:
        draft.say(refused("command", "wrong_state", Step("status", {"status": event.what[:64]}), subject=event.subject))
        return
    noun, actor = NOUNS.get(event.subject[:4]), told.need_actor()
    gone = noun is not None and draft.get(noun, event.subject) is None
    if gone or (actor.kind == "person" and not _own_gift(draft, event, actor)):
        draft.say(refused("command", "not_found", subject=event.subject))
        return
    reward = draft.get(Reward, event.subject) if noun is Reward else None
    if event.what == "opened" and reward is not None and reward.marks and actor.id not in reward.opened_by:
        draft.put(replace(reward, opened_by=(*reward.opened_by, actor.id)[-settlement.MOST_KEPT :]))
    draft.put(
        Look(
            id=draft.id("lok", "look"),
            subject=event.subject,
            what=event.what,
            by=actor.id,
            at=draft.as_of,
            evt=draft.evt,
            fields=event.fields,
            seconds=event.seconds,
            note=event.note,
        )
    )
    seen = {"what": event.what, "fields": list(event.fields), "seconds": event.seconds}
    draft.say(Verdict(about="command", outcome="looked", subject=event.subject, steps=(Step("looked", seen),)))


def _own_gift(draft: Draft, event: RecordLooked, actor: Actor) -> bool:
    """Whether a person says that they saw what a payout of theirs gave: they put nothing else on the record."""
    payout = draft.get(Payout, event.subject) if event.what == "unmasked" else None
    return payout is not None and disputes.theirs(draft, actor, payout.beneficiary)
