#!/usr/bin/env bash
# A commission is shared by several partners, and the order is refunded: the shares of the refund should be those of the commission with
# the other sign, so that everybody ends at nought.
#
# One would expect allocate(-100, [1, 1, 1]) to be allocate(100, [1, 1, 1]) with minus signs.
# What happens: dinero.js 1.9.1, ts-money 0.4.8 and js-money 0.6.3 give 34, 33, 33 and -33, -33, -34: after a full refund the first
# partner keeps a cent and the last one owes a cent, though each total is right. One cent among two goes to the first and comes back
# from the second. currency.js 2.0.4 takes back what it gave.
# Why it matters here: a ledger that is checked by its sums alone finds nothing, while each account is wrong by a cent for good. The
# product never splits a refund: it splits what is left of the order and books the difference, so what is taken back whole ends at nought.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
npm init -y >/dev/null && npm install --silent dinero.js@1.9.1 ts-money@0.4.8 js-money@0.6.3 currency.js@2.0.4 >/dev/null 2>&1
npm ls --depth=0 2>/dev/null | grep ' .*@' | grep -v tmp

cat >split.js <<'JS'
const dinero = require("dinero.js"), { Money, Currencies } = require("ts-money"), js = require("js-money"), currency = require("currency.js");
const ways = {
  "dinero.js": (cents, parts) => dinero({ amount: cents }).allocate(Array(parts).fill(1)).map((one) => one.getAmount()),
  "ts-money": (cents, parts) => new Money(cents, Currencies.EUR).allocate(Array(parts).fill(1)).map((one) => one.amount),
  "js-money": (cents, parts) => new js(cents, js.EUR).allocate(Array(parts).fill(1)).map((one) => one.amount),
  "currency.js": (cents, parts) => currency(cents / 100).distribute(parts).map((one) => one.intValue),
};
for (const [name, split] of Object.entries(ways)) {
  for (const [cents, parts] of [[100, 3], [5, 3], [1, 2]]) {
    const given = split(cents, parts), back = split(-cents, parts), left = given.map((one, place) => one + back[place]);
    console.log(name, cents, "given", given.join(","), "back", back.join(","), "left", left.map((one) => one + 0).join(","));
  }
}
JS
node split.js | tee seen

expected=0
for name in dinero.js ts-money js-money; do
    grep -qx "$name 100 given 34,33,33 back -33,-33,-34 left 1,0,-1" seen || expected=1
    grep -qx "$name 1 given 1,0 back 0,-1 left 1,-1" seen || expected=1
done
grep -qx "currency.js 100 given 34,33,33 back -34,-33,-33 left 0,0,0" seen || expected=1
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
