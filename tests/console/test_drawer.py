"""A record beside its list is the same view in a smaller template, asked for by htmx; what the browser runs is small and known."""

import hashlib
import json
import re
from pathlib import Path

from tests.console.conftest import Console

from goodword import console

STATIC = Path(console.__file__).parent / "static"
NOTICE = Path(__file__).parents[2] / "NOTICE"


def _part(desk: Console, path: str) -> str:
    answer = desk.api.run(desk.ask("GET", path, headers={"hx-request": "true"}))
    assert answer.status_code == 200
    assert "hx-request" in answer.headers["vary"]
    return answer.text


def test_a_record_is_a_page_and_a_part(busy: Console) -> None:
    """By the address of the page htmx gets the part alone, with the same facts; everybody else gets the page."""
    row = busy.json("/console/rewards?beneficiary=Ann")["rewards"][0]["about"]
    address = f"/console/rewards/{row['reward']['id']}"
    page, part = busy.html(address), _part(busy, address)
    assert page.lstrip().startswith("<!doctype html>")
    assert "<html" not in part
    for fact in ("Ann", "friend of Ann", "INV-2", "Case open", "Not sent", "Look closer", "To finance"):
        assert fact in page
        assert fact in part
    assert f'href="{address}">Open the whole record' in part


def test_what_has_no_part_is_a_page(busy: Console) -> None:
    """A list is whole for htmx too, and names what opens beside it."""
    text = _part(busy, "/console/rewards")
    assert text.lstrip().startswith("<!doctype html>")
    beside = re.search(r'data-beside="([^"]*)"', text)
    assert beside is not None
    assert "/console/rewards/" in beside[1].split()


def test_htmx_is_the_file_that_notice_names() -> None:
    """Unchanged, by its hash."""
    digest = hashlib.sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest()
    assert digest in NOTICE.read_text(encoding="utf-8")


def test_htmx_needs_nothing_that_the_policy_forbids(desk: Console) -> None:
    """It evaluates nothing, adds no style and keeps no page in the browser's storage."""
    found = re.search(r"name=\"htmx-config\" content='([^']*)'", desk.html("/console"))
    assert found is not None
    config = json.loads(found[1])
    for name in ("allowEval", "allowScriptTags", "includeIndicatorStyles", "historyEnabled"):
        assert config[name] is False
    assert config["historyCacheSize"] == 0


def test_our_modules_are_small() -> None:
    """At most 3 kB each."""
    ours = [path for path in STATIC.glob("*.js") if path.name != "htmx.min.js"]
    assert ours
    assert {path.name for path in ours if path.stat().st_size > 3_072} == set()
