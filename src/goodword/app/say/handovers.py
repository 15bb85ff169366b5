"""Files for the bank that are handed out: registered before their bytes leave."""

from __future__ import annotations

from hashlib import sha256

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see.payouts import BankFile, bank_file
from goodword.core.entry import Entry
from goodword.core.events import FileHandedOut
from goodword.outbound.files import PLAIN


@requires("payee.read")
async def hand_out(
    who: Principal,
    directory: Directory,
    *,
    name: str = PLAIN,
    unit: str | None = None,
    day: str | None = None,
    leave_out: bool = False,
) -> BankFile:
    """Return the file of all payouts that wait for the bank, which is registered. Asks and raises as ``see.payouts.bank_file``."""
    file = await bank_file(who, directory, name=name, unit=unit, day=day, leave_out=leave_out)
    await register(who, directory, file)
    return file


@requires("record.look")
async def register(who: Principal, directory: Directory, file: BankFile, key: str | None = None) -> Entry:
    """Put a file for the bank on the record with what it pays: what cannot be registered is not handed out."""
    return await say(
        who,
        directory,
        lambda s: FileHandedOut(
            **s,
            file=file.id,
            form=file.format.name,
            digest=sha256(file.body).hexdigest(),
            payouts=file.payouts,
            sums=file.sums,
            debtor=file.debtor,
            day=None if file.day is None else file.day.isoformat(),
        ),
        key,
    )
