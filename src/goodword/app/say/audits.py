"""Audits: somebody who had no part in a month's payouts looked at them, and signs."""

from __future__ import annotations

from collections.abc import Sequence

from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.core.entry import Entry
from goodword.core.events import AuditSigned


@requires("audit.sign")
async def sign(
    who: Principal,
    directory: Directory,
    month: str,
    list_sha256: str,
    findings: Sequence[str],
    text: str | None,
    key: str,
) -> Entry:
    """Say that the payouts of a month were looked at, by the digest of the list that was shown, and of which something was found.

    ``text``: what was found, in words, which a finding needs. Raises InvalidError for a month that is not over, and ConflictError where
    no head was signed since, or the list is another one by now.
    """
    shown = await see.audits.month(who, directory, month, now=True, limit=0)
    if shown.head is None:
        raise ConflictError("no_head_yet", "No signed head of the log has all of the month yet: try again in a minute.")
    if shown.frozen.list_sha256 != list_sha256:
        raise ConflictError("audit_changed", "The payouts to be looked at are others by now: look at them again.")
    if findings and not (text or "").strip():
        raise InvalidError("Say what was found.", "note")
    typed = note(who, text or None, key)
    head = shown.head
    return await say(
        who,
        directory,
        lambda s: AuditSigned(
            **s,
            month=month,
            head=head.size,
            root=head.root.hex(),
            items=shown.frozen.items,
            list_sha256=list_sha256,
            outliers=shown.outliers,
            findings=tuple(sorted({*findings})),
            note=typed.digest,
        ),
        key,
        also=typed.keep,
    )
