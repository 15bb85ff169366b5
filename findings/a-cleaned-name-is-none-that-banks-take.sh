#!/usr/bin/env bash
# A payee's name in a SEPA credit transfer has the scheme's characters: a-z A-Z 0-9 / - ? : ( ) . , ' + and space, at most 70 of them.
# The payee's bank compares it with the name on the account before the money moves.
#
# One would expect a library that cleans names (sepaxml does, by default), and checks its message against the schema, to write names that
# banks take, and to say so where it cannot; and that two libraries tell a bank the same name.
# What happens: sepaxml 2.7.0 with clean=True writes "Muller & Sohne_1" and Lodz "Nord", whose & _ " are none of these characters; of a
# Chinese name it makes "Li Xiao Long " with a space behind it, which is no spelling that its bank has. npm's sepa 3.0.0 writes "Müller &
# Söhne_1" as it is. The published schema takes all of it, as it knows lengths and no characters.
# Why it matters here: what passes the schema is refused by the bank after two people have released it, or a payee of that name is "no
# match" when their bank is asked. The product spells names by one stated table, compares them when it reads a file back, and refuses a
# letter that the table does not have by the payout's id, before anything is written.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv v && v/bin/pip -q install sepaxml==2.7.0 2>/dev/null
npm init -y >/dev/null && npm install --silent sepa@3.0.0 >/dev/null 2>&1

cat >ask.py <<'PY'
import datetime
import re
from sepaxml import SepaTransfer

payer = {"name": "Acme", "IBAN": "DE89370400440532013000", "BIC": "COBADEFFXXX", "batch": True, "currency": "EUR"}
for name in ("Müller & Söhne_1", "Łódź “Nord”", "李小龍"):
    message = SepaTransfer(payer, schema="pain.001.001.09", clean=True)
    day = datetime.date(2026, 12, 1)
    message.add_payment({"name": name, "IBAN": "DE02120300000000202051", "amount": 100, "execution_date": day, "description": "x"})
    text = message.export(validate=True).decode()
    print("sepaxml", re.findall("<Nm>([^<]*)</Nm>", text)[-1] + "|")
PY
cat >ask.js <<'JS'
const sepa = require("sepa");
const message = new sepa.Document("pain.001.001.09");
Object.assign(message.grpHdr, { id: "X", created: new Date(), initiatorName: "Acme" });
const block = message.createPaymentInfo();
Object.assign(block, { requestedExecutionDate: new Date(), debtorIBAN: "DE89370400440532013000", debtorBIC: "COBADEFFXXX", debtorName: "Acme" });
message.addPaymentInfo(block);
const payment = block.createTransaction();
Object.assign(payment, { creditorName: "Müller & Söhne_1", creditorIBAN: "DE02120300000000202051", creditorBIC: "BYLADEM1001" });
Object.assign(payment, { amount: 1, end2endId: "a", remittanceInfo: "x" });
block.addTransaction(payment);
console.log("sepa", message.toString().match(/<Nm>([^<]*)<\/Nm>/g).pop().slice(4, -5) + "|");
JS
v/bin/pip list 2>/dev/null | grep -iE '^sepaxml '
npm ls --depth=0 2>/dev/null | grep ' sepa@'
{ v/bin/python ask.py; node ask.js; } | tee seen

expected=0
for line in 'sepaxml Muller &amp; Sohne_1|' 'sepaxml Lodz "Nord"|' 'sepaxml Li Xiao Long |' 'sepa Müller &amp; Söhne_1|'; do
    grep -qxF "$line" seen || expected=1
done
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
