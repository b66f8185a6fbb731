"""An exercise becomes a notebook that nbgrader takes and a student can answer."""

import ast
import json

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from toy import METADATA, REFERENCE, STUB, edit, toy_catalogue

from mlkata.catalog import Catalog, content_root
from mlkata.course_notebook import hidden_checks, notebook_of
from mlkata.errors import CatalogError

CONTENT = Catalog(content_root())


def source(notebook, name):
    return next(cell["source"] for cell in notebook["cells"] if cell["id"] == name)


@pytest.fixture
def root(tmp_path):
    return toy_catalogue(tmp_path)


@pytest.fixture
def double(root):
    return notebook_of(Catalog(root).exercise("double"))


@pytest.mark.parametrize("id", CONTENT.ids())
def test_every_exercise_makes_a_notebook(id):
    exercise = CONTENT.exercise(id)
    notebook = nbformat.from_dict(notebook_of(exercise))

    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    graded = {cell.id: cell.metadata.nbgrader.points for cell in notebook.cells if cell.metadata.nbgrader.grade}
    assert graded == {"examples": 0, **{name: exercise.points[name] for name in exercise.points if name != "gpu"}}
    compile(source(notebook, "solution"), "solution", "exec")
    compile(source(notebook, "examples"), "examples", "exec")


@pytest.mark.parametrize("id", CONTENT.ids())
def test_no_line_of_a_grader_stands_in_a_notebook(id):
    exercise = CONTENT.exercise(id)
    text = json.dumps(notebook_of(exercise))
    seen = exercise.visible.read_text() + exercise.reference.read_text() + exercise.stub.read_text()
    hidden = [line.strip() for line in exercise.grader.read_text().splitlines() if len(line.strip()) > 40]

    assert len(hidden) > 20
    assert not [line for line in hidden if json.dumps(line)[1:-1] in text and line not in seen]


def test_it_is_the_same_each_time(root, double):
    assert notebook_of(Catalog(root).exercise("double")) == double


def test_prompt_is_text_with_its_formulas():
    text = source(notebook_of(CONTENT.exercise("focal_loss")), "task")

    assert text.startswith("# Focal loss")
    assert r"$$\mathrm{FL}(p_t)" in text
    assert "README.md" not in text
    assert "GPU" not in text


def test_student_is_told_where_to_write(double):
    assert "`raise NotImplementedError`" in source(double, "task")
    assert "which may import `math` and" in source(double, "task")


def test_solution_has_the_stub_and_the_reference(double):
    text = source(double, "solution")

    assert text == f"{STUB.strip()}\n\n\n### BEGIN SOLUTION\n{REFERENCE.strip()}\n### END SOLUTION"


def test_future_import_of_the_reference_does_not_stand_below_other_code(root):
    edit(root / "solutions" / "double.py", '"""Double."""\n', '"""Double."""\n\nfrom __future__ import annotations\n')

    compile(source(notebook_of(Catalog(root).exercise("double")), "solution"), "solution", "exec")


def test_examples_carry_all_they_need(double):
    text = source(double, "examples")

    assert METADATA.strip() in text
    assert "def double(x: int | float | list, *, times: int = 1)" in text
    assert "def test_worked_example(submission):" in text


def test_quotes_within_a_text_do_no_harm(root):
    edit(root / "exercises" / "double" / "test_double.py", "[2, 5.0]", "[2, 5.0], what=\"''' \\\\n\"")

    text = source(notebook_of(Catalog(root).exercise("double")), "examples")

    call = ast.parse(text).body[-1].value
    tests = next(ast.literal_eval(part.value) for part in call.keywords if part.arg == "tests")
    assert tests.strip() == (root / "exercises" / "double" / "test_double.py").read_text().strip()


def test_hidden_cell_names_its_checks(double):
    assert hidden_checks(source(double, "edge_case")) == ("double", "edge_case")
    assert hidden_checks(source(double, "examples")) is None
    assert hidden_checks('hidden("double", "edge_case")') is None


@pytest.mark.parametrize(
    "missing", ["solutions/double.py", "exercises/double/README.md", "exercises/double/test_double.py"]
)
def test_incomplete_exercise_is_refused(root, missing):
    (root / missing).unlink()

    with pytest.raises(CatalogError, match=r"expected the exercise's .*; an exercise becomes an assignment when"):
        notebook_of(Catalog(root).exercise("double"))
