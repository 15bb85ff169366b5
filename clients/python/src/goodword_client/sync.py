"""The client, made from ``aio`` by generate_clients.py: change it there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Iterable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Literal

import httpx

from goodword_client import models, waits, wire
from goodword_client.errors import UnreachableError
from goodword_client.queue import Queue

_PAGE = 200


class Goodword:
    """A key at a server.

    ``timeout``: seconds for one try; ``retries``: how often a call is sent again after no answer, 429, 503 or a proxy's 502 and 504.
    ``queue``: how events go that are added rather than sent. ``http``: a client of your own, for proxies and certificates.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30.0,
        retries: int = 6,
        queue: Queue | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {key}", "user-agent": "goodword-client-python/0.1.0"}
        self._timeout = timeout
        self._retries = retries
        self._http = httpx.Client() if http is None else http
        self._ours = http is None
        self._pid = os.getpid()
        self._queue = Queue() if queue is None else queue  # an empty one is false
        self._queue.connect(self._behind)
        self.events = Events(self, self._queue)
        self.rewards = Rewards(self)
        self.approvals = Approvals(self)
        self.payouts = Payouts(self)
        self.people = People(self)
        self.cases = Cases(self)
        self.claims = Claims(self)
        self.programs = Programs(self)
        self.log = Log(self)

    def __enter__(self) -> Goodword:  # noqa: PYI034 - Self is newer than Python 3.9
        """Open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send what waits, then close."""
        self.close()

    def close(self, timeout: float | None = None) -> int:
        """Send what waits, then close the connections; return how many events could not be sent in this time."""
        left = waits.run(partial(self._queue.close, timeout))
        if self._ours:
            self._connected().close()
        return left

    def get(self, path: str, **params: object) -> Any:
        """Read what has no call of its own here. Raises ApiError, UnreachableError."""
        return self.ask(wire.get(path, **params))

    def say(self, method: str, path: str, body: object = None, *, idempotency_key: str | None = None) -> Any:
        """Say what has no call of its own here, once, however often it is sent. Raises ApiError, UnreachableError."""
        return self.ask(wire.say(method, path, body=body, key=idempotency_key))

    def ask(self, call: wire.Call) -> Any:
        """Send a request, again where it may be. Raises ApiError, UnreachableError."""
        tried = 0
        while True:
            headers: Mapping[str, str] | None = None
            try:
                answer = self._connected().request(**self._request(call))
            except wire.FAULTS as error:
                if tried == self._retries:
                    raise UnreachableError(f"{type(error).__name__}: {error}") from error
            else:
                if answer.status_code not in wire.AGAIN:
                    return wire.read(answer)
                if tried == self._retries:
                    raise wire.no_room(answer)
                headers = answer.headers
            waits.sleep(wire.pause(tried, headers))
            tried += 1

    def pages(
        self, path: str, filters: Mapping[str, object], start: str | None = None, limit: int | None = _PAGE
    ) -> Iterator[Any]:
        """Go through a list, page by page, as far as it is asked for. ``start``: behind this cursor."""
        after = start
        while True:
            page = self.ask(wire.get(path, **filters, limit=limit, after=after))
            for item in page["items"]:
                yield item
            after = page.get("after")
            if after is None:
                return

    def _connected(self) -> httpx.Client:
        """The client; after a fork another, for on the connections of the first the parent speaks. One that was given is kept."""
        if self._ours and self._pid != os.getpid():
            self._http, self._pid = httpx.Client(), os.getpid()
        return self._http

    def _request(self, call: wire.Call) -> dict[str, Any]:
        headers = {**self._headers, **call.headers}
        if call.body is not None:
            headers["content-type"] = "application/json"
        wait = 15.0 if "prefer" in call.headers else 0.0
        return {
            "method": call.method,
            "url": self._url + call.path,
            "params": call.params or None,
            "content": call.body,
            "headers": headers,
            "timeout": self._timeout + wait,
        }

    def _behind(self, call: wire.Call) -> httpx.Response:
        """Send a request of the queue's, once, from its thread."""
        return self._queue.client(self._connected()).request(**self._request(call))


