"""Gradebooks of one address share an engine, and are as separate as ever beside that."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys

import nbgrader.api
import pytest
from course_toy import toy_course
from nbgrader.api import Gradebook

from mlkata.course_engines import share_engines


@pytest.fixture(autouse=True)
def shared(monkeypatch):
    monkeypatch.setattr(nbgrader.api, "create_engine", nbgrader.api.create_engine)
    share_engines()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A gradebook with nothing in it, which nbgrader takes its time to make."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    Gradebook(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def url(tmp_path, empty):
    for name in ("gradebook.db", "other.db"):
        shutil.copy(empty, tmp_path / name)
    return f"sqlite:///{tmp_path}/gradebook.db"


def test_gradebooks_of_one_address_have_one_engine(url, tmp_path):
    with Gradebook(url) as first:
        engine = first.engine
    with Gradebook(url) as again, Gradebook(f"sqlite:///{tmp_path}/other.db") as other:
        assert again.engine is engine
        assert other.engine is not engine


def test_asked_again_nothing_changes(url):
    before = nbgrader.api.create_engine
    share_engines()

    assert nbgrader.api.create_engine is before


def test_queries_are_compiled_once(url):
    with Gradebook(url) as book:
        book.add_student("a")
        compiled = set(book.engine._compiled_cache)
    with Gradebook(url) as book:
        book.update_or_create_student("a")
        assert compiled <= set(book.engine._compiled_cache)
        known = len(book.engine._compiled_cache)
    with Gradebook(url) as book:
        book.update_or_create_student("a")
        assert len(book.engine._compiled_cache) == known


def test_closing_one_leaves_the_other_at_work(url):
    with Gradebook(url) as outer:
        outer.add_student("a")
        with Gradebook(url) as inner:
            inner.add_student("b")
        assert [each.id for each in outer.students] == ["a", "b"]
        outer.add_student("c")
    with Gradebook(url) as book:
        assert [each.id for each in book.students] == ["a", "b", "c"]


def test_closed_gradebook_holds_no_connection(url):
    with Gradebook(url) as book:
        book.add_student("a")
        engine = book.engine

    assert engine.pool.checkedin() + engine.pool.checkedout() == 0


def test_database_that_is_replaced_is_read_anew(url, tmp_path, empty):
    with Gradebook(url) as book:
        book.add_student("a")
    shutil.copy(empty, tmp_path / "new.db")
    (tmp_path / "new.db").replace(tmp_path / "gradebook.db")
    with Gradebook(url) as book:
        assert book.students == []


def test_fork_has_an_engine_of_its_own(url):
    with Gradebook(url) as book:
        mine = id(book.engine)
    reading, writing = multiprocessing.get_context("fork").Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=tell_engine, args=(url, writing))
    child.start()
    child.join()
    assert child.exitcode == 0

    assert reading.recv() != mine


def tell_engine(url, writing):
    with Gradebook(url) as book:
        writing.send(id(book.engine))


def test_configuration_of_a_course_asks_for_it(tmp_path):
    made = toy_course(tmp_path)
    script = f"""
import sys
from pathlib import Path
import nbgrader.api
from mlkata.course_run import configured
before = nbgrader.api.create_engine
configured(Path({str(made)!r}))
sys.exit(nbgrader.api.create_engine is before)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
