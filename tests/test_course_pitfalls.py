"""What is known to go wrong with nbgrader, and with what students hand in, and does not here.

Each student below stands for one such thing. They are graded once, all together, as `mlkata course autograde` does.
"""

from __future__ import annotations

import json
import os

import course_toy as toys
import pytest
from course_toy import FULL, HAND_WRITTEN, ZERO, answered, cell, code, hand_in, released, said, scores
from toy import STUB
from walls import needs_walls

from mlkata.course_run import autograde_class

pytestmark = [pytest.mark.xdist_group("course_pitfalls"), needs_walls]

RIGHT = HAND_WRITTEN["right"]
HALF = {"correctness": 3.0, "edge_case": 1.5}

WARNS = RIGHT.replace('"""Double."""', '"""Double."""\n\nimport warnings\n\nwarnings.warn("at import")', 1).replace(
    "    if isinstance(x, list)", '    warnings.warn("in the call")\n    if isinstance(x, list)'
)
LOOPS = STUB.replace('raise NotImplementedError("implement double")', "while True:\n        pass")
AFTER = 'def double(x, *, times=1):\n    raise NotImplementedError("implement double")\n'


def solution(source):
    return lambda notebook: answered(notebook, source)


def without(*names):
    def change(notebook):
        answered(notebook, RIGHT)
        kept = [each for each in notebook["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") not in names]
        return {**notebook, "cells": kept}

    return change


def with_metadata(name, **changes):
    def change(notebook):
        cell(answered(notebook, RIGHT), name)["metadata"]["nbgrader"].update(changes)
        return notebook

    return change


def tagged(*tags):
    def change(notebook):
        for each in answered(notebook, HAND_WRITTEN["wrong"])["cells"]:
            each["metadata"]["tags"] = list(tags)
        return notebook

    return change


def twice(name, source=None):
    """A cell and a copy of it, as copy and paste makes one."""

    def change(notebook):
        original = cell(answered(notebook, RIGHT), name)
        copied = {**json.loads(json.dumps(original)), "id": "copy"}
        copied["source"] = original["source"] if source is None else source
        notebook["cells"].insert(notebook["cells"].index(original) + 1, copied)
        return notebook

    return change


def with_cells(*sources, answer=RIGHT):
    def change(notebook):
        notebook["cells"][2:2] = [code(source) for source in sources]
        return answered(notebook, answer)

    return change


def as_kind(name, kind):
    def change(notebook):
        changed = cell(answered(notebook, RIGHT), name)
        changed["cell_type"] = kind
        changed.pop("outputs"), changed.pop("execution_count")
        return notebook

    return change


def with_source(name, source):
    def change(notebook):
        cell(answered(notebook, RIGHT), name)["source"] = source
        return notebook

    return change


def with_outputs(*outputs, answer=HAND_WRITTEN["wrong"]):
    def change(notebook):
        for each in answered(notebook, answer)["cells"]:
            if each["cell_type"] == "code":
                each["outputs"] = list(outputs)
        return notebook

    return change


def bare(notebook):
    """As a program saves it that knows nothing of nbgrader."""
    for each in answered(notebook, RIGHT)["cells"]:
        each["metadata"] = {}
    return notebook


def everywhere(**changes):
    def change(notebook):
        for each in answered(notebook, RIGHT)["cells"]:
            each["metadata"].setdefault("nbgrader", {}).update(changes)
        return notebook

    return change


def old_format(notebook):
    cells = [
        {"cell_type": "code", "input": each["source"], "outputs": [], "language": "python", "metadata": {}}
        for each in answered(notebook, RIGHT)["cells"][1:2]
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}


FULL_MARKS = {"output_type": "execute_result", "data": {"text/plain": "4.0"}, "metadata": {}, "execution_count": 1}
LISTED = {"output_type": "execute_result", "data": {"text/plain": ["a", "b"]}, "metadata": {}, "execution_count": 1}

