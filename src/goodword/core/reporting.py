"""Reporting: in which jurisdictions a workspace reports what it paid, which another owner confirms (``changes``), and forms of payees.

Where there is no other owner it holds at once. Must not know: what is held for want of a form (``taxes``).
"""

from __future__ import annotations

from typing import Final

from goodword.core import calendar, changes, disputes, hands, taxes
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import TaxFormGiven, TaxReportingSet
from goodword.core.facts import Told
from goodword.core.state import TaxForm

_MAY: Final = TaxReportingSet.PERMISSION or ""


def set_(draft: Draft, event: TaxReportingSet, told: Told) -> None:
    """Say where the workspace reports, or ask another owner. What was asked for before and is still open is withdrawn."""
    wrong = [it for it in event.jurisdictions if it not in taxes.FORMS]
    if wrong or not _is_zone(event.timezone):
        step = Step("status", {"status": (wrong or [event.timezone])[0][:64]})
        draft.say(refused("command", "wrong_state", step, subject=taxes.ID))
        return
    now, jurisdictions = taxes.reporting(draft), sorted(set(event.jurisdictions))
    if now is not None and (list(now.jurisdictions), now.timezone) == (jurisdictions, event.timezone):
        draft.say(refused("command", "nothing_to_do", subject=taxes.ID))
        return
    by = told.need_actor().id
    changes.end(draft, taxes.ID)
    to = {"jurisdictions": jurisdictions, "timezone": event.timezone}
    if any(not hands.same(draft, other, by) for other in hands.confirmed(draft, _MAY)):
        asked = changes.ask(draft, "tax", taxes.ID, to, by)
        draft.say(Verdict(about="command", outcome="second_person_needed", subject=taxes.ID, steps=(asked,)))
        return
    changes.at_once(draft, "tax", taxes.ID, to, by)
    taxes.hold(draft, to)
    draft.say(Verdict(about="command", outcome="tax_reporting_set", subject=taxes.ID))


def _is_zone(name: str) -> bool:
    try:
        calendar.zone(name)
    except ValueError:
        return False
    return True


def given(draft: Draft, event: TaxFormGiven, told: Told) -> None:
    """Keep that a form is there, of which kind and until when; that none is needed only a member may say."""
    actor, now = told.need_actor(), taxes.reporting(draft)
    if not disputes.theirs(draft, actor, event.person):
        draft.say(refused("command", "not_found", subject=event.person))
        return
    day = calendar.day(draft.as_of, now.timezone if now is not None else "UTC")
    if event.form not in taxes.FORMS.get(event.jurisdiction, ()) or (event.form == "none" and actor.kind != "member"):
        step = Step("status", {"status": event.form[:64], "answer": event.jurisdiction[:64]})
        draft.say(refused("command", "wrong_state", step, subject=event.person))
        return
    before = draft.get(TaxForm, (event.person, event.jurisdiction))
    until = taxes.last_day(event.form, event.signed)
    if until is not None and until < day:
        step = Step("tax_form_until", {"form": event.form, "until": until})
        draft.say(refused("command", "tax_form_over", step, subject=event.person))
        return
    form = TaxForm(
        person=event.person,
        jurisdiction=event.jurisdiction,
        form=event.form,
        digest=event.digest,
        signed=event.signed,
        until=until,
        by=actor.id,
        at=draft.as_of,
    )
    draft.put(form)
    said = {"form": event.form, "jurisdiction": event.jurisdiction, "until": until}
    said["replaced"] = before.form if before is not None else None
    draft.say(
        Verdict(about="command", outcome="tax_form_given", subject=event.person, steps=(Step("tax_given", said),))
    )
