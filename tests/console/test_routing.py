"""The page of routes: a table is typed, waits, is confirmed by a second owner, and stands with its versions in words."""

from tests.console.conftest import SCRIPT, Console

PAGE = "/console/settings/routing"
TABLE = """\
routes:
  - {name: large, kinds: [cash], at_least: {EUR: 1500}, role: owner, fallback: %s, days: 3}
  - {name: rest, role: approver, fallback: %s, days: 7}
"""


def test_a_table_is_published_on_its_page_and_confirmed_there(desk: Console) -> None:
    """What is wrong stands again as it was typed, with where it is wrong; the second owner sees what would change, in words."""
    assert "No table was published" in desk.html(PAGE)
    wrong = desk.form(PAGE, document=f"routes: {SCRIPT}")
    assert wrong.status_code == 400, wrong.text
    assert SCRIPT not in wrong.text
    owner = desk.json(PAGE)["draft"].split("fallback: ")[1].split()[0]
    table = TABLE % (owner, owner)
    said = desk.form(PAGE, document=table)
    assert said.headers["location"].startswith(f"{PAGE}?done=routing_"), said.text
    if said.headers["location"].endswith("routing_waits"):
        change = desk.json(PAGE)["whole"]["waiting"]["change"]["id"]
        assert "an owner decides within 3 days" in desk.html(PAGE)
        assert desk.form(f"{PAGE}/changes/{change}", outcome="withdrawn").status_code == 303
        assert desk.json(PAGE)["whole"]["waiting"] is None
    else:
        page = desk.html(PAGE)
        assert "an owner decides within 3 days" in page
        assert "confirmed by nobody" in page
        desk.form(PAGE, document=table.replace("days: 3", "days: 2"))
        assert "What v2 changed of v1" in desk.html(PAGE)
        assert desk.json(f"{PAGE}?version=1")["version"]["number"] == 1
        desk.form(PAGE, document=table.replace("days: 7", "days: 7, two_above: {EUR: 5000}"))
        assert "Two members approve a reward above 50.00 EUR." in desk.html(PAGE)
        assert desk.get(f"{PAGE}?version=9").status_code == 400


def test_what_is_late_is_an_alarm_and_says_for_what_it_waits(desk: Console) -> None:
    """Home counts what is behind its promised day and leads to it; each row says its cause."""
    desk.api.member("ola", "owner")
    owner = desk.json(PAGE)["draft"].split("fallback: ")[1].split()[0]
    desk.form(PAGE, document=TABLE % (owner, owner))
    if waiting := desk.json(PAGE)["whole"]["waiting"]:
        desk.api.say("ola", f"/v1/changes/{waiting['change']['id']}/decision", {"outcome": "confirmed"})
    desk.api.purchase()
    desk.api.move("2026-06-01T00:00:00Z")
    told = {one["code"]: one for one in desk.json("/console")["troubles"]}["overdue"]
    assert (told["count"], told["path"]) == (2, "/rewards?status=in_review&sort=due")
    assert "Promised and not decided: 2" in desk.html("/console")
    page = f"/console{told['path']}"
    assert "no payment details yet" in desk.html(page)
    desk.api.payee("ann-bob", "bank_file", name="Ann", iban="DE02120300000000202051")
    rows = {row["about"]["reward"]["side"]: row["waits"]["cause"] for row in desk.json(page)["rewards"]}
    assert rows == {"advocate": "role", "friend": "payee_missing"}
    assert "nobody has decided it yet" in desk.html(page)


def test_operations_are_offered_what_is_routed_to_them_and_nothing_else(desk: Console) -> None:
    """Buttons of a record, what a list leaves out, and who is named where a case is decided."""
    desk.api.member("ola", "owner")
    owner = desk.json(PAGE)["draft"].split("fallback: ")[1].split()[0]
    desk.form(PAGE, document=(TABLE % (owner, owner)).replace("approver", "operations"))
    if waiting := desk.json(PAGE)["whole"]["waiting"]:
        desk.api.say("ola", f"/v1/changes/{waiting['change']['id']}/decision", {"outcome": "confirmed"})
    desk.api.purchase()
    desk.api.payee("ann-bob", "bank_file", name="Ann", iban="DE02120300000000202051")
    desk.api.payee("bob", "bank_file", name="Bob", iban="DE02120300000000202051")
    desk.api.move("2026-05-01T00:00:00Z")
    rewards = {it["route"]["role"]: it["id"] for it in desk.api.get("/v1/rewards")["items"]}
    assert rewards.keys() == {"owner", "operations"}
    desk.be("operations")
    offered = {role: desk.json(f"/console/rewards/{id_}")["deciding"]["acts"] for role, id_ in rewards.items()}
    assert offered == {"owner": ["hold", "snooze"], "operations": ["approve", "hold", "reject", "snooze"]}
    assert 'data-deed="a"' not in desk.html(f"/console/rewards/{rewards['owner']}")
    both = "&".join(f"id={id_}" for id_ in rewards.values())
    for deed in ("approve", "reject"):
        picked = desk.json(f"/console/rewards/list?deed={deed}&{both}")["picked"]
        assert {line["id"]: line["refusal"] for line in picked["lines"]}[rewards["owner"]] == "not_permitted"
        assert [item["id"] for item in picked["items"]] == [rewards["operations"]]
    page = f"/console/rewards/{rewards['operations']}"
    desk.form(f"{page}/looks", seconds="3")
    of = desk.json(page)["deciding"]
    desk.form(f"{page}/approve", items=of["items"], list_sha256=of["list_sha256"], then="/rewards")
    assert desk.json(page)["deciding"]["acts"] == ["hold", "reject", "withdraw"]
    of = desk.json(page)["deciding"]
    desk.form(f"{page}/withdraw", items=of["items"])
    assert desk.json(page)["row"]["about"]["reward"]["status"] == "in_review"
