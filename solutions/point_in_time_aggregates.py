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
    users, times = events[user], pd.DatetimeIndex(events[time])
    values = events[value].to_numpy(dtype=np.float64, na_value=np.nan)
    if users.isna().any() or times.hasnans:
        raise ValueError("each event needs a user and a time")
    if window is not None and not pd.Timedelta(window) > pd.Timedelta(0):
        raise ValueError(f"the window must be above 0, found {window!r}")
    codes, _ = pd.factorize(users)
    moments = times.as_unit("ns").asi8
    order = np.lexsort((moments, codes))
    codes, moments, values = codes[order], moments[order], values[order]
    # One number for each event that orders by user, then by time.
    distinct, ranks = np.unique(moments, return_inverse=True)
    reach = 0 if window is None else pd.Timedelta(window).as_unit("ns").value
    first_rank = 0 if window is None else np.searchsorted(distinct, moments - reach)
    step = len(distinct) + 1
    keys = codes * step + ranks
    begin, end = np.searchsorted(keys, codes * step + first_rank), np.searchsorted(keys, keys)
    known = ~np.isnan(values)
    counts, sums = (np.append(0, np.cumsum(part)) for part in (known, np.where(known, values, 0.0)))
    count, total = counts[end] - counts[begin], sums[end] - sums[begin]
    found = {
        "count": count,
        "sum": np.where(count > 0, total, 0.0),
        "mean": np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0),
        "since_last": np.where(end > begin, (moments - moments[end - 1]) / 1e9, np.nan),
    }
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return pd.DataFrame({name: column[back] for name, column in found.items()}, index=events.index)
