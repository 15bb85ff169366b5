"""Every role against every page and form: what each may is what core/access says, and nothing is served that is in neither list."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from testkit import crawl
from tests.console.conftest import Console

from goodword import console
from goodword.app.principal import action_of
from goodword.console import nav
from goodword.console.sign_in import Sessions
from goodword.core import access

#: What is not asked for in the name of a role: signing in and out, and going on in another workspace of one's own.
_SIGNING_IN = {
    ("GET", "/console/in"),
    ("POST", "/console/in"),
    ("GET", "/console/in/{token}"),
    ("POST", "/console/in/{token}"),
    ("POST", "/console/link"),
    ("POST", "/console/out"),
    ("POST", "/console/workspaces/{workspace}"),
}
#: What is of the workspace and not of a program, so that who is limited to programs sees it too.
_SHARED = ("person", "member", "letter")
_FILES = {("GET", "/console/static/{name}"), ("GET", "/console/")}
_STREAM = {("GET", "/console/live")}  # tests/console/test_live.py


def _found(desk: Console) -> dict[str, str]:
    """A page of each kind that there is, by its path; of one without a record, an address that leads nowhere."""
    paths = [read.path for read in console.reads()]
    found = crawl.addresses(nav.ROOT, paths, lambda address: desk.get(address).text)
    return {path: found.get(path, nav.ROOT + path.replace("{", "").replace("}", "")) for path in paths}


def _asked(desk: Console, found: dict[str, str]) -> Iterator[tuple[str, Any, int]]:
    """Yield each page and form as somebody asks for it now: what it is, its use case, the status of the answer."""
    for read in console.reads():
        yield f"GET {read.path}", read.use_case, desk.get(found[read.path]).status_code
    for act in console.acts():
        address = nav.ROOT + act.path.replace("{", "").replace("}", "")
        yield f"POST {act.path}", act.use_case, desk.form(address, "application/json").status_code


def test_every_role_may_what_the_table_says(busy: Console) -> None:
    """A page of which somebody may see the use case answers them, whatever else it reads; another is forbidden, by 403."""
    found = _found(busy)
    tried = 0
    for role in access.ROLES:
        busy.be(role)
        for what, use_case, status in _asked(busy, found):
            allowed = action_of(use_case) in access.ROLES[role]
            assert (status != 403) == allowed, (role, what, status)
            assert status < 500, (role, what, status)
            if what.startswith("GET") and allowed:
                assert status in (200, 400, 404), (role, what, status)  # 400: of a page that asks which list is meant
            tried += 1
    assert tried == len(access.ROLES) * (len(console.reads()) + len(console.acts()))


def test_who_is_limited_to_programs_is_kept_from_what_concerns_the_whole(busy: Console) -> None:
    """With every role, for a program of nobody's: 403 where the action is one of the workspace, and nowhere a record of others."""
    found = _found(busy)
    busy.be(*access.ROLES, programs=("prg_00000000000000000000000000",))
    for what, use_case, status in _asked(busy, found):
        if action_of(use_case) in access.WHOLE:
            assert status == 403, (what, status)
        assert status < 500, (what, status)
        if what.startswith("GET") and "{" in what and action_of(use_case).partition(".")[0] not in _SHARED:
            assert status in (403, 404), (what, status)


def test_nobody_gets_nothing(busy: Console) -> None:
    """Neither a page nor what a form would do; that there is a record is not told either."""
    found = _found(busy)
    busy.visitors.caller = None
    statuses = {status for _, _, status in _asked(busy, found)}
    assert statuses == {401}
    assert busy.get("/console/rewards/rwd_none").status_code == 401


def test_nothing_is_served_that_is_in_neither_list(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, forms, files, and the pages of signing in: each is listed, so that each is tried above."""
    made: list[Any] = []
    real = Starlette.__init__

    def kept(self: Starlette, *args: Any, **more: Any) -> None:
        made.extend(more["routes"])
        real(self, *args, **more)

    monkeypatch.setattr(Starlette, "__init__", kept)
    console.build(desk.api.goodword.directory)
    served = {(method, one.path) for one in made for method in one.methods - {"HEAD"} if isinstance(one, Route)}
    listed = {("GET", nav.ROOT + one.path) for one in console.reads()}
    listed |= {("POST", nav.ROOT + one.path) for one in console.acts()}
    assert len(made) == len(served)
    assert Sessions.__module__ == "goodword.console.sign_in"
    assert served == listed | _SIGNING_IN | _FILES | _STREAM
