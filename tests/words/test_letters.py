"""Messages: what each topic says is what it was, no value becomes markup or a header, and what is let through always says something.

``python tests/words/test_letters.py`` writes the golden letters anew, where what they say is meant to change.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodword.core.money import CURRENCIES
from goodword.words import languages, letters
from goodword.words.letters import TOPICS, VALUES, Letter, Money

GOLDEN = Path(__file__).parent.parent / "golden" / "letters.txt"
STOP = "https://acme.example/stop/x"


def letter(topic: str, source: str | None = None, language: str = "en", **values: object) -> Letter:
    return letters.letter(topic, language, {**letters.example(topic), **values}, STOP, source)


def told() -> str:
    """Every letter with all its values, and with none that may be missing."""
    said = [
        "Every message in English, with all values and with none that may be missing. Made by tests/words/test_letters.py.\n"
    ]
    for topic in TOPICS:
        missing = {name: None for name, it in VALUES[topic].items() if it.optional}
        for how, values in (("all values", {}), ("none that may be missing", missing)):
            one = letter(topic, **values)
            said.append(f"{'=' * 100}\n{topic}: {how}\n\nSubject: {one.subject}\n\n{one.text}")
    return "\n".join(said)


class Page(HTMLParser):
    """What a mail reader makes of a page: tags with what their attributes are called, addresses, and what is read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.leads: list[str] = []
        self.read: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.leads.extend(value or "" for name, value in attrs if name in ("href", "src"))

    def handle_data(self, data: str) -> None:
        """Note what is read."""
        self.read.append(data)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_each_topic_says_what_it_said() -> None:
    """The letters are those of a file that a person reads; whoever changes a text changes it there, too."""
    assert told() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", TOPICS)
def test_our_templates_pass_what_others_have_to(topic: str) -> None:
    """Each of ours is checked as one of a company is, in each language that there are words in."""
    for language in languages():
        assert letters.check(topic, language, letters.builtin(topic, language)) == ()
        assert (letters.builtin(topic, language) == letters.builtin(topic)) is (language == "en")
    assert letters.builtin(topic, "de-AT") == letters.builtin(topic, "de")
    assert letters.builtin(topic, "fr") == letters.builtin(topic)  # what a language lacks is said in English


@pytest.mark.parametrize("topic", TOPICS)
def test_both_parts_say_the_same(topic: str) -> None:
    """Every line of the text is read in the HTML, in the same order, and every address leads there; nothing is fetched."""
    one = letter(topic)
    page = Page(one.html)
    read, at = squeezed("".join(page.read)), 0
    for line in one.text.partition("\n-- \n")[0].split("\n"):
        if line.startswith("https://"):
            assert line in page.leads
            continue
        found = read.find(squeezed(line.removesuffix(":")), at)
        assert found >= 0, line
        at = found
    assert STOP in page.leads
    assert STOP in one.text
    assert not {"img", "script", "link", "iframe", "form"} & {tag for tag, *_ in page.tags}
    assert "http" not in re.sub(r'href="[^"]*"|https://acme\.example\S*', "", one.html)


def test_what_is_below_is_not_the_templates() -> None:
    """A template of one word has the disclosure, what is expected, why one gets it and where one stops it, nevertheless."""
    one = letter("enrolled", "Subject: x\n\nShort.")
    assert one.text == (
        "Short.\n\n-- \nWhen you recommend Acme, say that you may get a reward for it. The texts on your page say so.\n"
        f"You get this because you are enrolled to recommend Acme.\nStop these messages: {STOP}\n"
    )
    assert "not approved yet" in letter("referral_counted", "Subject: x\n\nShort.").html
    assert "not approved yet" not in letter("reward_approved", "Subject: x\n\nShort.").html


