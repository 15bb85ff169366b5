"""The real year of orders, decided in memory with its own clock: an event arrives when it happens."""

import gzip
import json
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from testkit.world import World

from goodword.core import calendar, events
from goodword.core import rules as core_rules
from goodword.sources import rule_file

_FILE = Path(__file__).resolve().parents[2] / "examples" / "retail.yaml"
#: The rules that the data's page states.
RULES: dict[str, Any] = json.loads(core_rules.document(rule_file.read(_FILE.read_bytes(), _FILE.name)))


@lru_cache(maxsize=2)
def lines(shared: Path) -> tuple[dict[str, Any], ...]:
    """The file's events, each id once."""
    with gzip.open(shared / "data" / "online_retail" / "events.ndjson.gz") as file:
        found = {line["id"]: line for line in map(json.loads, file)}
    return tuple(found.values())


def about(told: tuple[dict[str, Any], ...], leads: int) -> list[dict[str, Any]]:
    """The lines about the first so many leads: enrolments, their clicks, orders and refunds."""
    first = list(islice((line for line in told if line["type"] == "lead.created"), leads))
    people = {line["customer_external_id"] for line in first}
    names = people | {line["visitor_id"] for line in first if "visitor_id" in line}
    names |= {
        line["invoice_id"] for line in told if line.get("customer_external_id") in people and "invoice_id" in line
    }
    fields = ("customer_external_id", "visitor_id", "invoice_id")
    return [one for one in told if one["type"] == "advocate.enrolled" or names & {one.get(field) for field in fields}]


def year(shared: Path, document: dict[str, Any] | None = None, *, leads: int | None = None) -> World:
    """The workspace after the year, or after what it tells about its first leads."""
    told = lines(shared)
    made = World(start=calendar.parse(told[0]["occurred_at"]), checked=False)
    made.publish(document or RULES)
    for line in told if leads is None else about(told, leads):
        kind, fields = _event(line)
        made.send(kind, when=calendar.parse(line["occurred_at"]), **fields)
    return made


def _event(line: dict[str, Any]) -> tuple[type[events.Event], dict[str, Any]]:
    code = line["code"].lower() if "code" in line else None
    customer = line.get("customer_external_id")
    match line["type"]:
        case "advocate.enrolled":
            return events.AdvocateEnrolled, {"person": line["external_id"], "code": code}
        case "click.recorded":
            return events.ClickRecorded, {"code": code, "visitor": line["visitor_id"]}
        case "lead.created":
            return events.LeadCreated, {"person": customer, "visitor": line.get("visitor_id"), "code": code}
        case "conversion.recorded":
            fields = {"invoice": line["invoice_id"], "amount": line["amount"], "currency": line["currency"]}
            return events.ConversionRecorded, {"person": customer, **fields}
        case _:
            fields = {"invoice": line["invoice_id"], "refund": line["refund_id"], "amount": line["amount"]}
            return events.ConversionRefunded, fields
