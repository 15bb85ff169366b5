"""The words by which people are found: of names, and of the local part of mails; and what may be shown as a name.

Must not know: where they are kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import combinations

#: Letters of the beginnings of words that are kept, and by which somebody is found.
SHORTEST, LONGEST = 3, 10
#: The fields in which events say what somebody is called.
NAMES = ("name", "customer_name")
_MOST = 20  # words of a text
_LETTERS = 1_000  # of a text that are looked at
_PAIRED = 4  # words of a text, its first, of which each two are kept as a pair
_BETWEEN, _BEGUN = (
    " ",
    "-",
)  # the words of a pair, and the beginnings of one: no word holds them, so that a pair is never a word
_WORD = re.compile(r"[^\W_]+")
_SHOWN = 40  # characters of a name that is shown to others
#: What a name has not, and an address has; readers of mail make a link of ``evil.example``, and of dots of other scripts too.
_ADDRESS = re.compile(r"[@/:<>]|\w[.\u3002\uff0e\uff61]\w{2}")


def is_name(text: str) -> bool:
    """Return whether a text may be shown to others as somebody's name: short, and nothing that leads anywhere."""
    fits = 0 < len(text) <= _SHOWN and text.isprintable() and not text.isspace()
    return fits and _ADDRESS.search(text) is None


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


def kept(text: Sequence[str]) -> list[str]:
    """Return what is kept of the words of one text: each, its first 3 to 10 letters, and each two of the first four as a pair.

    A pair is kept of the whole words, and of their first 3 letters.
    """
    parts = [part for word in text for part in (*_beginnings(word), word)]
    pairs = [pair for two in combinations(text[:_PAIRED], 2) for pair in (_pair(two), _pair_begun(two))]
    return list(dict.fromkeys([*parts, *pairs]))


def ways(typed: Sequence[str]) -> list[list[str]]:
    """Return by what to look for people with these words, the first way that finds somebody counts: of each what is rarest is first.

    Two whole words of one name are found by their pair, directly; then, for beginnings may have been typed, by the pair of their
    first letters; then, for they may be of two texts, by the longest word.
    """
    longest = sorted(typed, key=len, reverse=True)
    two = sorted(typed[:_PAIRED], key=len, reverse=True)[:2]
    if len(typed) <= 1:
        return [longest] if longest else []
    others = [word for word in longest if word not in two]
    longer = [word for word in longest if len(word) > SHORTEST or word in others]
    return [[_pair(two), *others], [_pair_begun(two), *longer], longest]


def asked(text: str) -> list[str]:
    """Return the words that somebody who looks for people typed, shorter ones left out; none: no one can be found by it."""
    return [word for word in words_of_mail(text) if len(word) >= SHORTEST]


def _beginnings(word: str) -> list[str]:
    return [word[:n] for n in range(SHORTEST, min(len(word), LONGEST) + 1)]


def _pair(two: Sequence[str]) -> str:
    return _BETWEEN.join(sorted(two))


def _pair_begun(two: Sequence[str]) -> str:
    return _BEGUN.join(sorted(word[:SHORTEST] for word in two))
