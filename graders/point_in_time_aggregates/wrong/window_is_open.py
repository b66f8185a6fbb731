"""An event exactly as old as the window is too old."""

import numpy as np
import pandas as pd

CAUGHT_BY = ("test_edges_of_the_window", "test_windows")


def point_in_time_aggregates(events, *, user="user", time="time", value="value", window=None):
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
    first_rank = 0 if window is None else np.searchsorted(distinct, moments - reach, side="right")
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
