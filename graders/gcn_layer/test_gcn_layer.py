"""Hidden checks of gcn_layer."""

import math

import numpy as np
import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true


def matrix_of(edges, n_nodes):
    """The matrix of the whole operation, edge by edge, in Python floats: entry (target, source)."""
    edges = [(source, target) for source, target in edges if source != target]
    edges += [(node, node) for node in range(n_nodes)]
    degree = [sum(target == node for _, target in edges) for node in range(n_nodes)]
    matrix = torch.zeros(n_nodes, n_nodes, dtype=torch.float64)
    for source, target in edges:
        matrix[target, source] += 1 / math.sqrt(degree[source] * degree[target])
    return matrix


def as_index(edges):
    return torch.tensor(edges, dtype=torch.int64).reshape(-1, 2).T.contiguous()


def both_ways(edges):
    return [*edges, *((target, source) for source, target in edges)]


def draw_edges(torch_rng, n_nodes, n_edges):
    """Directed edges without self-loops; some are bound to repeat where there are many."""
    source = torch.randint(n_nodes, (n_edges,), generator=torch_rng)
    step = torch.randint(1, n_nodes, (n_edges,), generator=torch_rng)
    return list(zip(source.tolist(), ((source + step) % n_nodes).tolist(), strict=True))


def draw_features(torch_rng, n_nodes, n_features, dtype=torch.float32):
    return torch.randn(n_nodes, n_features, generator=torch_rng, dtype=torch.float64).to(dtype)


def assert_propagated(found, x, edges, hint=""):
    expected = matrix_of(edges, len(x)) @ x.double()
    assert_close(found, expected, rtol=1e-4, atol=1e-5, what="the tensor of propagated features", hint=hint)


@pytest.mark.correctness("Edges", "Degree")
def test_undirected_graph(submission, torch_rng):
    """On an undirected graph each node gets the normalised sum over its neighbours and itself."""
    edges = both_ways([(0, 1), (0, 2), (0, 3), (3, 4), (4, 5), (2, 3)])
    x = draw_features(torch_rng, 6, 4)
    assert_propagated(submission.propagate(x, as_index(edges)), x, edges)


@pytest.mark.correctness("Edges", "Degree")
def test_directed_graph(submission, torch_rng):
    """Features go from source to target, and the degree counts the edges that end in a node."""
    edges = [(0, 1), (2, 1), (3, 1), (1, 4), (0, 4), (4, 5)]
    x = draw_features(torch_rng, 6, 3)
    hint = "row 0 of edge_index holds the sources"
    assert_propagated(submission.propagate(x, as_index(edges)), x, edges, hint)


@pytest.mark.correctness("Duplicates", "Edges")
def test_repeated_edges(submission, torch_rng):
    """An edge counts as often as it is listed, wherever in the list."""
    edges = [(0, 1), (2, 1), (0, 1), (1, 3), (2, 0), (0, 1), (1, 3)]
    x = draw_features(torch_rng, 4, 3)
    assert_propagated(submission.propagate(x, as_index(edges)), x, edges, "does an edge listed twice count twice?")
    edges = draw_edges(torch_rng, 5, 60)
    x = draw_features(torch_rng, 5, 2)
    assert_propagated(submission.propagate(x, as_index(edges)), x, edges)


@pytest.mark.correctness("Self-loops")
def test_listed_self_loops(submission, torch_rng):
    """Self-loops in the list change nothing: every node has exactly one."""
    edges = [(0, 1), (1, 1), (1, 2), (2, 0), (3, 3), (1, 1), (2, 1)]
    x = draw_features(torch_rng, 5, 3)
    hint = "a node has one self-loop, listed or not"
    assert_propagated(submission.propagate(x, as_index(edges)), x, edges, hint)
    loops = as_index([(node, node) for node in range(5)])
    assert_close(
        submission.propagate(x, loops), x, rtol=1e-5, what="the tensor of features where only self-loops are listed"
    )


def call_layer(module, x, edge_index, weight, bias, cotangent):
    """GCNLayer(n_in, n_out) with this weight and bias, called with x and edge_index; the output and its gradients

    The layer has seen another graph of the same size before: the same edges, turned round.
    """
    layer = module.GCNLayer(*weight.shape, bias=bias is not None).to(x.dtype)
    with torch.no_grad():
        layer.weight.copy_(weight)
        if bias is not None:
            layer.bias.copy_(bias)
        layer(x, edge_index.flip(0))
    x = x.clone().requires_grad_()
    out = layer(x, edge_index)
    wrt = [x, layer.weight] + ([] if bias is None else [layer.bias])
    return out.detach(), torch.autograd.grad(out, wrt, cotangent)


