"""A partner before their form, as a browser asks for it; staff make the link through the API."""

import html
import re
import secrets
from typing import Any, NamedTuple

import httpx
import pytest
from testkit import sent
from tests.api.conftest import Api, Command, api, goodword

__all__ = ["Api", "Command", "Form", "ann", "api", "goodword", "made"]

#: What a browser says of a form that a page of ours sends.
OURS = {"sec-fetch-site": "same-origin"}
ACME = {"company": "Acme", "domain": "acme.example", "email": "carl@acme.example"}


class Form(NamedTuple):
    """A form that a link opens. ``person``: whose it is."""

    api: Api
    id: str
    url: str
    person: str

    @property
    def path(self) -> str:
        """What the link says behind the server's address."""
        return self.url.removeprefix(self.api.url)

    def get(self, more: str = "", **headers: str) -> httpx.Response:
        """Open it."""
        return self.api.http.get(self.path + more, headers=headers)

    def text(self) -> str:
        """Return what a reader sees, without the marks of HTML."""
        answer = self.get()
        assert answer.status_code == 200, answer.text
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())

    def send(self, more: str = "", headers: dict[str, str] | None = None, **fields: str | None) -> httpx.Response:
        """Send a form of the page, with what makes it one; None leaves a field out."""
        every = {"once": secrets.token_hex(8), **fields}
        given = {name: it for name, it in every.items() if it is not None}
        return self.api.http.post(self.path + more, data=given, headers=OURS if headers is None else headers)

    def register(self, **fields: str | None) -> httpx.Response:
        """Register a deal with Acme, or with what is said."""
        return self.send(**{**ACME, **fields})

    def deals(self) -> list[dict[str, Any]]:
        """Return the deals of the workspace as staff see them."""
        return self.api.get("/v1/deals")["items"]


def made(api: Api, partner: str, by: str = "owner", **more: Any) -> Form:
    """Make a link for a partner."""
    person = api.person(partner)
    answer = api.call(by, "POST", f"/v1/people/{person}/deal-forms", json=more)
    assert answer.status_code == 201, answer.text
    return Form(api, answer.json()["id"], answer.json()["url"], person)


@pytest.fixture
def ann(api: Api) -> Form:
    """The form of a partner, which an owner made; there is another partner, and an approver."""
    api.send(sent.enrolled("a", "ann", "ANN"), sent.enrolled("e", "eve", "EVE"))
    api.member("anna", "approver")
    return made(api, "ann")
