"""Hidden checks of point_in_time_aggregates."""

import math

import numpy as np
import pandas as pd
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_type, raises

COLUMNS = {"count": "int64", "sum": "float64", "mean": "float64", "since_last": "float64"}
NEAR = {"rtol": 0.0, "atol": 1e-6}


def known_before(users, seconds, values, reach=math.inf):
    """The four columns, event by event, from lists in Python numbers; a missing value is None."""
    found = {name: [] for name in COLUMNS}
    rows = list(zip(users, seconds, values, strict=True))
    for who, now, _ in rows:
        past = [(when, value) for other, when, value in rows if other == who and now - reach <= when < now]
        seen = [float(value) for _, value in past if value is not None]
        found["count"].append(len(seen))
        found["sum"].append(math.fsum(seen))
        found["mean"].append(math.fsum(seen) / len(seen) if seen else math.nan)
        found["since_last"].append(now - max(when for when, _ in past) if past else math.nan)
    return found


def assert_features(found, expected, events, what=""):
    """A frame with the columns, dtypes and values that are promised, and the index of the events."""
    assert_type(found, pd.DataFrame, what="the result" + what)
    assert_equal(list(found.columns), list(COLUMNS), what="the list of columns" + what)
    assert_equal(len(found), len(events), what="the number of rows" + what)
    for name, dtype in COLUMNS.items():
        assert_close(found[name], expected[name], **NEAR, what=f"the column {name}{what}")
        assert_dtype(found[name], dtype, what=f"the column {name}{what}")
    assert_equal(list(found.index), list(events.index), what="the index" + what)


START = pd.Timestamp("2024-01-01")


def frame(users, hours, values, index=None):
    times = START + pd.to_timedelta(np.asarray(hours, dtype=float) * 3600, unit="s")
    return pd.DataFrame({"user": users, "time": times, "value": values}, index=index)


