"""Sentences for people by language, from the codes and typed values of the core. Must not know: where a sentence is shown."""

from goodword.words import routes, rules, standing
from goodword.words.audits import audited
from goodword.words.catalogue import ENGLISH, UnknownLanguageError, languages
from goodword.words.meanings import (
    Hold,
    accepted,
    bank_differs,
    bank_reason,
    day,
    decline,
    declined,
    flag,
    hold,
    metric,
    money,
    notice,
    page,
    page_or_none,
    portal,
    refusal,
)
from goodword.words.routes import misrouted
from goodword.words.verdicts import Explained, bank_line, conflict, ground, match, reason_seen, sentences

__all__ = [
    "ENGLISH",
    "Explained",
    "Hold",
    "UnknownLanguageError",
    "accepted",
    "audited",
    "bank_differs",
    "bank_line",
    "bank_reason",
    "conflict",
    "day",
    "decline",
    "declined",
    "flag",
    "ground",
    "hold",
    "languages",
    "match",
    "metric",
    "misrouted",
    "money",
    "notice",
    "page",
    "page_or_none",
    "portal",
    "reason_seen",
    "refusal",
    "routes",
    "rules",
    "sentences",
    "standing",
]
