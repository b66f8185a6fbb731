"""The interview questions that exercises answer, and which companies ask them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from mlkata.errors import UsageError
from mlkata.suggestion import suggestion

# Two names of one company; questions.csv uses both.
_SAME_COMPANY = {"facebook": "meta", "google deepmind": "deepmind"}

# Topics of company_sets.csv that have no row of their own among the questions, since a Q row asks the same.
_ROWS_OF_TOPIC = {
    "Bias-Variance Tradeoff": ("Q01",),
    "Cross-Validation": ("Q04",),
    "Data Preprocessing Techniques": ("Q35", "Q44", "T030"),
    "Decision Trees": ("Q06",),
    "Ensemble Learning: Bagging and Boosting": ("Q34", "Q55"),
    "Gradient Descent": ("Q03",),
    "Overfitting and Underfitting": ("Q08",),
    "Random Forest": ("Q07",),
    "Regularization Techniques (L1, L2)": ("Q02", "Q41"),
    "Support Vector Machines (SVM)": ("Q16",),
}


@dataclass(frozen=True)
class Question:
    """One interview question: its row id, wording, difficulty (Easy, Medium or Hard), tags, and who asks it."""

    id: str
    text: str
    difficulty: str
    tags: tuple[str, ...]
    companies: tuple[str, ...]


@cache
def questions() -> tuple[Question, ...]:
    """All questions, in the order of data/questions.csv: ids Q01 to Q95, then T013 to T100."""
    return tuple(
        Question(row["id"], row["question"], row["difficulty"], _split(row["tags"]), _split(row["asked_by"]))
        for row in _rows("questions.csv")
    )


@cache
def company_topics() -> Mapping[str, tuple[str, ...]]:
    """The topics that each company's interviews are known for, from data/company_sets.csv: company -> topics.

    A topic is the text of a T question, or one of a few that a Q question asks in other words (see `ids_of_topic`).
    """
    topics: dict[str, list[str]] = {}
    for row in _rows("company_sets.csv"):
        topics.setdefault(row["company"], []).append(row["topic"])
    return {company: tuple(listed) for company, listed in topics.items()}


def asked_by(company: str) -> frozenset[str]:
    """The ids of the questions that a company asks, be it by its name in questions.csv or by its topics.

    Case does not matter, and Facebook is Meta. Raises UsageError with close matches for an unknown company.
    """
    known = _ids_by_company()
    try:
        return known[_plain(company)]
    except KeyError:
        names = {name for question in questions() for name in question.companies} | set(company_topics())
        todo = suggestion(company, sorted(names), otherwise=f"the known ones are {', '.join(sorted(names))}")
        raise UsageError(f"no company is called {company!r}; {todo}") from None


@cache
def companies() -> tuple[str, ...]:
    """The companies that ask for anything, sorted, each by one of its names."""
    names = {name for question in questions() for name in question.companies} | set(company_topics())
    spelled = {_plain(name): name for name in sorted(names, key=lambda name: (_plain(name) == name.lower(), name))}
    return tuple(sorted(spelled.values(), key=str.lower))


def ids_of_topic(topic: str) -> tuple[str, ...]:
    """The ids of the questions that ask about a topic of `company_topics`."""
    return _ROWS_OF_TOPIC.get(topic) or tuple(question.id for question in questions() if question.text == topic)


@cache
def _ids_by_company() -> Mapping[str, frozenset[str]]:
    ids: dict[str, set[str]] = {}
    for question in questions():
        for company in question.companies:
            ids.setdefault(_plain(company), set()).add(question.id)
    for company, topics in company_topics().items():
        ids.setdefault(_plain(company), set()).update(*map(ids_of_topic, topics))
    return {company: frozenset(found) for company, found in ids.items()}


def _plain(company: str) -> str:
    name = company.strip().lower()
    return _SAME_COMPANY.get(name, name)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("mlkata").joinpath("data", name).read_text(encoding="utf-8")
    return iter(csv.DictReader(text.splitlines()))


def _split(listed: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in listed.split(",") if part.strip())
