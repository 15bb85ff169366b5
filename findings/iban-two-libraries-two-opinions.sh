#!/usr/bin/env bash
# An IBAN's check digits are 98 minus a remainder of 97: they run from 02 to 98. The digits 00, 01 and 99 leave the same remainder as
# 97, 98 and 02, so a check that only divides by 97 takes two spellings for one account, of which a bank knows one.
#
# One would expect libraries for IBANs to agree about which of them is valid.
# What happens: python-stdnum 2.2 and npm's iban 0.0.14 accept DE99 3704 0044 0000 0000 24, which is DE02 with its alias; schwifty
# 2026.10.1 and ibantools 4.5.4 refuse it. Of the aliases 00 and 01 the same.
# Why it matters here: payment details are frozen by a digest of their text. Two spellings of one account are two destinations: the same
# person looks like two payees, and what a form of a shop has accepted is refused by the bank after two people have approved it. The
# product checks with schwifty, which knows one spelling.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv v && v/bin/pip -q install python-stdnum==2.2 schwifty==2026.10.1 2>/dev/null
npm init -y >/dev/null && npm install --silent ibantools@4.5.4 iban@0.0.14 >/dev/null 2>&1

cat >ask.py <<'PY'
import sys
import schwifty
from stdnum import iban

def heard(text):
    try:
        schwifty.IBAN(text)
    except schwifty.exceptions.SchwiftyException:
        return False
    return True

for text in sys.argv[1:]:
    print(text, "python-stdnum", str(iban.is_valid(text)).lower(), "schwifty", str(heard(text)).lower())
PY
cat >ask.js <<'JS'
const tools = require("ibantools"), iban = require("iban");
for (const text of process.argv.slice(2)) console.log(text, "ibantools", tools.isValidIBAN(text), "iban", iban.isValid(text));
JS

pairs=(DE02370400440000000024 DE99370400440000000024 DE98370400440000000042 DE01370400440000000042
       DE97370400440000000060 DE00370400440000000060)
v/bin/pip list 2>/dev/null | grep -iE '^(python-stdnum|schwifty) '
{ v/bin/python ask.py "${pairs[@]}"; node ask.js "${pairs[@]}"; } | tee seen

expected=0
for good in DE02370400440000000024 DE98370400440000000042 DE97370400440000000060; do
    grep -qx "$good python-stdnum true schwifty true" seen && grep -qx "$good ibantools true iban true" seen || expected=1
done
for alias in DE99370400440000000024 DE01370400440000000042 DE00370400440000000060; do
    grep -qx "$alias python-stdnum true schwifty false" seen && grep -qx "$alias ibantools false iban true" seen || expected=1
done
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
