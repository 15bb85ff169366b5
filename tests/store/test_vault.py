"""Keys and sealed data: only the right key and the right row open them, and no key is made or read carelessly."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.store import vault
from goodword.store.vault import MasterKey, MasterKeyError, UnsealError, Vault

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
ROW = vault.row_identity("wsp_1", "per_1", "email")


def _flips(data: bytes) -> list[bytes]:
    return [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(len(data))]


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_sealed_bytes_open_again(plaintext: bytes, aad: bytes) -> None:
    """The key and the row's identity give the plaintext back, and sealing twice never gives the same bytes."""
    sealed = vault.seal(KEY, plaintext, aad)
    assert vault.unseal(KEY, sealed, aad) == plaintext
    assert len(sealed) == len(plaintext) + 28
    assert vault.seal(KEY, plaintext, aad) != sealed


def test_nothing_but_the_same_key_row_and_bytes_opens() -> None:
    """Another key, another row, any changed or missing byte: refused with one error."""
    sealed = vault.seal(KEY, b"ada@example.com", ROW)
    attempts = [
        (OTHER, sealed, ROW),
        (KEY, sealed, vault.row_identity("wsp_1", "per_2", "email")),
        *((KEY, flipped, ROW) for flipped in _flips(sealed)),
        *((KEY, sealed[:end], ROW) for end in range(len(sealed))),
    ]
    for key, data, aad in attempts:
        with pytest.raises(UnsealError):
            vault.unseal(key, data, aad)


def test_row_identities_never_run_together() -> None:
    """Text moved from one part to the next names another row."""
    assert vault.row_identity("a", "bc") != vault.row_identity("ab", "c") != vault.row_identity("abc")


def test_wrapped_keys_open_under_their_master_and_row_only() -> None:
    """A wrapped key says who wrapped it, and opens for its own row alone."""
    safe = Vault(MasterKey(KEY))
    wrapped = safe.wrap(OTHER, ROW)
    assert safe.unwrap(wrapped, ROW) == OTHER
    assert OTHER not in wrapped
    with pytest.raises(UnsealError):
        safe.unwrap(wrapped, b"another row")
    for flipped in _flips(wrapped)[8:]:
        with pytest.raises(UnsealError):
            safe.unwrap(flipped, ROW)
    with pytest.raises(MasterKeyError, match=MasterKey(KEY).id.hex()):
        Vault(MasterKey(OTHER)).unwrap(wrapped, ROW)
    with pytest.raises(ValueError, match="32 bytes"):
        safe.wrap(b"short", ROW)


def test_rotation_reads_the_old_and_writes_the_new() -> None:
    """While the old master key is given too, its keys open; wrapped again they need the new one only."""
    wrapped = Vault(MasterKey(KEY)).wrap(OTHER, ROW)
    both = Vault(MasterKey(OTHER), MasterKey(KEY))
    again = both.wrap(both.unwrap(wrapped, ROW), ROW)
    assert [both.is_current(wrapped), both.is_current(again)] == [False, True]
    assert Vault(MasterKey(OTHER)).unwrap(again, ROW) == OTHER


def test_the_master_key_is_never_printed() -> None:
    """The representation of a master key does not hold it."""
    assert repr(MasterKey(KEY)) == "MasterKey()"


@pytest.mark.parametrize("key", [bytes(32), bytes(range(32)), b"\xff" * 32, b"\xfb\xef\xbe" * 10 + b"\xff\xff"])
def test_a_key_file_holds_hex_or_the_base64_of_older_versions(key: bytes, tmp_path: Path) -> None:
    """Either gives the same key, whatever the case of the digits and the line's end."""
    for text in (key.hex(), f"{key.hex().upper()}\n", f"{base64.b64encode(key).decode()}\n"):
        assert MasterKey.load(_with_key(tmp_path, text.encode()), []) == MasterKey(key)


@pytest.mark.parametrize(
    "text", ["secret", "0" * 63, "g" * 64, "00 " * 21 + "0", "A" * 42, "A" * 45, "=" * 43, "!" * 43, "é" * 43]
)
def test_a_damaged_key_file_is_refused_and_kept(text: str, tmp_path: Path) -> None:
    """A file that holds no 32 bytes is named and never overwritten, and its text is not repeated."""
    path = _with_key(tmp_path, text.encode()) / "keys" / "master.key"
    with pytest.raises(MasterKeyError, match=r"master\.key does not hold .* 64 hexadecimal") as caught:
        MasterKey.load(tmp_path, [])
    assert text not in str(caught.value)
    assert path.read_text() == text


