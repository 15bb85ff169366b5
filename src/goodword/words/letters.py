"""Messages to advocates: topic and values become a letter in text and HTML. Must not know: who gets one, when, whether it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from msgspec import Struct

TOPICS: Final = (
    "enrolled", "referral_counted", "reward_approved", "reward_paid", "reward_held", "dispute_answered", "terms_changed",
    "milestone_reached", "tip_share", "tip_click", "satisfaction",
)  # fmt: skip


class Money(Struct, frozen=True):
    """An amount: minor units of a currency by ISO 4217, or points with the unit ``points:<program>``."""

    minor: int
    currency: str


class Letter(Struct, frozen=True):
    """A message, whole: what stands below included. ``subject``: one line."""

    subject: str
    text: str
    html: str


def letter(
    topic: str,
    language: str,
    values: Mapping[str, object],
    unsubscribe: str,
    source: str | None = None,  # noqa: ARG001 - until templates come
) -> Letter:
    """Return a message: a plain list of its values, until its text is written."""
    said = [f"{name}: {value}" for name, value in sorted(values.items()) if value is not None]
    subject = f"{values['company']}: {topic.replace('_', ' ')}"
    text = "\n".join([subject, *said, "-- ", f"No more of these: {unsubscribe}"]) + "\n"
    return Letter(
        subject, text, f'<!doctype html><html lang="{language}"><body><pre>{escape(text)}</pre></body></html>\n'
    )
