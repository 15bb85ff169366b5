"""Where webhooks go: to public addresses that were looked at, and to nothing inside, whatever a name says a moment later."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook
from testkit.receiver import Got, receiving

from goodword.outbound import webhooks
from goodword.outbound.addresses import AddressError, checked_url, is_public, new_secret
from goodword.outbound.webhooks import Answer, Sender

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104 - nobody listens
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "5f00::1",
    "1",
    "localhost",
    "example",
    "0x7f000001",
    "127.1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_none(address: str) -> None:
    """Private, loopback, link-local, shared, reserved, of a cloud's own services, mapped, embedded, or written oddly."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1"])
def test_a_public_address_is_one(address: str) -> None:
    """Of either family."""
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "x",
            "ftp://shop.example/",
            "https://",
            "https:///x",
            "https://a:b@shop.example/",
            "https://shop.example:0/",
        ),
        *("https://shop.example:x/", "https://shop.example/#x", "https://shop.example/ x", "https://shop.example/\n"),
        *(
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:8.8.8.8]/",
            "https://[fe80::1%25eth0]/",
            "file:///etc/passwd",
        ),
        *(
            "https://169.254.169.254/latest/meta-data",
            "http://shop.example/",
            "https://shop.example\\@inside/",
            "https://shöp.example/",
        ),
    ],
)
def test_an_address_that_is_none_is_refused_where_it_is_said(url: str) -> None:
    """In a live workspace one without TLS too."""
    with pytest.raises(AddressError):
        checked_url(url, live=True)


def test_only_the_setting_lets_this_machine_be_told() -> None:
    """Without TLS in a sandbox, and loopback only where the installation says so."""
    assert checked_url("http://shop.example/x?y=1", live=False)
    for here in ("http://127.0.0.1:1/", "http://localhost:1/", "https://localhost/"):
        for live in (False, True):
            with pytest.raises(AddressError, match="GOODWORD_WEBHOOKS_LOOPBACK=yes"):
                checked_url(here, live=live)
    assert checked_url("http://127.0.0.1:1/", live=True, loopback=True)
    with pytest.raises(AddressError):
        checked_url("http://10.0.0.1:1/", live=False, loopback=True)


@pytest.fixture
async def outward() -> AsyncIterator[Sender]:
    """What sends to public addresses only."""
    sender = Sender()
    yield sender
    await sender.close()


async def sent(sender: Sender, url: str) -> Answer:
    """Send something."""
    return await sender.send(url, "msg_1", b"{}", [new_secret()], 1_700_000_000_000_000)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_nothing_is_sent_inside_however_it_is_written(outward: Sender, host: str) -> None:
    """What the system takes for this machine gets no connection."""
    async with receiving() as receiver:
        answer = await sent(outward, f"http://{host}:{receiver.port}/hooks")
    assert answer.status is None
    assert receiver.got == []
    assert "public" in answer.text or "nobody knows" in answer.text


async def test_a_name_that_nobody_knows_is_told_in_words(outward: Sender) -> None:
    """Whoever looks after the receiver reads it."""
    answer = await sent(outward, "https://goodword.invalid/hooks")
    assert (answer.status, answer.text) == (None, "nobody knows an address of that name")


async def test_a_name_is_looked_up_once_and_what_was_looked_at_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that says a public address first and an inner one later is asked once a connection; one of both is refused."""
    asked: list[str] = []
    connected: list[str] = []
    answers = [["8.8.8.8"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1"]]

    def look_up(host: str, _: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    async def connect(host: str, *_: Any) -> Any:
        connected.append(host)
        raise OSError("no network here")

    monkeypatch.setattr(webhooks, "_look_up", look_up)
    monkeypatch.setattr(webhooks.Stream, "connect", connect)
    sender = Sender()
    for _ in answers:
        assert (await sent(sender, "http://changes.example/hooks")).status is None
    await sender.close()
    assert connected == ["8.8.8.8"]
    assert len(asked) == len(answers)


async def test_a_redirect_leads_nowhere() -> None:
    """It is an answer like another failure, and its address gets no request."""
    async with receiving() as inside:

        async def elsewhere(_: Got, __: int) -> tuple[int, str]:
            return 307, inside.url

        async with receiving(elsewhere) as receiver:
            sender = Sender(loopback=True)
            answer = await sent(sender, receiver.url)
            await sender.close()
    assert (answer.status, answer.arrived) == (307, False)
    assert len(receiver.got) == 1
    assert inside.got == []


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would look names up for us."""
    async with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        sender = Sender(loopback=True)
        assert (await sent(sender, receiver.url)).status == 200
        await sender.close()
    assert proxy.got == []


def certificate(folder: Path, name: str) -> Path:
    """Write a certificate of a name, and its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("named", ["shop.example", "other.example"])
async def test_tls_and_host_keep_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    """The connection goes to the address that was looked at, and the name is what the certificate must be of, and the host."""
    path = certificate(tmp_path, named)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(path)
    names: list[str | None] = []
    server_side.sni_callback = lambda _, name, __: names.append(name)
    trust = ssl.create_default_context(cafile=str(path))
    monkeypatch.setattr(webhooks, "_look_up", lambda *_: ["127.0.0.1"])
    hosts: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        hosts.extend(line[6:] for line in head.split(b"\r\n") if line.lower().startswith(b"host: "))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_side)
    port = server.sockets[0].getsockname()[1]
    sender = Sender(loopback=True, trust=trust)
    answer = await sent(sender, f"https://shop.example:{port}/hooks")
    await sender.close()
    server.close()
    assert names == ["shop.example"]
    if named == "shop.example":
        assert (answer.status, hosts) == (200, [b"shop.example:%d" % port])
    else:
        assert (answer.status, hosts) == (None, [])
        assert "CERTIFICATE_VERIFY_FAILED" in answer.text or "certificate" in answer.text


async def test_what_a_receiver_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long answer is cut, an endless or silent one ended, what is no HTTP said so; nothing of it is raised."""
    monkeypatch.setattr(webhooks, "WITHIN", 1.0)
    said: list[bytes] = [
        b"HTTP/1.1 500 X\r\ncontent-length: 1000000\r\n\r\n" + b"x\x00y\n" * 250_000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 100,  # and never ends
        b"no http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000,
        b"",
    ]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said[0])
        await asyncio.sleep(3)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    sender = Sender(loopback=True)
    found = []
    for _ in range(len(said)):
        found.append(await sent(sender, url))
        said.pop(0)
    await sender.close()
    server.close()
    assert [answer.arrived for answer in found] == [False] * 5
    assert found[0].status == 500
    assert all(len(answer.text) <= webhooks.KEPT and answer.text.isprintable() and answer.text for answer in found)
    await asyncio.sleep(3)


def test_a_secret_is_as_the_libraries_want_it() -> None:
    """Whsec, 32 bytes of randomness; a signature of several secrets holds one for each."""
    secrets = [new_secret(), new_secret()]
    body, now = b'{"type":"x"}', int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(now),
        "webhook-signature": webhooks.signature(secrets, "msg_1", now, body),
    }
    for secret in secrets:
        assert Webhook(secret).verify(body, headers) == {"type": "x"}