def _with_key(home: Path, content: bytes) -> Path:
    """Return the home with that in its key file."""
    path = home / "keys" / "master.key"
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return home


def test_a_missing_key_is_made_only_where_no_other_is_needed(tmp_path: Path) -> None:
    """Where one is needed nothing is made, and the error names it; else the file is private and stays the key."""
    with pytest.raises(MasterKeyError, match=rf"{MasterKey(KEY).id.hex()}.*set GOODWORD_MASTER_KEY"):
        MasterKey.load(tmp_path, [MasterKey(KEY).id])
    assert list(tmp_path.iterdir()) == []
    made = MasterKey.load(tmp_path, [])
    path = tmp_path / "keys" / "master.key"
    assert [path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777] == [0o600, 0o700]
    assert MasterKey.load(tmp_path, [made.id]) == made
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    """However many make the first key at once, all get the same one."""
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: MasterKey.load(tmp_path, []), range(32)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o666])
def test_a_key_file_open_to_others_is_refused(mode: int, tmp_path: Path) -> None:
    """Group or others may not have any right on the file."""
    MasterKey.load(tmp_path, [])
    path = tmp_path / "keys" / "master.key"
    path.chmod(mode)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        MasterKey.load(tmp_path, [])


def test_blind_indexes_meet_for_equal_values_only() -> None:
    """Key, kind and value each change the index; the value itself is stable for ever."""
    index = vault.blind(KEY, "email", "ada@example.com")
    assert index == vault.blind(KEY, "email", "ada@example.com")
    others = {
        vault.blind(OTHER, "email", "ada@example.com"),
        vault.blind(KEY, "external_id", "ada@example.com"),
        vault.blind(KEY, "email", "bob@example.com"),
        vault.blind(KEY, "emaila", "da@example.com"),
    }
    assert len(others | {index}) == 5
    assert index.hex() == "df31ca9017445182b057478199d10a5f"


def test_digests_depend_on_every_part() -> None:
    """Content and payee digests change with key, payee and content, and never equal each other."""
    digests = {
        vault.content_digest(KEY, b"details"),
        vault.content_digest(OTHER, b"details"),
        vault.content_digest(KEY, b"other details"),
        bytes.fromhex(vault.payee_digest(KEY, "per_1", b"details")),
        bytes.fromhex(vault.payee_digest(OTHER, "per_1", b"details")),
        bytes.fromhex(vault.payee_digest(KEY, "per_2", b"details")),
        bytes.fromhex(vault.payee_digest(KEY, "per_1", b"other details")),
        bytes.fromhex(vault.payee_digest(KEY, "", b"details")),
    }
    assert {len(digest) for digest in digests} == {32}
    assert len(digests) == 8


def test_signatures_hold_for_their_key_and_message() -> None:
    """A head signed by one key verifies with its public text, and with nothing changed."""
    signing = vault.new_key()
    public, signature = vault.public_key(signing), vault.sign(signing, b"head")
    assert vault.verify(public, b"head", signature)
    assert not vault.verify(public, b"heat", signature)
    assert not vault.verify(vault.public_key(vault.new_key()), b"head", signature)
    assert not any(vault.verify(public, b"head", flipped) for flipped in _flips(signature))


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:AAAA", "ed25519:!", "é"])
def test_what_is_no_public_key_verifies_nothing(text: str) -> None:
    """A malformed public key is a plain no."""
    assert not vault.verify(text, b"head", bytes(64))


def test_a_public_key_needs_its_name() -> None:
    """The same bytes without ``ed25519:`` are refused."""
    signing = vault.new_key()
    bare = vault.public_key(signing).removeprefix("ed25519:")
    assert not vault.verify(bare, b"head", vault.sign(signing, b"head"))


def test_rfc_8032_vector() -> None:
    """The second test vector of RFC 8032 section 7.1 comes out."""
    signing = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    raw = base64.b64decode(vault.public_key(signing).removeprefix("ed25519:"))
    assert raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert vault.sign(signing, b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_previous_key_is_a_file_beside_the_present_one(tmp_path: Path) -> None:
    """keys/previous.key, when it is there and private, opens what the old master key wrapped; without it there is none."""
    first = MasterKey.load(tmp_path, [])
    assert MasterKey.previous(tmp_path) == []
    (tmp_path / "keys" / "master.key").rename(tmp_path / "keys" / "previous.key")
    second = MasterKey.load(tmp_path, [])
    assert second != first
    assert MasterKey.previous(tmp_path) == [first]
