"""A bench measures calls from outside the process that makes them, with fresh inputs each time."""

from __future__ import annotations

import os
import sys
import time

import pytest

from mlkata.bench import MOST_AT_A_TIME, NEVER_STOPPED, SHORTEST, Bench, Subject, Work
from mlkata.errors import WorkerLost
from mlkata.process import cpu_clock
from mlkata.runner import Runner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are measured on Linux alone")

SOURCE = """
import os
import time

given = []


def remember(n):
    given.append(n)
    return list(given)


def pid(n):
    return os.getpid()


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def slow_later(n):
    given.append(n)
    return spin(200_000 if len(given) == 1 else 1_000_000)


def slow_at_a_time(n):
    given.append(n)
    return spin(2_000 if len(given) == 1 else 40_000)


def slow_once(n):
    start = time.process_time()
    while time.process_time() - start < 0.5:
        pass


def sleep(n):
    time.sleep(0.2)


def hang(n):
    while True:
        pass


def take(n, ballast=""):
    return len(bytes([1]) * (n * 2**20))


def die(n):
    os._exit(1)


# Large blocks between small ones: once freed they stay with the process, in the middle of its heap.
blocks = [bytes([1]) * 40_000 for _ in range(2_000)]
del blocks[:-1]


def take_small_blocks(n):
    return len([bytes([1]) * 40_000 for _ in range(n * 2**20 // 40_000)]) > 0


def options(n, *, sign=1):
    return sign * n
"""


@pytest.fixture(scope="module")
def runner():
    runner = Runner.start((), fork=True)
    yield runner
    runner.close()


@pytest.fixture
def bench(tmp_path, runner):
    """Makes a bench for a call."""
    path = tmp_path / "source.py"
    path.write_text(SOURCE)
    made = []

    def bench(target, inputs=lambda rng: (int(rng.integers(1_000_000)),), *, seconds=20.0, **options):
        made.append(Bench(Subject("toy", path), Work(target, inputs, options, seed=3), runner, seconds=seconds))
        return made[-1]

    yield bench
    for each in made:
        each.close()


def fetched(bench):
    """The result of the last call, and its arguments."""
    seen = []
    bench.judge(lambda result, *args: seen.append((result, args)))
    return seen[0]


def of(n):
    return lambda rng: (n,)


def test_inputs_are_made_anew_for_each_round_and_place():
    work = Work("f", lambda rng, size=None: (rng.integers(2**60), size), {}, seed=3)

    drawn = [work.args(number, place)[0] for number in range(3) for place in range(3)]

    assert len(set(drawn)) == 9
    assert work.args(1, 2) == work.args(1, 2)
    assert work.args(1, 2) != Work("f", work.inputs, {}, seed=4).args(1, 2)
    assert work.args(1, size=5)[1] == 5


def test_result_is_judged_with_the_arguments_that_gave_it(bench):
    measured = bench("options", sign=-1)

    measured.time(0)

    result, (n,) = fetched(measured)
    assert result == -n


def test_short_calls_are_measured_several_at_a_time(bench):
    measured = bench("remember")

    measured.time(0)
    assert len(fetched(measured)[0]) == 1
    measured.time(1)

    given, (last,) = fetched(measured)
    assert 2 < len(given) <= 1 + MOST_AT_A_TIME
    assert len(set(given)) > len(given) // 2
    assert given[-1] == last


def test_long_calls_are_measured_one_at_a_time(bench):
    measured = bench("spin", of(2_000_000))

    measured.time(0)
    measured.time(1)

    assert measured.least[None] > 2 * SHORTEST


def test_least_time_counts_for_each_size(bench):
    measured = bench("spin", lambda rng, n: (n,))

    for number in range(3):
        for size in (50_000, 500_000):
            measured.time(number, size=size)

    assert 5 < measured.least[500_000] / measured.least[50_000] < 20


def test_time_of_several_calls_is_that_of_one(bench):
    alone, several = bench("spin", of(200_000)), bench("spin", of(2_000))

    alone.time(0)
    several.least[None] = SHORTEST / 16
    several.time(0)

    assert 30 < alone.least[None] / several.least[None] < 300


def test_later_calls_that_are_slower_do_not_count(bench):
    measured = bench("slow_later")

    measured.time(0)
    first = measured.least[None]
    measured.time(1)

    assert measured.least[None] == first


