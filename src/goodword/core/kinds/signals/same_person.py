"""A sign that advocate and friend are one person or household: the same card, the same device."""

from __future__ import annotations

from goodword.core.kinds.signals import company_domain
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag for each kind of key that both have, but for a domain. (What proves it refuses: ``persons.own``.)"""
    return [Flag("self_referral", {"key": kind}) for kind in sorted(scene.keys - {company_domain.KEY})]