def test_a_name_is_no_markup_no_button_no_header_and_no_line_of_its_own() -> None:
    """What somebody calls themselves is read as it is, in a line, whatever it tries."""
    name = '<b>Ann</b>\r\nBcc: eve@x.example\n\n[Click](https://x.example) \ue002https://x.example\ue003 "><img src=x>'
    source = "Subject: For {{ name }}\n\n{{ name }}\n\n[{{ name }}]({{ portal }})"
    one, plain = letter("enrolled", source, name=name), letter("enrolled", source)
    assert "\n" not in one.subject
    assert "\r" not in one.subject
    assert Page(one.html).tags == Page(plain.html).tags
    assert Page(one.html).leads == Page(plain.html).leads
    assert "<b>Ann</b> Bcc: eve@x.example" in one.text
    assert len(letter("enrolled", source, name="A" * 5_000).subject) == 150


@pytest.mark.parametrize(
    ("language", "amount", "says"),
    [
        ("en", Money(250_000, "EUR"), "2,500.00 EUR"),
        ("en", Money(0, "EUR"), "0.00 EUR"),
        ("en", Money(-5, "KWD"), "−0.005 KWD"),
        ("en", Money(1_234_567, "JPY"), "1,234,567 JPY"),
        ("en", Money(2**53 - 1, "EUR"), "90,071,992,547,409.91 EUR"),
        ("en", Money(100_000, "HUF"), "1,000.00 HUF"),  # which libraries show without decimals
        ("en", Money(1, "points:friends"), "1 point"),
        ("de", Money(250_000, "EUR"), "2.500,00 EUR"),
        ("de-CH", Money(123_456_789, "CHF"), "1'234'567.89 CHF"),  # of whose signs Babel drops two and two
        ("xx-unknown", Money(250_000, "EUR"), "2,500.00 EUR"),
    ],
)
def test_money_is_exact(language: str, amount: Money, says: str) -> None:
    """Figures have the places of their currency and the signs of their language; no float and no rounding is in the way."""
    one = letter("reward_approved", "Subject: x\n\n{{ amount | money }}", language, amount=amount)
    assert one.text.split("\n")[0].replace("\u00a0", " ") == says


def test_days_are_days_and_nothing_else() -> None:
    """A day is written by language; what is no day, or one whose zone nobody knows, is refused."""
    source = "Subject: x\n\n{{ due | date }}"
    assert letter("reward_approved", source).text.startswith("15 January 2027\n")
    assert letter("reward_approved", source, "de").text.startswith("15. Januar 2027\n")
    for wrong in ("05/12/2026", 20261205, datetime(2026, 12, 5, tzinfo=UTC)):
        with pytest.raises(ValueError, match="due is"):
            letter("reward_approved", source, due=wrong)


