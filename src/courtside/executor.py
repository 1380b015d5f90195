"""Runs a function over many arguments in processes of their own, in the order of the arguments."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from courtside.errors import UserError

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def map_in_processes(
    function: Callable[[Argument], Result],
    arguments: Sequence[Argument],
    *,
    workers: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """Return ``[function(argument) for argument in arguments]``, computed in parallel.

    Processes are spawned, not forked, so that threads and GPU contexts of this one do no harm; the
    function must be one a module defines, and it and its arguments must be picklable. With one worker,
    or one argument, the function runs in this process. The first error, or Ctrl-C, ends all workers.

    Args:
        function: what to call.
        arguments: one for each call.
        workers: how many processes; None takes one for each core this process may use.
        report: called with (calls done, calls in all) whenever one is done.

    Raises:
        UserError: as the function raised it, or when a worker was killed (most often for want of memory).
        RuntimeError: for any other error in the function; names the argument, the error is its cause.
        ValueError: when ``workers`` is less than 1.
    """
    count = min(len(arguments), cores() if workers is None else workers)
    if workers is not None and workers < 1:
        raise ValueError(f"workers is {workers}; give 1 or more, or None for one a core")
    if count <= 1:
        results = []
        for done, argument in enumerate(arguments, start=1):
            try:
                results.append(function(argument))
            except Exception as error:
                raise _named(error, function, argument) from error
            if report is not None:
                report(done, len(arguments))
        return results
    return _map_in_pool(function, arguments, count, report)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _map_in_pool(
    function: Callable[[Argument], Result],
    arguments: Sequence[Argument],
    count: int,
    report: Callable[[int, int], None] | None,
) -> list[Result]:
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare)
    try:
        futures: dict[Future[Result], int] = {}
        for position, argument in enumerate(arguments):
            futures[pool.submit(function, argument)] = position
        results: dict[int, Result] = {}
        for future in as_completed(futures):
            position = futures[future]
            try:
                results[position] = future.result()
            except BrokenProcessPool:
                raise UserError(
                    "a worker process was killed, most often for want of memory; use fewer workers"
                ) from None
            except Exception as error:
                raise _named(error, function, arguments[position]) from error
            if report is not None:
                report(len(results), len(arguments))
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    pool.shutdown()
    return [results[position] for position in range(len(arguments))]


def _prepare() -> None:
    # Ctrl-C reaches every process of the terminal; only the parent answers it, and ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parent that is killed ends nobody: its workers would wait for work for ever.
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _named(error: Exception, function: Callable[[Argument], Result], argument: Argument) -> Exception:
    if isinstance(error, UserError):
        return error
    name = getattr(function, "__name__", repr(function))
    return RuntimeError(f"{name} failed for {argument!r}: {type(error).__name__}: {error}")
