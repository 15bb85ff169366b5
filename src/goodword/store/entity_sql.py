"""The statements that all nouns share, made of ``sql/entity.sql`` and a struct's fields: nobody writes a column twice.

Must not know: what a field means.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from goodword.core.state import Conversion, Entity, Referral, Reward
from goodword.store.sql_files import FOLDER, statements

#: Nouns whose rows say at which end of the log they were written last, besides their fields: what an export goes on from.
STAMPED: frozenset[type[Entity]] = frozenset({Reward, Referral, Conversion})
STAMP = "changed"


@cache
def statements_of(noun: type[Entity]) -> Mapping[str, str]:
    """Return ``load``, ``save``, ``every`` and an ``of_<group>`` for each of its ``GROUPS``: each with its workspace as $1.

    A statement of ``sql/<noun>.sql`` that has one of these names stands in its place.
    """
    name = noun.__name__.lower()
    own = statements(name) if (FOLDER / f"{name}.sql").is_file() else {}
    shared = dict(statements("entity"))
    of, words = shared.pop("of"), _words(noun)
    made = {key: own.get(key, text).format_map(words) for key, text in shared.items()}
    for group in noun.GROUPS:
        made[f"of_{group}"] = own.get(f"of_{group}", of).format_map(words | {"group": _quoted(group)})
    return MappingProxyType(made)


def _words(noun: type[Entity]) -> dict[str, str]:
    """Return what stands in the places of ``sql/entity.sql`` for one noun."""
    key, stamped = noun.KEY, noun in STAMPED
    return {
        "table": _quoted(noun.__name__.lower()),
        "columns": _listed(noun.__struct_fields__),
        "found": _listed(noun.__struct_fields__, "found."),
        "key": _listed(key),
        "it_key": _listed(key, "it."),
        "wanted_key": _listed(key, "wanted."),
        "found_key": _listed(key, "found."),
        "keys": ", ".join(f"${place}::text::text[]" for place in range(2, len(key) + 2)),
        "changes": ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in _others(noun)),
        "stamp": f", {_quoted(STAMP)}" if stamped else "",
        "stamped": ", $3::bigint" if stamped else "",
    }


def _others(noun: type[Entity]) -> list[str]:
    others = [name for name in noun.__struct_fields__ if name not in noun.KEY]
    return [*others, STAMP] if noun in STAMPED else others


def _listed(names: tuple[str, ...], of: str = "") -> str:
    return ", ".join(of + _quoted(name) for name in names)


def _quoted(name: str) -> str:
    """Return the name as SQL takes it, also where it is a word of SQL such as ``case`` or ``on``."""
    return f'"{name}"'
