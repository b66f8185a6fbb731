"""Whatever a class hands in is taken, or left out with a sentence that says why and what to do."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pytest
from toy import METADATA, add_exercise, toy_catalogue, write

from mlkata.catalog import Catalog
from mlkata.errors import DoesNotLoad, UsageError
from mlkata.handins import LARGEST_SOURCE, collect, exercise_of, read_source


@pytest.fixture
def catalog(tmp_path):
    root = toy_catalogue(tmp_path)
    add_exercise(root, "treble")
    return Catalog(root)


@pytest.fixture
def folder(tmp_path):
    """A class with one student who did all that was asked."""
    write(tmp_path / "class/ann/double.py", "x = 1\n")
    return tmp_path / "class"


def found(folder, catalog):
    """Student and exercise of what is graded, and the problems."""
    handed_in, problems = collect(folder, catalog)
    return [(each.student, each.exercise.id) for each in handed_in], problems


ANN = [("ann", "double")]


def test_each_file_of_each_student_is_taken_in_order(folder, catalog):
    write(folder / "bob/treble.py", "y = 2\n")
    write(folder / "bob/double.py", "x = 2\n")

    handed_in, problems = collect(folder, catalog)

    assert [(each.student, each.exercise.id, each.source) for each in handed_in] == [
        ("ann", "double", "x = 1\n"),
        ("bob", "double", "x = 2\n"),
        ("bob", "treble", "y = 2\n"),
    ]
    assert handed_in[0].path == folder / "ann/double.py"
    assert problems == []


def test_what_is_hidden_is_passed_over_in_silence(folder, catalog):
    for name in (".mlkata/grades.sqlite", ".git/config", "ann/.ipynb_checkpoints/double.ipynb", "__MACOSX/ann"):
        write(folder / name, "")
    write(folder / "ann/__pycache__/double.pyc", "")

    assert found(folder, catalog) == (ANN, [])


@pytest.mark.parametrize("source", ["x = 'ä'\r\n", "\ufeffx = 1\n", ""])
def test_source_is_read_as_it_is_but_for_the_mark_at_its_beginning(folder, source):
    (folder / "ann/double.py").write_bytes(source.encode())

    assert read_source(folder / "ann/double.py") == source.removeprefix("\ufeff")


def notebook(path, source):
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    return write(path, json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))


def test_notebook_is_taken_for_its_code(folder, catalog):
    notebook(folder / "bob/double.ipynb", "x = 3")

    handed_in, problems = collect(folder, catalog)

    assert "x = 3" in handed_in[1].source.splitlines()
    assert problems == []


def test_notebook_that_is_none_is_a_problem(folder, catalog):
    write(folder / "bob/double.ipynb", "x = 3")

    graded, [problem] = found(folder, catalog)

    assert graded == ANN
    assert problem.startswith(f"{folder / 'bob/double.ipynb'}, line 1: expected a notebook")


def bad(make, *said):
    return pytest.param(make, said, id=make.__name__.strip("_").replace("_", " "))


def file_beside_the_students(folder):
    write(folder / "double.py", "x = 1\n")


def student_who_is_a_link(folder):
    (folder / "bob").symlink_to(folder / "ann")


def file_that_is_a_link(folder):
    (folder / "bob").mkdir()
    (folder / "bob/double.py").symlink_to(folder / "ann/double.py")


def link_that_leads_nowhere(folder):
    (folder / "bob").mkdir()
    (folder / "bob/double.py").symlink_to(folder / "nowhere.py")


def two_students_but_for_case(folder):
    write(folder / "Bob/double.py", "x = 1\n")
    write(folder / "bob/double.py", "x = 2\n")
    if len(os.listdir(folder)) < 3:
        pytest.skip("this file system does not tell upper from lower case")


def two_students_but_for_the_letters_form(folder):
    write(folder / "zo\u00eb/double.py", "x = 1\n")
    write(folder / "zoe\u0308/double.py", "x = 2\n")
    if len(os.listdir(folder)) < 3:
        pytest.skip("this file system does not tell the forms of a letter apart")


def odd_name(folder):
    write(folder / "bob\u202eyp/double.py", "x = 1\n")


def name_of_spaces(folder):
    write(folder / "  /double.py", "x = 1\n")


def both_forms_of_an_answer(folder):
    write(folder / "bob/double.py", "x = 1\n")
    notebook(folder / "bob/double.ipynb", "x = 1")


def unknown_exercise(folder):
    write(folder / "bob/duoble.py", "x = 1\n")


def exercise_like_no_other(folder):
    write(folder / "bob/homework1.py", "x = 1\n")


def other_file(folder):
    write(folder / "bob/double.py.txt", "x = 1\n")


def folder_within(folder):
    write(folder / "bob/double.py/double.py", "x = 1\n")


def no_utf_8(folder):
    write(folder / "bob/double.py", "")
    (folder / "bob/double.py").write_bytes("x = 'ä'\n".encode("latin-1"))


def too_large(folder):
    write(folder / "bob/double.py", "#" * (LARGEST_SOURCE + 1))


def pipe(folder):
    (folder / "bob").mkdir()
    os.mkfifo(folder / "bob/double.py")


def nothing(folder):
    (folder / "bob").mkdir()


BAD = [
    bad(file_beside_the_students, "/double.py: expected a student's folder, found the file double.py; it is left out"),
    bad(student_who_is_a_link, "/bob: expected a student's folder, found a link; it is left out"),
    bad(file_that_is_a_link, "/bob/double.py: expected a file, found a link; hand in the file itself"),
    bad(link_that_leads_nowhere, "/bob/double.py: expected a file, found a link; hand in the file itself"),
    bad(two_students_but_for_case, ": Bob and bob are one student's name; neither is graded: keep one folder"),
    bad(two_students_but_for_the_letters_form, "are one student's name; neither is graded: keep one folder"),
    bad(odd_name, "\\u202eyp': expected a student's name, found odd characters; rename the folder"),
    bad(name_of_spaces, "/  ': expected a student's name, found odd characters; rename the folder"),
    bad(both_forms_of_an_answer, "/bob: double.ipynb and double.py answer one exercise; neither is graded: keep one"),
    bad(unknown_exercise, "/bob/duoble.py: there is no exercise 'duoble' to grade; did you mean 'double'?"),
    bad(exercise_like_no_other, "there is no exercise 'homework1' to grade; `mlkata list` shows them all"),
    bad(
        other_file,
        "/bob/double.py.txt: expected <exercise>.py or <exercise>.ipynb, found the file double.py.txt; it is left out",
        "/bob: expected a file for at least one exercise, found none",
    ),
    bad(
        folder_within,
        "/bob/double.py: expected <exercise>.py or <exercise>.ipynb, found a folder; it is left out",
        "/bob: expected a file for at least one exercise, found none",
    ),
    bad(no_utf_8, "/bob/double.py: is no UTF-8 text (byte 5); save it as UTF-8"),
    bad(too_large, f"/bob/double.py: expected at most {LARGEST_SOURCE} bytes, found {LARGEST_SOURCE + 1}; hand in the"),
    bad(pipe, "/bob/double.py: expected a file, found something else; hand in a plain file"),
    bad(nothing, "/bob: expected a file for at least one exercise, found none"),
]


@pytest.mark.parametrize(("make", "said"), BAD)
def test_what_cannot_be_graded_is_told_and_keeps_nobody_elses_from_being_graded(folder, catalog, make, said):
    make(folder)

    graded, problems = found(folder, catalog)

    assert graded == ANN
    assert len(problems) == len(said)
    for problem, part in zip(problems, said, strict=True):
        assert part in problem


@pytest.mark.parametrize("name", [b"b\xffb/double.py", b"bob/d\xffuble.py"])
def test_name_that_is_no_text_can_be_told(folder, catalog, name):
    path = os.fsencode(folder) + b"/" + name
    os.makedirs(os.path.dirname(path))
    open(path, "w").close()

    graded, problems = found(folder, catalog)

    assert graded == ANN
    assert len(problems) == 1
    json.dumps(problems)


@pytest.mark.parametrize(("method", "name"), [("iterdir", "bob"), ("read_bytes", "bob/double.py")])
def test_what_cannot_be_read_is_told(folder, catalog, monkeypatch, method, name):
    """As if it belonged to another user, since the tests may be root's."""
    write(folder / "bob/double.py", "x = 1\n")
    real = getattr(Path, method)

    def refuse(path):
        if path == folder / name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path)

    monkeypatch.setattr(Path, method, refuse)

    graded, problems = found(folder, catalog)

    assert graded == ANN
    assert f"{folder / name}: cannot be read: Permission denied" in problems


