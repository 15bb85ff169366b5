"""What a new command, read, noun, source or follower takes, as CONTRIBUTING lists it: each is added to a copy of the tree and used.

The copy gets a made-up one of a sort, by exactly the files that are listed for it; then it serves over HTTP on a real PostgreSQL,
with its worker, and the new thing does its work. Without the files the same script fails.
"""

import shutil
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.test_kinds import run_on

#: A file's new text, or what is replaced in it: each of these stands there once.
Change = str | list[tuple[str, str]]

COMMAND: dict[str, Change] = {
    "core/events.py": [
        (
            "class MemberSet(Event,",
            '''class ProgramPraised(Event, frozen=True, kw_only=True, tag="program.praised"):
    """Somebody likes a program."""

    PERMISSION = "program.publish"
    stars: int


class MemberSet(Event,''',
        ),
        ("    ProgramMoved,\n", "    ProgramMoved,\n    ProgramPraised,\n"),
        ("    | ProgramMoved\n", "    | ProgramMoved\n    | ProgramPraised\n"),
    ],
    "core/programs.py": [
        (
            "def moved(",
            '''def praised(draft: Draft, event: Event) -> None:
    """Say so."""
    draft.say(Verdict(about="command", outcome="praised" if event.stars > 2 else "faulted", program=event.program))


def moved(''',
        ),
        ("import ProgramMoved,", "import Event, ProgramMoved,"),
    ],
    "core/decide.py": [
        (
            "    events.MemberSet:",
            "    events.ProgramPraised: programs.praised,\n    events.MemberSet:",
        )
    ],
    "app/say/programs.py": [
        ("import ProgramMoved, ProgramPublished", "import ProgramMoved, ProgramPraised, ProgramPublished"),
        (
            '@requires("program.publish")\nasync def move(',
            '''@requires("program.publish")
async def praise(who: Principal, directory: Directory, program: str, stars: int, key: str | None = None) -> Entry:
    """Praise a program."""
    return await say(who, directory, lambda s: ProgramPraised(**s, program=program, stars=stars), key)


@requires("program.publish")
async def move(''',
        ),
    ],
    "api/programs.py": [
        (
            '@router.post("/v1/programs/{program}/{step}"',
            '''@router.post("/v1/programs/{program}/praise/{stars}", operation_id="praise_program")
async def praise_program(
    program: Annotated[fields.Id, Path()],
    stars: int,
    key: IdempotencyKey,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.programs.praise),
) -> models.Decision:
    """Praise a program."""
    return done(await say.programs.praise(who, directory, program, stars, key_of(who, key)))


@router.post("/v1/programs/{program}/{step}"''',
        )
    ],
}
READ: dict[str, Change] = {
    "app/see/programs.py": [
        (
            "from goodword.app.principal import",
            "from goodword.store import entities\nfrom goodword.core.state import Advocate\nfrom goodword.app.principal import",
        ),
        (
            '@requires("program.read")\nasync def rules(',
            '''@requires("program.read")
async def crowds(who: Principal, directory: Directory) -> dict[str, int]:
    """Return how many advocates each program has."""
    async with directory.reading() as conn:
        found = [one.program for one in await entities.every(conn, who.workspace.id, Advocate)]
    return {program: found.count(program) for program in sorted(set(found))}


@requires("program.read")
async def rules(''',
        ),
    ],
    "api/programs.py": [
        (
            '@router.post("/v1/programs/{program}/{step}"',
            '''@router.get("/v1/crowds", operation_id="get_crowds")
async def get_crowds(
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.programs.crowds),
) -> dict[str, int]:
    """How many advocates each program has."""
    return await see.programs.crowds(who, directory)


@router.post("/v1/programs/{program}/{step}"''',
        )
    ],
}
NOUN: dict[str, Change] = {
    "core/ids.py": [('    "job": "job",\n', '    "job": "job",\n    "badge": "bdg",\n')],
    "core/state.py": [
        (
            "class Payee(Entity,",
            '''class Badge(Entity, frozen=True, gc=False, kw_only=True):
    """A customer is known for long."""

    id: str
    person: str
    since: int
    told: tuple[str, ...] = ()


class Payee(Entity,''',
        ),
        ("    Payee,\n    Payout,\n", "    Badge,\n    Payee,\n    Payout,\n"),
    ],
    "core/customers.py": [
        ("import Customer\n", "import Badge, Customer\n"),
        (
            "    draft.put(replace(customer, known_since=since))\n",
            """    badge = Badge(id=draft.id("bdg", event.person), person=event.person, since=event.since, told=("mail",))
    draft.put(badge)
    draft.put(replace(customer, known_since=since))
""",
        ),
    ],
    "store/sql/migrations/0999_pre_badges.sql": """-- Why: long-standing customers get a badge.
create table badge (
  workspace_id text collate "C" not null,
  id text collate "C" not null,
  person text collate "C" not null,
  since bigint not null,
  told jsonb not null,
  primary key (workspace_id, id)
);
""",
}
SOURCE: dict[str, Change] = {
    "sources/shop.py": '''"""A shop that tells its orders as lines of text, and wants to hear 200 and a number."""
from goodword.sources import native
from goodword.sources.base import Key, Problem, Reply, Sender, Source

def read(request):
    return [line.split(",") for line in request.body.decode().splitlines()]

def map_(order):
    if len(order) != 3 or not order[2].isdecimal():
        return Problem("no_order")
    number, customer, amount = order
    paid = {"invoice_id": number, "amount": int(amount), "currency": "EUR"}
    return [native.ConversionRecorded(id=number, customer_external_id=customer, **paid)]

def answer(request, answers, decision):
    taken = sum(said.status == "accepted" for item in answers for said in item)
    return Reply(200, b"thanks for %d" % taken, b"text/plain")

SOURCE = Source(
    name="shop", paths=("/v1/shop",), credential=Key({"wk": Sender("shop", verified=True)}, "Use a write key."),
    read=read, map=map_, answer=answer, refuse=lambda error: Reply(error.status, b"no", b"text/plain"),
)
''',
    "sources/registry.py": [
        ("import native_source\n", "import native_source, shop\n"),
        ('    "native"', '    "shop": shop.SOURCE,\n    "native"'),
    ],
}
FOLLOWER: dict[str, Change] = {
    "app/follow/letters.py": '''"""A letter is due for each enrolment."""
from goodword.app.follow.follower import Follower
from goodword.core.decision import Job
from goodword.core.events import AdvocateEnrolled
from goodword.store import jobs
from goodword.store.uuid7 import new_id

async def apply(conn, ws, entries):
    welcome = [one.event.person for one in entries if type(one.event) is AdvocateEnrolled]
    letters = [Job(id=new_id("job"), kind="letter", subject=person, queue="post") for person in welcome]
    await jobs.add(conn, ws, letters, 0)

async def clear(conn, ws):
    """A letter that went out stays out."""

FOLLOWER = Follower(name="letters", apply=apply, clear=clear)
''',
    "app/follow/registry.py": [
        ("import figures\n", "import figures, letters\n"),
        ('    "figures"', '    "letters": letters.FOLLOWER,\n    "figures"'),
    ],
}

