"""An address for every page of the console, found as a person finds it: from the pages that need no name, by their links."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape

_LOOKED_AT = 400  # pages that are looked through, at most
_LINK = re.compile(r'href="(/console[^"#]*)')


def addresses(root: str, paths: Sequence[str], text_of: Callable[[str], str | None]) -> dict[str, str]:
    """Return path -> an address of it, in the order of the paths; without those that nothing leads to.

    ``paths``: as routes have them, behind the root; ``text_of``: what stands at an address, None where there is no page.
    """
    patterns = {path: _pattern(root + path) for path in paths}
    found = {path: root + path for path in paths if "{" not in path}
    new, known = list(found.values()), set(found.values())
    for _ in range(_LOOKED_AT):
        if not new or len(found) == len(paths):
            break
        text = text_of(new.pop(0)) or ""
        for link in sorted({unescape(link) for link in _LINK.findall(text)} - known):
            known.add(link)
            plain = link.partition("?")[0]
            path = next((path for path, pattern in patterns.items() if pattern.fullmatch(plain)), None)
            if path is None:
                continue
            if path not in found:
                found[path] = link
                new.insert(0, link)
            elif "{" not in path:
                new.append(link)  # a filter of a list, or more of it
    return {path: found[path] for path in paths if path in found}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", path)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))
