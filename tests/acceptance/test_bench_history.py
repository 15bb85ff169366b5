"""The histories behind which the benchmarks measure are such as the product itself could have written."""

import json

import pytest
from testkit.database import embedded
from testkit.product import ROOT, Product, python


@pytest.mark.parametrize(
    ("what", "count", "least"), [("traffic", 1_500, 1_500), ("payable", 60, 180), ("banked", 30, 180)]
)
def test_verify_accepts_a_generated_history(what: str, count: int, least: int) -> None:
    """Rows that were copied in are accepted by verify, entry by entry and entity by entity."""
    with embedded() as (home, _):
        goodword = Product(home)
        made = goodword.made("workspace", "create", "History", "--mode", "sandbox", "--owner", "owner@example.com")
        environment = goodword.environment(PYTHONPATH=str(ROOT))
        filled = python("bench/filling.py", str(home), made["id"], what, str(count), env=environment)
        assert filled.returncode == 0, filled.stderr[-2_000:]
        [report] = goodword.made("verify")
    assert json.loads(filled.stdout)["entries"] == report["size"] >= least
    assert report["differences"] == []
