"""A submission can be called as the prompt says, in whatever style it is written, or is told why not."""

from __future__ import annotations

import pytest
from toy import load_request

from mlkata.signatures import complaints, methods, parameters, stated
from mlkata.sources import definitions
from mlkata.worker import Worker

ASKED = "def f(x, y, *, gamma=2.0, alpha): ..."
CLASS = """\
class Model(Base):
    def __init__(self, k=5, *, metric="l2"): ...
    def fit(self, X, y): ...
    def predict(self, X): ...
    @staticmethod
    def distance(a, b): ...
    @classmethod
    def load(cls, path): ...
"""


def readme(code):
    return f"# Title\n\n## Signature\n\n```python\n{code}\n```\n\n## Conventions\n\n```python\ndef other(): ...\n```\n"


def told(tmp_path, prompt, source, entry):
    """What is complained of in a submission's source."""
    path = tmp_path / "answer.py"
    path.write_text(source)
    asked = stated(readme(prompt))
    answer = Worker(str(path)).answer(load_request(path, methods(asked, entry)))
    return complaints(asked, answer["value"])


SOUND = {
    "word for word": "def f(x, y, *, gamma=2.0, alpha): ...",
    "other default": "def f(x, y, *, gamma=None, alpha): ...",
    "more defaults": "def f(x, y=None, *, gamma=1, alpha=None): ...",
    "other order of keywords": "def f(x, y, *, alpha, gamma=2.0): ...",
    "keywords by place too": "def f(x, y, gamma=2.0, alpha=None): ...",
    "more options": "def f(x, y, *, gamma=2.0, alpha, eps=1e-9): ...",
    "options behind the places": "def f(x, y, eps=1e-9, *, gamma=2.0, alpha): ...",
    "any arguments": "def f(*args, **kwargs): ...",
    "any keywords": "def f(x, y, **kwargs): ...",
    "any further arguments": "def f(x, y, *rest, gamma=2.0, alpha): ...",
    "lambda": "f = lambda x, y, *, gamma=2.0, alpha: 1",
    "annotated": "def f(x: int, y: int, *, gamma: float = 2.0, alpha: float) -> int: ...",
    "decorated": "def d(g):\n    return lambda *a, **k: g(*a, **k)\n@d\ndef f(x, y, *, gamma=2.0, alpha): ...",
    "wrapped": (
        "import functools\ndef d(g):\n    @functools.wraps(g)\n    def h(*a, **k): return g(*a, **k)\n    return h\n"
        "@d\ndef f(x, y, *, gamma=2.0, alpha): ..."
    ),
    "cached": "import functools\n@functools.lru_cache\ndef f(x, y, *, gamma=2.0, alpha): ...",
    "partial": "import functools\ndef g(z, x, y, *, gamma=2.0, alpha): ...\nf = functools.partial(g, 1)",
    "object that can be called": "class F:\n    def __call__(self, x, y, *, gamma=2.0, alpha): ...\nf = F()",
    "without a signature": "class F:\n    __signature__ = 3\n    def __call__(self): ...\nf = F()",
}


@pytest.mark.parametrize("source", SOUND.values(), ids=SOUND)
def test_function_that_can_be_called_as_asked_is_accepted(tmp_path, source):
    assert told(tmp_path, ASKED, source, ["f"]) == []


