"""Sources are read from their syntax trees: checks, constants, docstrings, signatures and telling lines."""

import ast

import pytest
from toy import toy_catalogue, write

from mlkata import sources
from mlkata.catalog import Catalog
from mlkata.report import Category

GRADER = '''import pytest


@pytest.mark.edge_case("Ties", "Order")
@pytest.mark.parametrize("k", [1, 2])
def test_ties(submission, k):
    """Of two the first counts.

    More is not for the learner.
    """
    if k:
        assert submission.f(k) == 1
    assert True


@pytest.mark.gpu
@pytest.mark.correctness("Values", 3, KEY)
def test_two_markers(submission):
    pass


@pytest.mark.timeout(3)
@decorated
def test_no_marker(submission):
    "No category."


def help_it():
    assert True
'''

CLASS = '''class Scaler:
    """Scales."""

    factor = 2

    def __init__(self, factor: float = 2.0, *, axis=0):
        self.factor = factor

    def fit(self, X: "Array", /, *rest: int, **more) -> "Scaler":
        """Fits."""

        def inner(x):
            """Not public."""

    def _hidden(self):
        """Hidden."""


def scale(x: float, *, by: float = 1.5) -> float:
    """Scale a number."""
    return x * by


LIMIT = 3
'''


@pytest.fixture
def grader(tmp_path):
    return write(tmp_path / "test_it.py", GRADER)


@pytest.fixture
def module(tmp_path):
    return write(tmp_path / "scaler.py", CLASS)


def test_checks_are_the_test_functions_in_order(grader):
    assert [check.name for check in sources.checks(grader)] == ["test_ties", "test_two_markers", "test_no_marker"]


def test_check_tells_its_sentence_category_conventions_and_bare_asserts(grader):
    check = sources.checks(grader)[0]

    assert check.sentence == "Of two the first counts."
    assert check.categories == (Category.EDGE_CASE,)
    assert check.conventions == ("Ties", "Order")
    assert sorted(check.bare_asserts) == [12, 13]


def test_every_marker_of_a_category_is_told_with_the_texts_that_it_names(grader):
    check = sources.checks(grader)[1]

    assert check.categories == (Category.GPU, Category.CORRECTNESS)
    assert check.conventions == ("Values",)
    assert check.sentence == ""


def test_other_decorators_are_no_category(grader):
    check = sources.checks(grader)[2]

    assert check.categories == ()
    assert check.sentence == "No category."


def test_nothing_is_imported_or_run(tmp_path):
    path = write(tmp_path / "wrong.py", 'raise SystemExit\n\nCAUGHT_BY = ("test_ties",)\n')

    assert sources.constant(path, "CAUGHT_BY") == ("test_ties",)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('NAMES = ("one", "two")', ("one", "two")),
        ('OTHER = NAMES = {"a": "b"}', {"a": "b"}),
        ('NAMES = ("one",) + OTHERS', "('one',) + OTHERS"),
        ("NAMES = find()", "find()"),
        ("NAMES += (1,)", None),
        ("def f():\n    NAMES = 1", None),
        ("", None),
    ],
)
def test_constant_is_the_literal_at_the_top_level_or_its_text(tmp_path, source, value):
    assert sources.constant(write(tmp_path / "a.py", source), "NAMES") == value


@pytest.mark.parametrize(
    ("source", "names"),
    [('CAUGHT_BY = ("one", "two")', ("one", "two")), ('CAUGHT_BY = "one"', ()), ("CAUGHT_BY = 3", ()), ("", ())],
)
def test_wrong_answer_names_the_checks_of_a_tuple(tmp_path, source, names):
    assert sources.caught_by(write(tmp_path / "wrong.py", source)) == names


def test_definitions_are_the_functions_and_classes_at_the_top_level(module):
    found = sources.definitions(module)

    assert list(found) == ["Scaler", "scale"]
    assert isinstance(found["Scaler"], ast.ClassDef)


def test_docstrings_are_those_of_a_class_its_constructor_and_its_public_methods(module):
    found = sources.definitions(module)

    assert sources.docstrings(found["Scaler"]) == {"Scaler": "Scales.", "Scaler.__init__": "", "Scaler.fit": "Fits."}
    assert sources.docstrings(found["scale"]) == {"scale": "Scale a number."}


def test_signatures_are_text_without_annotations(module):
    found = sources.definitions(module)

    assert sources.signatures(found["Scaler"]) == {
        "Scaler.__init__": "self, factor=2.0, *, axis=0",
        "Scaler.fit": "self, X, /, *rest, **more",
    }
    assert sources.signatures(found["scale"]) == {"scale": "x, *, by=1.5"}


def test_signatures_leave_the_tree_as_it_was(module):
    scale = sources.definitions(module)["scale"]

    sources.signatures(scale)

    assert ast.unparse(scale.args) == "x: float, *, by: float=1.5"


def test_lines_that_tell_are_those_of_the_bodies(tmp_path):
    path = write(
        tmp_path / "answer.py",
        '''"""A docstring that is longer than a short line."""

from somewhere.far.away.indeed import something_long

WEIGHTS_OF_THE_MEAN = (0.25, 0.5, 0.25)


def smooth(
    values_to_be_smoothed: list[float],
    weights: tuple[float, float, float] = (0.25, 0.5, 0.25),
) -> list[float]:
    """Smooth values, with this sentence as a docstring.

    values_to_be_smoothed : list of float, of any length
    """
    # A comment that explains a good deal, is no line of code.
    if not values_to_be_smoothed:
        raise ValueError("values_to_be_smoothed are empty")
    n = len(weights)
    return [sum(w * v for w, v in zip(weights, part)) for part in windows(values_to_be_smoothed)]
''',
    )

    assert sources.telling_lines(path) == {
        "WEIGHTS_OF_THE_MEAN=(0.25,0.5,0.25)",
        "ifnotvalues_to_be_smoothed:",
        "return[sum(w*vforw,vinzip(weights,part))forpartinwindows(values_to_be_smoothed)]",
    }


def test_what_stub_and_reference_share_tells_nothing(tmp_path):
    exercise = Catalog(toy_catalogue(tmp_path)).exercise("double")

    assert sources.telling_lines(exercise.stub) == set()
    assert sources.telling_lines(exercise.reference) == {
        "ifisinstance(x,(int,float)):",
        "return[number*2**timesfornumberinx]",
    }


def test_white_space_does_not_matter():
    assert sources.squeezed("  a =\t[ 1, 2 ]\n") == "a=[1,2]"
