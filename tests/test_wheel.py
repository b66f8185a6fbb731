"""The wheel, installed in a fresh environment, brings what a learner needs."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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
    assert "mlkata/data/questions.csv" in names
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
    assert "16 of 16 checks passed, 10 of 10 points" in solved


def test_commands_work_from_the_wheel(scripts, tmp_path):
    assert EXERCISE in run(scripts / "mlkata", "list", cwd=tmp_path)
    assert "of 183 questions have an exercise" in run(scripts / "mlkata", "coverage", cwd=tmp_path)