@pytest.mark.correctness("Layer", "Gradients")
@pytest.mark.parametrize("with_bias", [True, False])
def test_layer(submission, torch_rng, with_bias):
    """The layer is the propagated x @ weight plus bias, with nothing behind it, and so are its gradients."""
    edges = draw_edges(torch_rng, 6, 9)
    x, weight = draw_features(torch_rng, 6, 3, torch.float64), draw_features(torch_rng, 3, 4, torch.float64)
    bias = draw_features(torch_rng, 1, 4, torch.float64)[0] if with_bias else None
    cotangent = draw_features(torch_rng, 6, 4, torch.float64)
    out, grads = submission.run(call_layer, x, as_index(edges), weight, bias, cotangent)
    matrix = matrix_of(edges, 6)
    expected = matrix @ x @ weight + (bias if with_bias else 0)
    assert_close(out, expected, rtol=1e-9, atol=1e-10, what="the output of the layer")
    assert_close(grads[0], matrix.T @ cotangent @ weight.T, rtol=1e-9, atol=1e-10, what="the gradient by x")
    assert_close(grads[1], (matrix @ x).T @ cotangent, rtol=1e-9, atol=1e-10, what="the gradient by weight")
    if with_bias:
        assert_close(grads[2], cotangent.sum(0), rtol=1e-9, atol=1e-10, what="the gradient by bias")


@pytest.mark.correctness("Gradients")
def test_gradient_by_the_features(submission, torch_rng):
    """The gradient goes the edges backwards: from the target to the source, with the same weights."""
    edges = [*draw_edges(torch_rng, 5, 12), (3, 3)]
    x, cotangent = draw_features(torch_rng, 5, 2, torch.float64), draw_features(torch_rng, 5, 2, torch.float64)
    out, grads = submission.propagate.value_and_grad(x, as_index(edges), wrt="x", cotangent=cotangent)
    assert_propagated(out, x, edges)
    expected = matrix_of(edges, 5).T @ cotangent
    assert_close(grads["x"], expected, rtol=1e-5, atol=1e-6, what="the gradient by x")


def start_of_layer(module, seed, n_in, n_out):
    """torch.manual_seed(seed); GCNLayer(n_in, n_out), and with bias=False: weight, bias, parameter counts"""
    torch.manual_seed(seed)
    layer, bare = module.GCNLayer(n_in, n_out), module.GCNLayer(n_in, n_out, bias=False)
    counts = [sum(p.numel() for p in one.parameters()) for one in (layer, bare)]
    return layer.weight.detach(), layer.bias.detach(), bare.bias is None, counts


@pytest.mark.correctness("Layer")
def test_start_of_the_layer(submission, torch_rng):
    """The layer starts with weights uniform up to sqrt(6 / (n_in + n_out)), and a bias of zero."""
    seed = int(torch.randint(2**31, (), generator=torch_rng))
    weight, bias, has_none, counts = submission.run(start_of_layer, seed, 70, 30)
    assert_shape(weight, (70, 30), what="weight")
    assert_equal(bias, torch.zeros(30), what="bias at the start")
    assert_true(has_none, "bias must be None with bias=False")
    assert_equal(counts, [70 * 30 + 30, 70 * 30], what="the list of parameter counts with and without bias")
    bound = math.sqrt(6 / 100)
    largest = weight.abs().max()
    assert_close(largest, bound, rtol=0.02, what="the largest size of a weight at the start")
    # For 2100 uniform values: six standard errors are 6 %.
    assert_close(
        weight.std(), bound / math.sqrt(3), rtol=0.06, what="the standard deviation of the weights at the start"
    )
    assert_close(weight.mean(), 0.0, atol=0.02, what="the mean of the weights at the start")


@pytest.mark.edge_case("Isolated nodes", "Degree", "Layer")
def test_isolated_nodes(submission, torch_rng):
    """Nodes without incoming edges keep their own features; no edge at all and one node alone are fine."""
    x = draw_features(torch_rng, 6, 3)
    for edges in ([(1, 2), (2, 1), (4, 2)], []):
        found = submission.propagate(x, as_index(edges))
        assert_propagated(found, x, edges, "a node that receives from nobody has degree 1")
        assert_close(
            found[[0, 3, 4, 5]], x[[0, 3, 4, 5]], rtol=1e-5, what="the tensor of features of nodes that receive nothing"
        )
    assert_close(
        submission.propagate(x[:1], as_index([])), x[:1], rtol=1e-5, what="the tensor of features of one node alone"
    )
    weight, bias = draw_features(torch_rng, 3, 2), draw_features(torch_rng, 1, 2)[0]
    out, _ = submission.run(call_layer, x, as_index([]), weight, bias, torch.ones(6, 2))
    assert_close(out, x @ weight + bias, rtol=1e-4, atol=1e-5, what="the output of the layer without edges")


