"""Hostile notebooks: each function hands one in, and its docstring says what it tries.

All of them answer as the honest wrong answer does, whose score none may surpass. What runs is tried where it can be
run, and silently given up where it cannot. Texts in it that begin with @ are replaced by what the test knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_toy import answered, cell, code, hand_in, released
from toy import WRONG

ANSWER = WRONG["once"]
FULL_MARKS = {"output_type": "execute_result", "data": {"text/plain": "4.0"}, "metadata": {}, "execution_count": 1}
SCRIPT = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"

ATTACKS: dict[str, Callable[[Attacker], None]] = {}


@dataclass
class Attacker:
    """A student with a notebook, and the course that this one knows its way around in."""

    made: Path
    name: str

    def __post_init__(self) -> None:
        self.notebook: dict[str, Any] = answered(released(self.made), ANSWER)

    @property
    def tests(self) -> list[dict[str, Any]]:
        """The test cells."""
        return [cell(self.notebook, name) for name in ("correctness", "edge_case")]

    def hand_in(self) -> Path:
        """Hand the notebook in."""
        return hand_in(self.made, self.name, self.notebook)

    def runs(self, text: str) -> None:
        """Hand in a notebook with code above the answer that may fail."""
        lines = "\n".join(f"    {line}" for line in text.strip().splitlines())
        known = {"@course@": str(self.made), "@catalogue@": str(self.made.parent / "catalogue")}
        for word, value in known.items():
            lines = lines.replace(word, value)
        answered(self.notebook, f"try:\n{lines}\nexcept BaseException:\n    pass\n\n{ANSWER}")
        self.hand_in()


def attack(hand_in: Callable[[Attacker], None]) -> Callable[[Attacker], None]:
    ATTACKS[hand_in.__name__] = hand_in
    return hand_in


# What a notebook's file can hold.


@attack
def outputs_of_full_marks(student):
    """Saves full marks as the outputs of its test cells."""
    for each in student.tests:
        each["outputs"] = [FULL_MARKS]
    student.hand_in()


@attack
def cells_that_are_not_run(student):
    """Tags its test cells so that they are not run and have no output, which nbgrader takes for full marks."""
    for each in student.tests:
        each["metadata"]["tags"] = ["skip-execution"]
    student.hand_in()


@attack
def more_points(student):
    """Gives its test cells a thousand points."""
    for each in student.tests:
        each["metadata"]["nbgrader"]["points"] = 1000
    student.hand_in()


@attack
def points_that_are_no_number(student):
    """Gives its test cells NaN and minus infinity as points."""
    for each, points in zip(student.tests, (float("nan"), float("-inf")), strict=True):
        each["metadata"]["nbgrader"]["points"] = points
    student.hand_in()


@attack
def bonus_cell(student):
    """Adds a test cell of its own with a hundred points."""
    extra = json.loads(json.dumps(student.tests[0]))
    extra["metadata"]["nbgrader"].update(grade_id="bonus", points=100)
    student.notebook["cells"].append({**extra, "id": "bonus", "outputs": [FULL_MARKS]})
    student.hand_in()


@attack
def test_cell_of_its_own(student):
    """Puts a test cell that grants everything before the true one, under the same name."""
    for each in student.tests:
        easy = json.loads(json.dumps(each))
        easy.update(id=f"easy-{each['id']}", source=str(each["metadata"]["nbgrader"]["points"]))
        student.notebook["cells"].insert(1, easy)
    student.hand_in()


@attack
def rewritten_tests(student):
    """Writes scores into its test cells, and unlocks them."""
    for each in student.tests:
        each["source"] = "4.0"
        each["metadata"]["nbgrader"].update(locked=False, solution=True)
    student.hand_in()


@attack
def tests_deleted(student):
    """Deletes its test cells, so that they would never be graded."""
    student.notebook["cells"] = [each for each in student.notebook["cells"] if each not in student.tests]
    student.hand_in()


@attack
def tests_as_text(student):
    """Makes its test cells text, which waits for a grader's eye."""
    for each in student.tests:
        each["cell_type"] = "markdown"
        del each["outputs"], each["execution_count"]
    student.hand_in()


@attack
def tests_swapped(student):
    """Exchanges the names of its test cells, so that the one with many points has the checks that it passes."""
    names = [each["metadata"]["nbgrader"]["grade_id"] for each in student.tests]
    for each, name in zip(student.tests, reversed(names), strict=True):
        each["metadata"]["nbgrader"]["grade_id"] = name
    student.hand_in()


@attack
def other_exercise(student):
    """Has its test cells ask for the checks of another, easier exercise."""
    for each in student.tests:
        name = each["metadata"]["nbgrader"]["grade_id"]
        each["source"] = f'# mlkata: hidden checks\nfrom mlkata.hidden import hidden\n\nhidden("easy", "{name}")'
        each["metadata"]["nbgrader"]["checksum"] = "0" * 32
    student.hand_in()


