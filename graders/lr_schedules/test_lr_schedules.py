"""Hidden checks of lr_schedules."""

import math

import pytest

from mlkata.compare import assert_close, assert_equal, assert_true, raises

LONG = {"total_steps": 100, "warmup_steps": 8}
SCHEDULES = {
    "cosine": {"base_lr": 0.3, **LONG},
    "linear": {"base_lr": 0.3, **LONG},
    "inverse_sqrt": {"base_lr": 0.3, "warmup_steps": 8},
    "step_decay": {"base_lr": 0.3, "warmup_steps": 8, "milestones": [20, 60]},
}
every_schedule = pytest.mark.parametrize("name", list(SCHEDULES))


def rates_of(module, name, steps, options):
    """the schedule called for each of these steps: [f(step, **options) for step in steps]"""
    schedule = getattr(module, name)
    return [schedule(step, **options) for step in steps]


def assert_rates(submission, name, steps, expected, hint="", **options):
    """The rates of these steps, to a relative 1e-9 or to 1e-12 of the base rate."""
    found = submission.run(rates_of, name, list(steps), options)
    near = {"rtol": 1e-9, "atol": 1e-12 * options["base_lr"]}
    assert_close(found, list(expected), **near, what=f"the list of rates of {name}", hint=hint)


@pytest.mark.correctness("Warmup")
@every_schedule
def test_warmup(submission, name):
    """The warmup grows by equal parts, from base_lr / warmup_steps up to base_lr."""
    expected = [0.3 * (step + 1) / 8 for step in range(8)]
    assert_rates(submission, name, range(8), expected, **SCHEDULES[name])


@pytest.mark.correctness("Cosine", "Progress")
@pytest.mark.parametrize("min_lr", [0.0, 0.05])
def test_cosine(submission, min_lr):
    """After the warmup the rate follows half a cosine from base_lr down to min_lr."""
    # (1 + cos x) / 2 is the square of cos(x / 2).
    steps = [8, 9, 31, 50, 77, 98, 99]
    expected = [min_lr + (0.3 - min_lr) * math.cos(math.pi * (step - 8) / 184) ** 2 for step in steps]
    assert_rates(submission, "cosine", steps, expected, base_lr=0.3, min_lr=min_lr, **LONG)
    tiny = [rate * 1e-9 for rate in expected]
    assert_rates(submission, "cosine", steps, tiny, base_lr=0.3e-9, min_lr=min_lr * 1e-9, **LONG)


@pytest.mark.correctness("Line", "Progress")
@pytest.mark.parametrize("min_lr", [0.0, 0.05])
def test_linear(submission, min_lr):
    """After the warmup the rate falls by equal parts from base_lr, and would be min_lr at total_steps."""
    steps = [8, 9, 31, 50, 77, 98, 99]
    expected = [(0.3 * (100 - step) + min_lr * (step - 8)) / 92 for step in steps]
    assert_rates(submission, "linear", steps, expected, base_lr=0.3, min_lr=min_lr, **LONG)
    tiny = [rate * 1e-9 for rate in expected]
    assert_rates(submission, "linear", steps, tiny, base_lr=0.3e-9, min_lr=min_lr * 1e-9, **LONG)


@pytest.mark.correctness("Cosine", "Line")
@pytest.mark.parametrize("name", ["cosine", "linear"])
def test_symmetry(submission, rng, name):
    """Cosine and line are symmetric about their middle, where the rate is the mean of base_lr and min_lr."""
    warmup, half = int(rng.integers(1, 30)), int(rng.integers(20, 60))
    options = {"base_lr": 2.0, "min_lr": 0.25, "warmup_steps": warmup, "total_steps": warmup + 2 * half}
    assert_rates(submission, name, [warmup + half], [1.125], hint="half way it is the mean of both", **options)
    early = submission.run(rates_of, name, range_list(warmup + 1, half), options)
    late = submission.run(rates_of, name, range_list(warmup + half + 1, half - 1)[::-1], options)
    assert_close(
        [a + b for a, b in zip(early[:-1], late, strict=True)],
        [2.25] * (half - 1),
        what="the list of sums of two rates equally far from the middle",
    )


def range_list(start, length):
    return list(range(start, start + length))


@pytest.mark.correctness("Inverse square root")
def test_inverse_sqrt(submission):
    """After the warmup four times the steps have half of the rate."""
    steps = [8, 9, 15, 17, 31, 71, 127, 799]
    expected = [0.3 * (8 / (step + 1)) ** 0.5 for step in steps]
    assert_rates(submission, "inverse_sqrt", steps, expected, base_lr=0.3, warmup_steps=8)
    assert_rates(submission, "inverse_sqrt", [31, 127, 511], [0.15, 0.075, 0.0375], base_lr=0.3, warmup_steps=8)