@pytest.mark.edge_case("NaN")
def test_nan_stays_where_it_goes(submission, torch_rng):
    """A NaN reaches the nodes that receive from its node, and no others."""
    edges = [(0, 1), (1, 2), (2, 3), (0, 3), (4, 0)]
    x = draw_features(torch_rng, 5, 2)
    expected = matrix_of(edges, 5) @ x.double()
    x[0, 1] = math.nan
    expected[[0, 1, 3], 1] = math.nan
    found = submission.propagate(x, as_index(edges))
    hint = "a product with a weight of 0 is not nothing"
    assert_close(found, expected, rtol=1e-4, atol=1e-5, what="the tensor of propagated features", hint=hint)
    out, _ = submission.run(call_layer, x, as_index(edges), torch.ones(2, 3), None, torch.ones(5, 3))
    expected = expected.sum(1, keepdim=True).expand(5, 3)
    assert_close(out, expected, rtol=1e-4, atol=1e-5, what="the output of the layer", hint=hint)


@pytest.mark.edge_case("Dtype", "Degree")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtypes_and_hubs(submission, torch_rng, dtype):
    """The dtype of x stays, and a hub of degree 1001 is counted exactly in each."""
    x = draw_features(torch_rng, 1003, 2, dtype)
    # All but the last send to node 0, which sends to the last two.
    edges = [*((node, 0) for node in range(1, 1001)), (0, 1001), (0, 1002)]
    out = submission.propagate(x, as_index(edges))
    assert_dtype(out, dtype, what=f"the tensor of propagated {dtype} features")
    expected = x[1001:].double() / 2 + x[0].double() / math.sqrt(2 * 1001)
    rtol = {torch.float32: 1e-5, torch.float64: 1e-9, torch.bfloat16: 0.02}[dtype]
    assert_close(out[1:1001], x[1:1001], rtol=rtol, what="the tensor of features of nodes that only send")
    hint = "count degrees in integers"
    assert_close(
        out[1001:], expected, rtol=rtol, atol=rtol / 2, what="the tensor of features that receive from a hub", hint=hint
    )
    eye, ones = torch.eye(2, dtype=dtype), torch.ones(1003, 2, dtype=dtype)
    layer, _ = submission.run(call_layer, x, as_index(edges), eye, None, ones)
    assert_dtype(layer, dtype, what=f"the output of a {dtype} layer")
    # Weighted on its way, the hub's part shows alone where the receiver's own features are 0.
    x[0], x[1001:] = 64.0, 0.0
    out = submission.propagate(x, as_index(edges))
    expected = torch.full((2, 2), 64 / math.sqrt(2 * 1001), dtype=torch.float64)
    assert_close(out[1001:], expected, rtol=max(rtol, 1e-6), what="what a hub sends", hint=hint)


@pytest.mark.edge_case("Arguments")
def test_layouts_and_arguments(submission, torch_rng):
    """Non-contiguous features and edges give the same, and no argument is written to."""
    edges = [*draw_edges(torch_rng, 7, 15), (2, 2)]
    x = draw_features(torch_rng, 7, 3)
    turned = x.T.contiguous().T
    pairs = torch.tensor(edges)
    assert_propagated(submission.propagate(turned, pairs.T), x, edges)
    seen = submission.propagate.observe(x, as_index(edges))
    assert_propagated(seen.value, x, edges)
    seen.assert_unchanged()
    weight = draw_features(torch_rng, 3, 2)
    seen = submission.probe(call_layer).observe(x, pairs.T, weight, None, torch.ones(7, 2))
    expected = matrix_of(edges, 7) @ x.double() @ weight.double()
    assert_close(seen.value[0], expected, rtol=1e-4, atol=1e-5, what="the output of the layer")
    seen.assert_unchanged()


def large_graph(rng, n_features=32):
    x = torch.from_numpy(rng.standard_normal((8000, n_features), dtype="float32"))
    return x, torch.from_numpy(rng.integers(8000, size=(2, 64_000)))


def judge_large(out, x, edge_index):
    source, target = edge_index.cpu().numpy()
    source, target = source[source != target], target[source != target]
    scale = 1 / np.sqrt(np.bincount(target, minlength=8000) + 1.0)
    for column in (0, x.shape[1] - 1):
        own = scale * x[:, column].double().cpu().numpy()
        expected = scale * (own + np.bincount(target, own[source], minlength=8000))
        assert_close(out[:, column], expected, rtol=1e-3, atol=1e-4, what="a column of the propagated features")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """A large graph is handled without a Python loop over its edges."""
    hint = "gather and add rows of all edges at once"
    measure.cpu_ratio("propagate", large_graph, at_most=15.0, judge=judge_large, hint=hint)


@pytest.mark.performance("Memory")
def test_memory(submission, measure):
    """No matrix of n x n is built."""
    hint = "is there an n x n matrix?"
    measure.peak_megabytes("propagate", large_graph, at_most=100.0, judge=judge_large, hint=hint)


def large_graph_on_the_device(rng):
    return tuple(part.cuda() for part in large_graph(rng))


@pytest.mark.gpu("Device")
def test_stays_on_the_device(submission, measure):
    """On CUDA the result stays there, and time and memory are near our own solution's."""
    measure.cuda(
        "propagate",
        large_graph_on_the_device,
        judge=judge_large,
        at_most_time=4.0,
        at_most_memory=4.0,
        may_wait=True,
    )
