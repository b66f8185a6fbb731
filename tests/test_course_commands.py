"""A term with nbgrader's own commands: two assignments, four exercises, twelve students, from init to exports."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import attack_toy
import course_toy as toys
import nbgrader_commands
import pytest
from course_toy import answered, cell, said
from toy import METADATA, REFERENCE, STUB, WRONG, add_exercise, edit, toy_catalogue, write
from walls import needs_walls

pytestmark = [pytest.mark.xdist_group("course_commands"), needs_walls]

SECRET = "canary-of-the-term"
ASSIGNMENTS = {"ps1": ["double", "scale"], "ps2": ["treble", "scale_tensor"]}
STUDENTS = (
    "right",
    "wrong",
    "partial",
    "stub",
    "warns",
    "loops",
    "exits",
    "memory",
    "forges_outputs",
    "patches",
    "reads_grader",
    "deletes_a_cell",
)
NUMPY = {"correctness": 4.0, "edge_case": 3.0, "performance": 3.0}
POINTS = {"double": toys.FULL, "treble": toys.FULL, "scale": NUMPY, "scale_tensor": NUMPY}
WRONG_POINTS = {
    "plain": {"correctness": 3.0, "edge_case": 1.5},
    "arrays": {**dict.fromkeys(NUMPY, 0.0), "edge_case": 3.0},
}
PARTIAL = {
    "plain": {"correctness": 4.0, "edge_case": 1.5},
    "arrays": {"correctness": 4.0, "edge_case": 3.0, "performance": 1.0},
}


def kind(id):
    return "arrays" if id.startswith("scale") else "plain"


def right(id):
    return attack_toy.controls(id)["right"] if kind(id) == "arrays" else REFERENCE.replace("double", id)


def call(id):
    """The header of the function that an exercise asks for."""
    return "def scale(x, factor):" if kind(id) == "arrays" else f"def {id}(x, *, times=1):"


def after_header(id, *lines):
    """A right answer with other lines before it in the file, and its function beginning with the last one."""
    *before, first = lines
    text = right(id)
    if kind(id) == "plain":
        return "\n".join(
            [*before, text.replace("    if isinstance(x, list)", f"    {first}\n    if isinstance(x, list)")]
        )
    return "\n".join([*before, text.replace(call(id), f"{call(id)}\n    {first}")])


def wrong(id):
    return attack_toy.controls(id)["wrong"] if kind(id) == "arrays" else WRONG["once"].replace("double", id)


def partial(id):
    return attack_toy.controls(id)["slow"] if kind(id) == "arrays" else WRONG["needs_a_first"].replace("double", id)


PATCHES = """
import builtins
import numpy as np
builtins.all = builtins.any = builtins.isinstance = lambda *arguments: True
np.testing.assert_allclose = np.allclose = lambda *arguments, **options: True


class Same(float):
    __eq__ = __ge__ = __le__ = lambda self, other: True
    __hash__ = None
