"""`mlkata export` writes out what is kept of a class, or a report, and says what it lacks."""

from __future__ import annotations

import csv
import json
import zipfile
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from toy import toy_catalogue

from mlkata.cli import main
from mlkata.report import Category, CheckResult, Outcome, Report
from mlkata.store import Store


def report(*outcomes, name="ada/double.py"):
    checks = tuple(
        CheckResult(f"test_{place}", Category.CORRECTNESS, outcome, f"Check {place}.", note="why")
        for place, outcome in enumerate(outcomes)
    )
    return Report("double", name, 3, "cpu", {"correctness": 4.0}, checks, sandboxed=True)


@pytest.fixture
def klass(tmp_path):
    """A class's folder: ada passed half, grace nothing yet, linus met a fault of ours."""
    folder = tmp_path / "class"
    folder.mkdir()
    store = Store(folder / ".mlkata" / "grades.sqlite")
    store.save("a", report(Outcome.PASSED, Outcome.FAILED))
    store.save("c", report(Outcome.PASSED, Outcome.HARNESS_ERROR))
    rows = [("ada", "double", "a", "ada/double.py"), ("grace", "double", "b", "x"), ("linus", "double", "c", "y")]
    store.hand_in(folder, rows)
    store.close()
    return folder


def run(*arguments):
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def test_points_of_a_class_as_csv(klass, tmp_path):
    out = tmp_path / "grades.csv"

    assert run(klass, "--csv", out).exit_code == 0

    rows = {row[0]: row[1] for row in csv.reader(out.open())}
    assert rows["ada"] == "2"
    assert rows["grace"] == rows["linus"] == "", "what is not graded is no zero"


def test_class_as_junit_and_page_at_once(klass, tmp_path):
    junit, html = tmp_path / "j.xml", tmp_path / "page.html"

    assert run(klass, "--junit", junit, "--html", html, "--title", "Fall <term>").exit_code == 0

    assert len(list(ElementTree.parse(junit).getroot().iter("failure"))) == 1
    assert "Fall &lt;term&gt;" in html.read_text()
    assert "grace" in html.read_text()


def test_grades_kept_elsewhere(klass, tmp_path):
    moved = tmp_path / "elsewhere.sqlite"
    store = Store(moved)
    store.save("a", report(Outcome.PASSED))
    store.hand_in(klass, [("ada", "double", "a", "ada/double.py")])
    store.close()
    out = tmp_path / "grades.csv"

    assert run(klass, "--csv", out, "--store", moved).exit_code == 0

    assert {row[0]: row[1] for row in csv.reader(out.open())}["ada"] == "4"


def test_report_for_gradescope(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(report(Outcome.PASSED, Outcome.FAILED).to_json())

    ended = run(path, "--gradescope", "--missing", "focal_loss")

    assert ended.exit_code == 0
    assert json.loads(ended.output)["score"] == 2.0


def test_report_for_github_classroom(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(report(Outcome.PASSED, Outcome.PASSED).to_json())

    ended = run(path, "--github-classroom")

    assert (ended.exit_code, json.loads(ended.output)["status"]) == (0, "pass")


def test_autograder_for_gradescope(tmp_path):
    root, out = toy_catalogue(tmp_path), tmp_path / "autograder.zip"

    assert run("--gradescope-zip", out, "--exercise", "double", "--root", root).exit_code == 0

    assert {"setup.sh", "run_autograder"} <= set(zipfile.ZipFile(out).namelist())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to write, one kind at a time"),
        (("CLASS", "--csv", "OUT", "--gradescope"), "say what to write, one kind at a time"),
        (("--csv", "OUT"), "need the folder of one class"),
        (("NOTHING", "--csv", "OUT"), "need the folder of one class"),
        (("EMPTY", "--csv", "OUT"), "run `mlkata grade "),
        (("CLASS", "--csv", "GONE"), "cannot be written: No such file or directory"),
        (("NOTHING", "--gradescope"), "cannot be read: No such file or directory"),
        (("BAD", "--gradescope"), "expected what `mlkata grade FILE --json` prints, found"),
        (("OTHER", "--gradescope"), "expected what `mlkata grade FILE --json` prints, found KeyError"),
        (("GOOD", "GOOD", "--github-classroom"), "needs one report"),
        (("--gradescope-zip", "OUT"), "name one at least"),
        (("--gradescope-zip", "OUT", "--exercise", "dubble"), "did you mean 'double'?"),
    ],
)
def test_what_cannot_be_exported_is_said(klass, tmp_path, arguments, said):
    places = {"CLASS": klass, "OUT": tmp_path / "out", "NOTHING": tmp_path / "nothing", "EMPTY": tmp_path / "empty"}
    places |= {name: tmp_path / name for name in ("BAD", "OTHER", "GOOD")} | {"GONE": tmp_path / "gone" / "out"}
    places["EMPTY"].mkdir()
    places["BAD"].write_text("no JSON")
    places["OTHER"].write_text("{}")
    places["GOOD"].write_text(report(Outcome.PASSED).to_json())
    root = toy_catalogue(tmp_path)

    ended = run(*(places.get(word, word) for word in arguments), "--root", root)

    assert ended.exit_code == 2
    assert said in ended.output
    assert not (tmp_path / "out").exists()
