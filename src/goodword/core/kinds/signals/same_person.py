"""Weaker evidence that advocate and friend are one person: an unverified mail, phone or payment, or a shared device."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag for each kind of key that both have. (A verified one refuses: ``stages.screening``.)"""
    if not scene.matches:
        return []
    friend = scene.referral.friend
    advocates = {share.person for share in scene.referral.shares}
    kinds = set()
    for match in scene.matches:
        others = {match.person, match.other} - {friend}
        if friend in (match.person, match.other) and others <= advocates and others:
            kinds.add(match.kind)
    return [Flag("self_referral", {"key": kind}) for kind in sorted(kinds)]
