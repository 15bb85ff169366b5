"""The core decides in codes and typed values: what people read of a decision is said by ``words``."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import goodword.core

CORE = Path(goodword.core.__file__).parent

#: Two words of a language with a space between them, wherever in a text.
SENTENCE = re.compile(r"[A-Za-z]{2,}[,;:.]? [a-z]{2,}|^ [a-z]{2,}( |$)|^[a-z]{2,}: $")

#: Files that may hold sentences of one kind, each with the reason.
MAY = {
    "invariants.py": "what is broken is our own mistake: it is said to whoever mends the product, as an exception is",
    "rule_checks.py": "errors in a rule file are in the words of its format; what publishing found stands in the log, whose bytes hold",
    "pilots.py": "what is drawn begins with it, so that it can be no other draw's",
    "rules.py": "what a version's hash begins with, so that it can be no other document's",
    "money.py": "as in rule_checks: why a currency cannot be named by new rules",
    "taxes.py": "where in a law a threshold stands: a citation, the same in every language",
    "access.py": "the table of roles is a text whose first line abbreviates their names",
}


def sentences(code: str) -> Iterator[str]:
    """Yield the texts in a module that are words of a language: no docstring, no message of an exception or assertion, no YAML."""
    tree = ast.parse(code)
    spared: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            spared.update(ast.walk(first) if isinstance(first, ast.Expr) else ())
        elif isinstance(node, ast.keyword) and node.arg == "description":  # of a published schema
            spared.update(ast.walk(node.value))
        elif isinstance(node, ast.Raise):
            spared.update(ast.walk(node))
        elif isinstance(node, ast.Assert) and node.msg is not None:
            spared.update(ast.walk(node.msg))
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and node not in spared else None
        if isinstance(text, str) and not text.startswith("{") and SENTENCE.search(text):
            yield text


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_the_core_has_no_sentence(path: Path) -> None:
    """No file of the core holds a text in a language, but those that are named with their reason, which do."""
    found = list(sentences(path.read_text()))
    assert bool(found) is (path.name in MAY), found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('X = {"a": "The code belongs to another."}', 1),
        ('def f(x): return f"{x} ended on {x}"', 1),
        ('def f(x="no amount"): return x', 1),
        ('class Refusal(Enum):\n    a = "Nobody owns it."', 1),
        ('def f():\n    """Return the sum of it."""\n    return "not_found"', 0),
        ('def f():\n    raise ValueError("a time needs a zone")', 0),
        ('def f(x):\n    assert x, "it must be there"', 0),
        ('A = Meta(description="two letters of a code")', 0),
        ('EXAMPLES = ("{kind: trait, name: plan, equals: team}",)', 0),
        ('X = "EUR JPY KWD"', 0),
        ('def f(x): return f"{x}:{x}"', 0),
    ],
)
def test_a_sentence_is_found(code: str, found: int) -> None:
    """The test above can fail: a sentence is seen in a table, an f-string, a default, an enumeration; nothing else is taken for one."""
    assert len(list(sentences(code))) == found
