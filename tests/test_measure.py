"""Slow answers are refused whatever else the machine does, and wrong ones however fast they are."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlkata import bench
from mlkata import measure as measuring
from mlkata.bench import Subject
from mlkata.compare import Mismatch, assert_equal
from mlkata.errors import CatalogError, WorkerLost
from mlkata.measure import Measure, available
from mlkata.report import Measurement
from mlkata.runner import Runner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="performance is measured on Linux alone")

SUM = """
def work(n, times=1):
    total = 0
    for i in range(n * times):
        total += i
    return total
"""

BUILTIN_SUM = "def work(n):\n    return sum(range(n))"

TEN_TIMES_SLOWER = """
def work(n, times=1):
    total = 0
    for i in range(10 * n * times):
        if i % 10 == 0:
            total += i // 10
    return total
"""

WRONG = "def work(*args):\n    return 1"

FIRST_RESULT_KEPT = f"""
import functools

{SUM}

@functools.cache
def keep():
    return []


def work(n, work=work):
    if not keep():
        keep().append(work(n))
    return keep()[0]
"""

LINEAR = """
def work(n, start):
    total = start
    for i in range(n):
        total += i
    return total
"""

QUADRATIC = """
def work(n, start):
    total = 0
    for i in range(n):
        for j in range(0, n, 100):
            total += i
    return start + total // len(range(0, n, 100))
"""

FIRST_RESULT_OF_A_SIZE_KEPT = f"""
{QUADRATIC}

known = {{}}


def work(n, start, work=work):
    if n not in known:
        known[n] = work(n, start)
    return known[n]
"""

ROW = "def work(n):\n    return len(bytes([1]) * (n * 2**20))"
MATRIX = "def work(n):\n    return len(bytes([1]) * (n * n * 2**20)) // n"


@pytest.fixture
def runner(request):
    runner = Runner.start((), fork=getattr(request, "param", True))
    yield runner
    runner.close()


@pytest.fixture
def found():
    """What was recorded, and what the learner reads of the call."""
    return {"measurements": [], "calls": []}


@pytest.fixture
def compare(tmp_path, runner, found):
    """Sets a submission's source against a reference's."""

    def compare(submission, reference=SUM, *, seconds=20.0, seed=0):
        subjects = []
        for name, source in (("submission", submission), ("reference", reference)):
            path = tmp_path / f"{name}.py"
            path.write_text(source)
            subjects.append(Subject("toy", path, is_reference=name == "reference"))
        return Measure(
            *subjects,
            runner,
            runner,
            seed=seed,
            seconds=seconds,
            record=found["measurements"].append,
            remember=lambda *call: found["calls"].append(call),
        )

    return compare


@pytest.fixture
def busy():
    """Two other processes that use all the time they can get."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    yield
    for other in others:
        other.kill()
        other.wait()


def number(rng):
    return (100_000 + int(rng.integers(10_000)),)


def size_and_start(rng, n):
    return n, int(rng.integers(1_000_000))


def megabytes(rng):
    return (4,)


def is_sum(result, n, times=1):
    assert_equal(result, sum(range(n * times)), what="the sum")


def is_total(result, n, start):
    assert_equal(result, start + sum(range(n)), what="the total")


def is_length(result, n):
    assert_equal(result, n * 2**20, what="the length")


def is_anything(result, *args):
    pass


def broken(compare_with, *args, **options):
    with pytest.raises(Mismatch) as refused:
        compare_with(*args, **options)
    return refused.value


def test_same_code_has_the_ratio_one_beside_busy_processes(compare, busy):
    ratio = compare(SUM).cpu_ratio("work", number, at_most=2, judge=is_sum)

    assert 0.6 < ratio < 1.7


