"""Child processes: whatever becomes of one, its call ends, and the next call is served."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from platform_core import children
from platform_core.child_life import ChildFailed
from platform_core.children import ChildLate, ChildLost, Children, NoChild
from platform_core.errors import PlatformError
from tests.platform_core import child_work

ROOT = Path(__file__).parents[2]
LONG_S = 60.0


@pytest.fixture
def one() -> Iterator[Children]:
    """A pool of one child."""
    pool = Children(child_work.begin, most=1, calls=3)
    yield pool
    pool.end()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is stopped is given up soon."""
    monkeypatch.setattr(children, "BEGIN_S", 1.0)


def gone(process: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def wait_until_gone(process: int) -> None:
    until = time.monotonic() + LONG_S
    while not gone(process):
        assert time.monotonic() < until, f"{process} lives on"
        time.sleep(0.02)


def test_a_child_is_kept_for_the_next_call_and_replaced_after_so_many(one: Children) -> None:
    seen = [one.call(child_work.me, timeout_s=LONG_S) for _ in range(4)]
    assert seen[0] == seen[1] == seen[2] != seen[3]
    assert gone(seen[0])


def test_what_the_function_raises_is_raised_and_the_child_goes_on(one: Children) -> None:
    process = one.call(child_work.me, timeout_s=LONG_S)
    with pytest.raises(PlatformError, match="as told") as told:
        one.call(child_work.fail, timeout_s=LONG_S)
    assert "child_work.py" in told.value.__notes__[0]
    assert one.call(child_work.me, timeout_s=LONG_S) == process


def test_an_error_that_cannot_be_sent_is_told_by_another(one: Children) -> None:
    with pytest.raises(ChildFailed, match="Unsendable: this and that"):
        one.call(child_work.fail_unsendably, timeout_s=LONG_S)
    with pytest.raises((ChildFailed, AttributeError, TypeError), match=r"pickle|lambda|local"):
        one.call(child_work.answer_unsendably, timeout_s=LONG_S)


def test_a_call_that_cannot_be_sent_disturbs_nothing(one: Children) -> None:
    with pytest.raises((AttributeError, TypeError), match=r"pickle|local"):
        one.call(lambda: 1, timeout_s=LONG_S)
    assert one.call(child_work.length, "four", timeout_s=LONG_S) == 4


@pytest.mark.usefixtures("impatient")
def test_what_dies_hangs_or_is_stopped_at_work_is_told_apart_and_replaced(one: Children) -> None:
    with pytest.raises(ChildLost):
        one.call(child_work.die, timeout_s=LONG_S)
    with pytest.raises(ChildLate, match=r"longer than 0\.3 seconds"):
        one.call(child_work.sleep, LONG_S, timeout_s=0.3)
    with pytest.raises(ChildLate):
        one.call(child_work.stop, timeout_s=0.3)
    assert one.call(child_work.length, "four", timeout_s=LONG_S) == 4


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("size", [1, 5_000_000], ids=["small", "more_than_a_pipe_holds"])
def test_a_child_killed_or_stopped_while_idle_costs_the_next_call_nothing(
    one: Children, fate: signal.Signals, size: int
) -> None:
    process = one.call(child_work.me, timeout_s=LONG_S)
    os.kill(process, fate)
    assert one.call(child_work.length, "x" * size, timeout_s=LONG_S) == size
    assert gone(process)


def test_children_that_never_get_ready_are_no_fault_of_the_call() -> None:
    pool = Children(child_work.break_at_start, most=1, calls=3)
    with pytest.raises(NoChild, match="could be started"):
        pool.call(child_work.me, timeout_s=LONG_S)
    pool.end()


def test_no_more_children_than_allowed_work_at_a_time() -> None:
    pool = Children(child_work.begin, most=2, calls=100)
    seen: set[int] = set()
    threads = [threading.Thread(target=lambda: seen.add(pool.call(child_work.me, timeout_s=LONG_S))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.end()
    assert 1 <= len(seen) <= 2
    assert all(gone(process) for process in seen)


def test_a_call_under_way_when_the_pool_ends_is_no_failure_of_the_work(one: Children) -> None:
    process = one.call(child_work.me, timeout_s=LONG_S)
    raised: list[BaseException] = []

    def work() -> None:
        try:
            one.call(child_work.sleep, LONG_S, timeout_s=LONG_S)
        except BaseException as problem:
            raised.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    while one._idle:
        time.sleep(0.01)
    time.sleep(0.1)
    one.end()
    thread.join()
    assert [type(problem) for problem in raised] == [NoChild]
    assert gone(process)
    with pytest.raises(NoChild):
        one.call(child_work.me, timeout_s=LONG_S)


@pytest.mark.parametrize("busy", [False, True])
def test_children_die_with_their_parent(busy: bool) -> None:
    script = (
        "from platform_core.children import Children\n"
        "from tests.platform_core import child_work\n"
        "if __name__ == '__main__':\n"
        "    pool = Children(child_work.begin, most=1, calls=9)\n"
        "    print(pool.call(child_work.me, timeout_s=60), flush=True)\n"
        f"    pool.call(child_work.sleep, 60 if {busy} else 0, timeout_s=60); print('idle', flush=True)\n"
        "    pool.call(child_work.sleep, 0, timeout_s=60); input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout and parent.stdin
    process = int(parent.stdout.readline())
    assert not gone(process)
    parent.kill()
    parent.communicate()
    wait_until_gone(process)


GREEDY = """
import resource, sys
from platform_core.child_life import bound_memory
bound_memory(600, for_good=sys.argv[1] == "for good")
try:
    bytearray(1 << 30)
except MemoryError:
    print("bound")
try:
    resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    print(len(bytearray(1 << 30)))
except ValueError:
    print("for good")
"""


@pytest.mark.parametrize("how", ["for good", "for now"])
def test_a_process_that_asks_for_more_than_its_bound_gets_an_error(how: str) -> None:
    asked = [sys.executable, "-c", GREEDY, how]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    assert said[:2] == ["bound", "for good" if how == "for good" else str(1 << 30)]
