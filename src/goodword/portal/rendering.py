"""Templates of the portal: Jinja2 with every text escaped, and a name that nobody gave is an error, never an empty place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from goodword import words
from goodword.core import calendar
from goodword.web.forms import once
from goodword.words.catalogue import catalogue

#: The state of a deal -> its meaning and its shape, as staff see it.
LOOKS: Final = {
    "submitted": ("wait", "g-half"),
    "accepted": ("good", "g-ok"),
    "declined": ("stop", "g-stop"),
    "withdrawn": ("calm", "g-no"),
    "won": ("good", "g-ok"),
    "lost": ("calm", "g-no"),
    "expired": ("calm", "g-no"),
}


class Templates:
    """The templates of the portal. ``file``: where a style or an icon is."""

    def __init__(self, file: Callable[[str], str]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(day=words.day, iso=calendar.text)
        self._environment.globals.update(
            file=file,
            say=words.portal,
            word=catalogue().say,
            declined=words.declined,
            money=words.money,
            once=once,
            looks=LOOKS,
        )

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Return a page. Raises jinja2.TemplateError for a mistake of ours."""
        return self._environment.get_template(name).render(values)
