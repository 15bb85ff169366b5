"""The frame of a page that we serve ourselves: head, look, headers. No script, and nothing from another host.

Must not know: what stands in it.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Final, NamedTuple

#: Colours are asked for by what they are for, so that light and dark differ here and nowhere else.
_LOOK: Final = """
:root{color-scheme:light dark;--paper:#f5f5f1;--surface:#fff;--sunken:#f2f2ed;--line:#cfd0c7;--ink:#16191a;--ink-2:#464c48;
--accent:#145c3f;--focus:#0b6bcb}
@media(prefers-color-scheme:dark){:root{--paper:#0e100f;--surface:#151817;--sunken:#1a1e1c;--line:#3a413d;--ink:#eef0ec;
--ink-2:#b9c0ba;--accent:#7fd6aa;--focus:#7fb8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/24px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
h1{font-size:28px;line-height:36px;letter-spacing:-.02em;margin:0 0 16px}
p{margin:0 0 16px;color:var(--ink-2)}
a{color:var(--accent)}
code,pre{font:14px/20px ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:4px}
"""


class Page(NamedTuple):
    """A page and the headers that it must be sent with."""

    body: bytes
    headers: dict[str, str]


def page(title: str, body: str, look: str = "", language: str = "en") -> Page:
    """Return a page. ``title`` is text; ``body`` is HTML whose texts are escaped; ``look``: further rules of style."""
    style = _LOOK + look
    text = (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    allowed = f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return Page(
        text.encode(),
        {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        },
    )
