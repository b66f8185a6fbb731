"""Every answer of every exercise passes and fails the same checks in the process of the checks and behind walls.

Of wrong answers that draw random numbers this holds for the checks that they name, which they fail whatever they draw.
What is measured is left to `mlkata verify`: it is measured in the same way, in processes of its own, either way.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from drawing import draws
from walls import needs_walls

from mlkata import sources
from mlkata.catalog import Catalog, content_root

SCRIPT = """
import json, sys
from pathlib import Path

from mlkata.catalog import Catalog
from mlkata.cases import Case
from mlkata.grading import grade_cases, walls_for

exercise = Catalog(Path(sys.argv[1])).exercise(sys.argv[2])
paths = [exercise.stub, exercise.reference, *exercise.right, *exercise.wrong]
cases = [Case(path.name, path, seed=7, without=frozenset({"performance", "gpu"}), obey_rules=False) for path in paths]
walls = walls_for(exercise)
found = []
for each in (None, walls):
    graded = grade_cases(exercise, cases, walls=each)
    found.append(
        {
            str(one.case.path): {
                "checks": {check.name: check.outcome for check in (*one.report.checks, *one.examples)},
                "sandboxed": one.report.sandboxed,
            }
            for one in graded
        }
    )
walls.close()
Path(sys.argv[3]).write_text(json.dumps(found))
"""


@needs_walls
@pytest.mark.parametrize("id", Catalog(content_root()).ids())
def test_answers_fare_the_same_both_ways(id, tmp_path):
    out = tmp_path / "found.json"
    command = [sys.executable, "-c", SCRIPT, str(content_root()), id, str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    here, behind_walls = json.loads(out.read_text())

    assert all(each["sandboxed"] for each in behind_walls.values())
    exercise = Catalog(content_root()).exercise(id)
    drawing = {str(path): set(sources.caught_by(path)) for path in exercise.wrong if draws(path)}
    for path in here:
        same = drawing.get(path, here[path]["checks"].keys()) & here[path]["checks"].keys()
        assert {name: behind_walls[path]["checks"][name] for name in same} == {
            name: here[path]["checks"][name] for name in same
        }, path
    passed = [path for path, each in here.items() if set(each["checks"].values()) == {"passed"}]
    assert {str(path) for path in (exercise.reference, *exercise.right)} <= set(passed)
    assert len(here) == 2 + len(exercise.right) + len(exercise.wrong)
