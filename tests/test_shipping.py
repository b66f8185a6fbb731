"""Practice folders are made and brought up to date, and nothing that a learner wrote is ever lost."""

from __future__ import annotations

import os
import shutil

import pytest
from toy import add_exercise, edit, write

from mlkata.errors import UsageError
from mlkata.practice import Practice
from mlkata.shipping import Shipment, digest, init, is_as_shipped, read_shipped, update

pytest_plugins = ("practice_fixtures",)

STUB = "exercises/double/double.py"
PROMPT = "exercises/double/README.md"


def test_folder_has_the_exercises_and_nothing_hidden(source, tmp_path):
    made, shipment = init(tmp_path / "new", source)

    found = {path.relative_to(made.root).as_posix() for path in made.root.rglob("*") if path.is_file()}
    assert {
        STUB,
        PROMPT,
        "exercises/halve/hints.md",
        "README.md",
        "pytest.ini",
        ".gitignore",
        ".gitattributes",
    } <= found
    assert not [path for path in found if path.startswith(("graders", "solutions"))]
    assert set(shipment.added) == found - {".mlkata/shipped.txt"}
    assert made.catalog.ids() == ("double", "halve", "treble")


def test_what_running_left_is_not_brought(source, tmp_path):
    write(source.folder("double") / "__pycache__/double.pyc", "")
    write(source.folder("double") / ".pytest_cache/x", "")

    made, _ = init(tmp_path / "new", source)

    assert sorted(path.name for path in (made.root / "exercises/double").iterdir()) == [
        "README.md",
        "double.py",
        "exercise.toml",
        "hints.md",
        "test_double.py",
    ]


def test_folder_that_has_one_is_refused_and_left_alone(practice, source):
    write(practice.root / STUB, "mine")

    for folder in (practice.root, practice.root / "exercises/inner"):
        with pytest.raises(UsageError, match="practice folder already; run `mlkata update` in it"):
            init(folder, source)
    assert (practice.root / STUB).read_text() == "mine"


def test_folder_with_exercises_of_somebody_is_refused(source, tmp_path):
    write(tmp_path / "taken/exercises/mine.txt", "mine")

    with pytest.raises(UsageError, match="exists already; name another folder"):
        init(tmp_path / "taken", source)
    assert sorted(os.listdir(tmp_path / "taken")) == ["exercises"]


def test_files_that_are_there_are_kept(source, tmp_path):
    write(tmp_path / "taken/README.md", "mine")

    made, shipment = init(tmp_path / "taken", source)

    assert shipment.kept == ("README.md",)
    assert (made.root / "README.md").read_text() == "mine"
    assert made.catalog.ids()


def test_nothing_new_changes_nothing(practice, source):
    files = [path for path in practice.root.glob("exercises/*/*") if path.is_file()]
    before = [path.stat().st_mtime_ns for path in files]

    assert update(practice, source) == Shipment((), (), (), ())
    assert [path.stat().st_mtime_ns for path in files] == before


def test_new_exercise_and_changed_files_are_brought(practice, source):
    add_exercise(source.root, "quarter")
    edit(source.root / PROMPT, "## Task", "## Task\n\nNew.")

    shipment = update(practice, source)

    assert len(shipment.added) == 5
    assert shipment.renewed == (PROMPT,)
    assert "New." in (practice.root / PROMPT).read_text()
    assert "quarter" in practice.catalog.ids()


def test_answer_is_kept_where_its_stub_changed_and_told_each_time(practice, source):
    write(practice.root / STUB, "mine")
    assert update(practice, source).kept == ()
    edit(source.root / STUB, "implement double", "implement it")

    assert update(practice, source).kept == (STUB,)
    assert update(practice, source).kept == (STUB,)
    assert (practice.root / STUB).read_text() == "mine"


def test_stub_that_nobody_touched_is_renewed_from_whichever_version(practice, source):
    first = (practice.root / STUB).read_text()
    for version in ("one", "two"):
        write(source.root / STUB, f"# {version}\n{first}")
        write(practice.root / STUB, first)  # as git brings it back from before an update

        assert update(practice, source).renewed == (STUB,)
        assert (practice.root / STUB).read_text().startswith(f"# {version}\n")


def test_what_was_deleted_is_put_back(practice, source):
    shutil.rmtree(practice.root / "exercises/double")

    assert STUB in update(practice, source).added
    assert (practice.root / STUB).is_file()


def test_exercise_that_mlkata_has_no_more_stays(practice, source):
    shutil.rmtree(source.folder("halve"))

    assert update(practice, source).gone == ("halve",)
    assert (practice.root / "exercises/halve/halve.py").is_file()


def test_other_ends_of_lines_are_no_change(practice, source):
    path = practice.root / STUB
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert is_as_shipped(practice, path)
    edit(source.root / STUB, "implement double", "implement it")
    assert update(practice, source).renewed == (STUB,)


def test_folder_that_was_cut_short_is_completed(source, tmp_path):
    folder = tmp_path / "new"
    write(folder / ".vscode", "in the way of a folder")
    with pytest.raises(UsageError, match="cannot be written"):
        init(folder, source)

    (folder / ".vscode").unlink()
    update(Practice(folder), source)
    assert Practice(folder).catalog.ids() == ("double", "halve", "treble")
    assert update(Practice(folder), source).kept == ()


def test_two_versions_of_the_list_can_be_kept_line_by_line(practice, source):
    text = practice.shipped.read_text()
    edit(source.root / STUB, "implement double", "implement it")
    update(practice, source)
    practice.shipped.write_text(f"<<<<<<< mine\n{text}=======\n{practice.shipped.read_text()}>>>>>>> theirs\n")

    assert len(set(read_shipped(practice)[STUB])) == 2
    assert update(practice, source).kept == ()


def test_digest_tells_texts_apart():
    assert digest(b"a\r\nb") == digest(b"a\nb") != digest(b"a b")