@pytest.mark.parametrize("runner", [True, False], indirect=True, ids=["forked", "from nothing"])
def test_ten_times_slower_code_is_refused(compare, found):
    refused = broken(compare(TEN_TIMES_SLOWER).cpu_ratio, "work", number, at_most=2, judge=is_sum, hint="see below")

    assert refused.broken.endswith("times the CPU time of the reference: see below")
    assert refused.details[0] == "at most 2 times are allowed"
    [measurement] = found["measurements"]
    assert measurement.limit == 2
    assert 5 < measurement.value < 30


@pytest.mark.parametrize(("n", "told"), [(1_000, r"2,0\d\d"), (20_000, "more than 20,000")])
def test_number_of_lines_is_told_where_it_explains_the_slowness(compare, n, told):
    refused = broken(compare(SUM, BUILTIN_SUM).cpu_ratio, "work", lambda rng: (n,), at_most=0.1, judge=is_sum)

    sentence = rf"it ran {told} lines of Python where the reference ran 1: a loop over the data\?"
    assert re.fullmatch(sentence, refused.details[1])


def test_lines_are_not_told_where_they_explain_nothing(compare):
    slow = SUM.replace("total += i", "total += i; pow(7, 2000)")

    refused = broken(compare(slow).cpu_ratio, "work", number, at_most=2, judge=is_sum)

    assert refused.details == ("at most 2 times are allowed",)


def test_ten_times_slower_code_is_let_through_by_a_generous_limit(compare):
    assert compare(TEN_TIMES_SLOWER).cpu_ratio("work", number, at_most=100, judge=is_sum) > 5


def test_wrong_but_fast_is_refused(compare):
    refused = broken(compare(WRONG).cpu_ratio, "work", number, at_most=2, judge=is_sum)

    assert refused.broken == "the sum is wrong"


def test_first_result_kept_gains_nothing(compare):
    refused = broken(compare(FIRST_RESULT_KEPT).cpu_ratio, "work", number, at_most=2, judge=is_sum)

    assert refused.broken == "the sum is wrong"


def test_first_result_of_a_size_kept_gains_nothing(compare):
    grows = compare(FIRST_RESULT_OF_A_SIZE_KEPT, LINEAR).growth

    refused = broken(grows, "work", size_and_start, (1_000, 10_000), at_most=0.5, judge=is_total)

    assert refused.broken == "the total is wrong"


def test_no_inputs_are_given_twice(compare):
    given = []

    def note(rng):
        given.append(number(rng))
        return given[-1]

    compare(SUM).cpu_ratio("work", note, at_most=100, judge=is_sum)

    # Two subjects get the same inputs each round, and the first are shown to the learner too.
    assert all(given.count(inputs) <= 3 for inputs in given)
    assert len(set(given)) > 1


@pytest.mark.parametrize("seed", [0, 1])
def test_seed_decides_the_inputs(compare, seed, found):
    compare(SUM, seed=seed).cpu_ratio("work", number, at_most=100, judge=is_sum)
    compare(SUM, seed=1).cpu_ratio("work", number, at_most=100, judge=is_sum)

    first, second = found["calls"]
    assert (first == second) == (seed == 1)


def test_options_reach_both_sides_and_the_learner(compare, found):
    def judge(result, n):
        is_sum(result, n, times=3)

    compare(SUM).cpu_ratio("work", number, at_most=100, judge=judge, options={"times": 3})

    [(name, _, options)] = found["calls"]
    assert (name, options) == ("work", {"times": 3})


@pytest.mark.parametrize("inputs", [lambda rng: (5, max), lambda rng: (5,)], ids=["argument", "option"])
def test_function_to_measure_with_is_its_authors_fault(compare, inputs):
    options = {} if len(inputs(None)) == 2 else {"times": max}

    with pytest.raises(CatalogError, match="expected plain data, found a function; build the function inside a probe"):
        compare(SUM).cpu_ratio("work", inputs, at_most=2, judge=is_anything, options=options)


def half(module, n):
    """work(n) // 2"""
    return module.work(n) // 2


