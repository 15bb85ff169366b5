"""What the gate looks at before a program goes live, as sentences."""

from __future__ import annotations

from goodword.core.dossier import EVIDENCE
from goodword.core.launching import Item, Piece, step
from goodword.words.catalogue import catalogue
from goodword.words.verdicts import step_sentence


def title(item: str, language: str | None = None) -> str:
    """Return what one thing is called that the gate looks at."""
    return catalogue(language).say(f"gate.{item}")


def told(item: Item, language: str | None = None) -> str:
    """Return what was seen of one thing; where it is missing, what to do."""
    return step_sentence(step(item), None, language)


def measure(code: str, language: str | None = None) -> str:
    """Return what a measure is called."""
    return catalogue(language).say(f"measure.{code}")


def pieces(language: str | None = None) -> tuple[str, ...]:
    """Return the pieces of evidence that each reward must have, in their order."""
    return tuple(catalogue(language).say(f"evidence.{piece}") for piece in EVIDENCE)


def reward(piece: Piece, language: str | None = None) -> str:
    """Return which reward it is, and who approves it."""
    words = catalogue(language)
    roles = words.listed([role.replace("_", " ") for role in piece.roles])
    return words.say("gate.reward", on=piece.on, side=piece.side, kind=piece.kind, roles=roles)
