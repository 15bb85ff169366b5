"""The clients of other systems, installed once by lock files that are none of the product's; where that cannot be, tests skip."""

import subprocess

import pytest
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def installed() -> None:
    """Install them."""
    try:
        subprocess.run([ROOT / "scripts" / "clients.sh"], check=True, capture_output=True, text=True, timeout=300)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
        pytest.skip(f"the clients could not be installed, and none was run: {getattr(error, 'stderr', '') or error}")
