"""Known mistakes, written again by another hand, are refused, and most of them are named; none is named wrongly.

tests/rewritten/ holds them, under the names of the wrong answers that they repeat; what is known not to be named stands
in tests/rewritten/unnamed.toml.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from drawing import draws

from mlkata.catalog import Catalog, content_root

FOLDER = Path(__file__).parent / "rewritten"
IDS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
UNNAMED = tomllib.loads((FOLDER / "unnamed.toml").read_text(encoding="utf-8"))

SCRIPT = """
import json, sys
from pathlib import Path

from mlkata.catalog import Catalog, content_root
from mlkata.cases import Case
from mlkata.grading import grade_cases

exercise = Catalog(content_root()).exercise(sys.argv[1])
paths = [*sorted(Path(sys.argv[2]).glob("*.py")), *exercise.right]
left_out = frozenset({"performance", "gpu"})
found = {}
for each in grade_cases(exercise, [Case(path.name, path, without=left_out, diagnose=True) for path in paths]):
    checks = each.report.checks
    found[str(each.case.path)] = {
        "checks": len(checks),
        "failed": sum(check.outcome != "passed" for check in checks),
        "refused": sorted({check.outcome for check in checks} - {"passed", "failed", "timed out"}),
        "named": sorted({check.diagnosis for check in checks if check.diagnosis}),
    }
Path(sys.argv[3]).write_text(json.dumps(found))
"""


def misconception(id, name):
    """What the wrong answer of that name says of itself."""
    import ast

    path = content_root() / "graders" / id / "wrong" / f"{name}.py"
    return " ".join(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).split())


@pytest.mark.parametrize("id", IDS)
def test_mistakes_in_another_hand(id, tmp_path):
    out = tmp_path / "found.json"
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, id, str(FOLDER / id), str(out)], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    found = {Path(path): each for path, each in json.loads(out.read_text()).items()}
    mistakes = {path.stem: each for path, each in found.items() if path.parent == FOLDER / id}

    assert [name for name, each in mistakes.items() if not each["failed"]] == [], "accepted"
    assert [name for name, each in mistakes.items() if each["failed"] == each["checks"]] == [], "passes no check"
    assert {name: each["refused"] for name, each in mistakes.items() if each["refused"]} == {}, "does not run"
    unnamed = [name for name, each in mistakes.items() if each["named"] != [misconception(id, name)]]
    wrongly = {name: mistakes[name]["named"] for name in unnamed if mistakes[name]["named"]}
    assert wrongly.keys() <= set(UNNAMED["wrongly"].get(id, [])), "named wrongly"
    surely = {name for name in unnamed if not draws(FOLDER / id / f"{name}.py")}
    assert surely <= {*UNNAMED["not"].get(id, []), *UNNAMED["wrongly"].get(id, [])}, "not named"
    assert [path.name for path, each in found.items() if path.parent != FOLDER / id and each["named"]] == []


def test_most_mistakes_are_named():
    files = [path for id in IDS for path in (FOLDER / id).glob("*.py")]
    unnamed, wrongly = (sum(map(len, UNNAMED[how].values())) for how in ("not", "wrongly"))

    assert 1 - (unnamed + wrongly) / len(files) >= 0.8
    assert wrongly / len(files) < 0.02


def test_every_exercise_has_its_mistakes_in_another_hand():
    assert set(IDS) == set(Catalog(content_root()).ids())
