"""The interview questions are all there, and every company leads to some of them."""

import pytest

from mlkata.errors import UsageError
from mlkata.questions import Question, asked_by, company_topics, ids_of_topic, questions


def test_all_questions_are_read():
    ids = [question.id for question in questions()]

    assert len(ids) == len(set(ids)) == 183
    assert ids[0] == "Q01"
    assert ids[-1] == "T100"


def test_quoted_lists_are_taken_apart():
    question = next(question for question in questions() if question.id == "Q05")

    assert question == Question(
        id="Q05",
        text="Explain Precision, Recall, and F1-Score",
        difficulty="Medium",
        tags=("Classification Metrics", "Model Evaluation", "Imbalanced Data"),
        companies=("Google", "Microsoft", "Amazon", "Meta"),
    )


def test_topics_are_read_by_company():
    assert company_topics()["Slack"] == (
        "Bias-Variance Tradeoff",
        "Cross-Validation",
        "Feature Engineering",
        "Transfer Learning",
    )


@pytest.mark.parametrize("company", company_topics())
def test_every_topic_leads_to_a_question(company):
    assert [topic for topic in company_topics()[company] if not ids_of_topic(topic)] == []


def test_company_asks_what_its_topics_say():
    assert asked_by("Slack") == {"Q01", "Q04", "T022", "T040"}


def test_company_asks_what_names_it():
    assert asked_by("Tesla") == {question.id for question in questions() if "Tesla" in question.companies}
    assert asked_by("Tesla")


@pytest.mark.parametrize("name", ["slack", " SLACK "])
def test_company_may_be_written_in_any_case(name):
    assert asked_by(name) == asked_by("Slack")


def test_facebook_is_meta():
    assert asked_by("Facebook") == asked_by("meta")
    assert {"Q03", "T018"} <= asked_by("Meta")


def test_unknown_company_names_the_close_one():
    with pytest.raises(UsageError, match="did you mean 'Google'"):
        asked_by("gogle")


def test_unknown_company_without_a_close_one_lists_them_all():
    with pytest.raises(UsageError, match=r"Airbnb, Amazon, .*YouTube"):
        asked_by("zzz")
