"""SoccerNet tracking: MOTChallenge sequences whose ``gameinfo.ini`` says what each track is.

The layout is that of the published data (Cioppa et al., "SoccerNet-Tracking: Multiple Object Tracking Dataset and
Benchmark in Soccer Videos", 2022; github.com/SoccerNet/sn-tracking): ``SNMOT-060/`` with ``gt/gt.txt``, ``img1/``,
``seqinfo.ini`` and ``gameinfo.ini``. The class in ``gt.txt`` is −1; ``gameinfo.ini`` has a line for each track::

    trackletID_1= player team left;10
    trackletID_2= ball;1
    trackletID_3= goalkeeper team right;x
    trackletID_4= referee;main

The label of a box is the role: ``ball``, ``player``, ``goalkeeper``, ``referee`` or ``other``. The team and what stands
behind the semicolon, mostly the number on the shirt, have no place in the boxes table and are kept in
:class:`GameInfo`. Real files say ``goalkeepers`` too.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats import mot
from courtside.formats.fields import edges_text, read_lines, single_video

ROLES = ("ball", "player", "goalkeeper", "referee", "other")

_KEY = "trackletID_"
_TRACKLET = re.compile(r"(ball|player|goalkeeper|referee|other)s?(?: team (left|right))?")
# MOTChallenge's class, which the data set does not use.
_CLASS = -1


@dataclass(frozen=True)
class Tracklet:
    """What a track is.

    Attributes:
        role: one of ``ROLES``.
        team: ``left`` or ``right``, the side of the picture its goal is on; None for who is in no team.
        mark: what tells it from others, as the file has it: a number on a shirt, ``main``, ``x``; empty for nothing.
    """

    role: str
    team: str | None = None
    mark: str = ""


@dataclass(frozen=True)
class GameInfo:
    """What ``gameinfo.ini`` says.

    Attributes:
        tracklets: by track.
        facts: the other keys as they stand there: ``name``, ``gameID``, ``actionClass``, ``gameTimeStart``, …
    """

    tracklets: Mapping[int, Tracklet]
    facts: Mapping[str, str] = field(default_factory=dict)


def read_game_info(path: Path) -> GameInfo:
    """Read ``gameinfo.ini``.

    Raises:
        UserError: when the file is missing or has another form, or a track's role is unknown.
    """
    parser = _parser()
    try:
        parser.read_string("\n".join(read_lines(path, "a gameinfo.ini of SoccerNet")))
        section = dict(parser["Sequence"])
    except (configparser.Error, KeyError) as error:
        raise UserError(f"{path} is no gameinfo.ini of SoccerNet ({error}); copy it again") from None
    tracklets, facts = {}, {}
    for key, value in section.items():
        if not key.startswith(_KEY):
            facts[key] = value
            continue
        digits = key.removeprefix(_KEY)
        if not re.fullmatch(r"[0-9]{1,9}", digits):
            raise UserError(f"{path}: {key} names no track; write {_KEY}1, {_KEY}2 and so on")
        if int(digits) in tracklets:
            raise UserError(f"{path}: track {int(digits)} stands there twice; delete one of the lines")
        tracklets[int(digits)] = _tracklet(value, f"{path}, {key}")
    facts.pop("num_tracklets", None)
    return GameInfo(tracklets, facts)


def _parser() -> configparser.ConfigParser:
    # The default would read "gameTimeStart: …" as a key, and make all keys lower case.
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    return parser


def _tracklet(text: str, where: str) -> Tracklet:
    role, _, mark = text.partition(";")
    found = _TRACKLET.fullmatch(" ".join(role.lower().split()))
    if found is None:
        raise UserError(
            f"{where}: {text!r} is no role; write 'player team left;10', 'goalkeeper team right;1', 'referee;main', "
            "'ball;1' or 'other;1'"
        )
    return Tracklet(found[1], found[2], mark.strip())


def write_game_info(path: Path, info: GameInfo) -> None:
    """Write ``gameinfo.ini``, atomically.

    Raises:
        ValueError: when a role or team is unknown, or a text cannot stand on a line of the file.
    """
    lines = {key: value for key, value in info.facts.items() if key != "num_tracklets"}
    lines["num_tracklets"] = str(len(info.tracklets))
    for track, tracklet in info.tracklets.items():
        if tracklet.role not in ROLES or tracklet.team not in (None, "left", "right") or track < 0:
            raise ValueError(f"track {track} is no tracklet of SoccerNet: {tracklet}")
        team = f" team {tracklet.team}" if tracklet.team else ""
        mark = f";{tracklet.mark}" if tracklet.mark else ""
        lines[f"{_KEY}{track}"] = f"{tracklet.role}{team}{mark}"
    for key, value in lines.items():
        is_key = re.fullmatch(r"[^=#;\[\s][^=]*", key) and key == key.strip() and len(key.splitlines()) == 1
        is_ours = key.startswith(_KEY) and key in info.facts
        if not is_key or is_ours or value != value.strip() or len(value.splitlines()) > 1:
            raise ValueError(f"gameinfo.ini cannot hold {key!r} = {value!r}")
    text = "".join(f"{key}={' ' if key.startswith(_KEY) else ''}{value}\n" for key, value in lines.items())
    write_text(path, f"[Sequence]\n{text}")


def read_sequence(folder: Path, video: str) -> tuple[pl.DataFrame, GameInfo]:
    """Read a sequence.

    Args:
        folder: with ``gt/gt.txt`` and ``gameinfo.ini``.
        video: name of the video in the table.

    Returns:
        Boxes table with the roles as labels, sorted by frame; visibility is null, nobody said. And what
        ``gameinfo.ini`` says beyond it.

    Raises:
        UserError: when a file is missing or damaged, or ``gameinfo.ini`` does not say what a track is.
    """
    truth = folder / "gt" / "gt.txt"
    info = read_game_info(folder / "gameinfo.ini")
    found = mot.read_ground_truth(truth, video, {_CLASS: "other"})
    unknown = sorted({-1 if track is None else track for track in found["track"].unique()} - set(info.tracklets))
    if unknown:
        raise UserError(f"{truth}: track {unknown[0]} is none of {folder / 'gameinfo.ini'}; correct one of the files")
    roles = {track: tracklet.role for track, tracklet in info.tracklets.items()}
    return found.with_columns(
        pl.col("track").replace_strict(roles, default=None, return_dtype=pl.String).alias("label")
    ), info


def write_sequence(folder: Path, boxes: pl.DataFrame, info: GameInfo | None = None) -> None:
    """Write ``gt/gt.txt`` and ``gameinfo.ini`` of a sequence, each atomically.

    Score, source and visibility are not written: the format has no place for them.

    Args:
        folder: the sequence's.
        boxes: boxes table of one video; every box has a track, and every track one label, of ``ROLES``.
        info: what the tracks are beside their role, and other keys; tracks without a box are written too.

    Raises:
        ValueError: when a box has no track, a track two labels, or a label is no role or not that of ``info``.
    """
    table = single_video(boxes)
    tracks = table.select("track", "label").unique().sort("track").rows()
    tracklets = dict(info.tracklets) if info else {}
    for track, label in tracks:
        if track is None or label not in ROLES:
            raise ValueError(
                f"SoccerNet needs a track and one of the labels {', '.join(ROLES)}; found {track}, {label}"
            )
        if tracklets.setdefault(track, Tracklet(label)).role != label:
            raise ValueError(f"track {track} is {tracklets[track].role} and {label}; in SoccerNet a track is one thing")
    lines = []
    for frame, track, x1, y1, x2, y2 in table.select("frame", "track", "x1", "y1", "x2", "y2").iter_rows():
        lines.append(f"{frame + 1},{track},{edges_text(x1, y1, x2, y2)},1,-1,-1,-1\n")
    write_text(folder / "gt" / "gt.txt", "".join(lines))
    write_game_info(folder / "gameinfo.ini", GameInfo(dict(sorted(tracklets.items())), info.facts if info else {}))
