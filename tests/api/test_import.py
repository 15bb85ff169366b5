"""Files of another system: imported by the command line, row by row, and again without effect."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from testkit import rule_documents
from testkit.product import Product
from tests.sources import moving

FILES = {
    "advocates": "external_id,email,code,occurred_at,accepted_terms\nann,ann@mail.example,ANN,2025-11-01T00:00:00Z,true\n",
    "customers": "customer_external_id,since\nold,2020-01-01T00:00:00Z\n",
    "referrals": (
        "customer_external_id,advocate_external_id,lead_at,first.purchase\n"
        "bob,ann,2026-01-10T00:00:00Z,2026-01-10T01:00:00Z\n"
        "\n"
        "eve,nobody,2026-01-10T00:00:00Z,\n"
    ),
    "conversions": (
        "customer_external_id,invoice_id,amount,currency,occurred_at\nbob,o1,5000,EUR,2026-01-10T01:00:00Z\n"
        "bob,o2,many,EUR,2026-02-10T01:00:00Z\n"
    ),
    "balances": "external_id,amount,currency,reference\nann,1200,EUR,old-1\nann,-300,EUR,old-2\n",
}


@pytest.fixture
def goodword(database: str, tmp_path: Path) -> Product:
    """Return an installation with a workspace and a live program."""
    made = Product(tmp_path, DATABASE_URL=database)
    made.made("workspace", "create", "Acme", "--mode", "sandbox", "--owner", "o@acme.example")
    file = tmp_path / "rules.yaml"
    file.write_text(rule_documents.text("sandbox"))
    assert made.run("program", "publish", str(file)).returncode == 0
    return made


def test_another_system_is_brought_along_by_files(goodword: Product, tmp_path: Path) -> None:
    """Each kind is imported; a wrong row is named by its line and costs no other; the same files again change nothing; it verifies."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    told = {kind: goodword.run("import", kind, str(tmp_path / kind)) for kind in FILES}
    assert told["advocates"].stdout == "advocates: 1 imported\n", told["advocates"].stderr
    assert told["customers"].stdout == "customers: 1 imported\n"
    assert told["referrals"].stdout.startswith("referrals: 1 imported, 1 refused\n  line 4: advocate_not_enrolled: ")
    assert told["conversions"].stdout == (
        "conversions: 1 imported, 1 invalid\n  line 3: wrong_type amount\n  EUR: 50.00 in 1 rows, 50.00 of it new\n"
    )
    assert told["balances"].stdout == "balances: 2 imported\n  EUR: 9.00 in 2 rows, 9.00 of it new\n"
    assert [done.returncode for done in told.values()] == [0, 0, 1, 1, 0]
    assert goodword.run("import", "balances", str(tmp_path / "balances")).stdout == (
        "balances: 2 there already\n  EUR: 9.00 in 2 rows, 0.00 of it new\n"
    )
    assert ": verified" in goodword.run("verify").stdout


