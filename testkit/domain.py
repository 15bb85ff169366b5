"""What the canonical encoding is defined for: the domain in which it is RFC 8785's."""

from typing import Any

import msgspec

from goodword.core.money import MAX_INTEGER


def check(value: Any) -> None:
    """Raise ValueError, naming the place, if the value has no canonical encoding that is also RFC 8785's."""
    _check(msgspec.to_builtins(value), "$")


def _check(value: Any, path: str) -> None:
    match value:
        case None | bool():
            return
        case str():
            _check_text(value, path)
        case int():
            if abs(value) > MAX_INTEGER:
                raise ValueError(f"{path}: the integer is beyond 2^53-1")
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise ValueError(f"{path}: the key {key!r} is not ASCII text")
                _check(item, f"{path}.{key}")
        case list() | tuple():
            for index, item in enumerate(value):
                _check(item, f"{path}[{index}]")
        case _:
            raise ValueError(f"{path}: {type(value).__name__} has no canonical encoding")


def _check_text(text: str, path: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{path}: the text has a lone surrogate") from None
