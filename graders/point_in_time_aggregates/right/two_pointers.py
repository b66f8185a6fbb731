"""A plain loop over the events of each user in order of time, with one pointer for each end of the window."""

import math

import pandas as pd


def point_in_time_aggregates(events, *, user="user", time="time", value="value", window=None):
    times = events[time].tolist()
    users = events[user].tolist()
    values = [math.nan if pd.isna(entry) else float(entry) for entry in events[value].tolist()]
    if any(pd.isna(entry) for entry in users + times):
        raise ValueError("gaps")
    reach = None
    if window is not None:
        reach = pd.Timedelta(window).value
        if reach <= 0:
            raise ValueError("the window is empty")
    moments = [entry.as_unit("ns").value for entry in times]
    of_user = {}
    for place in sorted(range(len(moments)), key=moments.__getitem__):
        of_user.setdefault(users[place], []).append(place)
    rows = [None] * len(moments)
    for places in of_user.values():
        first, until, total, count = 0, 0, 0.0, 0
        for place in places:
            now = moments[place]
            while moments[places[until]] < now:
                entry = values[places[until]]
                if entry == entry:
                    total, count = total + entry, count + 1
                until += 1
            while reach is not None and first < until and moments[places[first]] < now - reach:
                entry = values[places[first]]
                if entry == entry:
                    total, count = total - entry, count - 1
                first += 1
            gap = (now - moments[places[until - 1]]) / 1e9 if until > first else math.nan
            rows[place] = (count, total if count else 0.0, total / count if count else math.nan, gap)
    names = ["count", "sum", "mean", "since_last"]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    kinds = dict(zip(names, ["int64", "float64", "float64", "float64"], strict=True))
    return pd.DataFrame({name: pd.Series(columns[name], dtype=kinds[name]) for name in names}).set_axis(events.index)