def test_probe_is_measured_like_an_entry(compare, found):
    def judge(result, n):
        is_sum(2 * result, n)

    refused = broken(compare(TEN_TIMES_SLOWER).cpu_ratio, half, lambda rng: (100_001,), at_most=2, judge=judge)

    assert "times the CPU time" in refused.broken
    assert found["calls"][0][0] == "work(n) // 2"


@pytest.mark.parametrize("runner", [True, False], indirect=True, ids=["forked", "from nothing"])
def test_growth_tells_linear_from_quadratic(compare, found):
    grows = compare(QUADRATIC, LINEAR).growth

    refused = broken(grows, "work", size_and_start, (2_000, 10_000), at_most=0.5, judge=is_total, hint="sort first")

    assert refused.broken.startswith("the CPU time grows like n ** ")
    assert refused.broken.endswith("from n = 2,000 to n = 10,000: sort first")
    assert refused.details[0].startswith("that of the reference like n ** ")
    [measurement] = found["measurements"]
    assert 0.7 < measurement.value < 1.3
    assert measurement.margin == measuring.EXPONENT_MARGIN


def test_growth_of_the_same_code_is_the_same(compare):
    excess = compare(LINEAR, LINEAR).growth("work", size_and_start, (2_000, 20_000), at_most=0.5, judge=is_total)

    assert -0.3 < excess < 0.3


def test_growth_that_is_much_slower_at_every_size_is_no_steeper(compare):
    slow = LINEAR.replace("total += i", "total += i; pow(7, 200)")

    assert compare(slow, LINEAR).growth("work", size_and_start, (2_000, 20_000), at_most=0.5, judge=is_total) < 0.5


def test_growth_with_wrong_results_is_refused(compare):
    refused = broken(compare(WRONG, LINEAR).growth, "work", size_and_start, (100, 1_000), at_most=9, judge=is_total)

    assert refused.broken == "the total is wrong"


def test_sizes_beyond_one_that_is_too_slow_are_not_tried(compare):
    sizes = []

    def note(rng, n):
        sizes.append(n)
        return size_and_start(rng, n)

    broken(compare(QUADRATIC, LINEAR).growth, "work", note, (2_000, 10_000, 10**9), at_most=0.5, judge=is_total)

    assert set(sizes) == {2_000, 10_000}


@pytest.mark.parametrize("runner", [True, False], indirect=True, ids=["forked", "from nothing"])
def test_peak_memory_tells_a_matrix_from_a_row(compare, found):
    refused = broken(compare(MATRIX, ROW).peak_memory, "work", megabytes, at_most=2, judge=is_length, hint="in rows")

    assert refused.broken.endswith(" times the memory of the reference at its peak: in rows")
    assert refused.details == ("16 MB, the reference 4 MB", "at most 2 times are allowed")
    [measurement] = found["measurements"]
    assert measurement.value == pytest.approx(4, rel=0.1)
    assert measurement.limit == 2


def test_peak_memory_is_the_same_figure_every_time(compare):
    measure = compare(MATRIX, ROW)

    one, two, three = (measure.peak_memory("work", megabytes, at_most=9, judge=is_length) for _ in range(3))

    assert one == pytest.approx(two, rel=0.05)
    assert two == pytest.approx(three, rel=0.05)


def test_peak_memory_of_the_same_code_has_the_ratio_one(compare):
    ratio = compare(ROW, ROW).peak_memory("work", megabytes, at_most=2, judge=is_length)

    assert ratio == pytest.approx(1, rel=0.1)


def test_memory_that_was_given_back_before_the_end_counts(compare):
    passing = "def work(n):\n    bytes([1]) * (32 * 2**20)\n    return len(bytes([1]) * (n * 2**20))"

    assert broken(compare(passing, ROW).peak_memory, "work", megabytes, at_most=4, judge=is_length)


