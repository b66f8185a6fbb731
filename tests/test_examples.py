"""Visible examples are run on what a notebook's cells define, with nothing but what the notebook carries."""

import ast
import importlib
import subprocess
import sys

import pytest
from toy import REFERENCE, STUB, WRONG, toy_catalogue

from mlkata import examples
from mlkata.catalog import Catalog
from mlkata.course_notebook import notebook_of


@pytest.fixture
def cell(tmp_path):
    notebook = notebook_of(Catalog(toy_catalogue(tmp_path)).exercise("double"))
    return next(each["source"] for each in notebook["cells"] if each["id"] == "examples")


@pytest.fixture
def run(cell, monkeypatch, capsys):
    """Run the cell in a kernel that has run this source."""

    def answer(source):
        monkeypatch.setattr(examples, "source_so_far", lambda: source)
        try:
            exec(compile(cell, "cell", "exec"), {})
        except examples.ExamplesFailed as error:
            return str(error)
        return capsys.readouterr().out

    return answer


def test_right_answer_passes(run):
    assert run(REFERENCE) == "double: all 1 visible examples pass; the hidden checks ask for more\n"


def test_cell_can_be_run_again_after_a_change(run):
    assert "0 of 1 visible examples pass" in run(STUB)
    assert "all 1 visible examples pass" in run(REFERENCE)
    assert "0 of 1 visible examples pass" in run(WRONG["squares"])


def test_stub_is_told_where_to_write(run):
    assert "implement double: write it in the solution cell" in run(STUB)


def test_wrong_answer_is_told_the_call_and_the_values(run):
    told = run(WRONG["squares"])

    assert "Each number of a list is doubled." in told
    assert "double([1, 2.5])" in told
    assert "got" in told
    assert "seed" not in told
    assert "pytest" not in told


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import os\n" + REFERENCE, "os may not be imported here"),
        ("1 / 0", "importing the file raised ZeroDivisionError"),
        ("x = 3", "double is not defined"),
        ("def double(y): return 2 * y", "double has no parameter x"),
        ("def double(x, *, times=1):\n    return [2 * n for n in y]", "your code raised NameError"),
    ],
)
def test_what_grading_would_refuse_is_said_here(run, source, says):
    told = run(source)

    assert says in told
    assert "/" not in told.replace("1 / 0", "")
    assert "restart the kernel and run all cells" in told


def test_hidden_checks_stay_out_where_they_are_installed(run, monkeypatch, tmp_path):
    """The package that has the grader of an exercise of this name runs the examples alone."""
    from mlkata import catalog

    monkeypatch.setattr(catalog, "content_root", lambda: tmp_path / "catalogue")

    assert "all 1 visible examples pass" in run(REFERENCE)


def test_nothing_is_left_of_it(run, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.iterdir())

    run(REFERENCE)

    assert set(tmp_path.iterdir()) == before


def test_failure_is_shown_without_a_traceback():
    assert examples.ExamplesFailed("one\ntwo")._render_traceback_() == ["one\ntwo"]


def test_cell_that_was_changed_is_told(monkeypatch):
    monkeypatch.setattr(examples, "source_so_far", lambda: REFERENCE)

    with pytest.raises(examples.ExamplesFailed, match="the examples cannot be run here"):
        examples.run("double", metadata="title = 3", signature="", tests="def test_x(submission): pass")


def test_student_needs_the_core_alone(cell, tmp_path):
    """Neither nbgrader, nor anything of Jupyter, nor any exercise, is imported or read."""
    script = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("nbgrader", "nbformat", "nbconvert", "traitlets", "IPython", "jupyter_core"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
from pathlib import Path
from mlkata import catalog, examples
catalog.content_root = lambda: Path("/nonexistent")
examples.source_so_far = lambda: {REFERENCE!r}
exec(compile({cell!r}, "cell", "exec"), {{}})
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)

    assert ended.returncode == 0, ended.stderr
    assert "all 1 visible examples pass" in ended.stdout


@pytest.mark.parametrize("module", ["mlkata.cli", "mlkata.course", "mlkata.examples", "mlkata.marking", "mlkata.slot"])
def test_core_does_not_import_nbgrader(module):
    assert importlib.util.find_spec("nbgrader")
    script = f"import sys, {module}; print([name for name in sys.modules if name.partition('.')[0] == 'nbgrader'])"

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ast.literal_eval(ended.stdout) == []
