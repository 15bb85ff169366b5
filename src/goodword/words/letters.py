"""Messages to advocates: a template and values become a letter, whose text and HTML are made of one source and say the same.

The first line of a template is the subject (``Subject: …``), behind an empty line come paragraphs; a line of its own
``[Where you stand]({{ portal }})`` is a button. What is below is not the template's: why one gets it, where one stops it, and what
must be said where a reward is spoken of. Must not know: who gets a message, when, whether it is sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from html import escape
from itertools import chain, combinations, product
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol
from msgspec import Struct

from goodword.core import money
from goodword.words import lint, templates
from goodword.words.catalogue import ENGLISH, Catalogue, catalogue, languages
from goodword.words.lint import Problem
from goodword.words.templates import Known, Template, TemplateError, Value

_TEXTS: Final = Path(__file__).parent / "letter_texts"
_OF_ALL: Final = {
    "company": Value("text", "what the company is called"),
    "portal": Value("address", "where the advocate sees where they stand"),
    "name": Value("text", "the advocate's name", optional=True),
    "program": Value("text", "what the program is called", optional=True),
    "link": Value("address", "the link that the advocate shares", optional=True),
    "code": Value("text", "the code that the advocate shares", optional=True),
}
_OWN: Final[dict[str, dict[str, Value]]] = {
    "enrolled": {},
    "referral_counted": {
        "amount": Value("money", "the reward that is expected", optional=True),
        "promised": Value("date", "the day by which a person decides it", optional=True),
    },
    "reward_approved": {
        "amount": Value("money", "the reward"),
        "due": Value("date", "the day from which it is sent", optional=True),
    },
    "reward_paid": {
        "amount": Value("money", "what was paid"),
        "payout": Value("text", "what the payment is called on the account"),
    },
    "reward_held": {
        "amount": Value("money", "the reward that is expected", optional=True),
        "reason": Value("text", "why it waits, a sentence"),
        "next": Value("text", "what ends that, a sentence"),
        "until": Value("date", "the day on which that ends", optional=True),
    },
    "dispute_answered": {
        "answer": Value("text", "what was decided, a sentence"),
        "reason": Value("text", "why, a sentence", optional=True),
    },
    "terms_changed": {
        "terms": Value("address", "where the terms are read"),
        "since": Value("date", "the day from which they hold"),
    },
    "milestone_reached": {
        "milestone": Value("text", "what was reached"),
        "amount": Value("money", "the reward for it that is expected", optional=True),
    },
    "tip_share": {},
    "tip_click": {"views": Value("count", "how often the advocate's page for friends was opened")},
    "satisfaction": {"question": Value("address", "where the question is answered")},
    "gift": {
        "amount": Value("money", "what the gift is worth"),
        "because": Value("text", "for what it is given, a sentence"),
        "gift": Value("address", "where its code is shown"),
        "before": Value("date", "the day by which it ends", optional=True),
    },
}
#: What there is to write about, in the order in which it happens to an advocate.
TOPICS: Final = tuple(_OWN)
#: Topic -> the values of its template by name; those that are optional may be missing.
VALUES: Final[Mapping[str, Mapping[str, Value]]] = {topic: {**_OF_ALL, **own} for topic, own in _OWN.items()}
#: Topics below which it is said that who recommends says that they may get a reward; that what is expected is not approved yet.
_RECOMMENDING: Final = ("enrolled", "tip_share", "tip_click")
_EXPECTED: Final = ("referral_counted", "reward_held", "milestone_reached")

_SUBJECT: Final = 150  # characters
_WORDS: Final = 2_000  # characters of a value
_HEAD: Final = re.compile(r"Subject:[ \t]*(\S.*)")
_MARKS: Final = re.compile("[\ue000-\ue003]")
_LINKED: Final = re.compile("\ue002([^\ue003]*)\ue003")
_BUTTON: Final = re.compile("\\[(.+)\\]\\(\ue002([^\ue003]*)\ue003\\)")
_HTTP: Final = re.compile(r"https?://[^\s<>\"'`\\]+")
#: Languages that have a space before ; : ! and ?.
_SPACED: Final = ("fr",)
_HOLE: Final = re.compile(r"\s[,.](?=\s|$)|\(\s*\)|\"\"|“\s*”|„\s*“|«\s*»")
_HOLE_TOO: Final = re.compile(r"\s[;:!?](?=\s|$)")
_TAGS: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
#: Zero width joiner and non-joiner, which some scripts and pictures are written with.
_JOINERS: Final = "\u200c\u200d"


class Money(Struct, frozen=True):
    """An amount: minor units of a currency by ISO 4217, or points with the unit ``points:<program>``."""

    minor: int
    currency: str


class Letter(Struct, frozen=True):
    """A message, whole: what stands below included. ``subject``: one line."""

    subject: str
    text: str
    html: str


def letter(
    topic: str, language: str, values: Mapping[str, object], unsubscribe: str, source: str | None = None
) -> Letter:
    """Return a message. ``source``: a template, None: ours in the language; ``unsubscribe``: the address where one stops these.

    Raises KeyError for a topic that there is not; ValueError for a value that is missing or of another type, by its name;
    TemplateError for a template that ``check`` refuses.
    """
    known = VALUES[topic]
    writing = _writing(language)
    shown = {name: _shown(topic, name, value, values.get(name), writing) for name, value in known.items()}
    subject, body = _read(topic, source if source is not None else builtin(topic, language))
    head = _MARKS.sub("", subject.said(shown)).strip()
    if len(head) > _SUBJECT:
        head = f"{head[: _SUBJECT - 1].rstrip()}…"
    company, foot = str(shown["company"]), _foot(topic, shown, writing.words)
    blocks = _blocks(body.said(shown))
    if not head or not blocks:
        raise TemplateError(Problem(1, "The message says nothing: write a subject and a text."))
    stop = (writing.words.say("letter.foot.stop"), _address(topic, "unsubscribe", unsubscribe))
    return Letter(head, _text(blocks, foot, stop), _html(head, company, blocks, foot, stop, writing))


def named(language: str) -> str:
    """Return what a language is called by those who speak it; its tag, where that is not known."""
    return (Locale.parse(language, sep="-").get_display_name() if writable(language) else None) or language


def writable(language: str) -> bool:
    """Return whether a language is written as RFC 5646 does, such as ``de`` or ``pt-BR``, and its figures and days are known."""
    if re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", language) is None:
        return False
    try:
        Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def builtin(topic: str, language: str = ENGLISH) -> str:
    """Return our template of a topic in a language, or else in English. Raises KeyError for a topic that there is not."""
    if topic not in VALUES:
        raise KeyError(topic)
    known = _files(topic)
    return next((known[it] for it in _near(language) if it in known), known[ENGLISH])


@cache
def _files(topic: str) -> dict[str, str]:
    """Return our templates of a topic by language."""
    return {it.parent.name: it.read_text(encoding="utf-8") for it in _TEXTS.glob(f"*/{topic}.liquid")}


def check(topic: str, language: str, source: str) -> tuple[Problem, ...]:
    """Return what is wrong with a template, the first line first; nothing: it may be published.

    It is rendered with every combination of values that may be missing, on both sides of each number that it compares with, with sums
    of nought, of currencies without and with three decimal places, with long names and with names that are markup. Conditions ask for
    nothing else, so that what is right here is right with all values. What no text may say (``lint``) is wrong, too.
    """
    try:
        subject, body = _read(topic, source)
    except TemplateError as error:
        return tuple(sorted(error.problems, key=lambda it: it.line))
    numbers = sorted(
        {near for it in subject.numbers | body.numbers for near in (it - 1, it, it + 1) if near >= 0} | {0, 1, 2}
    )
    used = [name for name, it in VALUES[topic].items() if it.optional and name in subject.names | body.names]
    found: dict[Problem, None] = dict.fromkeys(lint.found(source, language))
    for values, missing in _cases(topic, used, numbers):
        try:
            made = letter(topic, language, values, EXAMPLE_STOP, source)
        except TemplateError as error:
            found.update(dict.fromkeys(error.problems))
            continue
        if missing is not None:
            found.update(dict.fromkeys(_holes(made, source, language, missing)))
    return tuple(sorted(found, key=lambda it: it.line))


def example(topic: str, *, missing: bool = False) -> dict[str, object]:
    """Return values for a preview, invented; ``missing``: without those that may be. Raises KeyError for a topic that there is not."""
    return {name: None if missing and it.optional else _EXAMPLES[name] for name, it in VALUES[topic].items()}


#: Where an example of a message is stopped.
EXAMPLE_STOP: Final = "https://acme.example/stop"
_EXAMPLES: Final[dict[str, object]] = {
    "company": "Acme",
    "portal": "https://acme.example/portal",
    "name": "Ann",
    "program": "Friends",
    "link": "https://acme.example/r/ANN",
    "code": "ANN",
    "amount": Money(2_500, "EUR"),
    "promised": date(2026, 12, 29),
    "due": date(2027, 1, 15),
    "payout": "2027-0017",
    "reason": "The order can still be returned.",
    "next": "It is decided when that time is over.",
    "until": date(2026, 12, 29),
    "answer": "The order counts, and the reward is in review.",
    "terms": "https://acme.example/terms",
    "since": date(2027, 2, 1),
    "milestone": "Ten friends who ordered",
    "views": 3,
    "question": "https://acme.example/question",
    "because": "A friend whom you recommended has ordered, and the order counted.",
    "gift": "https://acme.example/gift",
    "before": date(2027, 12, 31),
}


def _cases(
    topic: str, used: list[str], numbers: list[int]
) -> Iterator[tuple[dict[str, object], tuple[str, ...] | None]]:
    """Yield values to try a template with, and which of them are missing; None: all are there, and some are odd."""
    full, kinds = example(topic), VALUES[topic]
    counts = [name for name, it in kinds.items() if it.kind == "count"]
    for missing in chain.from_iterable(combinations(used, size) for size in range(len(used) + 1)):
        for chosen in product(numbers, repeat=len(counts)):
            yield full | dict.fromkeys(missing) | dict(zip(counts, chosen, strict=True)), missing
    for one in (Money(0, "EUR"), Money(1_234_567, "JPY"), Money(-1, "KWD"), Money(1, "points:friends")):
        yield {name: one if isinstance(it, Money) else it for name, it in full.items()}, None
    for text in ("A" * 300, '<b onclick="x">O\'Neil & Co</b>', "](https://x.example)\r\nBcc: x@x.example"):
        yield {name: text if kinds[name].kind == "text" else it for name, it in full.items()}, None


def _holes(made: Letter, source: str, language: str, missing: tuple[str, ...]) -> Iterator[Problem]:
    """Yield where something is left between signs: ``Hello ,``; and what was meant as a button and is none."""
    patterns = (_HOLE,) if language[:2] in _SPACED else (_HOLE, _HOLE_TOO)
    lines = source.split("\n")
    said = (made.subject, *made.text.partition("\n-- \n")[0].split("\n"))
    for line, pattern in product(said, patterns):
        if (hit := pattern.search(line)) is None:
            continue
        place = next((n for n, it in enumerate(lines, 1) if pattern.search(_TAGS.sub("", it))), 1)
        around = line[max(hit.start() - 20, 0) : hit.end() + 10].strip()
        without = f"Without {' and '.join(missing)} this" if missing else "This"
        yield Problem(place, f"{without} reads “{around}”: put the sign, too, between {{% if … %}} and {{% endif %}}.")
    if any("](" in line for line in said):
        place = next((n for n, it in enumerate(lines, 1) if "](" in it), 1)
        yield Problem(place, "A button is a line of its own that leads to an address: [Where you stand]({{ portal }}).")


@cache
def _known(topic: str) -> Known:
    return tuple(VALUES[topic].items())


def _read(topic: str, source: str) -> tuple[Template, Template]:
    """Return subject and text of a template. Lines of the text are counted from the first of the source."""
    text = source.replace("\r\n", "\n")
    first, _, rest = text.partition("\n")
    head = _HEAD.fullmatch(first.rstrip())
    if head is None:
        raise TemplateError(Problem(1, "The first line is the subject: Subject: Your reward is approved."))
    problems: list[Problem] = []
    read: list[Template] = []
    for part in (head[1], f"\n{rest}"):
        try:
            read.append(templates.read(part, _known(topic)))
        except TemplateError as error:
            problems.extend(error.problems)
    if problems:
        raise TemplateError(*problems)
    return read[0], read[1]


# --- values -----------------------------------------------------------------------------------------------------------


class _Writing(Struct, frozen=True):
    """How a language writes: its words, or else those of English; its figures and days."""

    words: Catalogue
    tag: str
    locale: Locale
    point: str
    group: str
    right_to_left: bool


def _near(language: str) -> tuple[str, ...]:
    """Return a language and that of which it is a kind: ``de-AT``, ``de``."""
    return (language, re.split("[-_]", language, maxsplit=1)[0])


@cache
def _writing(language: str) -> _Writing:
    spoken = next((it for it in _near(language) if it in languages()), ENGLISH)
    locale = None
    for name in ("en_GB" if language == ENGLISH else language, *_near(language), "en_GB"):
        try:
            locale = Locale.parse(name, sep="-" if "-" in name else "_")
            break
        except (UnknownLocaleError, ValueError):
            continue
    assert locale is not None  # noqa: S101 - the last is there
    signs = (get_decimal_symbol(locale), get_group_symbol(locale))
    tag = ENGLISH if language == ENGLISH else str(locale).replace("_", "-")
    return _Writing(catalogue(spoken), tag, locale, *signs, locale.character_order == "right-to-left")


def _shown(topic: str, name: str, value: Value, given: object, writing: _Writing) -> object:
    """Return a value as its template shows it; None: it is missing. Raises ValueError for what is no such value."""
    if value.kind == "text" and isinstance(given, str):
        given = _one_line(given) or None
    if given is None:
        if not value.optional:
            raise ValueError(f"{topic}: {name} is missing: it is {value.about}")
        return None
    if value.kind == "text" and isinstance(given, str):
        return given
    if value.kind == "address" and isinstance(given, str):
        return templates.Address(_address(topic, name, given))
    if value.kind == "money" and isinstance(given, Money):
        return templates.Money(_money(topic, name, given, writing))
    if value.kind == "date" and isinstance(given, date) and not isinstance(given, datetime):
        return templates.Day(format_date(given, "long", locale=writing.locale))
    if value.kind == "count" and isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return given
    raise ValueError(f"{topic}: {name} is {type(given).__name__}, and not {value.kind}: it is {value.about}")


def _one_line(text: str) -> str:
    """Return a text on one line without characters that write none, so that it makes no header and no paragraph of its own."""
    kept = " ".join(text.split())
    if not kept.isprintable():
        kept = "".join(it for it in kept if it in _JOINERS or unicodedata.category(it)[0] != "C")
    return kept if len(kept) <= _WORDS else f"{kept[: _WORDS - 1]}…"


def _address(topic: str, name: str, text: str) -> str:
    if len(text) > _WORDS or not text.isprintable() or _MARKS.search(text) or _HTTP.fullmatch(text) is None:
        raise ValueError(
            f"{topic}: {name} is no address of 2,000 characters at most that begins with https:// or http://"
        )
    return text


def _money(topic: str, name: str, given: Money, writing: _Writing) -> str:
    """Return an amount with the places of its currency, from its digits: no library divides, rounds or guesses a currency's sign."""
    minor, unit = given.minor, given.currency
    if not isinstance(minor, int) or isinstance(minor, bool):
        raise ValueError(f"{topic}: {name} is no whole number of minor units")  # noqa: TRY004 - the same as for all values
    if unit.startswith(money.POINTS):
        return writing.words.money(minor, unit)
    if unit not in money.CURRENCIES:
        raise ValueError(f"{topic}: {name} has the currency {unit[:20]!r}, which is none")
    sign, figure = ("−" if minor < 0 else ""), money.decimal(abs(minor), unit)
    whole, point, part = figure.partition(".")
    start = len(whole) % 3 or 3
    grouped = writing.group.join([whole[:start], *(whole[at : at + 3] for at in range(start, len(whole), 3))])
    return f"{sign}{grouped}{writing.point if point else ''}{part}\u00a0{unit}"