STUDENTS = {  # what is handed in, and what it earns
    "right": (solution(RIGHT), FULL),
    "stub": (lambda notebook: notebook, ZERO),
    "wrong": (solution(HAND_WRITTEN["wrong"]), HALF),
    "partial": (solution(HAND_WRITTEN["partial"]), {"correctness": 4.0, "edge_case": 1.5}),
    "warns": (solution(WARNS), FULL),
    "loops": (solution(LOOPS), ZERO),
    "no_test_cell": (without("correctness"), FULL),
    "no_cell_of_ours": (without("correctness", "edge_case", "examples", "task"), FULL),
    "solution_elsewhere": (lambda notebook: {**without("solution")(notebook), "cells": [code(RIGHT)]}, FULL),
    "no_cells": (lambda notebook: {**notebook, "cells": []}, ZERO),
    "no_json": ("def double(x): return 2 * x", ZERO),
    "no_bytes": (b"", ZERO),
    "cut_short": (b'{"cells": [{"cell_type": "code", "sour', ZERO),
    "nested": (b"[" * 100_000, ZERO),
    "a_list": ("[1, 2]", ZERO),
    "latin": ('{"cells": "é"}'.encode("latin-1"), ZERO),
    "cells_of_numbers": ({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3, None]}, ZERO),
    "half_a_character": (with_cells("x = '\ud800'"), ZERO),
    "half_a_character_in_text": (
        lambda notebook: {
            **solution(RIGHT)(notebook),
            "cells": [*notebook["cells"], {"cell_type": "markdown", "source": "\ud800"}],
        },
        FULL,
    ),
    "format_3": (old_format, FULL),
    "skip_execution": (tagged("skip-execution"), HALF),
    "raises_exception": (tagged("raises-exception", "remove_cell"), HALF),
    "not_a_grade": (with_metadata("correctness", grade=False), FULL),
    "not_locked": (with_metadata("correctness", locked=False), FULL),
    "also_a_solution": (with_metadata("correctness", solution=True), FULL),
    "other_points": (with_metadata("correctness", points=400), FULL),
    "no_points": (with_metadata("correctness", points=None), FULL),
    "other_id": (with_metadata("correctness", grade_id="bonus"), FULL),
    "id_of_another": (with_metadata("correctness", grade_id="edge_case"), FULL),
    "id_that_is_none": (with_metadata("correctness", grade_id=["a"]), FULL),
    "other_checksum": (with_metadata("correctness", checksum="0" * 32), FULL),
    "other_kind": (with_metadata("correctness", cell_type="markdown"), FULL),
    "old_schema": (everywhere(schema_version=0), FULL),
    "new_schema": (everywhere(schema_version=99), FULL),
    "schema_that_is_none": (everywhere(schema_version="x"), FULL),
    "graded_solution": (with_metadata("solution", grade=True, points=100), FULL),
    "locked_solution": (with_metadata("solution", solution=True, locked=True), FULL),
    "bare": (bare, FULL),
    "test_twice": (twice("correctness"), FULL),
    "test_twice_differently": (twice("correctness", "x = 1"), FULL),
    "examples_twice": (twice("examples"), FULL),
    "solution_twice": (twice("solution"), FULL),
    "solution_twice_differently": (twice("solution", AFTER), ZERO),
    "test_as_text": (as_kind("correctness", "markdown"), FULL),
    "solution_as_raw": (as_kind("solution", "raw"), FULL),
    "answer_in_a_test": (with_source("correctness", AFTER), FULL),
    "test_emptied": (with_source("correctness", ""), FULL),
    "spread": (
        with_cells(
            "def double(x, *, times=1):\n    if isinstance(x, list):\n        return [_one(n, times) for n in x]",
            "    \n",
            "def _one(x, times):\n    return x * 2**times",
            RIGHT.replace("def double", "def _other"),
            "_first = double\n\n\ndef double(x, *, times=1):\n"
            "    return _first(x, times=times) if isinstance(x, list) else _other(x, times=times)",
            answer="import math",
        ),
        FULL,
    ),
    "magics": (with_cells("%matplotlib inline\n!pip install torch\n%time x = 1\ndouble?", "%%bash\nls"), FULL),
    "magics_in_the_solution": (solution(f"%load_ext autoreload\n!ls\n{RIGHT}\n%timeit double(3)"), FULL),
    "scratch_under_main": (with_cells("if __name__ == '__main__':\n    import os\n    os.getcwd()"), FULL),
    "scratch_that_fails": (with_cells("1 / 0"), ZERO),
    "outputs_of_full_marks": (with_outputs(FULL_MARKS), HALF),
    "outputs_of_lists": (with_outputs(LISTED), HALF),
    "outputs_that_are_none": (with_outputs({"output_type": "error"}, 3), HALF),
    "stderr": (solution(f"import sys\n\nprint('x', file=sys.stderr)\n{RIGHT}"), FULL),
    "os": (solution(f"import os\n{RIGHT}"), ZERO),
    "kernel_of_julia": (
        lambda notebook: {**solution(RIGHT)(notebook), "metadata": {"kernelspec": {"language": "julia", "name": "j"}}},
        FULL,
    ),
    "metadata_of_nothing": (lambda notebook: {**solution(RIGHT)(notebook), "metadata": None}, FULL),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return toys.toy_course(tmp_path_factory.mktemp("pitfalls"))


