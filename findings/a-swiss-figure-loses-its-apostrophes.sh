#!/usr/bin/env bash
# In Switzerland thousands are set apart by an apostrophe: 1'234'567.89. CLDR, which Babel's figures come from, has ' for that.
#
# One would expect a library that formats figures by locale to write them so, and two figures of one amount to be set apart alike.
# What happens: Babel 2.19.0 writes the figure into its pattern, and then takes apostrophes in pairs for the quotes of the pattern: of
# 1'234'567.89 both are gone, 1'234.50 keeps its one, and of 9'007'199'254'740'991 the last of five is left. The value is right.
# Why it matters here: a statement or a message to a Swiss partner would show 1'234.50 CHF and 1234567.89 CHF side by side, and the
# browser (Intl) and the server would differ on one page. The product takes the locale's signs from Babel and sets the digits itself,
# from the integer of minor units.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv v && v/bin/pip -q install babel==2.19.0 2>/dev/null
cat >ask.py <<'PY'
from decimal import Decimal

from babel.numbers import format_decimal, get_group_symbol

print("sign", get_group_symbol("de_CH"))
for figure in ("1234.5", "1234567.89", "9007199254740991"):
    print(figure, format_decimal(Decimal(figure), locale="de_CH"), format_decimal(Decimal(figure), locale="de_AT"))
PY
v/bin/pip list 2>/dev/null | grep -iE '^babel '
v/bin/python ask.py | tee seen

expected=0
for line in "sign '" "1234.5 1'234.5 1.234,5" "1234567.89 1234567.89 1.234.567,89" "9007199254740991 9007199254740'991 9.007.199.254.740.991"; do
    grep -qxF "$line" seen || expected=1
done
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