@attack
def graded_already(student):
    """Claims in the notebook's metadata that it was graded already, with the name of that state."""
    student.notebook["metadata"]["mlkata"] = {"state": "known", "score": 4.0}
    student.hand_in()


@attack
def schema_of_the_future(student):
    """Has cells of a schema that nbgrader does not know, which stops the whole class."""
    for each in student.notebook["cells"]:
        each["metadata"].setdefault("nbgrader", {})["schema_version"] = 99
    student.hand_in()


@attack
def deep_json(student):
    """Hands in JSON that is nested a hundred thousand deep."""
    hand_in(student.made, student.name, "[" * 100_000)


@attack
def twenty_megabytes(student):
    """Hands in twenty megabytes of text."""
    student.notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "id": "x", "source": "x" * (20 << 20)})
    student.hand_in()


@attack
def ids_that_collide(student):
    """Gives all cells the same id, and ids that are no text."""
    for each in student.notebook["cells"]:
        each["id"] = "same"
    student.notebook["cells"][0]["id"] = ["x"]
    student.hand_in()


@attack
def two_formats(student):
    """Holds another notebook in the place where old formats keep their cells, for whoever reads that one."""
    right = {"cell_type": "code", "input": "def double(x, times=1): ...", "metadata": {}, "outputs": [FULL_MARKS]}
    student.notebook["worksheets"] = [{"cells": [right]}]
    student.hand_in()


@attack
def kernel_of_its_own(student):
    """Asks for a kernel, and a language, whose program it brings along."""
    kernel = {"name": "../../submitted/kernel", "language": "sh", "display_name": SCRIPT}
    student.notebook["metadata"] = {"kernelspec": kernel, "language_info": {"name": "sh", "pygments_lexer": SCRIPT}}
    path = student.hand_in()
    (path.parent / "kernel.json").write_text('{"argv": ["sh", "-c", "touch @course@/owned"], "language": "sh"}')


@attack
def script_in_text(student):
    """Has a text cell with a script, which would run in the browser of whoever looks at it, as that person."""
    student.notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "id": "s", "source": SCRIPT})
    student.hand_in()


@attack
def script_in_a_raw_cell(student):
    """Has a raw cell of HTML with a script."""
    raw = {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "id": "s", "source": SCRIPT}
    student.notebook["cells"].append(raw)
    student.hand_in()


@attack
def script_in_an_output(student):
    """Saves an output of HTML with a script."""
    html = {"output_type": "display_data", "data": {"text/html": SCRIPT, "text/plain": "x"}, "metadata": {}}
    student.notebook["cells"].append({**code("1"), "outputs": [html]})
    student.hand_in()


@attack
def script_in_a_picture(student):
    """Attaches a picture that is a script, under a name that is one."""
    text = {"cell_type": "markdown", "metadata": {}, "id": "s", "source": "![x](attachment:x.svg)"}
    attachments = {"x.svg": {"image/svg+xml": f"<svg>{SCRIPT}</svg>"}, SCRIPT: {"image/png": f'">{SCRIPT}'}}
    student.notebook["cells"].append({**text, "attachments": attachments})
    student.hand_in()


@attack
def script_in_a_link(student):
    """Writes links that run scripts, in all the ways in which Markdown can spell them."""
    links = [
        "[a](javascript:alert(1))",
        "[b](<java\tscript:alert(1)>)",
        "[c](javascript\\:alert(1))",
        "<javascript:alert(1)>",
    ]
    links += ["[d](&#106;avascript:alert(1))", "[e][f]\n\n[f]: JaVaScRiPt:alert(1)", "![g](data:text/html,x)"]
    links += [f"`{link}`" for link in links] + ["$$\n" + link + "\n$$" for link in links]
    cells = [{"cell_type": "markdown", "metadata": {}, "id": f"l{n}", "source": link} for n, link in enumerate(links)]
    student.notebook["cells"] += cells
    student.hand_in()


@attack
def picture_that_lacks(student):
    """Shows an attachment that is not there, over which the making of pages stumbles."""
    student.notebook["cells"].append(
        {"cell_type": "markdown", "metadata": {}, "id": "p", "source": "![x](attachment:y.png)"}
    )
    student.hand_in()


@attack
def text_that_is_hard_to_read(student):
    """Nests quotes, lists and brackets in text beyond what can be rendered."""
    texts = [">" * 50_000, "- " * 50_000, "[" * 200_000, "![" * 100_000, "*_" * 100_000]
    cells = [{"cell_type": "markdown", "metadata": {}, "id": f"h{n}", "source": text} for n, text in enumerate(texts)]
    student.notebook["cells"] += cells
    student.hand_in()


