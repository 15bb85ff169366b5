"""What is wrong in a rule file is told with its line, and with the name that was meant."""

import json

import pytest

from goodword.sources import plain
from goodword.sources.rule_file import RuleFileErrors, read


def _told(text: str, name: str) -> list[str]:
    with pytest.raises(RuleFileErrors) as caught:
        read(text.encode(), name)
    return str(caught.value).splitlines()


def test_each_error_has_its_line_and_the_name_that_was_meant() -> None:
    """A misspelt name, a misspelt choice, a wrong value and one that is missing: each with its line, the near name where one is."""
    wrong = """\
program: x
currency: EUR
holds: 7d
conversions:
  - minimun: {EUR: 200}
    rewards:
      - side: advokate
        kind: cash
        flat:
          EUR: ten
      - kind: csh
        points: 1
"""
    told = _told(wrong, "rules.yaml")
    assert told[0] == "rules.yaml: 6 errors"
    assert [line.split(": found")[0].strip() for line in told[1:]] == [
        "line 3: holds",
        "line 5: conversions[0].minimun",
        "line 7: conversions[0].rewards[0].side",
        "line 10: conversions[0].rewards[0].flat.EUR",
        "line 11: conversions[0].rewards[1].side",
        "line 11: conversions[0].rewards[1].kind",
    ]
    meant = [line.rpartition("did you mean ")[2] for line in told if "did you mean" in line]
    assert meant == ["hold?", "minimum?", "advocate?", "cash?"]


def test_json_has_lines_too() -> None:
    """A JSON file, tabs and all, is told by line; what YAML cannot read is told without."""
    text = '{\n\t"program": "x",\n\t"currency": "EUR",\n\t"holds": 3,\n\t"conversions": [{"rewards": [\n{"side": "friend"}]}]\n}\n'
    assert _told(text, "rules.json")[1].startswith("  line 4: holds: found an unknown name")
    assert _told(text, "rules.json")[2].startswith("  line 6: conversions[0].rewards[0]: found")


def test_every_place_that_is_read_has_its_line() -> None:
    """Of whatever is read the places are the same with lines as without, and no line is beyond the text's end."""
    data = json.dumps({"a": [1, {"b": None}], "c": {"d": [[], {}]}}, indent=1).encode()

    def places(value: object, place: tuple[str | int, ...]) -> set[tuple[str | int, ...]]:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return {place}.union(*(places(item, (*place, step)) for step, item in inner))

    for is_json in (True, False):
        lines = plain.lines(data)
        assert set(lines) == places(plain.load(data, is_json=is_json), ())
        assert max(lines.values()) <= data.count(b"\n") + 1
    assert plain.lines(b"a: [") == {(): 1, ("a",): 1}
