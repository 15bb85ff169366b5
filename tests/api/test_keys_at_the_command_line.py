"""Lost keys have a way back for whoever holds the database, and workspaces have names there."""

import json
from pathlib import Path

from testkit.product import Product
from tests.api.conftest import Api, Command

from goodword.cli.workspaces import KEYS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_a_lost_key_is_replaced_and_the_old_one_ends(api: Api, goodword: Command) -> None:
    """A new key of each kind works at once and beside the old one, which is refused after its end; whose each is, is listed.

    First-hour 21.
    """
    api.member("anna", "approver")
    for what, before, path in (
        ("secret", "sk", "/v1/rewards"),
        ("olga@shop.example", "owner", "/v1/keys"),
        ("anna@shop.example", "anna", "/v1/rewards"),
    ):
        made = json.loads(goodword("keys", "create", what, "--json").stdout)
        assert api.call(made["key"], "GET", path).status_code == 200
        assert api.call(before, "GET", path).status_code == 200
        listed = {one["id"]: one for one in json.loads(goodword("keys", "list", "--json").stdout)}
        known = {one["id"]: one["created_at"] for one in api.get("/v1/keys")["items"]}
        assert {id_: one["created_at"] for id_, one in listed.items()} == {id_: known[id_] for id_ in listed}
        assert listed[made["id"]]["email"] == (what if "@" in what else None)
        ended = goodword("keys", "revoke", made["id"])
        assert (ended.returncode, ended.stdout) == (0, f"{made['id']} has ended\n")
        api.until(lambda key=made["key"], path=path: api.call(key, "GET", path).status_code == 401)
        assert goodword("keys", "revoke", made["id"]).stderr.startswith(
            f"Error: no key {made['id']} that could be ended"
        )
    shown = goodword("keys", "list").stdout
    assert [line.split()[1:4] for line in shown.splitlines() if "anna@" in line] == [
        ["member", "anna@shop.example", "approver"]
    ]
    assert made["id"] not in shown
    assert made["id"] in goodword("keys", "list", "--all").stdout


def test_keys_are_made_for_those_who_are_there(goodword: Command) -> None:
    """A word that is no kind, and a mail address of no member: each is refused with what to do instead."""
    wrong = goodword("keys", "create", "king")
    assert (wrong.returncode, "secret, write, publishable, portal, or the mail address" in wrong.stderr) == (2, True)
    nobody = goodword("keys", "create", "nobody@shop.example")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "goodword member add nobody@shop.example --role ROLE" in nobody.stderr


def test_a_member_who_has_a_key_is_told_the_way_to_another(goodword: Command) -> None:
    """To add a member again prints no key, and says how to make one."""
    first = goodword("member", "add", "anna@shop.example", "--role", "approver").stdout
    assert "key, shown this once:  gw_mk_" in first
    again = goodword("member", "add", "anna@shop.example", "--role", "payer").stdout
    assert "gw_mk_" not in again
    assert "goodword keys create anna@shop.example" in again


def test_a_workspace_is_named_by_its_name_or_id(api: Api, goodword: Command) -> None:
    """The name will do where one workspace has it; without one, with a wrong or a shared one the message lists them (first-hour 4)."""
    made = [
        json.loads(goodword("workspace", "create", name, "--owner", "o@acme.example", "--json").stdout)["id"]
        for name in ("Acme", "Twin", "Twin")
    ]
    listed = json.loads(goodword("workspace", "list", "--json").stdout)
    assert [(one["id"], one["mode"], one["waiting"]) for one in listed] == [
        (api.ws, "sandbox", 0),
        *((id_, "live", 0) for id_ in made),
    ]
    assert [line.split()[1] for line in goodword("workspace", "list").stdout.splitlines()[2:]] == [
        "Acme",
        "Twin",
        "Twin",
    ]
    for named in ("Acme", made[0]):
        assert goodword("verify", "--workspace", named).stdout.startswith(f"workspace {made[0]} (Acme): verified")
    for arguments, words, ids in (
        (["keys", "list"], "name the workspace with --workspace", [api.ws, *made]),
        (["keys", "list", "--workspace", "Shop"], "there is no workspace Shop, but:", [api.ws, *made]),
        (["keys", "list", "--workspace", "Twin"], "2 workspaces are named Twin: take an id", made[1:]),
    ):
        done = goodword(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr
        assert [line.split()[0] for line in done.stderr.splitlines()[1:]] == ids


def test_no_reader_that_goes_away_costs_a_key(goodword: Command, tmp_path: Path) -> None:
    """Keys are printed in one piece that ``head`` shows whole, or go to a new file for the caller alone; a file there is kept.

    First-hour 21.
    """
    shown = goodword("workspace", "create", "Acme", "--owner", "o@acme.example").stdout
    assert len(shown.splitlines()) <= 10, "as many as head shows"
    assert all(line in shown for line in KEYS.values())
    done = goodword("workspace", "create", "Shop", "--owner", "o@acme.example", "--env", "shop.env")
    assert "gw_" not in done.stdout
    file = tmp_path / "shop.env"
    assert file.stat().st_mode & 0o777 == 0o600
    written = dict(line.split("=") for line in file.read_text().splitlines())
    assert list(written) == ["WORKSPACE", "OWNER_KEY", "SECRET_KEY", "WRITE_KEY", "PUBLISHABLE_KEY"]
    before = file.read_text(), goodword("workspace", "list").stdout
    again = goodword("workspace", "create", "Shop", "--owner", "o@acme.example", "--env", "shop.env")
    assert (
        again.stderr
        == "Error: shop.env is there already, perhaps with the keys of another workspace: name another file\n"
    )
    assert (file.read_text(), goodword("workspace", "list").stdout) == before


def test_a_workspace_that_was_not_made_leaves_no_file(tmp_path: Path) -> None:
    """Where the database does not answer, the file for the keys is gone again: the same command works when said again."""
    away = Product(tmp_path, DATABASE_URL="postgresql://goodword@127.0.0.1:1/goodword", GOODWORD_MASTER_KEY="17" * 32)
    file = tmp_path / "acme.env"
    done = away.run("workspace", "create", "Acme", "--owner", "o@acme.example", "--env", str(file))
    assert (done.returncode, "the database does not answer" in done.stderr, file.exists()) == (1, True, False)


def test_the_page_of_keys_says_what_is_printed() -> None:
    """Each key has on the page the line that is printed beside it (first-hour 20)."""
    page = (DOCS / "keys.md").read_text()
    for key, purpose in KEYS.items():
        assert any(line.startswith(f"| `{key}` |") and line.endswith(f"| {purpose} |") for line in page.splitlines())


def test_explain_takes_an_id_of_ones_own(api: Api, goodword: Command) -> None:
    """The sender's id of an event is explained as the event is; what is unknown is said with what could be meant (first-hour 23)."""
    api.purchase()
    own = goodword("explain", "order-bob")
    assert own.returncode == 0, own.stderr
    assert own.stdout == goodword("explain", api.get("/v1/events/order-bob")["evt"]).stdout
    assert "reward · advocate: earned" in own.stdout
    nothing = goodword("explain", "rwd_nope")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "has the id rwd_nope: take one of yours that you sent an event with" in nothing.stderr
