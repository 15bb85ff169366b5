"""Somebody asks for the money of the order back: it may be worth less before the reward is paid."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag that names the oldest refund that is asked for."""
    asked = scene.conversion.asked_now
    return [Flag("refund_open", {"refund": asked[0], "open": len(asked)})] if asked else []
