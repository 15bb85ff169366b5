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
    return dumped(said(rules))


def dumped(said: Any) -> str:
    """Return what a file says as YAML."""
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100)


def said(part: Any) -> Any:
    """Return what a part of a file says, without what it may leave out."""
    if isinstance(part, Struct):
        tag = part.__struct_config__.tag_field
        found: dict[str, Any] = {tag: part.__struct_config__.tag} if tag is not None else {}
        for field in fields(part):
            own = field.default_factory() if field.default_factory is not NODEFAULT else field.default
            value = getattr(part, field.name)
            if value != own:
                found[field.encode_name] = said(value)
        return found
    if isinstance(part, (list, tuple)):
        return [said(each) for each in part]
    return msgspec.to_builtins(part)
