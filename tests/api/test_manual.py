"""The documentation as pages of the product: for anybody, of this server, no link of it dead; the API's is its document."""

import json
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from jsonschema import Draft202012Validator
from testkit import browser as real
from testkit.page import Page
from tests.api.conftest import Api
from tests.conftest import ROOT

from goodword.manual import contents, markdown
from goodword.sources import native


class Docs:
    """The pages of a server, as somebody without a key reads them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self.paths = re.findall(rf"\({re.escape(url)}(/docs/[^)]*)\.md\)", self.text("/llms.txt"))

    def text(self, path: str) -> str:
        """What stands at a path."""
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.text

    def all(self) -> Iterator[tuple[str, Page]]:
        """Every page, as it is parsed."""
        for path in ("/docs", "/docs/search?q=reward", *self.paths):
            yield path, Page(self.text(path))


@pytest.fixture
def docs(api: Api) -> Iterator[Docs]:
    found = Docs(api.url)
    yield found
    found.http.close()


def test_no_link_of_a_page_is_dead(docs: Docs) -> None:
    """Whatever a page leads to on this server is there, with the place in it; nothing is loaded from another host."""
    pages = dict(docs.all())
    assert len(pages) > 40
    ids = {path: set(page.all("id")) for path, page in pages.items()}
    tried: set[str] = set()
    for path, page in pages.items():
        for href in page.all("href"):
            address = urljoin(docs.url + path, href)
            if not address.startswith(docs.url):
                assert urlsplit(href).scheme in ("https", "mailto"), (path, href)
                continue
            to, _, place = address.removeprefix(docs.url).partition("#")
            if to not in ids and to not in tried:
                docs.text(to)
                tried.add(to)
            assert not place or to.startswith("/console/static/") or place in ids[to], (path, href)
        assert all(src.startswith("/console/static/") for src in page.all("src"))
    assert any(path.startswith("/docs/schemas/") for path in tried)
    assert any(path.endswith(".md") for path in tried)


def test_a_link_of_the_markdown_leads_to_markdown(docs: Docs) -> None:
    """A program that follows them stays among texts; those that leave what is shown are named here."""
    away = set()
    for path in docs.paths:
        text = re.sub(r"```.*?```|`[^`]*`", "", docs.text(f"{path}.md"), flags=re.DOTALL)
        for href in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            address = urljoin(f"{docs.url}{path}.md", href)
            if not address.startswith(f"{docs.url}/docs/") or docs.http.get(address).status_code != 200:
                away.add(href)
    assert {
        href
        for href in away
        if not re.match(r"(\.\./)+(README|src|CHANGELOG|clients)|(\.\./)?decisions/|mailto:|https:", href)
    } == set()


def test_the_pages_can_be_read_by_all(docs: Docs) -> None:
    """Language, one title, main and first heading, no level left out, no id twice; no script or style that stands in the page."""
    for path, page in docs.all():
        assert ("html", {"lang": "en"}) in page.tags
        names = [tag for tag, _ in page.tags]
        assert [names.count(one) for one in ("title", "h1", "main")] == [1, 1, 1], path
        ids = page.all("id")
        assert len(ids) == len(set(ids)), path
        of_main = names[names.index("main") :]
        levels = [int(tag[1]) for tag in of_main if re.fullmatch("h[1-6]", tag)]
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        assert page.all("style") == []
        assert "style" not in names


def test_the_headers_let_nothing_in_and_let_it_be_kept(docs: Docs) -> None:
    """The policy of the console, no cookie, and an answer without a body to who has the page."""
    for path in ("/docs", "/docs/keys", "/docs/keys.md", "/llms.txt", "/docs/schemas/events.json"):
        answer = docs.http.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert "set-cookie" not in answer.headers
        again = docs.http.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert docs.http.get("/docs/keys.md").headers["content-type"] == "text/markdown; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "/docs/nothing",
        "/docs/nothing.md",
        "/docs/../README",
        "/docs/decisions/0001-ids-are-text",
        "/docs/%00",
        "/docs/",
    ],
)
def test_what_is_no_page_is_not_found(docs: Docs, path: str) -> None:
    """As a page that leads back."""
    answer = docs.http.get(path)
    assert answer.status_code == 404, answer.text
    if urlsplit(path).path.startswith("/docs/n"):
        assert "There is no such page" in answer.text


def test_samples_call_this_server(docs: Docs) -> None:
    """In the pages and in their Markdown: no sample names a server of ours, of the story or of nobody."""
    for path in docs.paths:
        for text in (docs.text(path), docs.text(f"{path}.md")):
            assert not re.search(r"localhost:8484|goodword\.acme\.example|go\.example\.com/v1", text), path
    host = urlsplit(docs.url).netloc
    assert f"curl -s {host}/v1/events" in docs.text("/docs/quickstart-curl.md")
    assert f'analytics.host = "{docs.url}"' in docs.text("/docs/howto/segment.md")


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("curl localhost:8484/readyz", "https://gw.shop.example", "curl https://gw.shop.example/readyz"),
        ("curl localhost:8484/readyz", "http://gw.shop.example", "curl gw.shop.example/readyz"),
        ('"http://localhost:8484"', "https://gw.shop.example", '"https://gw.shop.example"'),
        ("https://goodword.acme.example/v1/batch", "http://127.0.0.1:9", "http://127.0.0.1:9/v1/batch"),
        ("https://go.example.com/r/ANN", "http://127.0.0.1:9", "https://go.example.com/r/ANN"),
    ],
)
def test_a_sample_is_addressed_in_the_form_it_has(text: str, url: str, expected: str) -> None:
    """An address stays one, a bare host one where it can; a link's own host is the company's."""
    assert contents.addressed(text, url) == expected


def test_the_reference_is_the_published_document(docs: Docs) -> None:
    """Every operation with its permission, parameters, statuses and an example; every schema and field."""
    document = json.loads(docs.text("/openapi.json"))
    texts = {path: docs.text(f"{path}.md") for path in docs.paths if path.startswith("/docs/api")}
    told = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            page = texts[f"/docs/api/{operation['tags'][0].replace(' ', '-')}"]
            part = page.partition(f"\n## {method.upper()} {path}\n")[2].partition("\n## ")[0]
            assert f"`{operation['operationId']}`" in part
            assert not operation.get("x-permission") or f"`{operation['x-permission']}`" in part
            assert all(f"| `{one['name']}` |" in part for one in operation.get("parameters", ()))
            statuses = re.findall(r"^\| `(\d{3})` \|", part, re.MULTILINE)
            assert statuses == sorted(operation["responses"])
            assert f'curl "{docs.url}' in part
            told += 1
    assert told > 60
    everything = "\n".join(text for path, text in texts.items() if path.startswith("/docs/api/schemas"))
    for name, schema in document["components"]["schemas"].items():
        part = everything.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert all(f"| `{field}` |" in part for field in schema.get("properties", ())), name


def test_an_example_of_a_body_is_one(docs: Docs) -> None:
    """What stands behind --json is JSON that fits the schema of the operation, apart from what is to be put in."""
    document = json.loads(docs.text("/openapi.json"))
    definitions = {"components": document["components"]}
    fitted = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            page = docs.text(f"/docs/api/{operation['tags'][0].replace(' ', '-')}.md")
            part = page.partition(f"\n## {method.upper()} {path}\n")[2].partition("\n## ")[0]
            body = re.search(r"--json '(.*?)'\n```", part, re.DOTALL)
            assert ("requestBody" in operation) == (body is not None), operation["operationId"]
            if body is None:
                continue
            said: Any = json.loads(body[1].replace("'\\''", "'"))
            schema = next(iter(operation["requestBody"]["content"].values()))["schema"]
            wrong = [
                one
                for one in Draft202012Validator(definitions | schema).iter_errors(said)
                if one.validator != "pattern"
            ]
            assert wrong == [], operation["operationId"]
            fitted += 1
    assert fitted > 30


def test_the_event_reference_is_the_published_schema(docs: Docs) -> None:
    """Every type with every field; the example of each is taken by the schema."""
    schema = json.loads((ROOT / "docs" / "schemas" / "events.json").read_text())
    text = docs.text("/docs/event-reference.md")
    for kind in native.TYPES:
        tag = str(kind.__struct_config__.tag)
        part = text.partition(f"\n## {tag}\n")[2].partition("\n## ")[0]
        fields = schema["$defs"][kind.__name__]["properties"]
        assert all(f"| `{name}` |" in part for name in fields), tag
        example = re.search(r"```json\n(.*?)\n```", part, re.DOTALL)
        assert example is not None, tag
        assert [*Draft202012Validator(schema).iter_errors(json.loads(example[1]))] == [], tag
    assert json.loads(docs.text("/docs/schemas/events.json")) == schema


def test_search_finds_titles_headings_and_what_stands_under_them(docs: Docs) -> None:
    """All the words under one heading, titles first; what matches leads there; what is typed is text."""
    found = docs.text("/docs/search?q=segment")
    assert 'href="/docs/howto/segment"' in found
    assert 'href="/docs/howto/segment#every-field"' in docs.text("/docs/search?q=Every+field")
    said = docs.text("/docs/search?q=webhook+secret")
    assert 'href="/docs/howto/webhooks#exchange-the-secret"' in said
    by_word = re.findall(r'<h2><a href="/docs/([^"]+)"', docs.text("/docs/search?q=csv"))
    assert {"howto/import", "howto/export"} <= {*by_word}, "a word that stands in the text alone"
    assert re.findall(r'<h2><a href="/docs/([^"]+)"', docs.text("/docs/search?q=stripe"))[0] == "howto/stripe"
    assert "No page says" in docs.text("/docs/search?q=xyzzy")
    assert "<script>alert" not in docs.text("/docs/search?q=<script>alert(1)</script>")
    assert docs.http.get("/docs/search").status_code == 200
    assert docs.http.get("/docs/search?q=%00").status_code == 200


def test_an_installed_package_has_all_of_them() -> None:
    """What pyproject.toml puts into the wheel is every page that is named, and every file that pages lead to."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    put = wheel["force-include"]
    assert all(to == f"goodword/manual/text/{at.removeprefix('docs/')}" for at, to in put.items())
    needed = [*(f"{name}.md" for names in contents.GROUPS.values() for name in names), *contents.FILES]
    missing = [name for name in needed if f"docs/{name}" not in put and f"docs/{name.partition('/')[0]}" not in put]
    assert missing == []
    assert all((ROOT / at).exists() for at in put)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# A\n\n<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("# A\n\n[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("# A\n\n[x](other.md)", "<p>x</p>"),
        ("# A\n\n[b.md](b.md) and b.md", '<a href="/docs/b">B</a> and b.md'),
        ("# A\n\n[x](b.md#c)", '<a href="/docs/b#c">x</a>'),
        ("# A\n\n```sh\na < b\n```", "a &lt; b"),
    ],
)
def test_markdown_becomes_safe_html(text: str, shown: str) -> None:
    """HTML is text, an address that would run is none, a page that is not there is no link."""
    assert shown in markdown.rendered(text, "a", "/docs", {"a": "A", "b": "B"}, ())


