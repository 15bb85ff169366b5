"""The words by which people are found: of names, and of the local part of mails. Must not know: where they are kept."""

from __future__ import annotations

import re
import unicodedata

#: Letters of the beginnings of words that are kept, and by which somebody is found.
SHORTEST, LONGEST = 3, 10
#: The fields in which events say what somebody is called.
NAMES = ("name", "customer_name")
_MOST = 20  # words of a text
_LETTERS = 1_000  # of a text that are looked at
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the words of a text, each once, without regard to case and to marks on letters (``Zoë`` is ``zoe``)."""
    plain = unicodedata.normalize("NFKD", text[:_LETTERS]).casefold()
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return list(dict.fromkeys(_WORD.findall(kept)))[:_MOST]


def words_of_mail(address: str) -> list[str]:
    """Return the words of the local part of a mail: who it is, and not where strangers have addresses too."""
    return words(address.rpartition("@")[0] or address)


def words_of_id(name: str) -> list[str]:
    """Return the words of the name that a company gave a customer; a token with a digit is a number, and found as a whole only."""
    is_text = "@" in name or " " in name
    return words_of_mail(name) if is_text or not any(letter.isdigit() for letter in name) else []


def kept(word: str) -> list[str]:
    """Return what is kept of a word: itself, and its first 3 to 10 letters."""
    return list(dict.fromkeys([*(word[:n] for n in range(SHORTEST, min(len(word), LONGEST) + 1)), word]))


def asked(text: str) -> list[str]:
    """Return the words that somebody who looks for people typed, shorter ones left out; none: no one can be found by it."""
    return [word for word in words_of_mail(text) if len(word) >= SHORTEST]
