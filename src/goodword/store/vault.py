"""Keys, and personal data at rest.

A master key wraps all other keys; each person, each day's clicks, each workspace has keys of its own, and to throw
one away erases what it sealed. Blind indexes find equal values, keyed digests changed ones; log heads are signed.
AES-256-GCM with random nonces: safe for 2^32 seals under one key, far beyond what a person, a day or wrapping makes.

Must not know: tables, where a row comes from, the process environment.
"""

import base64
import hmac
import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Self

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from goodword.core import canonical

KEY_BYTES = 32
#: Bytes of a master key's id, with which everything that it wrapped begins.
ID_BYTES = 8
_NONCE_BYTES = 12
_BLIND_BYTES = 16
_PUBLIC_KEY = "ed25519:"


class MasterKeyError(Exception):
    """The master key is missing, unreadable or not the one that wrapped a key. The message says what to do."""

    @classmethod
    def missing(cls, master: bytes) -> Self:
        """Return the error for keys that were wrapped by a master key that is not here; ``master`` is its id."""
        return cls(
            f"keys in this database were wrapped by a master key that is missing (id {master.hex()}): put back the"
            " keys/master.key of its GOODWORD_HOME, which is kept apart from its backups, or set GOODWORD_MASTER_KEY to that key"
        )


class UnsealError(Exception):
    """Sealed bytes do not open: another key, another row than they were sealed for, or changed bytes."""

    def __init__(self) -> None:
        super().__init__("sealed bytes do not open: another key, another row, or they were changed")


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key that wraps all others. ``id`` names it without telling it, so that a wrapped key says who wrapped it."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """Return eight bytes that name the key."""
        return sha256(b"goodword master key\0" + self.key).digest()[:ID_BYTES]

    @classmethod
    def load(cls, home: Path, needed: Collection[bytes]) -> Self:
        """Return the key of ``home/keys/master.key``, which is made where it is missing and none is ``needed``.

        ``needed``: ids of the master keys without which keys in the database do not open; a new one would open none of them.
        Raises MasterKeyError.
        """
        path = home / "keys" / "master.key"
        if not path.exists():
            if needed:
                raise MasterKeyError.missing(min(needed))
            _make_key_file(path)
        return cls(_read_key(path))

    @classmethod
    def previous(cls, home: Path) -> list[Self]:
        """Return the master key of before, which ``home/keys/previous.key`` holds during a rotation. Raises MasterKeyError."""
        path = home / "keys" / "previous.key"
        return [cls(_read_key(path))] if path.exists() else []


def _read_key(path: Path) -> bytes:
    """Read 64 hexadecimal digits, as GOODWORD_MASTER_KEY has them, or the base64 that older versions wrote."""
    with path.open(encoding="ascii", errors="replace") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise MasterKeyError(f"{path} is open to other users (mode {mode:04o}): run chmod 600 {path}")
        text = file.read(1024).strip()
    try:
        key = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"{path} does not hold a master key: expected 64 hexadecimal digits (32 bytes)")
    return key


def _make_key_file(path: Path) -> None:
    """Write a new key so that it appears whole or not at all, and the first of two processes wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new_key().hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass  # another process was first; its key is the key
    finally:
        Path(name).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Vault:
    """Wraps keys under the master key; ``previous`` are older master keys that may still unwrap, during a rotation."""

    def __init__(self, master: MasterKey, *previous: MasterKey) -> None:
        self._id = master.id
        self._ciphers = {known.id: AESGCM(known.key) for known in (*previous, master)}

    @property
    def id(self) -> bytes:
        """Return the id of the master key that wraps what is new."""
        return self._id

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """Encrypt a key of 32 bytes for storage beside the row that ``aad`` names; 68 bytes."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        return self._wrapped(key, aad, os.urandom(_NONCE_BYTES))

    def _wrapped(self, key: bytes, aad: bytes, nonce: bytes) -> bytes:
        """Nobody outside names a nonce: one that is used twice gives away what both sealed."""
        return self._id + nonce + self._ciphers[self._id].encrypt(nonce, key, self._id + aad)

    def wrapped_anew(self, plaintext: bytes, key_aad: bytes, aad: bytes) -> tuple[bytes, bytes]:
        """Make a key, and return it wrapped and what it sealed: as ``wrap`` and ``seal`` with one question for random bytes."""
        drawn = os.urandom(KEY_BYTES + 2 * _NONCE_BYTES)
        key, nonce = drawn[:KEY_BYTES], drawn[KEY_BYTES + _NONCE_BYTES :]
        sealed = nonce + AESGCM(key).encrypt(nonce, plaintext, aad)
        return self._wrapped(key, key_aad, drawn[KEY_BYTES : KEY_BYTES + _NONCE_BYTES]), sealed

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return the key back. MasterKeyError: another master key wrapped it; UnsealError: it does not open."""
        key_id, nonce = wrapped[:ID_BYTES], wrapped[ID_BYTES : ID_BYTES + _NONCE_BYTES]
        self.require([key_id])
        return _decrypt(self._ciphers[key_id], nonce, wrapped[ID_BYTES + _NONCE_BYTES :], key_id + aad)

    def require(self, masters: Iterable[bytes]) -> None:
        """Raise MasterKeyError unless the vault has the master keys with these ids."""
        for master in masters:
            if master not in self._ciphers:
                raise MasterKeyError.missing(master)

    def is_current(self, wrapped: bytes) -> bool:
        """Return whether the key is wrapped under the present master key, so that a rotation can pass it by."""
        return wrapped[:ID_BYTES] == self._id


