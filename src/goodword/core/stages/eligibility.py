"""Which programs an event concerns, and whether an advocate may be credited. It must not know amounts."""

from __future__ import annotations

from collections.abc import Iterable

from goodword.core import semantics
from goodword.core.draft import Draft
from goodword.core.rules import Rules
from goodword.core.state import Advocate, Code, Customer, Lead, Program, Referral


def status(draft: Draft, program: Program, at: int) -> str:
    """The program's status for what happened at an instant: what comes late is judged as if it had come in time."""
    return program.status_at(at) if draft.semantics >= semantics.MOVES_HOLD_FROM_THEN else program.status


def closed(status: str) -> str:
    """Return why a program of this status takes nothing new."""
    return "program_not_live" if status == "draft" else "program_not_active"


def programs_of(
    draft: Draft, lead: Lead, codes: list[Code], customer: Customer, touched: Iterable[str] = ()
) -> list[Program]:
    """The program named, else those of the codes; else all that are active then. Those in which the customer is bound come first.

    ``touched``: codes of the touches. Their programs count also where they take no referrals, so that this is the reason told.
    """
    concerned = (
        [lead.program] if lead.program is not None else [code.program for code in codes if code.program is not None]
    )
    if customer.referrals:
        concerned = [*[draft.need(Referral, referral).program for referral in customer.referrals], *concerned]
    if concerned:
        return [draft.need(Program, id_) for id_ in dict.fromkeys(concerned)]
    found = {code.program for id_ in touched if (code := draft.get(Code, id_)) is not None}
    if draft.semantics < semantics.MOVES_HOLD_FROM_THEN:
        found = set()
    return [
        program for program in draft.programs() if status(draft, program, lead.at) == "active" or program.id in found
    ]


def standing(advocate: Advocate | None, rules: Rules, touched_at: int) -> str | None:
    """Why a touch at that instant does not credit the advocate; None if it may."""
    if advocate is None or advocate.enrolled_at > touched_at:
        return "advocate_not_enrolled"
    if advocate.status != "active":
        return "advocate_not_active"
    if rules.requires_terms and not advocate.terms:
        return "terms_missing"
    return None
