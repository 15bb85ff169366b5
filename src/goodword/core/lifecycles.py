"""Which states exist and what moves them. A move that is not in a table is refused; the diagrams in docs are drawn from here."""

from __future__ import annotations

from typing import Final

Table = dict[str, dict[str, tuple[str, ...]]]

#: noun -> state -> the states it can move to. A noun starts in the first state named.
LIFECYCLES: Final[Table] = {
    "reward": {
        "pending": ("in_review", "rejected", "reversed"),
        "in_review": ("approved", "rejected", "reversed", "expired"),
        "approved": ("in_review", "processing", "rejected", "reversed"),
        "processing": ("approved", "paid", "reversed"),
        "paid": ("approved", "reversed"),
        "rejected": ("reversed",),
        # Its payout came back after its debt was netted: what was netted is owed again.
        "reversed": ("approved",),
        "expired": ("reversed",),
    },
    "referral": {
        # A conversion that happened inside the window may arrive after it: lapsed is no end.
        "attributed": ("converted", "lapsed", "void"),
        "converted": ("lapsed", "void"),
        "lapsed": ("converted", "void"),
        "void": (),
    },
    "payout": {
        "draft": ("awaiting_release", "canceled"),
        "awaiting_release": ("released", "canceled"),
        "released": ("processing", "canceled"),
        "processing": ("sent", "completed", "failed", "unknown"),
        "unknown": ("sent", "completed", "failed"),
        "sent": ("completed", "failed", "returned"),
        "completed": ("returned",),
        "failed": (),
        "returned": (),
        "canceled": (),
    },
    "case": {
        "open": ("decided",),
        "decided": ("appealed",),
        "appealed": ("decided",),
    },
    "claim": {
        "open": ("won", "lost", "withdrawn"),
        "won": (),
        "lost": (),
        "withdrawn": (),
    },
    "advocate": {
        "active": ("suspended", "left"),
        "suspended": ("active", "left"),
        "left": ("active",),
    },
    "program": {
        "draft": ("active",),
        "active": ("paused", "ended"),
        "paused": ("active", "ended"),
        "ended": (),
    },
}


def may_move(noun: str, state: str, to: str) -> bool:
    """Whether the table of ``noun`` lets ``state`` move to ``to``. KeyError for a noun or state that does not exist."""
    return to in LIFECYCLES[noun][state]


class IllegalMove(AssertionError):
    """Our own mistake: a decision tried a move that the table does not have. The event is set aside, nothing is stored."""


def moved(noun: str, state: str, to: str) -> str:
    """``to``, if the table allows it. Raises IllegalMove: decisions ask ``may_move`` first and refuse."""
    if not may_move(noun, state, to):
        raise IllegalMove(f"{noun}: {state} -> {to} is not in the table")
    return to
