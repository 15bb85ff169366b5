"""Canonical keys of people: texts that are equal when two spellings reach the same person.

They are the input of blind indexes and are never shown or sent to; what was typed is kept beside them, sealed. A rule
joins spellings only where the provider says that they are one mailbox: a false join would take one person for another.
Text from outside is bounded before it is read; nothing here raises for any text, None says that it is no key.

Must not know: who asks, what a match means.
"""

import re
import string
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import idna
import phonenumbers

MAX_EMAIL = 254  # RFC 5321
MAX_LOCAL = 64
MAX_DOMAIN = 253
MAX_PHONE = 40
MAX_CODE = 64

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
#: Small letters of other scripts, and capitals' small forms, that look like a Latin one: capitals do where the small letter does not.
_LATIN = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u04bb\u051b\u051d\u0501\u04af\u0454\u0437\u0431"
    "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03c9\u03b3\u03c3\u03f2",
    "abekmhopctyxsijhqwdye36abezhikmnoptyxwyoc",
)
#: What is read for another in most typefaces; codes that we make have none of them.
_ALIKE = str.maketrans("oil|", "0111")
_NOT_IN_LOCAL = frozenset('"(),:;<>[\\]@')


class _Renumbering(NamedTuple):
    """How the national number of before a change is written after it."""

    before: re.Pattern[str]
    after: str


#: Calling code -> its renumbering, where numbers of before it go round still and the numbering plan of today knows
#: them no longer. Nothing that it matches is a number of today: no stranger is taken for somebody else.
_RENUMBERINGS = {
    # Mexico, 3 August 2019: mobile numbers lost the 1 that calls from abroad had to put before them.
    52: _Renumbering(re.compile(r"1(\d{10})"), r"\1"),
    # Brazil, 29 July 2012 to 6 November 2016, by area: mobile numbers got a 9 behind the area code. Of those that begin
    # with 7 some were trunked radios, which kept theirs.
    55: _Renumbering(re.compile(r"(\d\d)([689]\d{7})"), r"\g<1>9\2"),
    # Benin, 30 November 2024: all numbers got 01 in front.
    229: _Renumbering(re.compile(r"(\d{8})"), r"01\1"),
}


class _Provider(NamedTuple):
    """How a mail provider reads the part before the @, and under which domain its mailboxes are known here."""

    tag: str = "+"
    dots_count: bool = True
    domain: str | None = None


_GMAIL = _Provider(dots_count=False, domain="gmail.com")
_PLUS = _Provider()
_YAHOO = _Provider(tag="-")

_PLUS_DOMAINS = (
    "outlook.com outlook.at outlook.be outlook.cl outlook.cz outlook.de outlook.dk outlook.es outlook.fr outlook.ie "
    "outlook.it outlook.jp outlook.kr outlook.pt outlook.sa outlook.com.ar outlook.com.au outlook.com.br outlook.co.th "
    "hotmail.com hotmail.be hotmail.ch hotmail.de hotmail.dk hotmail.es hotmail.fr hotmail.it hotmail.nl hotmail.no "
    "hotmail.se hotmail.ca hotmail.com.ar hotmail.com.au hotmail.com.br hotmail.co.jp hotmail.co.uk "
    "live.com live.at live.be live.ca live.cl live.cn live.de live.dk live.fr live.ie live.in live.it live.jp live.nl "
    "live.no live.se live.com.ar live.com.au live.com.mx live.com.pt live.co.uk live.co.za msn.com "
    "fastmail.com fastmail.fm proton.me protonmail.com protonmail.ch pm.me icloud.com me.com mac.com"
)
_YAHOO_DOMAINS = (
    "yahoo.com yahoo.ca yahoo.de yahoo.es yahoo.fr yahoo.ie yahoo.in yahoo.it yahoo.no yahoo.pl yahoo.ro yahoo.se "
    "yahoo.co.id yahoo.co.in yahoo.co.nz yahoo.co.th yahoo.co.uk yahoo.co.za yahoo.com.ar yahoo.com.au yahoo.com.br "
    "yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.vn ymail.com "
    "rocketmail.com"
)
_PROVIDERS = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    **dict.fromkeys(_PLUS_DOMAINS.split(), _PLUS),
    **dict.fromkeys(_YAHOO_DOMAINS.split(), _YAHOO),
}


def canonical_email(text: str) -> str | None:
    """Return the mailbox that an address reaches, or None for what is no address.

    Lower-case throughout: no provider of today tells mailboxes apart by case. Quoted local parts, comments, addresses
    by number and hosts without a dot are no keys. Of ``Ada <ada@example.com>`` the address is read.
    """
    if len(text) > MAX_EMAIL:
        return None
    local, at, host = written_email(text).rpartition("@")
    if not at:
        return None
    domain = canonical_domain(host)
    local = _fold(local)
    if domain is None or not 0 < len(local) <= MAX_LOCAL or not all(map(_may_stand_in_local, local)):
        return None
    provider = _PROVIDERS.get(domain)
    if provider:
        local = local.partition(provider.tag)[0]
        local = local if provider.dots_count else local.replace(".", "")
        domain = provider.domain or domain
    return f"{local}@{domain}" if local else None


def written_email(text: str) -> str:
    """Return the address of ``Ada <ada@example.com>``, or the text itself, without space around it: as it was written."""
    address = text.strip()
    return address[:-1].rpartition("<")[2].strip() if address.endswith(">") else address


def one_mailbox(one: str, other: str) -> bool:
    """Return whether two canonical mails may reach one mailbox.

    It is more than ``canonical_email`` joins: for who asks whether two people read them, a doubt is enough.
    """
    return before_plus(one) == before_plus(other)


