"""What no text may say: each pattern is met by what it is meant for, honest sentences are let through, and what we ship says none."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner

import goodword
from goodword.cli.rules import rules as cli
from goodword.sources import rule_file
from goodword.words import catalogue, lint
from goodword.words.lint import PATTERNS

WRONG = {
    "en": {
        "pressure": """
            Hurry, it ends today | Act now and get 10 EUR | This is your last chance | Don't miss out
            Do not miss this offer
            It is now or never | Order before it's too late | What are you waiting for? | You have been chosen
            Your friends are waiting""",
        "scarcity": """
            Only 3 left | Only a few places remaining | While stocks last | Almost sold out | It is selling fast
            The offer ends soon
            A limited-time offer | 12 people are looking at this""",
        "promise": """Free money for you | Get rich with us | A guaranteed income | Earn unlimited rewards
        No strings attached""",
        "green": """
            An eco-friendly bottle | Environmentally friendly coffee | Our climate-neutral shop | CO2 neutral delivery
            Good for the planet
            It saves the planet | Zero emissions | A sustainable choice""",
    },
    "de": {
        "pressure": """
            Beeil dich | Letzte Chance | Jetzt oder nie | Schnell zugreifen | Bevor es zu spät ist | Worauf wartest du?
            Du wurdest ausgewählt""",
        "scarcity": """Nur noch 3 verfügbar | Solange der Vorrat reicht | Fast ausverkauft | Nur für kurze Zeit
        Das Angebot endet bald""",
        "promise": "Leichtes Geld | Garantierter Verdienst | Unbegrenzt verdienen",
        "green": "Umweltfreundlicher Kaffee | Klimaneutral geliefert | Gut für den Planeten | Eine nachhaltige Wahl",
    },
}
#: What an honest company writes, and a careless pattern would refuse.
HONEST = {
    "en": """
        There is no hurry. | You need not hurry. | Don't hurry, it waits. | The order can be returned until 5 December.
        It ends on 5 December.
        Only one reward is paid for each friend. | Do not hesitate to ask us.
        We act today on what you wrote yesterday, and need not act now.
        The last day to order is 24 December. | You have 3 friends left to tell. | A person decides it.
        Two people are looking into it.
        Our bottle is made of 80 % recycled steel; the test report is on our page. | The green button leads to your page.
        Your reward is guaranteed by nobody before it is approved. | It is free of charge.
        Delivery by train saves 40 kg of CO2 a year.
        Your friends see this page. | Save this link. | The stock is counted daily. | Remaining: 25.00 EUR
        Sustainability report 2026""",
    "de": """
        Es eilt nicht. | Die letzte Bestellung kann bis 5. Dezember zurückgegeben werden. | Nur eine Prämie je Freund.
        Sie haben noch 3 Tage.
        Der grüne Knopf führt zu Ihrer Seite. | Unser Vorrat wird täglich gezählt.
        Der Bericht zur Nachhaltigkeit ist online. | Freundliche Grüße""",
}


def sentences(text: str) -> list[str]:
    """The sentences of a block, parted by bars and lines."""
    return [it.strip() for line in text.splitlines() for it in line.split("|") if it.strip()]


@pytest.mark.parametrize("language", PATTERNS)
def test_each_pattern_is_met_by_what_it_is_meant_for(language: str) -> None:
    """Every sentence is found as what it is, and every alternative of the table by one of them."""
    for kind, text in WRONG[language].items():
        for sentence in sentences(text):
            [found] = lint.found(f"Hello,\n\n{sentence}", language)
            assert found.line == 3
            assert lint.KINDS[kind] in found.text, (sentence, found)
    assert {kind for kinds in WRONG.values() for kind in kinds} == set(lint.KINDS)


@pytest.mark.parametrize("language", PATTERNS)
def test_honest_sentences_are_let_through(language: str) -> None:
    """Nobody is kept from saying what is so."""
    said = sentences(HONEST[language])
    assert len(said) > 5
    assert {sentence: found for sentence in said if (found := lint.found(sentence, language))} == {}


def test_what_we_ship_says_none_of_it() -> None:
    """Every message of every catalogue in a language that there are patterns for, every template of a page and of a message."""
    looked_at = 0
    for language in catalogue.languages():
        with (catalogue.FOLDER / f"{language}.po").open("rb") as file:
            for message in read_po(file, locale=language):
                for text in message.string if isinstance(message.string, tuple | list) else (message.string,):
                    looked_at += 1
                    assert lint.found(text, language) == (), message.id
    assert looked_at > 1_000
    ours = Path(goodword.__file__).parent
    files = [*ours.glob("*/templates/**/*.html"), *ours.glob("words/letter_texts/*/*.liquid")]
    assert len(files) > 100
    for file in files:
        language = file.parent.name if file.suffix == ".liquid" else catalogue.ENGLISH
        shown = re.sub(r"{[%{#].*?[%}#]}|<[^>]*>", " ", file.read_text("utf-8"), flags=re.DOTALL)
        assert lint.found(shown, language) == (), file


def test_what_advocates_read_of_a_program_that_presses_is_refused(tmp_path: Path) -> None:
    """In a text to share, its name or the program's, with the place and what to write; the command line says it, too."""
    file = tmp_path / "rules.yaml"
    file.write_text("""
program: friends
name: Last chance
currency: EUR
landing_url: https://shop.example/
sharing: {texts: [{name: fine, text: I like their coffee.}, {name: act-now, text: "Hurry, only 3 left!"}]}
conversions: [{rewards: [{side: advocate, flat: {EUR: 2500}}]}]
""")
    found = lint.of_rules(rule_file.read(file.read_bytes(), file.name))
    assert [(it.path, it.found) for it in found] == [
        ("name", "“Last chance”"),
        ("sharing.texts[1].name", "“act now”"),
        ("sharing.texts[1].text", "“Hurry”"),
        ("sharing.texts[1].text", "“only 3 left”"),
    ]
    said = CliRunner().invoke(cli, ["check", str(file)])
    assert said.exit_code == 1
    assert "sharing.texts[1].text: found “Hurry”; expected no text that puts pressure" in said.output
    assert "say until which day something holds" in said.output


@pytest.mark.parametrize(
    "text",
    [
        "**Hurry** up",
        "- Act now",
        "1. Act now",
        "Hur\u200bry",
        "ｈurry",
        "only _3_ `left`",
        "only 3\nleft",
        "> last\n> chance",
    ],
)
def test_marks_and_ends_of_lines_hide_nothing(text: str) -> None:
    """What a reader sees is looked at, and told once, with the line where it begins."""
    assert [it.line for it in lint.found(f"Hello.\n{text}", "en")] == [2]


def test_two_paragraphs_are_no_sentence() -> None:
    """What stands on both sides of an empty line was not said."""
    assert lint.found("We have only 3\n\nleft", "en") == ()