# --- a letter ---------------------------------------------------------------------------------------------------------


class _Block(Struct, frozen=True):
    """A paragraph, its values marked; or with an address a button."""

    text: str
    address: str | None = None


def _blocks(said: str) -> list[_Block]:
    blocks: list[_Block] = []
    lines: list[str] = []
    for line in [*(it.strip() for it in said.split("\n")), ""]:
        button = _BUTTON.fullmatch(line)
        if lines and (not line or button):
            blocks.append(_Block("\n".join(lines)))
            lines = []
        if button is not None:
            blocks.append(_Block(_MARKS.sub("", button[1]), button[2]))
        elif line:
            lines.append(line)
    return blocks


def _foot(topic: str, shown: Mapping[str, object], words: Catalogue) -> list[str]:
    """Return what is always said below, whatever a template says."""
    said = [words.say("letter.foot.disclosure", company=shown["company"])] if topic in _RECOMMENDING else []
    if topic in _EXPECTED and shown.get("amount") is not None:
        said.append(words.say("letter.foot.expected"))
    why = "letter.foot.gift" if topic == "gift" else "letter.foot.why"
    return [*said, words.say(why, company=shown["company"])]


def _text(blocks: list[_Block], foot: list[str], stop: tuple[str, str]) -> str:
    parts = [f"{it.text}:\n{it.address}" if it.address else _MARKS.sub("", it.text) for it in blocks]
    below = [*foot, f"{stop[0]}: {stop[1]}"]
    return "\n\n".join(parts) + "\n\n-- \n" + "\n".join(below) + "\n"


