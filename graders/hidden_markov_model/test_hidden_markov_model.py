"""Hidden checks of hidden_markov_model."""

import itertools
import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true, raises

TIGHT = {"rtol": 1e-8, "atol": 1e-9}
NAMES = ("forward", "log_likelihood", "posterior", "viterbi")


def draw(rng, n_states, n_symbols, n_times):
    start = rng.dirichlet(np.ones(n_states))
    transition, emission = rng.dirichlet(np.ones(n_states), n_states), rng.dirichlet(np.ones(n_symbols), n_states)
    return start, transition, emission, rng.integers(n_symbols, size=n_times)


def sequences(start, transition, emission, observations):
    """The probability of each sequence of states together with the observations."""
    found = {}
    for path in itertools.product(range(len(start)), repeat=len(observations)):
        p = start[path[0]]
        for t, state in enumerate(path):
            p = p * (transition[path[t - 1]][state] if t else 1) * emission[state][observations[t]]
        found[path] = p
    return found


def tables(start, transition, emission, observations):
    """alpha, beta and gamma as sums over all sequences; beta by sums over what follows."""
    n_states, n_times = len(start), len(observations)
    alpha, beta, gamma = np.zeros((3, n_times, n_states))
    for t in range(n_times):
        for path, p in sequences(start, transition, emission, observations[: t + 1]).items():
            alpha[t, path[-1]] += p
        for state in range(n_states):
            if t == n_times - 1:
                beta[t, state] = 1
                continue
            rest = sequences(transition[state], transition, emission, observations[t + 1 :])
            beta[t, state] = sum(rest.values())
    for path, p in sequences(start, transition, emission, observations).items():
        gamma[np.arange(n_times), path] += p
    return alpha, beta, gamma / alpha[-1].sum()


def log(values):
    with np.errstate(divide="ignore"):
        return np.log(values)


def best_path(model):
    """The best sequence, of several that with the lowest states from the end on."""
    found = sequences(*model)
    enough = max(found.values()) * (1 - 1e-9)
    return min((path for path, p in found.items() if p >= enough), key=lambda path: path[::-1])


def assert_path(found, path, log_probability):
    pair = isinstance(found, (tuple, list)) and len(found) == 2
    assert_true(pair, "viterbi must return a path and its log-probability")
    assert_equal(found[0], np.array(path, dtype=int), what="the path")
    kind = np.asarray(found[0]).dtype.kind
    assert_true(kind == "i" or not len(path), "the states of the path must be integers", f"got dtype kind {kind!r}")
    assert_close(float(found[1]), log_probability, **TIGHT, what="the log-probability of the path")


@pytest.mark.correctness("Model", "Forward")
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 3, 7), (4, 2, 4)])
def test_forward(submission, rng, shape):
    """log_alpha is the logarithm of a sum over all sequences up to each time."""
    model = draw(rng, *shape)
    found = submission.forward(*model)
    assert_close(found, log(tables(*model)[0]), **TIGHT, what="log_alpha")
    assert_dtype(found, "float64", what="log_alpha")


@pytest.mark.correctness("Model", "Backward")
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 3, 7), (4, 2, 4)])
def test_backward(submission, rng, shape):
    """log_beta is the logarithm of a sum over all sequences after each time."""
    model = draw(rng, *shape)
    found = submission.backward(*model[1:])
    assert_close(found, log(tables(*model)[1]), **TIGHT, what="log_beta")
    assert_dtype(found, "float64", what="log_beta")


@pytest.mark.correctness("Likelihood")
def test_log_likelihood(submission, rng):
    """The likelihood is the sum over all sequences, and those of all observations of a length add up to 1."""
    model = draw(rng, 3, 4, 6)
    assert_close(
        float(submission.log_likelihood(*model)), math.log(sum(sequences(*model).values())), **TIGHT, what="the result"
    )
    every = [submission.log_likelihood(*model[:3], list(seen)) for seen in itertools.product(range(4), repeat=3)]
    assert_close(np.exp(every).sum(), 1.0, **TIGHT, what="the sum of the likelihoods of all observations")


@pytest.mark.correctness("Posterior")
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 3, 7)])
def test_posterior(submission, rng, shape):
    """The posterior of a state is the share of the sequences that pass through it."""
    model = draw(rng, *shape)
    found = submission.posterior(*model)
    assert_close(found, tables(*model)[2], **TIGHT, what="the array of posteriors")
    assert_dtype(found, "float64", what="the array of posteriors")


