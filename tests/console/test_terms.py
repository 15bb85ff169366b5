"""The page of a program's terms: the three lines, all of it, the examples, and the way to the page for everybody."""

from tests.api.conftest import RULES
from tests.console.conftest import Console


def test_the_terms_of_a_program_are_a_page(desk: Console) -> None:
    """It is led to from its program, says what the API says, and leads on to the page for which nobody signs in."""
    slug = desk.json("/console/programs")["programs"][0]["slug"]
    assert f"/console/programs/{slug}/terms?version=1" in desk.html(f"/console/programs/{slug}")
    told, shown = desk.api.get(f"/v1/programs/{slug}/terms"), desk.html(f"/console/programs/{slug}/terms")
    assert all(line in shown for line in told["short"])
    assert all(one["title"] in shown for one in (*told["parts"], *told["examples"]))
    address = f"/portal/{desk.api.ws}/terms/{told['rules']}"
    assert address in shown
    assert desk.api.http.get(address).status_code == 200
    assert desk.json(f"/console/programs/{slug}/terms?version=1")["sha256"] == told["sha256"]


def test_a_program_says_where_people_join(desk: Console) -> None:
    """Where its rules let them, and nowhere else."""
    assert "Join at" not in desk.html("/console/programs/main")
    rules = RULES.replace("program: main", "program: joined") + "\nrequires_terms: true\nsharing: {join: open}\n"
    desk.api.say("owner", "/v1/programs", {"document": rules})
    page = desk.html("/console/programs/joined")
    assert f"{desk.api.url}/portal/{desk.api.ws}/join/joined" in page
    assert "Join at" in page
