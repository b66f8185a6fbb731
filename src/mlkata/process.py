"""Another process, held by a descriptor that no later process can take over, and watched in /proc (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from mlkata.errors import WorkerLost

_LONGEST_SETTLING = 0.05  # seconds


class Process:
    """A process.

    Parameters
    ----------
    descriptor : int
        Of `os.pidfd_open`, made here or sent from another PID namespace; this object closes it.
    is_walled : bool
        Whether it lives in the sandbox.

    Attributes
    ----------
    pid : int
        Its number as seen from here.
    """

    def __init__(self, descriptor: int, *, is_walled: bool = False) -> None:
        self._descriptor = descriptor
        self.is_walled = is_walled
        lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
        self.pid = next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))

    def signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self._descriptor >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """End it at once and let go of it."""
        self.signal(signal.SIGKILL)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def cpu_nanoseconds(self) -> int:
        """The CPU time of all its threads so far.

        The kernel adds up a process's time when it stops running, so this waits until it does.
        """
        end = time.monotonic() + _LONGEST_SETTLING
        while self._state() == "R" and time.monotonic() < end:
            time.sleep(0.0002)
        return self.running_cpu_nanoseconds()

    def running_cpu_nanoseconds(self) -> int:
        """The same without waiting: what was added up so far."""
        try:
            return time.clock_gettime_ns(cpu_clock(self.pid))
        except OSError:
            raise WorkerLost.died() from None

    def threads(self) -> int:
        """How many threads it has; 0 where it has ended."""
        try:
            return self._status("Threads")
        except WorkerLost:
            return 0

    def files_in(self, folder: str) -> int:
        """How many files the file system has on which a folder lies that it sees; 0 where it has ended."""
        try:
            found = os.statvfs(f"/proc/{self.pid}/root{folder}")
        except OSError:
            return 0
        return found.f_files - found.f_ffree

    def resident_bytes(self) -> int:
        """Memory that it has now."""
        return self._status("VmRSS") * 1024

    def mapped_bytes(self) -> int:
        """How much of that are pages of files, such as libraries' code that was run so far."""
        return self._status("RssFile") * 1024

    def peak_bytes(self) -> int:
        """The most memory that it had since `forget_peak`."""
        return self._status("VmHWM") * 1024

    def forget_peak(self) -> None:
        """Let the peak begin anew at what it has now."""
        try:
            Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        except OSError:
            raise WorkerLost.died() from None

    def _state(self) -> str:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return "X"

    def _status(self, field: str) -> int:
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))
        except (OSError, StopIteration):
            raise WorkerLost.died() from None


def ending_of(code: int) -> str:
    """How a process ended, from `os.waitstatus_to_exitcode`, in words that say where to look."""
    if code >= 0:
        return f"it exited with code {code}: does your code call sys.exit or os._exit?"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return _ENDINGS.get(name, f"it was ended by {name}: does compiled code or ctypes crash?")


_ENDINGS = {
    "SIGKILL": "the system killed it (SIGKILL): too much CPU time or memory?",
    "SIGXCPU": "it used more CPU time than it may (SIGXCPU): an endless loop?",
    "SIGSEGV": "it touched memory that is not its own (SIGSEGV): endless recursion, or compiled code that crashes?",
    "SIGABRT": "it was aborted (SIGABRT): did compiled code give up, perhaps for lack of memory?",
}


def cpu_clock(pid: int) -> int:
    """The number of the clock that counts a process's CPU time in nanoseconds (Linux: clock_getcpuclockid)."""
    return (~pid << 3) | 2
