"""Settings: what the environment says, read once and checked.

``VARIABLES`` is the one table of names, defaults and meanings; the documentation is made from it. Nothing else in the
package reads the environment. Must not know: what any setting is used for.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from goodword.core import calendar

DEFAULT_PORT = 8484
DEFAULT_LAG = 300
DEFAULT_DISK = 512
#: unit -> minor units: some tens of rewards, and less than what would be worth a theft
DEFAULT_DIGEST = "07:00 UTC"
DEFAULT_ALONE = "EUR=10000,USD=10000,GBP=10000,CHF=10000,JPY=15000"
#: System -> where its API is, unless GOODWORD_{SYSTEM}_URL says otherwise. Salesforce's is at each company's own site.
APIS = {
    "stripe": "https://api.stripe.com",
    "hubspot": "https://api.hubapi.com",
    "pipedrive": "https://api.pipedrive.com",
    "recurly": "https://v3.recurly.com",
}
_HERE = ("localhost", "127.0.0.1", "::1")
DEFAULT_PAGE_RATE, DEFAULT_PAGE_KEY_RATE = 5, 500
_SHORTEST_TOKEN = 16
_DIGITS = 9
_AMOUNT_DIGITS = 15
#: As goodword/telemetry.py takes them.
LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("json", "text")
_HIGHEST_PORT = 65535


class Variable(NamedTuple):
    """One environment variable: its name, its default in words, what it means."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable(
        "DATABASE_URL",
        "an embedded server in GOODWORD_HOME",
        "PostgreSQL 15 or later that the server uses, as postgresql://user:password@host:port/database.",
    ),
    Variable(
        "DATABASE_ADMIN_URL",
        "DATABASE_URL",
        "The same database as its owner: migrations connect with it. Set it where the server's login may not create.",
    ),
    Variable(
        "GOODWORD_HOME",
        "$XDG_DATA_HOME/goodword, else ~/.local/share/goodword",
        "Folder of the embedded server's data, of the keys, and of the snapshot that redirects survive on.",
    ),
    Variable("GOODWORD_HOST", "127.0.0.1", "Address that the HTTP server listens on."),
    Variable("GOODWORD_PORT", str(DEFAULT_PORT), "Port that the HTTP server listens on; 0 takes a free one."),
    Variable(
        "GOODWORD_URL",
        "http://GOODWORD_HOST:GOODWORD_PORT",
        "Public address, as people see it: scheme, host, and port where it is not the scheme's own. Links begin with it; those of a"
        " workspace with a host of its own ([links.md](links.md)) take its scheme and port.",
    ),
    Variable(
        "GOODWORD_MASTER_KEY",
        "made in GOODWORD_HOME/keys with a new database; required where DATABASE_URL is set",
        "Key that wraps all other keys: 32 random bytes in hexadecimal (64 digits), as keys/master.key holds them. Lost key, lost"
        " personal data; nothing starts without it, nor verifies.",
    ),
    Variable(
        "GOODWORD_PREVIOUS_MASTER_KEYS",
        "none; keys/previous.key where the key is made in GOODWORD_HOME/keys",
        "Older master keys, separated by commas, that still open what `goodword keys rotate` has not wrapped again.",
    ),
    Variable(
        "GOODWORD_LOG_LEVEL",
        "info",
        "What `serve` and `worker` log: debug (every request too), info, warning or error. Never a key, a name, a path or a body.",
    ),
    Variable(
        "GOODWORD_LOG_FORMAT",
        "text at a terminal, else json",
        "How they log, on standard error: json (an object a line) or text.",
    ),
    Variable(
        "GOODWORD_METRICS_TOKEN",
        "none: /metrics is not served",
        "What whoever reads /metrics sends as `Authorization: Bearer TOKEN`: 16 characters or more, such as of `openssl rand -hex 16`.",
    ),
    Variable(
        "GOODWORD_READY_LAG",
        str(DEFAULT_LAG),
        "Seconds that an event may wait to be decided before /readyz answers 503.",
    ),
    Variable(
        "GOODWORD_READY_DISK",
        str(DEFAULT_DISK),
        "MiB that must be free where GOODWORD_HOME and the embedded server's data are, else /readyz answers 503.",
    ),
    Variable(
        "GOODWORD_TRUSTED_PROXIES",
        "none",
        "Addresses or networks of your proxies, separated by commas, such as 127.0.0.1: X-Forwarded-For and X-Forwarded-Proto are"
        " believed from them and from nobody else.",
    ),
    Variable(
        "GOODWORD_ALONE_UP_TO",
        DEFAULT_ALONE,
        "What leaves a live workspace on one UTC day while it has no second confirmed member who approves or releases, by unit in minor"
        " units and separated by commas; nothing of units that are not named. A sandbox has no such limit.",
    ),
    Variable(
        "GOODWORD_PAGE_RATE",
        str(DEFAULT_PAGE_RATE),
        "Events a second that each process takes from one address (of IPv6 its /64) with one publishable key, and twelve times as many"
        " at once; 0: any number. Behind a proxy set GOODWORD_TRUSTED_PROXIES too, else all visitors have its address.",
    ),
    Variable(
        "GOODWORD_PAGE_KEY_RATE",
        str(DEFAULT_PAGE_KEY_RATE),
        "The same for one publishable key, of all addresses together.",
    ),
    Variable(
        "GOODWORD_SMTP_URL",
        "none: no mail is sent",
        "Server that mail is given to: smtps://user:password@host (TLS, port 465) or smtp://user:password@host (STARTTLS, port 587;"
        " without it nothing is sent, but to localhost). Special characters of user and password as %40.",
    ),
    Variable(
        "GOODWORD_MAIL_FROM",
        "none; required where GOODWORD_SMTP_URL is set",
        "Sender of mail: an address, or a name and an address, such as Goodword <refer@shop.example>.",
    ),
    Variable(
        "GOODWORD_DIGEST_AT",
        DEFAULT_DIGEST,
        "From when on a day members are mailed what waits for them: HH:MM and a zone of the IANA database, such as 08:30 Europe/Berlin."
        " Nothing is sent without GOODWORD_SMTP_URL.",
    ),
    Variable(
        "GOODWORD_WEBHOOKS_LOOPBACK",
        "no",
        "yes: webhooks may go to this machine's own addresses, without TLS too. For development and tests; else they go to public"
        " addresses only.",
    ),
    Variable(
        "GOODWORD_STRIPE_URL",
        APIS["stripe"],
        "Address that the objects of Stripe's thin events are fetched from: https, or this machine itself for development and tests.",
    ),
    Variable(
        "GOODWORD_HUBSPOT_URL",
        APIS["hubspot"],
        "Address of HubSpot's API, from which records are fetched and where they are written to: likewise.",
    ),
    Variable("GOODWORD_PIPEDRIVE_URL", APIS["pipedrive"], "Address of Pipedrive's API: likewise."),
    Variable(
        "GOODWORD_RECURLY_URL",
        APIS["recurly"],
        "Address of Recurly's API, such as https://v3.eu.recurly.com for a site in its data center in the EU: likewise.",
    ),
    Variable(
        "GOODWORD_SALESFORCE_URL",
        "the site",
        "Address of Salesforce's API instead of each workspace's own site: likewise.",
    ),
)