def test_wrong_result_is_refused_before_its_memory(compare):
    for method in ("peak_memory", "peak_megabytes"):
        refused = broken(getattr(compare(WRONG, ROW), method), "work", megabytes, at_most=0.1, judge=is_length)
        assert refused.broken == "the length is wrong"


def test_megabytes_are_counted_beyond_the_inputs(compare, found):
    def inputs(rng):
        return (4, "x" * (64 * 2**20))

    source = ROW.replace("work(n)", "work(n, ballast)")
    compare(source, source).peak_megabytes("work", inputs, at_most=8, judge=is_anything)

    [measurement] = found["measurements"]
    assert measurement == Measurement("peak memory in MB", measurement.value, 8)
    assert measurement.value == pytest.approx(4, abs=0.5)


def test_too_many_megabytes_are_refused(compare):
    refused = broken(compare(MATRIX, ROW).peak_megabytes, "work", megabytes, at_most=8, judge=is_length, hint="why?")

    assert refused.broken == "the call takes 16 MB of memory at its peak: why?"
    assert refused.details == ("at most 8 MB are allowed",)


def test_call_that_never_ends_is_stopped(compare):
    endless = "def work(n):\n    while True:\n        n += 1"

    refused = broken(compare(endless, BUILTIN_SUM).cpu_ratio, "work", number, at_most=2, judge=is_sum)

    assert refused.broken.startswith("the call takes more than ")
    assert "more than 20,000 lines of Python" in refused.details[1]


def test_growth_that_never_ends_is_stopped(compare):
    endless = "def work(n, start):\n    while n > 100:\n        pass\n    return start + sum(range(n))"

    assert broken(compare(endless, LINEAR).growth, "work", size_and_start, (100, 1_000), at_most=1, judge=is_total)


def test_growth_from_far_above_the_reference_is_not_waited_for(compare):
    hopeless = "def work(n, start):\n    return start + sum(i // 50_000 for i in range(50_000 * n))"

    refused = broken(compare(hopeless, LINEAR).growth, "work", size_and_start, (200, 2_000), at_most=1, judge=is_total)

    assert "the call takes more than 300 times the CPU time of the reference at n = 200" in str(refused)


@pytest.mark.parametrize("method", ["peak_memory", "peak_megabytes"])
def test_memory_of_a_call_that_takes_far_longer_than_the_reference_cannot_be_told(compare, monkeypatch, method):
    monkeypatch.setattr(bench, "PATIENCE", 0.05)
    endless = "def work(n):\n    while True:\n        pass"

    refused = broken(
        getattr(compare(endless, ROW), method), "work", lambda rng: (1,), at_most=2, at_most_time=20, judge=is_length
    )

    assert "the call was stopped: it took more than 20 times the CPU time of the reference" in str(refused)


def test_memory_of_a_call_that_takes_somewhat_longer_is_told(compare, monkeypatch):
    monkeypatch.setattr(bench, "PATIENCE", 0.01)
    works = "    for i in range({}):\n        pass\n    return len(bytes([1]) * (n * 2**20))"
    longer, reference = (f"def work(n):\n{works.format(count)}" for count in (6_000_000, 2_000_000))

    assert compare(longer, reference).peak_megabytes("work", lambda rng: (3,), at_most=9, judge=is_length) < 5


@pytest.mark.parametrize("method", ["cpu_ratio", "peak_memory", "peak_megabytes"])
def test_call_that_waits_for_ever_is_given_up(compare, method):
    waits = "import time\n\n\ndef work(n):\n    time.sleep(100)"
    started = time.monotonic()

    with pytest.raises(WorkerLost, match=r"no answer within 0\.5 s of wall time: an endless loop\?") as lost:
        getattr(compare(waits, ROW, seconds=0.5), method)("work", lambda rng: (1,), at_most=2, judge=is_length)

    assert lost.value.how == "timed out"
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("method", ["cpu_ratio", "peak_memory"])
def test_submission_that_dies_is_told(compare, method):
    dies = "import os\n\n\ndef work(n):\n    os._exit(0)"

    with pytest.raises(WorkerLost, match="the process that held the submission died") as lost:
        getattr(compare(dies, ROW), method)("work", megabytes, at_most=2, judge=is_length)

    assert lost.value.how == "killed"