def draw(rng, n):
    """Events in no order, on a coarse clock, so that there are ties and events exactly at the edge of a window."""
    users = rng.choice(["ann", "bob", "cyd", "dan"], size=n, p=[0.4, 0.3, 0.2, 0.1]).tolist()
    return users, rng.integers(0, n // 2 + 2, size=n).tolist(), np.round(rng.normal(20, 30, size=n), 2).tolist()


def expect(users, hours, values, reach=math.inf):
    return known_before(users, [hour * 3600.0 for hour in hours], values, reach * 3600)


@pytest.mark.correctness("Past", "Columns", "No past")
@pytest.mark.parametrize("n", [6, 45])
def test_all_the_past(submission, rng, n):
    """Each event is described by all earlier events of the same user."""
    users, hours, values = draw(rng, n)
    events = frame(users, hours, values)
    assert_features(submission.point_in_time_aggregates(events), expect(users, hours, values), events)


@pytest.mark.correctness("Window", "Past")
@pytest.mark.parametrize(("window", "reach"), [("5h", 5), ("1D", 24), ("60min", 1), ("3650D", 87600)])
def test_windows(submission, rng, window, reach):
    """With a window, events count as long as they are not older than it; exactly as old is not too old."""
    users, hours, values = draw(rng, 70)
    events = frame(users, hours, values)
    found = submission.point_in_time_aggregates(events, window=window)
    assert_features(found, expect(users, hours, values, reach), events, f" with the window {window}")


@pytest.mark.correctness("Window")
def test_edges_of_the_window(submission):
    """An event exactly as old as the window is in, a moment more and it is out, for all columns."""
    events = pd.DataFrame({"user": [1, 1, 2, 2], "value": [8.0, 1.0, 16.0, 2.0]})
    events["time"] = START + pd.to_timedelta([0, 604800, 0, 604801], unit="s")
    found = submission.point_in_time_aggregates(events, window="7D")
    expected = known_before([1, 1, 2, 2], [0, 604800, 0, 604801], [8, 1, 16, 2], 604800)
    assert_features(found, expected, events)
    events["time"] = START + pd.to_timedelta([0, 750, 0, 751], unit="ms")
    found = submission.point_in_time_aggregates(events, window="750ms")
    expected = known_before([1, 1, 2, 2], [0, 0.75, 0, 0.751], [8, 1, 16, 2], 0.75)
    assert_features(found, expected, events, " with the window 750ms")


@pytest.mark.correctness("Ties")
def test_events_at_the_same_time(submission):
    """Events of a user at the same time do not see each other, in whatever order they stand, and later ones see all."""
    users, hours, values = list("aabaabaa"), [1, 2, 2, 2, 2, 2, 5, 0], [1, 2, 64, 4, 8, 128, 16, 32]
    for order in (list(range(8)), [7, 6, 5, 4, 3, 2, 1, 0], [3, 0, 6, 4, 7, 1, 5, 2]):
        rows = [[column[i] for i in order] for column in (users, hours, values)]
        events = frame(*rows)
        for window, reach in ((None, math.inf), ("3h", 3)):
            found = submission.point_in_time_aggregates(events, window=window)
            assert_features(found, expect(*rows, reach), events)


@pytest.mark.correctness("Past")
def test_own_value_leaves_no_trace(submission, rng):
    """Changing the value of an event changes later events of the same user, and nothing else."""
    users, hours, values = draw(rng, 24)
    before = submission.point_in_time_aggregates(frame(users, hours, values))
    for place in range(0, 24, 4):
        changed = [*values]
        changed[place] += 1000.0
        after = submission.point_in_time_aggregates(frame(users, hours, changed))
        later = [u == users[place] and h > hours[place] for u, h in zip(users, hours, strict=True)]
        moved = (np.asarray(after["sum"]) - np.asarray(before["sum"])).round(3)
        what = "the change of the column sum after the value of one event was raised by 1000"
        hint = "it must be seen by later events of the user, and by no other"
        assert_close(moved, 1000.0 * np.array(later), **NEAR, what=what, hint=hint)


@pytest.mark.correctness("Past")
@pytest.mark.parametrize("window", [None, "6h"])
def test_the_future_leaves_no_trace(submission, rng, window):
    """Rows of features stay as they are when all later events are taken away."""
    users, hours, values = draw(rng, 40)
    events = frame(users, hours, values)
    whole = submission.point_in_time_aggregates(events, window=window)
    past = (np.array(hours) <= 9).tolist()
    part = submission.point_in_time_aggregates(events[past], window=window)
    reach = math.inf if window is None else 6
    expected = {name: np.array(column)[past] for name, column in expect(users, hours, values, reach).items()}
    assert_features(part, expected, events[past], " for the events of the first hours")
    for name in COLUMNS:
        assert_close(whole[name][past], part[name], **NEAR, what=f"the column {name} with later events")


@pytest.mark.correctness("Rows")
def test_order_of_rows(submission, rng):
    """Shuffled events get the same features, each in its own place."""
    users, hours, values = draw(rng, 30)
    events = frame(users, hours, values)
    order = rng.permutation(30)
    expected = {name: np.array(column)[order] for name, column in expect(users, hours, values).items()}
    found = submission.point_in_time_aggregates(events.iloc[order])
    assert_features(found, expected, events.iloc[order], " for shuffled events that kept their labels")
    fresh = events.iloc[order].reset_index(drop=True)
    assert_features(submission.point_in_time_aggregates(fresh), expected, fresh, " for shuffled events")


@pytest.mark.correctness("Names")
def test_names_of_columns(submission, rng):
    """The three columns may have other names, and other columns are not looked at, whatever they are called."""
    users, hours, values = draw(rng, 20)
    events = frame(users, hours, values).rename(columns={"user": "card", "time": "paid_at", "value": "sum"})
    events["count"], events["user"], events["value"], events["time"] = 1, "x", math.nan, pd.Timestamp("2020-01-01")
    found = submission.point_in_time_aggregates(events, user="card", time="paid_at", value="sum")
    assert_features(found, expect(users, hours, values), events)


@pytest.mark.edge_case("Rows")
@pytest.mark.parametrize("labels", ["repeated", "times", "levels"])
def test_index(submission, rng, labels):
    """The index is kept as it is: repeated labels, times, and several levels."""
    users, hours, values = draw(rng, 12)
    index = {
        "repeated": pd.Index([3, 1, 3, 3, 0, 1, 2, 2, 3, 0, 0, 1], name="row"),
        "times": pd.DatetimeIndex(pd.Timestamp("2023-05-05") + pd.to_timedelta(rng.permutation(12), unit="D")),
        "levels": pd.MultiIndex.from_arrays([[1, 0] * 6, list("abcabcabcabc")], names=["shop", "till"]),
    }[labels]
    events = frame(users, hours, values, index=index)
    found = submission.point_in_time_aggregates(events, window="4h")
    assert_features(found, expect(users, hours, values, 4), events)
    assert_equal(list(found.index.names), list(index.names), what="the list of names of the index")


@pytest.mark.edge_case("Missing values", "No past")
def test_missing_values(submission, rng):
    """An event without a value counts for the time since the last event, and for nothing else."""
    users, hours, _ = draw(rng, 40)
    values = [None if rng.random() < 0.4 else int(rng.integers(-50, 50)) for _ in users]
    for dtype in ("float64", "Int64", "Float64"):
        events = frame(users, hours, pd.Series(values, dtype=float).astype(dtype))
        for window, reach in ((None, math.inf), ("3h", 3)):
            found = submission.point_in_time_aggregates(events, window=window)
            assert_features(found, expect(users, hours, values, reach), events, f" with gaps of dtype {dtype}")
    events = frame(["a"] * 3, [1, 2, 3], [math.nan, math.nan, 5.0])
    found = submission.point_in_time_aggregates(events)
    assert_features(found, expect(["a"] * 3, [1, 2, 3], [None, None, 5]), events, " with no value before")


@pytest.mark.edge_case("Users", "Values")
def test_dtypes_of_users_and_values(submission, rng):
    """Users may be text, integers or categories, values integers of any width."""
    users, hours, _ = draw(rng, 80)
    values = rng.integers(60, 120, size=80).tolist()
    expected = expect(users, hours, values)
    numbers = [{"ann": 2**53 + 1, "bob": -1, "cyd": 0, "dan": 2**53}[name] for name in users]
    levels = pd.CategoricalDtype(["zoe", "dan", "bob", "ann", "eve", "cyd"])
    for kind, labels in {
        "string": pd.Series(users, dtype="string"),
        "object": pd.Series(users, dtype=object),
        "category": pd.Series(users).astype(levels),
        "int64": pd.Series(numbers),
    }.items():
        events = frame(labels, hours, values)
        assert_features(submission.point_in_time_aggregates(events), expected, events, f" with users of dtype {kind}")
    for dtype in ("int8", "uint8", "int32", "float32", "Int64"):
        events = frame(users, hours, pd.Series(values).astype(dtype))
        found = submission.point_in_time_aggregates(events, window="100D")
        assert_features(found, expected, events, f" with values of dtype {dtype}")
    values = (rng.normal(1e5, 3e4, size=80).astype("float32")).tolist()
    events = frame(users, hours, pd.Series(values, dtype="float32"))
    found = submission.point_in_time_aggregates(events)
    assert_features(found, expect(users, hours, values), events, " with fractions of dtype float32")


@pytest.mark.edge_case("Times", "Window", "Ties")
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_units_of_time(submission, rng, unit):
    """Times in any unit give seconds, and fractions of a second where the unit has them."""
    users, hours, values = draw(rng, 25)
    events = frame(users, hours, values)
    events["time"] = events["time"].astype(f"datetime64[{unit}]")
    found = submission.point_in_time_aggregates(events, window="5h")
    assert_features(found, expect(users, hours, values, 5), events, f" with times in {unit}")
    # User 9 has an event on the edge of the window, user 4 one a tick too old, user 7 events one and two ticks apart.
    tick = pd.Timedelta(1, unit)
    late = pd.Timestamp("2024-03-01 12:00:01").as_unit("ns")
    times = [*pd.to_datetime(["1951-07-01 12:00:00", "1951-07-01 12:00:03", "2199-01-01 00:00:00"])]
    times += [late - pd.Timedelta("3s") - tick, late, late, late - tick, late + 2 * tick, late]
    events = pd.DataFrame({"user": [9, 9, 9, 4, 4, 7, 7, 7, 7], "value": [1.0, 2, 4, 8, 16, 32, 64, 128, 256]})
    events["time"] = pd.DatetimeIndex(times).as_unit(unit)
    count, total = [0, 1, 0, 0, 0, 1, 0, 3, 1], [0, 1, 0, 0, 0, 64, 0, 352, 64]
    one, two = tick.total_seconds(), 2 * tick.total_seconds()
    gaps = [math.nan, 3, math.nan, math.nan, math.nan, one, math.nan, two, one]
    mean = [part / n if n else math.nan for part, n in zip(total, count, strict=True)]
    expected = {"count": count, "sum": total, "mean": mean, "since_last": gaps}
    found = submission.point_in_time_aggregates(events, window="3s")
    assert_features(found, expected, events, f" with times a tick apart, in {unit}, and the window 3s")
    seconds = [float(at.value // 10**9) for at in times[:3]]
    found = submission.point_in_time_aggregates(events[:3], window=None)
    assert_features(found, known_before([9] * 3, seconds, [1, 2, 4]), events[:3], f" over two centuries, in {unit}")


@pytest.mark.edge_case("Times", "Window")
def test_time_zones(submission):
    """With a time zone, real time counts: the clock jumps, the time between events does not."""
    clocks = ["2024-03-31 01:30", "2024-03-31 03:30", "2024-03-31 04:00", "2024-10-27 00:30", "2024-10-27 04:00"]
    events = pd.DataFrame({"user": ["a"] * 5, "value": [1, 2, 4, 8, 16]})
    events["time"] = pd.to_datetime(clocks).tz_localize("Europe/Berlin")
    found = submission.point_in_time_aggregates(events, window="4h")
    expected = {
        "count": [0, 1, 2, 0, 0],
        "sum": [0, 1, 3, 0, 0],
        "mean": [math.nan, 1, 1.5, math.nan, math.nan],
        "since_last": [math.nan, 3600, 1800, math.nan, math.nan],
    }
    assert_features(found, expected, events, " in the time zone of Berlin")
    hours = pd.to_datetime(["2024-10-27 01:30", "2024-10-27 00:30", "2024-10-27 00:45"]).tz_localize("UTC")
    events = pd.DataFrame({"user": ["a"] * 3, "value": [1, 2, 4], "time": hours.tz_convert("Europe/Berlin")})
    expected = {"count": [2, 0, 1], "sum": [6, 0, 2], "mean": [3, math.nan, 2], "since_last": [2700, math.nan, 900]}
    found = submission.point_in_time_aggregates(events, window="1h")
    assert_features(found, expected, events, " in the night in which clocks in Berlin are put back")


@pytest.mark.edge_case("Empty", "No past", "Columns")
def test_few_events(submission):
    """A single event has no past, and without events there are no rows, but columns."""
    events = frame(["a"], [1], [5])
    assert_features(submission.point_in_time_aggregates(events), expect(["a"], [1], [5]), events, " for one event")
    for window in (None, "1D"):
        found = submission.point_in_time_aggregates(events[:0], window=window)
        assert_features(found, {name: [] for name in COLUMNS}, events[:0], " without events")


@pytest.mark.edge_case("Errors")
def test_bad_input(submission):
    """Columns that are not there, events without user or time, and useless windows are refused."""
    events = frame(["a", "b", "a"], [1, 2, 3], [1.0, 2.0, 3.0])
    for column in ("user", "time", "value"):
        with raises(KeyError, when=f"there is no column {column}"):
            submission.point_in_time_aggregates(events.drop(columns=column))
        with raises(KeyError, when=f"there is neither an event nor a column {column}"):
            submission.point_in_time_aggregates(events[:0].drop(columns=column))
    holed = events.assign(user=pd.Series([7, None, 7]).astype("Int64").astype("category"))
    with raises(ValueError, when="a user is missing in a column of dtype category"):
        submission.point_in_time_aggregates(holed)
    for column, gap in (("user", None), ("time", pd.NaT)):
        holed = events.copy()
        holed[column] = [gap, *holed[column].tolist()[1:]]
        with raises(ValueError, when=f"a {column} is missing"):
            submission.point_in_time_aggregates(holed)
    for window in ("0s", "-3h"):
        with raises(ValueError, when=f"the window is {window}"):
            submission.point_in_time_aggregates(events, window=window)
        with raises(ValueError, when=f"the window is {window} and there are no events"):
            submission.point_in_time_aggregates(events[:0], window=window)


@pytest.mark.edge_case("Arguments")
def test_argument_stays_as_it_was(submission, rng):
    """The frame of events is not written to: no new columns, no other order."""
    users, hours, values = draw(rng, 15)
    users[1], hours[1] = users[0], hours[0] + 1  # whose past is the event without a value, and others perhaps
    events = frame(users, hours, [None, *values[1:]])
    seen = submission.point_in_time_aggregates.observe(events, window="8h")
    assert_features(seen.value, expect(users, hours, [None, *values[1:]], 8), events)
    seen.assert_unchanged()


def long_histories(rng, n):
    """Events of 20 users, about one a minute each; a window of ten hours holds hundreds of them."""
    times = START + pd.to_timedelta(rng.integers(0, 3 * n, size=n), unit="s")
    users, values = rng.integers(20, size=n), rng.normal(10, 3, size=n).round(2)
    return (pd.DataFrame({"user": users, "time": times, "value": values}),)


def judge_some(found, events):
    users, times, values = (events[name].to_numpy() for name in ("user", "time", "value"))
    assert_equal(len(found), len(events), what="the number of rows")
    places = np.linspace(0, len(events) - 1, 12).astype(int)
    past = [(users == users[i]) & (times < times[i]) & (times >= times[i] - np.timedelta64(10, "h")) for i in places]
    assert_close(found["count"].to_numpy()[places], [rows.sum() for rows in past], what="the column count")
    expected = [values[rows].sum() for rows in past]
    assert_close(found["sum"].to_numpy()[places], expected, **NEAR, what="the column sum")
    expected = [
        (times[i] - times[rows].max()) / np.timedelta64(1, "s") if rows.any() else math.nan
        for i, rows in zip(places, past, strict=True)
    ]
    assert_close(found["since_last"].to_numpy()[places], expected, **NEAR, what="the column since_last")


HINT = "sort once; a user's past is then a stretch of neighbouring rows, and need not be gone through again"


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """32,768 events of 20 users take at most 50 times the CPU time of our own solution."""
    measure.cpu_ratio(
        "point_in_time_aggregates",
        lambda rng: long_histories(rng, 2**15),
        at_most=50,
        judge=judge_some,
        options={"window": "10h"},
        hint=HINT,
    )
