"""A notebook's solution cells become one Python source, whose lines stay where the learner wrote them."""

from __future__ import annotations

import json

import pytest

from mlkata.cells import plain_python
from mlkata.errors import DoesNotLoad
from mlkata.notebook import read_notebook


def code(source, *, tags=(), **nbgrader):
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    return {"cell_type": "code", "source": source, "metadata": {**metadata, "tags": list(tags)}, "outputs": []}


def text(source):
    return {"cell_type": "markdown", "source": source, "metadata": {}}


@pytest.fixture
def notebook(tmp_path):
    def write(*cells, **document):
        path = tmp_path / "double.ipynb"
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **document}))
        return path

    return write


def run(source):
    names = {}
    exec(compile(source, "double.ipynb", "exec"), names)
    return names


def refusal(path):
    with pytest.raises(DoesNotLoad) as caught:
        read_notebook(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "expected" in message
    assert "found" in message
    return message


def test_code_cells_are_joined_in_order_and_named(notebook):
    path = notebook(text("# Double"), code("a = 1"), text("then"), code("b = a + 1\nc = 5"))

    assert read_notebook(path) == "# cell 2 of the notebook\na = 1\n# cell 4 of the notebook\nb = a + 1\nc = 5\n"


@pytest.mark.parametrize("source", ["def f():\n    return 3", ["def f():\n", "    return 3"]])
def test_source_is_text_or_lines(notebook, source):
    assert run(read_notebook(notebook(code(source))))["f"]() == 3


@pytest.mark.parametrize(
    ("nbgrader", "taken"),
    [
        ({}, True),
        ({"grade": False, "solution": True, "locked": False}, True),
        ({"grade": True, "solution": True, "locked": False}, True),
        ({"grade": True, "solution": False, "locked": True}, False),
        ({"grade": True, "solution": False, "locked": False}, False),
        ({"grade": False, "solution": False, "locked": True}, False),
        ({"grade": False, "solution": False, "locked": False}, True),
    ],
)
def test_tests_and_locked_cells_are_left_out(notebook, nbgrader, taken):
    path = notebook(code("kept = 1"), code("other = 1", **nbgrader))

    assert ("other" in read_notebook(path)) is taken


def test_examples_are_left_out(notebook):
    path = notebook(code("kept = 1"), code("print(kept)", tags=["mlkata-examples"]))

    assert "print" not in read_notebook(path)


def test_format_3_is_read(notebook, tmp_path):
    path = tmp_path / "old.ipynb"
    cells = [{"cell_type": "heading", "source": "Double"}, {"cell_type": "code", "input": ["x = 1\n", "y = 2"]}]
    path.write_text(json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}))

    assert run(read_notebook(path))["y"] == 2


def test_future_import_of_a_later_cell_works(notebook):
    later = "from __future__ import annotations\ndef f(x: Unknown):\n    return x"

    source = read_notebook(notebook(code("import math"), code(later)))

    assert run(source)["f"](3) == 3
    assert source.split("\n").index("def f(x: Unknown):") == 5


def test_byte_order_mark_is_no_part_of_the_text(notebook):
    path = notebook(code("x = 1"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert run(read_notebook(path))["x"] == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "an empty file"),
        (b"def f(): pass", "JSON"),
        (b'{"cells": [', "cut short"),
        (b"[1, 2]", "list"),
        (b'{"nbformat": 4}', "list of cells"),
        (b'{"cells": 3}', "list of cells"),
        (b'{"cells": [3]}', "cell 1"),
        (b'{"cells": [{"cell_type": "code", "source": 3}]}', "cell 1"),
        (b'{"cells": [{"cell_type": "code", "source": ["a", 3]}]}', "lines of text"),
        (b'{"cells": []}', "code cells"),
        (b'{"cells": [{"cell_type": "markdown", "source": "x"}]}', "code cells"),
        (b'{"cells": [{"cell_type": "code", "source": " \\n# nothing\\n"}]}', "empty cells"),
        (b'{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}', "half a character"),
        ('{"cells": [{"cell_type": "code", "source": "é"}]}'.encode("latin-1"), "UTF-8"),
        (b"[" * 100_000, "no notebook has"),
    ],
)
def test_what_is_no_notebook_is_refused_with_a_reason(tmp_path, content, says):
    path = tmp_path / "double.ipynb"
    path.write_bytes(content)

    assert says in refusal(path)


