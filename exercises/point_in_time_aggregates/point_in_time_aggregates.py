"""Aggregates of a user's past events, as they were known at the moment of each event."""

import numpy as np
import pandas as pd


def point_in_time_aggregates(events, *, user="user", time="time", value="value", window=None):
    """Count, sum and mean of the values of a user's earlier events, and the time since the last of them.

    The row of an event at the time t is made from the events of the same user whose time s is strictly earlier,
    ``s < t``, and with a window also ``t - window <= s``. Events at the same time do not see each other.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        In any order, with any index.
    user, time, value : str
        Names of three columns: labels without gaps; datetimes without gaps, with or without a time zone; numbers, whose
        gaps are left out of count, sum and mean.
    window : str, optional
        How far back to look, in a form that ``pd.Timedelta`` takes, such as "7D". By default all the past counts.

    Returns
    -------
    DataFrame of shape (n_events, 4)
        With the index of `events`, row for row. Columns: "count" (int64), "sum" (float64, 0 without values), "mean"
        (float64, NaN without values), "since_last" (float64, seconds, NaN without earlier events).

    Raises
    ------
    KeyError
        A column is missing.
    ValueError
        A user or a time is missing, or the window is not above 0.

    References
    ----------
    Kaufman, Rosset, Perlich and Stitelman, Leakage in Data Mining, ACM TKDD 6(4), 2012.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-03-02", "2024-03-01", "2024-03-02"])
    >>> events = pd.DataFrame({"user": ["a", "a", "a"], "time": days, "value": [5, 3, 4]})
    >>> point_in_time_aggregates(events)["sum"].tolist()
    [3.0, 0.0, 3.0]
    """
    raise NotImplementedError("implement point_in_time_aggregates")
