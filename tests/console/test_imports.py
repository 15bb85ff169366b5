"""Imports over the pages' own forms, as a browser without scripts sends them: choose, map, look, bring in."""

import csv
import hashlib
import html
import io
import re
import threading
import zipfile
from typing import Any

import httpx
import pytest
from openpyxl import Workbook
from testkit import sent
from tests.console.conftest import SCRIPT, Console
from tests.sources import moving

from goodword.app.proof.audit import verify
from goodword.sources import table_file
from goodword.web.forms import _parts

ORDERS = f"Order;Customer;Total;Currency;Note\nR-1;bob;1.050,00;EUR;{SCRIPT}\nR-2;bob;many;EUR;\nR-1;bob;1.050,00;EUR;again\n"


def _chosen(desk: Console, data: bytes, accept: str = "text/html", **fields: str) -> httpx.Response:
    """Send the form that takes a file, as a browser does."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(desk.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as client:
            said = {"form": "token", "once": "1", "kind": "orders", **fields}
            return await client.post(
                "/console/imports/map", headers={"accept": accept}, data=said, files={"file": ("o.csv", data)}
            )

    return desk.api.run(ask())  # type: ignore[no-any-return]


def _fields(page: str) -> dict[str, Any]:
    """Return what the form of a page holds: its hidden fields, texts and chosen options."""
    form = page.partition('action="/console/imports/try"')[2].partition("</form>")[0]
    found = {m[1]: html.unescape(m[2]) for m in re.finditer(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)}
    for select in re.finditer(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', select[2])
        found[select[1]] = html.unescape(chosen[1]) if chosen else ""
    return found


def _counts(desk: Console) -> list[tuple[Any, ...]]:
    return desk.api.rows(
        "select (select count(*) from log where workspace_id = $1), (select count(*) from event where workspace_id = $1),"
        " (select count(*) from alias where workspace_id = $1)"
    )


def test_a_file_is_chosen_mapped_looked_at_and_brought_in(desk: Console) -> None:
    """Until the last step nothing is kept; what is told before is what comes; every row can be taken along as a file."""
    desk.api.move("2026-06-01T00:00:00Z")
    before = _counts(desk)
    page = _chosen(desk, ORDERS.encode()).text
    fields = _fields(page)
    assert (fields["column:invoice_id"], fields["column:customer_external_id"], fields["column:amount"]) == (
        "Order", "Customer", "Total",
    )  # fmt: skip
    assert SCRIPT not in page
    assert html.escape(SCRIPT) in page
    unlike = _chosen(desk, b"Beleg;Kunde\nR-1;bob\n").text
    assert "Still to be chosen below:" in unlike
    assert "It cannot be read so" not in unlike, "nobody has said anything wrong yet"
    assert "It cannot be read so" in desk.form("/console/imports/try", **_fields(unlike)).text
    wrong = desk.form("/console/imports/try", **{**fields, "zone": "Berlin"})
    assert (wrong.status_code, "no IANA time zone" in wrong.text) == (200, True)
    fields = _fields(wrong.text) | {"zone": "Europe/Berlin", "decimal": "comma", "id": "Order"}
    told = desk.form("/console/imports/try", **fields)
    assert "Import 3 rows" in told.text
    assert "1,050.00" in told.text
    assert _counts(desk) == before
    taken = desk.form("/console/imports/take", "application/json", **_fields(told.text))
    assert taken.json()["sheet"]["totals"]["became"] == {"imported": 1, "there_already": 1, "invalid": 1}
    [money] = taken.json()["sheet"]["totals"]["money"]
    assert (money["currency"], money["rows"], money["amount"], money["new"]) == ("EUR", 2, 210_000, 105_000)
    again = desk.form("/console/imports/take", **_fields(told.text))
    packed = re.search(r'name="sheet" value="([^"]+)"', again.text)
    assert packed is not None
    sheet = desk.form("/console/imports/sheet.csv", sheet=packed[1])
    assert sheet.headers["content-disposition"] == 'attachment; filename="import.csv"'
    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    assert [row["became"] for row in rows] == ["there already", "invalid", "there already"]
    assert desk.api.run(verify(desk.api.goodword.pool, desk.api.ws)).differences == ()


def test_excel_and_a_pasted_mapping_are_taken(desk: Console) -> None:
    """What has no field on the page, such as which rows are meant, is kept from step to step."""
    book, out = Workbook(), io.BytesIO()
    for row in (("No", "Who", "Sum", "State"), (1, "bob", 19.99, "paid"), (2, "eve", 5, "void")):
        book.worksheets[0].append(row)
    book.save(out)
    mapping = (
        "kind: orders\ncolumns: {invoice_id: No, customer_external_id: Who, amount: Sum}\nconstants: {currency: EUR, test: false}\n"
        "decimal: point\nonly: {State: [paid]}\nid: [No, Who]\n"
    )
    page = _chosen(desk, out.getvalue(), mapping=mapping).text
    told = desk.form("/console/imports/try", "application/json", **_fields(page)).json()
    assert told["sheet"]["totals"]["became"] == {"new": 1, "passed_over": 1}
    assert [row["id"] for row in told["sheet"]["rows"]] == ["orders:1:bob", None]
    assert told["sheet"]["totals"]["money"][0]["amount"] == 1_999


@pytest.mark.parametrize(
    ("data", "fields", "told"),
    [
        (b"", {}, "Choose a file"),
        (b"x" * ((1 << 20) + 1), {}, "larger than 1 MiB"),
        (b"PK\x03\x04", {}, "no Excel file"),
        (b"a,a\n", {}, "names a column twice"),
        (b"a,b\n", {"kind": "sales"}, "kind: it can be"),
        (b"a,b\n", {"mapping": "kind: orders"}, "missing required field"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_form(
    desk: Console, data: bytes, fields: dict[str, str], told: str
) -> None:
    """Nothing else is shown then, and nothing is kept."""
    answer = _chosen(desk, data, **fields)
    assert (answer.status_code, told in html.unescape(answer.text)) == (400, True), answer.text[:2_000]


def test_a_table_is_read_in_a_thread_and_is_not_unpacked_to_any_size(
    desk: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a file says of its rows, and however long that takes, requests are answered meanwhile."""
    threads = set[str]()
    table = table_file.table

    def noted(*args: Any, **said: Any) -> Any:
        threads.add(threading.current_thread().name)
        return table(*args, **said)

    monkeypatch.setattr(table_file, "table", noted)
    page = _chosen(desk, b"Order,Customer,Total,Currency\nR-1,bob,1.00,EUR\n").text
    fields = _fields(page)
    for step in ("try", "take"):
        assert desk.form(f"/console/imports/{step}", **fields).status_code == 200, step
    assert threads
    assert threading.main_thread().name not in threads
    assert all(name.startswith("asyncio_") for name in threads), threads
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b" " * (40 << 20))
    answer = _chosen(desk, out.getvalue())
    assert (answer.status_code, "32 is the most" in answer.text) == (400, True), answer.text[:2_000]


