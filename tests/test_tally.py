"""Figures over all exercises add up, and a bar is full only where all is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mlkata.standing import Standing
from mlkata.tally import BAR_WIDTH, Share, as_data, bar, clock, tally, text_of

pytest_plugins = ("practice_fixtures",)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOUND = {
    "double": Standing(tries=1, passed_at=NOON, time=timedelta(minutes=20), hints=1),
    "halve": Standing(tries=3, failed_at=NOON, time=timedelta(minutes=45), hints=2),
    "of another folder": Standing(tries=9, passed_at=NOON, time=timedelta(hours=9)),
}


@pytest.fixture
def exercises(source):
    return source.exercises()


def test_figures_are_of_the_chosen_exercises_alone(exercises):
    found = tally(exercises, FOUND)

    assert (found.passed, found.total, found.first_try, found.tried) == (1, 3, 1, 2)
    assert (found.hints, found.seconds) == (3, 65 * 60)
    assert found.tracks == (Share("losses", 0, 2), Share("warm_up", 1, 1))


def test_companies_are_those_that_ask_for_an_exercise(exercises):
    companies = {each.name: each for each in tally(exercises, FOUND).companies}

    assert companies["Google"] == Share("Google", 1, 3)
    assert companies["Slack"] == Share("Slack", 1, 1)
    assert "Tesla" not in companies
    assert [each.total for each in companies.values()] == sorted(
        (each.total for each in companies.values()), reverse=True
    )


@pytest.mark.parametrize(
    ("done", "total", "full"), [(0, 0, 0), (0, 9, 0), (1, 1000, 1), (999, 1000, BAR_WIDTH - 1), (9, 9, BAR_WIDTH)]
)
def test_bar_is_full_or_empty_only_where_that_is_so(done, total, full):
    assert bar(done, total, plain=True) == "#" * full + "-" * (BAR_WIDTH - full)


def test_text_gives_the_rate_or_none(exercises):
    assert text_of(tally(exercises, FOUND)) == (
        "1 of 3 exercises passed, 2 tried\nfirst-try rate 50 % (1 of 2), hints 3, time 1 h 05 min"
    )
    assert "first-try rate - (0 of 0)" in text_of(tally(exercises, {}))


def test_data_has_a_row_for_each_exercise(exercises):
    rows = {row["id"]: row for row in as_data(tally(exercises, FOUND), exercises, FOUND)["exercises"]}

    assert (rows["double"]["state"], rows["double"]["first_try"], rows["double"]["seconds"]) == ("passed", True, 1200)
    assert rows["halve"]["failed_at"] == "2026-03-01T12:00:00+00:00"
    assert rows["treble"]["state"] == "new"


@pytest.mark.parametrize(("seconds", "told"), [(59, "0 min"), (3_599, "59 min"), (3_600, "1 h 00 min")])
def test_time_is_told_in_hours_and_minutes(seconds, told):
    assert clock(seconds) == told
