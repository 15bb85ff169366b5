#!/usr/bin/env bash
# In MT940 the mark of a line says what it undoes: RC is a credit that the bank takes out again, RD a debit that it gives back. Of a
# statement that opens with 100.00, has RC 40.00 and RD 12.50, and closes with 72.50, the lines must come to -27.50.
#
# One would expect -40.00 and 12.50 from each reader, since the statement says itself where it ends.
# What happens: mt-940 5.1.1 (PyPI), as it is called in its own examples, gives 40.00 and 12.50: the sum is 52.50, beside an opening and
# a closing balance, both read rightly, that differ by -27.50. Only with Options.all() the sign turns. mt940js 1.3.5 (npm) gives -40.
# Why it matters here: of a company's account these are just the payments that did not stay where they were sent. Taken by sign, a
# returned payment that was taken back again is money that came in, and somebody is paid a second time. The product reads MT940 itself,
# turns the sign by the mark, and takes no file whose lines do not lead from the opening to the closing balance: whichever way a reader
# were wrong, the statement would say so.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv v && v/bin/pip -q install mt-940==5.1.1 >/dev/null 2>&1
npm init -y >/dev/null && npm install --silent mt940js@1.3.5 >/dev/null 2>&1

cat >statement.sta <<'MT'
:20:STARTUMS
:25:DE89370400440532013000
:28C:00001/001
:60F:C261130EUR100,00
:61:2611301130RC40,00NTRFPAY1//B1
:86:taken back
:61:2611301130RD12,50NTRFPAY2//B2
:86:given back
:62F:C261130EUR72,50
MT
cat >ask.py <<'PY'
import mt940

for name, more in (("plain", {}), ("Options.all()", {"options": mt940.Options.all()})):
    read = mt940.parse("statement.sta", **more)
    amounts = [it.data["amount"].amount for it in read]
    ends = [read.data[f"final_{end}_balance"].amount.amount for end in ("opening", "closing")]
    print(f"mt-940 5.1.1 {name}: {' '.join(map(str, amounts))}, sum {sum(amounts)}, from {ends[0]} to {ends[1]}")
PY
cat >ask.js <<'JS'
const text = require('fs').readFileSync('statement.sta', 'utf8')
const [it] = new (require('mt940js').Parser)().parse(text)
console.log(`mt940js 1.3.5: ${it.transactions.map((one) => one.amount).join(' ')}`)
JS
v/bin/python ask.py | tee seen; node ask.js | tee -a seen
diff seen - <<'SEEN'
mt-940 5.1.1 plain: 40.00 12.50, sum 52.50, from 100.00 to 72.50
mt-940 5.1.1 Options.all(): -40.00 12.50, sum -27.50, from 100.00 to 72.50
mt940js 1.3.5: -40 12.5
SEEN
