"""What one connection, and many together, may take of a server: real sockets against the real one."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from testkit.product import Installation
from tests.api.conftest import Api

from goodword.edge import protocol

CONNECTIONS = 500
MOST = 64 << 20


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """Yield a connection to a server."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as conn:
        yield conn


def answer(conn: socket.socket) -> tuple[int, str]:
    """Return status and code of the one answer on a connection that the server ends."""
    said = b""
    while part := conn.recv(65_536):
        said += part
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    assert body.count(b"HTTP/1.1") == 0
    problem = json.loads(body)
    assert problem["status"] == int(head.split()[1])
    return problem["status"], problem["code"]


def head(path: str, method: str = "GET", **headers: Any) -> bytes:
    """Return a head without its end."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "host: x",
        *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items()),
    ]
    return "\r\n".join([*lines, ""]).encode()


def test_a_head_beyond_64_kib_is_refused(api: Api) -> None:
    """However it is cut, with or without an end: 431, and what fits is served."""
    for size in (60_000, protocol.MAX_HEAD + 1, 1 << 20):
        shapes = {
            "path": head("/healthz?" + "x" * size),
            "one header": head("/healthz", x="y" * size),
            "many headers": head("/healthz", **{f"x{n}": "y" * 990 for n in range(size // 1000 + 1)}),
        }
        for sent in [*(shape + b"\r\n" for shape in shapes.values()), *(shape[:-2] for shape in shapes.values())]:
            with connected(api.url) as conn:
                try:
                    conn.sendall(sent)
                    if size > protocol.MAX_HEAD:
                        assert answer(conn) == (431, "head_too_large")
                    elif sent.endswith(b"\r\n\r\n"):
                        assert conn.recv(100).startswith(b"HTTP/1.1 200")
                except ConnectionError:
                    assert size == 1 << 20  # it was refused while we still sent


def test_bodies_beside_heads_do_not_count(api: Api) -> None:
    """A body of 200 kB in the same breath as its head, twice on a connection, is no large head."""
    body = json.dumps([{"type": "x", "id": "y" * 1000}] * 200).encode()
    sent = (
        head("/v1/events", "POST", authorization=f"Bearer {api.keys['wk']}", content_length=len(body)) + b"\r\n" + body
    )
    with connected(api.url) as conn:
        for _ in range(2):
            conn.sendall(sent + head("/healthz") + b"\r\n")
            said = b""
            while said.count(b"HTTP/1.1 ") < 2 or not said.endswith(b'{"status":"ok"}'):
                said += conn.recv(65_536)
            assert b"HTTP/1.1 202" in said


@pytest.mark.parametrize("sent", [b"GET /healthz HTT", head("/healthz"), head("/healthz", x="y" * 5_000)])
def test_a_slow_head_ends(api: Api, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that does not come to its end is answered 408, also on a connection that was served before."""
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.3)
    with connected(api.url) as conn:
        conn.sendall(sent)
        assert answer(conn) == (408, "too_slow")
    with connected(api.url) as conn:
        conn.sendall(head("/healthz") + b"\r\n")
        assert conn.recv(65_536).startswith(b"HTTP/1.1 200")
        conn.sendall(sent)
        assert answer(conn) == (408, "too_slow")


