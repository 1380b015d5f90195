"""The embeddings table belongs to its boxes, or says that it does not."""

import numpy as np
import polars as pl
import pytest

from courtside import boxes, embeddings
from courtside.errors import UserError


def some_boxes(*frames):
    rows = {"video": "game", "frame": list(frames), "label": "ball", "score": 0.5, "source": "round"}
    return boxes.check(pl.DataFrame({**rows, "x1": 0.0, "y1": 0.0, "x2": 5.0, "y2": 5.0}, schema_overrides={}))


def test_what_is_written_is_read(tmp_path):
    found = some_boxes(1, 1, 4)
    values = np.array([[0.6, 0.8, 0], [1, 0, 0], [0, -0.6, 0.8]], dtype=np.float16)
    embeddings.write(tmp_path / "e.parquet", embeddings.table(found, values))
    assert np.array_equal(embeddings.read(tmp_path / "e.parquet", found), values)


def test_no_boxes_have_no_embeddings(tmp_path):
    embeddings.write(tmp_path / "e.parquet", embeddings.empty())
    assert embeddings.read(tmp_path / "e.parquet", boxes.empty()).shape == (0, 0)


@pytest.mark.parametrize("others", [(1, 1), (1, 2, 4), (1, 1, 4, 5)])
def test_those_of_other_boxes_are_refused(tmp_path, others):
    embeddings.write(tmp_path / "e.parquet", embeddings.table(some_boxes(1, 1, 4), np.ones((3, 2), np.float16)))
    with pytest.raises(UserError, match=r"e\.parquet.*detect\.embeddings"):
        embeddings.read(tmp_path / "e.parquet", some_boxes(*others))


def test_an_empty_table_says_what_to_switch_on(tmp_path):
    embeddings.write(tmp_path / "e.parquet", embeddings.empty())
    with pytest.raises(UserError, match=r"0 rows.*detect\.embeddings: true"):
        embeddings.read(tmp_path / "e.parquet", some_boxes(1))


def test_what_is_no_embeddings_table_is_refused(tmp_path):
    with pytest.raises(ValueError, match="2 rows for 1 boxes"):
        embeddings.table(some_boxes(1), np.ones((2, 3), np.float16))
    with pytest.raises(ValueError, match="not finite"):
        embeddings.table(some_boxes(1), np.array([[np.nan, 1]], np.float16))
    boxes.write(tmp_path / "e.parquet", some_boxes(1))
    with pytest.raises(UserError, match=r"e\.parquet.*no array"):
        embeddings.read(tmp_path / "e.parquet", some_boxes(1))
