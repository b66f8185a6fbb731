"""A program in a pseudo-terminal: what it shows, and what is typed."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path

PATIENCE = 60.0  # seconds until a test gives up; nothing is measured against it
_CLEAR = "\x1b[2J"
_CONTROLS = re.compile(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[0-9;?]*[A-Za-z]")


class PseudoTerminal:
    """Starts a command as the foreground of a terminal of its own."""

    def __init__(self, command: list[str], *, cwd: Path, columns: int = 100, **environment: str) -> None:
        self.master, self.terminal = os.openpty()
        self.resize(columns)
        self.before = termios.tcgetattr(self.terminal)
        plain = {
            name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")
        }
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            stdin=self.terminal,
            stdout=self.terminal,
            stderr=self.terminal,
            cwd=cwd,
            env={**plain, "TERM": "xterm-256color", **environment},
        )
        self.raw = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self.master, 1 << 16)
            except OSError:
                return
            self.raw += chunk.decode("utf-8", errors="replace")

    def screen(self) -> str:
        """What was shown since the screen was cleared last, without colours and links."""
        return _CONTROLS.sub("", self.raw.rpartition(_CLEAR)[2]).replace("\r\n", "\n")

    def wait_for(self, pattern: str) -> str:
        """Wait until something stands on the screen, and answer all of it."""
        until = time.monotonic() + PATIENCE
        while not re.search(pattern, shown := self.screen(), re.MULTILINE):
            assert time.monotonic() < until, f"{pattern!r} does not come; the screen is\n{shown}"
            assert self.process.poll() is None, f"{pattern!r} did not come before the end; the screen is\n{shown}"
            time.sleep(0.005)
        return shown

    def wait_for_the_end(self, pattern: str) -> str:
        """What stands on the screen of a program that has ended, once something that it said last has arrived."""
        until = time.monotonic() + PATIENCE
        while not re.search(pattern, shown := self.screen(), re.MULTILINE):
            assert time.monotonic() < until, f"{pattern!r} was not said; the screen is\n{shown}"
            time.sleep(0.005)
        return shown

    def type(self, text: str) -> None:
        """Type characters."""
        os.write(self.master, text.encode())

    def resize(self, columns: int, lines: int = 40) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def ended(self) -> int:
        """Wait for the end, and answer the exit code."""
        return self.process.wait(PATIENCE)

    def is_as_before(self) -> bool:
        """Whether the terminal has the modes that it had."""
        return termios.tcgetattr(self.terminal) == self.before

    def close(self) -> None:
        """End whatever still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.terminal)
        os.close(self.master)
