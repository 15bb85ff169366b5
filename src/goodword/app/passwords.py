"""Passwords and codes: what a password may be, what is derived of it, and the six digits of a half minute (RFC 6238).

Must not know: who signs in, where anything is kept.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import unicodedata
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from argon2.low_level import Type, hash_secret_raw

from goodword.core import calendar

SHORTEST, LONGEST = 12, 128
_MEMORY, _PASSES, _LANES = 19_456, 2, 1  # KiB; what OWASP names as the least of Argon2id
_AT_ONCE = 2
_DISTINCT = 5  # characters that differ, at least
_NAME = 4  # characters of a name that must not stand in its password
_STEP = 30 * calendar.SECOND
_DIGITS = 1_000_000
_CODES = 10
#: The commonest of twelve characters and more, in lower case; shorter ones are refused anyway.
_LIST: Final = """
    123456789012 1234567890123 12345678901234567890 123123123123 123456123456 987654321098 abcdefghijkl abc123abc123 abcd1234abcd
    password1234 password12345 password123456 passwordpassword mypassword123 password2024 password2025 password2026 passw0rd1234
    qwertyuiop12 qwertyuiop123 qwertyuiopasdf qwerty123456 qwertyqwerty qwerty12345678 1qaz2wsx3edc 1q2w3e4r5t6y zaq12wsxcde3
    1qazxsw23edc asdfghjkl123 asdfghjklqwe zxcvbnm12345 iloveyou1234 iloveyou12345 iloveyouforever welcome12345 welcome123456
    letmein12345 letmeinletmein administrator administrator1 admin1234567 adminadmin123 admin123admin changeme1234 changemechangeme
    superman1234 football1234 baseball1234 sunshine1234 princess1234 dragon123456 monkey123456 master123456 trustno1trustno1
    correcthorsebatterystaple correct horse battery staple goodword1234 goodwordgoodword referral1234 unknown12345 computer1234
    internet1234 whatever1234 michael12345 jennifer1234 charlie12345 liverpool123 chocolate123 starwars1234 pokemon12345
"""
_COMMON: Final = frozenset(_LIST.split())


class Hashing:
    """Derives keys of passwords, a few at once, beside the event loop: each takes 19 MiB for a tenth of a second."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def derived(self, password: str, mail: str) -> bytes:
        """Return 32 bytes of a password. The salt follows from the mail, so that one try is one derivation in all workspaces."""
        salt = sha256(b"goodword password\0" + mail.encode()).digest()[:16]
        async with self._room:
            return await asyncio.to_thread(_derived, unicodedata.normalize("NFKC", password).encode(), salt)


def _derived(password: bytes, salt: bytes) -> bytes:
    return hash_secret_raw(password, salt, _PASSES, _MEMORY, _LANES, 32, Type.ID)


def wrong(password: str, mail: str) -> str | None:
    """Return the code of why somebody with this mail may not have this password; None: they may."""
    lower = password.casefold()
    name = mail.partition("@")[0].casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return "length"
    if lower in _COMMON or len(set(lower)) < _DISTINCT:
        return "common"
    return "mail" if len(name) >= _NAME and name in lower else None


def new_secret() -> bytes:
    """Return the secret of a second factor: 160 bits, as RFC 4226 asks for."""
    return secrets.token_bytes(20)


def spelled(secret: bytes) -> str:
    """Return a secret as people type it into an app."""
    return base64.b32encode(secret).decode()


def address(secret: bytes, mail: str, workspace: str) -> str:
    """Return the address that apps read from a picture."""
    issuer = quote(f"Goodword {workspace}", safe="")
    return f"otpauth://totp/{issuer}:{quote(mail, safe='')}?secret={spelled(secret)}&issuer={issuer}"


def code_at(secret: bytes, step: int) -> str:
    """Return the six digits of a half minute since 1970."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % _DIGITS:06d}"


def step_of(secret: bytes, typed: str, now: int) -> int | None:
    """Return the half minute that a code is of: the present one, or one beside it; None: of none of these."""
    steps = [now // _STEP + by for by in (0, -1, 1)]
    right = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), typed.encode())]
    return right[0] if right else None


def recovery_codes() -> list[str]:
    """Return ten new codes of 80 random bits: ``abcd-efgh-ijkl-mnop``."""
    drawn = (base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(_CODES))
    return ["-".join(each[at : at + 4] for at in range(0, 16, 4)) for each in drawn]