START = """
import os
from pathlib import Path
from testkit import sent
from testkit.process import in_a_thread
from tests.api.conftest import RULES, installed
from goodword.app.proof.audit import verify
from goodword.core import state
from goodword.store import entities

ENROLLED = [sent.enrolled(name, name, name) for name in ("ann", "ben")]
"""
USES = {
    "command": """
def use(api):
    [program] = api.get("/v1/programs")["items"]
    for stars, outcome in ((5, "praised"), (1, "faulted")):
        said = api.say("owner", f"/v1/programs/{program['id']}/praise/{stars}", None)
        assert said["verdicts"][0]["outcome"] == outcome, said
    assert api.call("sk", "POST", f"/v1/programs/{program['id']}/praise/5").status_code == 403
""",
    "read": """
def use(api):
    api.send(*ENROLLED)
    [program] = api.get("/v1/programs")["items"]
    assert api.get("/v1/crowds") == {program["id"]: 2}
    assert api.call("wk", "GET", "/v1/crowds").status_code == 403
""",
    "noun": """
async def badges(api):
    async with api.goodword.pool.acquire() as conn:
        return await entities.every(conn, api.ws, state.Badge)
def use(api):
    api.send({"type": "customer.known", "id": "k", "customer_external_id": "bob", "since": "2020-01-01T00:00:00Z"})
    [badge] = api.run(badges(api))
    assert (badge.since, badge.told) == (1_577_836_800_000_000, ("mail",))
    api.run(api.goodword.pool.execute("update badge set since = 1"))
    [found] = api.run(verify(api.goodword.pool, api.ws)).differences
    assert (found.noun, found.key) == ("badge", badge.id)
    api.run(api.goodword.pool.execute("update badge set since = $1", badge.since))
""",
    "source": """
def use(api):
    told = api.call("wk", "POST", "/v1/shop", content=b"o1,bob,500\\nnonsense\\no2,eva,700")
    assert (told.status_code, told.text) == (200, "thanks for 2"), told.text
    assert api.call("pk", "POST", "/v1/shop", content=b"").text == "no"
    api.until(lambda: not api.get("/v1/reports/progress")["waiting"])
    assert api.get("/v1/events/o2", source="shop")["status"] == "decided"
""",
    "follower": """
def use(api):
    api.send(*ENROLLED)
    api.until(lambda: not api.get("/v1/reports/progress")["behind"])
    letters = api.rows("select subject from job where workspace_id = $1 and kind = 'letter'")
    assert len({*letters}) == len(letters) == 2
""",
}
END = """
with in_a_thread(installed(os.environ["DATABASE_URL"], Path(os.environ["GOODWORD_HOME"]))) as api, api.http:
    api.say("owner", "/v1/programs", {"document": RULES})
    use(api)
    report = api.run(verify(api.goodword.pool, api.ws))
    assert report.differences == (), report.differences
"""

