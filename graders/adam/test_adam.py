"""Hidden checks of adam."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_true, raises

OPTIONS = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 0.1, "weight_decay": 0.3}
FINE = {"rtol": 1e-9, "atol": 1e-10}


def by_hand(p, gradients, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    """The path of one weight by the formulas, in Python floats; None for a step without gradient."""
    m, v, t, path = 0.0, 0.0, 0, []
    rates = lr if isinstance(lr, list) else [lr] * len(gradients)
    for g, rate in zip(gradients, rates, strict=True):
        if g is not None:
            t += 1
            g = g + weight_decay * p
            m, v = betas[0] * m + (1 - betas[0]) * g, betas[1] * v + (1 - betas[1]) * g * g
            p -= rate * (m / (1 - betas[0] ** t)) / (math.sqrt(v / (1 - betas[1] ** t)) + eps)
        path.append(p)
    return path


def ends_by_hand(start, gradients, **options):
    """Where an array ends, element by element, given an array of gradients (or None) for each step."""
    ends = np.empty(start.shape)
    for place in np.ndindex(start.shape):
        path = [None if g is None else float(g[place]) for g in gradients]
        ends[place] = by_hand(float(start[place]), path, **options)[-1]
    return ends


def draw(rng, shapes, n_steps):
    """Arrays of these shapes, and a list of gradients for each step: of another size for each array."""
    arrays = [rng.normal(size=shape) for shape in shapes]
    scales = 10 ** np.linspace(-2, 2, len(shapes))
    return arrays, [
        [np.array(scale * rng.normal(size=shape)) for shape, scale in zip(shapes, scales, strict=True)]
        for _ in range(n_steps)
    ]


def train(module, arrays, rows, options):
    """Adam(arrays, **options), and a step(gradients) for each row of gradients; the arrays"""
    arrays = [array.copy() for array in arrays]
    optimizer = module.Adam(arrays, **options)
    for row in rows:
        optimizer.step(row)
    return arrays


def path_of(module, start, gradients, options):
    """Adam([p], **options), and a step for each gradient; p after each"""
    p = np.array([start])
    optimizer, path = module.Adam([p], **options), []
    for g in gradients:
        optimizer.step([np.array([g])])
        path.append(float(p[0]))
    return path


def assert_trained(found, arrays, rows, what, near=FINE, **options):
    for place, array in enumerate(arrays):
        expected = ends_by_hand(array, [row[place] for row in rows], **options)
        assert_close(found[place], expected, **near, what=f"array {place} {what}")


@pytest.mark.correctness("Update", "Weight decay")
def test_steps_by_hand(submission):
    """Four steps of one weight are those of the formulas, with a large eps and a large decay."""
    gradients = [0.5, -2.0, 0.25, 0.25]
    path = submission.run(path_of, 1.5, gradients, OPTIONS)
    assert_close(path, by_hand(1.5, gradients, **OPTIONS), **FINE, what="the weight after each step")


@pytest.mark.correctness("Update")
def test_default_options(submission):
    """Without options they are lr=1e-3, betas=(0.9, 0.999), eps=1e-8 and no decay."""
    # Gradients as small as eps show it; a large weight would show a decay.
    for start, gradients in ((1.0, [0.3, -1.0, 2.0]), (500.0, [1e-8, 3e-8, 2e-8]), (0.0, [1.0, 0.0, 0.0])):
        path = submission.run(path_of, start, gradients, {})
        moved = np.array(by_hand(start, gradients)) - start
        assert_close(np.array(path) - start, moved, rtol=1e-6, atol=1e-12, what="the way that the weight went")


@pytest.mark.correctness("Update", "Parameters", "Several optimizers")
def test_many_steps_of_many_arrays(submission, rng):
    """After 60 steps arrays of several shapes are where the formulas bring each of their elements."""
    arrays, rows = draw(rng, [(3, 4), (5,), (2, 3, 2), (5,)], 60)
    options = {"lr": 0.03, "betas": (0.7, 0.98), "eps": 0.02}
    found = submission.run(train, arrays, rows, options)
    assert_trained(found, arrays, rows, "after 60 steps", **options)


def train_two(module, start, rows, rates, options):
    """Two optimizers, each Adam([array], lr=a rate of its own, **options), that step in turns; both arrays"""
    arrays = [start.copy(), start.copy()]
    optimizers = [module.Adam([array], lr=rate, **options) for array, rate in zip(arrays, rates, strict=True)]
    for row in rows:
        for optimizer, g in zip(optimizers, row, strict=True):
            optimizer.step([g])
    return arrays


@pytest.mark.correctness("Update", "Several optimizers")
def test_first_steps_have_the_length_of_lr(submission):
    """With corrected averages a steady gradient moves a weight by lr a step, whatever its size, in each optimizer."""
    rows = [[np.array([3.0, -0.02, 4e-5]), np.array([-500.0, 0.7, -1e-3])]] * 3
    one, other = submission.run(train_two, np.array([1.0, 2.0, -1.0]), rows, (0.25, 0.5), {"eps": 1e-15})
    hint = "each optimizer has its own rate, averages and counts, and both averages are corrected"
    assert_close(one, [0.25, 2.75, -1.75], rtol=1e-6, what="the array of the first optimizer", hint=hint)
    assert_close(other, [2.5, 0.5, 0.5], rtol=1e-6, what="the array of the second optimizer", hint=hint)


@pytest.mark.correctness("Weight decay")
def test_coupled_decay(submission, rng):
    """The decay is part of the gradient: it is averaged and divided as well."""
    found = submission.run(path_of, 4.0, [0.0], {"lr": 0.5, "eps": 0.0, "weight_decay": 1e-3})
    hint = "with a gradient of 0 the decay alone makes a step of lr"
    assert_close(found, [3.5], rtol=1e-6, what="a weight of 4 after a step with gradient 0 and lr 0.5", hint=hint)
    arrays, rows = draw(rng, [(4,), (2, 3)], 12)
    options = {"lr": 0.05, "eps": 1e-3, "weight_decay": 0.7}
    found = submission.run(train, arrays, rows, options)
    assert_trained(found, arrays, rows, "after 12 steps with decay", **options)


@pytest.mark.correctness("Step counter")
def test_counters_of_their_own(submission, rng):
    """A parameter that gets its first gradient late is at its first step then."""
    arrays, rows = draw(rng, [(3,), (2, 2)], 12)
    for row in rows[:9]:
        row[1] = None
    found = submission.run(train, arrays, rows, {"lr": 0.1})
    expected = ends_by_hand(arrays[1], [row[1] for row in rows], lr=0.1)
    hint = "t counts the steps of this parameter"
    assert_close(found[1], expected, **FINE, what="the array with 3 gradients in 12 steps", hint=hint)
    expected = ends_by_hand(arrays[0], [row[0] for row in rows], lr=0.1)
    assert_close(found[0], expected, **FINE, what="the array with 12 gradients")


def with_schedule(module, start, gradients, rates):
    """Adam([p], lr=rates[0]), and before each step optimizer.lr = the next rate; p after each"""
    p = np.array([start])
    optimizer, path = module.Adam([p], lr=rates[0]), []
    for g, rate in zip(gradients, rates, strict=True):
        optimizer.lr = rate
        optimizer.step([np.array([g])])
        path.append(float(p[0]))
    return path


@pytest.mark.correctness("Learning rate")
def test_learning_rate_that_changes(submission):
    """A learning rate that is set between steps counts from the next step on."""
    gradients, rates = [0.5, -2.0, 0.25, 1.0], [0.1, 0.4, 0.0, 0.02]
    path = submission.run(with_schedule, 1.5, gradients, rates)
    assert_close(path, by_hand(1.5, gradients, lr=rates), **FINE, what="the weight after each step")


@pytest.mark.edge_case("No gradient")
def test_missing_gradients(submission, rng):
    """Without a gradient a parameter does not move, nor do its averages and its count; a step may have none at all."""
    arrays, rows = draw(rng, [(3,), (2, 2), (4,)], 8)
    for number in (0, 2, 3, 6):
        rows[number][0] = None
    rows[6][1] = None
    for row in rows:
        row[2] = None
    found = submission.run(train, arrays, rows, OPTIONS)
    assert_equal(found[2], arrays[2], what="the array that never has a gradient")
    assert_trained(found, arrays, rows, "where some have no gradient", **OPTIONS)


def watch(module, start, rows, options):
    """Adam(arrays, **options) and a step for each row; the list, a view of the first array, still the same?"""
    arrays = [array.copy() for array in start]
    given, view = list(arrays), arrays[0][1:]
    optimizer = module.Adam(arrays, **options)
    for row in rows:
        optimizer.step(row)
    return given, view, all(one is other for one, other in zip(arrays, given, strict=True))


@pytest.mark.edge_case("In place")
def test_arrays_change_in_place(submission, rng):
    """The arrays that were given are written to where they lie, and remain the same objects."""
    arrays, rows = draw(rng, [(3, 4), (2,)], 3)
    found, view, same = submission.run(watch, arrays, rows, OPTIONS)
    assert_trained(found, arrays, rows, "after three steps, as its owner sees it", **OPTIONS)
    assert_equal(view, found[0][1:], what="a view of the first array, taken before the steps")
    assert_true(same, "the list of parameters must still hold the same arrays")


def with_buffers(module, start, rows, options):
    """Adam(arrays, **options) and a step for each row, gradients always in the same memory; arrays, gradients"""
    arrays = [array.copy() for array in start]
    buffers = [np.empty_like(g) for g in rows[0]]
    optimizer = module.Adam(arrays, **options)
    for row in rows:
        for buffer, g in zip(buffers, row, strict=True):
            buffer[...] = g
        optimizer.step(buffers)
    return arrays, buffers


@pytest.mark.edge_case("Gradients", "Weight decay")
@pytest.mark.parametrize("options", [OPTIONS, {"lr": 0.1, "betas": (0.0, 0.95)}], ids=["decay", "no decay"])
def test_gradients_stay_as_they_were(submission, rng, options):
    """Gradients are not written to, and nothing of them is kept: the caller may overwrite them."""
    arrays, rows = draw(rng, [(3, 4), (2,)], 5)
    found, left = submission.run(with_buffers, arrays, rows, options)
    for place, (one, other) in enumerate(zip(left, rows[-1], strict=True)):
        assert_equal(one, other, what=f"gradient {place} after the step", hint="it must be left as it was")
    assert_trained(found, arrays, rows, "after five steps with gradients in the same memory", **options)


def in_other_layouts(module, bases, rows, options):
    """Adam(views), which are 0-d, empty, transposed, and every other column; the arrays that they lie in"""
    bases = [base.copy() for base in bases]
    views = [bases[0], bases[1], bases[2].T, bases[3][:, ::2], bases[4][::-1]]
    optimizer = module.Adam(views, **options)
    for row in rows:
        optimizer.step([np.asfortranarray(g) if g.ndim > 1 else g for g in row])
    return bases


@pytest.mark.edge_case("Parameters", "In place")
def test_shapes_and_layouts(submission, rng):
    """Parameters that are 0-d, empty, transposed, spaced out or turned round are updated where they lie."""
    bases, _ = draw(rng, [(), (0, 3), (4, 3, 2), (2, 6), (5,)], 0)
    bases[0] = np.array(bases[0])
    _, rows = draw(rng, [(), (0, 3), (2, 3, 4), (2, 3), (5,)], 4)
    found = submission.run(in_other_layouts, bases, rows, OPTIONS)
    views = [bases[0], bases[1], bases[2].T, bases[3][:, ::2], bases[4][::-1]]
    seen = [found[0], found[1], found[2].T, found[3][:, ::2], found[4][::-1]]
    names = "a 0-d array", "an empty array", "a transposed array", "an array of every other column", "a reversed array"
    for place, (name, view) in enumerate(zip(names, views, strict=True)):
        expected = ends_by_hand(view, [row[place] for row in rows], **OPTIONS)
        assert_close(seen[place], expected, **FINE, what=f"{name}, as its owner sees it")
    assert_equal(found[3][:, 1::2], bases[3][:, 1::2], what="a column between the parameter's columns")


@pytest.mark.edge_case("Precision", "Gradients")
@pytest.mark.parametrize("of_gradients", ["float64", "float32", "float16", "int8", "uint8", "int64"])
def test_dtypes(submission, rng, of_gradients):
    """Parameters keep their dtype and have its precision, whatever that of the gradients, which count as numbers."""
    arrays = [
        rng.normal(size=size).astype(dtype) for size, dtype in ((4, "float32"), ((2, 3), "float64"), (2, "float32"))
    ]
    rows = [[rng.uniform(20, 120, size=array.shape).astype(of_gradients) for array in arrays] for _ in range(5)]
    options = {"lr": 0.1, "betas": (0.75, 0.875), "eps": 0.5}
    found = submission.run(train, arrays, rows, options)
    for place, array in enumerate(arrays):
        near = FINE if array.dtype == np.float64 else {"rtol": 1e-4, "atol": 1e-6}
        assert_dtype(found[place], array.dtype, what=f"a parameter of dtype {array.dtype}")
        expected = ends_by_hand(array, [row[place] for row in rows], **options)
        what = f"the way that a {array.dtype} parameter went along {of_gradients} gradients"
        assert_close(found[place] - array, expected - array, **near, what=what)


def with_a_bad_step(module, arrays, rows, bad, options):
    """Adam(arrays, **options): step, the bad step, step; did it raise ValueError?, and the arrays"""
    arrays = [array.copy() for array in arrays]
    optimizer = module.Adam(arrays, **options)
    optimizer.step(rows[0])
    try:
        optimizer.step(bad)
        raised = False
    except ValueError:
        raised = True
    optimizer.step(rows[1])
    return raised, arrays


@pytest.mark.edge_case("Bad gradients")
@pytest.mark.parametrize(
    "fault",
    [
        "one too few",
        "one too many",
        "None too many",
        "shape (3, 1)",
        "shape (1, 3)",
        "0-d",
        "flat",
        "shape (1,) for a 0-d array",
    ],
)
def test_bad_gradients(submission, rng, fault):
    """Gradients of another number or shape raise ValueError, and nothing has changed then."""
    arrays, rows = draw(rng, [(), (3, 3)], 2)
    arrays[0], g = np.array(arrays[0]), rows[1][0]
    bad = {
        "one too few": [g],
        "one too many": [*rows[1], g],
        "None too many": [*rows[1], None],
        "shape (3, 1)": [g, np.ones((3, 1))],
        "shape (1, 3)": [g, np.ones((1, 3))],
        "0-d": [g, np.array(1.0)],
        "flat": [g, np.ones(9)],
        "shape (1,) for a 0-d array": [g.reshape(1), rows[1][1]],
    }[fault]
    raised, found = submission.run(with_a_bad_step, arrays, rows, bad, OPTIONS)
    assert_true(raised, f"step must raise ValueError where a gradient does not fit ({fault})")
    assert_trained(found, arrays, rows, "after a step, a refused one, and another step", **OPTIONS)


def construct(module, array, options):
    """Adam([array], **options)"""
    module.Adam([array], **options)


@pytest.mark.edge_case("Bad options")
def test_bad_options(submission):
    """Negative options, betas outside [0, 1) and parameters that are not float raise ValueError; zeros do not."""
    zeros = {"betas": (0.0, 0.0), "eps": 0.0, "weight_decay": 0.0}
    submission.run(construct, np.ones(2), {"lr": 0.0, **zeros})
    for options in (
        {"lr": -0.1},
        {"eps": -1e-8},
        {"weight_decay": -0.01},
        {"betas": (1.0, 0.999)},
        {"betas": (0.9, 1.0)},
        {"betas": (-0.1, 0.999)},
        {"betas": (0.9, 1.5)},
    ):
        with raises(ValueError, when=", ".join(f"{name} is {value}" for name, value in options.items())):
            submission.run(construct, np.ones(2), options)
    for dtype in ("int64", "bool", "complex128"):
        with raises(ValueError, when=f"a parameter has the dtype {dtype}"):
            submission.run(construct, np.ones(2, dtype), {})


def tables(rng):
    draws = [rng.normal(size=(4096, 16)) for _ in range(8)]
    return draws[:4], [draws[4:], draws[4:][::-1]], {"lr": 0.1, "weight_decay": 0.1}


def judge_tables(found, arrays, rows, options):
    for place, array in enumerate(arrays):
        rest = [row[place][:1, :5] for row in rows]
        expected = ends_by_hand(array[:1, :5], rest, **options)
        assert_close(found[place][:1, :5], expected, rtol=1e-6, what=f"the beginning of table {place}")
        expected = ends_by_hand(array[-1:, -5:], [row[place][-1:, -5:] for row in rows], **options)
        assert_close(found[place][-1:, -5:], expected, rtol=1e-6, what=f"the end of table {place}")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """Tables are updated whole: no Python loop over rows or elements."""
    measure.cpu_ratio(train, tables, at_most=10, judge=judge_tables, hint="work on whole arrays")
