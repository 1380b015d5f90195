"""Parquet tables with a declared schema that is checked when they are written and when they are read."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from courtside.errors import UserError
from courtside.files import atomic_path

Schema = dict[str, type[pl.DataType] | pl.DataType]


def conform(table: pl.DataFrame, schema: Schema, required: frozenset[str], name: str) -> pl.DataFrame:
    """Return ``table`` with exactly the columns and types of ``schema``, in its order.

    A nullable column that is missing is added as null; numbers are cast where no value is lost.

    Args:
        table: any table with at least the columns in ``required``.
        schema: column names and Polars types.
        required: the columns that must be there and hold no null.
        name: what the table is called in error messages.

    Raises:
        ValueError: on an unknown or missing column, a null in a required one, or a value that does
            not fit its type.
    """
    unknown = [column for column in table.columns if column not in schema]
    missing = [column for column in schema if column in required and column not in table.columns]
    if unknown or missing:
        raise ValueError(f"{name} table: unknown columns {unknown}, missing columns {missing}")
    columns = [
        pl.col(column).cast(dtype) if column in table.columns else pl.lit(None, dtype=dtype).alias(column)
        for column, dtype in schema.items()
    ]
    try:
        result = table.select(columns)
    except pl.exceptions.InvalidOperationError as error:
        raise ValueError(f"{name} table: {error}") from error
    empty = [column for column in sorted(required) if result[column].null_count()]
    if empty:
        raise ValueError(f"{name} table: null in columns {empty}")
    return result


def write_table(target: Path, table: pl.DataFrame) -> None:
    """Write a table as Parquet, atomically."""
    with atomic_path(target) as temporary:
        table.write_parquet(temporary, compression="zstd", statistics=True)


def read_table(source: Path) -> pl.DataFrame:
    """Read a Parquet file.

    Raises:
        UserError: when the file is missing or damaged.
    """
    if not source.is_file():
        raise UserError(f"{source} does not exist; run `dvc repro` to make it")
    try:
        return pl.read_parquet(source, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"{source} is no readable Parquet file ({error}); delete it and run `dvc repro`") from None
