"""Texts in the characters that banks take: those of SEPA's schemes, by one stated table.

The table is that of the European Payments Council for names (EPC217-08, "best practices"): a letter loses its marks, some letters
become two, what is no letter and has no likeness becomes a point. Greek and Cyrillic are spelled by it, too. A letter that it does not
know is not guessed: whoever pays asks how the payee's bank writes it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: What a text of a SEPA message may hold.
ALLOWED: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")

_SIGNS: Final = {
    **dict.fromkeys('‘’‚‛`´"“”„«»‹›ʼ′″', "'"),
    **dict.fromkeys("‐‑‒–—―−_~", "-"),
    **dict.fromkeys("[{<", "("),
    **dict.fromkeys("]}>", ")"),
    "&": "+",
    "@": "(at)",
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "¥": "JPY",
    "…": "...",
    "№": "No",
    "\\": "/",
    "|": "/",
    ";": ",",
}
_LETTERS: Final = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "ħ": "h",
    "ı": "i",
    "ĸ": "k",
    "ŋ": "n",
    "ŧ": "t",
    "ə": "e",
    "ŀ": "l",
    "ſ": "s",
    "ª": "a",
    "º": "o",
    # Greek
    **dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True)),
    "θ": "th",
    "χ": "ch",
    "ψ": "ps",
    # Cyrillic of Bulgaria, Serbia, North Macedonia, Ukraine and others
    **dict(zip("абвгдезийклмнопрстуфхъьыэіґёјѕ", "abvgdeziyklmnoprstufhayyeigejz", strict=True)),
    "ж": "zh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sht",
    "ю": "yu",
    "я": "ya",
    "ї": "yi",
    "є": "ye",
    "ђ": "dj",
    "љ": "lj",
    "њ": "nj",
    "ћ": "c",
    "џ": "dz",
    "ѓ": "gj",
    "ќ": "kj",
}
_SPACES: Final = re.compile(" {2,}")


class UnspelledError(ValueError):
    """A text has a letter that the table does not know, or nothing that a bank could read is left of it."""


def latin(text: str) -> str:
    """Return a text in the allowed characters, each run of spaces as one. Raises UnspelledError."""
    letters = text if ALLOWED.issuperset(text) else "".join(map(_spelled, unicodedata.normalize("NFC", text)))
    spelled = _SPACES.sub(" ", letters).strip()
    if not any(map(str.isalnum, spelled)):
        raise UnspelledError
    return spelled


def _spelled(char: str) -> str:
    if char in ALLOWED:
        return char
    known = _SIGNS.get(char) or _LETTERS.get(char)
    if known is not None:
        return known
    small = char.lower()
    if small != char and (upper := _LETTERS.get(small)):
        return upper[0].upper() + upper[1:]
    plain = unicodedata.normalize("NFKD", char)
    if plain != char:
        return "".join(map(_spelled, plain))
    kind = unicodedata.category(char)[0]
    if kind in "LN":
        raise UnspelledError
    return "" if kind == "M" else " " if kind in "ZC" else "."
