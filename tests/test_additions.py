"""What a new kind, command, read, noun, source or follower takes, as CONTRIBUTING lists it: each is added to a copy of the tree.

A made-up one of each sort stands in ``tests/additions``: the change of the source, in no other files than are listed for it, and
a script that works with it and fails without. What is no kind is used over HTTP, on a real PostgreSQL and with its worker.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from testkit.product import python
from tests.acceptance.pages import only
from tests.conftest import ROOT

PAGES = Path(__file__).parent / "additions"
#: Each takes a module and its line in a registry.
KINDS = ("condition", "reward", "signal", "rail")
#: The most files that each may take; its test comes beside them.
MOST = {"command": 5, "read": 3, "noun": 5, "source": 3, "follower": 3}


def changed(sort: str) -> list[str]:
    """Return the files that an addition changes or makes, in the product's package."""
    return re.findall(r"^\+\+\+ b/src/goodword/(.+)$", only(PAGES / f"{sort}.md", "diff"), re.MULTILINE)


def before_and_after(sort: str, folder: Path, more: str = "", **settings: str) -> str:
    """Run an addition's script on a copy of the source, which must fail, and again with its change; return the first one's errors."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    page = PAGES / f"{sort}.md"
    path = f"{folder / 'src'}{os.pathsep}{ROOT}"
    env = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **settings}
    before = python("-c", only(page, "python") + more, env=env)
    assert before.returncode != 0, "it works without the addition: the script shows nothing"
    subprocess.run(["git", "apply"], cwd=folder, input=only(page, "diff"), text=True, check=True)
    after = python("-c", only(page, "python") + more, env=env)
    assert after.returncode == 0, after.stderr[-3000:]
    return before.stderr


@pytest.mark.parametrize("sort", KINDS)
def test_a_new_kind_takes_a_module_and_its_line(sort: str, tmp_path: Path) -> None:
    """In a copy of the source with one module and its registry line added, and nothing else, the new kind works."""
    assert sorted(name.endswith("/__init__.py") for name in changed(sort)) == [False, True]
    before_and_after(sort, tmp_path)


@pytest.mark.parametrize("sort", MOST)
def test_what_is_added_takes_the_files_that_are_listed(sort: str, database: str, tmp_path: Path) -> None:
    """In a copy of the source with these files changed, and nothing else, the new thing works from HTTP to the database."""
    assert len(changed(sort)) <= MOST[sort]
    home, served = str(tmp_path / "home"), only(PAGES / "served.md", "python")
    errors = before_and_after(sort, tmp_path, served, DATABASE_URL=database, GOODWORD_HOME=home)
    assert "in use\n" in errors, errors[-2000:]


def test_contributing_lists_these_files() -> None:
    """The page names each file that the additions above change, in the row of its sort."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    for sort in MOST:
        [row] = [line for line in page.splitlines() if line.startswith(f"| a {sort} |")]
        for path in changed(sort):
            folder, _, name = path.rpartition("/")
            assert f"`{path}`" in row or f"`{folder}/<" in row, (sort, path, name)
