"""What the page of `courtside review` asks of the program: plain values in, plain values out."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event, RLock
from typing import Any

from courtside.apps import review_tasks
from courtside.config import Config
from courtside.errors import UserError
from courtside.review.box_task import BoxTask
from courtside.review.class_task import ClassTask
from courtside.review.pictures import Pictures
from courtside.review.questions import Key
from courtside.review.tasks import View

Task = ClassTask | BoxTask
SORT, BOXES, DOUBTED_FRAMES, DOUBTED_BOXES = MODES = ("sort", "boxes", "doubted_frames", "doubted_boxes")


class Session:
    """The tasks behind one page, or several: one change at a time, each naming the frame it is about.

    Args:
        config: the configuration.
        root: the repository.
        videos: to review.
        round_name: whose boxes.
        budget: frames of a round at most.
        frames_apart: frames that lie nearer together are neighbours.

    Attributes:
        ended: set when a person has quit.
    """

    def __init__(
        self, config: Config, root: Path, videos: Sequence[str], round_name: str, *, budget: int, frames_apart: int
    ) -> None:
        self._config = config
        self._root = root
        self._videos = videos
        self._round = round_name
        self._budget = budget
        self._frames_apart = frames_apart
        self._stores = review_tasks.Stores(config, root, videos)
        self._pictures = Pictures({video: root / config.videos[video].path for video in videos})
        self._tasks: dict[str, Task] = {}
        self._lock = RLock()
        self.ended = Event()

    def close(self) -> None:
        """Close the videos."""
        self._pictures.close()

    def results(self) -> list[str]:
        """Return where the answers given since the start lie, a line a file."""
        with self._lock:
            return self._stores.results()

    def act(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a person asks for, and return what to show then.

        Args:
            asked: ``mode`` (one of :data:`MODES`); ``action``: ``show``, ``decide``, ``accept``, ``edit``, ``pass``,
                ``undo`` or ``quit``; ``key`` (video and frame) of the frame that is meant; ``label`` or ``boxes``.

        Returns:
            The fields of :class:`View`, with ``error``: None, or one line on what is wrong. When the person has quit,
            ``results`` alone.
        """
        with self._lock:
            if asked.get("action") == "quit":
                self.ended.set()
                return {"results": self._stores.results()}
            error = None
            try:
                task = self._task(str(asked["mode"]))
                try:
                    _do(task, asked)
                except UserError as wrong:
                    error = str(wrong)
                return {**_plain(task.view()), "error": error}
            except UserError as wrong:
                return {**_plain(View(None, 0, 0)), "error": str(wrong)}

    def picture(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the picture of the frame ``key`` as a data URI, ``src``; None when it cannot be read."""
        key = _key(asked)
        if key.video not in self._videos:
            return {"src": None}
        try:
            picture = self._pictures.get(key)
        except UserError:
            return {"src": None}
        if picture is None:
            return {"src": None}
        return {"src": "data:image/jpeg;base64," + base64.b64encode(picture.content).decode("ascii")}

    def _task(self, mode: str) -> Task:
        if mode not in self._tasks:
            self._tasks[mode] = self._open(mode)
        return self._tasks[mode]

    def _open(self, mode: str) -> Task:
        place = (self._config, self._root, self._videos, self._stores, self._pictures)
        if mode == SORT:
            return review_tasks.sort_task(*place)
        if mode == DOUBTED_FRAMES:
            return review_tasks.doubted_frames_task(*place)
        if mode not in MODES:
            raise UserError(f"mode {mode!r} is none of {', '.join(MODES)}; load the page again")
        if not self._round:
            raise UserError("params.yaml has no round yet, so there are no boxes to look at")
        return review_tasks.boxes_task(
            *place,
            self._round,
            doubtful=mode == DOUBTED_BOXES,
            budget=self._budget,
            frames_apart=self._frames_apart,
        )


def _do(task: Task, asked: Mapping[str, Any]) -> None:
    action = asked["action"]
    if action == "show":
        return
    if action == "undo":
        task.undo()
        return
    key = _key(asked)
    # Two keys pressed at once, or an old page: what is meant is no longer what is shown.
    if task.current() != key:
        return
    if isinstance(task, ClassTask):
        actions: dict[str, Callable[[], None]] = {"decide": lambda: task.decide(key, str(asked["label"]))}
    else:
        actions = {
            "accept": lambda: task.accept(key, asked["boxes"]),
            "edit": lambda: task.edit(key, asked["boxes"]),
            "pass": lambda: task.pass_over(key),
        }
    if action not in actions:
        raise UserError(f"action {action!r} is none of {', '.join(actions)}; load the page again")
    actions[action]()


def _key(asked: Mapping[str, Any]) -> Key:
    video, frame = asked["key"]
    return Key(str(video), int(frame))


def _plain(view: View) -> dict[str, Any]:
    return {
        "key": view.key and list(view.key),
        "done": view.done,
        "left": view.left,
        "passed": view.passed,
        "counts": dict(view.counts),
        "file": view.file,
        "about": view.about,
        "label": view.label,
        "size": list(view.size),
        "boxes": [box.to_json() for box in view.boxes],
        "selected": view.selected,
        "looked_at": view.looked_at,
        "ahead": [list(key) for key in view.ahead],
    }
