"""What grading one submission costs: CPU time for each exercise, and wall time beyond the checks' own computing.

    python benchmarks/grading.py --repeats 20 --json grading.json

Right and wrong answers are graded as a class's would be, in the sandbox, one slot, warm. `overhead` is the wall time of
a submission that answers None at once to a grader with one check; it stands beside the time of a fresh
`python -m pytest` process that imports the same and runs one check. Both are measured in turn in one run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from mlkata.catalog import Catalog, Exercise, content_root
from mlkata.slot import Job, Slot

GRADER = '''"""Hidden checks of idle."""

import pytest
from mlkata.compare import assert_equal


@pytest.mark.correctness("one")
def test_one(submission):
    """It answers one."""
    assert_equal(submission.idle(), 1, what="the answer")
'''
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
ANSWER = "import {kind}\n\n\ndef idle():\n    return {number}\n"
PLAIN_TEST = "import {kind}\nfrom answer import idle\n\n\ndef test_one():\n    assert idle() == 1\n"


def cpu_of_children() -> float:
    """CPU seconds of every process below this one, ended ones included as far as their parents waited for them."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def memory_of_children() -> float:
    """Megabytes of all processes below this one; what they share is counted once."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        try:
            total += child.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 2**20


def job(exercise: Exercise, path: Path, seed: int) -> Job:
    """A submission as a class's."""
    return Job(exercise.id, path.read_text(encoding="utf-8"), path.name, str(exercise.folder.parents[1]), seed)


def cost_of(exercise: Exercise) -> dict[str, object]:
    """CPU and wall seconds of each right and wrong answer, and of the reference's."""
    slot = Slot()
    try:
        slot.grade(job(exercise, exercise.stub, 0))
        cpu, wall = [], []
        for number, path in enumerate((*exercise.right, *exercise.wrong)):
            before, started = cpu_of_children(), time.monotonic()
            slot.grade(job(exercise, path, number))
            wall.append(time.monotonic() - started)
            cpu.append(cpu_of_children() - before)
        memory = memory_of_children()
    finally:
        slot.close()
    return {
        "exercise": exercise.id,
        "submissions": len(cpu),
        "cpu_median": statistics.median(cpu),
        "cpu_most": max(cpu),
        "cpu": cpu,
        "wall_median": statistics.median(wall),
        "megabytes": memory,
    }


def overhead(kind: str, repeats: int) -> dict[str, object]:
    """Wall seconds of an idle submission, and of a fresh pytest process, in turn."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        folder = root / "exercises" / "idle"
        folder.mkdir(parents=True)
        (folder / "exercise.toml").write_text(METADATA.format(kind=kind))
        (folder / "idle.py").write_text("def idle():\n    raise NotImplementedError\n")
        (folder / "test_idle.py").write_text(
            "from mlkata.compare import assert_equal\n\n\ndef test_one(submission):\n"
            "    assert_equal(submission.idle(), 1)\n"
        )
        (root / "graders" / "idle").mkdir(parents=True)
        (root / "graders" / "idle" / "test_idle.py").write_text(GRADER)
        plain = root / "plain"
        plain.mkdir()
        (plain / "test_answer.py").write_text(PLAIN_TEST.format(kind=kind))
        slot, ours, fresh = Slot(), [], []
        try:
            for number in range(repeats + 1):
                source = ANSWER.format(kind=kind, number=number % 2)
                started = time.monotonic()
                slot.grade(Job("idle", source, "idle.py", str(root), number))
                ours.append(time.monotonic() - started)
                (plain / "answer.py").write_text(source)
                started = time.monotonic()
                command = [sys.executable, "-m", "pytest", "-q", "-p", "no:mlkata", str(plain)]
                subprocess.run(command, capture_output=True, check=False)
                fresh.append(time.monotonic() - started)
        finally:
            slot.close()
    return {
        "kind": kind,
        "ours": statistics.median(ours[1:]),
        "most": max(ours[1:]),
        "fresh": statistics.median(fresh[1:]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--repeats", type=int, default=20, help="of the idle submission")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    catalog = Catalog(content_root())
    overheads = [overhead(kind, options.repeats) for kind in ("numpy", "torch")]
    print("| kind | ours, median | ours, most | fresh pytest process |\n| --- | --- | --- | --- |")
    for each in overheads:
        print(f"| {each['kind']} | {each['ours']:.3f} s | {each['most']:.3f} s | {each['fresh']:.2f} s |")
    rows = [cost_of(catalog.exercise(id)) for id in options.ids or catalog.ids()]
    print("\n| exercise | submissions | CPU, median | CPU, most | wall, median | memory of one slot |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print(
            f"| {row['exercise']} | {row['submissions']} | {row['cpu_median']:.2f} s | {row['cpu_most']:.2f} s "
            f"| {row['wall_median']:.2f} s | {row['megabytes']:.0f} MB |"
        )
    medians = [row["cpu_median"] for row in rows]
    print(f"\nmedian over the exercises: {statistics.median(medians):.2f} s of CPU")
    if options.json:
        options.json.write_text(json.dumps({"overheads": overheads, "exercises": rows}), encoding="utf-8")


if __name__ == "__main__":
    main()