def test_notebook_without_solution_cells_is_refused(notebook):
    assert "locked" in refusal(notebook(code("assert f(1) == 2", grade=True, solution=False)))


def test_missing_file_and_folder_are_refused(tmp_path):
    assert "no such file" in refusal(tmp_path / "double.ipynb")
    assert "a folder" in refusal(tmp_path)


def test_commented_cell_magic_alone_is_no_solution(notebook):
    assert "without %%" in refusal(notebook(code("%%bash\necho hello")))


@pytest.mark.parametrize(
    "source",
    [
        "x = (10\n% 3)",
        "x = 10 \\\n% 3",
        'x = """\n%matplotlib inline\n!ls\nwhat?\n"""',
        "x = [\n    7\n    % 4,\n]",
        "x = 'a?'  # is it?\n",
        'x = f"{10:%}"',
    ],
)
def test_python_stays_as_it_is(source):
    assert plain_python(source) == source


@pytest.mark.parametrize(
    "line",
    ["%matplotlib inline", "!pip install 'torch", "%cd it's (here", "?len", "len?", "len??", "%timeit?", "!!ls", "%%x"],
)
def test_line_of_ipython_becomes_a_comment_on_its_line(line):
    source = f"a = 1\n{line}\nb = a + 1"

    plain = plain_python(source)

    assert run(plain)["b"] == 2
    assert plain.split("\n")[2] == "b = a + 1"


@pytest.mark.parametrize(
    "text",
    [
        '"""\n%kept\n!kept\nkept?\n"""',
        "'''\n%kept '' \" \\'''\n!kept\n'''",
        "(\n'kept' '('  # ) '\n% ()\n)",
        "'a\\\n%kept'",
        "'' '''%kept\n%kept'''",
    ],
)
def test_only_statements_are_replaced_beside_a_magic(text):
    plain = plain_python(f"%matplotlib inline\nx = {text}\n%time\ny = 1")

    assert f"x = {text}\n" in plain
    assert plain.startswith("# %matplotlib inline\n")
    assert plain.endswith("# %time\ny = 1")


def test_magic_that_goes_on_with_backslashes_is_replaced_whole():
    assert run(plain_python("!pip install \\\n  numpy \\\n  'torch\nx = 1"))["x"] == 1


def test_magic_alone_in_a_block_leaves_a_block():
    plain = plain_python("if True:\n    !pip install torch\nx = 1")

    assert run(plain)["x"] == 1
    assert plain.split("\n")[2] == "x = 1"


def test_cell_magic_comments_the_whole_cell_out():
    plain = plain_python("\n%%bash\nrm -r x\n  echo 'it")

    assert run(plain).keys() == {"__builtins__"}
    assert plain.count("\n") == 3


@pytest.mark.parametrize("magic", ["%%time", "%%capture out"])
def test_cell_magic_that_runs_its_cell_here_keeps_it(magic):
    plain = plain_python(f"{magic}\n%matplotlib inline\ndef f():\n    return 4")

    assert run(plain)["f"]() == 4
    assert plain.split("\n")[2] == "def f():"


def test_windows_line_ends_are_read():
    assert run(plain_python("!pip \\\r\ninstall\r\nx = '''a\r\nb'''\r\n"))["x"] == "a\nb"


def test_true_syntax_error_stays_for_the_learner_to_see():
    assert plain_python("x = = 3\n%time\n") == "x = = 3\n# %time\n"


def test_large_cell_takes_no_time_to_speak_of():
    source = "%magic\n" + "x = (\n" * 200_000

    assert plain_python(source).count("\n") == 200_001
