"""What we sign is verified by the libraries of others for Node, as their registry has them, and what somebody forged is refused."""

import json
import shutil
import subprocess
import time

import pytest
from testkit.receiver import receiving
from tests.clients.conftest import BUILT, HERE

from goodword.outbound.addresses import new_secret
from goodword.outbound.webhooks import Sender


@pytest.mark.usefixtures("clients")
async def test_node_verifies_what_we_sign() -> None:
    """With either of two secrets while one is exchanged; another secret, another text, an old one and another id are refused."""
    if shutil.which("node") is None:
        pytest.skip("node is not there: nothing was verified by it")
    secrets, now, body = [new_secret(), new_secret()], time.time_ns() // 1_000, '{"type":"reward.approved","note":"ä"}'
    sender = Sender(loopback=True)
    async with receiving() as receiver:
        for at in (now, now - 3_600_000_000):
            assert (await sender.send(receiver.url, "msg_1", body.encode(), secrets, at)).arrived
    await sender.close()
    fresh, old = (
        {name: value for name, value in got.headers.items() if name.startswith("webhook-")} for got in receiver.got
    )
    tried = [{"secret": secret, "headers": fresh, "body": body} for secret in secrets]
    tried.append({"secret": new_secret(), "headers": fresh, "body": body})
    tried.append({"secret": secrets[0], "headers": fresh, "body": body + " "})
    tried.append({"secret": secrets[0], "headers": old, "body": body})
    tried.append({"secret": secrets[0], "headers": {**fresh, "webhook-id": "msg_2"}, "body": body})
    shutil.copy(HERE / "verify.mjs", BUILT / "node" / "verify.mjs")
    command = ["node", str(BUILT / "node" / "verify.mjs")]
    done = subprocess.run(command, input=json.dumps(tried), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    verified, refused = ["reward.approved"] * 2, ["refused: WebhookVerificationError"] * 2
    assert json.loads(done.stdout) == [verified, verified, refused, refused, refused, refused]
