"""Git says which exercises were changed: in the task, the grader or the solution, committed or not."""

from __future__ import annotations

import os

import pytest
from toy import add_exercise, commit, edit, git, toy_catalogue, write

from mlkata.catalog import Catalog
from mlkata.changes import changed_ids
from mlkata.errors import UsageError


@pytest.fixture
def catalog(tmp_path):
    """`double` and `treble`, committed, in a catalogue that is not the top of its repository."""
    root = toy_catalogue(tmp_path)
    add_exercise(root, "treble")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return Catalog(root)


def test_nothing_is_changed_after_a_commit(catalog):
    assert changed_ids(catalog, "HEAD") == ()


@pytest.mark.parametrize(
    "name",
    [
        "exercises/treble/README.md",
        "exercises/treble/exercise.toml",
        "solutions/treble.py",
        "graders/treble/test_treble.py",
        "graders/treble/wrong/once.py",
    ],
)
def test_change_to_any_file_of_an_exercise_counts(catalog, name):
    path = catalog.root / name
    path.write_text(path.read_text() + "\n")

    assert changed_ids(catalog, "HEAD") == ("treble",)


def test_staged_change_counts(catalog):
    edit(catalog.root / "solutions/double.py", "2**times", "4**times")
    git(catalog.root, "add", "--all")

    assert changed_ids(catalog, "HEAD") == ("double",)


@pytest.mark.parametrize("name", ["graders/double/right/shift.py", "exercises/double/a/deep/file.txt"])
def test_file_that_git_does_not_know_counts(catalog, name):
    write(catalog.root / name, "new\n")

    assert changed_ids(catalog, "HEAD") == ("double",)


def test_new_exercise_counts(catalog):
    add_exercise(catalog.root, "halve")

    assert changed_ids(catalog, "HEAD") == ("halve",)


def test_ignored_file_does_not_count(catalog):
    write(catalog.root / ".gitignore", "*.pyc\n")
    commit(catalog.root)
    write(catalog.root / "exercises/double/double.pyc", "compiled\n")

    assert changed_ids(catalog, "HEAD") == ()


def test_deleted_file_counts_and_a_deleted_exercise_does_not(catalog):
    (catalog.root / "exercises/double/hints.md").unlink()
    for path in sorted((catalog.root / "exercises/treble").iterdir()):
        path.unlink()
    (catalog.root / "exercises/treble").rmdir()

    assert changed_ids(catalog, "HEAD") == ("double",)


def test_both_sides_of_a_move_count(catalog):
    graders = catalog.root / "graders"
    (graders / "double/right/loop.py").rename(graders / "treble/right/other_loop.py")
    git(catalog.root, "add", "--all")

    assert changed_ids(catalog, "HEAD") == ("double", "treble")


@pytest.mark.parametrize("name", ["größe.txt", '"quoted".txt', "two\nlines.txt", os.fsdecode(b"\xff.txt")])
def test_file_with_an_unusual_name_counts(catalog, name):
    write(catalog.root / "exercises/double" / name, "committed\n")
    commit(catalog.root)
    write(catalog.root / "exercises/double" / name, "changed\n")
    write(catalog.root / "exercises/treble" / name, "new\n")

    assert changed_ids(catalog, "HEAD") == ("double", "treble")


def test_files_of_no_exercise_do_not_count(catalog):
    write(catalog.root / "docs/double/notes.md", "\n")
    write(catalog.root / "exercises/notes.md", "\n")
    write(catalog.root / "solutions/README.md", "\n")
    write(catalog.root.parent / "solutions/double.py", "\n")

    assert changed_ids(catalog, "HEAD") == ()


def test_changes_are_counted_from_the_commit_that_is_named(catalog):
    edit(catalog.root / "exercises/double/hints.md", "What does", "What might")
    commit(catalog.root)
    edit(catalog.root / "exercises/treble/hints.md", "What does", "What might")

    assert changed_ids(catalog, "HEAD") == ("treble",)
    assert changed_ids(catalog, "HEAD~1") == ("double", "treble")


@pytest.mark.parametrize("since", ["nonsense", "exercises", "--stat", "HEAD~7"])
def test_bad_commit_is_a_usage_error_that_names_it(catalog, since):
    with pytest.raises(UsageError, match=rf"^--changed: git says of .*{since}.*name the exercises instead$"):
        changed_ids(catalog, since)


def test_catalogue_in_no_repository_is_a_usage_error(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(UsageError, match=r"not a git repository.*name the exercises instead"):
        changed_ids(Catalog(toy_catalogue(tmp_path)), "HEAD")


def test_git_that_is_not_installed_is_a_usage_error(catalog, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match="needs git, which is not installed"):
        changed_ids(catalog, "HEAD")