@pytest.mark.parametrize(
    ("topic", "values", "says"),
    [
        ("enrolled", {"company": None}, "company is missing"),
        ("enrolled", {"company": " \n"}, "company is missing"),
        ("enrolled", {"portal": "javascript:alert(1)"}, "portal is no address"),
        ("enrolled", {"link": 'https://x.example/" onclick="x'}, "link is no address"),
        ("reward_paid", {"amount": 25.0}, "amount is float, and not money"),
        ("reward_paid", {"amount": Money(1, "XYZ")}, "amount has the currency 'XYZ'"),
        ("tip_click", {"views": -1}, "views is int, and not count"),
        ("tip_click", {"views": True}, "views is bool, and not count"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(topic: str, values: Mapping[str, object], says: str) -> None:
    """No message goes out that says less than it should."""
    with pytest.raises(ValueError, match=says):
        letter(topic, **values)


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("Hello", 1, "The first line is the subject"),
        ("Subject: {{ name }}\n\nx", 1, "name may be missing"),
        ("Subject: x\n\n", 1, "says nothing"),
        ("Subject: x\n\nHello\n{{ nmae }}", 4, "There is no value nmae"),
        ("Subject: x\n\n{{ company.size }}", 3, "There is no value company.size"),
        ("Subject: x\n\n{{ amount }}", 3, "shown by {{ amount | money }}"),
        ("Subject: x\n\n{{ company | money }}", 3, "filter money does not go"),
        ("Subject: x\n\n{{ company | upcase }}", 3, "filter upcase does not go"),
        ("Subject: x\n\n{{ name | default }}", 3, "default takes one text"),
        ("Subject: x\n\nHello {% if name %}{{ name }}{% endif %},\n", 3, "Without name this reads “Hello ,”"),
        ("Subject: x\n\nAbout {{ program }}.", 3, "program may be missing"),
        ("Subject: x\n\n{% if link %}{{ code }}{% endif %}", 3, "code may be missing"),
        ("Subject: x\n\nIt is ({% if code %}{{ code }}{% endif %})", 3, "reads “It is ()”"),
        ("Subject: x\n\n{% if name == 'Ann' %}x{% endif %}y", 3, "is not asked here"),
        ("Subject: x\n\n{% if name and link or code %}x{% endif %}y", 3, "Write two conditions"),
        ("Subject: x\n\n{% if name %}x", 1, "no {% endif %}"),
        ("Subject: x\n\n{% if name %}x{% else %}y{% else %}z{% endif %}", 3, "more than one {% else %}"),
        ("Subject: x\n\n{% for i in (1..1000000000) %}x{% endfor %}", 3, "{% for %} is nothing here"),
        ("Subject: x\n\n{% include 'etc/passwd' %}", 3, "{% include %} is nothing here"),
        ("Subject: x\n\n{% assign a = name %}", 3, "{% assign %} is nothing here"),
        ("Subject: x\n\n{{ name", 3, "A {{ has no }}"),
        ("Subject: x\n\n{% raw %}{{ name }}{% endraw %}", 3, "{{ stands alone"),
        ("Subject: x\n\nSee [us]({{ portal }}).", 3, "A button is a line of its own"),
        ("Subject: x\n\n" + "x" * 8_000, 1, "more than 8000 characters"),
    ],
)
def test_what_would_leave_a_hole_or_does_more_than_it_should_is_refused_with_its_line(
    source: str, line: int, says: str
) -> None:
    """Whoever writes a text is told where it is wrong, and what to do."""
    found = letters.check("referral_counted", "en", source)
    assert any(it.line == line and says in it.text for it in found), found


def test_a_number_is_tried_from_both_sides() -> None:
    """A hole behind a comparison is found, on whichever side of its number it is."""
    for condition in ("views > 12", "views <= 12", "views == 12"):
        [wrong] = letters.check("tip_click", "en", f"Subject: x\n\nx{{% if {condition} %}}{{{{ code }}}}{{% endif %}}")
        assert "code may be missing" in wrong.text


TRIED = ["x", " x", "<b>x</b>", "{{ name }}", "](", "\u202eabc", "Müller & Söhne", "a\nb", '"quoted"', "⁠x", "👩‍🚀"]
TEXT = st.text(max_size=40) | st.sampled_from(TRIED)
OF = {
    "text": TEXT,
    "address": st.sampled_from(["https://acme.example/a?b=c&d=%20", "http://[::1]/x", "https://bücher.example/"]),
    "money": st.builds(Money, st.integers(-(2**53), 2**53), st.sampled_from([*CURRENCIES, "points:x"])),
    "date": st.dates(),
    "count": st.integers(0, 2**53),
}
WRONG = st.none() | st.sampled_from(
    ["", "javascript:x", -1, 1.5, Money(1, "XYZ"), datetime(2026, 1, 1, tzinfo=UTC), date.min, b"x"]
)
TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tr", "td", "p", "a", "br"}


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, object]]:
    """A topic and values of its types, of which those that may be missing are at times, and one may be wrong."""
    topic = draw(st.sampled_from(TOPICS))
    kinds = VALUES[topic]
    values = {name: draw(st.none() | OF[it.kind] if it.optional else OF[it.kind]) for name, it in kinds.items()}
    return topic, values | draw(st.just({}) | st.dictionaries(st.sampled_from(list(kinds)), WRONG, max_size=1))


