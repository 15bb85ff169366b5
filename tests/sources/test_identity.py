"""Canonical keys: spellings of one person meet, those of two do not, and no text does harm."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.tables import rows

from goodword.sources.identity import (
    canonical_domain,
    canonical_email,
    canonical_phone,
    code_key,
    code_look,
    code_shape,
    name_key,
    name_words,
    same_name,
)
from goodword.sources.mail_domains import is_disposable, own_domain

# All of Unicode with lone surrogates, as a careless decoder may let through.
ANY = st.text(st.characters(exclude_categories=()) | st.characters(categories=["Cs"]), max_size=300)
LOCAL = st.text(st.sampled_from("aB.+-_éßİſ\u212a1 \"'") | st.characters(exclude_categories=()), max_size=12)
HOST = st.sampled_from((
    "gmail.com", "GoogleMail.com", "yahoo.co.uk", "Ex\xe4mple.org", "x.example.", "ＧＭＡＩＬ.com", "a。b", "localhost",
))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com\n", "ada@example.com"),
        ("ada@example.com.", "ada@example.com"),
        ("ada+shop@example.com", "ada+shop@example.com"),
        ("Ada <ada@example.com>", "ada@example.com"),
        ("ada@example.com>", "ada@example.com"),
        ('"Lovelace, Ada" < ada@example.com >', "ada@example.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("A.da.Lovelace+x+y@googlemail.com", "adalovelace@gmail.com"),
        ("ada@ＧＭＡＩＬ.com", "ada@gmail.com"),
        ("ada.l+x@Outlook.fr", "ada.l@outlook.fr"),
        ("ada+x@hotmail.co.uk", "ada@hotmail.co.uk"),
        ("ada+x@live.com", "ada@live.com"),
        ("ada+x@fastmail.fm", "ada@fastmail.fm"),
        ("ada+x@proton.me", "ada@proton.me"),
        ("ada+x@icloud.com", "ada@icloud.com"),
        ("ada-shop@yahoo.com", "ada@yahoo.com"),
        ("ada+shop@yahoo.com", "ada+shop@yahoo.com"),
        ("ada-shop@gmail.com", "ada-shop@gmail.com"),
        ("ada+x@gmail.com.example.org", "ada+x@gmail.com.example.org"),
        ("info@Münch.example", "info@xn--mnch-0ra.example"),
        ("info@xn--MNCH-0ra.example", "info@xn--mnch-0ra.example"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
    ],
)
def test_one_mailbox_has_one_key(text: str, key: str) -> None:
    """Spellings that the provider delivers to one mailbox have its key; others keep their own."""
    assert canonical_email(text) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@example.com",
        "+x@gmail.com",
        "...@gmail.com",
        "ada@localhost",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada@exa mple.com",
        "ada@-a.com",
        "ada@a..com",
        "ada@exam_ple.com",
        "a@b@example.com",
        '"a@b"@example.com',
        "Ada <ada@example.com",
        "ada@example.com, bob@example.com",
        "ada\x00@example.com",
        "ada\u200b@example.com",
        "ada\ud800@example.com",
        "ada@ex\ud800mple.com",
        "ada@" + "ä" * 64 + ".com",
        "a" * 65 + "@example.com",
        "ada@" + "a." * 130 + "com",
        "a" * 100_000 + "@example.com",
    ],
)
def test_what_is_no_address_has_no_key(text: str) -> None:
    """Malformed, ambiguous, hostile or endless text is no mail key."""
    assert canonical_email(text) is None


@pytest.mark.parametrize(
    ("text", "country", "key"),
    [
        ("+44 20 7946 0958", None, "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("(020) 7946-0958", "gb", "+442079460958"),
        ("tel:+44-20-7946-0958", None, "+442079460958"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("06 698 12345", "IT", "+390669812345"),
        ("+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨", None, "+442079460958"),
        ("020 7946 0958", None, None),
        ("020 7946 0958", "XX", None),
        ("+44 20 7946 0958", "not a country", "+442079460958"),
        ("+44 20 7946 0958 ext. 12", None, None),
        ("+1 000 000 0000", None, None),
        ("+1 555 555 5555", None, None),
        ("112", "DE", None),
        ("", "DE", None),
        ("call me", "DE", None),
        ("+" + "1" * 100_000, None, None),
        ("+44\ud8002079460958", None, None),
    ],
)
def test_one_number_has_one_key(text: str, country: str | None, key: str | None) -> None:
    """National and international spellings meet; what no plan assigns, or a switchboard shares, is no key."""
    assert canonical_phone(text, country) == key


@pytest.mark.parametrize(
    ("old", "new", "country"),
    [
        ("+52 1 55 1234 5678", "+52 55 1234 5678", None),
        ("00521 55 1234 5678", "+52 55 1234 5678", "DE"),
        ("1 55 1234 5678", "55 1234 5678", "MX"),
        ("+229 97 12 34 56", "+229 01 97 12 34 56", None),
        ("97 12 34 56", "01 97 12 34 56", "BJ"),
        ("+229 21 30 12 34", "+229 01 21 30 12 34", None),
        ("+55 11 8123 4567", "+55 11 98123 4567", None),
        ("(71) 9123-4567", "(71) 99123-4567", "BR"),
    ],
)
def test_a_number_and_what_it_became_have_one_key(old: str, new: str, country: str | None) -> None:
    """A number from before a renumbering and the same one of today are one person's."""
    assert canonical_phone(old, country) == canonical_phone(new, country)
    assert canonical_phone(new, country) is not None