class Events:
    """What happened."""

    def __init__(self, api: Goodword, queue: Queue) -> None:
        self._api = api
        self._queue = queue

    def send(self, event: models.NativeEvent | wire.Event, *, wait: int | None = None) -> models.EventAnswer:
        """Send one event. ``wait``: seconds, ten at most, in which the answer may bring its decision.

        It is durable when this returns; one without an id is given one, in the event itself. Raises EventRefusedError, ApiError,
        UnreachableError: send the same event again then.
        """
        wire.with_id(event)
        answers: models.EventAnswers = self._api.ask(wire.events(wire.encoded(event), wait))
        return wire.accepted(answers["items"][0])

    def send_many(self, events: Iterable[models.NativeEvent | wire.Event]) -> list[models.EventAnswer]:
        """Send events and wait until they are durable; an answer for each, in order. A wrong one costs its neighbours nothing."""
        answers: list[models.EventAnswer] = []
        for body in wire.batches(events):
            answers += (self._api.ask(wire.events(body)))["items"]
        return answers

    def add(self, event: models.NativeEvent | wire.Event) -> str:
        """Let the queue send an event, at once and behind your back; return its id. Raises FullError."""
        return self._queue.add(event)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until the server has all that was added; whether it has."""
        return waits.run(partial(self._queue.flush, timeout))

    def get(self, event: str, *, source: str | None = None) -> models.Event:
        """Where an event stands, by its id or its evt. ``source``: of an id that another source has too."""
        found: models.Event = self._api.ask(wire.get("/v1/events/{}", event, source=source))
        return found

    def explain(self, id_: str) -> models.Explanation:
        """Every decision about something, with its sentences: an evt, a reward, a person, a conversion."""
        found: models.Explanation = self._api.ask(wire.get("/v1/explanations/{}", id_))
        return found


class Rewards:
    """What beneficiaries earn."""

    def __init__(self, api: Goodword) -> None:
        self._api = api

    def list(
        self,
        *,
        status: str | None = None,
        program: str | None = None,
        beneficiary: str | None = None,
        conversion: str | None = None,
        payout: str | None = None,
    ) -> Iterator[models.Reward]:
        """Rewards, by id."""
        filters = {"status": status, "program": program, "beneficiary": beneficiary}
        return self._api.pages("/v1/rewards", {**filters, "conversion": conversion, "payout": payout})

    def queue(
        self,
        *,
        program: str | None = None,
        unit: str | None = None,
        payee: str | None = None,
        risk: int | None = None,
        mine: bool | None = None,
        aside: bool | None = None,
        sort: str | None = None,
    ) -> Iterator[models.Queued]:
        """What is in review, in the order in which it asks for somebody."""
        filters = {"program": program, "unit": unit, "payee": payee, "sort": sort}
        return self._api.pages("/v1/rewards/queue", {**filters, "risk": risk, "mine": mine, "aside": aside})

    def get(self, reward: str) -> models.Reward:
        """One reward."""
        found: models.Reward = self._api.ask(wire.get("/v1/rewards/{}", reward))
        return found

    def record(self, reward: str) -> models.RewardRecord:
        """All that a reward is decided by."""
        found: models.RewardRecord = self._api.ask(wire.get("/v1/rewards/{}/record", reward))
        return found

    def look(self, reward: str, *, seconds: int = 0, idempotency_key: str | None = None) -> models.Decision:
        """Say that you opened a reward's evidence, and for how long: what is flagged is approved by who looked."""
        call = wire.say("POST", "/v1/rewards/{}/looks", reward, body={"seconds": seconds}, key=idempotency_key)
        done: models.Decision = self._api.ask(call)
        return done

    def reject(
        self,
        items: Sequence[models.Item],
        *,
        reason: str,
        note: str | None = None,
        withheld: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Decision:
        """Say that these rewards are not owed, as a frozen list showed them."""
        body = {"items": items, "reason": reason, "note": note, "withheld": withheld}
        done: models.Decision = self._api.ask(
            wire.say("POST", "/v1/rewards/rejections", body=body, key=idempotency_key)
        )
        return done

    def hold(
        self,
        items: Sequence[models.Item],
        *,
        reason: str,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Decision:
        """Let these rewards wait until somebody has looked at each, as a frozen list showed them."""
        body = {"items": items, "reason": reason, "note": note}
        done: models.Decision = self._api.ask(
            wire.say("POST", "/v1/rewards/holds", body=body, key=idempotency_key)
        )
        return done


class Approvals:
    """Saying that rewards are owed: what was shown is sent back whole with its digest, and one item that has changed stops it."""

    def __init__(self, api: Goodword) -> None:
        self._api = api

    def list(self, rewards: Sequence[str]) -> models.ListToDecide:
        """The frozen list of these rewards, a thousand at most."""
        found: models.ListToDecide = self._api.ask(wire.get("/v1/approvals", id=rewards))
        return found

    def queue(self, *, program: str | None = None, limit: int | None = None) -> models.ListToDecide:
        """The frozen list of all in review that you could approve now."""
        found: models.ListToDecide = self._api.ask(wire.get("/v1/approvals/queue", program=program, limit=limit))
        return found

    def approve(self, seen: models.ListToDecide, *, idempotency_key: str | None = None) -> models.Decision:
        """Approve a list as it was shown: all of it or nothing. Of two who must, the second sends the same list."""
        body = {"items": seen["items"], "list_sha256": seen["list_sha256"]}
        done: models.Decision = self._api.ask(wire.say("POST", "/v1/approvals", body=body, key=idempotency_key))
        return done

    def withdraw(
        self,
        items: Sequence[models.Item],
        *,
        reason: str,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Decision:
        """Take approvals back before the release."""
        body = {"items": items, "reason": reason, "note": note}
        done: models.Decision = self._api.ask(
            wire.say("POST", "/v1/approvals/withdrawals", body=body, key=idempotency_key)
        )
        return done


class Payouts:
    """What is sent to beneficiaries."""

    def __init__(self, api: Goodword) -> None:
        self._api = api

    def list(
        self, *, status: str | None = None, beneficiary: str | None = None, rail: str | None = None
    ) -> Iterator[models.Payout]:
        """Payouts, by id."""
        return self._api.pages("/v1/payouts", {"status": status, "beneficiary": beneficiary, "rail": rail})

    def get(self, payout: str) -> models.Payout:
        """One payout."""
        found: models.Payout = self._api.ask(wire.get("/v1/payouts/{}", payout))
        return found

    def draft(
        self,
        rail: str,
        unit: str,
        *,
        beneficiaries: Sequence[str] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Decision:
        """Gather approved rewards that are due into payouts."""
        body = {"rail": rail, "unit": unit, "beneficiaries": beneficiaries}
        done: models.Decision = self._api.ask(wire.say("POST", "/v1/payouts", body=body, key=idempotency_key))
        return done

    def to_release(self, payouts: Sequence[str]) -> models.ListToDecide:
        """The frozen list of these payouts, a thousand at most."""
        found: models.ListToDecide = self._api.ask(wire.get("/v1/payouts/release", id=payouts))
        return found

    def release(self, seen: models.ListToDecide, *, idempotency_key: str | None = None) -> models.Decision:
        """Release a list as it was shown: all of it or nothing."""
        body = {"items": seen["items"], "list_sha256": seen["list_sha256"]}
        done: models.Decision = self._api.ask(
            wire.say("POST", "/v1/payouts/release", body=body, key=idempotency_key)
        )
        return done

    def cancel(self, payout: str, *, reason: str, idempotency_key: str | None = None) -> models.Decision:
        """Take a payout back before its rail was called."""
        call = wire.say("POST", "/v1/payouts/{}/cancel", payout, body={"reason": reason}, key=idempotency_key)
        done: models.Decision = self._api.ask(call)
        return done


class People:
    """Who refers, who was referred, who is paid."""

    def __init__(self, api: Goodword) -> None:
        self._api = api

    def find(self, external_id: str) -> models.Person:
        """A person by the name that you gave them."""
        found: models.Person = self._api.ask(wire.get("/v1/people", external_id=external_id))
        return found

    def get(self, person: str) -> models.Person:
        """One person."""
        found: models.Person = self._api.ask(wire.get("/v1/people/{}", person))
        return found

    def set_payee(
        self, person: str, rail: str, details: Mapping[str, str], *, idempotency_key: str | None = None
    ) -> models.Decision:
        """Enter where a beneficiary is paid."""
        body = {"rail": rail, "details": details}
        done: models.Decision = self._api.ask(
            wire.say("PUT", "/v1/people/{}/payee", person, body=body, key=idempotency_key)
        )
        return done

    def advocates(self, *, program: str | None = None, person: str | None = None) -> Iterator[models.Advocate]:
        """Who refers, with their codes and links."""
        return self._api.pages("/v1/advocates", {"program": program, "person": person})

    def referrals(self, *, friend: str | None = None) -> Iterator[models.Referral]:
        """Who was referred by whom."""
        return self._api.pages("/v1/referrals", {"friend": friend})


class Cases:
    """Tasks for people."""

    def __init__(self, api: Goodword) -> None:
        self._api = api

    def list(self, *, status: str | None = None) -> Iterator[models.Case]:
        """Cases, by id."""
        return self._api.pages("/v1/cases", {"status": status})

    def get(self, case: str) -> models.Case:
        """One case."""
        found: models.Case = self._api.ask(wire.get("/v1/cases/{}", case))
        return found


class Claims:
    """What is said about who brought a friend."""

    def __init__(self, api: Goodword) -> None:
        self._api = api

    def list(self, *, status: str | None = None, friend: str | None = None) -> Iterator[models.Claim]:
        """Claims, by id."""
        return self._api.pages("/v1/claims", {"status": status, "friend": friend})

    def get(self, claim: str) -> models.Claim:
        """One claim."""
        found: models.Claim = self._api.ask(wire.get("/v1/claims/{}", claim))
        return found


class Programs:
    """Rules."""

    def __init__(self, api: Goodword) -> None:
        self._api = api

    def list(self) -> Iterator[models.Program]:
        """Programs with their versions."""
        return self._api.pages("/v1/programs", {}, limit=None)

    def publish(
        self,
        document: str,
        *,
        name: Literal["rules.yaml", "rules.json"] = "rules.yaml",
        idempotency_key: str | None = None,
    ) -> models.Published:
        """Publish a rule file."""
        body = {"document": document, "name": name}
        done: models.Published = self._api.ask(wire.say("POST", "/v1/programs", body=body, key=idempotency_key))
        return done


class Log:
    """What was decided, and what stands in the accounts."""

    def __init__(self, api: Goodword) -> None:
        self._api = api

    def entries(self, *, after: str | None = None) -> Iterator[models.Decision]:
        """Entries in order of their position. ``after``: behind this position."""
        return self._api.pages("/v1/log/entries", {}, after)

    def balances(self, *, owner: str | None = None, account: str | None = None) -> Iterator[models.Balance]:
        """Accounts."""
        return self._api.pages("/v1/ledger/balances", {"owner": owner, "account": account})

    def postings(self) -> Iterator[models.Posting]:
        """Postings."""
        return self._api.pages("/v1/ledger/postings", {})

    def progress(self) -> models.Progress:
        """Where deciding stands."""
        found: models.Progress = self._api.ask(wire.get("/v1/reports/progress"))
        return found