class SettingsError(ValueError):
    """A variable holds what it cannot mean. ``variable`` names it; the message says what was expected."""

    def __init__(self, variable: str, expected: str) -> None:
        super().__init__(f"{variable}: {expected}")
        self.variable = variable


class Smtp(NamedTuple):
    """The server that mail is given to. ``security``: tls, starttls or none."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None
    password: str | None


class Daily(NamedTuple):
    """A time of each day: minutes behind midnight by the clock of a zone."""

    minute: int
    zone: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. Secrets stay out of its text form."""

    home: Path
    host: str
    port: int
    url: str
    database_url: str | None = field(repr=False)
    database_admin_url: str | None = field(repr=False)
    master_key: bytes | None = field(repr=False)
    previous_master_keys: tuple[bytes, ...] = field(repr=False)
    #: whether ``url`` was given: else people see what the server listens on
    public: bool = False
    metrics_token: str | None = field(repr=False, default=None)
    log_level: str = "info"
    log_format: str | None = None  # None: by whether a person reads
    ready_lag: int = DEFAULT_LAG  # seconds
    ready_disk: int = DEFAULT_DISK  # MiB
    trusted_proxies: tuple[str, ...] = ()
    alone_up_to: Mapping[str, int] = field(default_factory=dict)  # unit -> minor units
    page_rate: int = DEFAULT_PAGE_RATE  # events a second
    page_key_rate: int = DEFAULT_PAGE_KEY_RATE
    smtp: Smtp | None = field(repr=False, default=None)
    digest_at: Daily = field(default_factory=lambda: Daily(7 * 60, "UTC"))
    webhooks_loopback: bool = False
    apis: Mapping[str, str] = field(default_factory=dict)  # system -> where its API is


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check all settings; an empty variable counts as unset. Raises SettingsError."""
    given = {variable.name: environ.get(variable.name, "").strip() for variable in VARIABLES}
    database_url = _database("DATABASE_URL", given["DATABASE_URL"])
    admin_url = _database("DATABASE_ADMIN_URL", given["DATABASE_ADMIN_URL"])
    if admin_url and not database_url:
        raise SettingsError("DATABASE_ADMIN_URL", "is of use only beside DATABASE_URL; set both or neither")
    master_key = _master_key("GOODWORD_MASTER_KEY", given["GOODWORD_MASTER_KEY"])
    previous = given["GOODWORD_PREVIOUS_MASTER_KEYS"].split(",")
    previous_keys = tuple(
        key for text in previous if (key := _master_key("GOODWORD_PREVIOUS_MASTER_KEYS", text.strip()))
    )
    if previous_keys and not master_key:
        raise SettingsError("GOODWORD_PREVIOUS_MASTER_KEYS", "is of use only beside GOODWORD_MASTER_KEY")
    if database_url and not master_key:
        raise SettingsError(
            "GOODWORD_MASTER_KEY",
            "is required where DATABASE_URL is set: take `openssl rand -hex 32`, kept apart from backups",
        )
    host = given["GOODWORD_HOST"] or "127.0.0.1"
    port = _port(given["GOODWORD_PORT"])
    return Settings(
        home=_home(given["GOODWORD_HOME"], environ),
        host=host,
        port=port,
        url=_public_url(given["GOODWORD_URL"]) or f"http://{f'[{host}]' if ':' in host else host}:{port}",
        database_url=database_url,
        database_admin_url=admin_url or database_url,
        master_key=master_key,
        previous_master_keys=previous_keys,
        public=bool(given["GOODWORD_URL"]),
        metrics_token=_token(given["GOODWORD_METRICS_TOKEN"]),
        log_level=_one_of("GOODWORD_LOG_LEVEL", given, LEVELS) or "info",
        log_format=_one_of("GOODWORD_LOG_FORMAT", given, FORMATS),
        ready_lag=_whole("GOODWORD_READY_LAG", given, DEFAULT_LAG),
        ready_disk=_whole("GOODWORD_READY_DISK", given, DEFAULT_DISK),
        trusted_proxies=_networks(given["GOODWORD_TRUSTED_PROXIES"]),
        alone_up_to=_amounts("GOODWORD_ALONE_UP_TO", given["GOODWORD_ALONE_UP_TO"] or DEFAULT_ALONE),
        page_rate=_whole("GOODWORD_PAGE_RATE", given, DEFAULT_PAGE_RATE),
        page_key_rate=_whole("GOODWORD_PAGE_KEY_RATE", given, DEFAULT_PAGE_KEY_RATE),
        smtp=_smtp(given["GOODWORD_SMTP_URL"], given["GOODWORD_MAIL_FROM"]),
        digest_at=_daily("GOODWORD_DIGEST_AT", given["GOODWORD_DIGEST_AT"] or DEFAULT_DIGEST),
        webhooks_loopback=_one_of("GOODWORD_WEBHOOKS_LOOPBACK", given, ("no", "yes")) == "yes",
        apis={
            system: _outside(name, at)
            for system in (*APIS, "salesforce")
            if (at := given[name := f"GOODWORD_{system.upper()}_URL"] or APIS.get(system, ""))
        },
    )


def demo(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of the demonstration: a home of its own beside the real one, whose database and keys it never touches.

    Raises SettingsError.
    """
    apart = ("DATABASE_URL", "DATABASE_ADMIN_URL", "GOODWORD_MASTER_KEY", "GOODWORD_PREVIOUS_MASTER_KEYS")
    settings = read({name: value for name, value in environ.items() if name not in apart})
    return replace(settings, home=settings.home.with_name(f"{settings.home.name}-demo"))