@pytest.mark.correctness("Milestones")
def test_step_decay(submission):
    """From each milestone on the rate is gamma times as large, by default a tenth."""
    steps = [8, 19, 20, 21, 59, 60, 61, 1000]
    expected = [0.3, 0.3, 0.03, 0.03, 0.03, 0.003, 0.003, 0.003]
    assert_rates(submission, "step_decay", steps, expected, **SCHEDULES["step_decay"])
    expected = [0.3, 0.3, 0.21, 0.21, 0.21, 0.147, 0.147, 0.147]
    assert_rates(submission, "step_decay", steps, expected, gamma=0.7, **SCHEDULES["step_decay"])


@pytest.mark.edge_case("Warmup", "Steps")
@every_schedule
@pytest.mark.parametrize("warmup", [1, 3, 1000])
def test_first_step(submission, name, warmup):
    """The first step has the rate base_lr / warmup_steps, not 0."""
    options = {**SCHEDULES[name], "warmup_steps": warmup}
    if "total_steps" in options:
        options["total_steps"] = 2000
    assert_rates(submission, name, [0], [0.3 / warmup], hint="training at rate 0 is a step wasted", **options)


@pytest.mark.edge_case("Warmup", "Progress", "Inverse square root")
@every_schedule
def test_warmup_and_decay_meet(submission, name):
    """The last step of the warmup has base_lr, and the step after it begins the decay."""
    after = 0.3 * math.sqrt(8 / 9) if name == "inverse_sqrt" else 0.3
    assert_rates(submission, name, [6, 7, 8], [0.3 * 7 / 8, 0.3, after], **SCHEDULES[name])
    if name in ("cosine", "linear"):
        options = {**SCHEDULES[name], "min_lr": 0.2}
        hint = "min_lr plays no part in the warmup"
        assert_rates(submission, name, [0, 3, 7, 8], [0.3 / 8, 0.15, 0.3, 0.3], hint=hint, **options)


@pytest.mark.edge_case("Past the end")
@pytest.mark.parametrize("name", ["cosine", "linear"])
@pytest.mark.parametrize("min_lr", [0.0, 0.01])
def test_past_the_end(submission, name, min_lr):
    """From total_steps on the rate stays at min_lr: it neither rises again nor falls below."""
    steps = [100, 101, 150, 192, 284, 10**6]
    options = {"base_lr": 0.3, "min_lr": min_lr, **LONG}
    assert_rates(submission, name, steps, [min_lr] * 6, hint="the decay is over at total_steps", **options)
    (last,) = submission.run(rates_of, name, [99], options)
    assert_true(last > min_lr, "the last step of the run must still be above min_lr")


@pytest.mark.edge_case("Warmup", "Progress")
@every_schedule
def test_no_warmup(submission, name):
    """Without a warmup the first step has base_lr, and the decay begins at once."""
    options = {key: value for key, value in SCHEDULES[name].items() if key != "warmup_steps"}
    second = {"cosine": 0.3 * math.cos(math.pi / 200) ** 2, "linear": 0.297, "inverse_sqrt": 0.3 / math.sqrt(2)}
    expected = [0.3, second.get(name, 0.3)]
    assert_rates(submission, name, [0, 1], expected, **options)
    assert_rates(submission, name, [0, 1], expected, warmup_steps=0, **options)


@pytest.mark.edge_case("Past the end")
@pytest.mark.parametrize("name", ["cosine", "linear"])
def test_nothing_but_warmup(submission, name):
    """Where the warmup takes all steps, and where there is one step in all, nothing is divided by zero."""
    options = {"base_lr": 0.4, "min_lr": 0.1, "total_steps": 4, "warmup_steps": 4}
    assert_rates(submission, name, range(6), [0.1, 0.2, 0.3, 0.4, 0.1, 0.1], **options)
    assert_rates(submission, name, [0, 1], [0.4, 0.0], base_lr=0.4, total_steps=1)
    assert_rates(submission, name, [0, 1], [0.4, 0.0], base_lr=0.4, total_steps=1, warmup_steps=1)
    assert_rates(submission, name, [0, 3, 7], [0.4, 0.4, 0.4], base_lr=0.4, min_lr=0.4, total_steps=5)


