# ruff: noqa: INP001 - a script, not a package
"""Write what of the clients follows from something else: types, the sync client from the async one, the script.

``generate_clients.py`` writes it; ``--check`` writes nothing and fails, naming each file that differs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

from goodword import api
from goodword.app.directory import Directory
from goodword.edge import script
from goodword.edge.document import published

CLIENTS = Path(__file__).resolve().parent.parent / "clients"
PYTHON = CLIENTS / "python" / "src" / "goodword_client"
_MADE = "made from the published document by scripts/generate_clients.py: change it there."
_REF = "#/components/schemas/"
_PREFIX = re.compile(r"^goodword__api__(?:models|bodies)__")
_BY_CLIENT = ("id",)  # what an event needs, and the client gives it


class Shape(NamedTuple):
    """A schema under the name that the clients give it."""

    name: str
    schema: dict[str, Any]


def shapes() -> list[Shape]:
    """Return every schema that a call of the client names, and those within them, by name."""
    document = api.application(cast("Directory", None), published()).openapi()
    schemas: dict[str, Any] = document["components"]["schemas"]
    found: dict[str, str] = {}
    wanted = sorted({"EventAnswer", *re.findall(r"models\.(\w+)", (PYTHON / "aio.py").read_text())})
    names = {name if name in schemas else f"goodword__api__models__{name}" for name in wanted}
    while names:
        full = names.pop()
        short = _PREFIX.sub("", full)
        if found.setdefault(short, full) != full:
            raise SystemExit(f"{full} and {found[short]} would have one name")
        names |= {one for one in _refs(schemas[full]) if _PREFIX.sub("", one) not in found}
    return [Shape(short, schemas[full]) for short, full in sorted(found.items())]


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(ref := schema.get("$ref"), str):
            yield ref.removeprefix(_REF)
        for one in schema.values():
            yield from _refs(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _refs(one)


class Language(NamedTuple):
    """How a language writes types."""

    plain: dict[str, str]
    anything: str
    many: Callable[[str], str]
    by_name: Callable[[str], str]
    choice: Callable[[Iterable[str]], str]


_PY = Language(
    {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"},
    "Any",
    lambda item: f"list[{item}]",
    lambda value: f"dict[str, {value}]",
    lambda values: f"Literal[{', '.join(values)}]",
)
_TS = Language(
    {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"},
    "any",
    lambda item: f"Array<{item}>",
    lambda value: f"Record<string, {value}>",
    " | ".join,
)


def _type(schema: dict[str, Any], to: Language) -> str:
    if "$ref" in schema:
        return _PREFIX.sub("", schema["$ref"].removeprefix(_REF))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one, to) for one in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return to.choice(f'"{one}"' for one in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": one}, to) for one in kind)
    if kind == "array":
        return to.many(to.anything if "prefixItems" in schema else _type(schema.get("items", {}), to))
    if kind == "object":
        inner = schema.get("additionalProperties")
        return to.by_name(_type(inner, to) if isinstance(inner, dict) else to.anything)
    return to.plain.get(kind or "", to.anything)


def _event(shape: Shape) -> bool:
    return "enum" in shape.schema.get("properties", {}).get("type", {})


def _required(shape: Shape) -> set[str]:
    """Return what is always there: of an answer all, of an event what it needs and the client does not give it."""
    if _event(shape):
        return set(shape.schema["required"]) - set(_BY_CLIENT)
    if shape.schema.get("additionalProperties") is False:
        return set(shape.schema.get("required", ()))
    return set(shape.schema["properties"])


def _told(shape: Shape) -> str:
    first = re.split(r"\n\n|(?<=[.:]) ", shape.schema.get("description", "").strip().replace("``", "`"))[0]
    return " ".join(first.rstrip(":").split()) or f"{shape.name}."


def models_py() -> str:
    """The types of the Python client."""
    classes, unions = [], []
    for shape in shapes():
        if "properties" not in shape.schema:
            unions.append(
                f"{shape.name} = Union[\n    {(','.join(_members(shape))).replace(',', ',' + chr(10) + '    ')},\n]"
            )
            continue
        required = _required(shape)
        fields = {name: _type(one, _PY) for name, one in shape.schema["properties"].items()}
        always = [f"    {name}: {kind}" for name, kind in fields.items() if name in required]
        perhaps = [f"    {name}: {kind}" for name, kind in fields.items() if name not in required]
        told = f'    """{_told(shape)}"""\n'
        if always and perhaps:
            classes.append(f"class _{shape.name}(TypedDict):\n" + "\n".join(always))
            classes.append(f"class {shape.name}(_{shape.name}, total=False):\n{told}\n" + "\n".join(perhaps))
        else:
            total = "" if always else ", total=False"
            classes.append(f"class {shape.name}(TypedDict{total}):\n{told}\n" + "\n".join(always or perhaps))
    head = f'# ruff: noqa: D101, E501\n"""What the calls take and give, {_MADE}"""\n\nfrom __future__ import annotations\n\n'
    head += "from typing import Any, Literal, TypedDict, Union\n"
    return "\n\n\n".join((head, *classes)).replace("\n\n\n\n", "\n\n\n") + "\n\n\n" + "\n\n".join(unions) + "\n"


def models_ts() -> str:
    """The types of the JavaScript client."""
    parts = [f"// What the calls take and give, {_MADE}"]
    for shape in shapes():
        if "properties" not in shape.schema:
            parts.append(f"export type {shape.name} =\n  | " + "\n  | ".join(_members(shape)) + ";")
            continue
        required = _required(shape)
        fields = [
            f"  {name}{'' if name in required else '?'}: {_type(one, _TS)};"
            for name, one in shape.schema["properties"].items()
        ]
        parts.append(f"/** {_told(shape)} */\nexport interface {shape.name} {{\n" + "\n".join(fields) + "\n}")
    return "\n\n".join(parts) + "\n"


def _members(shape: Shape) -> list[str]:
    return [_type(one, _PY) for one in shape.schema["anyOf"]]


_SYNC = (
    (
        r'"""The client for asyncio\..*?"""',
        f'"""The client, made from ``aio`` by {Path(__file__).name}: change it there."""',
    ),
    (r"\basync (def|for|with) ", r"\1 "),
    (r"\bawait ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\baclose\b", "close"),
    (r"\basync_(sleep|run)\b", r"\1"),
)


def sync_py() -> str:
    """The sync client."""
    text = (PYTHON / "aio.py").read_text()
    for found, instead in _SYNC:
        text = re.sub(found, instead, text)
    return text


def script_js() -> str:
    """The script for the company's site, for who bundles it."""
    return (Path(script.__file__).parent / "goodword.js").read_text()


FILES: dict[str, Callable[[], str]] = {
    "python/src/goodword_client/models.py": models_py,
    "python/src/goodword_client/sync.py": sync_py,
    "javascript/models.d.ts": models_ts,
    "javascript/goodword.js": script_js,
}


def main() -> int:
    """Write the files, or with --check say which are stale."""
    check = sys.argv[1:] == ["--check"]
    stale = 0
    for name, make in FILES.items():
        path, text = CLIENTS / name, make()
        if check and (not path.is_file() or path.read_text() != text):
            print(f"clients/{name} is not what it is made from; run `make docs`", file=sys.stderr)
            stale = 1
        elif not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
