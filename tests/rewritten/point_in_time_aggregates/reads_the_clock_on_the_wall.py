"""As graders/point_in_time_aggregates/wrong/reads_the_clock_on_the_wall.py, in another hand."""

from bisect import bisect_left

import numpy as np
import pandas as pd


def point_in_time_aggregates(events, *, user="user", time="time", value="value", window=None):
    people, clock = events[user], pd.DatetimeIndex(events[time])
    amounts = events[value].to_numpy(dtype=float, na_value=np.nan).tolist()
    if people.isna().any() or clock.isna().any():
        raise ValueError("a user or a time is missing")
    clock = clock.tz_localize(None)
    reach = None if window is None else pd.Timedelta(window).as_unit("ns").value
    if reach is not None and reach <= 0:
        raise ValueError("the window must be longer than nothing")
    nanos = clock.as_unit("ns").asi8.tolist()
    by_user = {}
    for row, person in enumerate(people.tolist()):
        by_user.setdefault(person, []).append(row)
    n = len(events)
    count, total, since = np.zeros(n, dtype=np.int64), np.zeros(n), np.full(n, np.nan)
    for rows in by_user.values():
        rows.sort(key=nanos.__getitem__)
        moments = [nanos[row] for row in rows]
        counts, sums = [0], [0.0]
        for row in rows:
            known = amounts[row] == amounts[row]
            counts.append(counts[-1] + known)
            sums.append(sums[-1] + (amounts[row] if known else 0.0))
        for row, now in zip(rows, moments, strict=True):
            stop = bisect_left(moments, now)
            start = 0 if reach is None else bisect_left(moments, now - reach)
            count[row] = counts[stop] - counts[start]
            total[row] = sums[stop] - sums[start] if count[row] else 0.0
            if stop > start:
                since[row] = (now - moments[stop - 1]) / 1e9
    mean = np.array([t / c if c else np.nan for t, c in zip(total, count, strict=True)], dtype=float)
    return pd.DataFrame({"count": count, "sum": total, "mean": mean, "since_last": since}, index=events.index)