@pytest.mark.parametrize(
    "text",
    ["+52 1 55 1234 567", "+52 1 00 0000 0000", "+229 81 12 34 56", "+55 11 8123 456", "+52 1 55 1234 5678 ext. 5"],
)
def test_a_renumbering_makes_no_key_of_what_is_none(text: str) -> None:
    """An old spelling is held to the numbering plan of today, and to a number without extension, like every other."""
    assert canonical_phone(text) is None


def test_a_number_that_was_never_renumbered_keeps_its_key() -> None:
    """Brazil's landlines and trunked radios kept their eight digits, while its mobiles got a ninth."""
    assert canonical_phone("+55 11 3123 4567") == "+551131234567"
    assert canonical_phone("+55 11 7812 3456") == "+551178123456"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ANNA10", "anna10"),
        (" Anna10 ", "anna10"),
        ("anna10).", "anna10"),
        ("anna10…»", "anna10"),
        ("anna10>", "anna10"),
        ("ＡＮＮＡ１０", "anna10"),
        ("AN\u200bNA\u00ad10\ufeff", "anna10"),
        ("anna-10", "anna-10"),
        ("Jürgen", "jürgen"),
        ("JU\u0308RGEN", "jürgen"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("summer sale", "summer sale"),
        ("", None),
        ("  ...", None),
        ("an\x00na", None),
        ("an\nna", None),
        ("anna\ud800x", None),
        ("a" * 64, "a" * 64),
        ("a" * 65, None),
        ("\ufdfa" * 64, None),
    ],
)
def test_one_code_has_one_key(text: str, key: str | None) -> None:
    """Case, width, invisible characters and punctuation at the end make no other code."""
    assert code_key(text) == key


@given(LOCAL, HOST)
def test_a_mail_key_is_its_own_key(local: str, host: str) -> None:
    """Canonicalising twice changes nothing, and a key is bounded text that can be encoded."""
    key = canonical_email(f"{local}@{host}")
    if key is None:
        return
    assert canonical_email(key) == key
    assert key.encode()
    assert len(key) <= 64 + 1 + 253