@pytest.mark.correctness("Viterbi")
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 3, 8), (4, 2, 5)])
def test_viterbi(submission, rng, shape):
    """The path is the best of all sequences, and its log-probability belongs to it."""
    for _ in range(3):
        model = draw(rng, *shape)
        path = best_path(model)
        assert_path(submission.viterbi(*model), path, math.log(sequences(*model)[path]))


@pytest.mark.correctness("Forward", "Backward", "Likelihood", "Posterior")
def test_how_they_fit_together(submission, rng):
    """alpha times beta adds up to the likelihood at every time, and is the posterior times the likelihood."""
    model = draw(rng, 5, 6, 40)
    joint = submission.forward(*model) + submission.backward(*model[1:])
    # Plain products do not underflow yet.
    p, a = model[0] * model[2][:, model[3][0]], model[1]
    for symbol in model[3][1:]:
        p = p @ a * model[2][:, symbol]
    expected = math.log(p.sum())
    assert_close(np.logaddexp.reduce(joint, axis=1), np.full(40, expected), **TIGHT, what="the sum of alpha times beta")
    assert_close(float(submission.log_likelihood(*model)), expected, **TIGHT, what="the log-likelihood")
    assert_close(submission.posterior(*model), np.exp(joint - expected), **TIGHT, what="the array of posteriors")


@pytest.mark.edge_case("Impossible")
def test_impossible_steps(submission, rng):
    """Where start, steps or symbols are impossible, logarithms are -inf, posteriors 0, and nothing is NaN."""
    start, transition = [0.0, 0.25, 0.75], [[0.5, 0.5, 0.0], [0.0, 0.25, 0.75], [0.0, 0.0, 1.0]]
    emission = [[1.0, 0.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0], [0.0, 0.25, 0.75, 0.0]]
    for seen in ([0, 2, 1], [2, 2, 1, 2], [0, 0, 0], [2, 0, 2]):
        model = (start, transition, emission, seen)
        alpha, beta, gamma = tables(*model)
        assert_close(submission.forward(*model), log(alpha), **TIGHT, what="log_alpha")
        assert_close(submission.backward(*model[1:]), log(beta), **TIGHT, what="log_beta")
        found = submission.posterior(*model)
        assert_close(found, gamma, **TIGHT, what="the array of posteriors")
        assert_equal(
            np.asarray(found)[gamma == 0], np.zeros((gamma == 0).sum()), what="the posterior of the impossible"
        )
        path = best_path(model)
        assert_path(submission.viterbi(*model), path, math.log(sequences(*model)[path]))


@pytest.mark.edge_case("Impossible")
@pytest.mark.parametrize("seen", [[0, 3, 0], [3, 1], [0, 1, 1, 0], [3]])
def test_impossible_sequences(submission, seen):
    """A sequence that cannot be has the log-likelihood -inf, and neither posterior nor path."""
    start, transition = [1.0, 0.0], [[0.5, 0.5], [0.0, 1.0]]
    model = (start, transition, [[1.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0]], seen)
    assert_equal(float(submission.log_likelihood(*model)), -math.inf, what="the log-likelihood")
    alpha, beta = np.zeros((2, len(seen), 2))
    for t in range(len(seen)):
        for path, p in sequences(*model[:3], seen[: t + 1]).items():
            alpha[t, path[-1]] += p
        for state in range(2):
            rest = sequences(transition[state], *model[1:3], seen[t + 1 :]) if t + 1 < len(seen) else {(): 1.0}
            beta[t, state] = sum(rest.values())
    assert_close(submission.forward(*model), log(alpha), **TIGHT, what="log_alpha")
    assert_close(submission.backward(*model[1:]), log(beta), **TIGHT, what="log_beta")
    with raises(ValueError, when=f"posterior is asked for {seen}, which the model cannot show"):
        submission.posterior(*model)
    with raises(ValueError, when=f"viterbi is asked for {seen}, which the model cannot show"):
        submission.viterbi(*model)


