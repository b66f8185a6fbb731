"""The laws that an exercise's files keep, judged without running them: one function each, yielding what is wrong."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from mlkata import prompt, rules, signatures, sources
from mlkata.catalog import Exercise
from mlkata.errors import RefusedByRules
from mlkata.report import Category

Law = Callable[[Exercise], Iterator[str]]

FEWEST_CHECKS, MOST_CHECKS = 8, 20
FEWEST_RIGHT = 2
FEWEST_WRONG, MOST_WRONG = 3, 12
N_HINTS = 3
N_FOLLOW_UPS = 3
HEAVY = {"numpy": ("torch",), "pandas": ("torch",), "python": ("torch", "numpy", "pandas")}
CATEGORY_WORDS = {"correctness": "correctness", "edge_case": "edge case", "performance": "performance", "gpu": "gpu"}


def files_are_there(exercise: Exercise) -> Iterator[str]:
    """Every file of an exercise exists, is text and is not empty, and its Python can be parsed."""
    wanted = (exercise.readme, exercise.stub, exercise.visible, exercise.hints, exercise.reference, exercise.grader)
    for path in (*wanted, *exercise.right, *exercise.wrong):
        try:
            if not path.is_file():
                yield f"{_short(exercise, path)} is missing: write it"
            elif not path.read_text(encoding="utf-8").strip():
                yield f"{_short(exercise, path)} is empty: write it"
            elif path.suffix == ".py":
                sources.tree(path)
        except UnicodeDecodeError as error:
            yield f"{_short(exercise, path)} is no UTF-8 text (byte {error.start}): save it as UTF-8"
        except SyntaxError as error:
            yield f"{_short(exercise, path)}, line {error.lineno}: {error.msg}"


def nothing_is_left_to_do(exercise: Exercise) -> Iterator[str]:
    """No file holds a TODO."""
    for path in _files(exercise):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(r"\bTODO\b", line):
                yield f"{_short(exercise, path)}, line {number}: {line.strip()}"


def prompt_has_every_section(exercise: Exercise) -> Iterator[str]:
    """README.md has the sections of a prompt in their order, none of them empty, and three follow-up questions."""
    found = prompt.sections(_readme(exercise))
    known = [heading for heading in found if heading in prompt.SECTIONS]
    for heading in prompt.SECTIONS:
        if not found.get(heading):
            yield f"README.md has no section '## {heading}', or an empty one: write it"
    if known != [heading for heading in prompt.SECTIONS if heading in known]:
        yield f"README.md has its sections in the order {', '.join(known)}: expected {', '.join(prompt.SECTIONS)}"
    questions = re.findall(r"^\d+\. ", found.get("Follow-up questions", ""), re.MULTILINE)
    if len(questions) != N_FOLLOW_UPS:
        yield f"README.md has {len(questions)} numbered follow-up questions: expected {N_FOLLOW_UPS}"


def prompt_names_what_is_graded(exercise: Exercise) -> Iterator[str]:
    """The section "What is graded" has a word on each category that has checks."""
    text = prompt.sections(_readme(exercise)).get("What is graded", "").lower()
    for category in {category for check in sources.checks(exercise.grader) for category in check.categories}:
        if CATEGORY_WORDS[category] not in text:
            yield f"README.md, What is graded, does not mention {CATEGORY_WORDS[category]!r}: say what is graded there"


def prompt_states_the_rules(exercise: Exercise) -> Iterator[str]:
    """The section "Rules" names every package that is allowed and every call that is banned."""
    text = prompt.sections(_readme(exercise)).get("Rules", "")
    for name in (*exercise.allowed, *exercise.banned):
        if name not in text:
            yield f"README.md, Rules, does not name {name}, which exercise.toml does: name it"


def prompt_states_every_convention(exercise: Exercise) -> Iterator[str]:
    """What a check's marker names is the bold key of a bullet in the section "Conventions"."""
    stated = {key.lower() for key in prompt.conventions(_readme(exercise))}
    for check in sources.checks(exercise.grader):
        if not check.conventions:
            yield f"{check.name} names no convention: name in its marker the bullets of README.md that it relies on"
        for key in check.conventions:
            if key.lower() not in stated:
                yield f"{check.name} relies on {key!r}, which README.md, Conventions, does not state: add a bullet"


