"""What a decision says and what follows from it: verdicts with their explanation, new values of entities, postings, touches, jobs.

As entities, these are values without cycles, of which the collector need not know (``gc=False``).
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from goodword.core.facts import Touch
from goodword.core.ledger import Posting
from goodword.core.rules import RuleVersion
from goodword.core.state import Entity, Key


class Step(Struct, frozen=True, gc=False, array_like=True):
    """One step of an explanation: a stable code and the typed values seen. Sentences are rendered on reading."""

    code: str
    values: dict[str, Any] = {}


class Verdict(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What was found, for one program and subject.

    ``about``: event, attribution, reward, refund, command, timer. ``outcome``: refused (with ``refusal``) or what was done, such as
    attributed, earned, adjusted, approved.
    """

    about: str
    outcome: str
    refusal: str | None = None
    program: str | None = None
    subject: str | None = None  # referral, reward, case, payout …
    side: str | None = None
    beneficiary: str | None = None
    amount: int | None = None
    unit: str | None = None
    flags: tuple[str, ...] = ()
    redecides: str | None = None  # the event whose decision this one replaces
    steps: tuple[Step, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether it says no."""
        return self.outcome == "refused"


class Job(Struct, frozen=True, kw_only=True):
    """Something to do outside after the commit.

    ``priority``: 2 goes before all others of its kind, 0 behind them. ``payload``: what else the kind needs, small, of JSON's types.
    """

    id: str
    kind: str
    subject: str
    queue: str
    priority: Literal[0, 1, 2] = 1
    payload: dict[str, Any] = {}


class Decision(Struct, gc=False, kw_only=True):
    """Verdicts with their explanation, and everything that follows from them."""

    verdicts: tuple[Verdict, ...]
    puts: dict[tuple[type[Entity], Key], Entity]
    postings: tuple[Posting, ...] = ()
    touches: tuple[Touch, ...] = ()
    jobs: tuple[Job, ...] = ()
    rules: tuple[RuleVersion, ...] = ()  # versions that this decision published
    fired: str | None = None  # the timer that this decision ends


def refused(about: str, refusal: str, *steps: Step, program: str | None = None, subject: str | None = None) -> Verdict:
    """A verdict that says no."""
    return Verdict(about=about, outcome="refused", refusal=refusal, program=program, subject=subject, steps=steps)
