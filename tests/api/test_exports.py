"""Tables into a folder: what changed since the last time is added, as CSV or Parquet, and holds what who takes it may see."""

import csv
import sys
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq
import pytest
from testkit import sent
from tests.api.conftest import Api, Command
from tests.api.test_scopes import _story

from goodword.app import see
from goodword.app.principal import NotPermittedError, Principal
from goodword.app.proof.audit import verify
from goodword.core import calendar
from goodword.outbound import folder
from goodword.outbound.folder import FolderError, Manifest
from goodword.store.api_keys import api_key_hash

TABLES = ("rewards", "referrals", "conversions", "clicks", "figures")


def _who(api: Api, name: str) -> Principal:
    return api.run(api.goodword.directory.principal(api_key_hash(api.keys[name])))  # type: ignore[no-any-return]


async def _exported(
    api: Api, who: Principal, out: Path, name: str, form: Literal["csv", "parquet"] = "csv", **more: Any
) -> tuple[Manifest, folder.File | None]:
    """Export a table as the command does: behind what the folder has."""
    held = folder.manifest(out, who.workspace.id)
    after = held.tables.get(name, folder.Exported(0)).position
    async with getattr(see.exports, name)(who, api.goodword.directory, after, **more) as table:
        return await folder.write(out, held, table, form)


def _rows(out: Path, file: folder.File | None) -> list[dict[str, str]]:
    assert file is not None
    with (out / file.name).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_a_second_export_adds_what_changed_and_nothing_else(api: Api, tmp_path: Path) -> None:
    """The newest row of each id in all files is what a whole export has; what did not change is in one file alone."""
    _story(api)
    who, out = _who(api, "owner"), tmp_path / "out"
    held, first = api.run(_exported(api, who, out, "rewards"))
    before = _rows(out, first)
    assert 0 < max(int(row["changed"]) for row in before) <= held.tables["rewards"].position
    assert api.run(_exported(api, who, out, "rewards"))[1] is None
    api.send(sent.lead("lead-new", "new", code="ANN"), sent.purchase("order-new", "new", "inv-new", 30_000))
    api.until(lambda: api.get("/v1/events/order-new")["status"] == "decided")
    [changed, *_] = [row for row in before if row["status"] == "in_review"]
    frozen = api.get("/v1/approvals", id=[changed["id"]])
    reject = {"items": frozen["items"], "reason": "duplicate"}
    assert api.say("owner", "/v1/rewards/rejections", reject)["verdicts"][0]["outcome"] == "rejected"
    held, second = api.run(_exported(api, who, out, "rewards"))
    added = _rows(out, second)
    assert changed["id"] in {row["id"] for row in added}
    assert 0 < len(added) < len(before)
    _, whole = api.run(_exported(api, who, tmp_path / "whole", "rewards"))
    newest = {row["id"]: row for row in [*before, *added]}
    assert sorted(newest.values(), key=lambda row: row["id"]) == _rows(tmp_path / "whole", whole)
    assert [file.name for file in held.tables["rewards"].files] == [first.name, second.name]  # type: ignore[union-attr]
    assert sum(int(row["amount"]) for row in newest.values()) == sum(
        amount for (amount,) in api.rows("select amount from reward where workspace_id = $1")
    )
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()