def signatures_agree(exercise: Exercise) -> Iterator[str]:
    """Prompt, stub and reference define the entries with the same parameters."""
    try:
        shown = signatures.stated(_readme(exercise))
    except SyntaxError as error:
        yield f"README.md, Signature, is no Python (line {error.lineno}: {error.msg}): write `def f(x): ...`"
        return
    stub, reference = sources.definitions(exercise.stub), sources.definitions(exercise.reference)
    for name in exercise.entry:
        for where, found in (("README.md", shown), ("the stub", stub), ("the reference", reference)):
            if name not in found:
                yield f"{where} does not define {name}, which exercise.toml lists as an entry"
        if name in shown and name in stub and name in reference:
            yield from _compare_signatures(shown[name], stub[name], reference[name])


def docstrings_agree(exercise: Exercise) -> Iterator[str]:
    """Stub and reference carry the same docstrings, and none is missing."""
    stub, reference = sources.definitions(exercise.stub), sources.definitions(exercise.reference)
    for name in (name for name in exercise.entry if name in stub and name in reference):
        ours, theirs = sources.docstrings(stub[name]), sources.docstrings(reference[name])
        for part in ours:
            if not part.endswith("__init__") and not ours[part]:
                yield f"the stub's {part} has no docstring: write it"
            if part in theirs and ours[part] != theirs[part]:
                yield f"stub and reference have different docstrings for {part}: make them the same"


def checks_are_well_formed(exercise: Exercise) -> Iterator[str]:
    """Every check has one category with points, a sentence, no bare assert, and a name of its own."""
    checks = sources.checks(exercise.grader)
    if not FEWEST_CHECKS <= len(checks) <= MOST_CHECKS:
        yield f"the grader has {len(checks)} checks: expected {FEWEST_CHECKS} to {MOST_CHECKS}"
    for check in checks:
        if len(check.categories) != 1:
            yield f"{check.name} has {len(check.categories)} category markers: expected one of {', '.join(Category)}"
        if not check.sentence.endswith("."):
            yield f"{check.name} has no docstring that begins with one plain sentence: the learner reads it"
        for line in check.bare_asserts:
            yield f"{check.name} has a bare assert in line {line}: use mlkata.compare, whose messages learners can read"
    names = Counter(check.name for check in (*checks, *sources.checks(exercise.visible)))
    for name, count in names.items():
        if count > 1:
            yield f"{count} checks are called {name}: names must differ, the visible examples' included"
    used = {category for check in checks for category in check.categories}
    for category in sorted(used ^ set(map(Category, exercise.points))):
        where = "no points in exercise.toml" if category in used else "points in exercise.toml but no check"
        yield f"the category {category} has {where}"