@attack
def template_in_text(student):
    """Writes what the templates of the pages would evaluate."""
    source = "{{ resources }} {% for x in resources %}{{ x }}{% endfor %} {{ self.__init__.__globals__ }}"
    student.notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "id": "t", "source": source})
    student.hand_in()


@attack
def files_in_text(student):
    """Shows files of the course as pictures, in the hope that they are put into the page."""
    source = f"![x](file://{student.made}/gradebook.db) ![x](../../../source/ps1/double.ipynb)"
    student.notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "id": "f", "source": source})
    student.hand_in()


# What can lie beside a notebook.


@attack
def link_to_the_source(student):
    """Hands in a link to the instructor's notebook, to get the reference, or have it graded."""
    path = student.hand_in()
    path.unlink()
    path.symlink_to(student.made / "source" / "ps1" / "double.ipynb")


@attack
def link_to_another_student(student):
    """Hands in a link to another student's notebook."""
    path = student.hand_in()
    path.unlink()
    path.symlink_to(student.made / "submitted" / "honest_right" / "ps1" / "double.ipynb")


@attack
def files_that_shadow_modules(student):
    """Puts files beside its notebook that are named as the modules of those who grade."""
    folder = student.hand_in().parent
    for name in ("numpy", "pytest", "mlkata", "nbgrader", "sitecustomize", "conftest", "warnings"):
        (folder / f"{name}.py").write_text("raise SystemExit('a file beside a submission was imported')\n")


@attack
def configuration_beside_it(student):
    """Brings configurations of nbgrader, Jupyter, pytest and its own checks along."""
    folder = student.hand_in().parent
    (folder / "nbgrader_config.py").write_text("raise SystemExit('read')\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --co\n")
    for name in ("test_double.py", "exercise.toml", "double.py"):
        (folder / name).write_text("SECRET = 1\n")


@attack
def page_beside_it(student):
    """Puts a page beside its notebook that would be released as feedback, also to others."""
    folder = student.hand_in().parent
    (folder / "double.html").write_text(SCRIPT)


@attack
def database_beside_it(student):
    """Puts a gradebook and stored grades of its own beside its notebook."""
    folder = student.hand_in().parent
    (folder / ".mlkata").mkdir()
    for name in ("gradebook.db", ".mlkata/grades.sqlite"):
        (folder / name).write_text("no database")


# What its code does.


@attack
def input_transformer(student):
    """Has IPython rewrite every later cell, so that asserts vanish."""
    student.runs("""
shell = get_ipython()
shell.input_transformers_post.append(lambda lines: [line.replace("assert", "pass #") for line in lines])
""")


@attack
def syntax_tree_transformer(student):
    """Has IPython rewrite the syntax tree of every later cell."""
    student.runs("""
import ast
class Gone(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Call(self, node):
        return ast.Constant(4.0)
get_ipython().ast_transformers.append(Gone())
""")


@attack
def display_formatter(student):
    """Has IPython show every number as four."""
    student.runs("""
formatter = get_ipython().display_formatter.formatters["text/plain"]
formatter.for_type(float, lambda value, printer, cycle: printer.text("4.0"))
import sys
sys.displayhook = lambda value: print("Out[1]: 4.0")
""")


@attack
def hook_after_each_cell(student):
    """Registers a function that IPython calls after each cell, and clears its errors."""
    student.runs("""
shell = get_ipython()
shell.events.register("post_run_cell", lambda result: setattr(result, "error_in_exec", None))
shell.showtraceback = shell.run_cell_async = lambda *arguments, **options: None
""")


@attack
def patched_scores(student):
    """Changes what makes scores of reports, in mlkata and in nbgrader."""
    student.runs("""
import mlkata.cell_scores, mlkata.report, nbgrader.utils
mlkata.cell_scores.score_of = lambda *arguments: 4.0
mlkata.report.Report.passed = property(lambda self: True)
nbgrader.utils.determine_grade = lambda *arguments: (4.0, 4.0)
""")


@attack
def patched_checks(student):
    """Changes the assertions, and the builtins, that checks use."""
    student.runs("""
import builtins, mlkata.compare
for name in dir(mlkata.compare):
    if name.startswith("assert"):
        setattr(mlkata.compare, name, lambda *arguments, **options: None)
builtins.abs = builtins.len = lambda value: 0
builtins.isinstance = lambda *arguments: True
""")


@attack
def calls_the_checks_itself(student):
    """Calls the function that grades, and hands its score over as its own."""
    student.runs("""
from mlkata.hidden import hidden
raise ValueError(hidden("double", "correctness"))
""")


