"""Each law of an exercise's files is silent where it is kept, and says what is wrong, where, and what to do."""

from __future__ import annotations

import pytest
from toy import edit, toy_catalogue, write

from mlkata import laws_of_text
from mlkata.catalog import Catalog, read_exercise

LAWS = (*laws_of_text.FIRST_LAWS, *laws_of_text.LAWS)


@pytest.fixture
def exercise(tmp_path):
    return Catalog(toy_catalogue(tmp_path)).exercise("double")


def right(exercise, style):
    return exercise.grader_folder / "right" / f"{style}.py"


def wrong(exercise, misconception):
    return exercise.grader_folder / "wrong" / f"{misconception}.py"


def again(exercise):
    """The exercise after exercise.toml was changed."""
    return Catalog(exercise.home).exercise(exercise.id)


def said(law, exercise):
    return list(getattr(laws_of_text, law)(again(exercise)))


def add_check(exercise, source):
    write(exercise.grader, f"{exercise.grader.read_text()}\n\n{source}\n")


def add_wrong(exercise, count):
    for number in range(count):
        write(wrong(exercise, f"also_{number}"), wrong(exercise, "once").read_text())


def be_slow(exercise):
    edit(exercise.metadata, "edge_case = 2 }", "edge_case = 2, performance = 1 }")


def spread_signature(exercise):
    """As ruff sets a long one: a parameter a line, the same in stub and reference."""
    for path in (exercise.stub, exercise.reference):
        edit(
            path,
            "x: int | float | list, *, times: int = 1",
            "\n    x: int | float | list,\n    *,\n    times: int = 1,\n",
        )


def make_a_class(exercise):
    """`Doubler` with a constructor and a method, in prompt, stub and reference."""
    edit(exercise.metadata, '["double"]', '["Doubler"]')
    shown = "class Doubler:\n    def __init__(self, times=1): ...\n    def double(self, x): ..."
    edit(exercise.readme, "def double(x: int | float | list, *, times: int = 1) -> int | float | list: ...", shown)
    body = '''class Doubler:
    """Doubles."""

    def __init__(self, times=1):
        {}

    def double(self, x):
        """Twice x."""
        {}
'''
    write(exercise.stub, body.format('raise NotImplementedError("no")', 'raise NotImplementedError("no")'))
    write(exercise.reference, body.format("self.times = times", "return x * 2**self.times"))


def class_that(old, new, where):
    def change(exercise):
        make_a_class(exercise)
        edit(getattr(exercise, where), old, new)

    return change


