"""What ``sealed`` of an event is made of: digests of the rows that were stored beside it and that the log itself may not hold.

Two of sixteen bytes: of its row in the inbox, which stays for ever, and of the names, keys and personal data that it brought, which go
when their person is erased. All that could be guessed is keyed or encrypted in these rows, so that the digests tell nobody anything,
and whoever verifies needs no key. Must not know: where rows are kept, what an event means.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from goodword.core import canonical

_BYTES = 16


class Written(NamedTuple):
    """A row that an event brought. ``owner``: whom or what it stands for; ``sealed``: what it holds, encrypted.

    ``verified``: of a key by which persons are recognised, whether a trusted source said it. One that another event raised to that
    was brought by both.
    """

    table: str
    kind: str
    blind: bytes
    owner: str
    sealed: bytes
    verified: bool


def inbox(source: str, id_: str, content: bytes) -> bytes:
    """Return the digest of a row of the inbox."""
    return sha256(canonical.encode((source, id_, content))).digest()[:_BYTES]


def beside(rows: Iterable[Written]) -> bytes:
    """Return the digest of what an event brought, in any order; nothing for nothing."""
    found = sorted(rows)
    return sha256(canonical.encode(found)).digest()[:_BYTES] if found else b""


def text(inbox_digest: bytes, beside_digest: bytes = b"") -> str:
    """Return both as they stand in the event."""
    return b64encode(inbox_digest + beside_digest).decode()


def key(hashed: bytes, kind: str, member: str | None, made_at: int) -> str:
    """Return the digest of what is kept of an API key: which text it is, what it opens, whose it is, and since when."""
    said = canonical.encode((hashed, kind, member, made_at))
    return b64encode(sha256(said).digest()[:_BYTES]).decode()


def form(blind: bytes, person: str, program: str, made_by: str, made_at: int, until: int) -> str:
    """Return the digest of what is kept of a link to a partner's form: which link it is, whose, for what, by whom, and until when."""
    said = canonical.encode((blind, person, program, made_by, made_at, until))
    return b64encode(sha256(said).digest()[:_BYTES]).decode()


def parts(sealed: str) -> tuple[bytes, bytes]:
    """Return both back. Raises ValueError for a text that is none."""
    both = b64decode(sealed, validate=True)
    return both[:_BYTES], both[_BYTES:]