@attack
def printed_score(student):
    """Prints what a score looks like, to both streams."""
    student.runs("""
import sys
print("Out[1]: 4.0")
print("double, correctness: 4 of 4 checks passed", file=sys.stderr)
sys.__stdout__.write('{"output_type": "execute_result"}')
""")


@attack
def script_in_an_error(student):
    """Raises an error whose text is a script, with codes for terminals."""
    text = SCRIPT.replace("'", '"')
    source = f"def double(x, *, times=1):\n    raise ValueError('''\x1b[31m{text}\x1b]8;;http://x\x07''')\n"
    answered(student.notebook, source)
    student.hand_in()


@attack
def reads_the_source(student):
    """Reads the instructor's notebooks."""
    student.runs("""
from pathlib import Path
raise SystemExit("".join(path.read_text() for path in Path("@course@/source").rglob("*.ipynb")))
""")


@attack
def reads_the_grader(student):
    """Reads the hidden checks and the reference, and answers with their text."""
    student.runs("""
from pathlib import Path
found = "".join(path.read_text() for path in Path("@catalogue@").rglob("*.py"))
def _answer(x, *, times=1):
    raise ValueError(found)
double = _answer
""")


@attack
def reads_other_students(student):
    """Reads what others handed in, and defines what it finds there."""
    student.runs("""
import json
from pathlib import Path
for path in Path("@course@/submitted").rglob("double.ipynb"):
    for found in json.loads(path.read_text())["cells"]:
        exec("".join(found["source"]))
""")


@attack
def reads_the_seed(student):
    """Reads the seed of the inputs from the stored grades."""
    student.runs("""
import sqlite3
found = sqlite3.connect("@course@/.mlkata/grades.sqlite").execute("select * from settings").fetchall()
raise SystemExit("SEED-" + f"FOUND {found}")
""")


@attack
def writes_the_gradebook(student):
    """Gives everybody full marks in nbgrader's database."""
    student.runs("""
import sqlite3
book = sqlite3.connect("@course@/gradebook.db")
book.execute("update grade set auto_score = 100, manual_score = 100")
book.commit()
""")


@attack
def writes_the_course(student):
    """Writes over the instructor's notebooks, the configuration, the grader, and what others handed in."""
    student.runs("""
from pathlib import Path
for folder in ("@course@", "@catalogue@"):
    for path in Path(folder).rglob("*"):
        try:
            path.write_text("owned")
        except OSError:
            pass
""")


@attack
def shell_lines(student):
    """Has shell lines and cell magics that write to the course."""
    answered(student.notebook, f"!touch {student.made}/owned\n%system touch {student.made}/owned\n{ANSWER}")
    student.notebook["cells"][1:1] = [
        code(f"%%bash\ntouch {student.made}/owned"),
        code(f"%run {student.made}/submitted/x.py"),
        code("%load_ext evil"),
    ]
    student.hand_in()


@attack
def background_process(student):
    """Leaves a process behind that waits for the gradebook and changes it."""
    student.runs("""
import os, sqlite3, time
if os.fork() == 0:
    os.setsid()
    while True:
        time.sleep(0.1)
        sqlite3.connect("@course@/gradebook.db").execute("update grade set auto_score = 100").connection.commit()
""")


@attack
def at_exit(student):
    """Registers functions that write scores when its process ends, and threads that outlive it."""
    student.runs("""
import atexit, threading, time
def write():
    time.sleep(0.2)
    open("@course@/owned", "w").write("x")
atexit.register(write)
threading.Thread(target=write).start()
""")


@attack
def ends_the_process(student):
    """Ends its process at once, with the status of success."""
    student.runs("import os; os._exit(0)")


@attack
def never_ends(student):
    """Never ends its import."""
    answered(student.notebook, f"while True:\n    pass\n\n{ANSWER}")
    student.hand_in()


@attack
def code_in_another_encoding(student):
    """Declares an encoding in which its comments would be code."""
    hidden = "# -*- coding: utf-7 -*-\n# +AAo-import os; os._exit(0)\n# +AAo-def double(x, times=1): return x\n"
    answered(student.notebook, hidden + ANSWER)
    student.hand_in()


@attack
def line_ends_of_all_kinds(student):
    """Hides code behind line ends that not everybody takes for one, at the seam of two cells."""
    seams = ["# a\r", "# b\x0c", "# c\u2028import os", "x = 1 \\", "'''", "'''", "# d\x0b\x85import os"]
    student.notebook["cells"][1:1] = [code(seam) for seam in seams]
    student.hand_in()


@attack
def other_answers_by_time(student):
    """Answers differently once it has been called often, as the checks in the grader would call it."""
    counting = "_calls = [0]\n\n\ndef double(x, *, times=1):\n    _calls[0] += 1\n    return [x] * 1000\n"
    answered(student.notebook, counting)
    student.hand_in()
