"""Detection in pieces that outlive a killed process: what was looked at once is not looked at again."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from courtside import boxes, embeddings
from courtside.detectors.build import load_detector
from courtside.detectors.detect import detect_and_embed
from courtside.detectors.protocol import Detector
from courtside.files import sha256, write_text
from courtside.tables import read_table, write_table

PIECE_FRAMES = 500
"""Frames of a piece: half a minute to some minutes of looking on a CPU."""


def detect_with(
    weights: Path,
    frames: pl.DataFrame,
    videos: Mapping[str, Path],
    facts: Mapping[str, object],
    work: Path,
    *,
    tile_size: int | None,
    tile_overlap: int,
    backend: str,
    minimum_confidence: float,
    source: str,
    report: Callable[[int, int], None],
    embed: bool,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let the detector of a file look at frames in pieces; other weights, videos or tiles begin anew.

    Args:
        weights: a file of weights; it, ``tile_size``, ``tile_overlap`` and ``backend`` are as
            :func:`courtside.detectors.build.load_detector` takes them.
        frames: as the others that are not named here, as :func:`detect_in_pieces` takes them.
        videos: where the source videos are.
        facts: what is known of each video, its digest above all, as JSON can hold it.
        work: a folder of this call's own.

    Raises:
        UserError: when the weights cannot be read.
    """
    return detect_in_pieces(
        load_detector(weights, tile_size=tile_size, tile_overlap=tile_overlap, backend=backend),
        frames,
        videos,
        work,
        identity={"weights": sha256(weights), "videos": facts, "tiles": [tile_size, tile_overlap, backend]},
        minimum_confidence=minimum_confidence,
        source=source,
        report=report,
        embed=embed,
    )


def detect_in_pieces(
    detector: Detector,
    frames: pl.DataFrame,
    videos: Mapping[str, Path],
    work: Path,
    *,
    identity: Mapping[str, object],
    minimum_confidence: float,
    source: str,
    report: Callable[[int, int], None],
    embed: bool = False,
    piece_frames: int = PIECE_FRAMES,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Do what :func:`courtside.detectors.detect.detect_and_embed` does; a later call goes on after the last piece done.

    Args:
        detector: a trained detector.
        frames: table with ``video`` and ``frame``.
        videos: where the source videos are.
        work: a folder of this call's own that survives a killed process; afterwards it is gone.
        identity: what else the boxes depend on, such as digests of weights and videos, as JSON can hold it; pieces of
            another identity are not used.
        minimum_confidence: boxes below are left out, 0–1.
        source: what the boxes' ``source`` says.
        report: called with frames done and frames in all.
        embed: whether embeddings are wanted.
        piece_frames: how many frames of a video a piece has at most.
    """
    known = json.dumps(
        {**identity, "minimum_confidence": minimum_confidence, "source": source, "embed": embed}, sort_keys=True
    )
    found, looks = [boxes.empty()], []
    done = 0
    for rows in frames.partition_by("video", maintain_order=True):
        for piece in rows.sort("frame").iter_slices(piece_frames):
            keys = piece.select("video", "frame")
            digest = hashlib.sha256(known.encode() + keys.write_csv().encode()).hexdigest()[:32]
            folder = work / digest
            if not (folder / "done.txt").is_file():
                table, embedded = detect_and_embed(
                    detector,
                    piece,
                    videos,
                    minimum_confidence=minimum_confidence,
                    source=source,
                    report=_from(done, frames.height, report),
                    embed=embed,
                )
                boxes.write(folder / "boxes.parquet", table)
                write_table(folder / "embeddings.parquet", embedded)
                write_text(folder / "done.txt", "")
            done += piece.height
            report(done, frames.height)
            found.append(boxes.read(folder / "boxes.parquet"))
            if embed and found[-1].height:
                looks.append(read_table(folder / "embeddings.parquet"))
    together = pl.concat(looks).sort("video", "frame", maintain_order=True) if looks else embeddings.empty()
    shutil.rmtree(work, ignore_errors=True)
    return boxes.check(pl.concat(found)), together


def _from(done: int, total: int, report: Callable[[int, int], None]) -> Callable[[int, int], None]:
    return lambda count, _: report(done + count, total)
