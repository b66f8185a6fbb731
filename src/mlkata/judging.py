"""Judges the file of an exercise for somebody who waits for it, and can give up for a newer version.

On Linux a warm process does it, elsewhere a run of pytest each time.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mlkata.report import CheckResult, Report, check_from

PATIENCE = 0.02  # seconds after which it is asked again whether a verdict is wanted


@dataclass(frozen=True)
class Verdict:
    """What became of a submission: a report and the visible examples, or why there is none."""

    report: Report | None
    examples: tuple[CheckResult, ...] = ()
    trouble: str = ""


IsWanted = Callable[[], bool]
Early = Callable[[Verdict], None]


def always() -> bool:
    """Whatever is judged is wanted."""
    return True


def nobody(verdict: Verdict) -> None:
    """Nobody waits for a verdict that is not whole."""


class Judge(Protocol):
    """Somebody who judges.

    Attributes
    ----------
    records : bool
        Whether it writes down what became of a run.
    """

    records: bool

    def prepare(self, folder: Path) -> None:
        """Make ready what the exercise in a folder needs."""

    def judge(self, folder: Path, *, is_wanted: IsWanted = always, early: Early = nobody) -> Verdict | None:
        """What became of the exercise's own file; None where that is given up.

        That is so once it is not wanted any more, and where the file was changed meanwhile: then ask again.

        `early` may be called with a verdict without the checks that take long, as soon as that is known.
        """

    def close(self) -> None:
        """End what was started."""


def new_judge() -> Judge:
    """The best that this system has; the thread that asks for it must outlive it."""
    return WarmJudge() if sys.platform == "linux" else FreshJudge()


class WarmJudge:
    """Asks `mlkata.warm`; a process that died is started anew."""

    records = False

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the process)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mlkata.warm", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,
        )

    def prepare(self, folder: Path) -> None:
        self._ask(folder, always, prepare=True)

    def judge(self, folder: Path, *, is_wanted: IsWanted = always, early: Early = nobody) -> Verdict | None:
        answer = self._ask(folder, is_wanted, prepare=False)
        while answer.get("more"):
            early(_verdict(answer))
            answer = self._read(is_wanted)
        return None if "given_up" in answer else _verdict(answer)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._said):
            with contextlib.suppress(BrokenPipeError):  # of a request that nobody read
                file.close()

    def _ask(self, folder: Path, is_wanted: IsWanted, *, prepare: bool) -> dict[str, Any]:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # then no answer can be read either
            self._process.stdin.write(json.dumps({"folder": str(folder), "prepare": prepare}).encode() + b"\n")
            self._process.stdin.flush()
        return self._read(is_wanted)

    def _read(self, is_wanted: IsWanted) -> dict[str, Any]:
        line = self._answer(is_wanted)
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._said.seek(0)
        said = self._said.read()[-1000:].decode("utf-8", errors="replace").strip()
        self.close()
        self._start()
        return {"trouble": f"the process that judges ended; save again, and report it if that helps nothing\n{said}"}

    def _answer(self, is_wanted: IsWanted) -> bytes:
        """Wait for a line. A signal to give up can come too early, so it is sent until the line is there."""
        assert self._process.stdout is not None
        while not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            if not is_wanted():
                from mlkata.warm import GIVE_UP

                self._process.send_signal(GIVE_UP)
        return self._process.stdout.readline()


def _verdict(answer: Mapping[str, Any]) -> Verdict:
    if "trouble" in answer:
        return Verdict(None, trouble=answer["trouble"])
    examples = tuple(check_from(each) for each in answer["examples"])
    return Verdict(Report.from_json(json.dumps(answer["report"])), examples)


class FreshJudge:
    """Runs pytest, which itself writes down what became of the run."""

    records = True

    def prepare(self, folder: Path) -> None:
        pass

    def judge(self, folder: Path, *, is_wanted: IsWanted = always, early: Early = nobody) -> Verdict | None:
        with tempfile.TemporaryDirectory() as name:
            path, log = Path(name) / "report.json", Path(name) / "said.txt"
            command = [sys.executable, "-m", "pytest", str(folder), "-q", f"--report-json={path}"]
            with log.open("wb") as said:
                process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
                while not _has_ended(process):
                    if not is_wanted():
                        process.kill()
                        process.wait()
                        return None
            try:
                [report] = json.loads(path.read_text(encoding="utf-8"))
                return Verdict(Report.from_json(json.dumps(report)))
            except (OSError, ValueError):
                text = log.read_text(encoding="utf-8", errors="replace").strip()
                return Verdict(None, trouble=f"pytest came to no verdict:\n{text[-1000:]}")

    def close(self) -> None:
        pass


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process ended within a moment."""
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        return False
    return True
