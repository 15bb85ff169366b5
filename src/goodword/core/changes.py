"""Changes: what an owner asked for and another person must confirm before it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from goodword.core import access, hands, lifecycles, routes, semantics, standing, taxes
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ChangeDecided
from goodword.core.facts import Actor, Told
from goodword.core.state import Change, Member


def ask(draft: Draft, kind: str, subject: str, to: dict[str, Any], by: str) -> Step:
    """Note what somebody asks for, and return the step that names it."""
    change = draft.put(
        Change(
            id=draft.id("chg", kind, share=subject),
            kind=kind,
            subject=subject,
            to=to,
            status="open",
            asked_by=by,
            asked_at=draft.as_of,
            evt=draft.evt,
        )
    )
    return _step(change)


def _step(change: Change) -> Step:
    about = change.to.get("table") or change.to.get("standing") or change.to.get("debtor") or change.subject
    return Step("change", {"change": change.id, change.kind: about, "asked_by": change.asked_by})


def at_once(draft: Draft, kind: str, subject: str, to: dict[str, Any], by: str) -> None:
    """Let what somebody asks for hold, and keep it as what nobody confirmed: there is nobody who could."""
    ask(draft, kind, subject, to, by)
    [change] = [it for it in draft.of(Change, "subject", subject) if it.status == "open" and it.evt == draft.evt]
    _close(draft, change, "confirmed", None)


def end(draft: Draft, subject: str) -> None:
    """Withdraw what is open about a subject: something newer was said of it."""
    for change in draft.of(Change, "subject", subject):
        if change.status == "open":
            _close(draft, change, "withdrawn", None)


def may(draft: Draft, event: ChangeDecided, actor: Actor) -> bool:
    """Return whether somebody may decide a change: an owner each, whoever may grant standing approvals those of their programs."""
    if access.allowed(actor, event.PERMISSION or ""):
        return True
    change = draft.get(Change, event.change) if draft.semantics >= semantics.STANDING_BY_APPROVERS else None
    granted = change is not None and change.kind == "standing" and access.allowed(actor, standing.PERMISSION)
    return granted and change is not None and access.covers(actor, change.subject)


def decided(draft: Draft, event: ChangeDecided, told: Told) -> None:
    """confirmed: it holds from now on; said by another person than who asked. Not to confirm it is open to all who may decide it."""
    change = draft.get(Change, event.change)
    if change is None:
        draft.say(refused("command", "not_found", subject=event.change))
        return
    if not lifecycles.may_move("change", change.status, event.outcome):
        step = Step("status", {"status": change.status, "answer": event.outcome[:64]})
        draft.say(refused("command", "wrong_state", step, subject=change.id))
        return
    by = told.need_actor()
    if event.outcome == "confirmed":
        if hands.same(draft, change.asked_by, by.id):
            draft.say(refused("command", "same_member", Step("first", {"member": change.asked_by}), subject=change.id))
            return
        refusal = _TAKES[change.kind](draft, change, by.id)
        if refusal is not None:
            draft.say(refusal)
            return
    _close(draft, change, event.outcome, by.id)
    draft.say(Verdict(about="command", outcome=f"change_{event.outcome}", subject=change.id, steps=(_step(change),)))


def _member(draft: Draft, change: Change, _: str) -> None:
    """The member gets what was asked for, and is a person of their own from now on."""
    before = hands.known(draft, change.subject)
    draft.put(
        Member(
            id=change.subject,
            roles=tuple(change.to["roles"]),
            limits=change.to["limits"],
            programs=tuple(change.to["programs"]),
            made_by=before.made_by if before is not None else change.asked_by,
            was=before.was if before is not None else None,
        )
    )


def _routing(draft: Draft, change: Change, by: str) -> Verdict | None:
    """The table holds, unless what it names is not there any more."""
    refusal = routes.unfit(draft, change.to["document"])
    if refusal is not None:
        return replace(refusal, subject=change.id)
    routes.hold(draft, change.to["document"], change.asked_by, by)
    return None


def _debtor(_: Draft, __: Change, ___: str) -> None:
    """What holds is the newest that was confirmed (``debtors``): there is nothing else to write."""


def _tax(draft: Draft, change: Change, _: str) -> None:
    """The workspace reports where it says."""
    taxes.hold(draft, change.to)


#: Kind of a change -> what makes it hold; what it returns is why it cannot hold any more.
_TAKES: Final[dict[str, Callable[[Draft, Change, str], Verdict | None]]] = {
    "member": _member,
    "routing": _routing,
    "standing": standing.confirmed,
    "debtor": _debtor,
    "tax": _tax,
}


def _close(draft: Draft, change: Change, status: str, by: str | None) -> None:
    draft.put(replace(change, status=status, decided_by=by, decided_at=draft.as_of, decided_evt=draft.evt))
