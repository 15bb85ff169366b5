"""README and the quickstarts do what they say: each is run as it stands, in an empty folder with an empty home.

WRITE=1 puts what was printed into the pages, where it has changed on purpose.
"""

import os
import sys
from pathlib import Path

import pytest
from testkit.product import ROOT
from tests.acceptance import pages

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("quickstart-*.md")))
PATH = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_prints_what_it_says(page: Path) -> None:
    """Every command of the page ends well, and each output that it shows is the one that comes (first-hour 3)."""
    if gone := pages.missing(page, PATH):
        pytest.skip(f"{', '.join(gone)}: not there, {page.name} was NOT run")
    with pages.empty_folder() as folder:
        done = pages.run(page, folder, PATH)
        log = "".join(file.read_text() for file in folder.glob("*.log"))
    assert done.code == 0, f"{done.output}\n{done.errors}\n{log}"
    assert done.printed
    if os.environ.get("WRITE"):
        pages.write(page, done)
    else:
        for block, printed in done.printed:
            assert pages.alike(printed) == pages.alike(block.text)


def test_what_differs_from_run_to_run_is_alike() -> None:
    """Ids, keys, digests and times become one form; amounts, codes and words stay."""
    first = "evt_01M80ZKKY4FRJBR3QYQWNX04X5 at 2026-11-22T06:37:58.596775Z: 25.00 EUR\n    for ANN"
    again = "evt_01M8G4N4B7FPV867W9JQ3PT0Y6 at 2027-01-02T06:37:58Z:  25.00 EUR for ANN"
    assert pages.alike(first) == pages.alike(again) == "evt_ID at TIME: 25.00 EUR for ANN"
    assert pages.alike("25.00 EUR") != pages.alike("26.00 EUR")
