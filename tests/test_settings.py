"""Settings are read once, checked, and never show a secret."""

from pathlib import Path

import pytest

from goodword.outbound.crm import CRMS
from goodword.settings import VARIABLES, SettingsError, read
from goodword.sources.registry import REGISTRY

DATABASE = "postgresql://app:hunter2@db/goodword"
KEY = "ab" * 32


def test_defaults_need_no_variable() -> None:
    """Without any variable there is a whole set of settings, with the embedded server."""
    settings = read({"HOME": "/home/someone"})
    assert (settings.host, settings.port, settings.url) == ("127.0.0.1", 8484, "http://127.0.0.1:8484")
    assert settings.database_url is settings.database_admin_url is settings.master_key is None
    assert settings.home == Path("~/.local/share/goodword").expanduser()


def test_home_follows_the_desktop_convention() -> None:
    """XDG_DATA_HOME moves the default home, and GOODWORD_HOME overrides it."""
    assert read({"XDG_DATA_HOME": "/data"}).home == Path("/data/goodword")
    assert read({"XDG_DATA_HOME": "/data", "GOODWORD_HOME": "/else"}).home == Path("/else")


def test_migrations_use_the_same_database_by_default() -> None:
    """DATABASE_ADMIN_URL is DATABASE_URL unless it is set."""
    settings = read({"DATABASE_URL": DATABASE, "GOODWORD_MASTER_KEY": KEY})
    assert settings.database_admin_url == DATABASE
    assert settings.master_key == bytes.fromhex(KEY)


def test_public_address_loses_its_final_slash() -> None:
    """A public address is scheme and host, so that paths can be appended."""
    assert read({"GOODWORD_URL": "https://go.example.com/"}).url == "https://go.example.com"
    assert read({"GOODWORD_HOST": "::1", "GOODWORD_PORT": "80"}).url == "http://[::1]:80"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://db/x"),
        ("DATABASE_ADMIN_URL", DATABASE),  # alone
        ("GOODWORD_PORT", "http"),
        ("GOODWORD_PORT", "65536"),
        ("GOODWORD_PORT", "9" * 5000),
        ("GOODWORD_PORT", "-1"),
        ("GOODWORD_PORT", "²"),
        ("GOODWORD_URL", "go.example.com"),
        ("GOODWORD_URL", "ftp://go.example.com"),
        ("GOODWORD_URL", "https://go.example.com/path"),
        ("GOODWORD_URL", "https://user@go.example.com"),
        ("GOODWORD_URL", "https://go.example.com:port"),
        ("GOODWORD_HOME", "relative/folder"),
        ("GOODWORD_MASTER_KEY", "abcd"),
        ("GOODWORD_MASTER_KEY", "not hexadecimal"),
        ("GOODWORD_STRIPE_URL", "http://api.stripe.com"),  # without TLS this machine alone is asked
        ("GOODWORD_STRIPE_URL", "ftp://api.stripe.com"),
        ("GOODWORD_STRIPE_URL", "http://127.0.0.1.example:8000"),
        ("GOODWORD_STRIPE_URL", "https://user@api.stripe.com"),
        ("GOODWORD_STRIPE_URL", "https://api.stripe.com/v1"),
    ],
)
def test_bad_value_is_named(variable: str, value: str) -> None:
    """A value that cannot be meant stops the process, and the message names its variable."""
    with pytest.raises(SettingsError, match=f"^{variable}: ") as caught:
        read({variable: value})
    assert caught.value.variable == variable


def test_a_database_of_ones_own_needs_a_key_of_ones_own() -> None:
    """No master key is made silently where the data is not in GOODWORD_HOME."""
    with pytest.raises(SettingsError, match=r"^GOODWORD_MASTER_KEY: is required"):
        read({"DATABASE_URL": DATABASE})


def test_secrets_stay_out_of_text() -> None:
    """Neither the settings' text form nor an error repeats a password or the key."""
    assert "hunter2" not in repr(read({"DATABASE_URL": DATABASE, "GOODWORD_MASTER_KEY": KEY}))
    assert KEY not in repr(read({"GOODWORD_MASTER_KEY": KEY}))
    with pytest.raises(SettingsError) as caught:
        read({"DATABASE_URL": "mysql://app:hunter2@db/goodword"})
    assert "hunter2" not in str(caught.value)


def test_every_variable_is_explained_once() -> None:
    """The table that the documentation is made from has one full line for each variable."""
    names = [variable.name for variable in VARIABLES]
    assert len(names) == len(set(names))
    assert all(variable.default and variable.meaning.endswith(".") for variable in VARIABLES)


def test_previous_master_keys_stand_beside_the_present_one() -> None:
    """Older keys are a list beside the present key; alone, or misspelt, they are refused, and they are never shown."""
    older = "cd" * 32
    found = read({"GOODWORD_MASTER_KEY": KEY, "GOODWORD_PREVIOUS_MASTER_KEYS": f"{older}, {'ef' * 32}"})
    assert found.previous_master_keys == (bytes.fromhex(older), bytes.fromhex("ef" * 32))
    assert older not in repr(found)
    with pytest.raises(SettingsError, match="only beside GOODWORD_MASTER_KEY"):
        read({"GOODWORD_PREVIOUS_MASTER_KEYS": older})
    with pytest.raises(SettingsError, match=r"^GOODWORD_PREVIOUS_MASTER_KEYS: expected 64"):
        read({"GOODWORD_MASTER_KEY": KEY, "GOODWORD_PREVIOUS_MASTER_KEYS": "abcd"})


def test_every_system_that_is_asked_or_written_to_has_one_address_and_a_key() -> None:
    """A source that fetches has both; a CRM is at the company's own site, unless a setting says otherwise, or at one for all."""
    usual, elsewhere = (
        read({}).apis,
        {"GOODWORD_SALESFORCE_URL": "http://localhost:9", "GOODWORD_STRIPE_URL": "https://s.example/"},
    )
    fetching = {name for name, source in REGISTRY.items() if source.fetch is not None}
    assert fetching == {"hubspot", "pipedrive", "recurly", "stripe"} == set(usual)
    assert all(source.access is not None for name, source in REGISTRY.items() if name in fetching or name in CRMS)
    assert {name for name, crm in CRMS.items() if crm.site is None} <= set(usual)
    assert read(elsewhere).apis == {**usual, "salesforce": "http://localhost:9", "stripe": "https://s.example"}
