"""What comes from the terminal: key presses, each at once, and that it has changed."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

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


@contextmanager
def terminal_changes(redraw: Callable[[], None], resume: Callable[[], None]) -> Iterator[None]:
    """Have `redraw` called when the terminal has another size or was given back, and end in order when told to."""

    def changed(number: int, frame: FrameType | None) -> None:
        if number != getattr(signal, "SIGWINCH", None):
            resume()
        redraw()

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    handlers = {"SIGWINCH": changed, "SIGCONT": changed, "SIGTERM": end}
    numbers = {getattr(signal, name): handler for name, handler in handlers.items() if hasattr(signal, name)}
    before = {number: signal.signal(number, handler) for number, handler in numbers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