@given(ANY)
def test_hostile_text_never_raises(text: str) -> None:
    """Any text gives a key that is its own key, or none; in every place where text may stand."""
    for canonical in (canonical_email, canonical_domain, canonical_phone, code_key):
        key = canonical(text)
        assert key is None or (canonical(key) == key and key.encode())
    canonical_phone("030 123456", text)
    canonical_email(f"ada@{text}")
    canonical_email(f"{text}@example.com")


# --- names, looks of codes, domains -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["bob ", " bob", "bob\t", "\u00a0bob"])
def test_space_around_a_name_is_none_of_it(text: str) -> None:
    """Names are compared without it, and composed; case counts, and what is all space is a name (finding 31i)."""
    assert name_key(text) == "bob"
    assert name_key("Jose\u0301") == name_key("Jos\u00e9") == "Jos\u00e9"
    assert name_key("Bob") != "bob"
    assert name_key("  ") == "  "


@given(ANY)
def test_a_name_is_compared_as_it_is_compared(text: str) -> None:
    """The form in which names are compared is its own."""
    assert name_key(name_key(text)) == name_key(text)


@pytest.mark.parametrize("code", ["\u0410NNA10", "AN\u039dA10", "\u0430nn\u03b110", "\u0391\u039d\u039d\u039110"])
def test_a_code_looks_like_its_homoglyph(code: str) -> None:
    """Letters of other scripts are read as the Latin ones that they look like (finding 31i)."""
    assert code_key(code) != code_key("ANNA10")
    assert code_shape(code_key(code) or "") == code_key("ANNA10")


def test_codes_in_one_script_look_like_no_other() -> None:
    """O and 0, l and 1 are told apart: honest codes have both; and so are words of another script."""
    assert len({code_shape(code_key(code) or "") for code in ("AMY0", "AMYO", "AMY1", "AMYL")}) == 4
    assert code_shape(code_key("\u0410\u041d\u042f10") or "") not in {"anr10", "aha10"}


@pytest.mark.parametrize("typed", ["ANNA1O", "anna lo", "Anna-10.", "АNNA_IO", "an na – |0"])
def test_a_code_reads_as_it_looks(typed: str) -> None:
    """O and 0 are one, I, L and 1 are, another script's letters are Latin ones, and what parts words is nothing."""
    assert code_look(code_key(typed) or "") == "anna10" != code_look("anna20")


@given(ANY)
def test_a_look_looks_like_itself(text: str) -> None:
    """Reading a look again changes nothing, and there is always something left of it, which is a code."""
    key = code_key(text[:64])
    if key is not None:
        look = code_look(key)
        assert look
        assert code_look(look) == look
        assert code_key(look) is not None


@pytest.mark.parametrize(
    ("address", "disposable", "own"),
    [
        ("ada@example.org", False, "example.org"),
        ("ada@gmail.com", False, None),
        ("ada@t-online.de", False, None),
        ("ada@yopmail.com", True, None),
        ("ada@deep.under.mailinator.com", True, None),
        ("ada@notmailinator.com", False, "notmailinator.com"),
    ],
)
def test_what_a_domain_says(address: str, disposable: bool, own: str | None) -> None:
    """Whether addresses there are for minutes, and whether the domain is one company's; parts of a domain are its own."""
    assert (is_disposable(address), own_domain(address)) == (disposable, own)


NAMES = str(Path(__file__).with_name("test_names.py"))  # whose table stands beside this one's


@pytest.mark.parametrize(("one", "other"), rows(NAMES, "One name"))
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    """Whatever the case, the marks, the order of the words and the legal form, either way round."""
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(("one", "other"), rows(NAMES, "Two names"))
def test_another_name_is_another(one: str, other: str) -> None:
    """Who has one word more, or one that is spelt otherwise, may be somebody else: a person looks."""
    assert not same_name(one, other)
    assert not same_name(other, one)


@given(ANY)
def test_every_name_is_its_own(text: str) -> None:
    """No text does harm, and space around one changes nothing."""
    assert same_name(text, text)
    assert name_words(text) == name_words(f"  {text}  ")
