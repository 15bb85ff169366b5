"""An address for every page of the console, found as a person finds it: from the pages that need no name, by their links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import unescape

_LOOKED_AT = 400  # pages that are looked through, at most
_LINK = re.compile(r'href="(/console[^"#]*)')


def addresses(root: str, paths: Sequence[str], text_of: Callable[[str], str | None]) -> dict[str, str]:
    """Return path -> an address of it, in the order of the paths; without those that nothing leads to.

    ``paths``: as routes have them, behind the root; ``text_of``: what stands at an address, None where there is no page.
    """
    patterns = {path: _pattern(root + path) for path in paths}
    found = {path: root + path for path in paths if "{" not in path}
    new, known, plain_ones = list(found.values()), set(found.values()), set(found.values())
    others: list[str] = []  # more things of a kind: only some of them lead to what is not found yet
    for _ in range(_LOOKED_AT):
        if not new and others and len(found) < len(paths):
            new.append(others.pop(0))
        if not new or (len(found) == len(paths) and not plain_ones):
            break
        at = new.pop(0)
        plain_ones.discard(at)
        if (text := text_of(at)) is None:
            if found.get(bare := at.removeprefix(root)) == at:  # a page of something that has to be asked for
                del found[bare]
                if asked := [link for link in sorted(known) if link.startswith(f"{at}?")]:
                    found[bare] = asked[0]
            continue
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
            else:
                others.append(link)
    return {path: found[path] for path in paths if path in found}


def siblings(root: str, paths: Sequence[str], texts: Iterable[str], most: int) -> list[str]:
    """Return addresses of pages of things that lists name: of each path with names at most so many, as the lists have them."""
    named = {root + path for path in paths if "{" not in path}
    patterns = [_pattern(root + path) for path in paths if "{" in path]
    found: dict[int, dict[str, None]] = {}
    for text in texts:
        for link in map(unescape, _LINK.findall(text)):
            plain = link.partition("?")[0]
            of = next((number for number, pattern in enumerate(patterns) if pattern.fullmatch(plain)), None)
            if of is not None and plain not in named and len(found.setdefault(of, {})) < most:
                found[of][plain] = None
    return [address for ones in found.values() for address in ones]


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", path)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))
