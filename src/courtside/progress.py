"""Tells a person how far long work is: one live line on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self, TextIO

_TERMINAL_SECONDS = 0.2
_LOG_SECONDS = 5.0


class Progress:
    """A progress line on standard error.

    Its :meth:`update` fits wherever a ``report(done, total)`` is asked for::

        with Progress("extract harbor", total=frames, unit="frames") as progress:
            measure_video(path, report=progress.update)

    Args:
        title: what is being done.
        total: how many units there are; None when nobody knows yet.
        unit: what is counted, in the plural.
        stream: where to write; standard error by default.
    """

    def __init__(
        self, title: str, total: int | None = None, unit: str = "frames", *, stream: TextIO | None = None
    ) -> None:
        self.title = title
        self._total = total
        self._unit = unit
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._done = 0
        self._width = 0
        self._began = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        self._began = self._shown = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show(last=True)
        if self._live:
            self._stream.write("\n")
        self._stream.flush()

    def update(self, done: int, total: int | None = None) -> None:
        """Take note that ``done`` units are done (not: how many more), of ``total`` where it has changed."""
        self._done = done
        self._total = self._total if total is None else total
        now = time.monotonic()
        if now - self._shown >= (_TERMINAL_SECONDS if self._live else _LOG_SECONDS):
            self._shown = now
            self._show(last=False)

    def _show(self, *, last: bool) -> None:
        elapsed_s = time.monotonic() - self._began
        rate = self._done / elapsed_s if elapsed_s > 0 else 0.0
        of_total = "" if self._total is None else f"/{self._total}"
        line = f"{self.title}: {self._done}{of_total} {self._unit}, {rate:.1f}/s"
        if last:
            line += f", {_clock(elapsed_s)}"
        elif self._total is not None and rate > 0:
            line += f", {_clock(max(0, self._total - self._done) / rate)} left"
        if self._live:
            self._stream.write(f"\r{line:<{self._width}}")
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()


def _clock(seconds: float) -> str:
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"