"""


def answer(student, id):
    """The source that a student writes."""
    returns = call(id).partition("(")[0]
    return {
        "right": right(id),
        "wrong": wrong(id),
        "partial": partial(id),
        "warns": after_header(id, "import warnings", 'warnings.warn("at import")', 'warnings.warn("in the call")'),
        "loops": f"{call(id)}\n    while True:\n        pass",
        "exits": f"import os\n\n\n{call(id)}\n    os._exit(0)",
        "memory": f"{call(id)}\n    kept = []\n    while True:\n        kept.append(bytearray(10**7))",
        "forges_outputs": wrong(id),
        "patches": f"{PATCHES}\n\n{returns}(*arguments, **options):\n    return Same(3)",
        "reads_grader": f"{call(id)}\n    return open('@grader@').read()",
        "deletes_a_cell": right(id),
    }[student]


def notebook(made, assignment, student, id):
    """What a student hands in."""
    text = toys.released(made, id, assignment)
    if student == "stub":
        return text
    grader = made.parent / "catalogue" / "graders" / id / f"test_{id}.py"
    answered(text, answer(student, id).replace("@grader@", str(grader)))
    if student == "deletes_a_cell":
        text["cells"].remove(cell(text, "correctness"))
    if student == "forges_outputs":
        full = {"output_type": "execute_result", "data": {"text/plain": "4.0"}, "metadata": {}, "execution_count": 1}
        for each in text["cells"]:
            each["metadata"]["tags"] = ["skip-execution"]
            if each["cell_type"] == "code":
                each["outputs"] = [full]
                each["metadata"]["nbgrader"]["points"] = 1000
    return text


def expected(student, id):
    """The scores that a student deserves."""
    if student in ("right", "warns", "deletes_a_cell"):
        return POINTS[id]
    if student in ("wrong", "forges_outputs"):
        return WRONG_POINTS[kind(id)]
    return PARTIAL[kind(id)] if student == "partial" else dict.fromkeys(POINTS[id], 0.0)


def catalogue(folder):
    root = toy_catalogue(folder)
    attack_toy.attack_catalogue(root, SECRET)
    limits = METADATA.replace("seconds = 10", "seconds = 2")
    write(root / "exercises" / "double" / "exercise.toml", limits)
    add_exercise(root, "treble", limits)
    for id in ("double", "treble"):
        edit(root / "graders" / id / f"test_{id}.py", "import pytest", f"import pytest\n\nSECRET = '{SECRET}-grader'")
        edit(root / "solutions" / f"{id}.py", f"def {id}", f"SECRET = '{SECRET}-solution'\n\n\ndef {id}")
    return root


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """The course after the term, and what every command answered."""
    folder = tmp_path_factory.mktemp("term")
    root = catalogue(folder)
    made = folder / "course"
    mlkata = [sys.executable, "-m", "mlkata.cli", "course"]
    commands = [["init", str(made), "--name", "ml101", "--root", str(root)]]
    commands += [["add", str(made), name, *ids, "--root", str(root)] for name, ids in ASSIGNMENTS.items()]
    told = [subprocess.run([*mlkata, *words], capture_output=True, text=True, check=False) for words in commands]
    assert [each.returncode for each in told] == [0, 0, 0], told
    exchange = f"c.Exchange.root = {str(folder / 'exchange')!r}"
    toys.configure(made, exchange)
    (folder / "exchange").mkdir(mode=0o777)
    (folder / "exchange").chmod(0o777)
    environment = {"JUPYTER_DATA_DIR": str(folder / "jupyter"), "MLKATA_ROOT": str(root), "OMP_NUM_THREADS": "1"}
    answers = {}

    def run(*commands):
        done = nbgrader_commands.run([(where, words) for where, words in commands], environment)
        for (where, words), (code, text) in zip(commands, done, strict=True):
            answers[f"{where.name}: {' '.join(words)}"] = code, text

    run(*[(made, [word, name]) for name in ASSIGNMENTS for word in ("generate_assignment", "release_assignment")])
    desks = {student: folder / "desks" / student for student in STUDENTS}
    for desk in desks.values():
        desk.mkdir(parents=True)
        cache = f"c.Exchange.cache = {str(desk / 'cache')!r}"
        own = ["c = get_config()", 'c.CourseDirectory.course_id = "ml101"', exchange, cache]
        write(desk / "nbgrader_config.py", "\n".join(own))
    run(*[(desk, ["fetch_assignment", name]) for desk in list(desks.values())[:3] for name in ASSIGNMENTS])
    for desk in list(desks.values())[3:]:  # the others copy theirs from the first one: a fetch takes a second
        for name in ASSIGNMENTS:
            shutil.copytree(desks["right"] / name, desk / name)
    for student, desk in desks.items():
        for name, ids in ASSIGNMENTS.items():
            for id in ids:
                (desk / name / f"{id}.ipynb").write_text(json.dumps(notebook(made, name, student, id)))
    run(*[(desk, ["submit", name, "--student", who]) for who, desk in desks.items() for name in ASSIGNMENTS])
    run((desks["right"], ["validate", "ps1/double.ipynb"]), (desks["wrong"], ["validate", "ps1/scale.ipynb"]))
    run((desks["stub"], ["validate", "ps2/treble.ipynb"]), (made, ["validate", "source/ps1/double.ipynb"]))
    run(*[(made, ["collect", name]) for name in ASSIGNMENTS], (made, ["autograde", "ps1"]))
    parallel = subprocess.run(
        [*mlkata, "autograde", str(made), "ps2", "--jobs", "2"], capture_output=True, text=True, check=False
    )
    answers["mlkata course autograde ps2"] = parallel.returncode, parallel.stdout + parallel.stderr
    run(*[(made, [word, name]) for name in ASSIGNMENTS for word in ("generate_feedback", "release_feedback")])
    run(*[(desk, ["fetch_feedback", "ps1", "--student", who]) for who, desk in desks.items()])
    run((made, ["export"]), (made, ["db", "student", "list"]), (made, ["db", "assignment", "list"]), (made, ["list"]))
    return made, desks, answers


def test_every_command_ends_well(term):
    answers = term[2]

    assert {name: text for name, (code, text) in answers.items() if code != 0} == {}
    assert len(answers) > 50


@pytest.mark.parametrize("id", POINTS)
@pytest.mark.parametrize("student", STUDENTS)
def test_scores_are_what_answers_deserve(term, student, id):
    made = term[0]
    assignment = next(name for name, ids in ASSIGNMENTS.items() if id in ids)

    found = toys.scores(made, student, id=id, assignment=assignment)

    assert found == pytest.approx(expected(student, id)), said(made, student, id=id, assignment=assignment)


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("right", "4 of 4 checks passed"),
        ("wrong", "Doubling three times makes eight of one."),
        ("partial", "An empty list gives an empty list."),
        ("stub", "implement double"),
        ("warns", "4 of 4 checks passed"),
        ("loops", "an endless loop?"),
        ("exits", "os may not be imported here"),
        ("memory", "your code raised MemoryError"),
        ("forges_outputs", "3 of 4 checks passed"),
        ("patches", "may not be imported here"),
        ("reads_grader", "reads from outside"),
        ("deletes_a_cell", "4 of 4 checks passed"),
    ],
)
def test_feedback_that_a_student_fetches_says_why(term, student, says):
    pages = list((term[1][student] / "ps1" / "feedback").rglob("double.html"))

    assert len(pages) == 1
    assert says in toys.text_of(pages[0].read_text())


def test_sums_reach_the_exported_file(term):
    with (term[0] / "grades.csv").open() as file:
        rows = {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}

    assert set(rows) == {(name, student) for name in ASSIGNMENTS for student in STUDENTS}
    for (name, student), row in rows.items():
        assert float(row["max_score"]) == 16.0
        assert float(row["score"]) == pytest.approx(
            sum(sum(expected(student, id).values()) for id in ASSIGNMENTS[name])
        )


def test_nothing_hidden_is_in_what_students_get(term):
    made, desks, _ = term
    root = made.parent / "catalogue"
    seen = [path for desk in desks.values() for path in desk.rglob("*") if path.is_file()]
    seen += [path for part in ("release", "feedback") for path in (made / part).rglob("*") if path.is_file()]
    hidden = {
        line.strip()
        for id in POINTS
        for line in (root / "graders" / id / f"test_{id}.py").read_text().splitlines()
        if len(line.strip()) > 40 and not line.strip().startswith('"""')  # the sentence that students read
        if line not in (root / "exercises" / id / f"test_{id}.py").read_text()
    }

    assert len(seen) > 90
    assert len(hidden) > 30
    for path in seen:
        text = toys.text_of(path.read_text()) if path.suffix == ".html" else path.read_text()
        assert SECRET not in text, path
        assert "hidden(" not in text, path
        messages = {"each number is multiplied by the factor"}
        assert not [line for line in hidden if line in text and line.lower() not in messages and not _is_said(line)], (
            path
        )


