# ruff: noqa: INP001 - a script, not a package
"""Compile the catalogues of words: each ``.po``, which people write, becomes the ``.mo`` beside it, which the product reads.

Without an argument it writes them; with ``--check`` it writes nothing, and what is not compiled as it stands is wrong too.
It ends with 1 if a catalogue is wrong. What a language lacks is told, by name where it is little, and is no mistake: it is said in
English until it is translated.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from goodword.words.catalogue import ENGLISH, FOLDER

#: The placeholder of the number that a plural form is chosen by.
NUMBER = "number"

#: So many messages that a language lacks are named.
FEW = 20


def read(po: Path) -> Catalog:
    """Return the catalogue of a file. Raises PoFileError for a text that is none."""
    with po.open("rb") as file:
        return read_po(file, locale=ENGLISH if po.stem == ENGLISH else None, abort_invalid=True)


def twice(po: Path) -> list[str]:
    """Return the keys that stand in a file more than once: of their texts only one would be read."""
    keys = Counter(re.findall(r'^msgid "(.+)"$', po.read_text(encoding="utf-8"), re.MULTILINE))
    return sorted(key for key, times in keys.items() if times > 1)


def compiled(catalog: Catalog) -> bytes:
    """Return a catalogue as the product reads it: the same bytes for the same messages, whenever that is."""
    catalog.creation_date = datetime.fromtimestamp(0, UTC)
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def wrong(catalog: Catalog, english: Catalog) -> Iterator[str]:
    """Yield what keeps a catalogue from being used, a line each: keys that English lacks, other placeholders, missing forms."""
    for message in catalog:
        if not message.id or not any(_forms(message)):
            continue
        key = _key(message)
        original = english.get(message.id)
        if original is None:
            yield f"{key}: English has no such message"
        elif message.fuzzy:
            yield f"{key}: is marked as fuzzy"
        elif not all(_forms(message)) or len(_forms(message)) != len(_forms_of(catalog, message)):
            yield f"{key}: a plural form is missing"
        else:
            yield from _placeholders(key, message, original)


def missing(catalog: Catalog, english: Catalog) -> list[str]:
    """Return the keys that English has and the catalogue has not, or without a text."""
    return [_key(one) for one in english if one.id and not _said(catalog.get(one.id))]


def _placeholders(key: str, message: Message, original: Message) -> Iterator[str]:
    wanted = set().union(*map(_names, _forms(original)))
    for form in _forms(message):
        try:
            names = _names(form)
        except ValueError as error:
            yield f"{key}: {error}"
            continue
        # A form for one number only may say it as a word.
        spare = {NUMBER} if message.pluralizable else set()
        if names | spare != wanted | spare or not names <= wanted:
            yield f"{key}: has {_list(names)}, in English {_list(wanted)}"


def _names(text: str) -> set[str]:
    """Return the placeholders of a text. Raises ValueError for one that is no plain name."""
    found = set()
    for _, name, how, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or how or conversion:
            raise ValueError(f"a placeholder is a name in braces and nothing else: {name}")
        found.add(name)
    return found


def _list(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no placeholder"


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _forms_of(catalog: Catalog, message: Message) -> range:
    return range(catalog.num_plurals if message.pluralizable else 1)


def _said(message: Message | None) -> bool:
    return message is not None and any(_forms(message))


def run(folder: Path, *, check: bool) -> list[str]:
    """Compile all catalogues of a folder, or only look; return what is wrong, a line each. What a language lacks is printed."""
    english = read(folder / f"{ENGLISH}.po")
    found: list[str] = []
    for po in sorted(folder.glob("*.po")):
        catalog = read(po)
        lines = [*(f"{key}: stands there twice" for key in twice(po)), *wrong(catalog, english)]
        problems = [f"{po.name}: {line}" for line in lines]
        found += problems
        lacks = missing(catalog, english)
        if lacks:
            named = f": {', '.join(lacks)}" if len(lacks) <= FEW else ""
            print(f"{po.name}: said in English, {len(lacks)} in all{named}")
        mo = po.with_suffix(".mo")
        if not problems and not check:
            mo.write_bytes(compiled(catalog))
        elif not problems and (not mo.exists() or mo.read_bytes() != compiled(catalog)):
            found.append(f"{mo.name} is not {po.name} compiled: run make docs")
    return found


if __name__ == "__main__":
    PROBLEMS = run(FOLDER, check="--check" in sys.argv[1:])
    print("\n".join(PROBLEMS), file=sys.stderr, end="\n" if PROBLEMS else "")
    sys.exit(1 if PROBLEMS else 0)
