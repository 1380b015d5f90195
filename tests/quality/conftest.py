from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def real_videos():
    if not (SHARED / "video").is_dir():
        pytest.skip(f"the real clips are not here ({SHARED / 'video'})")
    return sorted((SHARED / "video").glob("*.mp4"))


@pytest.fixture(scope="session")
def real_frames():
    if not (SHARED / "frames").is_dir():
        pytest.skip(f"the real frames are not here ({SHARED / 'frames'})")
    return SHARED / "frames"
