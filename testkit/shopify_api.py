"""Shopify's Admin API as far as discount codes and gift cards are made: a real HTTP server on this machine that speaks its protocol.

It takes each code once, in whatever case, knows its shop's currency and its customers, and refuses as Shopify does.
"""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from testkit import wire

TOKEN = "shpat_" + "a1b2" * 8
_PATH = "/admin/api/2026-10/graphql.json"


class ShopifyApi:
    """``discounts``, ``cards``: what was made, by code; ``next``: answers that are given first; ``loses``: so many are lost.

    ``lags``: no card is found.
    """

    def __init__(self) -> None:
        self.currency = "EUR"
        self.customers = {"gid://shopify/Customer/6940095564"}
        self.discounts: dict[str, Any] = {}
        self.cards: dict[str, Any] = {}
        self.next: list[tuple[int, Any]] = []
        self.loses = 0
        self.lags = False
        self.url = ""

    def answer(self, path: str, key: str, asked: dict[str, Any]) -> tuple[int, Any]:
        """Return what Shopify would."""
        if self.next:
            return self.next.pop(0)
        if path != _PATH:
            return 404, {"errors": "Not Found"}
        if key != TOKEN:
            return 401, {"errors": "[API] Invalid API key or access token"}
        query, said = asked["query"], asked["variables"]
        if "codeDiscountNodeByCode" in query:
            found = self.discounts.get(said["code"].upper())
            return 200, {"data": {"codeDiscountNodeByCode": {"id": found["id"]} if found else None}}
        if "giftCards" in query:
            nodes = [
                {"id": it["id"], "note": it["note"]}
                for code, it in self.cards.items()
                if code.endswith(said["end"].upper())
            ]
            return 200, {"data": {"giftCards": {"nodes": [] if self.lags else nodes}}}
        if "discountCodeBasicCreate" in query:
            return self._made(
                self.discounts, "DiscountCodeNode", said["said"], said["said"]["context"]["customers"]["add"][0]
            )
        if "giftCardCreate" in query:
            return self._made(self.cards, "GiftCard", said["said"], said["said"]["customerId"])
        return 200, {"data": {"shop": {"currencyCode": self.currency}}}

    def _made(self, all_: dict[str, Any], noun: str, said: dict[str, Any], customer: str) -> tuple[int, Any]:
        code = said["code"].upper()
        wrong = "TAKEN" if code in all_ else "INVALID" if customer not in self.customers else None
        if wrong:
            return 200, {"data": {"made": {"node": None, "userErrors": [{"code": wrong}]}}}
        all_[code] = {"id": f"gid://shopify/{noun}/{len(all_) + 1}", "customer": customer, **said}
        return 200, {"data": {"made": {"node": {"id": all_[code]["id"]}, "userErrors": []}}}


@contextlib.contextmanager
def serving() -> Iterator[ShopifyApi]:
    """Yield such a server on a free port."""
    api = ShopifyApi()

    class Handler(wire.Quiet):
        def do_POST(self) -> None:  # noqa: N802 - as the library calls it
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, said = api.answer(self.path, self.headers.get("x-shopify-access-token", ""), asked)
            if api.loses and asked["query"].startswith("mutation"):
                api.loses -= 1
                self.close_connection = True
                return
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with wire.serving(Handler) as api.url:
        yield api