@pytest.mark.edge_case("Range")
def test_long_sequence(submission, rng):
    """After 3,000 times nothing has underflowed."""
    model = draw(rng, 3, 5, 3000)
    scaled, expected = model[0] * model[2][:, model[3][0]], 0.0
    for symbol in model[3][1:]:
        expected += math.log(scaled.sum())
        scaled = scaled / scaled.sum() @ model[1] * model[2][:, symbol]
    expected += math.log(scaled.sum())
    assert_close(float(submission.log_likelihood(*model)), expected, **TIGHT, what="the log-likelihood")
    joint = submission.forward(*model) + submission.backward(*model[1:])
    total = np.logaddexp.reduce(joint, axis=1)
    assert_close(total, np.full(3000, expected), **TIGHT, what="the sum of alpha times beta")
    found = submission.posterior(*model)
    assert_close(found, np.exp(joint - expected), rtol=1e-6, what="the array of posteriors")
    path, log_probability = submission.viterbi(*model)
    steps = log(model[1][path[:-1], path[1:]]).sum() + log(model[2][path, model[3]]).sum() + log(model[0][path[0]])
    assert_close(float(log_probability), steps, **TIGHT, what="the log-probability of the path")
    assert_finite(log_probability, what="the log-probability of the path")


@pytest.mark.edge_case("Range")
def test_states_that_differ_by_huge_factors(submission):
    """A state that is e^-2000 times as likely as another keeps its logarithm, and may win later on."""
    tiny = 1e-150
    start, emission = [0.5, 0.5], [[1 - tiny, tiny, 0.0], [tiny, 0.5, 0.5 - tiny]]
    transition = [[1.0, 0.0], [0.0, 1.0]]
    seen = [0] * 6
    model = (start, transition, emission, seen)
    steps = np.arange(1, 7)[:, None] * np.log([1.0, tiny]) + math.log(0.5)
    hint = "probabilities of one time may differ by more than a float holds"
    assert_close(submission.forward(*model), steps, **TIGHT, what="log_alpha", hint=hint)
    assert_close(
        submission.backward(*model[1:]), (steps - math.log(0.5))[::-1] - np.log([1.0, tiny]), **TIGHT, what="log_beta"
    )
    # The last symbol is impossible for the first state: what was hopeless is all that is left.
    model = (start, transition, emission, [*seen, 2])
    expected = math.log(0.5) + 6 * math.log(tiny) + math.log(0.5)
    assert_close(float(submission.log_likelihood(*model)), expected, **TIGHT, what="the log-likelihood", hint=hint)
    assert_close(submission.posterior(*model), [[0.0, 1.0]] * 7, **TIGHT, what="the array of posteriors", hint=hint)
    assert_path(submission.viterbi(*model), [1] * 7, expected)


@pytest.mark.edge_case("Ties", "Viterbi")
def test_ties(submission, rng):
    """Of several best sequences that with the lowest states, from the end on, is taken; rounding decides nothing."""
    uniform = ([0.25] * 4, [[0.25] * 4] * 4, [[0.5, 0.5]] * 4, [0, 1, 1])
    assert_path(submission.viterbi(*uniform), [0, 0, 0], 3 * math.log(0.125))
    # 0 1 and 1 0 are equally likely: the last state decides.
    model = ([0.5, 0.5], [[0.25, 0.75], [0.75, 0.25]], [[1.0], [1.0]], [0, 0])
    assert_path(submission.viterbi(*model), [1, 0], math.log(0.375))
    # Differences of 4e-9 are none of rounding, those of 4e-10 count as such.
    for gap, path in ((1e-9, [1, 0]), (1e-10, [0, 0])):
        low, high = 0.5 - gap, 0.5 + gap
        model = ([0.5, 0.5], [[low, high], [high, low]], [[1.0], [1.0]], [0, 0])
        assert_path(submission.viterbi(*model), path, math.log(0.25))
        found, _ = submission.viterbi([low, high], [[1.0, 0.0], [0.0, 1.0]], [[1.0], [1.0]], [0])
        assert_equal(found, np.array(path[:1]), what=f"the path of one time with start {[low, high]}")
    for _ in range(12):
        whole = [rng.permuted(np.tile([1, 2, 3, 4], (n, 1)), axis=1).tolist() for n in (1, 4, 4)]
        seen = rng.integers(4, size=5).tolist()
        path = best_path((whole[0][0], whole[1], whole[2], seen))
        model = (np.array(whole[0][0]) / 10, np.array(whole[1]) / 10, np.array(whole[2]) / 10, seen)
        expected = math.log(sequences(whole[0][0], whole[1], whole[2], seen)[path]) - 10 * math.log(10)
        assert_path(submission.viterbi(*model), path, expected)


