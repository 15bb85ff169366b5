"""The company's own account, from which files for the bank pay. A new one waits for another owner (``changes``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.write.commands import content_of
from goodword.core.entry import Entry
from goodword.core.events import DebtorSet
from goodword.outbound.files import DEBTOR
from goodword.outbound.rails import checked
from goodword.store import debtors


@requires("debtor.set")
async def set_debtor(who: Principal, directory: Directory, details: Mapping[str, str], key: str | None = None) -> Entry:
    """Give the account, or ask another owner for another one. Raises DetailsError naming all that is wrong with it."""
    told = checked(DEBTOR, details)
    given = partial(DebtorSet, debtor=debtors.digest(who.workspace, told))
    # A repeat is the same by what was given: each time it is sealed it looks otherwise.
    same = content_of(given(evt="", source="", occurred_at=0, accepted_at=0, details=""))
    sealed = debtors.sealed(who.workspace, told)
    return await say(who, directory, lambda s: given(**s, details=sealed), key, content=same)
