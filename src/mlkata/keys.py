"""Key presses of the terminal, each at once, put somewhere by a thread of its own."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SEQUENCE = re.compile(r"\x1b(\[[0-9;]*[A-Za-z~]|O[A-Za-z])")


@contextmanager
def key_presses(put: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Have `put` called with each character that is typed; an empty one says that no more will come.

    What is yielded is to be called after the process was stopped and continued, since a shell sets the terminal back.
    Nothing happens where standard input is no terminal.
    """
    if not sys.stdin.isatty():
        yield lambda: None
    elif sys.platform == "win32":
        threading.Thread(target=_read_windows, args=(put,), daemon=True).start()
        yield lambda: None
    else:
        import termios
        import tty

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        tty.setcbreak(terminal, termios.TCSANOW)
        threading.Thread(target=_read, args=(terminal, put), daemon=True).start()
        try:
            yield lambda: tty.setcbreak(terminal, termios.TCSANOW)
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def typed(chunk: bytes) -> str:
    """The characters of what a terminal sent at once; an arrow or function key, which sends several, is none.

    >>> typed(b"n\\x1b[Ah"), typed(b"\\x1bOP")
    ('nh', '')
    """
    return _SEQUENCE.sub("", chunk.decode("utf-8", errors="ignore"))


def _read(terminal: int, put: Callable[[str], None]) -> None:
    while True:
        try:
            chunk = os.read(terminal, 64)
        except OSError:  # the terminal is gone
            chunk = b""
        for character in typed(chunk):
            put(character)
        if not chunk:
            put("")
            return


def _read_windows(put: Callable[[str], None]) -> None:
    import msvcrt

    while True:
        character = msvcrt.getwch()  # type: ignore[attr-defined]
        if character in ("\0", "\xe0"):  # the first half of an arrow or function key
            msvcrt.getwch()  # type: ignore[attr-defined]
        else:
            put("\n" if character == "\r" else character)