def test_what_no_page_of_ours_made_is_refused(desk: Console) -> None:
    """A file that is cut or unpacks to too much, a mapping that is none, a form of parts that is none: an answer, never an error."""
    fields = _fields(_chosen(desk, ORDERS.encode()).text)
    for wrong in (
        {"data": "x"},
        {"data": fields["data"][:-9]},
        {"rest": "[]"},
        {"rest": '{"values": 3}'},
        {"rest": '{"id": 3}'},
    ):
        assert desk.form("/console/imports/take", **{**fields, **wrong}).status_code in (400, 200), wrong
    assert desk.form("/console/imports/sheet.csv", sheet="eJw").status_code == 400
    for body in (b"", b"--b", b"x--b\r\n", b"--b\r\nno name\r\n\r\nx\r\n--b--", b"--b\r\n" + b"--b\r\n" * 300):
        with pytest.raises(ValueError, match=r"part|name"):
            _parts(body, "b")


def test_a_code_that_staff_type_is_a_lead_with_their_name(busy: Console) -> None:
    """It is decided as any lead is; sent twice it is one; what comes of it remembers who typed it, and nothing else names anybody."""
    told = {"customer": "walk-in 7", "code": "code2", "place": "till", "once": "once-1"}
    first, again = (busy.form("/console/leads/new", **told) for _ in range(2))
    assert first.status_code == again.status_code == 303, first.text
    assert first.headers["location"] == again.headers["location"]
    assert "The code is recorded" in busy.html(first.headers["location"])
    evt = first.headers["location"].partition("/events/")[2].partition("?")[0]
    [(leaf,)] = busy.api.rows(f"select convert_from(leaf, 'UTF8') from log where workspace_id = $1 and evt = '{evt}'")
    caller = busy.visitors.caller
    assert caller is not None
    assert f'"entered_by":"{caller.member}"' in leaf
    assert "walk-in" not in leaf
    busy.api.send(sent.purchase("order-walk-in", "walk-in 7", "INV-7", 20_000))
    busy.api.until(lambda: busy.api.get("/v1/events/order-walk-in")["status"] == "decided")
    friend = busy.api.person("walk-in 7")
    acts = busy.api.rows(f"select acts::text from reward where workspace_id = $1 and friend = '{friend}'")
    assert acts
    assert {text for (text,) in acts} == {f'[["{caller.member}", "code.typed"]]'}
    for wrong in ({"code": ""}, {"customer": ""}, {"place": "moon"}, {"customer": "other", "once": "once-1"}):
        assert busy.form("/console/leads/new", **{**told, "once": "once-2", **wrong}).status_code == 400, wrong
    assert busy.api.run(verify(busy.api.goodword.pool, busy.api.ws)).differences == ()


