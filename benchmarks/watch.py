"""How long it takes from a save to the verdict on the screen of `mlkata watch`.

    python benchmarks/watch.py ab_sample_size focal_loss --rounds 20

`mlkata watch ID` runs in a pseudo-terminal in a fresh practice folder. A right answer and one with its first check
broken are saved in turn; what is measured is wall time from the call that writes the file to the verdict's last line.
Where performance is graded, the first verdict, which leaves it out, is what counts. Beside it stands the time that the
same checks need by themselves: all of them, in a process that has collected them, without a fork, a save or a screen.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mlkata.catalog import Catalog, Exercise, content_root
from mlkata.judging import WarmJudge
from mlkata.shipping import init

VERDICT = re.compile(r"\d+ of \d+ checks passed.*\((\d+\.\d+) s\)", re.DOTALL)
CLEAR = "\x1b[2J"


class Terminal:
    """`mlkata watch` in a pseudo-terminal."""

    def __init__(self, root: Path, id: str) -> None:
        self.master, terminal = os.openpty()
        command = [sys.executable, "-c", "from mlkata.cli import main; main()", "watch", id]
        environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "250"}
        self.process = subprocess.Popen(
            command, cwd=root, env=environment, stdin=terminal, stdout=terminal, stderr=terminal
        )
        os.close(terminal)
        self.raw = ""

    def verdict(self, expected: str) -> float:
        """The moment at which a verdict that has a text in it is on the screen."""
        while True:
            screen = self.raw.rpartition(CLEAR)[2]
            if VERDICT.search(screen) and expected in screen:
                return time.perf_counter()
            if not select.select([self.master], [], [], 120)[0]:
                sys.exit(f"no verdict with {expected!r} within two minutes; the screen is\n{screen}")
            self.raw += os.read(self.master, 1 << 16).decode("utf-8", errors="replace")

    def is_quiet(self) -> bool:
        """Wait until nothing runs any more."""
        while select.select([self.master], [], [], 0.3)[0]:
            self.raw += os.read(self.master, 1 << 16).decode("utf-8", errors="replace")
        return "looking closer" not in self.raw.rpartition(CLEAR)[2]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        os.close(self.master)


def checks_alone(exercise: Exercise, answer: Path) -> float:
    """Seconds of pytest's calls of all checks but those of performance, least of three runs."""
    found = []
    for _ in range(3):
        command = [sys.executable, "-m", "pytest", str(exercise.folder), "--submission", str(answer), "-q"]
        done = subprocess.run([*command, "--durations=0", "-vv"], capture_output=True, text=True, check=False)
        lines = re.findall(r"^([\d.]+)s (?:call|setup|teardown) +\S+::(\w+)", done.stdout, re.MULTILINE)
        source = exercise.grader.read_text(encoding="utf-8")
        measured = set(re.findall(r"mark\.performance\(.*?def (\w+)", source, re.DOTALL))
        found.append(sum(float(seconds) for seconds, name in lines if name not in measured))
    return min(found)


def measure(id: str, rounds: int) -> tuple[float, list[float]]:
    """Seconds that the checks need, and those from each save to its verdict."""
    with tempfile.TemporaryDirectory() as name:
        practice, _ = init(Path(name) / "practice", Catalog(content_root()))
        exercise = practice.catalog.exercise(id)
        right = exercise.reference.read_text(encoding="utf-8")
        wrong = exercise.wrong[0].read_text(encoding="utf-8")
        texts = {text: expected(practice.root, exercise, text) for text in (right, wrong)}
        alone = checks_alone(exercise, exercise.reference)
        terminal, found = Terminal(practice.root, id), []
        terminal.verdict("checks passed")
        for number in range(2 * rounds):
            while not terminal.is_quiet():
                pass
            text = (right, wrong)[number % 2]
            began = time.perf_counter()
            exercise.stub.write_text(text, encoding="utf-8")
            found.append(terminal.verdict(texts[text]) - began)
        terminal.close()
    return alone, found


def expected(root: Path, exercise: Exercise, text: str) -> str:
    """What the verdict on an answer says that no other does: how many checks pass before any is measured."""
    exercise.stub.write_text(text, encoding="utf-8")
    judge, early = WarmJudge(), []
    whole = judge.judge(exercise.folder, early=early.append)
    judge.close()
    verdict = early[0] if early else whole
    assert verdict is not None
    assert verdict.report is not None
    return f"{verdict.report.total().passed} of {verdict.report.total().checks} checks passed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*", default=["ab_sample_size", "classification_metrics", "focal_loss"])
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    print("| exercise | checks alone | save to verdict, median | 95 % under | most |")
    print("| --- | --- | --- | --- | --- |")
    for id in options.ids:
        alone, found = measure(id, options.rounds)
        most = statistics.quantiles(found, n=20)[-1]
        row = [f"{alone:.2f} s", f"{statistics.median(found):.2f} s", f"{most:.2f} s", f"{max(found):.2f} s"]
        print(f"| {id} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
