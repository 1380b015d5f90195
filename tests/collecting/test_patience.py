"""Pauses between requests, back-off and ``Retry-After``."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from courtside.collecting.patience import Patience, Turns, retry_after_s, user_agent
from courtside.collecting.protocol import FetchError


def outcomes(*values):
    """An action that raises or returns one value after another, and the times at which it was called."""
    waiting, times = list(values), []

    def action():
        times.append(time.monotonic())
        value = waiting.pop(0)
        if isinstance(value, Exception):
            raise value
        return value

    return action, times


def busy(wait_s=None, **more):
    return FetchError("busy", temporary=True, wait_s=wait_s, **more)


def test_the_user_agent_names_the_program():
    assert user_agent().startswith("courtside/")


@pytest.mark.parametrize(
    ("value", "seconds"), [(None, None), ("7", 7), (" 0 ", 0), ("soon", None), ("-3", None), ("", None)]
)
def test_retry_after_in_seconds(value, seconds):
    assert retry_after_s(value) == seconds


def test_retry_after_as_a_date():
    now = datetime.now(UTC)
    assert retry_after_s(format_datetime(now + timedelta(seconds=90), usegmt=True)) == pytest.approx(90, abs=2)
    assert retry_after_s(format_datetime(now - timedelta(seconds=90), usegmt=True)) == 0


def test_back_off_doubles_up_to_the_longest_wait():
    patience = Patience(delay_s=1, longest_wait_s=10)
    assert [patience.back_off_s(attempt) for attempt in (1, 2, 3, 4, 5)] == [2, 4, 8, 10, 10]


def test_requests_to_a_host_keep_their_distance_and_other_hosts_do_not_wait():
    turns = Turns(Patience(delay_s=0.1))
    action, times = outcomes(*range(6))
    threads = [threading.Thread(target=turns.attempt, args=(host, action)) for host in "aaabbb"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.2 <= times[-1] - times[0] < 0.4
    assert times[1] - times[0] < 0.09


def test_what_fails_for_the_time_being_is_tried_again_later_each_time():
    action, times = outcomes(busy(), busy(), "came")
    assert Turns(Patience(delay_s=0.02)).attempt("a", action) == "came"
    assert times[1] - times[0] >= 0.04
    assert times[2] - times[1] >= 0.08


def test_the_last_failure_is_told():
    action, times = outcomes(busy(), busy(), "never")
    with pytest.raises(FetchError, match="busy"):
        Turns(Patience(delay_s=0, attempts=2)).attempt("a", action)
    assert len(times) == 2


def test_what_fails_for_good_is_not_tried_again():
    action, times = outcomes(FetchError("gone"), "never")
    with pytest.raises(FetchError, match="gone"):
        Turns(Patience(delay_s=0)).attempt("a", action)
    assert len(times) == 1


def test_a_wait_that_the_server_asks_for_is_kept_also_by_the_next_request():
    turns = Turns(Patience(delay_s=0, attempts=1))
    action, times = outcomes(busy(wait_s=0.15), "came")
    with pytest.raises(FetchError):
        turns.attempt("a", action)
    turns.attempt("a", action)
    assert times[1] - times[0] >= 0.15


def test_a_server_that_asks_for_too_long_a_wait_is_left_alone():
    turns = Turns(Patience(delay_s=0, longest_wait_s=5))
    action, times = outcomes(busy(wait_s=3600), "of another host")
    with pytest.raises(FetchError):
        turns.attempt("a", action)
    with pytest.raises(FetchError, match="a asks to wait 3600 s"):
        turns.attempt("a", action)
    assert turns.attempt("b", action) == "of another host"
    assert len(times) == 2


def test_a_host_that_cannot_be_reached_is_asked_once_only():
    turns = Turns(Patience(delay_s=0, attempts=2))
    action, times = outcomes(busy(unreachable=True), busy(unreachable=True), "never")
    for words in ("busy", "cannot be reached"):
        with pytest.raises(FetchError, match=words):
            turns.attempt("a", action)
    assert len(times) == 2


def test_stopping_ends_a_wait():
    turns = Turns(Patience(delay_s=60))
    turns.attempt("a", lambda: None)
    failures = []

    def wait():
        try:
            turns.attempt("a", lambda: None)
        except FetchError as error:
            failures.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    turns.stop()
    thread.join(timeout=5)
    assert failures == ["stopped"]
