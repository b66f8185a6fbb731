"""Grades a large class once, with two slots, and follows the memory of all processes on the way.

    python benchmarks/large_class.py --students 10000

Each submission is a different one, to an exercise that imports torch and has one check. The memory is the proportional
set size of `mlkata grade` and everything below it, so that what processes share is counted once.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from grading import ANSWER, GRADER, METADATA


def write_class(root: Path, students: int) -> Path:
    """A catalogue with one exercise, and a folder of submissions to it."""
    folder = root / "exercises" / "idle"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text(METADATA.format(kind="torch"))
    (folder / "idle.py").write_text("def idle():\n    raise NotImplementedError\n")
    (folder / "test_idle.py").write_text(GRADER.replace('@pytest.mark.correctness("one")\n', ""))
    (root / "graders" / "idle").mkdir(parents=True)
    (root / "graders" / "idle" / "test_idle.py").write_text(GRADER)
    handed_in = root / "class"
    for number in range(students):
        student = handed_in / f"student{number:05}"
        student.mkdir(parents=True)
        (student / "idle.py").write_text(f"# {number}\n" + ANSWER.format(kind="torch", number=number % 3))
    return handed_in


def megabytes(process: psutil.Process) -> float:
    """Of a process and everything below it."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        try:
            total += each.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        handed_in = write_class(root, options.students)
        command = [sys.executable, "-m", "mlkata.cli", "grade", str(handed_in), "--root", str(root)]
        started, figures = time.monotonic(), []
        with subprocess.Popen([*command, "--jobs", str(options.jobs)], stdout=subprocess.PIPE, text=True) as running:
            watched = psutil.Process(running.pid)
            while running.poll() is None:
                figures.append((time.monotonic() - started, megabytes(watched)))
                time.sleep(2)
            print(running.stdout.read() if running.stdout else "")
        wall = time.monotonic() - started
    tenth = max(len(figures) // 10, 1)
    early, late = figures[tenth : 2 * tenth], figures[-tenth:]
    print(f"{options.students} submissions in {wall:.0f} s, {options.students / wall:.1f} a second")
    for what, part in (("second tenth of the run", early), ("last tenth", late), ("whole run", figures)):
        sizes = [size for _, size in part]
        print(f"{what}: {statistics.median(sizes):.0f} MB in the median, {max(sizes):.0f} MB at most")


if __name__ == "__main__":
    main()