def _database(name: str, value: str) -> str | None:
    """Check that it is a PostgreSQL address; never repeat it in a message, for it may hold a password."""
    if value and not value.startswith(("postgresql://", "postgres://")):
        raise SettingsError(name, "expected postgresql://user:password@host:port/database")
    return value or None


def _smtp(value: str, sender: str) -> Smtp | None:
    """Check where mail goes; its address holds a password, so it is never repeated."""
    if not value:
        return None
    expected = "expected smtps://user:password@host:port or smtp://user:password@host:port"
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0 and parts.path in ("", "/")
        port = parts.port
    except ValueError:
        right, port = False, None
    if not right or parts.hostname is None:
        raise SettingsError("GOODWORD_SMTP_URL", expected)
    address = parseaddr(sender)[1]
    if "@" not in address or not sender.isprintable():
        raise SettingsError("GOODWORD_MAIL_FROM", "expected an address, such as Goodword <refer@shop.example>")
    tls, here = parts.scheme == "smtps", parts.hostname in _HERE
    security = "tls" if tls else "none" if here else "starttls"
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return Smtp(parts.hostname, port or (465 if tls else 587), security, sender, user, password)


def _daily(name: str, value: str) -> Daily:
    clock, _, zone = value.partition(" ")
    try:
        at = datetime.strptime(clock, "%H:%M")  # noqa: DTZ007 - a time of any day
        calendar.zone(zone.strip())
    except ValueError:
        raise SettingsError(name, f"expected HH:MM and a zone, such as {DEFAULT_DIGEST}, got {value!r}") from None
    return Daily(at.hour * 60 + at.minute, zone.strip())


