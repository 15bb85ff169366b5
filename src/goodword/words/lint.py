"""What a text to people may not say, by language: pressure, scarcity that nobody can check, promises, green claims without proof.

One table. A pattern is as narrow as it can be: what somebody may honestly write is let through, and one that it meets wrongly is made
narrower (the tests hold both). Green claims: what Directive (EU) 2024/825 forbids from 27 September 2026 on, generic ones and such as
rest on offsets. Must not know: whose text it is, where it is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import zip_longest
from typing import Final

from msgspec import Struct

from goodword.core.rule_checks import Place
from goodword.core.rule_checks import Problem as Wrong
from goodword.core.rules import Rules


class Problem(Struct, frozen=True):
    """What is wrong with a text. ``line``: from 1; ``text``: what, and what to do."""

    line: int
    text: str


#: Kind -> what is wrong with it, and what to write in its place.
KINDS: Final[Mapping[str, str]] = {
    "pressure": "puts pressure on who reads it: say until which day something holds, and leave the choice to them",
    "scarcity": "says that little is left, which who reads it cannot check: say the day or the number by which it ends in the terms",
    "promise": "promises what is not certain: say what is expected, and on what it depends",
    "green": "is a claim about the environment that is generic or unproven: say what exactly is better, and where that is shown",
}
_NO: Final = r"(?<!no )(?<!not )(?<!n't )(?<!n’t )(?<!without )"
#: Language -> kind -> patterns; letters small and capital are the same.
PATTERNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "pressure": (
            rf"{_NO}\bhurry\b",
            r"(?:^|[.!?:;,]\s*|\b(?:so|and|to|must|please) )act (?:now|fast|today)\b",
            r"\b(?:last|final|only) chance\b",
            r"\b(?:don['’]t|do not) miss (?:out|this|your chance)\b",
            r"\bnow or never\b",
            r"\bbefore it(?:['’]s| is) too late\b",
            r"\bwhat are you waiting for\b",
            r"\byou(?:['’]ve| have) been (?:chosen|selected)\b",
            r"\byour friends? (?:will thank you|are waiting)\b",
        ),
        "scarcity": (
            r"\bonly (?:a few|\d+) (?:\w+ )?(?:left|remain(?:ing)?)\b",
            r"\bwhile (?:stocks?|supplies) lasts?\b",
            r"\b(?:almost|nearly) (?:gone|sold out)\b",
            r"\bselling (?:out )?fast\b",
            r"\b(?:it|this|offer|deal|sale|discount|reward) (?:ends|expires) (?:very )?soon\b",
            r"\blimited[- ]time (?:offer|deal|only)\b",
            r"\b\d+ (?:people|others) are (?:looking|watching|viewing)\b",
        ),
        "promise": (
            r"\b(?:free|easy|quick) money\b",
            r"\bget rich\b",
            r"\bguaranteed (?:income|earnings|money|rewards?)\b",
            r"\bearn unlimited\b",
            r"\bno strings attached\b",
        ),
        "green": (
            r"\b(?:eco|environment|environmentally|climate|planet|nature)[- ]friendly\b",
            r"\b(?:climate|carbon|CO2|CO₂)[- ](?:neutral|positive|negative|compensated)\b",
            r"\b(?:good|gentle) (?:for|on|to) (?:the )?(?:planet|environment|climate|nature)\b",
            r"\bsaves? the (?:planet|climate)\b",
            r"\bzero[- ]emissions?\b",
            r"\b(?:green|sustainable|ecological|biodegradable) (?:product|choice|brand|company|shopping|fashion|delivery)s?\b",
        ),
    },
    "de": {
        "pressure": (
            r"\bbeeil(?:e|t)? (?:dich|euch)\b",
            r"\bbeeilen Sie sich\b",
            r"\b(?:letzte|einzige) (?:Chance|Gelegenheit)\b",
            r"\bjetzt oder nie\b",
            r"\b(?:schnell|sofort|jetzt) (?:zugreifen|zuschlagen|handeln)\b",
            r"\bbevor es zu spät ist\b",
            r"\bworauf (?:wartest du|warten Sie)\b",
            r"\b(?:du wurdest|Sie wurden) (?:ausgewählt|auserwählt)\b",
        ),
        "scarcity": (
            r"\bnur noch (?:wenige|\d+) (?:\w+ )?(?:übrig|verfügbar|frei)\b",
            r"\bsolange (?:der )?Vorrat reicht\b",
            r"\bfast (?:ausverkauft|vergriffen)\b",
            r"\bnur (?:für )?kurze Zeit\b",
            r"\bendet (?:schon )?bald\b",
        ),
        "promise": (
            r"\b(?:leichtes|schnelles|geschenktes) Geld\b",
            r"\bgarantierte[rs]? (?:Einkommen|Verdienst|Prämien?)\b",
            r"\bunbegrenzt verdienen\b",
        ),
        "green": (
            r"\b(?:umwelt|klima|öko|natur)freundlich",
            r"\b(?:klima|CO2-|CO₂-)(?:neutral|positiv|kompensiert)",
            r"\bgut für (?:die Umwelt|das Klima|den Planeten|die Natur)\b",
            r"\b(?:grün|nachhaltig|ökologisch)e[nrs]? (?:Produkte?|Wahl|Marke|Mode|Firma)\b",
        ),
    },
}


@cache
def _compiled(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    kinds = PATTERNS.get(language, {})
    return tuple((kind, re.compile("|".join(patterns), re.IGNORECASE)) for kind, patterns in kinds.items())


def found(text: str, language: str) -> tuple[Problem, ...]:
    """Return what a text may not say, by line; of a language without patterns nothing is known, and nothing returned.

    What a reader sees is looked at: without marks of Markdown, signs that nobody sees, and the end of a line within a sentence.
    """
    return tuple(Problem(number, f"“{said}” {KINDS[kind]}.") for number, said, kind in _hits(text, language))


def _hits(text: str, language: str) -> list[tuple[int, str, str]]:
    """Return the line, the words and the kind of each."""
    patterns = _compiled(re.split("[-_]", language, maxsplit=1)[0])
    lines = [_seen(line) for line in text.split("\n")] if patterns else []
    hits = {
        (number, said): kind
        for number, (line, next_) in enumerate(zip_longest(lines, lines[1:], fillvalue=""), 1)
        for kind, pattern in patterns
        for looked_at in dict.fromkeys((line, f"{line} {next_}" if line and next_ else line))
        for hit in pattern.finditer(looked_at)
        if hit.end() - len(said := hit[0].lstrip(" .!?:;,")) < len(line)
    }
    return [(number, said, kind) for (number, said), kind in hits.items()]


def of_rules(rules: Rules) -> list[Wrong]:
    """Return what people read of a program that they may not be told, and where it stands. Its language is not known."""
    read: list[tuple[Place, str]] = [(("program",), rules.program), (("name",), rules.name or "")]
    for place, it in enumerate(rules.sharing.texts):
        read += [(("sharing", "texts", place, "name"), it.name), (("sharing", "texts", place, "text"), it.text)]
    return [
        Wrong(place, f"“{said}”", f"no text that {KINDS[kind]}")
        for place, text in read
        for language in PATTERNS
        for _, said, kind in _hits(text if place[-1] == "text" else re.sub("[-_]", " ", text), language)
    ]


def _seen(line: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKC", line) if unicodedata.category(c) != "Cf")
    return " ".join(re.sub(r"^[\s>#+-]*(?:\d+\. )?|[*_`~]", "", plain).split())