UNSOUND = {
    "missing": ("def g(): ...", ["f is not defined: define it at the top level of the file"]),
    "None": ("f = None", ["f is not defined: define it at the top level of the file"]),
    "defined inside": ("def g():\n    def f(x, y): ...", ["f is not defined: define it at the top level of the file"]),
    "number": ("f = 3", ["f is of type int, a function is asked for"]),
    "class": ("class f:\n    def __init__(self, x, y): ...", ["f is a class, a function is asked for"]),
    "missing option": ("def f(x, y, *, gamma=2.0): ...", ["f has no parameter alpha"]),
    "misspelt option": (
        "def f(x, y, *, gama=2.0, alpha): ...",
        ["f has no parameter gamma"],
    ),
    "missing place": ("def f(x, *, gamma=2.0, alpha): ...", ["f has no parameter y"]),
    "other order": (
        "def f(y, x, *, gamma=2.0, alpha): ...",
        ["f must take x as parameter 1", "f must take y as parameter 2"],
    ),
    "other name": (
        "def f(X, y, *, gamma=2.0, alpha): ...",
        ["f has no parameter x", "f asks for X, which the prompt does not have"],
    ),
    "keyword only": ("def f(x, *, y, gamma=2.0, alpha): ...", ["f must take y as parameter 2"]),
    "keywords alone": (
        "def f(**kwargs): ...",
        ["f must take x as parameter 1", "f must take y as parameter 2"],
    ),
    "no default": ("def f(x, y, *, gamma, alpha): ...", ["f must have a default for gamma"]),
    "one more": ("def f(x, y, *, gamma=2.0, alpha, k): ...", ["f asks for k, which the prompt does not have"]),
    "one more in front": (
        "def f(k, x, y, *, gamma=2.0, alpha): ...",
        [
            *("f must take x as parameter 1", "f must take y as parameter 2"),
            "f asks for k, which the prompt does not have",
        ],
    ),
    "by place alone": (
        "def f(x, /, y, *, gamma=2.0, alpha): ...",
        ["f must take x by keyword too: move the / in front of it"],
    ),
    "option by place alone": (
        "def f(x, y, gamma=2.0, alpha=1, /): ...",
        [f"f must take {name} by keyword too: move the / in front of it" for name in ("x", "y", "gamma", "alpha")],
    ),
    "option that gathers places": ("def f(x, y, *gamma, alpha): ...", ["f has no parameter gamma"]),
}


@pytest.mark.parametrize(("source", "sentences"), UNSOUND.values(), ids=UNSOUND)
def test_function_that_cannot_be_called_as_asked_is_told_why(tmp_path, source, sentences):
    assert told(tmp_path, ASKED, source, ["f"]) == sentences


def test_by_place_alone_is_accepted_where_the_prompt_says_so(tmp_path):
    assert told(tmp_path, "def f(x, /, y): ...", "def f(x, /, y): ...", ["f"]) == []
    assert told(tmp_path, "def f(x, /, y): ...", "def f(y, /, x): ...", ["f"]) == [
        "f must take x as parameter 1",
        "f must take y as parameter 2",
    ]


BODY = """\
    def __init__(self, k=5, *, metric="l2"): ...
    def fit(self, X, y): ...
    def predict(self, X): ...
    @staticmethod
    def distance(a, b): ...
    @classmethod
    def load(cls, path): ...
"""
SOUND_CLASSES = {
    "word for word": f"class Model:\n{BODY}",
    "inherited": f"class Base:\n{BODY}\nclass Model(Base): ...",
    "static methods are methods": f"class Model:\n{BODY}".replace(
        "@classmethod\n    def load(cls, ", "@staticmethod\n    def load("
    ),
    "methods are static methods": f"class Model:\n{BODY}".replace(
        "@staticmethod\n    def distance(", "def distance(self, "
    ),
    "decorated methods": (
        f"def d(g):\n    return lambda *a, **k: g(*a, **k)\nclass Model:\n{BODY}".replace(
            "    def fit", "    @d\n    def fit"
        )
    ),
    "any arguments": f"class Model:\n{BODY}".replace('self, k=5, *, metric="l2"', "self, *args, **options"),
    "self under another name": f"class Model:\n{BODY}".replace("self", "this"),
    "dataclass": (
        "import dataclasses\n@dataclasses.dataclass\nclass Model:\n    k: int = 5\n    metric: str = 'l2'\n"
        + BODY.partition("\n")[2]
    ),
    "more methods": f"class Model:\n{BODY}    def score(self): ...",
}


