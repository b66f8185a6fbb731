"""A runner forks a worker for each order, and nothing that it started outlives it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from toy import load_request

from mlkata import wire
from mlkata.errors import HarnessError, WorkerLost
from mlkata.runner import Order, Runner, fork_quietly, imports_of, orphan_guard

SOURCE = """
import os
import sys

calls = 0


def pid():
    return os.getpid()


def count():
    global calls
    calls += 1
    return calls


def chatter():
    print("on stdout")
    print("on stderr", file=sys.stderr)
    os.write(1, b"past Python")
    return sys.stdin.read()


def take(megabytes):
    return len(bytes([1]) * (megabytes * 2**20))


def imported():
    return sorted({"numpy", "pandas", "torch"} & set(sys.modules))


def threads():
    return len(os.listdir("/proc/self/task"))


def interrupt():
    os.kill(os.getppid(), 2)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runners are for Linux alone")


@pytest.fixture
def path(tmp_path):
    source = tmp_path / "source.py"
    source.write_text(SOURCE)
    return str(source)


@pytest.fixture(params=[True, False], ids=["forked", "from nothing"])
def runner(request):
    runner = Runner.start((), fork=request.param)
    yield runner
    runner.close()


def begin(runner, path, **order):
    link = runner.worker(Order(path, **order), seconds=20)
    assert "value" in link.ask(load_request(path))
    return link


def call(link, name, *args):
    return link.ask({"do": "call", "target": name, "args": args, "kwargs": {}})


def is_alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def test_worker_lives_in_a_process_of_its_own(runner, path):
    link = begin(runner, path)

    pid = call(link, "pid")["value"]

    assert pid == link.pid
    assert pid not in (os.getpid(), runner._pid)


def test_every_worker_begins_anew(runner, path):
    first, second = begin(runner, path), begin(runner, path)

    assert [call(link, "count")["value"] for link in (first, first, second)] == [1, 2, 1]


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "from nothing"])
def test_what_a_worker_prints_goes_nowhere(path, capfd, fork):
    runner = Runner.start((), fork=fork)

    assert call(begin(runner, path), "chatter")["value"] == ""

    runner.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["python", "numpy"])
def test_runner_imports_what_its_kind_needs(kind, path):
    runner = Runner.start(imports_of(kind), fork=False)
    try:
        assert call(begin(runner, path), "imported")["value"] == ([] if kind == "python" else [kind])
    finally:
        runner.close()


def test_worker_has_one_thread(runner, path):
    assert call(begin(runner, path), "threads")["value"] == 1


def test_memory_limit_is_a_memory_error_of_the_submission(runner, path):
    link = begin(runner, path, memory_mb=64)

    assert call(link, "take", 16)["value"] == 16 * 2**20
    assert call(link, "take", 128)["error"]["type"] == "MemoryError"


def test_killed_worker_leaves_the_others_alone(runner, path):
    first, second = begin(runner, path), begin(runner, path)

    first.close()

    assert wait_until(lambda: not is_alive(first.pid))
    assert call(second, "pid")["value"] == second.pid


def test_killing_twice_is_harmless(runner, path):
    link = begin(runner, path)

    link.close()
    wait_until(lambda: not is_alive(link.pid))
    link.close()


def test_ended_workers_are_reaped(runner, path):
    first = begin(runner, path)
    first.close()
    wait_until(lambda: not is_alive(first.pid))

    begin(runner, path)

    assert wait_until(lambda: not Path(f"/proc/{first.pid}").exists())


def test_workers_end_when_their_channel_is_closed(runner, path):
    link = begin(runner, path)

    link.close()

    assert wait_until(lambda: not is_alive(link.pid))


def test_closing_ends_the_runner_and_its_workers(runner, path):
    links = [begin(runner, path) for _ in range(2)]

    runner.close()

    assert not any(map(is_alive, [runner._pid, *(link.pid for link in links)]))


def test_workers_die_with_a_killed_runner(runner, path):
    link = begin(runner, path)

    os.kill(runner._pid, signal.SIGKILL)

    assert wait_until(lambda: not is_alive(link.pid))