def _is_said(line):
    """Whether a line of a grader is the sentence that its students read."""
    return line.startswith('"""')


def test_released_notebook_has_the_stub_alone(term):
    for name, ids in ASSIGNMENTS.items():
        for id in ids:
            text = "".join(cell(toys.released(term[0], id, name), "solution")["source"])
            stub = STUB.replace("double", id) if kind(id) == "plain" else '"""Scale."""\n\n\ndef scale(x, factor):\n'
            assert text.startswith(stub.strip())
            assert "SOLUTION" not in text
            assert "YOUR CODE HERE" not in text


def test_validate_runs_the_visible_examples(term):
    answers = {name: text for name, (_, text) in term[2].items() if "validate" in name}

    assert "Success! Your notebook passes all the tests." in answers["right: validate ps1/double.ipynb"]
    assert "Success! Your notebook passes all the tests." in answers["course: validate source/ps1/double.ipynb"]
    assert "VALIDATION FAILED ON 1 CELL(S)!" in answers["wrong: validate ps1/scale.ipynb"]
    assert "Each number is multiplied by the factor." in answers["wrong: validate ps1/scale.ipynb"]
    assert "implement treble: write it in the solution cell" in answers["stub: validate ps2/treble.ipynb"]


def test_class_is_known_to_the_gradebook(term):
    answers = {name: text for name, (_, text) in term[2].items() if ": db " in name}

    assert all(student in answers["course: db student list"] for student in STUDENTS)
    assert all(name in answers["course: db assignment list"] for name in ASSIGNMENTS)


def test_hand_ins_come_from_an_archive_too(tmp_path):
    made = toys.toy_course(tmp_path)
    pattern = r"r'.*/(?P<student_id>\w+?)_(?P<file_id>.*)'"
    toys.configure(made, f"c.FileNameCollectorPlugin.named_regexp = {pattern}")
    archive = made / "downloaded" / "ps1" / "archive"
    archive.mkdir(parents=True)
    for student, source in (("ada", REFERENCE), ("bob", WRONG["once"])):
        (archive / f"{student}_double.ipynb").write_text(json.dumps(answered(toys.released(made), source)))

    done = nbgrader_commands.run([(made, ["zip_collect", "ps1"]), (made, ["autograde", "ps1"])], {})

    assert [code for code, _ in done] == [0, 0], done
    assert [toys.scores(made, student)["correctness"] for student in ("ada", "bob")] == [4.0, 3.0]


def test_stock_execute_still_grades(tmp_path):
    """An instructor who keeps nbgrader's Execute gets the same scores, from within the kernel."""
    made = toys.toy_course(tmp_path)
    toys.configure(
        made, "from nbgrader.preprocessors import Execute", "c.Autograde.autograde_preprocessors[0] = Execute"
    )
    root = str(Path(tmp_path) / "catalogue")
    toys.hand_in(made, "ada", answered(toys.released(made), REFERENCE))
    toys.hand_in(made, "bob", answered(toys.released(made), WRONG["once"]))

    done = nbgrader_commands.run([(made, ["autograde", "ps1"])], {"MLKATA_ROOT": root})

    assert done[0][0] == 0, done
    assert toys.scores(made, "ada") == toys.FULL
    assert toys.scores(made, "bob") == {"correctness": 3.0, "edge_case": 1.5}
    assert "Doubling three times makes eight of one." in said(made, "bob")
