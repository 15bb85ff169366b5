"""Which pages there are, in which order, and what they lead to. What is in ``howto`` and stands in no group is there all the same.

In an installed package the Markdown lies beside this file, where pyproject.toml puts it; in a clone it is ``docs/``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from goodword.manual import event_reference, markdown, reference
from goodword.manual.markdown import Heading

#: Where all pages lie.
ROOT: Final = "/docs"

_INSTALLED = Path(__file__).parent / "text"
_FOLDER = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[3] / "docs"
_HOW_TO: Final = "How to"
#: Group -> its pages, by their names in the folder. What the API's document and the schemas tell comes behind.
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Quick starts": (
        "quickstart-python",
        "quickstart-node",
        "quickstart-curl",
        "quickstart-fastapi",
        "quickstart-flask",
        "quickstart-django",
        "quickstart-express",
    ),
    "Sources": (
        *("events", "links", "keys", "howto/segment", "howto/posthog", "howto/jitsu", "howto/customerio"),
        "howto/mapping",
        *("howto/stripe", "howto/shopify", "howto/billing", "howto/compatible", "compatibility"),
        *("howto/hubspot", "howto/pipedrive", "howto/salesforce", "howto/crm"),
    ),
    "What goes out": ("howto/webhooks", "howto/clients", "howto/export", "howto/mcp"),
    "Sales": ("howto/deals", "howto/agreements"),
    "Rules and rewards": (
        "rules",
        "howto/go-live",
        "howto/terms",
        "howto/sharing",
        "howto/saying-no",
        "howto/messages",
        "howto/routing",
        "howto/approval-tool",
        "howto/standing-approvals",
        "howto/pilot",
        "howto/audit",
        "holds",
        "refusals",
        "conduct",
        "rails",
        "howto/schedules",
        "howto/bank-files",
        "howto/tax",
        "howto/verification-of-payee",
        "howto/welcome-offers",
        "howto/store-credit",
        "howto/codes",
        "howto/gifts",
        "howto/discount-codes",
        "howto/own-system",
        "howto/corrections",
        "howto/reconcile",
        "howto/month-end",
        "lifecycles",
        "howto/measures",
        "measures",
        "figures",
        "words",
    ),
    "Portal": (
        "howto/portal-sign-in",
        "howto/embed",
        "howto/joining",
        "howto/merging",
        "howto/erasure",
        "howto/payout-details",
        "howto/recognition",
        "howto/message-texts",
        "message-texts",
    ),
    "Console": ("console", "howto/staff-mail", "pages"),
    _HOW_TO: (),
    "Running it": ("howto/operate", "howto/proxy", "settings", "howto/verify", "invariants", "speed"),
}
_REFERENCE: Final = "Reference"
#: Files that pages lead to.
FILES: Final = ("schemas/events.json", "schemas/rules.json", "schemas/webhooks.json")
_SUMMARY = 160  # letters
_HEADINGS = 8  # of a page that is found
_EXAMPLES: Final = re.compile(
    r"https://goodword\.acme\.example|https://go\.example\.com(?=/v1)|http://(?:localhost|127\.0\.0\.1):8484"
)
_BARE: Final = re.compile(r"(?<![\w/.:-])(?:localhost:8484|goodword\.acme\.example)")


class Page(NamedTuple):
    """A page. ``text``: its Markdown, with this server's address; ``summary``: what it is about, in a line.

    ``sections``: heading -> what stands under it, in small letters, to be searched.
    """

    path: str
    title: str
    summary: str
    text: str
    headings: list[Heading]
    sections: dict[Heading, str]


class Found(NamedTuple):
    """A page that is found, and the headings that are, or under which it is said."""

    page: Page
    headings: list[Heading]


class Manual(NamedTuple):
    """All of it, for a server at ``url``."""

    url: str
    groups: dict[str, list[Page]]
    pages: dict[str, Page]
    files: dict[str, bytes]

    def html(self, page: Page) -> str:
        """Return a page as it is shown."""
        return markdown.rendered(page.text, page.path, ROOT, {path: it.title for path, it in self.pages.items()}, FILES)

    def search(self, asked: str) -> list[Found]:
        """Return the pages that say all the words under one heading: in their title first, in a heading then, in the text last."""
        words = asked.lower().split()

        def has(text: str) -> bool:
            return all(word in text for word in words)

        found = []
        for page in self.pages.values() if words else ():
            titled = has(f"{page.title} {page.path}".lower())
            named = [it for it in page.headings if has(it.text.lower())]
            said = [it for it, text in page.sections.items() if it not in named and it.level > 1 and has(text)]
            if titled or named or any(map(has, page.sections.values())):
                found.append((0 if titled else 1 if named else 2, Found(page, [*named, *said][:_HEADINGS])))
        return [it for _, it in sorted(found, key=lambda one: one[0])]

    def llms(self) -> str:
        """Return the list of pages as programs read it: a line each."""
        lines = [
            "# Goodword",
            "",
            "> Referral rewards that are explained, approved, paid and balanced. Self-hosted.",
            "",
        ]
        for group, pages in self.groups.items():
            lines += [f"## {group}", ""]
            lines += [f"- [{page.title}]({self.url}{ROOT}/{page.path}.md): {page.summary}" for page in pages]
            lines += [""]
        lines += ["## Machine-readable", "", f"- [OpenAPI 3.1]({self.url}/openapi.json): the API"]
        lines += [f"- [{name}]({self.url}{ROOT}/{name}): JSON Schema" for name in FILES]
        return "\n".join([*lines, ""])


def read(document: Mapping[str, Any], url: str) -> Manual:
    """Return all pages, with the samples addressed to this server."""
    files = {name: (_FOLDER / name).read_bytes() for name in FILES}
    named = {name for names in GROUPS.values() for name in names}
    more = sorted(f"howto/{file.stem}" for file in (_FOLDER / "howto").glob("*.md"))
    groups = {
        group: [_text(name) for name in (*names, *((it for it in more if it not in named) if group == _HOW_TO else ()))]
        for group, names in GROUPS.items()
    }
    groups[_REFERENCE] = [event_reference.page(json.loads(files[FILES[0]])), *reference.pages(document)]
    made = {
        group: [_page(path, addressed(text, url)) for path, text in texts] for group, texts in groups.items() if texts
    }
    return Manual(url, made, {page.path: page for pages in made.values() for page in pages}, files)


def addressed(text: str, url: str) -> str:
    """Return a text whose samples call this server."""
    host = urlsplit(url).netloc if url.startswith("http://") else url
    return _BARE.sub(lambda _: host, _EXAMPLES.sub(lambda _: url, text))


def _text(name: str) -> tuple[str, str]:
    text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return name, re.sub(r"<!--.*?-->\n*", "", text, flags=re.DOTALL)


def _page(path: str, text: str) -> Page:
    found = markdown.headings(text)
    sections = dict(zip(found, map(str.lower, markdown.sections(text)), strict=True))
    return Page(path, found[0].text, _summary(text), text, found[1:], sections)


def _summary(text: str) -> str:
    """Return the first sentence of the first paragraph, as plain text."""
    paragraphs = (part.strip() for part in text.split("\n\n"))
    first = next((part for part in paragraphs if part and not re.match(r"[#|>-]|```|\s{4}|\d+\.", part)), "")
    plain = " ".join(re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", lambda found: found[1] or "", first).split())
    sentence = re.split(r"(?<=[.:])\s", plain, maxsplit=1)[0].rstrip(":")
    return sentence if len(sentence) <= _SUMMARY else f"{sentence[:_SUMMARY].rpartition(' ')[0]} …"
