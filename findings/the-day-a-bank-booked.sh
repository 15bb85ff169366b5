#!/usr/bin/env bash
# A bank's statement in OFX 1.0.2 names the zone of each booking: 20261130233000.000[-5:EST] is half past eleven at night on 30 November
# where the bank is. A payout of that night belongs to November in the statement, in its balance and in the books.
#
# One would expect the day of the booking from each reader, or an instant with its zone.
# What happens: ofxparse 0.21 gives 2026-12-01 04:30 without a zone, ofxtools 1.1.1 the same instant in UTC, in both the bank's zone is
# gone; ofx-data-extractor 1.5.0 (npm) gives the bank's day, 2026-11-30. And ofx-data-extractor fails on the same statement when all of
# it stands in one line, which OFX 1 allows and the other two read: line ends mean nothing in its SGML.
# Why it matters here: what was paid is matched with what the bank booked by reference, amount and day, and a month is closed by days.
# With either Python reader payouts of a month's last evening leave it. Whoever reads OFX for the product keeps the digits before the
# bracket as the day and the instant beside it.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv v && v/bin/pip -q install ofxparse==0.21 ofxtools==1.1.1 >/dev/null 2>&1
npm init -y >/dev/null && npm install --silent ofx-data-extractor@1.5.0 >/dev/null 2>&1

cat >make.py <<'PY'
head = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
body = (
    "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261201080000[-5:EST]<LANGUAGE>ENG</SONRS>"
    "</SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD"
    "<BANKACCTFROM><BANKID>021000021<ACCTID>123456<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101<DTEND>20261130"
    "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261130233000.000[-5:EST]<TRNAMT>-12.50<FITID>A1<NAME>PAYOUT A</STMTTRN></BANKTRANLIST>"
    "<LEDGERBAL><BALAMT>100.00<DTASOF>20261130</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
)
open("one.ofx", "w").write(head + body + "\n")
open("lines.ofx", "w").write(head + body.replace("<", "\n<").lstrip() + "\n")
PY
cat >ask.py <<'PY'
import sys
from ofxparse import OfxParser
from ofxtools.Parser import OFXTree

for name in sys.argv[1:]:
    with open(name, "rb") as file:
        (one,) = OfxParser.parse(file).account.statement.transactions
    print(name, "ofxparse", one.date, one.date.tzinfo)
    tree = OFXTree()
    tree.parse(name)
    (one,) = tree.convert().statements[0].transactions
    print(name, "ofxtools", one.dtposted)
PY
cat >ask.js <<'JS'
const { readFileSync } = require("fs"), { Ofx } = require("ofx-data-extractor");
for (const name of process.argv.slice(2)) {
  let said = "fails";
  try { said = new Ofx(readFileSync(name, "utf8")).getBankTransferList()[0].DTPOSTED; } catch { }
  console.log(name, "ofx-data-extractor", said);
}
JS
python3 make.py
v/bin/pip list 2>/dev/null | grep -iE '^(ofxparse|ofxtools) '
npm ls --depth=0 2>/dev/null | grep ' .*@' | grep -v tmp
{ v/bin/python ask.py lines.ofx one.ofx; node ask.js lines.ofx one.ofx; } | tee seen

expected=0
for name in lines one; do
    grep -qx "$name.ofx ofxparse 2026-12-01 04:30:00 None" seen && grep -qx "$name.ofx ofxtools 2026-12-01 04:30:00+00:00" seen || expected=1
done
grep -qx "lines.ofx ofx-data-extractor 2026-11-30" seen && grep -qx "one.ofx ofx-data-extractor fails" seen || expected=1
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