def test_a_table_is_taken_along_as_a_file_and_that_stands_on_the_record(busy: Console) -> None:
    """What changed behind a position, with names where they are asked for; no cell is a formula; long ones are the command's."""
    for name in ("rewards", "referrals", "conversions"):
        page = busy.get(f"/console/{name}.csv")
        assert page.headers["content-type"].startswith("text/csv"), page.text
        rows = list(csv.DictReader(io.StringIO(page.text)))
        assert len(rows) >= 3, name
        assert SCRIPT not in page.text
        named = busy.get(f"/console/{name}.csv?names=yes").text
        assert "friend of Ann" in named, name
        last = re.search(r"-([0-9]+)[.]csv", page.headers["content-disposition"])
        assert last is not None
        later = busy.get(f"/console/{name}.csv?after={last[1]}")
        assert len(later.text.splitlines()) == 1, name
        assert busy.get(f"/console/{name}.csv?after=x").status_code == 400
    assert busy.api.rows("select what, count(*) from look where workspace_id = $1 group by what") == [("exported", 9)]
    busy.be("analyst")
    assert busy.get("/console/rewards.csv").status_code == 200
    assert busy.get("/console/rewards.csv?names=yes").status_code == 403


def test_who_brought_a_file_in_stands_on_the_record(desk: Console) -> None:
    """By the digest of the file, once each time that it is brought in; to look what would come of it leaves nothing."""
    data = b"Order,Customer,Total,Currency\nR-1,bob,1.00,EUR\n"
    fields = _fields(_chosen(desk, data).text)
    assert desk.form("/console/imports/try", **fields).status_code == 200
    looks = "select what, subject from look where workspace_id = $1"
    assert desk.api.rows(looks) == []
    assert desk.form("/console/imports/take", **fields).status_code == 200
    assert desk.api.rows(looks) == [("imported", hashlib.sha256(data).hexdigest())]
    leaves = desk.api.rows("select convert_from(leaf, 'UTF8') from log where workspace_id = $1")
    caller = desk.visitors.caller
    assert caller is not None
    assert any('"imported"' in leaf and caller.member in leaf for (leaf,) in leaves)


def test_an_export_of_another_system_needs_no_mapping(desk: Console) -> None:
    """Its system is chosen; where its columns are documented is told; what is missing is asked for; what comes is what was shown."""
    desk.api.move("2026-06-01T00:00:00Z")
    files = moving.firstpromoter(moving.past(3))
    partners = _chosen(desk, files["promoters"], kind="firstpromoter").text
    assert "docs.firstpromoter.com" in partners
    desk.form("/console/imports/take", **_fields(partners))
    page = _chosen(desk, files["commissions"], kind="firstpromoter").text
    assert "say no currency" in page
    fields = _fields(page) | {"currency": "USD"}
    told = desk.form("/console/imports/try", **fields).text
    assert "Import 602 rows" in told
    assert "Balances: money in USD" in told
    taken = desk.form("/console/imports/take", "application/json", **_fields(told)).json()
    again = desk.form("/console/imports/take", "application/json", **_fields(told)).json()
    money = {it["kind"]: it for it in taken["sheet"]["totals"]["money"] if it["currency"]}
    assert money["balances"]["new"] > 0
    assert sum(it["new"] for it in again["sheet"]["totals"]["money"]) == 0
    assert desk.form("/console/imports/try", **fields | {"decimal": "roman"}).status_code == 400
    none = _chosen(desk, ORDERS.encode(), kind="tolt").text
    assert "none of the exports of Tolt that are known" in none
