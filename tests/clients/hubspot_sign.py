"""HubSpot's library for Python signs what it is given, or checks it: ``sign VERSION SECRET URL TIME``, ``check … SIGNATURE``."""

import sys

from hubspot.utils.signature import Signature

what, version, secret, url, time, *said = sys.argv[1:]
body = sys.stdin.buffer.read().decode()
if what == "sign":
    print(Signature.get_signature(secret, body, version, url, "POST", time), end="")
else:
    print(Signature.is_valid(said[0], secret, body, url, "POST", version, time), end="")