def test_an_export_of_another_system_is_recognised(goodword: Product, tmp_path: Path) -> None:
    """By its columns: the command says which file of which system it is; what a mapping says is no option of a plain file."""
    files = moving.dub(moving.past(3))
    for name, data in files.items():
        (tmp_path / f"{name}.csv").write_bytes(data)
    partners = goodword.run("import", "dub", str(tmp_path / "partners.csv"))
    assert "partners of Dub: advocates, suspensions, departures\ndub: 132 imported\n" in partners.stdout, (
        partners.stderr
    )
    dry = goodword.run("import", "dub", str(tmp_path / "commissions.csv"), "--dry-run")
    assert "commissions of Dub: conversions, balances; Amount with a point, Earnings with a point" in dry.stdout
    assert re.search(r"^  balances in JPY: [0-9]+ in [0-9]+ rows, [0-9]+ of it new$", dry.stdout, re.MULTILINE)
    (tmp_path / "advocates.csv").write_text(FILES["advocates"])
    refused = goodword.run("import", "advocates", str(tmp_path / "advocates.csv"), "--currency", "EUR")
    assert (refused.returncode, "--currency is for the export of another system" in refused.stderr) == (1, True)
    none = goodword.run("import", "tolt", str(tmp_path / "advocates.csv"))
    assert (none.returncode, "none of the exports of Tolt that are known" in none.stderr) == (1, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "column 'external_id' is missing"),
        ("external_id,amount\n", "column 'reference' is missing"),
        ("external_id,sum\n", "column 'sum': there is none of this name"),
        ("external_id,amount,amount,reference\n", "the header names a column twice"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(goodword: Product, tmp_path: Path, text: str, told: str) -> None:
    """A column that is missing, unknown or twice there ends the command before anything is stored."""
    file = tmp_path / "balances.csv"
    file.write_text(text)
    done = goodword.run("import", "balances", str(file))
    assert done.returncode == 1
    assert told in done.stderr


MAPPING = """
kind: orders
columns: {invoice_id: Order, customer_external_id: Customer, amount: Total, code: Code}
constants: {currency: EUR}
decimal: comma
id: Order
"""
ORDERS = (
    "Order;Customer;Total;Code\n"
    "R-1;bob;50,00;ANN\n"
    "R-2;eve;1.250,50;\n"
    "R-3;zoe;many;\n"
    "R-2;eve;1.250,50;\n"
    "R-1;bob;51,00;ANN\n"
)


@pytest.fixture
def orders(goodword: Product, tmp_path: Path) -> tuple[str, ...]:
    """Return how orders are imported by a mapping, into a workspace in which Ann refers."""
    (tmp_path / "ann.csv").write_text("external_id,code,accepted_terms\nann,ANN,true\n")
    assert goodword.run("import", "advocates", str(tmp_path / "ann.csv")).returncode == 0
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "orders.yaml").write_text(MAPPING, encoding="utf-8")
    return "import", "orders", str(tmp_path / "orders.csv"), "--mapping", str(tmp_path / "orders.yaml")


def _json(goodword: Product, *command: str) -> Any:
    return json.loads(goodword.run(*command, "--json").stdout)


def test_a_dry_run_tells_what_the_import_does_and_changes_nothing(
    goodword: Product, orders: tuple[str, ...], tmp_path: Path
) -> None:
    """Row for row the same, with what is decided of it; the log is as long as before, and no name is known that was not."""
    before = goodword.run("verify").stdout
    sheets = []
    for name, more in {"dry": ("--dry-run",), "real": ()}.items():
        sheet = tmp_path / f"{name}.csv"
        found = _json(goodword, *orders, *more, "--sheet", str(sheet))
        assert found["money"] == [
            {"currency": "EUR", "rows": 3, "amount": 255_100, "new": 130_050, "kind": "orders"}
        ], name
        with sheet.open(encoding="utf-8", newline="") as text:
            sheets.append(list(csv.DictReader(text)))
        if name == "dry":
            assert goodword.run("verify").stdout == before
    dry, real = sheets
    assert [row["became"] for row in dry] == ["new", "new", "invalid", "there already", "conflict"]
    assert [row["became"].replace("imported", "new") for row in real] == [row["became"] for row in dry]
    first, same = (re.sub(r"(evt|ref|rwd|per)_\w+|20[0-9-]+T[0-9:.]+Z", "", rows[0]["decision"]) for rows in sheets)
    assert first == same
    assert "attribution: attributed" in first
    assert (dry[2]["why"], dry[2]["field"], dry[4]["field"]) == ("wrong_type", "amount", "amount")
    assert ": verified" in goodword.run("verify").stdout


