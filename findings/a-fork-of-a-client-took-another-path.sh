#!/usr/bin/env bash
# june-analytics-python is a fork of analytics-python, and is told another host by the same setting.
#
# One would expect it to send where the client that it was made of sends, and RudderStack's fork as well: POST /v1/batch below that
# host. That it fails loudly where there is nothing: the caller is told of an error.
# What happens: 2.3.0 sends to /sdk/batch, whose 404 it tries again as if it might pass (the body below has no code and no message),
# and then calls on_error, which nobody has set as it comes: the event is gone and the program goes on.
# Why it matters here: whoever serves the family by the path of the reference gets nothing at all of June's users, and hears nothing
# of it. The product serves both paths, and runs this client among its tests.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv a && a/bin/pip -q install june-analytics-python==2.3.0 >/dev/null 2>&1
python3 -m venv b && b/bin/pip -q install analytics-python==1.4.post1 >/dev/null 2>&1

cat >send.py <<'PY'
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module

paths = []


class Nothing(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        paths.append(self.path)
        self.send_response(200 if self.path == "/v1/batch" else 404)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Nothing)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = import_module(sys.argv[1]).Client("key", host=f"http://127.0.0.1:{server.server_port}", max_retries=2)
client.track("u1", "Order Completed", {"order_id": "1"})
client.flush()
client.join()
print(sys.argv[1], " ".join(sorted(set(paths))), "requests", len(paths), "and the program went on")
PY
for one in a b; do $one/bin/pip list 2>/dev/null | grep -iE '^(june-)?analytics-python '; done
{ a/bin/python send.py june.analytics.client; b/bin/python send.py analytics.client; } 2>/dev/null | tee seen

expected=0
grep -qE '^june\.analytics\.client /sdk/batch requests [23] and the program went on$' seen || expected=1
grep -qx 'analytics.client /v1/batch requests 1 and the program went on' seen || expected=1
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
