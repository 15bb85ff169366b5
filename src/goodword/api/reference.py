"""The published document as a page to read: rendered here, from the document alone; no script, nothing from another host.

Must not know: operations, what any of them does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from goodword.words import pages

_LOOK: Final = """
header,main{max-width:960px;margin:0 auto;padding:24px 20px}
header{padding-bottom:0}
.skip{position:absolute;left:-999px}
.skip:focus{position:static}
h2{font-size:20px;line-height:28px;margin:40px 0 12px;padding-top:16px;border-top:1px solid var(--line)}
h3{font-size:16px;line-height:24px;margin:0 0 8px}
h4{font-size:14px;line-height:20px;margin:16px 0 4px}
article{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:16px;margin:0 0 16px;scroll-margin-top:16px}
article :last-child{margin-bottom:0}
article p,dd,li{color:var(--ink-2)}
article p{margin:0 0 8px}
nav ul{columns:2;padding-left:20px;margin:0 0 16px}
@media(max-width:767px){nav ul{columns:1}nav li{padding:8px 0}}
dl{margin:0}
dt{margin:8px 0 0}
dd{margin:0 0 0 16px}
ul{margin:4px 0;padding-left:20px}
summary{cursor:pointer;padding:4px 0}
code{background:var(--sunken);border-radius:4px;padding:1px 4px}
"""

Schema = dict[str, Any]


def page(document: dict[str, Any]) -> pages.Page:
    """Return the page of a document."""
    info, tags = document["info"], dict[str, list[tuple[str, str, dict[str, Any]]]]()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append((path, method, operation))
    schemas = document["components"]["schemas"]
    title = f"{info['title']} API"
    parts = [
        '<a class="skip" href="#operations">To the operations</a>',
        f"<header><h1>{escape(title)}</h1>",
        f"<p>Version {escape(info['version'])}. {_prose(info['description'])}</p>",
        '<p>For programs: <a href="/openapi.json">openapi.json</a>, OpenAPI 3.1.</p>',
        "<p>A request has an API key: <code>Authorization: Bearer KEY</code>. Errors are problem documents (RFC 9457).</p>",
        '<nav aria-label="Operations">',
        *(part for tag, operations in tags.items() for part in _contents(tag, operations)),
        '</nav></header><main id="operations">',
        *(part for tag, operations in tags.items() for part in _tag(tag, operations)),
        '<h2 id="schemas">Schemas</h2>',
        *(part for name in sorted(schemas) for part in _named(name, schemas[name])),
        "</main>",
    ]
    return pages.page(title, "\n".join(parts), _LOOK)


def _contents(tag: str, operations: list[tuple[str, str, dict[str, Any]]]) -> Iterator[str]:
    yield f"<h2>{escape(tag.capitalize())}</h2><ul>"
    for path, method, operation in operations:
        yield f'<li><a href="#{escape(operation["operationId"])}"><code>{method.upper()} {escape(path)}</code></a></li>'
    yield "</ul>"


def _tag(tag: str, operations: list[tuple[str, str, dict[str, Any]]]) -> Iterator[str]:
    yield f'<h2 id="tag-{escape(tag)}">{escape(tag.capitalize())}</h2>'
    for path, method, operation in operations:
        yield from _operation(path, method, operation)


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    id_ = escape(operation["operationId"])
    yield f'<article id="{id_}" aria-labelledby="{id_}-title">'
    yield f'<h3 id="{id_}-title"><code>{method.upper()} {escape(path)}</code></h3>'
    yield f"<p>{_prose(operation.get('description', operation['summary']))}</p>"
    needs = operation.get("x-permission")
    yield f"<p>{f'Needs <code>{escape(needs)}</code>.' if needs else 'Needs no key.'}</p>"
    if parameters := operation.get("parameters"):
        yield "<h4>Parameters</h4><dl>"
        for parameter in parameters:
            form = f"{_form(parameter['schema'])}, in the {parameter['in']}{', required' if parameter['required'] else ''}."
            told = parameter.get("description") or parameter["schema"].get("description", "")
            yield f"<dt><code>{escape(parameter['name'])}</code></dt><dd>{form} {_prose(told)}</dd>"
        yield "</dl>"
    if body := operation.get("requestBody"):
        yield f"<h4>Body</h4><p>{_content(body)}</p>"
    yield "<h4>Answers</h4>"
    for status, answer in sorted(operation["responses"].items()):
        lines = _prose(answer["description"])
        if int(status) < 400:  # noqa: PLR2004 - the first status of an error
            yield f"<p><strong>{status}</strong> {lines} {_content(answer)}</p>"
        else:
            codes = re.findall(r"^- `(\w+)`", answer["description"], re.MULTILINE)
            short = ", ".join(f"<code>{code}</code>" for code in codes)
            yield f"<details><summary><strong>{status}</strong> {short}</summary>{_told(answer['description'])}</details>"
    yield "</article>"


def _content(holder: dict[str, Any]) -> str:
    shown = [f"{escape(kind)}: {_form(media.get('schema', {}))}" for kind, media in holder.get("content", {}).items()]
    return " · ".join(shown)


def _named(name: str, schema: Schema) -> Iterator[str]:
    yield f'<article id="schema-{escape(name)}" aria-labelledby="schema-{escape(name)}-title">'
    yield f'<h3 id="schema-{escape(name)}-title">{escape(name)}</h3>'
    if told := schema.get("description"):
        yield f"<p>{_prose(told)}</p>"
    properties = schema.get("properties")
    if not properties:
        yield f"<p>{_form(schema)}</p>"
    else:
        yield "<dl>"
        for field, of in properties.items():
            needed = ", required" if field in schema.get("required", ()) else ""
            yield f"<dt><code>{escape(field)}</code></dt><dd>{_form(of)}{needed}. {_told(of.get('description', ''))}</dd>"
        yield "</dl>"
    yield "</article>"


def _form(schema: Schema) -> str:
    """A schema in a few words; one that has a name is a link to it."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for several, sign in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
        if several in schema:
            shown = [_form(part) for part in schema[several] if part.get("$ref") or set(part) - {"properties"}]
            return sign.join(dict.fromkeys(shown))
    if "enum" in schema:
        return "one of " + ", ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_form(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"mapping to {_form(schema['additionalProperties'])}"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return escape(f"{words}{_bounds(schema)}")


def _bounds(schema: Schema) -> str:
    words = [schema["format"]] if "format" in schema else []
    for low, high, what in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters")):
        if low in schema or high in schema:
            ends = f"{schema.get(low, '')}…{schema.get(high, '')}" if low in schema else f"at most {schema[high]}"
            words.append(ends + what)
    return f" ({', '.join(map(str, words))})" if words else ""


def _prose(text: str) -> str:
    """One paragraph: what stands in backticks is code."""
    first = text.partition("\n\n- ")[0]
    return re.sub(r"`{1,2}([^`]+)`{1,2}", r"<code>\1</code>", escape(" ".join(first.split()), quote=False))


def _told(text: str) -> str:
    """A paragraph, and the list behind it if there is one."""
    before = [line for line in text.splitlines() if not line.startswith("- ")]
    items = [f"<li>{_prose(line[2:])}</li>" for line in text.splitlines() if line.startswith("- ")]
    return _prose(" ".join(before)) + (f"<ul>{''.join(items)}</ul>" if items else "")
