"""Boxes of one frame after another: accepted, rejected, drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from courtside.errors import UserError
from courtside.review.boxes import BoxOnFrame, accepted, from_json
from courtside.review.drafts import Drafts
from courtside.review.pictures import Pictures
from courtside.review.questions import Key, Questions
from courtside.review.reviewed_store import ReviewedFrame, ReviewedStore
from courtside.review.tasks import View, check_known, readable_question

Drawn = tuple[BoxOnFrame, ...]


@dataclass(frozen=True)
class _State:
    """What is known of a frame: what was accepted, and what was begun since."""

    reviewed: ReviewedFrame | None
    draft: Drawn | None


class BoxTask:
    """Asks for the boxes of one frame after another.

    A frame counts as looked at once it is accepted. What a person has drawn or rejected on it before is kept as a
    draft, so that a killed program loses nothing and no half-done frame becomes a label.

    Args:
        keys: the frames, in the order of asking.
        proposals: the boxes that a round found on each.
        labels: that a box may have.
        reviewed: gets what is accepted.
        drafts: keeps what is begun.
        pictures: the frames.
        about: why a frame is asked about.
        doubtful: whether the box of the lowest score is in question.
    """

    def __init__(
        self,
        keys: Sequence[Key],
        proposals: Mapping[Key, Drawn],
        labels: Sequence[str],
        reviewed: ReviewedStore,
        drafts: Drafts,
        pictures: Pictures,
        *,
        about: Mapping[Key, str] | None = None,
        doubtful: bool = False,
    ) -> None:
        self._questions = Questions(keys, reviewed.frames.keys(), lambda: reviewed.changes)
        self._proposals = proposals
        self._labels = labels
        self._reviewed = reviewed
        self._drafts = drafts
        self._pictures = pictures
        self._about = about or {}
        self._doubtful = doubtful
        self._history: list[tuple[Key, _State, _State]] = []

    def current(self) -> Key | None:
        """Return the frame asked about now; None when none is left."""
        return self._questions.current()

    def view(self) -> View:
        """Return what a person sees now."""
        found = readable_question(self._questions, self._pictures)
        view = View(None, self._questions.done, self._questions.left, self._questions.passed)
        if found is None:
            return view
        key, picture = found
        drawn = self.boxes(key)
        return replace(
            view,
            key=key,
            file=str(self._reviewed.path(key.video)),
            about=self._about.get(key, ""),
            size=picture.size,
            boxes=drawn,
            selected=_least_certain(drawn) if self._doubtful else None,
            looked_at=key in self._reviewed.frames,
            ahead=tuple(self._questions.ahead(4)[1:]),
        )

    def boxes(self, key: Key) -> Drawn:
        """Return the boxes of a frame: begun, else accepted, else the round's."""
        begun = self._drafts.get(key)
        if begun is not None:
            return begun
        seen = self._reviewed.frames.get(key)
        return seen.boxes if seen is not None else self._proposals.get(key, ())

    def edit(self, key: Key, drawn: Sequence[Mapping[str, Any]]) -> None:
        """Keep boxes of a frame that is not finished.

        Args:
            key: the frame.
            drawn: its boxes, as :func:`courtside.review.boxes.from_json` reads them.

        Raises:
            UserError: on a wrong frame or box, or when nothing can be written.
        """
        boxes = self._read(key, drawn)
        self._change(key, lambda: self._drafts.put(key, boxes))

    def accept(self, key: Key, drawn: Sequence[Mapping[str, Any]]) -> None:
        """Take boxes for all that is on a frame; arguments and errors as for :meth:`edit`."""
        boxes = self._read(key, drawn)
        size = self._size(key)

        def write() -> None:
            self._reviewed.put(key, ReviewedFrame(accepted(boxes), size))
            self._drafts.put(key, None)

        self._change(key, write)

    def pass_over(self, key: Key) -> None:
        """Go on without an answer."""
        check_known(key, self._questions)
        self._questions.pass_over(key)

    def undo(self) -> None:
        """Take the last change back and show its frame.

        Raises:
            UserError: when nothing was changed since the start, the frame was changed elsewhere since, or nothing can
                be written.
        """
        if not self._history:
            raise UserError("nothing to undo: no box was changed since the start")
        key, before, after = self._history[-1]
        if self._state(key) != after:
            self._history.pop()
            raise UserError(f"frame {key.frame} of {key.video} was changed in another tab since; undo it there")
        if before.reviewed is not after.reviewed:
            self._reviewed.put(key, before.reviewed)
        self._drafts.put(key, before.draft)
        self._history.pop()
        self._questions.return_to(key)

    def _change(self, key: Key, write: Callable[[], None]) -> None:
        before = self._state(key)
        write()
        self._questions.note(key, before.reviewed is not None)
        self._history.append((key, before, self._state(key)))

    def _read(self, key: Key, drawn: Sequence[Mapping[str, Any]]) -> Drawn:
        check_known(key, self._questions)
        size = self._size(key)
        # A file that came from an annotation tool may hold labels that the configuration does not name.
        labels = {*self._labels, *(box.label for box in self.boxes(key))}
        return tuple(from_json(box, sorted(labels), size) for box in drawn)

    def _size(self, key: Key) -> tuple[int, int]:
        picture = self._pictures.get(key)
        if picture is None:
            raise UserError(f"frame {key.frame} of {key.video} cannot be read; go on with the next one")
        return picture.size

    def _state(self, key: Key) -> _State:
        return _State(self._reviewed.frames.get(key), self._drafts.get(key))


def _least_certain(drawn: Drawn) -> int | None:
    scored = [(box.score, place) for place, box in enumerate(drawn) if box.score is not None and not box.rejected]
    return min(scored)[1] if scored else None