@pytest.mark.parametrize("source", SOUND_CLASSES.values(), ids=SOUND_CLASSES)
def test_class_that_can_be_used_as_asked_is_accepted(tmp_path, source):
    assert told(tmp_path, CLASS, source, ["Model"]) == []


UNSOUND_CLASSES = {
    "function": ("def Model(k=5): ...", ["Model is no class, a class is asked for"]),
    "instance": (f"class M:\n{BODY}\nModel = M()", ["Model is no class, a class is asked for"]),
    "missing method": (
        f"class Model:\n{BODY}".replace("def predict", "def forecast"),
        ["the class Model has no method predict"],
    ),
    "attribute instead of a method": (
        f"class Model:\n{BODY}".replace("def predict(self, X): ...", "predict = 3"),
        ["the class Model has no method predict"],
    ),
    "constructor": (
        f"class Model:\n{BODY}".replace("k=5, *, metric=", "n, metric="),
        ["Model has no parameter k", "Model asks for n, which the prompt does not have"],
    ),
    "no constructor": (
        "class Model:\n" + BODY.partition("\n")[2],
        ["Model has no parameter k", "Model has no parameter metric"],
    ),
    "method": (
        f"class Model:\n{BODY}".replace("fit(self, X, y)", "fit(self, X)"),
        ["Model.fit has no parameter y"],
    ),
    "order": (
        f"class Model:\n{BODY}".replace("fit(self, X, y)", "fit(self, y, X)"),
        ["Model.fit must take X as parameter 1", "Model.fit must take y as parameter 2"],
    ),
    "no self": (
        f"class Model:\n{BODY}".replace("predict(self, X)", "predict(X)"),
        ["Model.predict has no parameter X"],
    ),
    "static method": (
        f"class Model:\n{BODY}".replace("distance(a, b)", "distance(a)"),
        ["Model.distance has no parameter b"],
    ),
}


@pytest.mark.parametrize(("source", "sentences"), UNSOUND_CLASSES.values(), ids=UNSOUND_CLASSES)
def test_class_that_cannot_be_used_as_asked_is_told_why(tmp_path, source, sentences):
    assert told(tmp_path, CLASS, source, ["Model"]) == sentences


def test_every_entry_is_told_of(tmp_path):
    assert told(tmp_path, "def f(x): ...\ndef g(x): ...", "def f(): ...", ["f", "g"]) == [
        "f has no parameter x",
        "g is not defined: define it at the top level of the file",
    ]


def test_entry_that_the_prompt_does_not_show_must_only_be_there(tmp_path):
    assert told(tmp_path, "def f(x): ...", "def f(x): ...\ndef g(): ...", ["f", "g"]) == []


def test_prompt_states_the_definitions_of_its_signature_alone():
    asked = stated(readme(f"{ASKED}\n\n{CLASS}"))

    assert list(asked) == ["f", "Model"]
    assert methods(asked, ["f", "Model", "absent"]) == {
        "f": [],
        "Model": ["__init__", "fit", "predict", "distance", "load"],
        "absent": [],
    }


def test_prompt_without_a_signature_states_nothing():
    assert stated("# Title\n\n## Task\n\nWrite it.\n") == {}


def test_signature_that_is_no_python_is_a_syntax_error():
    with pytest.raises(SyntaxError):
        stated(readme("def f(x"))


def test_parameters_of_a_definition(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("def f(a, /, b, c=1, *rest, d, e=2, **more): ...\n")

    assert parameters(definitions(path)["f"]) == [
        ("a", "POSITIONAL_ONLY", False),
        ("b", "POSITIONAL_OR_KEYWORD", False),
        ("c", "POSITIONAL_OR_KEYWORD", True),
        ("rest", "VAR_POSITIONAL", False),
        ("d", "KEYWORD_ONLY", False),
        ("e", "KEYWORD_ONLY", True),
        ("more", "VAR_KEYWORD", False),
    ]
    assert parameters(definitions(path)["f"], method=True)[0] == ("b", "POSITIONAL_OR_KEYWORD", False)
