"""pandas' own rolling windows, closed on the left, one user after the other."""

import pandas as pd


def point_in_time_aggregates(events, *, user="user", time="time", value="value", window=None):
    if events[[user, time, value]][[user, time]].isna().to_numpy().any():
        raise ValueError("a user or a time is missing")
    reach = pd.Timedelta("95000D") if window is None else pd.Timedelta(window)
    if reach <= pd.Timedelta(0):
        raise ValueError("no window")
    when = events[time]
    if when.dt.tz is not None:
        when = when.dt.tz_convert("UTC").dt.tz_localize(None)
    table = pd.DataFrame(
        {"who": events[user].astype(object).to_numpy(), "what": events[value].astype("float64").to_numpy()},
        index=pd.DatetimeIndex(when.to_numpy()).as_unit("ns"),
    )
    table["place"], table["one"] = range(len(table)), 1.0
    table = table.sort_index(kind="stable")
    parts = []
    for _, own in table.groupby("who", sort=False):
        windows = own.rolling(reach, closed="left", min_periods=0)
        moments = pd.Series(own.index.view("int64") / 1e9, index=own.index).groupby(level=0).first()
        latest = moments.shift(1)
        gap = (moments - latest).reindex(own.index)
        near = windows["one"].sum() > 0.5
        count = windows["what"].count()
        part = pd.DataFrame({"count": count, "sum": windows["what"].sum().where(count > 0, 0.0)})
        part["mean"] = (part["sum"] / count).where(count > 0)
        part["since_last"] = gap.where(near)
        part.index = own["place"]
        parts.append(part)
    names = {"count": "int64", "sum": "float64", "mean": "float64", "since_last": "float64"}
    found = pd.concat(parts).sort_index() if parts else pd.DataFrame(columns=list(names))
    found = found.astype(names)
    found.index = events.index
    return found
