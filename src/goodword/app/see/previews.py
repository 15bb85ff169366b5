"""Previews: what an order would earn under rules that are published nowhere."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.proof.preview import Order, Preview, preview
from goodword.core.rules import Rules
from goodword.sources import rule_file
from goodword.store import log
from goodword.words import lint


class RulesPreview(Struct, frozen=True):
    """What an order would earn under these rules."""

    rules: Rules
    outcome: Preview


@requires("program.read")
async def of_rules(who: Principal, directory: Directory, data: bytes, name: str, order: Order) -> RulesPreview:
    """Return what an order would earn now, by the workspace's clock, under a rule file; ``name`` is its file name. Nothing is stored.

    Raises RuleFileErrors with everything that is wrong in the file.
    """
    async with directory.reading() as conn:
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
    rules = rule_file.read(data, name, now, lint.of_rules)
    outcome = await asyncio.to_thread(preview, rules, order, now)  # a thousand orders before it take a second
    return RulesPreview(rules, outcome)
