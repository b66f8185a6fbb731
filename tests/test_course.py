"""A course's folder, and the notebooks of its assignments."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from toy import add_exercise, edit, toy_catalogue

from mlkata import course
from mlkata.catalog import Catalog
from mlkata.cli import main
from mlkata.errors import CatalogError, UsageError


@pytest.fixture
def catalog(tmp_path):
    root = toy_catalogue(tmp_path)
    add_exercise(root, "treble")
    return Catalog(root)


@pytest.fixture
def made(tmp_path, catalog):
    course.init(tmp_path / "course", "ml101", catalog)
    return tmp_path / "course"


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_configuration_is_python_with_the_name(made):
    text = (made / "nbgrader_config.py").read_text()

    compile(text, "nbgrader_config.py", "exec")
    assert 'c.CourseDirectory.course_id = "ml101"' in text
    assert "$" not in text
    assert (made / "source").is_dir()


def test_catalogue_is_named_where_it_is_not_our_own(made, catalog, tmp_path):
    assert f"c.GradeBehindWalls.catalog = {str(catalog.root)!r}" in (made / "nbgrader_config.py").read_text()
    result = run("course", "init", tmp_path / "ours", "--name", "ml102")
    assert result.exit_code == 0, result.output
    assert "GradeBehindWalls.catalog" not in (tmp_path / "ours" / "nbgrader_config.py").read_text()


def test_init_again_changes_nothing(made, catalog):
    before = (made / "nbgrader_config.py").read_bytes()

    course.init(made, "ml101", catalog)

    assert (made / "nbgrader_config.py").read_bytes() == before


def test_other_configuration_is_not_written_over(made, catalog):
    (made / "nbgrader_config.py").write_text("c = get_config()\n")

    with pytest.raises(UsageError, match="expected no configuration, found one"):
        course.init(made, "ml101", catalog)

    assert (made / "nbgrader_config.py").read_text() == "c = get_config()\n"


@pytest.mark.parametrize("name", ["", "a b", "../x", 'x"\nimport os', "-x", "ü"])
def test_name_that_nbgrader_cannot_take_is_refused(tmp_path, catalog, name):
    with pytest.raises(UsageError, match="--name: expected a course's name"):
        course.init(tmp_path / "other", name, catalog)

    assert not (tmp_path / "other").exists()


def test_second_add_changes_nothing(made, catalog):
    first = course.add(made, "ps1", ["double", "treble"], catalog)
    before = {each.path: (each.path.read_bytes(), each.path.stat().st_mtime_ns) for each in first}

    again = course.add(made, "ps1", ["double", "treble"], catalog)

    assert [each.what for each in first] == ["written", "written"]
    assert [each.what for each in again] == ["unchanged", "unchanged"]
    assert before == {each.path: (each.path.read_bytes(), each.path.stat().st_mtime_ns) for each in again}


def test_points_that_were_changed_stay(made, catalog):
    path = course.add(made, "ps1", ["double"], catalog)[0].path
    edit(path, '"points": 4.0', '"points": 8.0')

    left = course.add(made, "ps1", ["double"], catalog)[0].what

    assert left.startswith("left as it is")
    assert '"points": 8.0' in path.read_text()
    assert course.add(made, "ps1", ["double"], catalog, force=True)[0].what == "written"
    assert '"points": 8.0' not in path.read_text()


def test_notebook_is_text_as_jupyter_saves_it(made, catalog):
    text = course.add(made, "ps1", ["double"], catalog)[0].path.read_text()

    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("assignment", ["", "ps 1", "../ps1", "ps1/x", "-ps1", "ps+1", "*"])
def test_assignment_that_nbgrader_cannot_take_is_refused(made, catalog, assignment):
    with pytest.raises(UsageError, match="expected an assignment's name"):
        course.add(made, assignment, ["double"], catalog)


def test_broken_exercise_leaves_nothing_half_done(made, catalog):
    (catalog.root / "solutions" / "treble.py").unlink()

    with pytest.raises(CatalogError):
        course.add(made, "ps1", ["double", "treble"], catalog)

    assert not (made / "source" / "ps1").exists()


def test_commands_say_what_they_did(tmp_path, catalog):
    folder = tmp_path / "by_command"

    assert run("course", "init", folder, "--name", "ml101", "--root", catalog.root).output.endswith(
        "nbgrader_config.py\n"
    )
    added = run("course", "add", folder, "ps1", "double", "--root", catalog.root)

    assert added.output == f"{folder}/source/ps1/double.ipynb: written\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "nowhere", "ps1", "double"), "expected a course, found no nbgrader_config.py in it"),
        (("autograde", "nowhere", "ps1"), "expected a course, found no nbgrader_config.py in it"),
        (("init", "here", "--name", "a b"), "expected a course's name"),
    ],
)
def test_wrong_use_is_told(tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)

    result = run("course", *arguments)

    assert result.exit_code == 2
    assert says in result.output


def test_unknown_exercise_is_told_with_close_matches(made, catalog):
    result = run("course", "add", made, "ps1", "doubel", "--root", catalog.root)

    assert result.exit_code == 2
    assert "did you mean 'double'?" in result.output


def test_missing_nbgrader_is_told(made, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "mlkata.course_run", None)
    result = run("course", "autograde", made, "ps1")

    assert result.exit_code == 2
    assert "pip install 'mlkata[teach]'" in result.output


def test_page_for_instructors_lists_what_is_said():
    """Every message there is one of ours, and every sentence that begins with what was expected is there."""
    repository = Path(__file__).parents[1]
    table = (
        (repository / "docs" / "instructor.md").read_text().partition("## When something goes wrong with a course")[2]
    )
    said = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    paths = [*(repository / "src" / "mlkata").glob("course*.py"), repository / "src" / "mlkata" / "cell_scores.py"]
    source = "\n".join(path.read_text() for path in paths)
    raised = re.findall(r'f"(?:[^"{]*\{[^}]*\}[^"{]*?: |--name: )?(expected [^"{]+)', source)

    assert len(said) > 10
    for message in said:
        assert all(part.strip(" ,") in source for part in message.split("…")), message
    for message in raised:
        assert any(message.startswith(known.partition("…")[0][:20]) for known in said), message
