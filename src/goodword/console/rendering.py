"""Templates: Jinja2 with every text escaped, and a name that nobody gave is an error, never an empty place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from goodword import words
from goodword.app import sheets
from goodword.console import facts, nav, parts
from goodword.console.pieces import Pieces
from goodword.console.static_files import StaticFiles
from goodword.web.forms import once

_FOLDER = Path(__file__).parent / "templates"


def _flag(code: str) -> str:
    """What a flag has seen; one that is no signal's, such as that of a suspended advocate, has no sentence and is its code."""
    try:
        return words.flag(code)
    except KeyError:
        return parts.spoken(code)


class Templates:
    """The templates of the console."""

    def __init__(self, files: StaticFiles) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._names = frozenset(self._environment.list_templates())
        pieces = Pieces(files.address("icons.svg"))
        self._environment.filters.update(parts.FILTERS)
        self._environment.filters.update(
            pieces.filters(), decision=sheets.decision, bank_line=words.bank_line, payee_check=words.payee_check
        )
        self._environment.globals.update(
            root=nav.ROOT,
            file=files.address,
            pieces=pieces,
            once=once,
            say=words.page,
            hold=words.hold,
            flag=_flag,
            metric=words.metric,
            notice=words.notice,
            refusal=words.refusal,
            measure=words.measure,
            fact=facts.told,
            places=facts.PLACES,
            speaks_for=facts.speaks_for,
            rejected=facts.rejected,
            rule=facts.rule,
            happened=facts.happened,
            names_of=facts.names_of,
            days_to=parts.days_to,
            called=parts.called,
        )

    def part(self, name: str) -> str | None:
        """Return the template of a record as it stands beside its list: the ``_drawer.html`` next to its ``detail.html``, if any."""
        folder, _, file = name.rpartition("/")
        part = f"{folder}/_drawer.html"
        return part if file == "detail.html" and part in self._names else None

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Return a page. Raises jinja2.TemplateError for a mistake of ours."""
        return self._environment.get_template(name).render(values)


def wants_json(request: Request) -> bool:
    """Return whether a request asks for the twin of a page: it takes JSON and no HTML."""
    takes = request.headers.get("accept", "")
    return "application/json" in takes and "text/html" not in takes
