"""Which states exist and what moves them. The tables are a law: ``Draft.put`` holds every new value of an entity against them.

The diagrams in docs are drawn from here.
"""

from __future__ import annotations

from typing import Final

from goodword.core.state import (
    Advocate,
    Case,
    Change,
    Chargeback,
    Claim,
    Conversion,
    Deal,
    Entity,
    Letter,
    Offer,
    Payout,
    Program,
    Referral,
    Refund,
    Registration,
    Reward,
    Standing,
)

Table = dict[str, dict[str, tuple[str, ...]]]

#: noun -> the states in which it may begin.
FIRST: Final[dict[str, tuple[str, ...]]] = {
    # waiting: only its refunds or chargebacks are known
    "conversion": ("waiting", "open", "paid"),
    # waiting: its order is not known yet
    # returned: told before the refund that it takes back
    "refund": ("waiting", "applied", "returned"),
    "chargeback": ("open",),
    # in_review: its hold is over already; reversed: it earns nothing
    "reward": ("pending", "in_review", "reversed"),
    "offer": ("open",),
    "referral": ("attributed",),
    "payout": ("awaiting_release",),
    "case": ("open",),
    "claim": ("open",),
    "change": ("open",),
    "standing": ("active",),
    "deal": ("open", "won", "lost"),
    "registration": ("submitted",),
    "advocate": ("active",),
    # ordered: it is to be sent now; deferred: later
    "letter": ("ordered", "deferred", "withheld"),
    # draft: of a live workspace, until it is launched
    "program": ("draft", "active"),
}

