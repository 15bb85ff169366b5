"""Files of another system: imported by the command line, row by row, and again without effect."""

from pathlib import Path

import pytest
from testkit import rule_documents
from testkit.product import Product

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
    made.made("workspace", "create", "Acme", "--owner", "o@acme.example")
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
    assert told["conversions"].stdout == "conversions: 1 imported, 1 invalid\n  line 3: wrong_type amount\n"
    assert told["balances"].stdout == "balances: 2 imported\n"
    assert [done.returncode for done in told.values()] == [0, 0, 1, 1, 0]
    assert goodword.run("import", "balances", str(tmp_path / "balances")).stdout == "balances: 2 there already\n"
    assert ": verified" in goodword.run("verify").stdout


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
