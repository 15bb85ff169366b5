"""What an address or a form may hold that nobody types: it is answered, never an error of ours, and costs nothing."""

import time
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from testkit import crawl
from tests.console.conftest import Console

from goodword import console
from goodword.console import nav
from goodword.console.frame import Visit

#: A NUL, half a surrogate, far too long, numbers beyond any, other digits, days at the ends of time.
_ODD = ("a\0b", "%ED%A0%80", "x" * 5_000, "9" * 30, "-1", "²", "\u202e\r\nx: y", "0001-01-01", "9999-12-31", "20260101")
_FIELDS = ("note", "reason", "items", "list_sha256", "then", "rail", "unit", "outcome", "mail", "limits", "kind", "to")
_MORE = ("why", "code", "member", "due", "until", "text", "choice", "worth", "program.x", "password", "field", "step")


def _said(odd: str) -> str:
    return odd if odd.startswith("%") else quote(odd, safe="")


def test_an_odd_address_is_answered(busy: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each filter and cursor that a page asks for, and each name of a record."""
    asked, real = set[str](), Visit.asked

    def noted(self: Visit, name: str) -> str | None:
        asked.add(name)
        return real(self, name)

    found = crawl.addresses(nav.ROOT, [one.path for one in console.reads()], lambda address: busy.get(address).text)
    monkeypatch.setattr(Visit, "asked", noted)
    tried, failed = 0, []
    for read in console.reads():
        base = found.get(read.path, nav.ROOT + read.path.replace("{", "").replace("}", "")).partition("?")[0]
        asked.clear()
        busy.get(base, "application/json")
        addresses = [f"{base}?{name}={_said(odd)}" for name in sorted(asked | {"id"}) for odd in _ODD]
        if "{" in read.path:
            before, _, after = read.path.partition("{")
            addresses += [nav.ROOT + before + _said(odd) + after.partition("}")[2] for odd in _ODD]
        for address in addresses:
            tried += 1
            if busy.get(address, "application/json").status_code >= 500:
                failed.append(address[:80])
    assert tried > len(console.reads()) * len(_ODD)
    assert failed == []


def test_an_odd_form_is_answered(busy: Console) -> None:
    """Each form, with the same odd text in all of its fields."""
    tried, failed = 0, []
    for act in console.acts():
        address = nav.ROOT + act.path.replace("{", "").replace("}", "")
        for odd in _ODD:
            for more in ({}, {"once": odd}):
                tried += 1
                fields: dict[str, Any] = {**dict.fromkeys(_FIELDS + _MORE, odd), "role.\0": odd, **more}
                if busy.form(address, "application/json", **fields).status_code >= 500:
                    failed.append((act.path, odd[:20]))
    assert tried == len(console.acts()) * len(_ODD) * 2
    assert failed == []


@pytest.mark.parametrize("amount", [-1, 0, 2**53, 10**40])
def test_a_list_with_an_odd_amount_approves_nothing(busy: Console, amount: int) -> None:
    """Whatever a form claims to have shown."""
    row = busy.json("/console/rewards?status=in_review")["rewards"][0]["about"]["reward"]
    item = {"id": row["id"], "amount": amount, "unit": row["unit"], "payee": "x"}
    items = msgspec.json.encode([item]).decode()
    said = busy.form(f"/console/rewards/{row['id']}/approve", items=items, list_sha256="0" * 64)
    assert said.status_code in (400, 409)
    assert busy.json(f"/console/rewards/{row['id']}")["row"]["about"]["reward"]["status"] == "in_review"


def test_figures_of_all_time_are_refused_at_once(busy: Console) -> None:
    """Not once all of its days were counted one by one."""
    before = time.process_time()
    assert busy.get("/console/figures?from=0001-01-01&to=9999-12-31").status_code == 400
    assert busy.get("/console/figures.csv?from=1900-01-01&to=8999-12-31").status_code == 400
    assert time.process_time() - before < 1
    assert busy.get("/console/figures?from=20260101&to=20260105").status_code == 200