CASES = [
    ("files_are_there", lambda it: it.reference.unlink(), "solutions/double.py is missing: write it"),
    ("files_are_there", lambda it: it.grader.unlink(), "graders/double/test_double.py is missing: write it"),
    ("files_are_there", lambda it: write(it.readme, " \n"), "exercises/double/README.md is empty: write it"),
    (
        "files_are_there",
        lambda it: write(right(it, "loop"), "x = 1\ndef f(:\n"),
        "graders/double/right/loop.py, line 2: invalid syntax",
    ),
    (
        "files_are_there",
        lambda it: it.hints.write_bytes(b"## Hint 1\n\xff\n"),
        "exercises/double/hints.md is no UTF-8 text (byte 10): save it as UTF-8",
    ),
    (
        "nothing_is_left_to_do",
        lambda it: edit(it.metadata, "minutes = 5", "minutes = 5  # TODO: measure"),
        "exercises/double/exercise.toml, line 4: minutes = 5  # TODO: measure",
    ),
    (
        "nothing_is_left_to_do",
        lambda it: edit(wrong(it, "once"), "return x * 2", "return x * 2  # TODO"),
        "graders/double/wrong/once.py, line 11: return x * 2  # TODO",
    ),
    (
        "prompt_has_every_section",
        lambda it: edit(it.readme, "- Euclid, Elements, book IX.\n", ""),
        "README.md has no section '## References', or an empty one: write it",
    ),
    (
        "prompt_has_every_section",
        lambda it: edit(it.readme, "3. What would", "What would"),
        "README.md has 2 numbered follow-up questions: expected 3",
    ),
    (
        "prompt_names_what_is_graded",
        lambda it: edit(it.readme, "**Correctness.**", "**Values.**"),
        "README.md, What is graded, does not mention 'correctness': say what is graded there",
    ),
    (
        "prompt_states_the_rules",
        lambda it: edit(it.metadata, "banned = []", 'banned = ["math.ldexp"]'),
        "README.md, Rules, does not name math.ldexp, which exercise.toml does: name it",
    ),
    (
        "prompt_states_every_convention",
        lambda it: edit(it.grader, '"errors"', '"errors", "Text"'),
        "test_text_is_refused relies on 'Text', which README.md, Conventions, does not state: add a bullet",
    ),
    (
        "prompt_states_every_convention",
        lambda it: edit(it.grader, 'edge_case("errors")', "edge_case"),
        "test_text_is_refused names no convention: name in its marker the bullets of README.md that it relies on",
    ),
    (
        "signatures_agree",
        lambda it: edit(it.readme, "def double(", "def double(("),
        "README.md, Signature, is no Python (line 1: invalid syntax): write `def f(x): ...`",
    ),
    (
        "signatures_agree",
        lambda it: edit(it.readme, "def double", "def twice"),
        "README.md does not define double, which exercise.toml lists as an entry",
    ),
    (
        "signatures_agree",
        lambda it: edit(it.stub, "def double", "def twice"),
        "the stub does not define double, which exercise.toml lists as an entry",
    ),
    (
        "signatures_agree",
        lambda it: edit(it.reference, "def double", "def twice"),
        "the reference does not define double, which exercise.toml lists as an entry",
    ),
    (
        "signatures_agree",
        lambda it: edit(it.reference, "times: int = 1", "times: int = 2"),
        "stub and reference differ in double: (x, *, times=1) and (x, *, times=2)",
    ),
    (
        "signatures_agree",
        lambda it: edit(it.readme, "*, times: int = 1", "times: int = 1"),
        "README.md and the stub differ in double: (x, times=1) and (x, *, times=1)",
    ),
    (
        "signatures_agree",
        class_that("    def double(self, x): ...", "", "readme"),
        "README.md, Signature, does not show Doubler.double, which the stub has",
    ),
    (
        "signatures_agree",
        class_that("def double", "def twice", "reference"),
        "the reference does not define Doubler.double, which the stub has",
    ),
    (
        "signatures_agree",
        class_that("def double(self, x):", "def double(self, y):", "reference"),
        "stub and reference differ in Doubler.double: (self, x) and (self, y)",
    ),
    (
        "docstrings_agree",
        class_that('        """Twice x."""\n', "", "stub"),
        "the stub's Doubler.double has no docstring: write it",
    ),
    (
        "docstrings_agree",
        lambda it: edit(it.reference, "Twice a number", "Two times a number"),
        "stub and reference have different docstrings for double: make them the same",
    ),
    (
        "checks_are_well_formed",
        lambda it: add_check(it, "\n".join(f"def test_{number}():\n    pass\n" for number in range(13))),
        "the grader has 21 checks: expected 8 to 20",
    ),
    (
        "checks_are_well_formed",
        lambda it: edit(it.grader, "def test_number_is_doubled(", "def twice(") or edit(it.grader, "twice 3", "3"),
        "the grader has 7 checks: expected 8 to 20",
    ),
    (
        "checks_are_well_formed",
        lambda it: edit(it.grader, '@pytest.mark.edge_case("errors")\n', ""),
        "test_text_is_refused has 0 category markers: expected one of correctness, edge_case, performance, gpu",
    ),
    (
        "checks_are_well_formed",
        lambda it: edit(it.grader, '    """An empty list gives an empty list."""\n', ""),
        "test_empty_list_stays_empty has no docstring that begins with one plain sentence: the learner reads it",
    ),
    (
        "checks_are_well_formed",
        lambda it: add_check(it, 'def test_bare():\n    """It is bare."""\n    assert 1\n'),
        "test_bare has a bare assert in line 67: use mlkata.compare, whose messages learners can read",
    ),
    (
        "checks_are_well_formed",
        lambda it: edit(it.visible, "test_worked_example", "test_text_is_refused"),
        "2 checks are called test_text_is_refused: names must differ, the visible examples' included",
    ),
    ("checks_are_well_formed", be_slow, "the category performance has points in exercise.toml but no check"),
    (
        "checks_are_well_formed",
        lambda it: edit(it.metadata, "correctness = 4, ", ""),
        "the category correctness has no points in exercise.toml",
    ),
    (
        "grader_stays_light",
        lambda it: edit(it.grader, "import pytest\n", "import math, torch.nn as nn\n"),
        "the grader imports torch.nn, which costs more than the exercise of kind python needs",
    ),
    (
        "grader_stays_light",
        lambda it: edit(it.grader, "    return module.double(x), x", "    from numpy.linalg import norm"),
        "the grader imports numpy.linalg, which costs more than the exercise of kind python needs",
    ),
    (
        "hints_are_three",
        lambda it: edit(it.hints, "## Hint 3", "### Hint 3"),
        "hints.md has the sections Hint 1, Hint 2: expected Hint 1, Hint 2, Hint 3",
    ),
    (
        "hints_are_three",
        lambda it: write(it.hints, "Think.\n"),
        "hints.md has the sections none: expected Hint 1, Hint 2, Hint 3",
    ),
    (
        "answers_are_many",
        lambda it: [path.unlink() for path in it.right],
        "there are 0 right answers: expected 2 or more, in different styles",
    ),
    (
        "answers_are_many",
        lambda it: [path.unlink() for path in it.wrong[:3]],
        "there are 2 wrong answers: expected 3 to 12",
    ),
    ("answers_are_many", lambda it: add_wrong(it, 8), "there are 13 wrong answers: expected 3 to 12"),
    ("answers_are_many", be_slow, "there is no wrong answer slow.py, though speed is graded"),
    (
        "wrong_answers_name_their_checks",
        lambda it: edit(wrong(it, "once"), '"""Twice is twice, however often it is asked for."""', ""),
        "wrong/once.py: its docstring must be the misconception, in one sentence on one line",
    ),
    (
        "wrong_answers_name_their_checks",
        lambda it: edit(wrong(it, "once"), "Twice is twice, however", "Twice is twice,\nhowever"),
        "wrong/once.py: its docstring must be the misconception, in one sentence on one line",
    ),
    (
        "wrong_answers_name_their_checks",
        lambda it: edit(wrong(it, "in_place"), '"test_argument_is_left_alone",', '"test_argument_is_left_alone"'),
        "wrong/in_place.py: expected CAUGHT_BY = (\"test_...\",), found 'test_argument_is_left_alone'",
    ),
    (
        "wrong_answers_name_their_checks",
        lambda it: edit(wrong(it, "in_place"), "CAUGHT_BY =", "CAUGHT ="),
        'wrong/in_place.py: expected CAUGHT_BY = ("test_...",), found None',
    ),
    (
        "wrong_answers_name_their_checks",
        lambda it: edit(wrong(it, "once"), "CAUGHT_BY = (", 'CAUGHT_BY = ("test_all", '),
        "wrong/once.py: CAUGHT_BY names test_all, which the grader does not have",
    ),
    (
        "wrong_answers_name_their_checks",
        lambda it: wrong(it, "in_place").unlink(),
        "no wrong answer names test_argument_is_left_alone in CAUGHT_BY: a check that nothing fails proves nothing",
    ),
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_sound_exercise_keeps_the_law(exercise, law):
    assert list(law(exercise)) == []


@pytest.mark.parametrize(("law", "change", "text"), CASES, ids=[f"{law}-{text[:40]}" for law, _, text in CASES])
def test_what_is_wrong_is_said(exercise, law, change, text):
    change(exercise)

    assert text in said(law, exercise)


def test_sections_in_another_order_are_told(exercise):
    rules = exercise.readme.read_text().partition("## Rules")[2].partition("## ")[0]
    edit(exercise.readme, f"## Rules{rules}", "")
    write(exercise.readme, f"{exercise.readme.read_text()}\n## Rules{rules}")

    [text] = said("prompt_has_every_section", exercise)

    assert text.startswith("README.md has its sections in the order Task, Signature, Conventions, Worked example")
    assert text.endswith("Follow-up questions")


def test_section_of_ones_own_is_no_fault(exercise):
    edit(exercise.readme, "## Rules", "## A picture\n\nOf a number and its double.\n\n## Rules")

    assert said("prompt_has_every_section", exercise) == []


def test_every_category_of_the_grader_is_looked_for(exercise):
    add_check(exercise, '@pytest.mark.performance("numbers")\ndef test_speed(submission):\n    """Fast."""\n')
    add_check(exercise, '@pytest.mark.gpu("numbers")\ndef test_device(submission):\n    """There."""\n')

    texts = said("prompt_names_what_is_graded", exercise)

    assert sorted(text.split("'")[1] for text in texts) == ["gpu", "performance"]


def test_class_is_held_against_the_prompt_method_by_method(exercise):
    make_a_class(exercise)

    for law in ("signatures_agree", "docstrings_agree", "nothing_gives_the_reference_away"):
        assert said(law, exercise) == []


def test_constructor_needs_no_docstring(exercise):
    make_a_class(exercise)
    edit(exercise.stub, "def __init__(self, times=1):", 'def __init__(self, times=1):\n        """Begin."""')

    assert said("docstrings_agree", exercise) == [
        "stub and reference have different docstrings for Doubler.__init__: make them the same"
    ]


@pytest.mark.parametrize(
    ("kind", "package", "is_heavy"),
    [
        ("numpy", "torch", True),
        ("numpy", "numpy", False),
        ("numpy", "sklearn.metrics", False),
        ("pandas", "torch", True),
        ("pandas", "pandas", False),
        ("python", "pandas", True),
        ("torch", "torch", False),
        ("numpy", "torchlike", False),
    ],
)
def test_heavy_is_what_the_kind_does_without(exercise, kind, package, is_heavy):
    edit(exercise.metadata, 'kind = "python"', f'kind = "{kind}"')
    edit(exercise.grader, "import pytest\n", f"import {package}\nimport pytest\n")

    assert bool(said("grader_stays_light", exercise)) is is_heavy


@pytest.mark.parametrize("where", ["readme", "stub", "hints", "visible"])
def test_line_of_the_reference_is_found_however_it_is_set(exercise, where):
    path = getattr(exercise, where)
    text = path.read_text()
    write(path, f"{text}\n#\n   return [number*2**times for number in x]\n")

    [found] = said("nothing_gives_the_reference_away", exercise)

    number = len(text.splitlines()) + 3
    assert found == f"{path.name}, line {number} is a line of the reference: return [number*2**times for number in x]"


def test_long_signature_that_stub_and_reference_share_gives_nothing_away(exercise):
    spread_signature(exercise)

    assert said("nothing_gives_the_reference_away", exercise) == []
    assert said("signatures_agree", exercise) == []


@pytest.mark.parametrize("where", ["stub", "reference", "right/loop", "wrong/once"])
def test_answer_that_breaks_the_rules_is_named(exercise, where):
    path = exercise.grader_folder / f"{where}.py" if "/" in where else getattr(exercise, where)
    write(path, path.read_text() + "\nimport os\n")

    [text] = said("answers_obey_the_rules", exercise)

    assert text.startswith(f"{path.relative_to(exercise.home)} does what this exercise does not allow:\n")
    assert ": os" in text


def test_file_outside_the_home_is_told_by_its_name(exercise, tmp_path):
    folder = exercise.folder.rename(tmp_path / "double")
    moved = read_exercise(folder, exercise.home)
    (folder / "hints.md").unlink()

    assert list(laws_of_text.files_are_there(moved)) == ["hints.md is missing: write it"]