#: The most files that each may take; its test comes beside them.
SORTS = {
    "command": (COMMAND, 5),
    "read": (READ, 3),
    "noun": (NOUN, 5),
    "source": (SOURCE, 3),
    "follower": (FOLLOWER, 3),
}


@pytest.mark.parametrize("sort", SORTS)
def test_what_is_added_takes_the_files_that_are_listed(sort: str, database: str, tmp_path: Path) -> None:
    """In a copy of the source with these files changed, and nothing else, the new thing works from HTTP to the database."""
    files, most = SORTS[sort]
    assert len(files) <= most
    source = tmp_path / "goodword"
    shutil.copytree(ROOT / "src" / "goodword", source, ignore=shutil.ignore_patterns("__pycache__"))
    script = START + USES[sort] + END
    place = {"DATABASE_URL": database, "GOODWORD_HOME": str(tmp_path / "home")}
    before = run_on(tmp_path, script, **place)
    assert before.returncode != 0, "it works without the new thing: the script shows nothing"
    assert "in use\n" in before.stderr, before.stderr[-2000:]
    for path, change in files.items():
        _change(source / path, change)
    done = run_on(tmp_path, script, **place)
    assert done.returncode == 0, done.stderr[-3000:]


def test_contributing_lists_these_files() -> None:
    """The page names each file that the additions above change, in the row of its sort."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    for sort, (files, _) in SORTS.items():
        [row] = [line for line in page.splitlines() if line.startswith(f"| a {sort} |")]
        for path in files:
            folder, _, name = path.rpartition("/")
            assert f"`{path}`" in row or f"`{folder}/<" in row, (sort, path, name)


def _change(file: Path, change: Change) -> None:
    if isinstance(change, str):
        assert not file.exists()
        file.write_text(change)
        return
    text = file.read_text()
    for before, after in change:
        assert text.count(before) >= 1, (file.name, before)
        text = text.replace(before, after, 1)
    file.write_text(text)