def test_parquet_holds_what_csv_does_with_its_types(api: Api, tmp_path: Path) -> None:
    """Row for row: money in whole numbers, times as instants in UTC, nothing where nothing is."""
    _story(api)
    api.send({"type": "click.recorded", "id": "click-1", "code": "ANN", "visitor_id": "vis-1"})
    api.until(lambda: api.get("/v1/events/click-1")["status"] == "decided")
    api.until(lambda: not api.get("/v1/reports/progress")["behind"])  # else the figures change between the two
    who = _who(api, "owner")
    for name in TABLES:
        _, text = api.run(_exported(api, who, tmp_path / "csv", name))
        _, file = api.run(_exported(api, who, tmp_path / "parquet", name, "parquet"))
        assert file is not None, name
        said = _rows(tmp_path / "csv", text)
        found = pq.read_table(tmp_path / "parquet" / file.name)
        kinds = {field.name: str(field.type) for field in found.schema}
        assert len(said) == file.rows == found.num_rows > 0, name
        for row, plain in zip(found.to_pylist(), said, strict=True):
            for column, value in row.items():
                shown = "" if value is None else str(value).lower() if isinstance(value, bool) else value
                if kinds[column].startswith("timestamp") and value is not None:
                    assert kinds[column] == "timestamp[us, tz=UTC]"
                    shown = calendar.text(calendar.instant(value))
                assert str(shown) == plain[column], (name, column)
        assert kinds.get("amount", "int64") == "int64"
        assert kinds["changed"] == "int64"


def test_who_takes_a_table_gets_what_they_may_see(api: Api, tmp_path: Path) -> None:
    """Names only where they are asked for, and from who may see them; no payouts for who sees none; of programs, one's own."""
    story = _story(api)
    owner, limited = _who(api, "owner"), _who(api, "main")
    api.member("ana", "analyst")
    for name in ("rewards", "referrals", "conversions"):
        plain = _rows(tmp_path / "a", api.run(_exported(api, owner, tmp_path / "a", name))[1])
        assert all("ann" not in row.values() for row in plain)
        named = _rows(tmp_path / "b", api.run(_exported(api, owner, tmp_path / "b", name, names=True))[1])
        assert {"ann", "bob"} & {value for row in named for value in row.values()}
        assert len(plain) == len(named)
        with pytest.raises(NotPermittedError, match=r"person\.names"):
            api.run(_exported(api, _who(api, "ana"), tmp_path / "c", name, names=True))
        own = _rows(tmp_path / "d", api.run(_exported(api, limited, tmp_path / "d", name))[1])
        assert 0 < len(own) < len(plain)
        shown = str(own)
        assert story["other"].reward not in shown
        assert story["other"].friend not in shown
    assert "payout" in _rows(tmp_path / "e", api.run(_exported(api, owner, tmp_path / "e", "rewards"))[1])[0]
    assert (
        "payout"
        not in _rows(tmp_path / "f", api.run(_exported(api, _who(api, "ana"), tmp_path / "f", "rewards"))[1])[0]
    )
    figures = _rows(tmp_path / "g", api.run(_exported(api, limited, tmp_path / "g", "figures"))[1])
    assert {row["program"] for row in figures} == {"", "main"}


def test_a_folder_of_something_else_and_what_is_not_installed_are_said(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of another workspace is left alone; without pyarrow the sentence says what to install; nothing half is left."""
    who = _who(api, "owner")
    (tmp_path / folder.MANIFEST).write_text('{"kind": "goodword.export.1", "workspace": "wsp_other"}')
    with pytest.raises(FolderError, match="another folder"):
        api.run(_exported(api, who, tmp_path, "rewards"))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FolderError, match=r"goodword\[parquet\]"):
        api.run(_exported(api, who, tmp_path / "p", "rewards", "parquet"))
    assert list((tmp_path / "p").iterdir()) == []


def test_the_command_goes_on_where_the_folder_ends(api: Api, goodword: Command, tmp_path: Path) -> None:
    """It says what it wrote and how far it is; the second time there is nothing new."""
    api.send(sent.enrolled("enrol", "ann", "ANN"), sent.lead("lead", "bob", code="ANN"))
    api.until(lambda: api.get("/v1/events/lead")["status"] == "decided")
    told = goodword("export", "referrals", "--out", str(tmp_path / "out"), "--format", "parquet")
    assert told.stdout.startswith("referrals: 1 rows in referrals-000000000000-"), told.stderr
    again = goodword("export", "referrals", "--out", str(tmp_path / "out"), "--format", "parquet")
    assert again.stdout.startswith("referrals: nothing new, up to position "), again.stderr
