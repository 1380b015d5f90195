import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from courtside.errors import UserError
from courtside.executor import cores, map_in_processes


def square(value):
    return value * value


def late_square(value):
    # The first arguments take longest, so results come back in another order.
    time.sleep(0.02 * (5 - value))
    return value * value


def fail_at_three(value):
    if value == 3:
        raise KeyError("three")
    return value


def mistake_at_three(value):
    if value == 3:
        raise UserError(f"frame {value} is wrong; mend it")
    return value


def die(value):
    os._exit(1)


def own_process(value):
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2, None])
def test_results_come_in_the_order_of_the_arguments(workers):
    reports = []
    results = map_in_processes(late_square, range(5), workers=workers, report=lambda *state: reports.append(state))
    assert results == [0, 1, 4, 9, 16]
    assert reports == [(done, 5) for done in range(1, 6)]


def test_one_worker_or_one_argument_needs_no_process():
    assert set(map_in_processes(own_process, range(3), workers=1)) == {os.getpid()}
    assert map_in_processes(own_process, [0], workers=4) == [os.getpid()]
    assert os.getpid() not in map_in_processes(own_process, range(2), workers=2)


def test_no_arguments():
    assert map_in_processes(square, [], workers=2) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_names_its_argument(workers):
    with pytest.raises(RuntimeError, match=r"fail_at_three failed for 3: KeyError: 'three'") as caught:
        map_in_processes(fail_at_three, range(6), workers=workers)
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_mistake_of_the_user_stays_as_it_is(workers):
    with pytest.raises(UserError, match=r"^frame 3 is wrong; mend it$"):
        map_in_processes(mistake_at_three, range(6), workers=workers)


def test_a_killed_worker_is_explained():
    with pytest.raises(UserError, match="a worker process was killed"):
        map_in_processes(die, range(4), workers=2)


@pytest.mark.parametrize("workers", [0, -1])
def test_there_must_be_a_worker(workers):
    with pytest.raises(ValueError, match="give 1 or more"):
        map_in_processes(square, range(3), workers=workers)


def test_a_partial_function_works():
    assert map_in_processes(partial(pow, 2), range(4), workers=2) == [1, 2, 4, 8]


def test_cores_are_those_this_process_may_use():
    assert 1 <= cores() <= (os.cpu_count() or 1)


PROGRAM = """
import sys, time
from courtside.executor import map_in_processes

def sleep(value):
    print("working", flush=True)
    time.sleep(60)

if __name__ == "__main__":
    try:
        map_in_processes(sleep, range(4), workers=2)
    except KeyboardInterrupt:
        sys.exit("interrupted")
"""


def alive(group):
    """Whether a process of the group still runs; one that has ended but was not collected does not."""
    listing = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return any(int(row[0]) == group and row[1][0] != "Z" for row in map(str.split, listing.splitlines()))


def start_program(tmp_path):
    """Return the program, in a process group of its own, once both of its workers are at work."""
    (tmp_path / "program.py").write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "program.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = ""
    while said.count("working") < 2:  # both are past their start, where Python itself would print a traceback
        said += process.stdout.readline()
    return process


def assert_ends(group):
    deadline = time.monotonic() + 20
    while alive(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(group)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a POSIX signal here")
def test_ctrl_c_ends_at_once_and_quietly(tmp_path):
    process = start_program(tmp_path)
    # As a terminal does: the signal goes to the whole group.
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.strip() == "interrupted"
    assert_ends(process.pid)


@pytest.mark.skipif(os.name != "posix", reason="a process that is killed leaves its children alive here")
def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    process = start_program(tmp_path)
    process.kill()
    process.communicate(timeout=30)
    assert_ends(process.pid)