def before_plus(mail: str) -> str:
    """Return the mailbox that a canonical mail may reach: most servers deliver what stands behind a plus to who is before it."""
    local, at, domain = mail.rpartition("@")
    return local.partition("+")[0] + at + domain


def canonical_domain(text: str) -> str | None:
    """Return a domain name in lower-case ASCII (IDNA 2008 after the mapping of UTS 46), or None for what is none."""
    if len(text) > MAX_DOMAIN:
        return None
    name = text.lower().removesuffix(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode().removesuffix(".")
        except (idna.IDNAError, UnicodeError):
            return None
    return name if len(name) <= MAX_DOMAIN and _DOMAIN.fullmatch(name) else None


def company_domain(text: str) -> str | None:
    """Return the domain that a firm is known by, whoever says it: with ``www.`` in front it is the same one. None for what is none."""
    return canonical_domain(text.lower().removeprefix("www."))


def canonical_phone(text: str, country: str | None = None) -> str | None:
    """Return a phone number as E.164, or None for what is none.

    ``country`` (two letters of ISO 3166) reads numbers without ``+``. Only numbers of a numbering plan are keys:
    strangers share a placeholder such as +1 000 000 0000. They share a switchboard too: an extension makes no key.
    A number from before a renumbering has the key of what it became.
    """
    if len(text) > MAX_PHONE:
        return None
    region = country.upper() if country else None
    try:
        number = phonenumbers.parse(text, region if region in phonenumbers.SUPPORTED_REGIONS else None)
        if number.extension:
            return None
        change = _RENUMBERINGS.get(number.country_code or 0)
        if change and (old := change.before.fullmatch(phonenumbers.national_significant_number(number))):
            number = phonenumbers.parse(f"+{number.country_code}{old.expand(change.after)}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def name_key(text: str) -> str:
    """Return the form in which names of people and things are compared: composed (NFC) and without space around; case counts."""
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip() or text


def code_shape(key: str) -> str:
    """Return what a code's key looks like in Latin letters: another script's letters of the same shape are read as these.

    Cyrillic and Greek only, by a table of our own. Letters of one script that resemble one another (O and 0) are told apart here
    and are one to ``code_look``.
    """
    return key if key.isascii() else key.translate(_LATIN)


def code_look(key: str) -> str:
    """Return what is left of a code's key that is read aloud or copied by hand: O and 0 are one, I, L and 1 are, space and dashes none.

    What is typed that nobody owns stands for the one code that looks so (docs/decisions/0127). Never empty.
    """
    look = code_shape(key).translate(_ALIKE)
    return "".join(c for c in look if not _parts_words(c)) or look


def code_key(text: str) -> str | None:
    """Return the form in which codes are compared, or None for what is no code.

    Without regard to case, to width and invisible characters that pasting brings, and to the punctuation that
    surrounding text leaves at the end (``…/r/ANNA10).``).
    """
    return _code_key(text) if len(text) <= MAX_CODE else None


@lru_cache(maxsize=16_384)
def _code_key(text: str) -> str | None:
    key = _fold("".join(c for c in text if unicodedata.category(c) != "Cf")).strip()
    while key and _is_trailing(key[-1]):
        key = key[:-1]
    if not key or len(key) > MAX_CODE or not all(_is_visible(c) or c == " " for c in key):
        return None
    return key


def _fold(text: str) -> str:
    """Fold case and compatibility forms, so that folding again changes nothing."""
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", text)


def _may_stand_in_local(char: str) -> bool:
    return _is_visible(char) and char not in _NOT_IN_LOCAL


def _is_visible(char: str) -> bool:
    """Return whether it is neither a control, format, surrogate or unassigned character nor a separator."""
    return unicodedata.category(char)[0] not in "CZ"


def _is_trailing(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char)[0] in "PZ"


def _parts_words(char: str) -> bool:
    return char in "_." or unicodedata.category(char) in {"Zs", "Pd"}


#: What stands for marks that are letters of their own, and how some languages write a mark without it.
_SPELT = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_UMLAUT = re.compile(r"(?<=[aou])e")
_WORD = re.compile(r"[^\W_]+")
#: Legal forms and forms of address, as they are spelt without points, marks and space.
_FORMS = frozenset([
    "ab", "ag", "and", "aps", "as", "asa", "bv", "bvba", "co", "comp", "company", "corp", "corporation", "cv", "doo",
    "dr", "eg", "ek", "et", "ev", "frau", "gbr", "ges", "gesellschaft", "ggmbh", "gmbh", "haftungsbeschrankt", "herr",
    "inc", "incorporated", "kft", "kg", "kgaa", "lda", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "mlle",
    "mme", "mr", "mrs", "ms", "msr", "nv", "ohg", "oo", "oy", "oyj", "partg", "plc", "prof", "pte", "pty", "rl", "rt",
    "sa", "sarl", "sas", "sca", "se", "sl", "slu", "snc", "sp", "spa", "spol", "spzoo", "sprl", "srl", "sro", "ug",
    "und", "z",
])  # fmt: skip


def name_words(text: str) -> frozenset[str]:
    """Return the words of a name by which two spellings are the same: whatever the case, the marks, the order and the legal form."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace(".", "").replace("'", "").replace("’", ""))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_SPELT)
    words = frozenset(_UMLAUT.sub("", word) for word in _WORD.findall(plain))
    return words - _FORMS or words


def same_name(one: str, other: str) -> bool:
    """Whether two texts are one name, as far as spelling can tell."""
    return name_words(one) == name_words(other)
