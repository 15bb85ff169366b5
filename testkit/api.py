"""A workspace over HTTP, as people and servers use it, in one vocabulary for all who look from outside."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from testkit import sent
from testkit.waiting import until


class Api:
    """A workspace at an address. ``keys``: by the name of who calls; what an unknown name says is taken for a key itself."""

    def __init__(self, url: str, made: Mapping[str, Any], http: httpx.Client | None = None) -> None:
        self.url = url
        self.ws: str = made["id"]
        self.keys: dict[str | None, str] = {
            "owner": made["owner_key"],
            "sk": made["secret_key"],
            "wk": made["write_key"],
            "pk": made["publishable_key"],
        }
        self.http = http or httpx.Client(base_url=url, timeout=30, trust_env=False)

    def sandbox(self, name: str, *documents: str) -> "Api":
        """Return a new sandbox with a manual clock and these programs."""
        body = {"name": name, "clock": "manual", "starts_at": "2026-01-05T00:00:00Z"}
        made = Api(self.url, self.say("owner", "/v1/workspaces", body), self.http)
        for document in documents:
            made.say("owner", "/v1/programs", {"document": document})
        return made

    def agree(self, path: str, *ids: str, who: str = "owner") -> Any:
        """Look at a frozen list and send it back."""
        return self.say(who, path, self.get(path, who, id=ids))

    def call(self, who: str | None, method: str, path: str, *, key: str | None = None, **more: Any) -> httpx.Response:
        """Any call, as it is answered. ``key``: the Idempotency-Key, a new one by default."""
        headers = {"idempotency-key": key or uuid.uuid4().hex}
        if who is not None:
            headers["authorization"] = f"Bearer {self.keys.get(who, who)}"
        return self.http.request(method, path, headers=headers, **more)

    def get(self, path: str, who: str = "owner", **params: Any) -> Any:
        """Read what must be there."""
        answer = self.call(who, "GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, who: str, path: str, body: Any, key: str | None = None) -> Any:
        """Say what must be done."""
        answer = self.call(who, "POST", path, json=body, key=key)
        assert answer.is_success, answer.text
        return answer.json()

    def refused(self, who: str, path: str, body: Any) -> tuple[int, str]:
        """Say what must be refused; returns status and code."""
        answer = self.call(who, "POST", path, json=body)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert answer.json()["status"] == answer.status_code
        return answer.status_code, answer.json()["code"]

    def member(self, name: str, *roles: str, limits: dict[str, int] | None = None) -> str:
        """Add a member, whose calls are made by that name from now on."""
        body = {"email": f"{name}@shop.example", "roles": roles, "limits": limits}
        added = self.say("owner", "/v1/members", body)
        self.keys[name] = added["key"]
        return str(added["id"])

    def move(self, to: str) -> None:
        """Move the clock."""
        self.say("owner", "/v1/clock", {"to": to})

    def send(self, *events: dict[str, Any]) -> None:
        """Send events and wait until they are decided."""
        answer = self.call("wk", "POST", "/v1/events", json=list(events))
        assert [item["status"] for item in answer.json()["items"]] == ["accepted"] * len(events), answer.text
        self.until(lambda: not self.get("/v1/reports/progress")["waiting"])

    def decided(self, event: dict[str, Any]) -> dict[str, Any]:
        """Send an event and wait; returns the item of the answer, with the decision."""
        headers = {"authorization": f"Bearer {self.keys['wk']}", "prefer": "wait=10"}
        answer = self.http.post("/v1/events", json=event, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["items"][0])

    def until(self, done: Callable[[], Any]) -> None:
        """Wait until something is so."""
        until(done)

    def purchase(self, friend: str = "bob", amount: int = 20_000) -> None:
        """An advocate, a friend with a code typed, an order."""
        self.send(
            sent.enrolled(f"enrol-{friend}", f"ann-{friend}", friend),
            sent.lead(f"lead-{friend}", friend, code=friend),
            sent.purchase(f"order-{friend}", friend, f"inv-{friend}", amount),
        )

    def plan(self, program: str, owner: str, **otherwise: Any) -> dict[str, Any]:
        """With what a program could go live: by the one source that has delivered, answered for by a member."""
        self.until(self.heard)
        [source] = self.heard()
        said = {"owner": owner, "looks": owner, "trigger": source, "billing": source}
        said["evidence"] = self.get(f"/v1/programs/{program}/readiness")["evidence"]
        return said | otherwise

    def heard(self) -> list[str]:
        """The sources that have delivered."""
        return [row["source"] for row in self.get("/v1/sources")["items"] if row["last_at"] is not None]

    def launch(self, program: str, owner: str, **otherwise: Any) -> None:
        """Let a program go live: somebody else than its author can approve, and it has a source that delivered."""
        self.say("owner", f"/v1/programs/{program}/launch", self.plan(program, owner, **otherwise))

    def person(self, external_id: str) -> str:
        """The id of a person."""
        return str(self.get("/v1/people", external_id=external_id)["id"])

    def payee(self, external_id: str, rail: str = "sandbox", **details: str) -> None:
        """Enter payment details."""
        path = f"/v1/people/{self.person(external_id)}/payee"
        answer = self.call("sk", "PUT", path, json={"rail": rail, "details": details})
        assert answer.status_code == 200, answer.text