def test_overlapping_files_count_once_and_are_taken_back_as_a_whole(
    goodword: Product, orders: tuple[str, ...], tmp_path: Path
) -> None:
    """A file with an old and a new order adds the new one; taking it back cancels both and what they earned, once."""
    assert goodword.run(*orders).returncode == 1
    more = tmp_path / "orders.csv"
    more.write_text("Order;Customer;Total;Code\nR-1;bob;50,00;ANN\nR-9;bob;1,00;\n")
    assert _json(goodword, *orders)["rows"] == {"imported": 1, "there already": 1}
    assert _json(goodword, *orders)["rows"] == {"there already": 2}
    back = _json(goodword, *orders, "--take-back")
    assert back["rows"] == {"taken back": 2}
    assert back["money"] == [{"currency": "EUR", "rows": 2, "amount": 5_100, "new": 5_100, "kind": "orders"}]
    again = goodword.run(*orders, "--take-back").stdout
    assert again == "orders: 2 there already\n  EUR: 51.00 in 2 rows\n", "nothing of what is taken back is new"
    (tmp_path / "unlike.csv").write_text("Beleg;Kunde\nR-1;bob\n")
    assert "--mapping names the columns" in goodword.run("import", "orders", str(tmp_path / "unlike.csv")).stderr
    assert ": verified" in goodword.run("verify").stdout
    (tmp_path / "none.csv").write_text("external_id\nann\n")
    refused = goodword.run("import", "advocates", str(tmp_path / "none.csv"), "--take-back")
    assert (refused.returncode, "Only orders and refunds" in refused.stderr) == (1, True)


def test_what_was_never_brought_in_is_left(goodword: Product, orders: tuple[str, ...], tmp_path: Path) -> None:
    """Neither a row of another file nor one whose invoice another source told is canceled by taking a file back."""
    (tmp_path / "ours.csv").write_text(
        "customer_external_id,invoice_id,amount,currency,occurred_at\nbob,R-1,5000,EUR,2026-03-02T00:00:00Z\n"
    )
    assert goodword.run("import", "orders", str(tmp_path / "ours.csv")).returncode == 0
    assert goodword.run(*orders).returncode == 1
    assert _json(goodword, *orders, "--take-back")["rows"]["left"] >= 1
    ours = _json(goodword, "import", "orders", str(tmp_path / "ours.csv"))
    assert ours["rows"] == {"there already": 1}


def test_a_mapping_that_does_not_fit_says_so(goodword: Product, orders: tuple[str, ...], tmp_path: Path) -> None:
    """By the columns that are missing, and by the kind it is of; nothing is read then."""
    (tmp_path / "orders.csv").write_text("Order;Customer\n1;bob\n")
    missing = goodword.run(*orders)
    assert missing.returncode == 1
    assert "column 'Total' is missing in the file; it has 'Order', 'Customer'" in missing.stderr
    other = goodword.run("import", "refunds", *orders[2:])
    assert "it is of orders" in other.stderr


def test_what_another_file_brought_in_is_not_taken_back(
    goodword: Product, orders: tuple[str, ...], tmp_path: Path
) -> None:
    """A row that says something else under the same number did not bring the order in: it is left, and the order stands."""
    assert goodword.run(*orders).returncode == 1
    (tmp_path / "orders.csv").write_text("Order;Customer;Total;Code\nR-1;bob;77,00;ANN\nR-2;eve;1.250,50;\n")
    back = _json(goodword, *orders, "--take-back")
    assert back["rows"] == {"left": 1, "taken back": 1}
    assert back["money"] == [{"currency": "EUR", "rows": 1, "amount": 125_050, "new": 125_050, "kind": "orders"}]


def test_an_export_leaves_no_gap(goodword: Product, tmp_path: Path) -> None:
    """Behind more than the folder has nothing is written: what lies between would be missing for ever."""
    out = tmp_path / "out"
    command = ("export", "rewards", "--out", str(out))
    begun = ("export", "rewards", "--out", str(tmp_path / "begun"), "--after", "1")
    assert goodword.run(*begun).returncode == 0  # an empty folder begins where it is told to
    assert goodword.run(*command).returncode == 0
    kept = (out / "manifest.json").read_text()
    position = json.loads(kept)["tables"]["rewards"]["position"]
    refused = goodword.run(*command, "--after", str(position + 1))
    assert (refused.returncode, f"up to position {position}" in refused.stderr) == (1, True), refused.stderr
    assert (out / "manifest.json").read_text() == kept
    assert goodword.run(*command, "--after", str(position)).returncode == 0
