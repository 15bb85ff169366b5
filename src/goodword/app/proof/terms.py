"""The terms of a version of rules: its sentences with its examples, as one text, and what names them."""

from __future__ import annotations

from goodword.app.proof.examples import examples
from goodword.core.rules import RuleVersion
from goodword.words import terms as words
from goodword.words.terms import Terms


def of(version: RuleVersion, language: str | None = None) -> Terms:
    """Return the terms as they are said today: always the same of the same version. Raises UnknownLanguageError."""
    return words.told(version.means, examples(version), language)
