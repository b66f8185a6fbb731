"""The wheel, installed in a fresh environment, brings what a learner needs."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from walls import needs_walls

ROOT = Path(__file__).parents[1]
EXERCISE = "optimal_threshold"

pytestmark = pytest.mark.xdist_group("wheel")


def run(*command, cwd, expect=0):
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", folder, ROOT, cwd=folder)
    (built,) = folder.glob("mlkata-*.whl")
    return built


@pytest.fixture(scope="module")
def scripts(wheel, tmp_path_factory):
    """The scripts of a fresh environment with the wheel and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return folder / "bin"


def test_wheel_carries_the_content(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in ROOT.glob("exercises/*/exercise.toml"):
        id = path.parent.name
        for inside in (
            f"exercises/{id}/README.md",
            f"exercises/{id}/{id}.py",
            f"solutions/{id}.py",
            f"graders/{id}/test_{id}.py",
        ):
            assert f"mlkata/content/{inside}" in names
    for inside in ("questions.csv", "gradescope/setup.sh", "gradescope/run_autograder.py", "class_page/style.css"):
        assert f"mlkata/data/{inside}" in names
    assert not [name for name in names if name.endswith(".pyc") or name.startswith("tests/")]


def test_exercise_runs_from_the_wheel(scripts, tmp_path):
    installed = run(
        scripts / "python", "-c", "from mlkata.catalog import content_root; print(content_root())", cwd=tmp_path
    )
    assert str(ROOT) not in installed
    content = Path(installed.strip())
    shutil.copytree(content / "exercises" / EXERCISE, tmp_path / EXERCISE)
    untouched = run(scripts / "pytest", EXERCISE, cwd=tmp_path, expect=1)
    assert f"{EXERCISE} is not implemented yet" in untouched
    shutil.copy(content / "solutions" / f"{EXERCISE}.py", tmp_path / EXERCISE)
    solved = run(scripts / "pytest", EXERCISE, cwd=tmp_path)
    assert " checks passed, 10 of 10 points" in solved


def test_commands_work_from_the_wheel(scripts, tmp_path):
    assert EXERCISE in run(scripts / "mlkata", "list", cwd=tmp_path)
    assert "of 183 questions have an exercise" in run(scripts / "mlkata", "coverage", cwd=tmp_path)


def test_practice_folder_is_made_and_judged_from_the_wheel(scripts, tmp_path):
    made = run(scripts / "mlkata", "init", "practice", cwd=tmp_path)
    practice = tmp_path / "practice"
    assert f"{practice} has " in made
    assert not (practice / "graders").exists()
    assert not (practice / "solutions").exists()

    untouched = run(scripts / "pytest", f"exercises/{EXERCISE}", cwd=practice, expect=1)
    assert f"{EXERCISE} is not implemented yet: write it in exercises/{EXERCISE}/{EXERCISE}.py" in untouched
    shutil.copy(ROOT / "solutions" / f"{EXERCISE}.py", practice / "exercises" / EXERCISE)
    solved = run(scripts / "pytest", f"exercises/{EXERCISE}", cwd=practice)
    assert " checks passed, 10 of 10 points" in solved

    shown = run(scripts / "mlkata", "progress", "--json", cwd=practice / "exercises" / EXERCISE)
    assert (json.loads(shown)["passed"], json.loads(shown)["first_try"]) == (1, 1)
    assert run(scripts / "mlkata", "update", cwd=practice) == "everything is up to date\n"
    run(scripts / "mlkata", "watch", cwd=practice, expect=2)  # without its package, it says so


SPY = """
import os

import mlkata


def show():
    folder = os.path.join(os.path.dirname(mlkata.__file__), "content")
    return sorted(os.listdir(os.path.dirname(folder))), os.listdir(folder)
"""

LOOK_AROUND = """
import json, sys
from mlkata.catalog import Catalog, content_root
from mlkata.grading import walls_for
from mlkata.runner import Order

walls = walls_for(Catalog(content_root()).exercise(sys.argv[1]))
link = walls.clean().worker(Order("spy.py"), seconds=20)
link.ask({"do": "load", "name": "spy", "entry": {}, "source": sys.argv[2]})
print(json.dumps(link.ask({"do": "call", "target": "show", "args": (), "kwargs": {}})["value"]))
walls.close()
"""


@needs_walls
def test_submission_is_graded_from_the_wheel_and_sees_no_grader(scripts, tmp_path):
    source = (ROOT / "solutions" / f"{EXERCISE}.py").read_text()
    (tmp_path / f"{EXERCISE}.py").write_text(source)

    graded = run(scripts / "mlkata", "grade", f"{EXERCISE}.py", cwd=tmp_path)

    assert " checks passed, 10 of 10 points" in graded
    package, content = json.loads(run(scripts / "python", "-c", LOOK_AROUND, EXERCISE, SPY, cwd=tmp_path))
    assert "worker.py" in package
    assert content == []