def test_headings_in_samples_are_none() -> None:
    """A comment of a shell is no heading; two that are called alike have two anchors."""
    text = "# A\n\n```sh\n# no heading\n```\n\n## B `c`\n\n## B c\n"
    assert [(it.level, it.text, it.anchor) for it in markdown.headings(text)] == [
        (1, "A", "a"),
        (2, "B c", "b-c"),
        (2, "B c", "b-c-1"),
    ]


def test_a_sample_is_copied_and_nothing_is_too_wide(docs: Docs) -> None:
    """In a browser, narrow and wide, light and dark: axe finds nothing, the policy refuses nothing, a button copies the sample."""
    if not real.CHROMIUM.exists():
        pytest.skip(real.MISSING)
    with real.chromium() as browser:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        seen = real.Watched(context, docs.url)
        for path in ("/docs", "/docs/quickstart-curl", "/docs/api/rewards", "/docs/search?q=reward"):
            assert seen.open(path) == 200
            for width in (390, 800, 1440):
                seen.page.set_viewport_size({"width": width, "height": 844})
                for theme in ("light", "dark"):
                    seen.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of two
                    assert seen.axe() == [], (path, width, theme)
                assert seen.sideways <= 0, (path, width)
            assert seen.errors == seen.elsewhere == []
        seen.open("/docs/quickstart-curl")
        sample = seen.page.locator(".sample").first
        sample.get_by_role("button", name="Copy").click()
        sample.get_by_role("button", name="Copied").wait_for()
        assert seen.page.evaluate("navigator.clipboard.readText()") == sample.locator("code").text_content()
        context.close()