def _amounts(name: str, value: str) -> dict[str, int]:
    amounts = {}
    for part in value.split(","):
        unit, _, amount = (piece.strip() for piece in part.partition("="))
        if not (unit and amount.isascii() and amount.isdigit() and len(amount) <= _AMOUNT_DIGITS):
            raise SettingsError(name, f"expected UNIT=AMOUNT in minor units, such as {DEFAULT_ALONE}, got {value!r}")
        amounts[unit] = int(amount)
    return amounts


def _home(value: str, environ: Mapping[str, str]) -> Path:
    if not value:
        base = environ.get("XDG_DATA_HOME") or "~/.local/share"
        return Path(base).expanduser().absolute() / "goodword"
    home = Path(value).expanduser()
    if not home.is_absolute():
        raise SettingsError("GOODWORD_HOME", f"expected an absolute path, got {value!r}")
    return home


def _port(value: str) -> int:
    if not value:
        return DEFAULT_PORT
    if not (
        value.isascii() and value.isdigit() and len(value) <= len(str(_HIGHEST_PORT)) and int(value) <= _HIGHEST_PORT
    ):
        raise SettingsError("GOODWORD_PORT", f"expected a number from 0 to {_HIGHEST_PORT}, got {value!r}")
    return int(value)


def _public_url(value: str) -> str | None:
    if not value:
        return None
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingsError("GOODWORD_URL", f"expected https://host or https://host:port, got {value!r}")
    return f"{parts.scheme}://{parts.netloc}"


def _outside(name: str, value: str) -> str:
    """Check the address of another system: with TLS, or on this machine."""
    try:
        parts = urlsplit(value)
        here = parts.hostname in _HERE
        right = parts.hostname and parts.port != 0 and (parts.scheme == "https" or (parts.scheme == "http" and here))
    except ValueError:
        right = False
    if not right or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingsError(name, f"expected https://host or https://host:port, got {value!r}")
    return f"{parts.scheme}://{parts.netloc}"


def _master_key(name: str, value: str) -> bytes | None:
    if not value:
        return None
    try:
        key = bytes.fromhex(value)
    except ValueError:
        key = b""
    if len(key) != 32:  # noqa: PLR2004 - AES-256
        raise SettingsError(name, "expected 64 hexadecimal digits (32 bytes)")
    return key


def _token(value: str) -> str | None:
    if value and (len(value) < _SHORTEST_TOKEN or not value.isascii() or not value.isprintable() or " " in value):
        raise SettingsError(
            "GOODWORD_METRICS_TOKEN", f"expected {_SHORTEST_TOKEN} or more printable characters, no spaces"
        )
    return value or None


def _one_of(name: str, given: Mapping[str, str], values: Sequence[str]) -> str | None:
    value = given[name].lower()
    if value and value not in values:
        raise SettingsError(name, f"expected {', '.join(values[:-1])} or {values[-1]}, got {given[name]!r}")
    return value or None


def _whole(name: str, given: Mapping[str, str], default: int) -> int:
    value = given[name]
    if value and not (value.isascii() and value.isdigit() and len(value) <= _DIGITS):
        raise SettingsError(name, f"expected a whole number, got {value!r}")
    return int(value) if value else default


def _networks(value: str) -> tuple[str, ...]:
    networks = tuple(network for part in value.split(",") if (network := part.strip()))
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            expected = f"expected addresses or networks such as 10.0.0.0/8, got {network!r}"
            raise SettingsError("GOODWORD_TRUSTED_PROXIES", expected) from None
    return networks
