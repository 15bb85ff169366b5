"""Ids: a prefix that says the noun, and 128 bits in Crockford's base32.

``evt_01JD3Z…``: sorted as text (bytewise), ids of one noun are in order of time, because their first 48 bits are
milliseconds since 1970. An accepted event gets a random id (store/uuid7); everything a decision makes is ``derived``
from the id of its event, so deciding the same event again gives the same ids.

One value has one text: upper-case digits, no separators, nothing is read leniently.
"""

import re
from hashlib import sha256

from goodword.core import canonical

#: noun -> prefix. The list is closed, so that an id tells what it names; a new noun gets its line here.
PREFIXES = {
    "workspace": "wsp",
    "member": "mem",
    "change": "chg",
    "key": "key",
    "program": "prg",
    "pilot": "plt",
    "event": "evt",
    "person": "per",
    "advocate": "adv",
    "code": "cod",
    "company": "cmp",
    "company_ref": "cmr",  # a company as a CRM calls it
    "registration": "reg",
    "agreement": "agr",
    "form": "frm",  # a partner's own, for deals
    "visitor": "vis",
    "device": "dev",
    "payment": "pmt",  # a means of payment, known by its fingerprint
    "touch": "tch",  # a click too
    "touch_block": "blk",
    "claim": "clm",
    "referral": "ref",
    "invoice": "inv",
    "reward": "rwd",
    "case": "cas",
    "look": "lok",
    "payout": "pay",
    "schedule": "sch",  # by which drafts of payouts are made
    "statement": "stm",  # of a bank
    "booking": "bkg",  # what it said of a payout
    "stock": "stk",  # codes that were uploaded at once
    "handout": "hnd",  # one of them, which a payout got
    "standing": "sta",  # an approval given beforehand
    "offer": "off",  # what a friend is offered off one order
    "lot": "lot",  # credit that one payout brought for one reward
    "timer": "tmr",
    "job": "job",
    "rejection": "rej",
    "webhook": "whk",
    "message": "msg",  # a notice to another system
    "letter": "ltr",  # a message to an advocate
    "delivery": "dlv",
}

_KNOWN = frozenset(PREFIXES.values())
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(high + low for high in _DIGITS for low in _DIGITS)
_SHAPE = re.compile(r"([a-z]{3})_([0-7][0-9A-HJKMNP-TV-Z]{25})")  # 26 digits hold 130 bits: the first is below 8
_TO_INT = str.maketrans(_DIGITS, "0123456789ABCDEFGHIJKLMNOPQRSTUV")  # what int(…, 32) reads
_MASK = 1023
_MARKS = 0x80_0080_0000  # what UUID version 8 writes into the 40 bits behind the time: its version, its variant
_FREE = 0x0F_FF3F_FFFF  # what it leaves of them


def encode(prefix: str, value: bytes) -> str:
    """Write 16 bytes as an id; ValueError for another length or an unknown prefix."""
    if len(value) != 16 or prefix not in _KNOWN:  # noqa: PLR2004 - 128 bits
        raise ValueError(f"no id: prefix {prefix!r}, {len(value)} bytes")
    time, high, low = int.from_bytes(value[:6]), int.from_bytes(value[6:11]), int.from_bytes(value[11:])
    p = _PAIRS  # written out, as in ``derived``: every event gets an id
    return (
        f"{prefix}_{p[time >> 40]}{p[time >> 30 & _MASK]}{p[time >> 20 & _MASK]}{p[time >> 10 & _MASK]}{p[time & _MASK]}"
        f"{p[high >> 30]}{p[high >> 20 & _MASK]}{p[high >> 10 & _MASK]}{p[high & _MASK]}"
        f"{p[low >> 30]}{p[low >> 20 & _MASK]}{p[low >> 10 & _MASK]}{p[low & _MASK]}"
    )


def decode(text: str) -> tuple[str, bytes]:
    """Read an id into its prefix and 16 bytes; ValueError for anything that ``encode`` does not write."""
    match = _SHAPE.fullmatch(text)
    if not match or match[1] not in _KNOWN:
        raise ValueError(f"no id: {text[:40]!r}")
    return match[1], int(match[2].translate(_TO_INT), 32).to_bytes(16)


def made_at(text: str) -> int:
    """Return the microseconds since 1970 that an id begins with, exact to a millisecond; ValueError for what is no id."""
    return int.from_bytes(decode(text)[1][:6]) * 1_000


def derived(
    prefix: str,
    event_id: str,
    kind: str,
    *,
    program: str = "",
    side: str = "",
    share: str | int = "",
    n: int = 0,
) -> str:
    """Return the id of a thing made by deciding an event: the event's 48 bits of time and a digest, as UUID version 8.

    ``kind`` says what is made; program, side, share and n tell the things of one kind apart. The same arguments give
    the same id for ever; of the digest 74 bits remain, enough for what is made in one millisecond. The first ten digits
    of an id are its time.
    """
    digest = sha256(canonical.encode((event_id, kind, program, side, share, n))).digest()
    high, low = int.from_bytes(digest[:5]) & _FREE | _MARKS, int.from_bytes(digest[5:10])
    p = _PAIRS  # written out, because it is most of the work: ids are made at every turn
    return (
        f"{prefix}_{event_id[4:14]}{p[high >> 30]}{p[high >> 20 & _MASK]}{p[high >> 10 & _MASK]}{p[high & _MASK]}"
        f"{p[low >> 30]}{p[low >> 20 & _MASK]}{p[low >> 10 & _MASK]}{p[low & _MASK]}"
    )
