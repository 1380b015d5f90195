"""What several tests need, and how several processes share them (``make test`` runs one a core)."""

import os
import sys
from pathlib import Path

import pytest

from courtside.executor import cores

ROOT = Path(__file__).resolve().parent.parent
MOST_PROCESSES = 8
sys.path.insert(0, str(ROOT / "tests"))  # for tests/imports.py


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process a core that may be used, as long as there is memory: each takes more than a gigabyte."""
    return min(cores(), MOST_PROCESSES)


def pytest_configure(config: pytest.Config) -> None:
    """Give each process cores of its own: two that compute with two threads each wait for one another."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        number, count = int(worker.removeprefix("gw")), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        os.sched_setaffinity(0, mine[number % len(mine) :: count])


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of one pipeline to one process, and a file's to one, the longest first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("pipeline" if _uses_pipeline(item) else item.location[0]))
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_uses_pipeline, reverse=True)


def _uses_pipeline(item: pytest.Item) -> bool:
    return "pipeline" in getattr(item, "fixturenames", ())


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
