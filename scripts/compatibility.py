# ruff: noqa: INP001 - a script, not a package
"""Write docs/compatibility.md from what ``make clients`` has seen in this run; with ``SEEN=1`` that is what is expected from now on.

Where not all clients could be run nothing is written, and it says so.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SEEN = ROOT / "tests" / "clients" / "seen.json"
PAGE = ROOT / "docs" / "compatibility.md"
WHERE = {"python": "Python", "node": "Node", "browser": "a browser (jsdom)"}
INTRODUCTION = """\
# Clients of other products

<!-- Made by `make clients` from a run of the real clients: change nothing here. -->

Each client was installed as its registry has it, by its hash, and run against a server of ours with another host and another key, and
nothing else changed: a referral from the click to the explained reward, answers that were lost, no room, a wrong key. What it was seen
to do is held against what it did before, so a newer version that does otherwise fails by name. How to set each up:
[Segment and RudderStack](howto/segment.md), [PostHog](howto/posthog.md), [Jitsu](howto/jitsu.md), [Customer.io](howto/customerio.md),
[Dub, GrowSurf and FirstPromoter](howto/compatible.md). The client of the Model Context Protocol asks each tool, in the newest protocol
and in the one before ([assistants](howto/mcp.md)).
"""


def main() -> int:
    """Write the page."""
    accept = bool(os.environ.get("SEEN"))
    found = {path.stem: json.loads(path.read_text()) for path in (ROOT / "build" / "clients" / "seen").glob("*.json")}
    known = json.loads(SEEN.read_text()) if SEEN.exists() else {}
    missing = sorted(known.keys() - found.keys())
    if missing or not found:
        print(f"compatibility: {PAGE.name} stays as it is: {', '.join(missing) or 'no client'} was not run")
        return 0
    if accept:
        kept = {name: {key: one[key] for key in ("version", "answer", "seen")} for name, one in sorted(found.items())}
        SEEN.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
    PAGE.write_text(page(dict(sorted(found.items()))))
    return 0


def page(found: dict[str, dict[str, Any]]) -> str:
    """The page: a table of all clients, then what each does."""
    lines = ["| client | version | runs in | we answer | seen on |", "| --- | --- | --- | --- | --- |"]
    for one in found.values():
        cells = (f"`{one['package']}`", one["version"], WHERE[one["runs on"]], f"`{one['answer']}`", one["day"])
        lines += [f"| {' | '.join(cells)} |"]
    parts = [INTRODUCTION, "\n".join(lines) + "\n"]
    for one in found.values():
        rows = [f"| {what} | {said.replace('|', chr(92) + '|')} |" for what, said in one["seen"].items()]
        head = f"## {one['package']} {one['version']}"
        parts.append("\n".join([head, "", "| what | seen |", "| --- | --- |", *rows]) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
