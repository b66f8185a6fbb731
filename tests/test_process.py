"""A process is held by a descriptor and watched from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from mlkata.errors import WorkerLost
from mlkata.process import Process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are held so on Linux alone")

MEGABYTE = 1 << 20

# Answers each line of Python on standard input with what it comes to.
CHILD = """
import mmap, sys, threading, time

kept = []

def read_mapped(path):
    with open(path, "rb") as file:
        kept.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return sum(kept[-1][place] for place in range(0, len(kept[-1]), 4096))

def burn(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass

def burn_in_threads(count, seconds):
    threads = [threading.Thread(target=burn, args=(seconds,)) for _ in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

def touch(megabytes):
    return len(bytearray(b"x") * (megabytes << 20))

for line in sys.stdin:
    print(eval(line), flush=True)
"""


class Child:
    """A process that does what it is told, and the handle on it."""

    def __init__(self):
        command = [sys.executable, "-c", CHILD]
        self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process = Process(os.pidfd_open(self.popen.pid))
        self.do("None")

    def begin(self, text):
        self.popen.stdin.write(text + "\n")
        self.popen.stdin.flush()

    def do(self, text):
        self.begin(text)
        return self.popen.stdout.readline().strip()

    def die(self):
        self.popen.kill()
        self.popen.wait()


@pytest.fixture
def child():
    child = Child()
    yield child
    child.process.kill()
    with contextlib.suppress(BrokenPipeError):
        child.popen.stdin.close()
    child.popen.stdout.close()
    child.popen.wait()


def test_number_is_that_of_the_process(child):
    assert child.process.pid == child.popen.pid


def test_kill_ends_it_at_once_and_closes_the_descriptor(child):
    before = len(os.listdir("/proc/self/fd"))

    child.process.kill()

    assert child.popen.wait(10) == -signal.SIGKILL
    assert len(os.listdir("/proc/self/fd")) == before - 1


def test_killing_and_signalling_again_are_harmless(child):
    child.process.kill()
    child.popen.wait(10)

    child.process.kill()
    child.process.signal(signal.SIGTERM)


def test_signal_to_one_that_is_gone_is_harmless(child):
    child.die()

    child.process.signal(signal.SIGTERM)


def test_stopped_process_goes_on(child):
    child.process.signal(signal.SIGSTOP)
    os.waitpid(child.popen.pid, os.WUNTRACED)
    child.process.signal(signal.SIGCONT)

    assert child.do("1 + 1") == "2"


def test_cpu_time_grows_by_what_was_worked_and_not_by_sleep(child):
    before = child.process.cpu_nanoseconds()
    child.do("time.sleep(0.1)")
    slept = child.process.cpu_nanoseconds()
    child.do("burn(0.1)")
    burnt = child.process.cpu_nanoseconds()

    assert slept - before < 0.05e9
    assert 0.1e9 <= burnt - slept < 0.2e9


def test_cpu_time_counts_all_threads_and_those_that_ended(child):
    before = child.process.cpu_nanoseconds()

    child.do("burn_in_threads(3, 0.05)")

    assert 0.15e9 <= child.process.cpu_nanoseconds() - before < 0.4e9


def test_cpu_time_has_settled_when_it_is_told(child):
    for _ in range(20):
        child.do("burn(0.002)")
        first = child.process.cpu_nanoseconds()
        time.sleep(0.002)

        assert child.process.cpu_nanoseconds() == first


def test_cpu_time_of_one_that_never_rests_is_told_all_the_same(child):
    child.begin("burn(60)")
    time.sleep(0.02)
    began = time.monotonic()

    first = child.process.cpu_nanoseconds()

    assert time.monotonic() - began < 2
    time.sleep(0.05)
    assert child.process.running_cpu_nanoseconds() > first


def test_threads_are_counted(child):
    assert child.process.threads() == 1

    child.do("[threading.Thread(target=time.sleep, args=(60,), daemon=True).start() for _ in range(3)]")

    assert child.process.threads() == 4


def test_peak_is_what_was_taken_at_most_until_it_is_forgotten(child):
    resting = child.process.resident_bytes()
    child.do("touch(64)")

    assert child.process.peak_bytes() >= resting + 60 * MEGABYTE
    assert child.process.resident_bytes() < resting + 32 * MEGABYTE

    child.process.forget_peak()
    assert child.process.peak_bytes() < resting + 32 * MEGABYTE

    child.do("touch(40)")
    assert resting + 36 * MEGABYTE <= child.process.peak_bytes() < resting + 60 * MEGABYTE


def test_pages_of_files_are_told_from_memory_of_its_own(child, tmp_path):
    (tmp_path / "large").write_bytes(bytes(32 * MEGABYTE))
    before = child.process.mapped_bytes()

    child.do("touch(64)")
    assert child.process.mapped_bytes() < before + 4 * MEGABYTE

    child.do(f"read_mapped({str(tmp_path / 'large')!r})")
    assert before + 30 * MEGABYTE < child.process.mapped_bytes() < before + 40 * MEGABYTE


@pytest.mark.parametrize(
    "ask", [Process.cpu_nanoseconds, Process.running_cpu_nanoseconds, Process.resident_bytes, Process.forget_peak]
)
def test_one_that_is_gone_has_no_figures(child, ask):
    child.die()

    with pytest.raises(WorkerLost, match="the process that held the submission died"):
        ask(child.process)


def test_one_that_is_gone_has_no_threads(child):
    child.die()

    assert child.process.threads() == 0


def test_one_that_has_ended_and_was_not_waited_for_has_no_figures_either(child):
    os.kill(child.popen.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.popen.pid, os.WEXITED | os.WNOWAIT)

    with pytest.raises(WorkerLost):
        child.process.peak_bytes()