def grader_stays_light(exercise: Exercise) -> Iterator[str]:
    """The grader imports no package that its kind of exercise does without."""
    for node in ast.walk(sources.tree(exercise.grader)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.split(".")[0] in HEAVY.get(exercise.kind, ()):
                yield f"the grader imports {name}, which costs more than the exercise of kind {exercise.kind} needs"


def hints_are_three(exercise: Exercise) -> Iterator[str]:
    """hints.md has three sections, Hint 1 to Hint 3."""
    headings = re.findall(r"^## (.+)$", exercise.hints.read_text(encoding="utf-8"), re.MULTILINE)
    if headings != [f"Hint {number}" for number in range(1, N_HINTS + 1)]:
        yield f"hints.md has the sections {', '.join(headings) or 'none'}: expected Hint 1, Hint 2, Hint 3"


def nothing_gives_the_reference_away(exercise: Exercise) -> Iterator[str]:
    """No line of the reference stands in what the learner gets."""
    secret = sources.telling_lines(exercise.reference)
    for path in (exercise.readme, exercise.stub, exercise.hints, exercise.visible):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if sources.squeezed(line) in secret:
                yield f"{path.name}, line {number} is a line of the reference: {line.strip()}"


def answers_are_many(exercise: Exercise) -> Iterator[str]:
    """There are enough right answers and wrong answers, one of them slow where speed is graded."""
    if len(exercise.right) < FEWEST_RIGHT:
        yield f"there are {len(exercise.right)} right answers: expected {FEWEST_RIGHT} or more, in different styles"
    if not FEWEST_WRONG <= len(exercise.wrong) <= MOST_WRONG:
        yield f"there are {len(exercise.wrong)} wrong answers: expected {FEWEST_WRONG} to {MOST_WRONG}"
    if "performance" in exercise.points and "slow" not in {path.stem for path in exercise.wrong}:
        yield "there is no wrong answer slow.py, though speed is graded"


def wrong_answers_name_their_checks(exercise: Exercise) -> Iterator[str]:
    """Each wrong answer states its misconception in one sentence, and the checks that catch it; each check is named."""
    known = [check.name for check in sources.checks(exercise.grader)]
    named: set[str] = set()
    for path in exercise.wrong:
        idea = ast.get_docstring(sources.tree(path)) or ""
        if not idea.endswith(".") or "\n" in idea.strip():
            yield f"wrong/{path.name}: its docstring must be the misconception, in one sentence on one line"
        caught_by = sources.constant(path, "CAUGHT_BY")
        if not isinstance(caught_by, tuple) or not caught_by:
            yield f'wrong/{path.name}: expected CAUGHT_BY = ("test_...",), found {caught_by!r}'
            continue
        for name in caught_by:
            if name not in known:
                yield f"wrong/{path.name}: CAUGHT_BY names {name}, which the grader does not have"
        named.update(caught_by)
    for name in known:
        if name not in named:
            yield f"no wrong answer names {name} in CAUGHT_BY: a check that nothing fails proves nothing"


def answers_obey_the_rules(exercise: Exercise) -> Iterator[str]:
    """Stub, reference and all answers import and call only what the exercise allows."""
    for path in (exercise.stub, exercise.reference, *exercise.right, *exercise.wrong):
        try:
            rules.check(path.read_text(encoding="utf-8"), exercise, _short(exercise, path))
        except RefusedByRules as error:
            yield str(error)


FIRST_LAWS: tuple[Law, ...] = (files_are_there,)
LAWS: tuple[Law, ...] = (
    nothing_is_left_to_do,
    prompt_has_every_section,
    prompt_names_what_is_graded,
    prompt_states_the_rules,
    prompt_states_every_convention,
    signatures_agree,
    docstrings_agree,
    checks_are_well_formed,
    grader_stays_light,
    hints_are_three,
    nothing_gives_the_reference_away,
    answers_are_many,
    wrong_answers_name_their_checks,
    answers_obey_the_rules,
)


def _readme(exercise: Exercise) -> str:
    return exercise.readme.read_text(encoding="utf-8")


def _files(exercise: Exercise) -> tuple[Path, ...]:
    ours = (exercise.readme, exercise.metadata, exercise.stub, exercise.visible, exercise.hints)
    return (*ours, exercise.reference, exercise.grader, *exercise.right, *exercise.wrong)


def _short(exercise: Exercise, path: Path) -> str:
    return str(path.relative_to(exercise.home)) if path.is_relative_to(exercise.home) else path.name


def _compare_signatures(*definitions: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    shown, stub, reference = map(sources.signatures, definitions)
    for part in stub:
        if part not in reference:
            yield f"the reference does not define {part}, which the stub has"
        elif stub[part] != reference[part]:
            yield f"stub and reference differ in {part}: ({stub[part]}) and ({reference[part]})"
        if part not in shown:
            yield f"README.md, Signature, does not show {part}, which the stub has"
        elif shown[part] != stub[part]:
            yield f"README.md and the stub differ in {part}: ({shown[part]}) and ({stub[part]})"
