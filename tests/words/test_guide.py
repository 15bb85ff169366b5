"""Pages of help in Markdown: what is let in, what is shown as it is written, what is refused, and that nothing else comes of it."""

import random
import time
from html.parser import HTMLParser

import pytest

from goodword.words import guide
from goodword.words.templates import MOST

TAGS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "br", "pre", "code", "em"),
    *("strong", "a"),
}
PAGE = "# Questions\n\nWrite to **us**.\n\n## When am I paid?\n\n- On [the 15th](https://shop.example/when?a=1&b=2).\n- Or <https://shop.example>.\n"


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags = list[str]()
        self.links = list[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Hold it against what may stand there."""
        self.tags.append(tag)
        assert tag in TAGS, tag
        had = dict(attrs)
        if tag == "a" and had:  # without an address it leads nowhere
            assert had.keys() == {"href", "class", "rel"}
            assert had["rel"] == "noopener noreferrer nofollow"
            assert str(had["href"]).startswith(("https://", "http://"))
            self.links.append(str(had["href"]))
        else:
            assert had.keys() <= {"start"}, had

    def handle_comment(self, data: str) -> None:
        """There is none."""
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def test_a_page_has_a_title_and_what_stands_below_it() -> None:
    """An honest page is published as it is."""
    assert guide.check(PAGE, "en") == ()
    it = guide.read(PAGE)
    assert it.title == "Questions"
    assert Seen(it.html).tags == ["p", "strong", "h2", "ul", "li", "a", "li", "a"]
    assert Seen(it.html).links == ["https://shop.example/when?a=1&b=2", "https://shop.example"]
    assert "<h1>Questions</h1>" in guide.framed(PAGE)
    assert "<h1>A &amp; B</h1>" in guide.framed("# A & B\n\nx")


REFUSED = {
    "<script>alert(1)</script>": "HTML is shown as text",
    "a <b onclick=x>b</b>": "HTML is shown as text",
    "<!-- x -->": "HTML is shown as text",
    "<iframe src=https://evil.example>": "HTML is shown as text",
    "[x](javascript:alert(1))": "A link begins with https://",
    "[x](JaVaScRiPt:alert(1))": "A link begins with https://",
    "[x](java&#115;cript:alert(1))": "A link begins with https://",
    "[x](data:text/html;base64,PHN2Zz4=)": "A link begins with https://",
    "[x](//evil.example)": "A link begins with https://",
    "[x]()": "A link begins with https://",
    "[x](/portal/out)": "A link begins with https://",
    "<javascript:alert(1)>": "A link begins with https://",
    "![x](https://evil.example/a.png)": "Pictures are not shown",
    "# another": "There is one title",
    "Hurry!": "puts pressure",
    "Only **3**\nleft": "little is left",
    "Our *climate-\u200bneutral* shop": "generic or unproven",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_let_in_is_refused_with_its_line_and_shown_as_it_is_written(text: str) -> None:
    """HTML, other addresses, pictures, pressure: nobody publishes them, and where somebody did they would do nothing."""
    found = guide.check(f"# Title\n\nfine\n\n{text}\n", "en")
    assert [it.line for it in found if REFUSED[text] in it.text] == [5], found
    Seen(guide.read(f"# Title\n\n{text}").html)


@pytest.mark.parametrize("text", ["<svg/onload=alert(1)>", "<img src=x onerror=y", "&lt;b&gt;", "< b>"])
def test_what_only_browsers_take_for_html_is_text(text: str) -> None:
    """No specification calls it HTML, and none of it is."""
    assert Seen(guide.read(f"# Title\n\n{text}").html).tags == ["p"]


@pytest.mark.parametrize(
    ("text", "says"), [("", "begin with"), ("no title", "begin with"), ("# \n\nx", "empty"), ("# a", "nothing yet")]
)
def test_a_page_without_a_title_or_a_text_is_none(text: str, says: str) -> None:
    """Nor is one that is longer than a page may be."""
    assert [it.line for it in guide.check(text, "en") if says in it.text] == [1]
    assert "make two pages" in guide.check("# a\n\n" + "b" * MOST, "en")[0].text


def test_whatever_is_written_becomes_nothing_but_our_marks() -> None:
    """A thousand texts of pieces that are markup somewhere."""
    pieces = [
        *("<script>", "</p>", "<!--", "-->", "<a href=x>", "&#60;script&#62;", "&lt;img&gt;", "<", ">", '"', "'", "`", "```\n"),
        *("[a](", "](", "javascript:alert(1)", 'https://a.example/"onclick=x', "https:evil", ")", "![", "<https://x y>", '<http://a"b>'),
        *("# ", "\n", "\n\n", "> ", "- ", "1. ", "**", "_", "\\", "---", "~~~\n", "    ", "\t", "&", "\u202e", "[a]: x", "==="),
    ]  # fmt: skip
    draw = random.Random(36)  # noqa: S311 - the same each time
    links = 0
    for _ in range(1_000):
        text = "".join(draw.choices(pieces, k=draw.randint(1, 30)))
        links += len(Seen(guide.read.__wrapped__(f"# t\n\n{text}").html).links)
        guide.check(text, "en")
    assert links > 20


@pytest.mark.parametrize(
    "piece", ["[", "*a ", "> ", "- ", "`a``b", "[a](", "*a **b ", "<http:", "[a](<", "***", "![", "<a ", "\n- "]
)
def test_a_page_of_the_longest_is_read_at_once(piece: str) -> None:
    """None keeps who reads it waiting, also one that is made to."""
    text = f"# t\n\n{piece * MOST}"[:MOST]
    before = time.process_time()
    guide.check(text, "en")
    Seen(guide.read.__wrapped__(text).html)
    assert time.process_time() - before < 2


def test_a_name_stands_in_an_address() -> None:
    """Small letters, digits and hyphens between them."""
    assert guide.name_of("help.first-steps-2") == "first-steps-2"
    for topic in (
        "help.",
        "help.A",
        "help.-a",
        "help.a-",
        "help.a--b",
        "help.a/b",
        "help.a\n",
        "enrolled",
        f"help.{'a' * 41}",
    ):
        assert guide.name_of(topic) is None