@pytest.fixture(scope="module")
def outcome(template):
    """What grading the whole class came to."""
    for student, (change, _) in STUDENTS.items():
        hand_in(template, student, change(released(template)) if callable(change) else change)
    link = hand_in(template, "link", "")
    link.unlink()
    link.symlink_to(template / "source" / "ps1" / "double.ipynb")
    folder = hand_in(template, "folder", "")
    folder.unlink()
    folder.mkdir()
    (folder / "double.ipynb").write_text("{}")
    large = hand_in(template, "large", released(template))
    large.write_bytes(large.read_bytes() + b" " * (5 << 20))
    hand_in(template, "misnamed", answered(released(template), RIGHT), id="another")
    pipe = hand_in(template, "pipe", "")
    pipe.unlink()
    os.mkfifo(pipe)
    return autograde_class(template, "ps1", 2)


def test_nobody_is_lost(outcome):
    odd = {"link", "folder", "large", "pipe"}

    assert outcome.troubles == ()
    assert outcome.graded == len(STUDENTS | dict.fromkeys(odd))
    assert outcome.students == outcome.graded + 1


def test_notebook_of_another_name_is_told(outcome):
    """nbgrader gives no score, and not even a zero, where no notebook has the name of one that was handed out."""
    assert len(outcome.problems) == 1
    assert "from misnamed, found none with its name" in outcome.problems[0]


@pytest.mark.parametrize("student", STUDENTS)
def test_score_is_what_the_answer_deserves(outcome, template, student):
    assert scores(template, student) == pytest.approx(STUDENTS[student][1]), said(template, student)


@pytest.mark.parametrize("student", ["link", "folder", "large", "pipe"])
def test_file_of_another_kind_earns_nothing_and_shows_nothing(outcome, template, student):
    assert scores(template, student) == ZERO
    assert "expected a" in said(template, student)
    assert "2**times" not in json.dumps(toys.graded(template, student))


@pytest.mark.parametrize("student", [*STUDENTS, "link", "folder", "large", "pipe"])
def test_every_test_cell_has_a_message_and_a_plain_score(outcome, template, student):
    """nbgrader takes no output, and whatever it cannot make a number of, for full marks."""
    for name in ("examples", "correctness", "edge_case"):
        outputs = cell(toys.graded(template, student), name)["outputs"]
        assert [output["output_type"] for output in outputs] == ["stream", "execute_result"]
        assert outputs[0]["name"] == "stdout"
        text = "".join(outputs[1]["data"]["text/plain"])
        assert repr(float(text)) == text


@pytest.mark.parametrize("student", [*STUDENTS, "link"])
def test_graded_notebook_is_what_nbgrader_takes(outcome, template, student):
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = nbformat.from_dict(toys.graded(template, student))
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("stub", "implement double"),
        ("wrong", "Doubling three times makes eight of one."),
        ("loops", "is there an endless loop?"),
        ("no_json", "expected a notebook, which is JSON"),
        ("no_bytes", "an empty file"),
        ("no_cells", "expected code cells, found none"),
        ("link", "found a link; hand in the file itself"),
        ("scratch_that_fails", "importing the file raised ZeroDivisionError"),
        ("os", "os may not be imported here"),
        ("right", "4 of 4 checks passed"),
    ],
)
def test_student_reads_what_went_wrong(outcome, template, student, says):
    assert says in said(template, student)


@pytest.mark.parametrize("student", [*STUDENTS, "link", "folder", "large", "pipe"])
def test_no_folder_of_the_course_is_named_to_a_student(outcome, template, student):
    assert str(template) not in json.dumps(toys.graded(template, student)["cells"])


def test_endless_loop_is_waited_for_once(outcome, template):
    """Not once for each cell: the others say that they were not run."""
    text = said(template, "loops")

    assert text.count("the check did not end within") + text.count("no answer within") <= 2
    assert "not run" in text


def test_second_run_grades_nothing(outcome, template):
    again = autograde_class(template, "ps1", 2)

    assert (again.graded, again.known, again.troubles) == (0, outcome.graded, ())


def test_third_run_grades_what_changed(outcome, template, tmp_path):
    made = toys.copy_of(template, tmp_path)
    hand_in(made, "stub", answered(released(made), RIGHT))

    assert (autograde_class(made, "ps1", 1).graded, scores(made, "stub")) == (1, FULL)
    assert scores(made, "wrong") == HALF
