"""German and Spanish: what advocates and friends read lacks nothing, and figures and days are written as people write them there."""

import itertools
import re

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from goodword import words
from goodword.core import calendar
from goodword.core import money as minor
from goodword.words import catalogue as catalogues

LANGUAGES = ("de", "es")
#: Families of messages that advocates, friends and partners read, and readers of an explanation: pages, mails, terms, decisions.
READ = (
    "about", "advice", "badge", "bank_became", "bank_differs", "bank_said", "base", "came", "confidence", "conflict_by",
    "conflict_sure", "deal", "deal_side", "decline", "declined", "done", "element", "evidence", "figure", "flag", "friend",
    "ground", "hold", "key", "letter", "match", "misrouted", "model", "month", "next", "origin", "outcome", "payee_answer", "per",
    "pilot", "pilot_state", "pilot_wrong", "portal", "reason", "reason_seen", "refusal", "refused", "result", "routed_by",
    "schedule", "seen", "share", "side", "sign", "standing", "standing_kind", "standing_side", "standing_stop", "standing_why",
    "standing_wrong", "status", "step", "tax", "tax_form", "terms", "told", "topic", "toward", "value", "verdict", "weekday",
    "withheld",
)  # fmt: skip
#: Of the phrases of rules those that terms are made of, and of the console's those of papers that a payee gets.
PARTS = (
    "console.statement.",
    "rules.base.",
    "rules.figure.percent",
    "rules.duration.",
    "rules.any_currency",
    "rules.all_currencies",
    "routes.role.",
)


def po(language: str) -> Catalog:
    with (catalogues.FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def is_read(code: str) -> bool:
    return code.partition(".")[0] in READ or code.startswith(PARTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_advocates_and_friends_read_lacks_nothing(language: str) -> None:
    """Each message of these families is said in the language, in all its forms."""
    english, said = po("en"), po(language)
    wanted = {key(it): it for it in english if it.id and is_read(key(it))}
    assert len(wanted) > 2_300
    found = {key(it): it for it in said if it.id}
    assert sorted(set(wanted) - set(found)) == []
    assert [code for code in wanted if not all(forms(found[code]))] == []
    assert {len(forms(found[code])) for code, it in wanted.items() if it.pluralizable} == {2}


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotation_marks_are_those_of_the_language(language: str) -> None:
    """No English ones are left, and each that opens is closed."""
    opening, closing = ("„", "“") if language == "de" else ("«", "»")
    for message in po(language):
        for text in forms(message) if message.id else ():
            assert not re.search('["”]' if language == "de" else '["“”„]', text), key(message)
            assert re.sub(f"[^{opening}{closing}]", "", text).replace(opening + closing, "") == "", key(message)


#: What no message that they read may say: rewards by another word, as won or earned, or to people in another way. Of "Sie" and "Ihr"
#: only what begins a sentence, for it may be of a thing.
NEVER = {
    "de": re.compile(
        r"\b(?:[Vv]erdien\w*|Belohnung\w*|Gewinn\w*|euch|euer)\b|(?<=[\w,;–] )(?:Sie|Ihnen|Ihre?[mnrs]?)\b"
    ),
    "es": re.compile(r"\b(?:[Gg]anar\w*|[Gg]anas|premios?|[Uu]sted(?:es)?|vosotros|vuestr\w+)\b"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_said_to_have_earned_what_is_expected(language: str) -> None:
    """What is not approved is expected, and no more; a reward has one name, and people are spoken to in one way."""
    said = [(key(it), text) for it in po(language) if it.id and is_read(key(it)) for text in forms(it)]
    assert [(code, text) for code, text in said if NEVER[language].search(text)] == []


@pytest.mark.parametrize(
    ("language", "money", "negative", "bare", "points"),
    [("de", "12,50 EUR", "-0,05 EUR", "500 JPY", "7 Punkte"), ("es", "12,50 EUR", "-0,05 EUR", "500 JPY", "7 puntos")],
)
def test_money(language: str, money: str, negative: str, bare: str, points: str) -> None:
    """An amount has the comma of the language."""
    units = ((1250, "EUR"), (-5, "EUR"), (500, "JPY"), (7, "points:p"))
    assert tuple(words.money(amount, unit, language) for amount, unit in units) == (money, negative, bare, points)
    assert words.money(1, "points:p", language) in ("1 Punkt", "1 punto")


@pytest.mark.parametrize("language", catalogues.languages())
def test_money_of_every_currency_has_the_digits_of_iso_4217(language: str) -> None:
    """What is written reads back as the amount that it was; pages and scripts show that text and write no figure of their own."""
    assert len(minor.CURRENCIES) > 150
    for unit, amount in itertools.product(minor.CURRENCIES, (0, 1, 70, 1_234_567)):
        figure, _, said = words.money(amount, unit, language).rpartition(" ")
        assert said == unit
        assert len(figure.partition("." if language == "en" else ",")[2]) == minor.CURRENCIES[unit]
        assert minor.minor(figure.replace(",", "."), unit) == amount


@pytest.mark.parametrize(("language", "said"), [("de", "3. März 2026"), ("es", "3 de marzo de 2026")])
def test_days(language: str, said: str) -> None:
    """A day is written as people write it, and an instant by its day."""
    at = calendar.parse("2026-03-03T12:00:00Z")
    assert words.day(at, language) == said
    written = {"de": "03.03.2026, 12:00:00 UTC", "es": "03/03/2026, 12:00:00 UTC"}
    assert catalogues.catalogue(language).time(at) == written[language]


@pytest.mark.parametrize(
    ("language", "code", "values", "said"),
    [
        ("de", "own.when.hold", {"day": "3. März 2026"},
         "Die Bestellung kann bis zum 3. März 2026 zurückgegeben werden. Danach sieht ein Mensch sie sich an."),
        ("es", "own.when.hold", {"day": "3 de marzo de 2026"},
         "El pedido se puede devolver hasta el 3 de marzo de 2026. Después lo revisa una persona."),
        ("de", "own.owed_back", {"amount": "12,50 EUR"},
         "Davon wurden 12,50 EUR zu viel gezahlt. Das wird mit deiner nächsten Zahlung verrechnet oder zurückgefordert."),
        ("es", "own.owed_back", {"amount": "12,50 EUR"},
         "De ella se pagaron 12,50 EUR de más. Se descuentan de tu próximo pago, o se te piden."),
    ],
)  # fmt: skip
def test_sentences_of_the_portal(language: str, code: str, values: dict[str, object], said: str) -> None:
    """A few as they are read, with their values."""
    assert words.portal(code, language, **values) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Ich bekomme vielleicht eine Prämie von Acme, wenn du bestellst."),
        ("es", "Puede que reciba una recompensa de Acme si haces un pedido."),
    ],
)
def test_the_disclosure(language: str, said: str) -> None:
    """What an advocate says of their own reward."""
    assert catalogues.catalogue(language).say("share.disclosure", company="Acme") == said
