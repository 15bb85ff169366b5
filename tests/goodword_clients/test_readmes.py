"""What the clients' own pages show does what it says, run as it stands at a running server."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance import pages
from tests.api.conftest import Api
from tests.conftest import ROOT
from tests.goodword_clients.conftest import NO_NODE

PYTHON, JAVASCRIPT = ROOT / "clients" / "python", ROOT / "clients" / "javascript"


@pytest.mark.parametrize("language", ["python", "js"])
def test_the_examples_of_a_client_run(api: Api, tmp_path: Path, language: str) -> None:
    """All blocks of its page, one after another: the friend's order is explained, the reward listed, and nothing fails."""
    readme = (PYTHON if language == "python" else JAVASCRIPT) / "README.md"
    text = "\n".join(block.text for block in pages.blocks(readme) if block.language == language)
    if language == "python":
        (tmp_path / "shop.py").write_text(text)
        command = [sys.executable, "shop.py"]
    else:
        if shutil.which("node") is None:
            pytest.skip(NO_NODE)
        (tmp_path / "node_modules").mkdir()
        (tmp_path / "node_modules" / "goodword-client").symlink_to(JAVASCRIPT)
        (tmp_path / "shop.mjs").write_text(text)
        command = ["node", "shop.mjs"]
    keys = {"SECRET_KEY": api.keys["sk"], "WRITE_KEY": api.keys["wk"], "OWNER_KEY": api.keys["owner"]}
    env = {"PYTHONPATH": str(PYTHON / "src"), "PATH": "/usr/local/bin:/usr/bin:/bin", "GOODWORD_URL": api.url, **keys}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert f"accepted {api.url}/w/{api.ws}/r/ANN" in done.stdout
    assert "You earn" in done.stdout
    assert " EUR " in done.stdout
    assert api.call("sk", "GET", "/v1/people", params={"external_id": "cleo"}).is_success


def test_python_3_9_reads_the_client() -> None:
    """The whole of it is in the grammar of the oldest Python that it names."""
    files = sorted((PYTHON / "src").rglob("*.py"))
    assert len(files) > 8
    for file in files:
        ast.parse(file.read_text(), feature_version=(3, 9))
