"""Hostile notebooks earn no more than an honest wrong answer, learn nothing, change nothing, and stop nobody.

They are graded twice: as they would be, and as if the rules had let them through, so that the walls are tried as well.
`python tests/test_notebook_attacks.py` writes the table of attacks in docs/security.md anew.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import course_toy as toys
import pytest
from course_toy import FULL, HAND_WRITTEN, answered, hand_in, released
from notebook_attacks import ATTACKS, SCRIPT, Attacker
from toy import edit
from walls import needs_walls

import mlkata

pytestmark = [pytest.mark.xdist_group("notebook_attacks"), needs_walls]

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "security.md"
BEGIN, END = "<!-- notebook attacks: begin -->\n", "<!-- notebook attacks: end -->"
HALF = {"correctness": 3.0, "edge_case": 1.5}
HONEST = {"honest_right": FULL, "honest_wrong": HALF, "zz_honest_right": FULL}
WAYS = ("strict", "lenient")


def table():
    """The attacks as a table in Markdown."""
    rows = [f"| {name.replace('_', ' ')} | {attack.__doc__.strip()} |" for name, attack in ATTACKS.items()]
    return "\n".join(["| notebook | what it tries |", "| --- | --- |", *rows]) + "\n"


@pytest.fixture(scope="module")
def secret():
    return f"secret-{secrets.token_hex(8)}"


@pytest.fixture(scope="module")
def classes(tmp_path_factory, secret):
    """For each way of grading: the course, what was there before and after, and how it ended."""
    ways = {way: prepared(tmp_path_factory.mktemp(way), secret) for way in WAYS}
    before = {way: snapshot(made) for way, made in ways.items()}
    with ThreadPoolExecutor(2) as pool:
        stories = list(pool.map(lambda way: run(ways[way], way, secret), WAYS))
    return {
        way: {"made": ways[way], "before": before[way], "after": snapshot(ways[way]), **story}
        for way, story in zip(WAYS, stories, strict=True)
    }


def prepared(folder, secret):
    """A course with secrets in it, in which everybody has handed in."""
    made = toys.toy_course(folder)
    root = folder / "catalogue"
    edit(
        root / "graders" / "double" / "test_double.py", "import pytest", f"import pytest\n\nSECRET = '{secret}-grader'"
    )
    edit(root / "solutions" / "double.py", "def double", f"SECRET = '{secret}-solution'\n\n\ndef double")
    edit(made / "source" / "ps1" / "double.ipynb", "### BEGIN SOLUTION", f"### BEGIN SOLUTION\\n# {secret}-source")
    toys.generate(made, "ps1")
    for student in HONEST:
        source = HAND_WRITTEN[student.rpartition("_")[2]]
        hand_in(made, student, answered(released(made), f"# {secret}-{student}\n{source}"))
    for name, attack in ATTACKS.items():
        attack(Attacker(made, name))
    return made


def run(made, way, secret):
    out = made.parent / "outcome.json"
    ended = subprocess.run(
        [sys.executable, str(HERE / "course_attack_run.py"), str(made), str(out), way],
        env={**os.environ, "MLKATA_SECRET": f"{secret}-env"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(out.read_text())


def snapshot(made):
    """What no submission may change: all but what grading writes."""
    kept = [*made.parent.joinpath("catalogue").rglob("*"), *made.rglob("*")]
    written = {"autograded", "feedback", ".mlkata", "gradebook.db", "__pycache__"}
    return {
        str(path): path.read_bytes()
        for path in kept
        if path.is_file() and not path.is_symlink() and not written & set(path.parts)
    }


@pytest.fixture(params=WAYS)
def story(request, classes):
    return classes[request.param]


@pytest.mark.parametrize("student", HONEST)
def test_honest_students_get_what_they_deserve(story, student):
    assert toys.scores(story["made"], student) == HONEST[student]


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_earns_no_more_than_an_honest_answer(story, name):
    found = toys.scores(story["made"], name)

    assert found.keys() == HALF.keys()
    assert all(found[category] <= most for category, most in HALF.items()), toys.said(story["made"], name)


def test_whole_class_is_graded(story):
    assert story["troubles"] == story["problems"] == []
    assert story["graded"] == len(ATTACKS) + len(HONEST)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_learns_nothing(story, secret, name):
    made = story["made"]
    graded = (made / "autograded" / name / "ps1" / "double.ipynb").read_text()

    for text in (graded, toys.page(made, name)):
        assert secret not in text
        assert "SEED-FOUND" not in text
        assert "BEGIN SOLUTION" not in text


@pytest.mark.parametrize("name", ATTACKS)
def test_feedback_runs_no_script(story, name):
    page = toys.page(story["made"], name)

    assert SCRIPT not in page
    for tag in re.findall(r"<[^>]+>", page.partition("<body")[2]):
        assert "onerror" not in tag
        assert "document.title" not in tag
        assert not re.search(r"(href|src)\s*=\s*[\"']?\s*(javascript|data:text|file)", tag, re.IGNORECASE)
    assert "document.title" not in "".join(re.findall(r"<script.*?</script>", page, re.DOTALL | re.IGNORECASE))


def test_attacks_change_no_file(story):
    assert story["after"] == story["before"]
    assert not (story["made"] / "owned").exists()


def test_attacks_leave_no_process(story):
    assert story["left"] == 0


def test_attacks_change_no_package():
    assert "owned" not in Path(mlkata.__file__).read_text()


def test_rules_and_walls_are_both_tried(classes):
    """What the rules refuse earns nothing; past them, the answer runs as it would."""
    refused = [name for name in ATTACKS if "refused by the rules" in toys.said(classes["strict"]["made"], name)]
    ran = [name for name in refused if toys.scores(classes["lenient"]["made"], name) == HALF]

    assert len(refused) >= 10
    assert len(ran) >= 10


def test_there_are_thirty_attacks_that_say_what_they_try():
    lines = [attack.__doc__.strip() for attack in ATTACKS.values()]

    assert len(lines) >= 30
    assert all(line.endswith(".") and "\n" not in line for line in lines)
    assert len(set(lines)) == len(lines)


def test_page_lists_the_attacks():
    assert PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0] == table()


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    start, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{start}{BEGIN}{table()}{END}{rest.partition(END)[2]}", encoding="utf-8")
