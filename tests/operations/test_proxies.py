"""Headers of a proxy are believed from the addresses that the setting names."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.api.conftest import Api

from goodword.settings import SettingsError, read
from goodword.wiring import serving

HEADERS = {"host": "shop.example", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}


@pytest.mark.parametrize(
    ("trusted", "scheme"),
    [((), "http"), (("10.0.0.0/8",), "http"), (("127.0.0.1",), "https"), (("10.0.0.1", "127.0.0.0/8"), "https")],
)
def test_the_scheme_is_the_proxy_s_only_if_it_is_trusted(api: Api, trusted: tuple[str, ...], scheme: str) -> None:
    """A redirect, which repeats the scheme, shows it."""
    goodword = replace(api.goodword, settings=replace(api.goodword.settings, trusted_proxies=trusted))

    async def ask() -> str:
        async with serving(goodword, "127.0.0.1", 0) as url, httpx.AsyncClient(trust_env=False) as http:
            return str((await http.get(f"{url}/v1/advocates/", headers=HEADERS)).headers["location"])

    assert api.run(ask()) == f"{scheme}://shop.example/v1/advocates"


def test_proxies_are_addresses(tmp_path: Path) -> None:
    """Addresses and networks of both families; a name, or a star for everybody, is refused."""
    given = {"GOODWORD_HOME": str(tmp_path)}
    assert read({**given, "GOODWORD_TRUSTED_PROXIES": "127.0.0.1, ::1,10.0.0.0/8"}).trusted_proxies == (
        "127.0.0.1",
        "::1",
        "10.0.0.0/8",
    )
    for wrong in ("*", "proxy.example", "10.0.0.1/8"):
        with pytest.raises(SettingsError, match="GOODWORD_TRUSTED_PROXIES"):
            read({**given, "GOODWORD_TRUSTED_PROXIES": wrong})
