"""What autograding a notebook costs in an nbgrader course, beside nbgrader's own Execute.

    python benchmarks/nbgrader_course.py --rounds 5 --json nbgrader.json

The same notebooks of one exercise, with checks that compute next to nothing, are handed in to two courses. In one of
them `mlkata course init`'s configuration grades, in the other nbgrader's own, where the hidden cell holds a plain
assert. `nbgrader autograde` is run on 1 notebook and on all of them, in turn; a marginal second is the difference of
the two wall times, shared by the notebooks between. The peak is the proportional memory of the command with all its
children, read every tenth of a second. The floor is nbgrader without any execution.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from mlkata import course
from mlkata.catalog import Catalog

METADATA = """title = "Idle"
track = "warm_up"
level = "easy"
minutes = 1
questions = []
entry = ["idle"]
kind = "{kind}"
allowed = ["{kind}"]
banned = []
devices = ["cpu"]
points = {{ correctness = 1 }}
limits = {{ seconds = 20, memory_mb = 2048 }}
"""
STUB = 'def idle():\n    raise NotImplementedError("implement idle")\n'
ANSWER = "# {student}\nimport {kind}\n\n\ndef idle():\n    return {number}\n"
VISIBLE = (
    "from mlkata.compare import assert_equal\n\n\ndef test_one(submission):\n    assert_equal(submission.idle(), 1)\n"
)
GRADER = '''"""Hidden checks of idle."""

import pytest
from mlkata.compare import assert_equal


@pytest.mark.correctness("one")
def test_one(submission):
    """It answers one."""
    assert_equal(submission.idle(), 1, what="the answer")
'''
STOCK = """c = get_config()
c.CourseDirectory.course_id = "stock"
"""
FLOOR = (
    STOCK + "from nbgrader.preprocessors import LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata\n"
)
FLOOR += "c.Autograde.autograde_preprocessors = [LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]\n"


def catalogue(folder: Path, kind: str) -> Catalog:
    """One exercise, as idle as can be."""
    texts = {
        "exercises/idle/exercise.toml": METADATA.format(kind=kind),
        "exercises/idle/idle.py": STUB,
        "exercises/idle/README.md": "# Idle\n\n## Signature\n\n```python\ndef idle(): ...\n```\n",
        "exercises/idle/test_idle.py": VISIBLE,
        "solutions/idle.py": f"import {kind}\n\n\ndef idle():\n    return 1\n",
        "graders/idle/test_idle.py": GRADER,
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Catalog(folder)


def make_course(folder: Path, kind: str, way: str, students: int) -> Path:
    """A course whose class has handed in; every notebook is different, and every second one is right."""
    known = catalogue(folder / "catalogue", kind)
    made = folder / way
    course.init(made, "ours", known)
    course.add(made, "ps1", ["idle"], known)
    if way != "ours":
        (made / "nbgrader_config.py").write_text(STOCK if way == "stock" else FLOOR)
        path = made / "source" / "ps1" / "idle.ipynb"
        notebook = json.loads(path.read_text())
        notebook["cells"] = [each for each in notebook["cells"] if each["id"] != "examples"]
        hidden = next(each for each in notebook["cells"] if each["id"] == "correctness")
        hidden["source"] = "### BEGIN HIDDEN TESTS\nassert idle() == 1\n### END HIDDEN TESTS"
        path.write_text(json.dumps(notebook))
    nbgrader(made, "generate_assignment", "ps1")
    released = json.loads((made / "release" / "ps1" / "idle.ipynb").read_text())
    for number in range(students):
        answer = ANSWER.format(student=f"s{number:02}", kind=kind, number=number % 2)
        next(each for each in released["cells"] if each["id"] == "solution")["source"] = answer
        path = made / "submitted" / f"s{number:02}" / "ps1" / "idle.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(released))
    return made


def nbgrader(made: Path, *words: str) -> tuple[float, float, float]:
    """Run a command; answers its wall seconds, its CPU seconds with all children, and its peak in megabytes."""
    began, used = time.monotonic(), cpu_of_children()
    command = [sys.executable, "-m", "nbgrader", *words]
    with subprocess.Popen(command, cwd=made, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        peaks = [0.0]
        watcher = threading.Thread(target=watch, args=(process, peaks))
        watcher.start()
        told, _ = process.communicate()
        watcher.join()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{told}")
    return time.monotonic() - began, cpu_of_children() - used, max(peaks)


def cpu_of_children() -> float:
    """CPU seconds of all processes that ended below this one and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def watch(process: subprocess.Popen[str], peaks: list[float]) -> None:
    """Note the memory of a process and all below it until it ends."""
    root = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        try:
            for each in (root, *root.children(recursive=True)):
                try:
                    total += each.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
        except psutil.NoSuchProcess:
            return
        peaks.append(total / 2**20)
        time.sleep(0.1)


def autograde(made: Path, students: str) -> tuple[float, float, float]:
    """Grade some students with nothing left of an earlier run."""
    for left in ("autograded", ".mlkata"):
        shutil.rmtree(made / left, ignore_errors=True)
    return nbgrader(made, "autograde", "ps1", "--force", f"--student={students}")


def compare(kind: str, students: int, rounds: int) -> dict[str, Any]:
    """Marginal seconds and peaks of each way, in turn."""
    seconds: dict[str, list[float]] = {"ours": [], "stock": [], "floor": []}
    cpu: dict[str, list[float]] = {way: [] for way in seconds}
    peaks: dict[str, float] = dict.fromkeys(seconds, 0.0)
    with tempfile.TemporaryDirectory() as name:
        courses = {way: make_course(Path(name), kind, way, students) for way in seconds}
        for _ in range(rounds):
            for way, made in courses.items():
                alone, cpu_alone, _ = autograde(made, "s00")
                whole, cpu_whole, peak = autograde(made, "*")
                seconds[way].append((whole - alone) / (students - 1))
                cpu[way].append((cpu_whole - cpu_alone) / (students - 1))
                peaks[way] = max(peaks[way], peak)
    return {"kind": kind, "seconds": seconds, "cpu": cpu, "peaks": peaks}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="*", default=["numpy", "torch"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = []
    print("| kind | figure | ours | stock | floor | stock / ours | peak, ours | peak, stock |\n" + "| --- " * 8 + "|")
    for kind in options.kinds:
        each = compare(kind, options.students, options.rounds)
        found.append(each)
        memory = " | ".join(f"{each['peaks'][way]:.0f} MB" for way in ("ours", "stock"))
        for what in ("seconds", "cpu"):
            ours, stock, floor = (statistics.median(each[what][way]) for way in ("ours", "stock", "floor"))
            row = f"{ours:.3f} s | {stock:.2f} s | {floor:.3f} s | {stock / ours:.1f}"
            print(f"| {kind} | {what} | {row} | {memory} |", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