def new_key() -> bytes:
    """Return 32 random bytes."""
    return os.urandom(KEY_BYTES)


def row_identity(*parts: str) -> bytes:
    """Return the associated data that ties sealed bytes to their row and column: moved elsewhere, they do not open."""
    return canonical.encode(parts)


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt bytes for the row that ``aad`` names; 28 bytes longer."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Decrypt what ``seal`` gave for the same key and row; raises UnsealError."""
    return _decrypt(AESGCM(key), sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)


def _decrypt(cipher: AESGCM, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, ciphertext, aad)
    except (InvalidTag, ValueError):  # ValueError: cut short
        raise UnsealError from None


def blind(index_key: bytes, kind: str, canonical_text: str) -> bytes:
    """Return the blind index of a canonical value: equal values meet, and without the key nothing can be guessed.

    16 bytes: the chance that any two of a thousand million values meet is below 10^-20, and the index is half as wide
    as with the whole digest. ``kind`` keeps a mail from meeting an external id that is spelled alike.
    """
    return _keyed(index_key, "blind", kind, canonical_text.encode())[:_BLIND_BYTES]


def content_digest(key: bytes, content: bytes) -> bytes:
    """Return 32 bytes that tell one content from another, and nobody without the key what it was."""
    return _keyed(key, "content", "", content)


def payee_digest(key: bytes, payee_id: str, destination: bytes) -> str:
    """Bind a payee to canonical payment details, under the payee's key: the text that an approval freezes."""
    return _keyed(key, "payee", payee_id, destination).hex()


def password_digest(key: bytes, member: str, derived: bytes) -> bytes:
    """Return what is kept of a password that was derived from what was typed: without the key nobody can try one."""
    return _keyed(key, "password", member, derived)


def _keyed(key: bytes, use: str, name: str, content: bytes) -> bytes:
    """HMAC-SHA256 over use, name and content, which cannot run together: the first two are encoded as a JSON list."""
    return hmac.digest(key, _begun(use, name) + content, "sha256")


@lru_cache(256)
def _begun(use: str, name: str) -> bytes:
    return canonical.encode((use, name))


def public_key(signing_key: bytes) -> str:
    """Return the public half as text: ``ed25519:`` and base64."""
    public = Ed25519PrivateKey.from_private_bytes(signing_key).public_key()
    return _PUBLIC_KEY + base64.b64encode(public.public_bytes_raw()).decode()


def sign(signing_key: bytes, message: bytes) -> bytes:
    """Return the signature, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(signing_key).sign(message)


def verify(public_key_text: str, message: bytes, signature: bytes) -> bool:
    """Return whether the holder of the public key's other half signed the message; False for what is no key at all."""
    if not public_key_text.startswith(_PUBLIC_KEY):
        return False
    try:
        raw = base64.b64decode(public_key_text.removeprefix(_PUBLIC_KEY), validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