@pytest.mark.edge_case("Milestones")
def test_milestones(submission):
    """Milestones may come in any order, twice, during the warmup, or not at all."""
    options = {"base_lr": 1.0, "gamma": 0.5}
    steps, expected = [0, 3, 4, 9, 10, 11], [1, 1, 0.5, 0.5, 0.125, 0.125]
    assert_rates(submission, "step_decay", steps, expected, milestones=[10, 4, 10], **options)
    assert_rates(submission, "step_decay", steps, expected, milestones=(4, 10, 10), **options)
    assert_rates(submission, "step_decay", [0, 50], [1, 1], milestones=[], **options)
    assert_rates(submission, "step_decay", [0, 1], [0.5, 0.5], milestones=[0], **options)
    expected = [0.25, 0.5, 0.375, 0.5, 0.5, 0.25]
    found = {"milestones": [2, 6], "warmup_steps": 4, **options}
    assert_rates(submission, "step_decay", [0, 1, 2, 3, 5, 6], expected, **found)
    assert_rates(submission, "step_decay", [1, 7], [1, 4], base_lr=1.0, gamma=2, milestones=[5, 3])
    assert_rates(submission, "step_decay", [1, 7], [1, 1], base_lr=1, gamma=1, milestones=[5, 3])


def with_one_list(module, milestones, steps):
    """step_decay(step, base_lr=1.0, milestones=milestones) for each step; the rates and the list"""
    return [module.step_decay(step, base_lr=1.0, milestones=milestones) for step in steps], milestones


@pytest.mark.edge_case("Milestones")
def test_milestones_stay_as_they_were(submission):
    """The list of milestones is not changed."""
    rates, milestones = submission.run(with_one_list, [30, 10, 20], [5, 15, 25, 35])
    assert_close(rates, [1.0, 0.1, 0.01, 0.001], what="the list of rates")
    assert_equal(milestones, [30, 10, 20], what="the list of milestones after the calls")


@pytest.mark.edge_case("No memory")
@every_schedule
def test_steps_in_any_order(submission, rng, name):
    """A step has the same rate whichever steps were asked for before, and huge steps are no trouble."""
    steps = [int(step) for step in rng.permutation(110)]
    rates = submission.run(rates_of, name, steps + steps[::-1], SCHEDULES[name])
    assert_close(rates[:110], rates[110:][::-1], rtol=1e-12, atol=0, what="the list of rates, asked for once more")
    assert_close(rates[steps.index(3)], 0.15, rtol=1e-9, what="the rate of step 3")
    far = {"cosine": 0.15, "linear": 0.15, "inverse_sqrt": 0.3 * math.sqrt(16 / 10**12), "step_decay": 0.003}[name]
    options = dict(SCHEDULES[name])
    if "total_steps" in options:
        options["total_steps"] = 10**12 - 8
    if name == "inverse_sqrt":
        options["warmup_steps"] = 8
    assert_rates(submission, name, [10**12 // 2 - (name == "inverse_sqrt")], [far], **options)


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize(
    ("names", "step", "change", "when"),
    [
        ("cosine linear inverse_sqrt step_decay", -1, {}, "step is -1"),
        ("cosine linear inverse_sqrt step_decay", 5, {"warmup_steps": -1}, "warmup_steps is -1"),
        ("cosine linear inverse_sqrt step_decay", 5, {"base_lr": 0.0}, "base_lr is 0"),
        ("cosine linear inverse_sqrt step_decay", 5, {"base_lr": -0.1}, "base_lr is negative"),
        ("cosine linear", 0, {"total_steps": 0, "warmup_steps": 0}, "total_steps is 0"),
        ("cosine linear", 5, {"total_steps": 7}, "warmup_steps is 8 and total_steps is 7"),
        ("cosine linear", 5, {"min_lr": -0.01}, "min_lr is negative"),
        ("cosine linear", 5, {"min_lr": 0.31}, "min_lr is above base_lr"),
        ("step_decay", 5, {"gamma": 0.0}, "gamma is 0"),
        ("step_decay", 5, {"gamma": -0.5}, "gamma is negative"),
    ],
    ids=lambda value: value if isinstance(value, str) and " is " in value else "",
)
def test_errors(submission, names, step, change, when):
    """Arguments that make no sense raise ValueError, whichever step is asked for."""
    for name in names.split():
        # In the warmup, after it, and past the end.
        for at in (step,) if step < 0 else (step, step + 50, step + 500):
            with raises(ValueError, when=f"{when} ({name}, step {at})"):
                submission.run(rates_of, name, [at], {**SCHEDULES[name], **change})