@pytest.mark.edge_case("Empty", "Model")
def test_few_times_and_states(submission, rng):
    """No observation, a single one, a single state and a single symbol are served as well."""
    start, transition, emission, _ = draw(rng, 3, 4, 1)
    for seen in ([], np.empty(0, dtype=int)):
        assert_shape(submission.forward(start, transition, emission, seen), (0, 3), what="log_alpha of no time")
        assert_shape(submission.backward(transition, emission, seen), (0, 3), what="log_beta of no time")
        assert_shape(submission.posterior(start, transition, emission, seen), (0, 3), what="the posterior of no time")
        found = submission.log_likelihood(start, transition, emission, seen)
        assert_equal(float(found), 0.0, what="the log-likelihood of no time")
        assert_path(submission.viterbi(start, transition, emission, seen), [], 0.0)
    joint = start * emission[:, 2]
    assert_close(submission.forward(start, transition, emission, [2]), [log(joint)], **TIGHT, what="log_alpha")
    assert_close(submission.backward(transition, emission, [2]), np.zeros((1, 3)), what="log_beta of one time")
    found = submission.posterior(start, transition, emission, [2])
    assert_close(found, [joint / joint.sum()], **TIGHT, what="the posterior of one time")
    assert_path(submission.viterbi(start, transition, emission, [2]), [joint.argmax()], log(joint.max()))
    model = ([1.0], [[1.0]], [[0.25, 0.75]], [1, 1, 0])
    expected = np.log([[0.75], [0.5625], [0.140625]])
    assert_close(submission.forward(*model), expected, **TIGHT, what="log_alpha of one state")
    assert_path(submission.viterbi(*model), [0, 0, 0], expected[-1, 0])
    found = submission.log_likelihood([0.4, 0.6], [[0.1, 0.9], [0.7, 0.3]], [[1.0], [1.0]], [0, 0, 0])
    assert_close(float(found), 0.0, **TIGHT, what="the log-likelihood with one symbol")


@pytest.mark.edge_case("Input")
@pytest.mark.parametrize("kind", ["lists", "float32", "turned", "uint8"])
def test_kinds_of_input(submission, rng, kind):
    """Nested lists, float32, non-contiguous arrays and integers of any width are worked out in float64."""
    start, transition, emission, seen = draw(rng, 3, 4, 6)
    if kind == "float32":
        start, transition, emission = (np.float32(table) for table in (start, transition, emission))
    exact = [np.asarray(table, dtype=float) for table in (start, transition, emission)]
    if kind == "uint8":
        start, transition = np.array([0, 1, 0], np.uint8), np.eye(3, dtype=np.int8)[[1, 2, 0]]
        exact, seen = [start.astype(float), transition.astype(float), emission], seen.astype(np.uint8)
    given = (start, transition, emission, seen)
    if kind == "lists":
        given = tuple(table.tolist() for table in given)
    if kind == "turned":
        given = (np.repeat(start, 2)[::2], np.asfortranarray(transition), np.asfortranarray(emission), seen[::-1])
        seen = seen[::-1]
    alpha, beta, gamma = tables(*exact, seen)
    assert_close(submission.forward(*given), log(alpha), **TIGHT, what="log_alpha")
    assert_close(submission.backward(*given[1:]), log(beta), **TIGHT, what="log_beta")
    assert_close(submission.posterior(*given), gamma, **TIGHT, what="the array of posteriors")
    path = best_path((*exact, seen))
    assert_path(submission.viterbi(*given), path, log(sequences(*exact, seen)[path]))


