"""Named statements: SQL stands in ``sql/<noun>.sql``, each statement with a name and a line that says what for.

    -- name: undecided
    -- Events that wait to be decided, in order of acceptance.
    select … where workspace_id = $1 …

What all entities share is made of ``sql/entity.sql`` by ``entity_sql.py``. Must not know: what any statement means.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

FOLDER = files("goodword.store") / "sql"
_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\n", re.MULTILINE)


@cache
def statements(noun: str) -> Mapping[str, str]:
    """Return the statements of ``sql/<noun>.sql`` by name. Raises ValueError for a name that stands there twice."""
    parts = _NAME.split((FOLDER / f"{noun}.sql").read_text())
    named = dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))
    if len(named) != len(parts) // 2:
        raise ValueError(f"sql/{noun}.sql names a statement twice")
    return MappingProxyType(named)