def test_interrupt_does_not_end_the_runner(runner, path):
    call(begin(runner, path), "interrupt")

    assert call(begin(runner, path), "count")["value"] == 1


@pytest.mark.parametrize("first_to_close", [0, 1])
def test_two_runners_close_in_either_order(path, first_to_close):
    runners = [Runner.start((), fork=True) for _ in range(2)]
    links = [begin(runner, path) for runner in runners]
    assert [call(link, "count")["value"] for link in links] == [1, 1]

    ended = threading.Thread(target=runners[first_to_close].close, daemon=True)
    ended.start()
    ended.join(10)
    assert not ended.is_alive(), "closing one runner waits for the other"

    assert call(links[1 - first_to_close], "count")["value"] == 2
    runners[1 - first_to_close].close()


def test_child_that_closes_a_runner_leaves_it_running(path):
    runner = Runner.start((), fork=True)
    pid = fork_quietly()
    if pid == 0:
        with orphan_guard():
            runner.close()
    assert os.waitpid(pid, 0)[1] == 0

    assert call(begin(runner, path), "count")["value"] == 1
    runner.close()


PARENT = """
import sys, time
from mlkata.runner import Order, Runner
runner = Runner.start((), fork=sys.argv[2] == "forked")
link = runner.worker(Order(sys.argv[1]), seconds=20)
print(runner._pid, link.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", ["forked", "from nothing"])
def test_runner_and_workers_die_with_the_process_that_started_them(path, how):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, path, how], stdout=subprocess.PIPE, text=True)
    with parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert all(map(is_alive, pids))

        parent.kill()

        assert wait_until(lambda: not any(map(is_alive, pids)))


def test_order_to_a_runner_that_is_gone_is_a_harness_error(runner, path):
    os.kill(runner._pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(runner._pid))

    with pytest.raises(HarnessError, match="the process that forks workers is gone"):
        runner.worker(Order(path), seconds=5)


def test_runner_that_goes_before_it_answers_is_a_harness_error(path):
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = fork_quietly()
    if pid == 0:
        with orphan_guard():
            theirs.recv(1 << 16)
    theirs.close()

    with pytest.raises(HarnessError, match="the process that forks workers is gone"):
        Runner(mine, pid).worker(Order(path), seconds=5)
    os.waitpid(pid, 0)


def test_orphan_guard_never_returns():
    reading, writing = os.pipe()
    pid = fork_quietly()
    if pid == 0:
        with orphan_guard():
            try:
                with orphan_guard():
                    raise ValueError
            finally:
                os.write(writing, b"returned")
    os.close(writing)

    assert os.waitpid(pid, 0)[1] != 0
    assert os.read(reading, 100) == b""
    os.close(reading)


def test_other_threads_make_a_forked_runner_start_from_nothing(path):
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        runner = Runner.start((), fork=True)
        assert wait_until(lambda: b"mlkata.runner" in Path(f"/proc/{runner._pid}/cmdline").read_bytes())
        assert call(begin(runner, path), "count")["value"] == 1
        runner.close()
    finally:
        stop.set()
        thread.join()


def test_what_is_no_order_ends_the_runner_alone():
    runner = Runner.start((), fork=True)
    runner._control.send(wire.encode("no order"))

    assert wait_until(lambda: not is_alive(runner._pid))
    runner.close()


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("os._exit(7)", r"it exited with code 7"),
        ("os.kill(os.getpid(), 11)", r"SIGSEGV"),
        ("os.kill(os.getpid(), 9)", r"SIGKILL"),
    ],
)
def test_worker_that_dies_is_told_how(tmp_path, act, told):
    source = tmp_path / "dies.py"
    source.write_text(f"import os\n\n\ndef f():\n    {act}\n")
    runner = Runner.start((), fork=True)
    try:
        for _ in range(2):  # the first to die is not taken for the second
            link = runner.worker(Order(str(source)), seconds=20)
            link.ask(load_request(source))
            with pytest.raises(WorkerLost, match=told):
                link.ask({"do": "call", "target": "f", "args": (), "kwargs": {}})
    finally:
        runner.close()
