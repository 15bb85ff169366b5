"""The seven points of an audit in sentences, from their codes and typed values. Must not know: where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goodword.core.ledger import ORIGINS
from goodword.words.catalogue import catalogue

#: Values that are amounts -> the value that has their unit.
_AMOUNTS = {
    "amount": "unit",
    "back": "unit",
    "gross": "unit",
    "owes": "reward_unit",
    "sent": "reward_unit",
    "released": "released_unit",
    "most": "unit",
    "log": "unit",
    "payout_amount": "unit",
}


def audited(point: str, code: str, values: Mapping[str, Any], language: str | None = None) -> str:
    """Return a point as it was answered: what shows it, or what is missing."""
    words = catalogue(language)
    figures: dict[str, Any] = dict(values)
    for name, unit in _AMOUNTS.items():
        if name in values:
            figures[name] = words.money(values[name], values.get(unit, values.get("unit")))
    for name in ("at", "lead_at", "approved_at"):
        if name in values:
            figures[name] = words.time(values[name])
    for name in ("approvals", "releases", "flags"):
        if name in values:
            figures[name] = words.listed(values[name]) if values[name] else words.say("audit.none")
    figures["released_by"] = words.say("audit.released_by", who=figures["releases"]) if values.get("releases") else ""
    if "rules" in values:
        figures["rules"] = values["rules"][:12]
    if code in ORIGINS:
        figures["origin"] = words.say(f"console.correction.origin.{code}")
        figures["document"] = values.get("document") or words.say("audit.none")
        code = "correction"
    return words.say(f"audit.{point}.{code}", **figures)
