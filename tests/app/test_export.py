"""An export of the log is verified by itself."""

import pytest
from tests.app.conftest import House

from goodword.app.proof.audit import verify
from goodword.app.proof.export import NoExportError, export_log, verify_export


async def exported(house: House) -> list[bytes]:
    await house.accept(*(event for n in range(100) for event in house.story(f"per_f{n}", f"per_a{n % 9}")))
    await house.decide()
    await house.sign()
    return [line async for line in export_log(house.pool, house.ws)]


async def test_an_export_verifies_as_the_database_does(house: House) -> None:
    """The export has the same root, the same heads and no differences."""
    lines = await exported(house)
    report, here = verify_export(lines), await verify(house.pool, house.ws)
    assert (report.root, report.size, report.heads) == (here.root, 302, 1)
    assert report.differences == here.differences == ()


async def test_a_changed_export_is_found_out(house: House) -> None:
    """A changed, dropped or exchanged line, and a changed head, are found; a file of another kind is refused."""
    lines = await exported(house)
    changed = [line.replace(b'"native"', b'"direct"') if n == 20 else line for n, line in enumerate(lines)]
    for bad in (changed, lines[:-1], [*lines[:5], lines[6], lines[5], *lines[7:]], [lines[0], *lines[2:]]):
        assert verify_export(bad).differences
    assert verify_export([lines[0].replace(b"[[302,", b"[[301,"), *lines[1:]]).differences
    for no in ([], [b"[]\n"], [lines[0].replace(b"log.1", b"log.9")], lines[1:]):
        with pytest.raises(NoExportError):
            verify_export(no)
