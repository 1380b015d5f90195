import polars as pl
import pytest

from courtside.quality.summary import clip_table, total_row


def test_counts_per_clip():
    verdicts = ["usable", "blur", "usable", "duplicate", "dark", "bright", "empty", "without_ball"]
    frames = pl.DataFrame({"frame": range(8), "clip": [0, 0, 0, 2, 2, 2, 2, 2], "verdict": verdicts})
    clips = clip_table(frames)
    names = ("clip", "total", "usable", "blur", "dark", "bright", "empty", "duplicate", "without_ball")
    assert [tuple(clip) for clip in clips] == [names, names]
    assert [tuple(clip.values()) for clip in clips] == [(0, 3, 2, 1, 0, 0, 0, 0, 0), (2, 5, 0, 0, 1, 1, 1, 1, 1)]
    total = total_row(clips)
    assert total == dict(zip(names[1:], (8, 2, 1, 1, 1, 1, 1, 1), strict=True))
    assert sum(list(total.values())[1:]) == total["total"]


def test_no_frames():
    empty = pl.DataFrame(schema={"frame": pl.Int32, "clip": pl.Int32, "verdict": pl.String})
    assert clip_table(empty) == []
    assert total_row([])["total"] == 0


@pytest.mark.parametrize("verdict", [None, "blurry"])
def test_a_frame_without_a_known_verdict_is_refused(verdict):
    frames = pl.DataFrame({"frame": [7], "clip": [0], "verdict": pl.Series([verdict], dtype=pl.String)})
    with pytest.raises(ValueError, match=f"frame 7 has the verdict {verdict!r}"):
        clip_table(frames)
