"""A submitted notebook's cells are brought back to what the gradebook knows of them."""

from mlkata.course_cells import KnownCell, plain_cells, restored

TASK = KnownCell("task", "markdown", "# Double", "a", True, False, False, False, None)
SOLUTION = KnownCell("solution", "code", "", "b", False, False, True, False, None)
FIRST = KnownCell("correctness", "code", "# mlkata: first", "c", True, True, False, False, 4.0)
SECOND = KnownCell("edge_case", "code", "# mlkata: second", "d", True, True, False, False, 2.0)
KNOWN = (SECOND, TASK, FIRST, SOLUTION)


def submitted(*cells):
    """Cells as a student's program may have saved them: kind, name, source."""
    listed = [
        {"cell_type": kind, "metadata": {"nbgrader": {"grade_id": id}}, "source": text} for kind, id, text in cells
    ]
    return [
        (each["grade_id"], each["cell_type"], each["source"])
        for each in restored(plain_cells({"cells": listed}), KNOWN)
    ]


def test_locked_cell_gets_its_text_back_and_an_answer_keeps_its_own():
    found = submitted(("code", "correctness", "4.0"), ("code", "solution", "x = 1"), ("markdown", "edge_case", ""))

    assert found == [
        ("correctness", "code", "# mlkata: first"),
        ("solution", "code", "x = 1"),
        ("edge_case", "code", "# mlkata: second"),
    ]


def test_missing_test_cells_come_at_the_end_in_the_order_of_categories():
    assert [id for id, _, _ in submitted(("code", "solution", "x = 1"))] == ["solution", "correctness", "edge_case"]


def test_missing_text_is_not_needed():
    assert "task" not in [id for id, _, _ in submitted()]


def test_copy_of_a_test_goes_and_a_copy_of_an_answer_stays():
    copies = (("code", "correctness", "# mlkata: first"), ("code", "solution", "x = 1"))

    assert submitted(*copies, *copies) == [
        ("correctness", "code", "# mlkata: first"),
        ("solution", "code", "x = 1"),
        ("solution", "code", "x = 1"),
        ("edge_case", "code", "# mlkata: second"),
    ]


def test_second_answer_has_no_marks_of_nbgrader():
    cells = plain_cells({"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "solution"}}}] * 2})

    assert [bool(each["metadata"]) for each in restored(cells, KNOWN)[:2]] == [True, False]


def test_what_is_no_cell_is_left_out():
    assert plain_cells({"cells": [3, None, "x", []]}) == plain_cells({"cells": 3}) == plain_cells({}) == []


def test_attached_pictures_alone_are_kept():
    attachments = {
        "a.png": {"image/png": "aGk="},
        "b.svg": {"image/svg+xml": "<svg>"},
        "c.png": 3,
        "d.png": {"image/png": 3},
    }
    (cell,) = plain_cells({"cells": [{"cell_type": "markdown", "source": "", "attachments": attachments}]})

    assert cell["attachments"] == {"a.png": {"image/png": "aGk="}}
