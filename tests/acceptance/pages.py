"""A page of the documentation, run as it stands: what somebody gets who copies its commands one after another.

All ``sh`` blocks of a page go to one bash, in order. A ``text`` block behind one is what it prints. A block of another language
whose first line is a comment with a file's name is that file. Stated exceptions, and no others:

- The block with ``make setup`` is left out: the caller has a .venv. ``setup`` in this module runs it.
- Where port 8484 is taken by something else, another one stands in its place.
- Output is compared after ids, keys, digests, times and white space were made alike, see ``alike``. What goes to stderr, such as
  curl's progress, is not compared.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from testkit.database import temporary_home

from goodword.store.embedded_place import ASIDE

PORT = 8484
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"(?:#|//) ([\w.-]+\.\w+)\n")
_MARK = "--- the next block ---"
#: Seconds that a page may take, and what it started may take to end where a command of it has failed.
_WITHIN, _ENDS_WITHIN = 180, 30
#: What tells pip, uv and npm where packages come from, in capitals or not.
_SOURCES = (
    "PIP_",
    "UV_",
    "NPM_CONFIG_",
    "NODE_EXTRA_CA_CERTS",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
)
_ASK = ("npm", "view", "--fetch-retries=0")
_ALIKE = (
    (re.compile(r"\s+"), " "),
    (re.compile(r"\b([a-z]{3})_[0-9A-HJKMNP-TV-Z]{26}\b"), r"\1_ID"),
    (re.compile(r"\bgw_([a-z]{2}_[a-z]+)_[a-z2-7]{56}\b"), r"gw_\1_KEY"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(T[\d:.]+Z)?"), "TIME"),
    (re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b"), "TIME"),
)


class Block(NamedTuple):
    """A block of a page. ``at``: where its text begins and ends."""

    language: str
    text: str
    at: tuple[int, int]


class Done(NamedTuple):
    """What a page did. ``printed``: by the blocks that say what they print, with what they say."""

    printed: list[tuple[Block, str]]
    code: int
    output: str
    errors: str


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page that have a language, in order."""
    return [Block(found[1], found[2], found.span(2)) for found in _BLOCK.finditer(page.read_text())]


def only(page: Path, language: str) -> str:
    """Return the one block of a page in a language."""
    [found] = [block.text for block in blocks(page) if block.language == language]
    return found


def missing(page: Path, path: str) -> list[str]:
    """Return what a page needs that is not there: commands, and the registry of npm where the page installs from it."""
    runs = "\n".join(block.text for block in blocks(page) if block.language == "sh")
    needs = ["bash", "curl", *(name for name in ("node", "npm") if re.search(rf"^{name} ", runs, re.MULTILINE))]
    gone = [need for need in needs if shutil.which(need, path=path) is None]
    if "npm" in needs and not gone:
        with tempfile.TemporaryDirectory() as home:
            env = {**sources(), "PATH": path, "HOME": home}
            asked = subprocess.run([*_ASK, "express", "name"], env=env, cwd=home, capture_output=True, check=False)
        gone += ["the registry of npm"] if asked.returncode else []
    return gone


def sources() -> dict[str, str]:
    """Return what tells pip, uv and npm where packages come from."""
    return {name: value for name, value in os.environ.items() if name.upper().startswith(_SOURCES)}


def setup(page: Path) -> str:
    """Return the block that sets up a clone."""
    return next(block.text for block in blocks(page) if block.language == "sh" and "make setup" in block.text)


def alike(text: str) -> str:
    """Return a text with what differs from run to run in one form, so that the rest can be compared."""
    for pattern, form in _ALIKE:
        text = pattern.sub(form, text)
    return text.strip()


def run(page: Path, folder: Path, path: str, who: Mapping[str, Any] = MappingProxyType({})) -> Done:
    """Run a page in a folder. ``path``: where commands are; ``who``: subprocess's user and groups, the caller's by default.

    The folder's ``home`` is made and is HOME. Everything that the page started has ended afterwards.
    """
    found = blocks(page)
    home = folder / "home"
    home.mkdir()
    run_ = [
        (place, block) for place, block in enumerate(found) if block.language == "sh" and "make setup" not in block.text
    ]
    with free_port() as port:
        for block in found:
            if name := _FILE.match(block.text):
                (folder / name[1]).write_text(block.text.replace(str(PORT), str(port)))
        for one in (folder, *folder.iterdir()):
            if who:
                os.chown(one, who["user"], who["group"])
        parts = [f"{block.text}echo; echo '{_MARK}'\n" for _, block in run_]
        script = "set -e -o pipefail\n" + "".join(parts).replace(str(PORT), str(port)) + "kill $(jobs -p) && wait\n"
        env = {**sources(), "PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "GOODWORD_PORT": str(port)}
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **who,
        )
        try:
            output, errors = process.communicate(timeout=_WITHIN)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
                for _ in range(_ENDS_WITHIN * 10):
                    os.killpg(process.pid, 0)
                    time.sleep(0.1)
            process.wait()
        pieces = re.sub(rf"\b{port}\b", str(PORT), output).split(f"\n{_MARK}\n")
    following = [found[place + 1] if place + 1 < len(found) else None for place, _ in run_]
    printed = [
        (block, piece)
        for block, piece in zip(following, pieces, strict=False)
        if block is not None and block.language == "text"
    ]
    return Done(printed, process.returncode, output, errors)


def write(page: Path, done: Done) -> None:
    """Put what was printed into the page."""
    text = page.read_text()
    for block, piece in sorted(done.printed, key=lambda pair: -pair[0].at[0]):
        text = text[: block.at[0]] + piece.strip("\n") + "\n" + text[block.at[1] :]
    page.write_text(text)


@contextlib.contextmanager
def empty_folder() -> Iterator[Path]:
    """Yield an empty folder that every user may enter; nothing of it is left afterwards, nor of an embedded database of root's."""
    with temporary_home() as folder:
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            for named in folder.glob("**/.local/share/*/postgres.aside"):
                shutil.rmtree(ASIDE / named.read_text().strip())


@contextlib.contextmanager
def free_port() -> Iterator[int]:
    """Yield the port that the pages name, or another where something has that, be it another page."""
    with (Path(tempfile.gettempdir()) / f"goodword-pages-{os.getuid()}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            wanted = [PORT, 0]
        except BlockingIOError:
            wanted = [0]
        for port in wanted:
            with socket.socket() as found, contextlib.suppress(OSError):
                found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                found.bind(("127.0.0.1", port))
                chosen = int(found.getsockname()[1])
                break
        yield chosen
