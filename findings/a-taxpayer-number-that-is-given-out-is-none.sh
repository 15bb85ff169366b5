#!/usr/bin/env bash
# An ITIN is the number by which somebody without a social security number is known to the US tax authority: 9xx-GG-xxxx. Its groups GG
# are 50 to 65, 70 to 88, 90 to 92 and 94 to 99; those from 50 to 65 came last.
#
# One would expect the rule of a library that knows national numbers to take every group that is given out, and its rule for "any taxpayer
# number of the US" to take no more than the rules that it is made of.
# What happens: python-stdnum 2.2 takes 70 to 88, 90 to 92 and 94 to 99, and calls a number with the groups 50 to 65 invalid; and us.tin
# takes 912-93-3456, which neither of its rules for a person's number takes.
# Why it matters here: a payee who gives a W-9 with a newer number would be told that their number is wrong, and the payout would wait for
# a form that they gave; and what is checked as "some taxpayer number" passes with a slip of the pen. The product asks which number it is,
# has a rule of its own for an ITIN, and never asks us.tin.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv v && v/bin/pip -q install python-stdnum==2.2 2>/dev/null

cat >ask.py <<'PY'
from stdnum.us import itin, ssn, tin

for group in ("50", "65", "66", "70", "88", "92", "93", "99"):
    number = f"912-{group}-3456"
    print(group, "itin", itin.is_valid(number), "ssn", ssn.is_valid(number), "tin", tin.is_valid(number))
PY
v/bin/pip list 2>/dev/null | grep -iE '^python-stdnum '
v/bin/python ask.py | tee seen

expected=0
for line in '50 itin False ssn False' '65 itin False ssn False' '70 itin True ssn False' '99 itin True ssn False' \
    '93 itin False ssn False tin True'; do
    grep -q "^$line" seen || expected=1
done
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