@pytest.mark.parametrize("method", ["cpu_ratio", "peak_memory"])
def test_exception_of_the_submission_is_its_own(compare, method):
    raises = "def work(n):\n    raise KeyError(n)"

    with pytest.raises(KeyError) as error:
        getattr(compare(raises, ROW), method)("work", megabytes, at_most=2, judge=is_length)

    assert error.value.told.frames[-1] == (2, "work", "raise KeyError(n)")


RAISES = ("raise ValueError('too many')", "ValueError: too many")
DIES = ("import os; os._exit(0)", "WorkerLost: the process that held the submission died")
WAITS = ("import time; time.sleep(100)", "WorkerLost: no answer within 0.5 s")
NOT_PLAIN = ("return object()", "cannot be compared")


@pytest.mark.parametrize(
    ("method", "fault", "told"),
    [
        *(("cpu_ratio", *fault) for fault in (RAISES, DIES, WAITS)),
        *(("peak_memory", *fault) for fault in (RAISES, DIES, WAITS, NOT_PLAIN)),
    ],
)
def test_reference_that_gives_no_answer_is_its_authors_fault(compare, method, fault, told):
    measure = compare(ROW, f"def work(n):\n    {fault}", seconds=0.5)

    with pytest.raises(CatalogError, match=r"reference\.py: expected an answer to measure against") as error:
        getattr(measure, method)("work", megabytes, at_most=2, judge=is_length)

    assert told in error.value.found
    assert error.value.todo == "mend the reference"


def test_reference_that_cannot_be_imported_is_its_authors_fault(compare):
    with pytest.raises(CatalogError, match="expected an answer to measure against, found ZeroDivisionError"):
        compare(SUM, "1 / 0").cpu_ratio("work", number, at_most=2, judge=is_sum)


def living_children(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [child for child in children if Path(f"/proc/{child}/stat").read_text().split()[2] != "Z"]


def test_no_worker_is_left_over(compare, runner):
    with pytest.raises(KeyError):
        compare("def work(n):\n    raise KeyError").cpu_ratio("work", number, at_most=2, judge=is_sum)
    compare(SUM).cpu_ratio("work", number, at_most=9, judge=is_sum)

    end = time.monotonic() + 10
    while living_children(runner._pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert living_children(runner._pid) == []


def test_cuda_results_must_stay_on_the_device():
    figures = [{"devices": ["cuda"], "synchronised": ""}, {"devices": ["cpu", "cuda"], "synchronised": ""}]

    with pytest.raises(Mismatch, match="the result lies on cpu, not on the inputs' device: keep it there"):
        measuring._judge_whereabouts(figures, may_wait=False, hint="keep it there")


@pytest.mark.parametrize("may_wait", [False, True])
def test_cuda_host_must_not_wait_unless_it_may(may_wait):
    figures = [{"devices": ["cuda"], "synchronised": "called a synchronizing CUDA operation"}]

    if may_wait:
        measuring._judge_whereabouts(figures, may_wait=True, hint="")
    else:
        with pytest.raises(Mismatch, match="the host waits for the device during the call") as refused:
            measuring._judge_whereabouts(figures, may_wait=False, hint="")
        assert refused.value.details == ("called a synchronizing CUDA operation",)


@pytest.mark.parametrize(("platform", "reason"), [("linux", ""), ("darwin", "performance is measured on Linux alone")])
def test_performance_is_measured_on_linux_alone(monkeypatch, platform, reason):
    monkeypatch.setattr(sys, "platform", platform)

    assert available() == reason
