"""The embeddings table: how the boxes of a boxes table look, a row a box in the same order.

It stands beside :mod:`courtside.boxes`, whose rows stay small enough to be read whole by every stage. ``video`` and
``frame`` say whose row it is; ``embedding`` has d float16, of length 1 together, and d depends on the network that saw
the boxes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.tables import Schema, conform, read_table, write_table

COLUMN = "embedding"
_KEY = ["video", "frame"]


def table(boxes: pl.DataFrame, values: NDArray[np.float16]) -> pl.DataFrame:
    """Return the embeddings table of boxes.

    Args:
        boxes: boxes table.
        values: (n, d), a row a box, in its order.

    Raises:
        ValueError: when there is another number of rows than of boxes.
    """
    if len(values) != boxes.height:
        raise ValueError(f"embeddings table: {len(values)} rows for {boxes.height} boxes")
    column = pl.Series(COLUMN, np.asarray(values, dtype=np.float16), dtype=pl.Array(pl.Float16, values.shape[1]))
    return check(boxes.select(_KEY).with_columns(column))


def check(given: pl.DataFrame) -> pl.DataFrame:
    """Return the table in the declared form; the order stays.

    Raises:
        ValueError: when columns or types break the schema, or a number is not finite.
    """
    kind = given.schema.get(COLUMN)
    if not isinstance(kind, pl.Array) or kind.inner != pl.Float16:
        raise ValueError(f"embeddings table: {COLUMN} is {kind} and no array of Float16")
    schema: Schema = {"video": pl.String, "frame": pl.Int32, COLUMN: kind}
    result = conform(given, schema, frozenset(schema), "embeddings")
    if not np.isfinite(values(result)).all():
        raise ValueError("embeddings table: a number is not finite")
    return result


def values(given: pl.DataFrame) -> NDArray[np.float16]:
    """Return the embeddings as an array, (n, d) float16."""
    result: NDArray[np.float16] = given[COLUMN].to_numpy().reshape(given.height, -1 if given.height else 0)
    return result


def empty() -> pl.DataFrame:
    """Return an embeddings table without rows: nobody asked how the boxes look."""
    return pl.DataFrame(schema={"video": pl.String, "frame": pl.Int32, COLUMN: pl.Array(pl.Float16, 0)})


def write(target: Path, given: pl.DataFrame) -> None:
    """Check the table and write it as Parquet, atomically."""
    write_table(target, check(given))


def read(source: Path, boxes: pl.DataFrame) -> NDArray[np.float16]:
    """Return the embeddings of boxes, (n, d) float16, a row a box in its order.

    Args:
        source: what :func:`write` wrote.
        boxes: boxes table as it was found, every row of it.

    Raises:
        UserError: when the file is missing or damaged, or belongs to other boxes.
    """
    try:
        given = check(read_table(source))
    except ValueError as error:
        raise UserError(f"{source}: {error}; delete it and run `dvc repro`") from None
    if not given.select(_KEY).equals(boxes.select(_KEY)):
        raise UserError(
            f"{source} has {given.height} rows, which are not those of the {boxes.height} boxes; say "
            "`detect.embeddings: true` and run `dvc repro`"
        )
    return values(given)