def test_who_says_nothing_is_cut_off(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection on which nothing comes ends without an answer."""
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.3)
    with connected(api.url) as conn:
        assert conn.recv(100) == b""


@pytest.mark.parametrize(("path", "key"), [("/v1/events", "wk"), ("/v1/programs", "owner")])
def test_a_slow_body_ends_and_nothing_of_it_is_taken(
    api: Api, path: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that stops, though what came is a whole document: 408, and nothing is stored."""

    def position() -> int:
        """Return how many entries the log has."""
        return int(api.run(api.goodword.pool.fetchval("select position from stream where workspace_id = $1", api.ws)))

    monkeypatch.setattr(protocol, "BODY_WITHIN", 0.5)
    said = {
        "events": {"type": "advocate.enrolled", "id": "e", "external_id": "a"},
        "programs": {"document": "program: x"},
    }
    body = json.dumps(said[path.rpartition("/")[2]]).encode()
    before = position()
    sent = head(
        path,
        "POST",
        authorization=f"Bearer {api.keys[key]}",
        content_length=len(body) + 10,
        idempotency_key="once",
        content_type="application/json",
    )
    with connected(api.url) as conn:
        conn.sendall(sent + b"\r\n" + body)
        assert answer(conn) == (408, "too_slow")
    assert api.get("/v1/reports/progress")["waiting"] == 0
    assert position() == before


@pytest.mark.parametrize("shape", ["many", "one"])
def test_trailers_behind_a_body_are_bounded_as_a_head_is(api: Api, shape: str) -> None:
    """Headers that come behind a body without end, many or one, end their connection; a few are read and left."""
    sent = head("/healthz", "POST", transfer_encoding="chunked") + b"\r\n2\r\n{}\r\n0\r\n"
    with connected(api.url) as conn:
        conn.sendall(sent + b"x-digest: 1\r\n\r\n" + head("/healthz") + b"\r\n")
        said = b""
        while said.count(b'{"status":"ok"}') < 2:
            said += conn.recv(65_536)
    more = b"x: 1\r\n" * 10_000 if shape == "many" else b"x" * 60_000
    with connected(api.url) as conn:
        conn.sendall(sent)
        with pytest.raises(ConnectionError):
            conn.sendall(more * 400)


@pytest.mark.parametrize("path", ["/v1/events", "/v1/programs", "/v1/people/per_x/payee"])
def test_no_body_is_read_before_the_key(api: Api, path: str) -> None:
    """Without a key the answer comes though of the body nothing came yet."""
    for key, code in (("", "key_missing"), ("Bearer nonsense", "key_malformed")):
        with connected(api.url) as conn:
            method = "PUT" if path.endswith("payee") else "POST"
            conn.sendall(head(path, method, authorization=key, content_length=1 << 20) + b"\r\n")
            said = b""
            while not said.endswith(b"}"):
                said += conn.recv(65_536)
            assert said.startswith(b"HTTP/1.1 401")
            assert code.encode() in said


@pytest.mark.parametrize(
    ("path", "key", "begins", "ends", "read"),
    [("/v1/events", "pk", b'[{"type":"', b'"}]', b"202"), ("/v1/programs", "owner", b'{"document":"', b'"}', b"422")],
)
def test_bodies_are_bounded_for_all_together(
    api: Api, path: str, key: str, begins: bytes, ends: bytes, read: bytes
) -> None:
    """Sixty bodies of a megabyte that do not end, be it with a key that everybody sees: some are refused, the others can end."""
    part = begins + b"x" * 1_000_000
    known = {"authorization": f"Bearer {api.keys[key]}", "content_type": "application/json", "idempotency_key": "once"}
    sent = head(path, "POST", content_length=len(part) + len(ends), **known) + b"\r\n" + part
    with ExitStack() as stack:
        conns = [stack.enter_context(connected(api.url)) for _ in range(60)]
        for conn in conns:
            conn.sendall(sent)
        said = []
        for conn in conns:
            conn.sendall(ends)
            said.append(conn.recv(65_536).split()[1])
    assert {*said} == {b"503", read}
    assert api.call(key, "POST", path, json=[]).status_code < 500


@pytest.mark.parametrize("what", ["nothing", "a head", "a request before", "a body without a key"])
def test_500_idle_connections_hold_64_mib_at_most(installation: Installation, what: str) -> None:
    """Whatever they have sent and not ended; meanwhile others are served."""
    sent = {
        "nothing": b"",
        "a head": head("/healthz", x="y" * 60_000)[:-2],
        "a request before": head("/healthz") + b"\r\n",
        "a body without a key": head("/v1/events", "POST", content_length=5 << 20) + b"\r\n" + b"x" * 60_000,
    }[what]
    pid = installation.processes["serve"].pid

    def resident() -> int:
        [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) << 10

    httpx.get(f"{installation.url}/healthz")
    before = resident()
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            stack.enter_context(connected(installation.url)).sendall(sent)
        assert httpx.get(f"{installation.url}/healthz", timeout=30).status_code == 200
        held = resident() - before
    print(f"{what}: {held / (1 << 20):.1f} MiB")
    assert held < MOST
