"""A rule version as a rule file: what it says, without what a file may leave out. Must not know: who reads it."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml
from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from goodword.core.rules import Rules


def text(rules: Rules) -> str:
    """Return rules as YAML, in the order of the file's fields; published again it would be the same version."""
    return yaml.safe_dump(_said(rules), sort_keys=False, allow_unicode=True, width=100)


def _said(part: Any) -> Any:
    if isinstance(part, Struct):
        tag = part.__struct_config__.tag_field
        said: dict[str, Any] = {tag: part.__struct_config__.tag} if tag is not None else {}
        for field in fields(part):
            own = field.default_factory() if field.default_factory is not NODEFAULT else field.default
            value = getattr(part, field.name)
            if value != own:
                said[field.encode_name] = _said(value)
        return said
    if isinstance(part, (list, tuple)):
        return [_said(each) for each in part]
    return msgspec.to_builtins(part)
