"""A new exercise is whole, can be read at once, and overwrites nothing."""

from __future__ import annotations

import ast
import re

import pytest
from toy import toy_catalogue

from mlkata.catalog import KINDS, Catalog
from mlkata.errors import UsageError
from mlkata.prompt import SECTIONS, conventions, sections
from mlkata.scaffold import scaffold


@pytest.fixture
def catalog(tmp_path):
    return Catalog(tmp_path)


def files(catalog):
    return sorted(path.relative_to(catalog.root).as_posix() for path in catalog.root.rglob("*") if path.is_file())


def function(path):
    """The one function that a file defines."""
    tree = ast.parse(path.read_text())
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_file_of_an_exercise_is_written(catalog):
    written = scaffold(catalog, "focal_loss")

    assert files(catalog) == sorted(path.relative_to(catalog.root).as_posix() for path in written)
    assert files(catalog) == [
        "exercises/focal_loss/README.md",
        "exercises/focal_loss/exercise.toml",
        "exercises/focal_loss/focal_loss.py",
        "exercises/focal_loss/hints.md",
        "exercises/focal_loss/test_focal_loss.py",
        "graders/focal_loss/right/todo.py",
        "graders/focal_loss/test_focal_loss.py",
        "graders/focal_loss/wrong/todo.py",
        "solutions/focal_loss.py",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_metadata_can_be_read_at_once(catalog, kind):
    scaffold(catalog, "focal_loss", title="Focal loss: easy ones weigh less", track="losses", kind=kind, level="hard")

    exercise = Catalog(catalog.root).exercise("focal_loss")

    assert exercise.title == "Focal loss: easy ones weigh less"
    assert (exercise.track, exercise.kind, exercise.level) == ("losses", kind, "hard")
    assert exercise.entry == ("focal_loss",)
    assert kind == "python" or kind in exercise.allowed


def test_title_is_made_from_the_id(catalog):
    scaffold(catalog, "focal_loss")

    exercise = catalog.exercise("focal_loss")

    assert exercise.title == "Focal loss"
    assert exercise.readme.read_text().startswith("# Focal loss\n")


def test_track_that_was_not_given_is_to_do(catalog):
    scaffold(catalog, "focal_loss")
    scaffold(catalog, "hinge_loss", track="losses")

    assert "TODO: which track" in catalog.exercise("focal_loss").metadata.read_text()
    assert "TODO: which track" not in catalog.exercise("hinge_loss").metadata.read_text()


def test_prompt_has_every_section_in_order(catalog):
    scaffold(catalog, "focal_loss")

    readme = catalog.exercise("focal_loss").readme.read_text()

    assert tuple(sections(readme)) == SECTIONS
    assert re.findall(r"^\d\.", sections(readme)["Follow-up questions"], re.MULTILINE) == ["1.", "2.", "3."]


def test_check_names_a_convention_of_the_prompt(catalog):
    scaffold(catalog, "focal_loss")
    exercise = catalog.exercise("focal_loss")

    stated = {key.lower() for key in conventions(exercise.readme.read_text())}
    named = re.search(r'@pytest\.mark\.correctness\("(.+)"\)', exercise.grader.read_text())

    assert named is not None
    assert named[1] in stated


def test_hints_are_three(catalog):
    scaffold(catalog, "focal_loss")

    hints = sections(catalog.exercise("focal_loss").hints.read_text())

    assert list(hints) == ["Hint 1", "Hint 2", "Hint 3"]


@pytest.mark.parametrize("kind", KINDS)
def test_stub_and_reference_share_signature_and_docstring(catalog, kind):
    scaffold(catalog, "focal_loss", kind=kind)
    exercise = catalog.exercise("focal_loss")

    stub, reference = function(exercise.stub), function(exercise.reference)

    assert stub.name == reference.name == "focal_loss"
    assert ast.unparse(stub.args) == ast.unparse(reference.args)
    assert ast.get_docstring(stub) == ast.get_docstring(reference)


def test_stub_says_that_it_is_not_implemented(catalog):
    scaffold(catalog, "focal_loss")
    stub = catalog.exercise("focal_loss").stub
    namespace: dict[str, object] = {}
    exec(compile(stub.read_text(), stub, "exec"), namespace)

    with pytest.raises(NotImplementedError, match=r"^implement focal_loss$"):
        namespace["focal_loss"](None)


@pytest.mark.parametrize("kind", KINDS)
def test_python_files_compile_and_leave_nothing_to_substitute(catalog, kind):
    for path in scaffold(catalog, "focal_loss", kind=kind):
        text = path.read_text()
        assert "$" not in text
        if path.suffix == ".py":
            compile(text, path, "exec")


def test_every_file_says_what_is_left_to_do(catalog):
    left = [path for path in scaffold(catalog, "focal_loss") if "TODO" not in path.read_text()]

    assert left == []


def test_wrong_answer_names_the_check_that_catches_it(catalog):
    scaffold(catalog, "focal_loss")
    exercise = catalog.exercise("focal_loss")

    tree = ast.parse(exercise.wrong[0].read_text())
    caught_by = next(node.value for node in tree.body if isinstance(node, ast.Assign))

    assert ast.literal_eval(caught_by) == (function(exercise.grader).name,)


@pytest.mark.parametrize("name", ["exercises/focal_loss", "graders/focal_loss", "solutions/focal_loss.py"])
def test_nothing_is_written_where_a_part_exists(catalog, name):
    (catalog.root / name).mkdir(parents=True)

    with pytest.raises(UsageError, match="exists already") as caught:
        scaffold(catalog, "focal_loss")

    assert str(catalog.root / name) in str(caught.value)
    assert files(catalog) == []


def test_other_exercises_are_left_as_they_are(tmp_path):
    catalog = Catalog(toy_catalogue(tmp_path))
    before = {path: path.read_text() for path in catalog.root.rglob("*") if path.is_file()}

    scaffold(catalog, "treble")

    assert catalog.ids() == ("double", "treble")
    assert {path: path.read_text() for path in before} == before


@pytest.mark.parametrize("id", ["FocalLoss", "focal-loss", "lambda", "../focal_loss", "", "random", "numpy"])
def test_id_that_cannot_be_a_module_of_its_own_is_refused(catalog, id):
    with pytest.raises(UsageError, match="an exercise cannot be called"):
        scaffold(catalog, id)

    assert files(catalog) == []


@pytest.mark.parametrize("title", ["", "  ", 'a "word"', "a\\b", "two\nlines"])
def test_title_that_would_break_a_file_is_refused(catalog, title):
    with pytest.raises(UsageError, match="cannot be a title"):
        scaffold(catalog, "focal_loss", title=title)

    assert files(catalog) == []


def test_track_in_another_style_is_refused(catalog):
    with pytest.raises(UsageError, match="'Loss functions' cannot be a track"):
        scaffold(catalog, "focal_loss", track="Loss functions")


def test_root_that_cannot_be_written_is_named(catalog):
    (catalog.root / "solutions").write_text("a file where a folder must be")

    with pytest.raises(UsageError, match=r"solutions.* cannot be written.*--root"):
        scaffold(catalog, "focal_loss")