#: Colours of light and dark (the look's tokens): what mail readers leave of a style sheet says the second, all else stands in the tags.
_SHEET: Final = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}@media(prefers-color-scheme:dark){"
    ".g{background:#0e100f!important}.s{background:#151817!important;border-color:#262b28!important}.i{color:#eef0ec!important}"
    ".q,.q a{color:#b9c0ba!important}.l{color:#7fd6aa!important}.b{background:#7fd6aa!important;color:#08210f!important}}"
)
_FONT: Final = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
_FRAME: Final = """<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\
<meta name="color-scheme" content="light dark"><title>{subject}</title><style>{sheet}</style></head>
<body class="g" style="margin:0;padding:0;background:#f5f5f1">
<table role="presentation" class="g" width="100%" cellpadding="0" cellspacing="0" style="background:#f5f5f1"><tr><td align="center" \
style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;{font}">
<tr><td class="i" style="padding:0 4px 12px;font-size:14px;line-height:20px;font-weight:600;color:#16191a;\
overflow-wrap:anywhere">{company}</td></tr>
<tr><td class="s i" style="padding:28px 28px 12px;background:#ffffff;border:1px solid #e5e5de;border-radius:12px;font-size:16px;\
line-height:24px;color:#16191a;overflow-wrap:anywhere">
{body}
</td></tr>
<tr><td class="q" style="padding:16px 4px 0;font-size:13px;line-height:18px;color:#464c48;overflow-wrap:anywhere">
{foot}
</td></tr></table>
</td></tr></table>
</body></html>
"""


