"""The histories behind which the benchmarks measure are such as the product itself could have written."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goodword.store.embedded import serving

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a home whose embedded server runs; the server's own user can reach it."""
    with tempfile.TemporaryDirectory(prefix="goodword-test-") as folder:
        Path(folder).chmod(0o711)
        with serving(Path(folder)):
            yield Path(folder)


def _run(home: Path, *arguments: str) -> Any:
    left_out = ("DATABASE_URL", "DATABASE_ADMIN_URL", "GOODWORD_MASTER_KEY")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    environment = {**kept, "GOODWORD_HOME": str(home)}
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize(("what", "count", "least"), [("traffic", 1_500, 1_500), ("payable", 60, 180)])
def test_verify_accepts_a_generated_history(home: Path, what: str, count: int, least: int) -> None:
    """Rows that were copied in are accepted by verify, entry by entry and entity by entity."""
    made = _run(home, "-m", "goodword", "workspace", "create", "History", "--owner", "owner@example.com", "--json")
    filled = _run(home, str(ROOT / "bench" / "filling.py"), str(home), made["id"], what, str(count))
    [report] = _run(home, "-m", "goodword", "verify", "--json")
    assert filled["entries"] == report["size"] >= least
    assert report["differences"] == []
