"""What every task shows and takes, whatever is decided in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from courtside.errors import UserError
from courtside.review.boxes import BoxOnFrame
from courtside.review.pictures import Picture, Pictures
from courtside.review.questions import Key, Questions


@dataclass(frozen=True)
class View:
    """What a person sees now.

    Attributes:
        key: the frame asked about; None when nothing is left.
        done: answered questions of the task.
        left: open ones.
        passed: those passed over, which come again at the next start.
        counts: answers by label, of the questions of the task.
        file: where the answer goes; empty when nothing is left.
        about: why the frame is asked about, in a few words.
        label: what was said of the frame before, if anything.
        size: width and height of the frame in pixels.
        boxes: of the frame.
        selected: the box in question, its place in ``boxes``.
        looked_at: whether the boxes are those a person has accepted.
        ahead: the frames that come next.
    """

    key: Key | None
    done: int
    left: int
    passed: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    file: str = ""
    about: str = ""
    label: str | None = None
    size: tuple[int, int] = (0, 0)
    boxes: tuple[BoxOnFrame, ...] = ()
    selected: int | None = None
    looked_at: bool = False
    ahead: tuple[Key, ...] = ()


def readable_question(questions: Questions, pictures: Pictures, ahead: int = 3) -> tuple[Key, Picture] | None:
    """Return the frame to ask about with its picture, and prefetch what comes then; frames damaged are passed over.

    Raises:
        UserError: when its video cannot be read.
    """
    while (key := questions.current()) is not None:
        picture = pictures.get(key)
        if picture is not None:
            pictures.prefetch(questions.ahead(ahead)[1:])
            return key, picture
        questions.pass_over(key)
    return None


def check_known(key: Key, questions: Questions) -> None:
    """Raise a UserError for a frame that is not among the questions."""
    if key not in questions:
        raise UserError(f"frame {key.frame} of {key.video!r} is not asked about here; load the page again")
