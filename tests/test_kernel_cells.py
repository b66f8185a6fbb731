"""What a kernel has run becomes the source that grading would read from the notebook."""

import pytest

from mlkata.errors import UsageError
from mlkata.kernel_cells import source_of, source_so_far


def lines(*cells):
    return [line for line in source_of(["", *cells]).splitlines() if not line.startswith("# In [")]


def test_cells_are_joined_in_their_order():
    assert source_of(["", "a = 1", "b = a"]) == "# In [1]\na = 1\n# In [2]\nb = a\n"


def test_cell_that_was_run_again_stands_for_its_earlier_form():
    assert lines("def f():\n    return 1", "x = f()", "def f():\n    return 2") == [
        "x = f()",
        "def f():",
        "    return 2",
    ]


def test_earlier_form_with_fewer_names_is_left_out_too():
    assert lines("import math\na = 1", "import math\na = 2\nb = 3") == ["import math", "a = 2", "b = 3"]


def test_part_that_is_defined_anew_elsewhere_leaves_the_rest():
    assert lines("def f(): ...\ndef g(): ...", "def g(): return 1") == [
        "def f(): ...",
        "def g(): ...",
        "def g(): return 1",
    ]


def test_cell_that_is_no_python_is_left_out():
    assert lines("def f(:", "x = 1") == ["x = 1"]


def test_cells_with_checks_are_left_out():
    assert lines("# mlkata: visible examples of f.\nimport mlkata.examples", "x = 1") == ["x = 1"]


def test_magics_become_comments():
    assert lines("%matplotlib inline\nx = 1") == ["# %matplotlib inline", "x = 1"]


def test_expressions_are_kept():
    assert lines("f(1)", "f(1)") == ["f(1)", "f(1)"]


@pytest.mark.parametrize(
    "cell", ["a, b = 1, 2", "a: int = 1", "class a: ...", "async def a(): ...", "import a.b", "from x import y as a"]
)
def test_every_kind_of_definition_counts(cell):
    again = cell.replace("1", "7")
    assert len(lines(cell, again)) == 1


def test_outside_a_notebook_it_is_said():
    with pytest.raises(UsageError, match="expected a notebook's kernel, found none"):
        source_so_far()