def test_exercise_that_is_broken_is_told_once_and_its_files_are_left_out(folder, catalog):
    add_exercise(catalog.root, "broken", METADATA.replace('"easy"', '"esay"'))
    for student in ("bob", "eve"):
        write(folder / student / "broken.py", "x = 1\n")

    graded, problems = found(folder, catalog)

    assert graded == ANN
    assert sum("level: expected one of easy, medium, hard" in problem for problem in problems) == 1
    assert sum("broken.py: there is no exercise 'broken' to grade" in problem for problem in problems) == 2


@pytest.mark.parametrize("name", ["nowhere", "class/ann/double.py"])
def test_what_is_no_folder_is_a_usage_error(tmp_path, folder, catalog, name):
    with pytest.raises(UsageError, match="expected a folder with a folder for each student, found none"):
        collect(tmp_path / name, catalog)


def test_exercise_is_named_by_the_file(folder, catalog):
    assert exercise_of(folder / "ann/double.py", catalog).id == "double"
    assert exercise_of(folder / "ann/treble.ipynb", catalog).id == "treble"


@pytest.mark.parametrize("name", ["double.txt", "double", "double.PY"])
def test_file_of_another_kind_names_no_exercise(folder, catalog, name):
    with pytest.raises(UsageError, match=r"named after an exercise, such as focal_loss\.py"):
        exercise_of(folder / name, catalog)


def test_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "double.py")
    ended = threading.Event()

    def read():
        with pytest.raises(DoesNotLoad):
            read_source(tmp_path / "double.py")
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    assert ended.wait(5)


def test_missing_file_does_not_load(tmp_path):
    with pytest.raises(DoesNotLoad, match="cannot be read: No such file"):
        read_source(tmp_path / "double.py")