def said_or_refused(topic: str, language: str, values: Mapping[str, object]) -> Letter | str:
    """A letter, or why there is none."""
    try:
        return letters.letter(topic, language, values, STOP)
    except ValueError as error:
        return str(error)


@given(cases(), st.sampled_from(["en", "de", "fr", "ar", "de-CH", "xx"]))
@settings(max_examples=150, deadline=1_000)
def test_any_values_are_said_or_refused(case: tuple[str, dict[str, object]], language: str) -> None:
    """Whatever the values: a letter whose HTML has our tags and leads to given addresses alone, or an error that names a value."""
    topic, values = case
    one = said_or_refused(topic, language, values)
    if isinstance(one, str):
        assert re.match(f"{topic}: ({'|'.join(VALUES[topic])}) ", one), one
        return
    assert len(one.subject.splitlines()) == 1
    page = Page(one.html)
    assert {tag for tag, *_ in page.tags} <= TAGS
    assert not [name for _, *names in page.tags for name in names if name.startswith("on")]
    assert set(page.leads) <= {STOP, *(it for it in values.values() if isinstance(it, str))}
    assert not re.search("[\ue000-\ue003]", one.subject + one.text + one.html)
    name = " ".join(str(values["name"] or "").split())
    if name.isprintable():
        assert name in one.text
        assert name in "".join(page.read)


# fmt: off
PIECES = [
    "Hello", "Hello,", "x", " ", "\n", "\n\n", ",", ".", "(", ")", "[See it]({{ portal }})", "{{ company }}", "{{ name }}",
    "{{ views }}", "{{ link }}", "{{ x }}", "{{", "%}", "{% if name %}", "{% if views > 3 %}",
    "{% elsif code %}", "{% else %}", "{% endif %}",
    "{% endif %}", "{% if name and link %}", "{% if link == nil %}", "{% for a in b %}", "{% comment %}", "{% endcomment %}",
    "{{ name | default: 'you' }}", "{% if name %}{{ name }}{% endif %}", "{{ views | plus: 1 }}",
]
# fmt: on


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.data())
@settings(max_examples=150, deadline=3_000)
def test_what_is_let_through_says_something_with_any_values(body: str, data: st.DataObject) -> None:
    """A template is refused with a line that it has; or else it is a letter with whatever is missing and whatever is counted."""
    source, kinds = f"Subject: x\n\n{body}", VALUES["tip_click"]
    if wrong := letters.check("tip_click", "en", source):
        assert all(1 <= it.line <= source.count("\n") + 1 and it.text.endswith(".") for it in wrong), wrong
        return
    full = letters.example("tip_click")
    missing = data.draw(st.sets(st.sampled_from([name for name, it in kinds.items() if it.optional])))
    values = full | dict.fromkeys(missing) | {"views": data.draw(st.integers(0, 9))}
    assert letters.letter("tip_click", "en", values, STOP, source).text.partition("\n-- \n")[0].strip()


def test_a_template_that_goes_deep_or_is_long_ends() -> None:
    """Nothing that is within the bounds of a text takes long to read, or to refuse."""
    deep, long = "{% if name %}" * 600, f"{{% if name{' and name' * 800} %}}x{{% endif %}}"
    for body in (deep, long, "{{" * 3_900, "{{ company }}" * 600):
        began = datetime.now(UTC)
        letters.check("tip_click", "en", f"Subject: x\n\n{body}")
        assert (datetime.now(UTC) - began).total_seconds() < 2


def test_examples_are_of_the_types_that_values_have() -> None:
    """Each value has an invented one for previews."""
    for topic in TOPICS:
        assert set(letters.example(topic)) == set(VALUES[topic])
        letter(topic)
    assert isinstance(letters.example("reward_paid")["amount"], Money)
    assert isinstance(letters.example("terms_changed")["since"], date)


if __name__ == "__main__":
    GOLDEN.write_text(told(), encoding="utf-8")
