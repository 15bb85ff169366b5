"""The command line: one file a verb, words in, words out. Must not know: SQL, rules."""

from __future__ import annotations

import logging
from collections.abc import Iterator, MutableMapping
from importlib import import_module

import click

from goodword import __version__

__all__ = ["main"]

#: Command -> the file in this folder that has it. A file is imported when its command is called: most need a third of the
#: program, and whoever types a command waits for what is imported.
_FILES = {
    "demo": "demo",
    "serve": "serve",
    "worker": "serve",
    "migrate": "serve",
    "workspace": "workspaces",
    "member": "members",
    "person": "people",
    "agreement": "agreements",
    "claim": "claims",
    "correction": "corrections",
    "deals": "deals",
    "payees": "payees",
    "payouts": "payouts",
    "pilot": "pilots",
    "program": "programs",
    "rules": "rules",
    "routing": "routing",
    "standing": "standing",
    "audits": "audits",
    "mail": "mail",
    "message": "messages",
    "tax": "taxes",
    "play": "play",
    "import": "imports",
    "reconcile": "reconcile",
    "explain": "explain",
    "replay": "audit",
    "verify": "audit",
    "export": "export",
    "pack": "packs",
    "measures": "measures",
    "quarantine": "quarantine",
    "follower": "followers",
    "sources": "sources",
    "backup": "backup",
    "restore": "backup",
    "doctor": "doctor",
    "keys": "keys",
    "webhook": "webhooks",
    "mapping": "mappings",
    "crm": "crm",
    "own-system": "own_system",
    "console": "console",
}

#: Command -> what it is called in its file, where Python does not allow its name.
_NAMES = {"import": "import_", "own-system": "own_system"}


class _Commands(MutableMapping[str, click.Command]):
    """The commands by name, each imported when it is looked at."""

    def __init__(self) -> None:
        self._added: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._added:
            command: click.Command = getattr(import_module(f"{__name__}.{_FILES[name]}"), _NAMES.get(name, name))
            self._added[name] = command
        return self._added[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._added[name] = command

    def __delitem__(self, name: str) -> None:
        del self._added[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**_FILES, **self._added})

    def __len__(self) -> int:
        return len({**_FILES, **self._added})


@click.group(commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="goodword")
def main() -> None:
    """Referral rewards that are explained, approved by people, paid, balanced and verifiable.

    Settings come from the environment: GOODWORD_HOME (an embedded PostgreSQL lives there) or DATABASE_URL, and more.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
