"""The API's published document as pages: its operations by noun, each with what it needs, takes and answers, and its schemas.

Must not know: operations, what any of them does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from goodword.manual import shapes
from goodword.manual.shapes import Schema, cell

_ERRORS = 400  # the first status of an error
_BEGIN = """\
Every operation of {title} {version} by its noun, made from what the server publishes at `/openapi.json` (OpenAPI 3.1).

A request has an API key ([keys](keys.md)): `Authorization: Bearer KEY`. What changes anything has an `Idempotency-Key` of your own:
sent again under the same key it is done once. Lists have `limit` and `after`, the cursor of the page before.

Errors are problem documents (RFC 9457, `application/problem+json`) with a stable `code`. 429 and 503 may be sent again, after
`Retry-After`."""


def pages(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return path and Markdown of each page."""
    tags: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append((path, method, operation))
    nouns = _Nouns(document["components"]["schemas"])
    return [
        ("api", _first(document, tags)),
        *((f"api/{_named(tag)}", nouns.page(tag, tags[tag])) for tag in sorted(tags)),
        *nouns.schemas(),
    ]


def _first(document: Mapping[str, Any], tags: Mapping[str, list[tuple[str, str, Mapping[str, Any]]]]) -> str:
    info = document["info"]
    lines = [
        "# The API",
        _BEGIN.format(**info),
    ]
    for tag in sorted(tags):
        lines += [f"## {tag.capitalize()}"]
        lines += [
            "\n".join(
                f"- [`{method.upper()} {path}`](api/{_named(tag)}.md#{_anchor(method, path)}): {_first_sentence(operation)}"
                for path, method, operation in tags[tag]
            )
        ]
    return "\n\n".join(lines) + "\n"


class _Nouns:
    """The pages of the nouns, and of the schemas, which are told beside the noun that speaks of them first."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._parts = _parts(schemas)
        self._of = {name: letters for letters, names in self._parts.items() for name in names}

    def page(self, tag: str, operations: list[tuple[str, str, Mapping[str, Any]]]) -> str:
        """Return the page of a noun."""
        named = ", ".join(operation["operationId"].replace("_", " ") for _, _, operation in operations)
        lines = [
            f"# {tag.capitalize()}",
            f"What the API does with {tag}: {named}. For keys, errors and lists see [the API](../api.md).",
        ]
        for path, method, operation in operations:
            lines += [*self._operation(path, method, operation)]
        return "\n\n".join(lines) + "\n"

    def schemas(self) -> Iterator[tuple[str, str]]:
        """Yield the pages of the schemas, by the first letters of their names."""
        for letters, names in self._parts.items():
            lines = [f"# Schemas, {letters}", "What the API takes and answers, by name."]
            for name in names:
                schema = self._schemas[name]
                lines += [f"## {name}", _told(schema.get("description", ""))]
                if schema.get("properties"):
                    lines += [shapes.fields(schema, self._resolve)]
                else:
                    lines += [f"It is {shapes.form(schema, self._resolve)}."]
            yield f"api/{_file(letters)}", "\n\n".join(filter(None, lines)) + "\n"

    def _operation(self, path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
        yield f"## {method.upper()} {path}"
        yield _told(operation.get("description", operation["summary"]))
        needs = operation.get("x-permission")
        yield f"`{operation['operationId']}`. " + (f"Needs the permission `{needs}`." if needs else "Needs no key.")
        if parameters := operation.get("parameters"):
            yield "**Parameters**"
            rows: list[tuple[str, ...]] = [
                (
                    f"`{it['name']}`",
                    it["in"],
                    cell(shapes.form(it["schema"], self._resolve)),
                    "yes" if it.get("required") else "",
                    cell(it.get("description") or it["schema"].get("description", "")),
                )
                for it in parameters
            ]
            yield shapes.table(("name", "in", "holds", "needed", "what it is"), rows)
        if body := operation.get("requestBody"):
            yield f"**Body**: {self._content(body)}."
        yield "**Answers**"
        yield shapes.table(("status", "what it means", "body"), [*self._answers(operation)])
        yield "**Example**"
        yield f"```sh\n{self._curl(path, method, operation)}\n```"

    def _answers(self, operation: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
        for status, answer in sorted(operation["responses"].items()):
            said = answer["description"]
            if int(status) >= _ERRORS:
                said = "; ".join(re.findall(r"^- (.+?)\.?$", said, re.MULTILINE)) or said
            shown = self._content(answer) if int(status) < _ERRORS else "problem"
            yield f"`{status}`", cell(said), cell(shown)

    def _content(self, holder: Mapping[str, Any]) -> str:
        forms = (
            f"`{kind}`: {shapes.form(media.get('schema', {}), self._resolve)}"
            for kind, media in holder.get("content", {}).items()
        )
        return ", or ".join(forms)

    def _curl(self, path: str, method: str, operation: Mapping[str, Any]) -> str:
        """Return a call with curl, as far as the document tells one: what is to be put in stands in capital letters."""
        filled = re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), path)
        parameters = operation.get("parameters", ())
        asked = [
            f"{it['name']}={shapes.example(it['schema'], self._resolve, it['name'])}"
            for it in parameters
            if it["in"] == "query" and it.get("required")
        ]
        address = f"https://goodword.acme.example{filled}{'?' + '&'.join(asked) if asked else ''}"
        parts = [f'curl "{address}"', *([f"-X {method.upper()}"] if method not in ("get", "post") else [])]
        if operation.get("x-permission"):
            parts.append('-H "Authorization: Bearer $KEY"')
        headers = [it for it in parameters if it["in"] == "header" and it.get("required")]
        parts += [f'-H "{it["name"]}: $(uuidgen)"' for it in headers]
        for media in operation.get("requestBody", {}).get("content", {}).values():
            said = json.dumps(shapes.example(media["schema"], self._resolve), indent=2, ensure_ascii=False)
            parts.append("--json '" + said.replace("'", "'\\''") + "'")
            break
        else:
            parts += ["-X POST"] if method == "post" else []
        return " \\\n  ".join(parts)

    def _resolve(self, ref: str) -> tuple[Schema, str]:
        name = ref.rpartition("/")[2]
        return self._schemas[name], f"[{name}]({_file(self._of[name])}.md#{name.lower()})"


_SPANS = ("A to C", "D to M", "N to Q", "R to Z")


def _parts(schemas: Mapping[str, Schema]) -> dict[str, list[str]]:
    """Return the names of schemas by the span of letters that their page has."""
    parts: dict[str, list[str]] = {span: [] for span in _SPANS}
    for name in sorted(schemas):
        parts[next((span for span in _SPANS if name[0].upper() <= span[-1]), _SPANS[-1])].append(name)
    return parts


def _file(letters: str) -> str:
    return f"schemas-{_named(letters)}"


def _named(words: str) -> str:
    """Return words as a part of an address, without a space: no link of Markdown may have one."""
    return words.lower().replace(" ", "-")


def _anchor(method: str, path: str) -> str:
    return re.sub(r"[^\w\- ]", "", f"{method} {path}".lower()).replace(" ", "-")


def _first_sentence(operation: Mapping[str, Any]) -> str:
    said = " ".join(operation.get("description", operation["summary"]).partition("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", said, maxsplit=1)[0]


def _told(text: str) -> str:
    """Return a description as Markdown: code as Markdown has it."""
    return text.replace("``", "`").strip()
