"""A newcomer's walk: a fresh clone, README and the quickstarts in order, each in an empty folder, as an ordinary user.

By default the clone takes the packages of the .venv that runs the tests, but no file of the tree, in place of its own ``make setup``.
FULL=1 runs that block of README too, as it stands: setup, demo and path, and walks as the caller besides.
The time to the first explained reward is printed.
"""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testkit.product import ROOT, python_of
from tests.acceptance import pages

from goodword.store.embedded_place import _SERVANTS

FULL = bool(os.environ.get("FULL"))
#: Root's own walk of README is in test_pages.py; who is not root is an ordinary user.
WHO = ["caller", "ordinary user"] if FULL else ["ordinary user" if os.geteuid() == 0 else "caller"]
SYSTEM = "/usr/local/bin:/usr/bin:/bin"
_SETUP = 600


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield an empty folder with a clone of the tree as it is committed."""
    for need in ("bash", "curl", "git"):
        if shutil.which(need) is None:
            pytest.skip(f"{need} is not there: the walk was NOT made")
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository: the walk was NOT made")
    with pages.empty_folder() as folder:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
        yield folder


def _ordinary() -> dict[str, Any]:
    """Return an ordinary user, as subprocess takes one: that which PostgreSQL runs as."""
    if os.geteuid() != 0:
        pytest.skip("the caller is no root, and the walk as the caller is one of an ordinary user")
    for name in _SERVANTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    pytest.skip(f"there is none of the users {', '.join(_SERVANTS)}: the walk as an ordinary user was NOT made")


def _command(folder: Path, who: dict[str, Any]) -> str:
    """Put what setup gives into a folder, of the clone's source, with a Python that the user may run; return PATH with it."""
    packages = Path(pytest.__file__).parents[1]
    paths = f"{folder / 'clone' / 'src'}:{packages}"
    own = f"import goodword.wiring; assert goodword.__file__.startswith({str(folder)!r})"
    python = python_of(paths, own, **who)
    if python is None:
        pytest.skip(f"no Python that the user may run has the packages of {packages}: the walk was NOT made")
    (folder / "bin").mkdir()
    for command, module in {
        "goodword": "goodword",
        "uvicorn": "uvicorn",
        "flask": "flask",
        "django-admin": "django",
    }.items():
        (folder / "bin" / command).write_text(f'#!/bin/sh\nPYTHONPATH={paths} exec {python} -m {module} "$@"\n')
        (folder / "bin" / command).chmod(0o755)
    return f"{folder / 'bin'}:{SYSTEM}"


def _set_up(folder: Path, who: dict[str, Any]) -> str:
    """Run README's block that sets up the clone, and return the PATH that it ends with."""
    clone, home = folder / "clone", folder / "setup"
    home.mkdir()
    if who:
        for one in (home, clone, *clone.rglob("*")):
            os.chown(one, who["user"], who["group"], follow_symlinks=False)
    script = f'set -e\n{pages.setup(clone / "README.md")}echo; echo "$PATH"\n'
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=clone,
        env={**pages.sources(), "PATH": SYSTEM, "HOME": str(home), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=_SETUP,
        check=False,
        **who,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "every unit adds up to zero" in done.stdout
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("who", WHO)
def test_a_newcomer_comes_to_an_explained_reward(folder: Path, who: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command ends well for both, and prints what the page says; the demo before it, in a full walk, is in nobody's way."""
    user = _ordinary() if who == "ordinary user" else {}
    began = time.monotonic()
    path = _set_up(folder, user) if FULL else _command(folder, user)
    clone = folder / "clone"
    quickstarts = sorted((clone / "docs").glob("quickstart-*.md"))
    assert len(quickstarts) == 7
    for page in [one for one in quickstarts if pages.missing(one, SYSTEM)]:
        quickstarts.remove(page)
        with capsys.disabled():
            print(f"\n{', '.join(pages.missing(page, SYSTEM))}: not there, {page.name} was NOT walked")
    for page in (clone / "README.md", *(quickstarts if FULL or user else [])):  # the caller's are in test_pages.py
        place = folder / page.stem
        place.mkdir()
        done = pages.run(page, place, path, user)
        assert done.code == 0, f"{page.name}\n{done.output}\n{done.errors}\n{(place / 'goodword.log').read_text()}"
        assert done.printed
        for block, printed in done.printed:
            assert pages.alike(printed) == pages.alike(block.text), page.name
        if page.stem == "README":
            with capsys.disabled():
                since = "the clone, with make setup and make demo" if FULL else "the clone, without make setup"
                print(f"\n{who}: the first explained reward {time.monotonic() - began:.0f} s after {since}")
    assert any((folder / "README" / "home").rglob("goodword")), "it lived in the user's own home"