#: noun -> state -> the states it can move to; none: it is an end.
LIFECYCLES: Final[Table] = {
    "conversion": {
        "waiting": ("open", "paid"),
        "open": ("paid", "canceled"),
        "paid": ("canceled",),
        "canceled": (),
    },
    "refund": {
        "waiting": ("applied", "refused", "returned"),
        "applied": ("refused", "returned"),
        # A chargeback that is lost again takes again; of a refund of which a part came back before it was told, the rest counts.
        "returned": ("applied", "waiting"),
        # It came before its order and did not fit it; it may be said again.
        "refused": ("applied",),
    },
    "chargeback": {
        "open": ("kept", "lost"),
        # The bank may decide anew.
        "kept": ("lost",),
        "lost": ("kept",),
    },
    "reward": {
        # paid: what had come back arrived after all
        "pending": ("in_review", "rejected", "reversed", "paid"),
        "in_review": ("approved", "rejected", "reversed", "expired", "paid"),
        "approved": ("in_review", "processing", "rejected", "reversed", "paid"),
        # in_review: it arrived, and more is owed than was sent
        "processing": ("in_review", "approved", "paid", "reversed"),
        "paid": ("in_review", "approved", "reversed"),
        # restored: two members say that it was wrong, or an appeal does
        "rejected": ("pending", "in_review", "reversed"),
        # approved: its payout came back after its debt was netted, and what was netted is owed again. The others: what took it was
        # taken back.
        "reversed": ("pending", "in_review", "approved", "processing", "paid"),
        "expired": ("in_review", "reversed"),
    },
    "offer": {
        "open": ("bound", "redeemed", "ended"),
        # open: its order was canceled
        "bound": ("open", "redeemed", "ended"),
        "redeemed": (),
        # open: its referral ended, and the friend is bound again; the others: an order of its time may be told late
        "ended": ("open", "bound", "redeemed"),
    },
    "referral": {
        # A conversion that happened inside the window may arrive after it: lapsed is no end.
        "attributed": ("converted", "lapsed", "void"),
        "converted": ("void",),
        "lapsed": ("converted", "void"),
        # An appeal gives back what a claim took.
        "void": ("attributed", "converted", "lapsed"),
    },
    "payout": {
        "awaiting_release": ("released", "canceled"),
        "released": ("processing", "canceled"),
        "processing": ("sent", "completed", "failed", "unknown"),
        # processing: a rail that never heard of it is told once more, by the same id
        "unknown": ("processing", "sent", "completed", "failed"),
        "sent": ("completed", "failed", "returned"),
        "completed": ("returned",),
        # two members say that it arrived after all
        "failed": ("completed",),
        "returned": ("completed",),
        "canceled": (),
    },
    "case": {
        "open": ("decided",),
        "decided": ("appealed",),
        "appealed": ("decided",),
    },
    "claim": {
        "open": ("won", "lost", "split", "none", "withdrawn"),
        "won": ("appealed",),
        "lost": ("appealed",),
        # whoever decided says with which parts, or that nobody brought the friend
        "split": ("appealed",),
        "none": ("appealed",),
        "appealed": ("won", "lost", "split", "none"),
        "withdrawn": (),
    },
    "change": {
        "open": ("confirmed", "declined", "withdrawn"),
        "confirmed": (),
        "declined": (),
        "withdrawn": (),
    },
    "standing": {
        # Its end needs no move: it covers nothing from then on.
        "active": ("stopped",),
        "stopped": (),
    },
    "deal": {
        # What its CRM says last holds, and what was said before may come later.
        "open": ("won", "lost"),
        "won": ("open", "lost"),
        "lost": ("open", "won"),
    },
    "registration": {
        "submitted": ("accepted", "declined", "withdrawn"),
        # won, lost: so its CRM says; expired: its protection is over, and nothing was won in it
        "accepted": ("won", "lost", "expired", "withdrawn"),
        "declined": (),
        "withdrawn": (),
        "won": ("accepted", "lost", "expired", "withdrawn"),
        "lost": ("accepted", "won", "expired", "withdrawn"),
        # What was won in time may be told late.
        "expired": ("won", "lost"),
    },
    "advocate": {
        "active": ("suspended", "left", "merged"),
        "suspended": ("active", "left", "merged"),
        "left": ("active", "merged"),
        "merged": (),
    },
    "letter": {
        "deferred": ("ordered", "withheld"),
        # withheld: what speaks against it came before it was sent
        "ordered": ("sent", "refused", "unknown", "withheld"),
        # Its text was handed over, and nobody knows whether it was taken: a person says what becomes of it.
        "unknown": ("ordered", "sent", "withheld", "bounced"),
        "refused": ("ordered", "withheld"),
        "sent": ("bounced",),
        "bounced": (),
        # A gift's, whose mail is how it arrives: a person says that it is sent after all.
        "withheld": ("ordered",),
    },
    "program": {
        "draft": ("active", "ended"),
        "active": ("paused", "ended"),
        "paused": ("active", "ended"),
        "ended": (),
    },
}

#: The nouns that have a lifecycle, with their names in the tables.
NAMES: Final[dict[type[Entity], str]] = {
    noun: noun.__name__.lower()
    for noun in (
        *(
            Conversion,
            Refund,
            Chargeback,
            Reward,
            Offer,
            Referral,
            Payout,
            Case,
            Claim,
            Change,
            Standing,
            Deal,
            Registration,
        ),
        *(Letter, Advocate, Program),
    )
}

#: noun -> the pairs of states that may follow each other; None before the first.
MOVES: Final[dict[type[Entity], frozenset[tuple[str | None, str]]]] = {
    noun: frozenset(
        [(None, first) for first in FIRST[name]] + [(was, now) for was, to in LIFECYCLES[name].items() for now in to]
    )
    for noun, name in NAMES.items()
}


class IllegalMove(AssertionError):
    """Our own mistake: a decision tried a move that the table does not have. The event is set aside, nothing is stored."""


def may_move(noun: str, state: str, to: str) -> bool:
    """Return whether the table of ``noun`` lets ``state`` move to ``to``: what a decision asks before it refuses.

    Raises KeyError for a noun or state that does not exist.
    """
    return to in LIFECYCLES[noun][state]
