"""What several tests need."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # for tests/imports.py


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real clips and labels beside the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data is not beside this repository")
    return folder
