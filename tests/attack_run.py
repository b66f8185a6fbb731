"""Grades hostile submissions, each between honest ones, and writes what became of them; run in a process of its own.

Arguments: the catalogue, the exercise, the file to write; standard input has the paths of the attacks.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from mlkata.cases import Case
from mlkata.catalog import Catalog
from mlkata.errors import MlkataError
from mlkata.grading import Grader, walls_for, warm_up


def main() -> None:
    root, id, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    exercise = Catalog(root).exercise(id)
    folder = root / "submissions" / id
    walls = walls_for(exercise)
    walls.clean()
    warm_up(exercise)
    grader = Grader(exercise, walls=walls)
    honest = folder / "control_right.py"
    story = {"control_" + name: tell(grader, folder / f"control_{name}.py") for name in CONTROLS}
    most = len(descendants(os.getpid()))
    for path in map(Path, json.load(sys.stdin)):
        attack = tell(grader, path)
        measures = path.stem.startswith(("time", "memory"))
        after = tell(grader, honest, without=frozenset() if measures else frozenset(["performance"]))
        left = processes_beyond(most)
        story[path.stem] = {"attack": attack, "after": after, "left": left}
        out.write_text(json.dumps(story))
    story["control_last"] = tell(grader, honest)
    out.write_text(json.dumps(story))
    grader.close()
    walls.close()


CONTROLS = ("right", "wrong", "slow", "greedy")


def tell(grader: Grader, path: Path, *, without: frozenset[str] = frozenset()) -> dict[str, object]:
    """How grading a submission went; most attacks are refused by the rules, and it is the walls that are tried."""
    began = time.monotonic()
    try:
        report = grader.grade(Case(path.name, path, obey_rules=False, without=without)).report
    except MlkataError as error:
        return {"seconds": time.monotonic() - began, "error": f"{type(error).__name__}: {error}"}
    return {
        "seconds": time.monotonic() - began,
        "earned": report.total().earned,
        "possible": report.total().possible,
        "complete": report.complete,
        "sandboxed": report.sandboxed,
        "outcomes": {check.name: str(check.outcome) for check in report.checks},
        "measured": [asdict(each) for check in report.checks for each in check.measurements],
        "report": report.to_json(),
    }


def processes_beyond(most: int, *, seconds: float = 2.0) -> int:
    """How many more processes than `most` there are of this one's, once those that were ended are gone."""
    end = time.monotonic() + seconds
    while (left := len(descendants(os.getpid())) - most) > 0 and time.monotonic() < end:
        time.sleep(0.01)
    return max(left, 0)


def descendants(pid: int) -> set[int]:
    """The processes that a process started, and those that these started."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if words[0] != "Z":
            parents[int(name)] = int(words[1])
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found


if __name__ == "__main__":
    main()
