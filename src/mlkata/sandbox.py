"""Builds the walls around a runner: bubblewrap's namespaces and file systems (Linux).

Inside there is no network, nothing is readable but the system's programs and the Python that runs, nothing writable but
one small folder in memory, and no other process is to be seen. Graders, solutions and submissions are not there, even
where they lie inside a folder that is.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mlkata
from mlkata import seccomp
from mlkata.confine import WRITABLE
from mlkata.errors import HarnessError, UsageError
from mlkata.runner import Runner, command

DISK_BYTES = 64 << 20
LARGEST_ANSWER = 128 << 20
OLDEST = (0, 7, 0)  # the first bubblewrap with --size

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store", "/etc/ld.so.cache", "/etc/localtime")
_CPU_FACTS = ("/sys/devices/system/cpu", "/sys/devices/system/node")
_PACKAGES = ("mlkata", "numpy", "pandas", "scipy", "sklearn", "threadpoolctl", "torch")
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": WRITABLE,
    "TMPDIR": WRITABLE,
    "USER": "student",
    "LOGNAME": "student",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONSAFEPATH": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class Sandbox(Runner):
    """A runner behind walls, for submissions that are not trusted.

    One submission at a time may live in it: after each, `clean` says whether it can be used again.
    """

    largest_answer = LARGEST_ANSWER
    is_walled = True

    @classmethod
    def build(cls, imports: Sequence[str], *, hide: Iterable[Path] = (), device: str = "cpu") -> Sandbox:
        """Start a runner behind walls; `clean` waits until it is there.

        Parameters
        ----------
        imports : sequence of str
            What it imports before the first submission comes: see `mlkata.runner.imports_of`.
        hide : iterable of Path
            Folders that are empty inside, should they lie where something readable lies.
        device : {"cpu", "cuda"}

        Raises
        ------
        UsageError
            There can be no sandbox on this machine; the message says why.
        """
        reason = unavailable()
        if reason:
            raise UsageError(reason)
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        inside = command(theirs.fileno(), imports, walled=True)
        pid = cls._launch([*walls(hide, device=device), *inside], theirs.fileno())
        theirs.close()
        return cls(mine, pid)

    def close(self) -> None:
        """End everything in it at once."""
        if os.getpid() == self._owner:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        super().close()

    @staticmethod
    def _launch(arguments: Sequence[str], descriptor: int) -> int:
        # Without an environment: that of the first process inside could be read there.
        return subprocess.Popen(arguments, pass_fds=[descriptor], stdin=subprocess.DEVNULL, env={}).pid


class Walls:
    """A sandbox that is built when it is first needed, and anew where a submission left something behind or broke it.

    Parameters
    ----------
    imports, hide, device
        As for `Sandbox.build`.
    """

    def __init__(self, imports: Sequence[str], *, hide: Iterable[Path] = (), device: str = "cpu") -> None:
        self._imports = tuple(imports)
        self._hide = tuple(hide)
        self._device = device
        self._sandbox: Sandbox | None = None

    @property
    def cpu_seconds(self) -> float:
        """What it and its workers had used when it was last clean."""
        return self._sandbox.cpu_seconds if self._sandbox else 0.0

    @cpu_seconds.setter
    def cpu_seconds(self, used: float) -> None:
        """To be set where a fork of this process has used it."""
        if self._sandbox:
            self._sandbox.cpu_seconds = used

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for walls that can stand for each other."""
        return (self._imports, self._hide, self._device)

    def start(self) -> None:
        """Begin to build it, without waiting."""
        if self._sandbox is None:
            self._sandbox = Sandbox.build(self._imports, hide=self._hide, device=self._device)

    def clean(self) -> Sandbox:
        """A sandbox with nothing in it.

        Raises
        ------
        HarnessError
            None can be built.
        """
        for _ in range(2):
            self.start()
            assert self._sandbox is not None
            if self._sandbox.clean():
                return self._sandbox
            self.close()
        raise HarnessError("the sandbox does not start; run `mlkata grade` again and see what bubblewrap prints")

    def close(self) -> None:
        """Take it down."""
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None


@functools.cache
def unavailable() -> str:
    """An empty string, or why there can be no sandbox here and what to do about it."""
    if sys.platform != "linux":
        return f"the sandbox needs Linux, this is {sys.platform}: grade on Linux, or in a container that runs it"
    if not seccomp.is_supported():
        return "the sandbox knows x86_64 and aarch64 processors alone: grade on one of these"
    program = shutil.which("bwrap")
    if program is None:
        return "the sandbox needs bubblewrap, and there is no bwrap on the PATH: install the package bubblewrap"
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(map(int, re.findall(r"\d+", told)))
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return f"the sandbox needs bubblewrap {oldest} or newer, found {told.strip()!r}: install a newer one"
    tried = subprocess.run([*walls(()), "/bin/true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        said = tried.stderr.strip().partition("\n")[0]
        todo = "allow user namespaces (sysctl kernel.unprivileged_userns_clone, AppArmor, or the container's options)"
        return f"bubblewrap cannot build the sandbox here ({said}): {todo}"
    return ""


def walls(hide: Iterable[Path], *, device: str = "cpu") -> list[str]:
    """The command that runs another one behind walls."""
    shown = list(_readable())
    arguments = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--clearenv",
    ]
    for name, value in {**_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(map(str, _package_folders()))}.items():
        arguments += ["--setenv", name, value]
    if not any(path.is_relative_to("/tmp") for path in shown):
        arguments += ["--symlink", WRITABLE, "/tmp"]
    for path in shown:
        arguments += ["--symlink", os.readlink(path), str(path)] if path.is_symlink() else _bound(path)
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(DISK_BYTES), "--tmpfs", WRITABLE]
    if device == "cuda":
        for path in sorted(Path("/dev").glob("nvidia*")):
            arguments += ["--dev-bind", str(path), str(path)]
    for path in _hidden(shown, hide):
        arguments += ["--tmpfs", str(path), "--remount-ro", str(path)]
    return [*arguments, "--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WRITABLE, "--"]


def _bound(path: Path) -> list[str]:
    return ["--ro-bind", str(path), str(path)]


def _readable() -> Iterator[Path]:
    """What can be read inside, each path once and folders before what lies in them."""
    python = [
        sys.prefix,
        sys.base_prefix,
        os.path.dirname(os.path.realpath(sys.executable)),
        *map(str, _package_folders()),
    ]
    python += [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    chosen: list[Path] = []
    for path in sorted({Path(name) for name in (*_SYSTEM, *_CPU_FACTS, *python) if os.path.lexists(name)}):
        if not any(path.is_relative_to(other) and not other.is_symlink() for other in chosen):
            chosen.append(path)
    yield from chosen


def _package_folders() -> list[Path]:
    """Where the packages lie that a worker needs; of a folder that has our own sources, nothing else lies in it."""
    folders: dict[Path, None] = {}
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        for place in (spec and spec.submodule_search_locations) or ([spec.origin] if spec and spec.origin else []):
            folders[Path(place).resolve().parent] = None
    return list(folders)


def _hidden(shown: Sequence[Path], hide: Iterable[Path]) -> Iterator[Path]:
    """The folders to cover: what is hidden and would be seen, and the graders in our own package."""
    content = Path(mlkata.__file__).resolve().parent / "content"
    covered: list[Path] = []
    for path in sorted({Path(os.path.realpath(each)) for each in (content, *hide)}):
        is_seen = any(path.is_relative_to(os.path.realpath(each)) for each in shown)
        if path.is_dir() and is_seen and not any(path.is_relative_to(other) for other in covered):
            covered.append(path)
    yield from covered
