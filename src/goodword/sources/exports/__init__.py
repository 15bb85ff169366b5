"""Exports of other systems, ready to be read: which file of theirs it is, and what each line of it says here.

A system is a module here and its line in ``SYSTEMS``. A file is recognised by its header. A column goes by any of the names that its
system gives it, compared by letters and digits alone: ``Partner ID``, ``partner_id`` and ``partner.id`` are one. Must not know: how a
file is read, the database.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import Any, Final, Literal

from msgspec.structs import replace

from goodword.core.money import CURRENCIES
from goodword.sources import mapping_file
from goodword.sources.exports import dub, firstpromoter, partnerstack, rewardful, tolt
from goodword.sources.exports.base import Export, Fitted, Said, System
from goodword.sources.mapping_file import Mapping
from goodword.sources.table_file import FileError, Table

__all__ = ["SYSTEMS", "Export", "Fitted", "Said", "System", "counted", "fitted"]

#: By the name that the command and the page call it by.
SYSTEMS: Final[dict[str, System]] = {
    it.name: it for it in (rewardful.SYSTEM, firstpromoter.SYSTEM, partnerstack.SYSTEM, dub.SYSTEM, tolt.SYSTEM)
}

#: The sign of a currency says that an amount is no number of minor units.
_SIGN: Final = re.compile("[$\u20ac\u00a3\u00a5]")
#: The last point or comma. Before three digits it may separate thousands, unless one of the other kind stands before it.
_LAST: Final = re.compile("([.,])([0-9]*)$")
_THOUSANDS: Final = 3
_STYLES: Final = {".": "point", ",": "comma"}


def fitted(system: str, header: list[str], said: Said) -> Fitted:
    """Return what a file of a system says, by its header. Raises FileError for none that is known, and for what it lacks."""
    it = SYSTEMS[system]
    has = {_plain(name): name for name in reversed(header) if name}
    found = [(export, _called(export, has)) for export in it.exports]
    whole = [(export, called) for export, called in found if all(name in called for name in export.needed)]
    if not whole:
        lacking = "; ".join(
            f"{export.name} needs {', '.join(export.called[name][0] for name in export.needed if name not in called)}"
            for export, called in found
        )
        raise FileError(f"this is none of the exports of {it.title} that are known: {lacking}")
    export, called = max(whole, key=lambda one: len(one[0].needed))
    if said.currency is not None and said.currency not in CURRENCIES:
        raise FileError(f"currency {said.currency!r}: there is none of this name in ISO 4217")
    steps, left = list[Mapping](), list[tuple[str, str]]()
    for step in export.steps:
        mapping = _step(step, called, said)
        if isinstance(mapping, Mapping):
            steps.append(mapping)
        else:
            left.append((step.kind, export.called[mapping][0]))
    for mapping in steps:
        if _is_money(mapping) and "currency" not in (*mapping.columns, *mapping.constants):
            raise FileError(f"{export.name} of {it.title} say no currency: say which one their amounts are in")
    kinds = {step.kind for step in steps}
    left = [(kind, column) for kind, column in left if kind not in kinds]
    told = f"{export.name} of {it.title}: {', '.join(dict.fromkeys(step.kind for step in steps))}"
    return Fitted(
        tuple(steps),
        "; ".join([told, *(f"no {kind} without a column {column}" for kind, column in dict.fromkeys(left))]),
    )


class _Column:
    """How the amounts of a column are written, as far as its cells show it."""

    def __init__(self) -> None:
        self.styles = set[str]()
        self.signed = self.whole = self.open = False

    def add(self, cell: str) -> None:
        """Look at a cell. A percentage is no amount."""
        if "%" in cell or not re.search("[1-9]", cell):
            return
        self.signed = self.signed or _SIGN.search(cell) is not None
        digits = re.sub("[^0-9.,]", "", cell)
        if (last := _LAST.search(digits)) is None:
            self.whole = True
        elif len(last[2]) == _THOUSANDS and len(set(digits) & set(_STYLES)) == 1:
            self.open = True
        else:
            self.styles.add(_STYLES[last[1]])

    @property
    def units(self) -> bool:
        """Whether something in it says that its amounts are no minor units."""
        return bool(self.styles) or self.signed


def counted(fitted: Fitted, table: Table) -> Fitted:
    """Return the same with how its amounts are written: whole minor units if nothing but digits stands in their columns.

    One amount with decimals, or the sign of a currency, anywhere in a column says that all of it has them: a spreadsheet that saved the
    file anew has made 30 of 30.00. 1,250 says neither, and all columns of a file are written alike. Raises FileError where a file
    leaves it open: a guess would be wrong by a hundredfold.
    """
    columns = {column: _Column() for column in fitted.money}
    places = [(table.header.index(column), it) for column, it in columns.items()]
    for line in table.lines:
        cells = line.cells or []
        for place, it in places:
            if place < len(cells):
                it.add(cells[place])
    styles = {style for it in columns.values() for style in it.styles}
    units = [column for column, it in columns.items() if it.units]
    whole = [column for column, it in columns.items() if not it.units and (it.whole or it.open)]
    ask = "say how amounts are written (--decimal minor, point or comma)"
    if len(styles) > 1:
        raise FileError(f"some amounts have decimals behind a point, some behind a comma: {ask}")
    if units and whole:
        raise FileError(
            f"the amounts of {', '.join(units)} have decimals or a sign, those of {', '.join(whole)} none: {ask}"
        )
    if not styles and any(it.open for it in columns.values()):
        raise FileError(f"of an amount such as 1,250 nobody knows whether it is written in minor units: {ask}")
    decimal: Literal["minor", "point", "comma"] = "minor"
    if units:
        decimal = "comma" if "comma" in styles else "point"
    steps = tuple(replace(step, decimal=decimal) for step in fitted.steps)
    with_ = "in minor units" if decimal == "minor" else f"with a {decimal}"
    return replace(
        fitted, steps=steps, told="; ".join([fitted.told, ", ".join(f"{column} {with_}" for column in columns)])
    )


def _is_money(mapping: Mapping) -> bool:
    return "amount" in mapping.columns and mapping.constants.get("kind") != "points"


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _called(export: Export, has: dict[str, str]) -> dict[str, str]:
    """Return the columns of a header by what they are called here."""
    named = {
        name: next((has[it] for it in map(_plain, names) if it in has), None) for name, names in export.called.items()
    }
    return {name: column for name, column in named.items() if column is not None}


def _step(step: Mapping, called: dict[str, str], said: Said) -> Mapping | str:
    """Return a mapping in the names of a file, or the column without which there is none of it."""
    fields = mapping_file.fields_of(step.kind)
    needs = [
        name
        for field, name in step.columns.items()
        if (fields.get(field) or field == "amount") and step.instead.get(field) not in called
    ]
    conditions = [name for name in chain(step.only, step.filled, step.id) if not name.startswith("?")]
    for name in (*needs, *conditions):
        if name not in called:
            return name
    columns = {field: called[name] for field, name in step.columns.items() if name in called}
    instead = {field: called[name] for field, name in step.instead.items() if name in called}
    if "amount" in instead and "amount" not in columns and "currency" not in instead:
        columns.pop("currency", None)  # it is that of the column that is not there
    columns |= {field: column for field, column in instead.items() if field not in columns}
    constants, empty = dict(step.constants), dict[str, str]()
    if said.currency is not None and _is_money(step):
        (empty if "currency" in columns else constants)["currency"] = said.currency
    if said.program is not None:
        constants["program"] = said.program
    return replace(
        step,
        columns=columns,
        constants=constants,
        empty=empty,
        instead={field: column for field, column in instead.items() if columns[field] != column},
        joined={
            field: found
            for field, names in step.joined.items()
            if field not in columns and (found := tuple(called[name] for name in names if name in called))
        },
        only=_there(step.only, called),
        passed=_there(step.passed, called),
        filled=tuple(called[name] for name in step.filled),
        prefixes=_there(step.prefixes, called),
        id=tuple(called[name] for name in step.id),
        decimal=said.decimal or "minor",
        dates=said.dates or "unix|MM/DD/YYYY|MM/DD/YYYY HH:mm|MM/DD/YYYY HH:mm:ss|MM/DD/YYYY hh:mm A",
        zone=said.zone or "UTC",
    )


def _there(texts: dict[str, Any], called: dict[str, str]) -> dict[str, Any]:
    """Return what is said of columns that a file has, by their names there."""
    return {called[it]: text for name, text in texts.items() if (it := name.lstrip("?")) in called}
