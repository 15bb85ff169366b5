"""A client that nobody wrote by hand: schemathesis (MIT) asks whatever the published document allows, and much that it does not."""

import contextlib
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from testkit import rule_documents
from testkit.api import Api
from testkit.process import in_a_thread, product
from tests.clients.conftest import BUILT, MASTER_KEY

from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import create
from goodword.wiring import serving

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance")
CHECKS += ("response_schema_conformance",)
#: What is asked with each key: a member's everything but the end of the key itself, a write key what events and links are for.
ASKED = {
    "owner": (
        "--phases",
        "coverage,fuzzing",
        "-n",
        "5",
        "--exclude-tag",
        "events",
        "--exclude-operation-id",
        "revoke_key",
    ),
    "wk": ("--phases", "coverage,fuzzing", "-n", "5", "--include-tag", "events", "--include-tag", "links"),
}


@contextlib.asynccontextmanager
async def _served(database: str, home: Path) -> AsyncIterator[Api]:
    async with product(database, home, MASTER_KEY, work=True) as goodword, serving(goodword, "127.0.0.1", 0) as url:
        yield Api(url, structs.asdict(await create(OPERATOR, goodword.directory, "test", "olga@shop.example")))


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize("who", ASKED)
def test_no_answer_is_an_error_of_ours_or_another_than_the_document_says(
    who: str, database: str, tmp_path: Path
) -> None:
    """Every operation, with what fits its schema and what does not, over a workspace in which something was earned."""
    with in_a_thread(_served(database, tmp_path)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": rule_documents.text("sandbox")})
        for said in (
            {"type": "advocate.enrolled", "id": "a", "external_id": "ann", "code": "ANN", "email": "ann@firm.example"},
            {"type": "lead.created", "id": "l", "customer_external_id": "bob", "code": "ANN"},
            {
                "type": "conversion.recorded",
                "id": "c",
                "customer_external_id": "bob",
                "invoice_id": "i",
                "amount": 100_00,
                "currency": "EUR",
            },
        ):
            it.say("wk", "/v1/events", said)
        done = subprocess.run(
            [
                *(str(BUILT / "python" / "bin" / "schemathesis"), "run", f"{it.url}/openapi.json"),
                *("-H", f"Authorization: Bearer {it.keys[who]}", "--checks", ",".join(CHECKS)),
                *("--seed", "1", "--no-shrink", "--warnings", "off"),
                *ASKED[who],
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-2_000:]
    [asked] = re.findall(r"(\d+) generated, \1 passed", done.stdout)
    assert int(asked) > 300
