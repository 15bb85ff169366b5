"""Wrong things made from right ones: values, trees and bytes that no decoder should trip over, by a seeded chance.

Must not know: what is decoded.
"""

import gzip
import json
from random import Random
from typing import Any

_DEEP = 40
_DEEPER = 20_000


class Raw(str):
    """A piece of JSON as it is to be written."""

    __slots__ = ()


class Twice:
    """An object with a name that is given twice."""

    def __init__(self, value: dict[str, Any], name: str, other: Any) -> None:
        self.value = value
        self.name = name
        self.other = other


def _nested(depth: int) -> Raw:
    return Raw("[" * depth + "]" * depth)


#: Values that are wrong almost everywhere, and right in some odd place.
NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.1, -0.0, 1e308, 2**31, 2**53 - 1, 2**53, -(2**53), 2**63 - 1, 2**63, 2**64, 10**30,
    "", " ", "\0", "\n", "EUR\n", "eur", "ZZZ", "XAU", "..", "../../etc", "%00", "%", "'", '"', "\\", "a" * 64, "a" * 65,
    "a" * 201, "a" * 10_000, "é" * 100, "ﬀ", "İ", "ß", "\u202e", "\ufeff", "\u2028", "\uffff", "𝒳" * 40, "\ud800", "\udfff",
    "e\u0301", "null", "NaN", "=1+1", "<script>", "${jndi:ldap://x}", "'; drop table event; --", "@", "a@b", "@x.example",
    "a@" + "x" * 300 + ".example", "a@xn--a.example", "a@☃.example", '"@"@x.example', "+" + "9" * 50, "+49 30 1234567", "00",
    "2024-02-30T00:00:00Z", "2024-02-29T23:59:60Z", "2024-02-29T24:00:00Z", "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59", "1969-12-31T23:59:59Z",
    "2024-01-01T00:00:00", "2024-01-01", "2024-01-01T00:00:00.1234567890Z", "2024-03-31T02:30:00+01:00", "-2024-01-01T00:00:00Z",
    [], {}, [[]], [None], {"": ""}, {"a": {"b": [1]}}, ["x"] * 2_000,
    Raw("1e999"), Raw("-1e999"), Raw("-0"), Raw("01"), Raw("1.0"), Raw("1e2"), Raw("NaN"), Raw("Infinity"), Raw("9" * 400),
    Raw('"\\ud800"'), Raw('"\\u0000"'), Raw('"\\x"'), Raw("undefined"), Raw("'x'"), _nested(_DEEP), _nested(_DEEPER),
)  # fmt: skip


class Mutator:
    """Makes wrong things. ``samples`` lend each other their fields."""

    def __init__(self, random: Random, samples: list[dict[str, Any]]) -> None:
        self.random = random
        self._samples = samples

    def nasty(self) -> Any:
        """Give a value."""
        return self.random.choice(NASTY)

    def text(self) -> str:
        """Give a text that a transport can carry."""
        found = self.nasty()
        text = found if isinstance(found, str) and not isinstance(found, Raw) else str(found)[:200]
        return text.encode("utf-8", "replace").decode()

    def tree(self, value: Any, changes: int = 1) -> Any:
        """Give the value with so many of its places changed."""
        for _ in range(changes):
            value = self._changed(value)
        return value

    def _changed(self, value: Any) -> Any:
        if isinstance(value, dict) and value and self.random.random() < 0.9:
            return self._mapping(dict(value))
        if isinstance(value, list) and value and self.random.random() < 0.8:
            found = list(value)
            place = self.random.randrange(len(found))
            found[place] = self._changed(found[place])
            return found * self.random.choice((1, 1, 2))
        return self.nasty()

    def _mapping(self, value: dict[str, Any]) -> Any:
        name = self.random.choice(list(value))
        match self.random.randrange(8):
            case 0:
                del value[name]
            case 1:
                value[self.text()] = self.nasty()
            case 2:
                value[name] = [value[name]]
            case 3:
                return Twice(value, name, self.nasty())
            case 4:
                value |= {name: other for name, other in self.random.choice(self._samples).items() if name != "id"}
            case 5:
                value[name] = self._changed(value[name])
            case _:
                value[name] = self.nasty()
        return value

    def spoiled(self, data: bytes) -> bytes:
        """Give the bytes with a few of them wrong."""
        found = bytearray(data)
        for _ in range(self.random.choice((1, 1, 2, 5, 30))):
            at = self.random.randrange(len(found) + 1)
            match self.random.randrange(6):
                case 0:
                    del found[at : at + self.random.choice((1, 3, 100))]
                case 1:
                    found[at:at] = self.random.randbytes(self.random.choice((1, 2, 8)))
                case 2:
                    found[at:at] = self.random.choice(
                        (b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r\n", b"{", b"]")
                    )
                case 3:
                    found[at:at] = found[self.random.randrange(len(found) + 1) :][:200]
                case 4:
                    del found[at:]
                case _:
                    if at < len(found):
                        found[at] ^= 1 << self.random.randrange(8)
        return bytes(found)

    def packed(self, data: bytes) -> bytes:
        """Give them compressed, sometimes badly, sometimes as a bomb."""
        chance = self.random.random()
        if chance < 0.1:
            return gzip.compress(b" " * self.random.choice((1 << 20, 1 << 24)) + data, mtime=0)
        packed = gzip.compress(data, mtime=0)
        if chance < 0.2:
            return packed + gzip.compress(data, mtime=0)
        return self.spoiled(packed) if chance < 0.5 else packed

    def written(self, value: Any) -> bytes:
        """Write a value as JSON, with what JSON's writers would not write."""
        return self._json(value).encode("utf-8", "surrogatepass")

    def _json(self, value: Any) -> str:
        if isinstance(value, Raw):
            return str(value)
        if isinstance(value, Twice):
            whole = self._json(value.value)
            again = f"{json.dumps(value.name)}: {self._json(value.other)}"
            return f"{whole[:-1]}, {again}}}" if len(whole) > 2 else f"{{{again}}}"
        if isinstance(value, dict):
            pairs = (f"{json.dumps(str(name))}:{self._json(one)}" for name, one in value.items())
            return "{" + ",".join(pairs) + "}"
        if isinstance(value, list | tuple):
            return "[" + ",".join(map(self._json, value)) + "]"
        return json.dumps(value, ensure_ascii=self.random.random() < 0.5)
