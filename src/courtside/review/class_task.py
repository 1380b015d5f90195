"""One class a frame: sorting frames, and looking again at those a classifier doubts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from courtside.errors import UserError
from courtside.formats.sorted_frames import DROPPED
from courtside.review.pictures import Pictures
from courtside.review.questions import Key, Questions
from courtside.review.sorted_store import SortedStore
from courtside.review.tasks import View, check_known, readable_question


class ClassTask:
    """Asks for the class of one frame after another.

    Args:
        keys: the frames, in the order of asking.
        labels: the classes; ``dropped`` is allowed besides.
        store: gets the answers.
        pictures: the frames.
        confirmed: which frames were asked about, where the store knows more than the answers given here; None where
            every frame in the store is one less to ask about.
        said: what was said of a frame that the store does not know.
        about: why a frame is asked about.
    """

    def __init__(
        self,
        keys: Sequence[Key],
        labels: Sequence[str],
        store: SortedStore,
        pictures: Pictures,
        *,
        confirmed: SortedStore | None = None,
        said: Mapping[Key, str] | None = None,
        about: Mapping[Key, str] | None = None,
    ) -> None:
        self._labels = (*labels, DROPPED)
        self._store = store
        self._confirmed = confirmed or store
        self._questions = Questions(keys, self._confirmed.labels.keys(), lambda: self._confirmed.changes)
        self._pictures = pictures
        self._said = said or {}
        self._about = about or {}
        self._history: list[tuple[Key, str | None, str | None]] = []
        self._counts: Counter[str] = Counter()
        self._counted_at = -1

    def current(self) -> Key | None:
        """Return the frame asked about now; None when none is left."""
        return self._questions.current()

    def view(self) -> View:
        """Return what a person sees now."""
        found = readable_question(self._questions, self._pictures)
        view = View(None, self._questions.done, self._questions.left, self._questions.passed, counts=self._count())
        if found is None:
            return view
        key, picture = found
        return replace(
            view,
            key=key,
            file=str(self._store.path(key.video)),
            about=self._about.get(key, ""),
            label=self._store.labels.get(key, self._said.get(key)),
            size=picture.size,
            ahead=tuple(self._questions.ahead(4)[1:]),
        )

    def decide(self, key: Key, label: str) -> None:
        """Give a frame its class.

        Raises:
            UserError: on a frame or class that is not asked about, or when the answer cannot be written.
        """
        check_known(key, self._questions)
        if label not in self._labels:
            raise UserError(f"class {label!r} is none of {', '.join(self._labels)}")
        before = (key, self._store.labels.get(key), self._confirmed.labels.get(key))
        self._put(key, label, label)
        self._history.append(before)

    def undo(self) -> None:
        """Take the last answer back and ask again.

        Raises:
            UserError: when nothing was answered since the start, or the file cannot be written.
        """
        if not self._history:
            raise UserError("nothing to undo: no frame was decided since the start")
        key, label, confirmed = self._history[-1]
        self._put(key, label, confirmed)
        self._history.pop()
        self._questions.return_to(key)

    def _put(self, key: Key, label: str | None, confirmed: str | None) -> None:
        counted = self._counted_at == self._confirmed.changes
        old = self._confirmed.labels.get(key)
        self._store.put(key, label)
        if self._confirmed is not self._store:
            self._confirmed.put(key, confirmed)
        self._questions.note(key, old is not None)
        if counted:
            # Counting all of them would take longer, the more there are.
            self._counts[old or ""] -= 1
            self._counts[confirmed or ""] += 1
            self._counted_at = self._confirmed.changes

    def _count(self) -> dict[str, int]:
        if self._counted_at != self._confirmed.changes:
            self._counts = Counter(label for key, label in self._confirmed.labels.items() if key in self._questions)
            self._counted_at = self._confirmed.changes
        return {label: self._counts[label] for label in self._labels}
