"""Grades are kept whole, once, and by what was graded."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from toy import edit, toy_catalogue, write

from mlkata.catalog import Catalog
from mlkata.errors import UsageError
from mlkata.report import Category, CheckResult, Measurement, Outcome, Report
from mlkata.store import SEED_BITS, Store, key_of, version_of

CHECKS = (
    CheckResult("test_one", Category.CORRECTNESS, Outcome.PASSED, "One.", measurements=(Measurement("time", 1.5, 3),)),
    CheckResult("test_two", Category.EDGE_CASE, Outcome.FAILED, "Two.", 'in a/ann.py, line 1: "ä"\n\u2028', "note"),
)
REPORT = Report("double", "a/ann.py", 7, "cpu", {"correctness": 4, "edge_case": 2}, CHECKS, sandboxed=True)


@pytest.fixture
def where(tmp_path):
    return tmp_path / "grades" / "store.sqlite"


@pytest.fixture
def store(where):
    store = Store(where)
    yield store
    store.close()


def test_report_comes_back_as_it_was(store, where):
    store.save("key", REPORT)
    store.close()

    assert Store(where).report("key") == REPORT


def test_nothing_is_known_of_another_key(store):
    store.save("key", REPORT)

    assert store.report("other") is None
    assert store.known() == {"key"}


def test_first_report_of_a_key_stays(store):
    store.save("key", REPORT)
    store.save("key", replace(REPORT, seed=8))

    assert store.report("key") == REPORT
    assert store.known() == {"key"}


def test_report_is_on_the_disk_before_saving_ends(store, where):
    store.save("key", REPORT)

    with sqlite3.connect(where) as connection:
        assert connection.execute("SELECT key, exercise FROM reports").fetchall() == [("key", "double")]
    connection.close()


def test_seed_is_drawn_once(store, where):
    seed = store.seed()

    assert store.seed() == seed
    assert Store(where).seed() == seed
    assert 0 <= seed < 2**SEED_BITS


def test_stores_draw_seeds_of_their_own(tmp_path):
    assert len({Store(tmp_path / f"{number}.sqlite").seed() for number in range(5)}) == 5


def test_what_was_handed_in_last_is_told_in_order_with_its_report(store, tmp_path):
    store.save("key", REPORT)
    store.hand_in(tmp_path, [("bob", "double", "gone", "b/bob.py")])

    store.hand_in(tmp_path, [("bob", "double", "missing", "b/bob.py"), ("ann", "double", "key", "a/ann.py")])

    assert list(store.handed_in(tmp_path)) == [("ann", "double", REPORT), ("bob", "double", None)]


def test_equal_submissions_have_one_report_that_names_each(store, tmp_path):
    store.save("key", REPORT)
    store.hand_in(tmp_path, [("ann", "double", "key", "a/ann.py"), ("eve", "double", "key", 'e/"e\\ve".py')])

    (_, _, anns), (_, _, eves) = store.handed_in(tmp_path)

    assert anns == REPORT
    assert eves.submission == 'e/"e\\ve".py'
    assert eves.checks[1].message == 'in e/"e\\ve".py, line 1: "ä"\n\u2028'
    assert eves.checks[0] == REPORT.checks[0]


def test_two_classes_can_share_a_store(store, tmp_path):
    store.hand_in(tmp_path / "monday", [("ann", "double", "key", "a.py")])
    store.hand_in(tmp_path / "friday", [("bob", "double", "key", "b.py")])
    store.hand_in(tmp_path / "friday", [])

    assert [student for student, *_ in store.handed_in(tmp_path / "monday")] == ["ann"]
    assert list(store.handed_in(tmp_path / "friday")) == []


BESIDE = """
import sys
from mlkata.report import Report
from mlkata.store import Store

path, report = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
store = Store(path)
seed = store.seed()
for number in range(20):
    store.save(str(number), Report.from_json(report))
