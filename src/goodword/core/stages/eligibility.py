"""Which programs an event concerns, and whether an advocate may be credited. It must not know amounts."""

from __future__ import annotations

from goodword.core.draft import Draft
from goodword.core.rules import Rules
from goodword.core.state import Advocate, Code, Customer, Program, Referral


def programs_of(draft: Draft, named: str | None, codes: list[Code], customer: Customer) -> list[Program]:
    """The program named, else those of the codes; else all active ones. Those in which the customer is bound come first."""
    concerned = [named] if named is not None else [code.program for code in codes if code.program is not None]
    if customer.referrals:
        concerned = [*[draft.need(Referral, referral).program for referral in customer.referrals], *concerned]
    if not concerned:
        return [program for program in draft.programs() if program.status == "active"]
    return [draft.need(Program, id_) for id_ in dict.fromkeys(concerned)]


def standing(advocate: Advocate | None, rules: Rules, touched_at: int) -> str | None:
    """Why a touch at that instant does not credit the advocate; None if it may."""
    if advocate is None or advocate.enrolled_at > touched_at:
        return "advocate_not_enrolled"
    if advocate.status != "active":
        return "advocate_not_active"
    if rules.requires_terms and not advocate.terms:
        return "terms_missing"
    return None