def broken_models(start, transition, emission):
    worse = [start * 0.9, start * 1.1, np.array([1.5, -0.5, 0.0]), np.array([math.nan, 0.5, 0.5]), start[:2]]
    worse += [np.array([0.5, 0.25, 0.250004]), np.array([0.5, 0.5 + 1e-9, -1e-9]), start[None]]
    yield from ((one, transition, emission, [0, 1], f"start is {one.tolist()}") for one in worse)
    yield start * 0.9, transition, emission, [], "start adds up to 0.9 and nothing is observed"
    for row, what in (
        ([0.6, 0.6, 0.0], "adds up to 1.2"),
        ([0.5, 0.499996, 0.0], "adds up to 0.999996"),
        ([1.2, -0.2, 0.0], "holds -0.2"),
        ([math.nan, 0.25, 0.75], "holds NaN"),
    ):
        table = transition.copy()
        table[1] = row
        yield start, table, emission, [0, 1], f"a row of transition {what}"
    yield start, transition[:2], emission, [0, 1], "transition has shape (2, 3)"
    table = emission.copy()
    table[2] = [0.5, 0.6, 0.0, 0.0]
    yield start, transition, table, [0, 1], "a row of emission adds up to 1.1"
    table[2] = [1.5, -0.5, 0.0, 0.0]
    yield start, transition, table, [0, 1], "emission holds -0.5"
    yield start, transition, table, [], "emission holds -0.5 and nothing is observed"
    table[2] = [0.5, math.nan, 0.25, 0.25]
    yield start, transition, table, [0, 1], "emission holds NaN"
    yield start, transition, emission[:2], [0, 1], "emission has 2 rows for 3 states"
    for seen in ([0, -1], [0, 4, 1], [[0, 1]]):
        yield start, transition, emission, seen, f"observations are {seen} with 4 symbols"


@pytest.mark.edge_case("Errors")
def test_errors(submission, rng):
    """Shapes that do not fit, tables that are no probabilities and symbols that do not exist raise ValueError."""
    model = draw(rng, 3, 4, 1)[:3]
    for start, transition, emission, seen, when in broken_models(*model):
        for name in NAMES:
            with raises(ValueError, when=f"{when}, in {name}"):
                getattr(submission, name)(start, transition, emission, seen)
        if not when.startswith("start"):
            with raises(ValueError, when=f"{when}, in backward"):
                submission.backward(transition, emission, seen)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, rng):
    """The tables of the model and the observations are not written to."""
    model = draw(rng, 3, 4, 6)
    alpha, beta, gamma = tables(*model)
    path = best_path(model)
    expected = {"forward": log(alpha), "log_likelihood": log(alpha[-1].sum()), "posterior": gamma, "viterbi": path}
    for name in NAMES:
        seen = getattr(submission, name).observe(*model)
        value = seen.value[0] if name == "viterbi" else seen.value
        assert_close(value, expected[name], **TIGHT, what=f"the result of {name}")
        seen.assert_unchanged()
    seen = submission.backward.observe(*model[1:])
    assert_close(seen.value, log(beta), **TIGHT, what="the result of backward")
    seen.assert_unchanged()


def posterior_and_viterbi(module, start, transition, emission, observations):
    """posterior(...), then viterbi(...), of the same model and observations"""
    gamma = module.posterior(start, transition, emission, observations)
    return gamma, module.viterbi(start, transition, emission, observations)


def large_model(rng):
    return draw(rng, 128, 20, 500)


def judge(found, start, transition, emission, seen):
    alpha, beta = np.empty((2, len(seen), len(start)))
    for t, symbol in enumerate(seen):
        row = (alpha[t - 1] @ transition if t else start) * emission[:, symbol]
        alpha[t] = row / row.sum()
    beta[-1] = 1
    for t in range(len(seen) - 2, -1, -1):
        row = transition @ (emission[:, seen[t + 1]] * beta[t + 1])
        beta[t] = row / row.sum()
    gamma = alpha * beta / (alpha * beta).sum(axis=1, keepdims=True)
    assert_close(found[0], gamma, rtol=1e-6, what="the array of posteriors")
    best = log(start * emission[:, seen[0]])
    for symbol in seen[1:]:
        best = (best[:, None] + log(transition)).max(axis=0) + log(emission[:, symbol])
    assert_close(float(found[1][1]), best.max(), rtol=1e-6, what="the log-probability of the path")


@pytest.mark.performance("Memory")
def test_memory(submission, measure):
    """500 times and 128 states need no array of times by states by states."""
    hint = "go from one time to the next with one matrix of states by states"
    measure.peak_megabytes(posterior_and_viterbi, large_model, at_most=25.0, judge=judge, hint=hint)
