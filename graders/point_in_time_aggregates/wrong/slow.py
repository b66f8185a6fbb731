"""For each event the rows of its past are selected."""

import numpy as np
import pandas as pd

CAUGHT_BY = ("test_cpu_time",)


def point_in_time_aggregates(events, *, user="user", time="time", value="value", window=None):
    users, times = events[user], pd.DatetimeIndex(events[time])
    values = events[value].to_numpy(dtype=np.float64, na_value=np.nan)
    if users.isna().any() or times.hasnans:
        raise ValueError("each event needs a user and a time")
    if window is not None and not pd.Timedelta(window) > pd.Timedelta(0):
        raise ValueError(f"the window must be above 0, found {window!r}")
    codes, _ = pd.factorize(users)
    moments = times.as_unit("ns").asi8
    reach = None if window is None else pd.Timedelta(window).as_unit("ns").value
    rows = []
    for code, now in zip(codes, moments, strict=True):
        past = (codes == code) & (moments < now)
        if reach is not None:
            past &= moments >= now - reach
        seen = values[past & ~np.isnan(values)]
        gap = (now - moments[past].max()) / 1e9 if past.any() else np.nan
        rows.append((len(seen), seen.sum(), seen.mean() if len(seen) else np.nan, gap))
    found = pd.DataFrame(rows, index=events.index, columns=["count", "sum", "mean", "since_last"])
    return found.astype({"count": "int64", "sum": "float64", "mean": "float64", "since_last": "float64"})
