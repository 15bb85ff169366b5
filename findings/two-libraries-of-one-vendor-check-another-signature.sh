#!/usr/bin/env bash
# HubSpot's libraries for Python and for Node check the signature of a webhook by a function of the same name and the same arguments.
#
# One would expect both to say the same of the same request, and, without being told a version, to go by what the request brings or
# by the newest, since HubSpot sends the third version with every delivery.
# What happens: hubspot-api-client 12.0.0 takes version 2 where none is named, @hubspot/api-client 14.0.1 version 1, which signs no
# address. A right signature of the third version is "not valid" for both, one of the second is valid in Python alone, one of the
# first in Node alone; neither says that it looked for another.
# Why it matters here: who tries our endpoint with one of them, or moves a checker from one language to the other, sees right
# signatures refused and looks for the fault in the secret. The product goes by the header that is there, the third version first, and
# its tests name the version in each call of both.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv a && a/bin/pip -q install hubspot-api-client==12.0.0 >/dev/null 2>&1
npm init -y >/dev/null && npm install --silent --ignore-scripts --no-fund --no-audit @hubspot/api-client@14.0.1 >/dev/null 2>&1

cat >check.py <<'PY'
from time import time

from hubspot.utils.signature import Signature

secret, body, url, at = "s" * 36, "[]", "https://shop.example/hooks", str(int(time() * 1000))
for version in ("v1", "v2", "v3"):
    made = Signature.get_signature(secret, body, version, url, "POST", at)
    print("python", version, Signature.is_valid(made, secret, body, url, "POST", timestamp=at))
PY
cat >check.cjs <<'JS'
const { Signature } = require("@hubspot/api-client");
const options = { clientSecret: "s".repeat(36), requestBody: "[]", url: "https://shop.example/hooks", timestamp: Date.now() };
for (const version of ["v1", "v2", "v3"]) {
  const signature = Signature.getSignature("POST", version, options);
  console.log("node", version, Signature.isValid({ ...options, signature, method: "POST" }) ? "True" : "False");
}
JS
a/bin/pip list 2>/dev/null | grep -i '^hubspot-api-client '
node -p '"@hubspot/api-client " + require("@hubspot/api-client/package.json").version'
{ a/bin/python check.py; node check.cjs; } 2>/dev/null | tee seen

expected=0
for line in "python v1 False" "python v2 True" "python v3 False" "node v1 True" "node v2 False" "node v3 False"; do
  grep -qx "$line" seen || expected=1
done
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