def _html(
    subject: str, company: str, blocks: list[_Block], foot: list[str], stop: tuple[str, str], writing: _Writing
) -> str:
    below = "".join(f'<p style="margin:0 0 8px">{escape(it)}</p>\n' for it in foot)
    below += f'<p style="margin:0"><a href="{escape(stop[1])}" style="color:#464c48">{escape(stop[0])}</a></p>'
    return _FRAME.format(
        language=writing.tag,
        direction="rtl" if writing.right_to_left else "ltr",
        subject=escape(subject),
        sheet=_SHEET,
        font=_FONT,
        company=escape(company),
        body="\n".join(map(_part, blocks)),
        foot=below,
    )


def _part(block: _Block) -> str:
    if block.address is not None:
        look = (
            "display:inline-block;padding:10px 18px;border-radius:8px;background:#145c3f;color:#ffffff;"
            "font-weight:600;text-decoration:none"
        )
        return (
            f'<p style="margin:8px 0 20px"><a class="b" href="{escape(block.address)}" style="{look}">'
            f"{escape(block.text)}</a></p>"
        )
    said = _LINKED.sub(r'<a class="l" href="\1" style="color:#145c3f">\1</a>', escape(block.text))
    return f'<p style="margin:0 0 16px">{_MARKS.sub("", said).replace(chr(10), "<br>")}</p>'
