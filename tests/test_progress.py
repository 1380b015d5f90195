import io
import re
from itertools import pairwise

import pytest

from courtside.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr("courtside.progress.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def test_a_log_gets_a_line_now_and_then(clock):
    stream = io.StringIO()
    with Progress("extract harbor", total=1000, unit="frames", stream=stream) as progress:
        for done in range(1, 25):
            clock.now += 0.5
            progress.update(10 * done)
    # 12 seconds at 20 a second: a line after 5 and 10 seconds, and one at the end.
    assert stream.getvalue().splitlines() == [
        "extract harbor: 100/1000 frames, 20.0/s, 0:45 left",
        "extract harbor: 200/1000 frames, 20.0/s, 0:40 left",
        "extract harbor: 240/1000 frames, 20.0/s, 0:12",
    ]


def test_a_terminal_gets_one_live_line(clock):
    stream = Terminal()
    with Progress("track", total=300, unit="frames", stream=stream) as progress:
        for done in range(1, 301):
            clock.now += 0.05
            progress.update(done)
    text = stream.getvalue()
    assert text.count("\n") == 1 and text.endswith("\n")
    lines = text.strip("\n").split("\r")[1:]
    assert 50 <= len(lines) <= 80
    assert lines[-1].rstrip() == "track: 300/300 frames, 20.0/s, 0:15"
    # A shorter line wipes out a longer one before it.
    assert all(len(later) >= len(earlier.rstrip()) for earlier, later in pairwise(lines))


def test_the_total_may_come_later_or_never(clock):
    stream = io.StringIO()
    with Progress("read", stream=stream) as progress:
        clock.now += 6
        progress.update(3)
        clock.now += 6
        progress.update(6, 12)
    assert stream.getvalue().splitlines() == [
        "read: 3 frames, 0.5/s",
        "read: 6/12 frames, 0.5/s, 0:12 left",
        "read: 6/12 frames, 0.5/s, 0:12",
    ]


def test_hours(clock):
    stream = io.StringIO()
    with Progress("read", total=20000, stream=stream) as progress:
        clock.now += 10
        progress.update(10)
    assert "5:33:10 left" in stream.getvalue()


def test_after_an_error_it_says_how_far_it_came(clock):
    stream = io.StringIO()

    def fail():
        with Progress("train", total=5, unit="epochs", stream=stream) as progress:
            clock.now += 1
            progress.update(2)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert re.fullmatch(r"train: 2/5 epochs, 2\.0/s, 0:01\n", stream.getvalue())


def test_it_fits_where_a_report_is_asked_for(capsys):
    def work(report):
        report(1, 2)
        report(2, 2)

    with Progress("work") as progress:
        work(progress.update)
    assert "work: 2/2 frames" in capsys.readouterr().err
