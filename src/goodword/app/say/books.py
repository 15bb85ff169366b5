"""Taking the books of months along: they are written to a file, and that somebody has them stands on the record before it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from goodword.app.directory import Directory
from goodword.app.principal import Principal, action_of, requires
from goodword.app.proof import pack
from goodword.app.say import looking
from goodword.app.see import books


@requires("ledger.read")
async def take(
    who: Principal, directory: Directory, begin: str | None = None, end: str | None = None, /, **asked: Any
) -> tuple[Path, pack.Manifest]:
    """Write the pack of months as ``see.books.packed`` says, raising what it raises; whoever asked removes the file once it left."""
    path, manifest = await pack.written(books.packed(who, directory, begin, end, **asked))
    try:
        if who.may(action_of(looking.exported)):
            await looking.exported(who, directory, pack.digest_of(path))
    except BaseException:
        pack.remove(path)
        raise
    return path, manifest
