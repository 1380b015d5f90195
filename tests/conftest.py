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


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium without a window."""
    from chromium import ARGUMENTS, CHROMIUM  # its folder is on the path only once this module has run

    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which ``dvc repro`` has run the miniature from end to end.

    Tests read it. A test that changes it puts it back.
    """
    from miniature import make_repository, run  # its folder is on the path only once this module has run

    folder = make_repository(tmp_path_factory.mktemp("pipeline"))
    done = run(folder, "dvc", "repro")
    (folder / "repro.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    return folder