def test_one_short_call_alone_is_superseded_by_a_row_of_them(bench):
    measured = bench("slow_at_a_time")

    measured.time(0)
    first = measured.least[None]
    measured.time(1)

    assert measured.least[None] > 2 * first


def test_sleep_takes_no_cpu_time(bench):
    measured = bench("sleep")

    measured.time(0)

    assert measured.least[None] < 0.1


def test_call_beyond_its_cap_is_stopped_and_the_next_gets_a_fresh_process(bench):
    measured = bench("hang")

    measured.time(0, cap=0.01)

    assert measured.stopped == {None: 1}
    assert measured.least[None] >= NEVER_STOPPED
    measured.judge(lambda *args: pytest.fail("a call that was stopped has no result"))
    measured.time(1, cap=0.01)
    assert measured.stopped == {None: 2}


def test_call_that_was_let_run_longest_counts_where_all_were_stopped(bench):
    measured = bench("hang")

    for number, cap in enumerate((0.3, 0.6, 0.4)):
        measured.time(number, cap=cap)

    assert measured.least[None] == 0.6


def test_call_that_ends_counts_more_than_one_that_was_stopped(bench):
    measured = bench("slow_once")

    measured.time(0, cap=0.0)
    assert measured.least[None] == NEVER_STOPPED
    measured.time(1, cap=60.0)

    assert measured.least[None] > NEVER_STOPPED
    assert measured.stopped == {None: 1}


def test_call_under_the_bound_for_all_is_never_stopped(bench):
    measured = bench("spin", of(100_000))

    measured.time(0, cap=0.0)

    assert not measured.stopped
    assert fetched(measured)[0] == sum(range(100_000))


def test_call_beyond_the_wall_time_is_lost_however_little_it_uses(bench):
    with pytest.raises(WorkerLost, match="an endless loop") as lost:
        bench("sleep", seconds=0.05).time(0)

    assert lost.value.how == "timed out"


def test_one_process_makes_all_calls_until_it_is_closed(bench):
    measured = bench("pid")

    found = []
    for number in range(3):
        measured.time(number)
        found.append(fetched(measured)[0])
    measured.close()
    measured.time(3)

    assert len(set(found)) == 1
    assert fetched(measured)[0] != found[0]


def test_peak_memory_is_of_a_fresh_process_and_beyond_what_was_there(bench):
    measured = bench("take", of(8))
    measured.time(0)

    small, result, args = bench("take", of(2)).peak_bytes()
    peak = measured.peak_bytes()[0]

    assert (result, args) == (2 * 2**20, (2,))
    assert peak / 2**20 == pytest.approx(8, abs=0.5)
    assert small / 2**20 == pytest.approx(2, abs=0.5)


def test_memory_that_the_inputs_took_on_their_way_does_not_hide_what_the_call_takes(bench):
    peak = bench("take", lambda rng: (8, "x" * (16 * 2**20))).peak_bytes()[0]

    assert peak / 2**20 == pytest.approx(8, abs=0.5)


def test_process_that_dies_is_told(bench):
    for act in (lambda measured: measured.time(0), lambda measured: measured.peak_bytes()):
        with pytest.raises(WorkerLost, match="the process that held the submission died"):
            act(bench("die"))


@pytest.mark.parametrize(("n", "most", "lines"), [(10, 10_000, (20, 26)), (10_000, 50, (50, 50))])
def test_lines_are_counted_up_to_a_bound(bench, n, most, lines):
    least, largest = lines

    assert least <= bench("spin", of(n)).lines(most) <= largest


def twice(module, n):
    """2 * spin(n)

    More words.
    """
    return 2 * module.spin(n)


def test_probe_is_called_by_its_title_and_measured(bench):
    measured = bench(twice, of(10))

    measured.time(0)

    assert fetched(measured)[0] == 90
    assert Work(twice, of(10), {}, seed=0).name == "2 * spin(n)"
    assert Work("spin", of(10), {}, seed=0).name == "spin"


def test_cpu_clock_counts_what_the_process_uses():
    clock = cpu_clock(os.getpid())
    before, used = time.clock_gettime_ns(clock), time.process_time_ns()
    while time.process_time_ns() - used < 20_000_000:
        pass

    assert 0.9 < (time.clock_gettime_ns(clock) - before) / (time.process_time_ns() - used) <= 1.1


def test_memory_that_was_freed_before_the_call_counts_when_it_is_taken_again(bench):
    peak, _, _ = bench("take_small_blocks", of(40)).peak_bytes()

    assert 38 < peak / 2**20 < 44
