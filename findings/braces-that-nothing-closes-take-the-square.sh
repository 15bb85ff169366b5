#!/usr/bin/env bash
# A template engine reads what others write, such as the text of a message in a form, and is to tell them quickly what is wrong in it.
#
# One would expect the time to read a template to grow with its length, and a text of some kilobytes to be refused at once.
# What happens: python-liquid 2.3.6 takes the square of the number of {{ that nothing closes: 1,000 of them some tenths of a second, 2,000
# four times as long, 4,000 (8 kB) sixteen times, 60 kB minutes. It ends with the right error. The limits that it has (output, loops,
# depth) are of rendering, and reading has none.
# Why it matters here: whoever may preview a text in a form could hold a server with each request. The product refuses a text that opens
# more than 100 braces before Liquid reads it, and one of more than 8,000 characters.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv v && v/bin/pip -q install python-liquid==2.3.6 2>/dev/null
cat >ask.py <<'PY'
import time

from liquid import Environment
from liquid.exceptions import LiquidSyntaxError


def took(text: str) -> float:
    began = time.process_time()
    try:
        Environment().from_string(text)
    except LiquidSyntaxError:
        return time.process_time() - began
    raise AssertionError("it was read")


few, many = min(took("{{" * 500) for _ in range(3)), took("{{" * 4000)
closed = time.process_time()
Environment().from_string("{{ a }}" * 4000)
closed = time.process_time() - closed
print(f"500: {few:.3f} s, 4000: {many:.3f} s ({many / few:.0f} times), 4000 that are closed: {closed:.3f} s")
print("the square" if many > 25 * few and many > 10 * closed else "no square")
PY
v/bin/pip list 2>/dev/null | grep -iE '^python-liquid '
v/bin/python ask.py | tee seen
if grep -qx "the square" seen; then echo "as described"; else echo "behaviour has changed"; exit 1; fi
