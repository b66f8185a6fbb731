"""Visible examples of point_in_time_aggregates: run them with `pytest exercises/point_in_time_aggregates`."""

import pandas as pd

from mlkata.compare import assert_close

NAN = float("nan")
EVENTS = pd.DataFrame(
    {
        "user": ["ann", "bob", "ann", "ann", "ann"],
        "time": pd.to_datetime([f"2024-05-01 {clock}" for clock in ("10:00", "09:30", "09:00", "10:00", "10:20")]),
        "value": [4, 7, 2, 6, 1],
    }
)


def test_worked_example(submission):
    """The worked example of README.md: events at 10:00 see the one at 9:00 alone."""
    found = submission.point_in_time_aggregates(EVENTS)
    assert_close(found["count"], [1, 0, 0, 1, 3], what="the column count")
    assert_close(found["sum"], [2, 0, 0, 2, 12], what="the column sum")
    assert_close(found["mean"], [2, NAN, NAN, 2, 4], what="the column mean")
    assert_close(found["since_last"], [3600, NAN, NAN, 3600, 1200], what="the column since_last")


def test_window_of_the_worked_example(submission):
    """A window of one hour ends before 9:00 for the event at 10:20, and not for that at 10:00."""
    found = submission.point_in_time_aggregates(EVENTS, window="1h")
    assert_close(found["sum"], [2, 0, 0, 2, 10], what="the column sum")