print(seed)
"""


def test_several_processes_can_begin_a_store_at_once_and_fill_it(where):
    command = [sys.executable, "-c", BESIDE, str(where), REPORT.to_json()]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in started:
        process.stdout.readline()
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()

    told = [process.communicate()[0] for process in started]

    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(set(told)) == 1
    assert int(told[0]) == Store(where).seed()
    assert Store(where).known() == {str(number) for number in range(20)}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("nonsense://host/name", "nonsense"),
        ("postgresql+nothing://host/name", "nothing"),
    ],
)
def test_url_that_is_none_is_a_usage_error(where, found):
    with pytest.raises(UsageError, match=r"expected a store of grades, found .*; name a file, or a URL") as caught:
        Store(where)
    assert found in str(caught.value)


def test_file_that_is_no_store_is_a_usage_error_and_stays_as_it_was(tmp_path):
    path = write(tmp_path / "notes.txt", "these are notes, and no database\n" * 100)

    with pytest.raises(UsageError, match="file is not a database"):
        Store(path)
    assert path.read_text().startswith("these are notes")


def test_file_is_no_folder_for_a_store(tmp_path):
    file = write(tmp_path / "file", "")

    with pytest.raises(UsageError, match=r"expected a store of grades, found .*/file'"):
        Store(f"sqlite:///{file}/store.sqlite")


def test_folder_is_no_store(tmp_path):
    with pytest.raises(UsageError, match=r"unable to open database file; name a file"):
        Store(tmp_path)


def test_place_that_cannot_be_written_to_is_a_usage_error(tmp_path):
    if not os.path.isdir("/proc/self"):
        pytest.skip("there is no folder that nobody can write to")

    with pytest.raises(UsageError, match="/proc/self/grades"):
        Store("/proc/self/grades/store.sqlite")


@pytest.mark.parametrize(
    "url",
    ["nonsense://ann:hush@host/name", "postgresql://ann:hush@host:port/name", "odd name://ann:hush@host/name"],
)
def test_password_of_a_url_is_not_told(url):
    with pytest.raises(UsageError) as caught:
        Store(url)
    assert "hush" not in str(caught.value)
    assert "://ann:***@host" in str(caught.value)


def test_url_of_a_file_is_as_good_as_its_name(tmp_path):
    Store(f"sqlite:///{tmp_path}/a/store.sqlite").save("key", REPORT)

    assert Store(tmp_path / "a/store.sqlite").report("key") == REPORT


@pytest.fixture
def exercise(tmp_path):
    return Catalog(toy_catalogue(tmp_path)).exercise("double")


HOW = {"seed": 1, "device": "cpu", "sandboxed": True, "show": "property"}


def test_key_is_the_same_for_the_same(exercise, tmp_path):
    (tmp_path / "copy").mkdir()
    copy = Catalog(toy_catalogue(tmp_path / "copy")).exercise("double")

    assert key_of("x = 1\n", exercise, **HOW) == key_of("x = 1\n", copy, **HOW)


@pytest.mark.parametrize("change", [{"seed": 2}, {"device": "cuda"}, {"sandboxed": False}, {"show": "full"}])
def test_key_is_another_where_it_is_graded_otherwise(exercise, change):
    assert key_of("x = 1\n", exercise, **HOW) != key_of("x = 1\n", exercise, **{**HOW, **change})


def test_key_is_another_for_another_source(exercise):
    sources = ["x = 1\n", "x = 1", "x = 1\r\n", "x = 1\n\0", "x = '\ud800'\n", "x = 'ä'\n", "x = 'a\u0308'\n"]

    assert len({key_of(source, exercise, **HOW) for source in sources}) == len(sources)


@pytest.mark.parametrize("file", ["grader", "reference", "metadata", "readme"])
def test_version_is_another_where_what_it_is_graded_by_changed(exercise, file):
    before = version_of(exercise)
    path: Path = getattr(exercise, file)

    path.write_text(path.read_text().replace("ouble", "oubly", 1))

    assert version_of(exercise) != before


def test_version_is_another_where_a_file_beside_the_grader_came_or_changed(exercise):
    before = version_of(exercise)
    beside = write(exercise.grader_folder / "oracle.py", "x = 1\n")
    with_it = version_of(exercise)
    edit(beside, "1", "2")

    assert len({before, with_it, version_of(exercise)}) == 3


def test_version_is_the_same_where_hints_or_wrong_answers_changed(exercise):
    before = version_of(exercise)

    edit(exercise.hints, "Hint 1", "Nudge 1")
    write(exercise.grader_folder / "wrong/new.py", "x = 1\n")

    assert version_of(exercise) == before


def test_version_is_another_with_another_mlkata(exercise, monkeypatch):
    before = version_of(exercise)
    monkeypatch.setattr("mlkata.store.__version__", "99")

    assert version_of(exercise) != before
