"""Hidden checks of multi_head_attention."""

import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true, raises


def draw(torch_rng, n=3, lq=4, lk=5, d=6, bias=True, dtype=torch.float64):
    """A state dict with biases that are not 0, and query, key and value."""
    shapes = {"in_proj_weight": (3 * d, d), "out_proj.weight": (d, d)}
    if bias:
        shapes |= {"in_proj_bias": (3 * d,), "out_proj.bias": (d,)}
    state = {name: torch.randn(shape, generator=torch_rng, dtype=torch.float64) for name, shape in shapes.items()}
    inputs = [torch.randn(n, length, d, generator=torch_rng, dtype=torch.float64) for length in (lq, lk, lk)]
    return {name: value.to(dtype) for name, value in state.items()}, [one.to(dtype) for one in inputs]


def attend(state, query, key, value, n_heads, *, hidden=None, bias=None):
    """Head by head and query by query in double precision, over the keys that are seen alone: output and weights."""
    query, key, value = (one.double() for one in (query, key, value))
    d = query.shape[-1]
    rows = state["in_proj_weight"].double().split(d)
    offsets = state["in_proj_bias"].double().split(d) if "in_proj_bias" in state else (0.0, 0.0, 0.0)
    q, k, v = (one @ row.T + off for one, row, off in zip((query, key, value), rows, offsets, strict=True))
    n, lq, lk, size = len(q), q.shape[1], k.shape[1], d // n_heads
    hidden = torch.zeros((), dtype=torch.bool) if hidden is None else hidden
    hidden = hidden.expand(n, n_heads, lq, lk)
    bias = (torch.zeros((), dtype=torch.float64) if bias is None else bias.double()).expand(n, n_heads, lq, lk)
    outputs, every = [], []
    for sample in range(n):
        for row in range(lq):
            parts = []
            for head in range(n_heads):
                part = slice(head * size, (head + 1) * size)
                seen = (~hidden[sample, head, row] & (bias[sample, head, row] > -math.inf)).nonzero()[:, 0]
                weights = torch.zeros(lk, dtype=torch.float64)
                if len(seen):
                    scores = k[sample, seen, part] @ q[sample, row, part] / math.sqrt(size)
                    scores = scores + bias[sample, head, row, seen]
                    weights = weights.index_put((seen,), scores.softmax(0))
                every.append(weights)
                parts.append(weights @ v[sample, :, part])
            outputs.append(torch.cat(parts))
    output = torch.stack(outputs).reshape(n, lq, d) @ state["out_proj.weight"].double().T
    weights = torch.stack(every).reshape(n, lq, n_heads, lk).transpose(1, 2)
    return output + (state["out_proj.bias"].double() if "out_proj.bias" in state else 0), weights


def drive(module, state, inputs, n_heads, masks, options=None, training=False, seed=0):
    """MultiHeadAttention(d_model, n_heads) with the state loaded, called with (query, key, value, **masks)"""
    import torch

    torch.manual_seed(seed)
    weight = state["in_proj_weight"]
    layer = module.MultiHeadAttention(weight.shape[1], n_heads, **(options or {})).to(weight.dtype).to(weight.device)
    layer.load_state_dict(state)
    layer.train(training)
    output, weights = layer(*inputs, **masks)
    return output.detach(), weights.detach()


def check(submission, state, inputs, n_heads, masks, expected, hint="", tolerance=1e-6, options=None):
    output, weights = submission.run(drive, state, inputs, n_heads, masks, options)
    assert_close(weights, expected[1], rtol=tolerance, atol=tolerance, what="the tensor of weights", hint=hint)
    assert_close(output, expected[0], rtol=tolerance, atol=tolerance, what="the output", hint=hint)


def construct(module, seed, options):
    """torch.manual_seed(seed); MultiHeadAttention(6, 2, **options): its state dict, and which are parameters"""
    import torch

    torch.manual_seed(seed)
    layer = module.MultiHeadAttention(6, 2, **options)
    state = {name: value.clone() for name, value in layer.state_dict().items()}
    return state, [name for name, _ in layer.named_parameters()]


@pytest.mark.correctness("Parameters")
@pytest.mark.parametrize("bias", [True, False], ids=["with biases", "without"])
def test_parameters(submission, torch_rng, bias):
    """Names and shapes are those of torch's module, biases begin at 0, and weights of torch's module work."""
    options = {} if bias else {"bias": False}
    state, trained = submission.run(construct, 0, options)
    torch_module = torch.nn.MultiheadAttention(6, 2, bias=bias, batch_first=True).double()
    shapes = {name: tuple(value.shape) for name, value in torch_module.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in state.items()}
    assert_equal(found, shapes, what="the dict of names and shapes")
    assert_equal(sorted(trained), sorted(shapes), what="the list of parameters")
    for name, value in state.items():
        if "bias" in name:
            assert_close(value, torch.zeros(value.shape), what=f"{name} at first")
        else:
            assert_true(value.std() > 1e-3, f"{name} must begin with random values")
    loaded, inputs = draw(torch_rng, bias=bias)
    torch_module.load_state_dict(loaded)
    expected = torch_module.eval()(*inputs, average_attn_weights=False)
    expected = [one.detach() for one in expected]
    check(submission, loaded, inputs, 2, {}, expected, options=options)


@pytest.mark.correctness("Heads", "Result", "Shapes")
@pytest.mark.parametrize("n_heads", [2, 3])
def test_self_attention(submission, torch_rng, n_heads):
    """Each head attends with its own run of features, and the heads are put back in their order."""
    state, (x, *_) = draw(torch_rng, lq=5)
    expected = attend(state, x, x, x, n_heads)
    hint = "follow the axes of heads and tokens"
    check(submission, state, [x, x, x], n_heads, {}, expected, hint)


@pytest.mark.correctness("Shapes", "Arguments")
def test_cross_attention(submission, torch_rng):
    """Query, key and value may be three different tensors, queries more or fewer than keys; none is written to."""
    for lq, lk in ((4, 5), (5, 2)):
        state, inputs = draw(torch_rng, lq=lq, lk=lk)
        expected = attend(state, *inputs, 3)
        seen = submission.probe(drive).observe(state, inputs, 3, {"attn_mask": torch.zeros(lq, lk).double()})
        assert_close(seen.value[0], expected[0], rtol=1e-6, atol=1e-8, what="the output")
        assert_close(seen.value[1], expected[1], rtol=1e-6, atol=1e-8, what="the tensor of weights")
        seen.assert_unchanged()
    padding, forbidden = torch.arange(5) >= torch.tensor([[3], [5], [1]]), draw_mask(torch_rng, (3, 2, 4, 5))
    state, inputs = draw(torch_rng)
    for mask in (forbidden, torch.randn(3, 2, 4, 5, generator=torch_rng, dtype=torch.float64)):
        masks = {"attn_mask": mask, "key_padding_mask": padding}
        submission.probe(drive).observe(state, inputs, 2, masks).assert_unchanged()


def draw_mask(torch_rng, shape):
    """A boolean mask that forbids about half, but the first key to nobody."""
    mask = torch.rand(shape, generator=torch_rng) < 0.5
    mask[..., 0], mask[..., 1] = False, True
    return mask


@pytest.mark.correctness("Padding mask")
def test_padding_mask(submission, torch_rng):
    """Keys that are marked as padding are seen by no query of their sequence."""
    state, inputs = draw(torch_rng)
    padding = torch.arange(5) >= torch.tensor([[3], [5], [1]])
    expected = attend(state, *inputs, 2, hidden=padding[:, None, None])
    check(submission, state, inputs, 2, {"key_padding_mask": padding}, expected, "True marks padding")
    state, (x, *_) = draw(torch_rng, lq=5)
    expected = attend(state, x, x, x, 2, hidden=padding[:, None, None])
    check(submission, state, [x, x, x], 2, {"key_padding_mask": padding}, expected, "keys are hidden, not queries")


@pytest.mark.correctness("Attention mask")
@pytest.mark.parametrize("shape", [(5,), (2, 4, 5), (3, 1, 1, 5), (3, 2, 4, 5)], ids=str)
def test_boolean_attention_mask(submission, torch_rng, shape):
    """True forbids a query to see a key, for all heads or for each on its own."""
    state, inputs = draw(torch_rng)
    mask = draw_mask(torch_rng, shape)
    expected = attend(state, *inputs, 2, hidden=mask)
    check(submission, state, inputs, 2, {"attn_mask": mask}, expected, "True forbids")


def in_turn(module, state, n_heads, calls):
    """One MultiHeadAttention(d_model, n_heads) with the state loaded, called with each (query, key, value, **masks)"""
    layer = module.MultiHeadAttention(state["in_proj_weight"].shape[1], n_heads).to(state["in_proj_weight"].dtype)
    layer.load_state_dict(state)
    return [[one.detach() for one in layer.eval()(*inputs, **masks)] for inputs, masks in calls]


@pytest.mark.correctness("Attention mask", "Padding mask")
def test_masks_together(submission, torch_rng):
    """Numbers are added to the scaled scores, a key is seen if neither mask forbids it, no call changes the next."""
    state, inputs = draw(torch_rng)
    _, others = draw(torch_rng)
    plain = torch.randn(4, 5, generator=torch_rng, dtype=torch.float64)
    bias = torch.randn(3, 2, 4, 5, generator=torch_rng, dtype=torch.float64)
    bias = bias.masked_fill(draw_mask(torch_rng, (3, 2, 4, 5)), -math.inf)
    padding, mask = torch.tensor([[False, True, False, True, True]] * 3), draw_mask(torch_rng, (4, 5))
    calls = [
        (inputs, {"attn_mask": mask, "key_padding_mask": padding}),
        (others, {"attn_mask": plain}),
        (inputs, {"attn_mask": bias}),
        (others, {"attn_mask": bias, "key_padding_mask": padding}),
        (inputs, {}),
    ]
    padding = padding[:, None, None]
    oracles = [{"hidden": mask | padding}, {"bias": plain}, {"bias": bias}, {"bias": bias, "hidden": padding}, {}]
    found = submission.run(in_turn, state, 2, calls)
    for (given, masks), oracle, (output, weights) in zip(calls, oracles, found, strict=True):
        expected = attend(state, *given, 2, **oracle)
        case = " and ".join(f"a {str(one.dtype).removeprefix('torch.')} {name}" for name, one in masks.items())
        what = f"with {case or 'no mask after calls that had one'}"
        assert_close(weights, expected[1], rtol=1e-6, atol=1e-6, what=f"the tensor of weights {what}")
        assert_close(output, expected[0], rtol=1e-6, atol=1e-6, what=f"the output {what}")


def slopes(module, state, inputs, n_heads, masks, upstream):
    """The gradients of (output * upstream).sum() by inputs, float mask and parameters"""

    layer = module.MultiHeadAttention(state["in_proj_weight"].shape[1], n_heads).to(state["in_proj_weight"].dtype)
    layer.load_state_dict(state)
    layer.eval()
    inputs = [one.clone().requires_grad_() for one in inputs]
    masks = {name: one.clone().requires_grad_() if one.is_floating_point() else one for name, one in masks.items()}
    output, _ = layer(*inputs, **masks)
    (output * upstream).sum().backward()
    leaves = dict(zip(("query", "key", "value"), inputs, strict=True)) | dict(layer.named_parameters())
    leaves |= {name: one for name, one in masks.items() if one.is_floating_point()}
    return {name: None if one.grad is None else one.grad.clone() for name, one in leaves.items()}


def assert_gradients(submission, torch_rng, state, inputs, n_heads, masks, **oracle):
    leaves = {name: one.clone().requires_grad_() for name, one in state.items()}
    parts = {name: one.clone().requires_grad_() for name, one in zip(("query", "key", "value"), inputs, strict=True)}
    if "bias" in oracle:
        oracle["bias"] = parts["attn_mask"] = oracle["bias"].clone().requires_grad_()
    output, _ = attend(leaves, parts["query"], parts["key"], parts["value"], n_heads, **oracle)
    upstream = torch.randn(output.shape, generator=torch_rng, dtype=torch.float64)
    (output * upstream).sum().backward()
    found = submission.run(slopes, state, inputs, n_heads, masks, upstream)
    for name, leaf in (leaves | parts).items():
        assert_true(found.get(name) is not None, f"no gradient reaches {name}: was it detached?")
        assert_finite(found[name], what=f"the gradient of {name}", hint="a row of -inf makes NaN in the softmax")
        assert_close(found[name], leaf.grad, rtol=1e-5, atol=1e-6, what=f"the gradient of {name}")


@pytest.mark.correctness("Gradients", "Large scores")
def test_gradients(submission, torch_rng):
    """Gradients reach the three inputs, a float mask, and all parameters, also where scores are large."""
    state, inputs = draw(torch_rng)
    bias = torch.randn(4, 5, generator=torch_rng, dtype=torch.float64)
    assert_gradients(submission, torch_rng, state, inputs, 2, {"attn_mask": bias}, bias=bias)
    # A large bias moves all scores of a query alike, up or down; those of the padding are larger still.
    state["in_proj_bias"][6:12] *= 1000
    inputs[1][:, 3:] *= 1000
    padding = (torch.arange(5) >= 3).expand(3, 5)
    masks = {"key_padding_mask": padding}
    assert_gradients(submission, torch_rng, state, inputs, 2, masks, hidden=padding[:, None, None])


@pytest.mark.edge_case("Nothing to see", "Gradients")
@pytest.mark.parametrize("kind", ["padding", "boolean", "additive", "together", "additive and padding"])
def test_nothing_to_see(submission, torch_rng, kind):
    """A query that sees no key has weights of 0, the last bias for output, and no NaN in any gradient."""
    state, inputs = draw(torch_rng)
    padding = torch.tensor([[True] * 5, [False, True, False, True, False], [False] * 5])
    mask = torch.tensor([[False] * 5, [True] * 5, [True, False, True, False, True], [False, True] * 2 + [False]])
    bias = torch.randn(4, 5, generator=torch_rng, dtype=torch.float64).masked_fill(mask, -math.inf)
    masks, oracle = {
        "padding": ({"key_padding_mask": padding}, {"hidden": padding[:, None, None]}),
        "boolean": ({"attn_mask": mask}, {"hidden": mask}),
        "additive": ({"attn_mask": bias}, {"bias": bias}),
        "together": ({"attn_mask": mask, "key_padding_mask": padding}, {"hidden": mask | padding[:, None, None]}),
        "additive and padding": (
            {"attn_mask": bias, "key_padding_mask": padding},
            {"bias": bias, "hidden": padding[:, None, None]},
        ),
    }[kind]
    check(submission, state, inputs, 2, masks, attend(state, *inputs, 2, **oracle), "a query sees nothing")
    assert_gradients(submission, torch_rng, state, inputs, 2, masks, **oracle)


def in_order(module, state, inputs):
    """MultiHeadAttention(24, 24, dropout=0.3) with the state: eval, training with seeds 1, 1, 2 and none, eval"""
    import torch

    layer = module.MultiHeadAttention(24, 24, dropout=0.3).to(torch.float64)
    layer.load_state_dict(state)
    outputs = [layer.eval()(*inputs)]
    for seed in (1, 1, 2, None):
        if seed is not None:
            torch.manual_seed(seed)
        outputs.append(layer.train()(*inputs))
    outputs.append(layer.eval()(*inputs))
    return [(output.detach(), weights.detach()) for output, weights in outputs]


@pytest.mark.edge_case("Dropout", "Result")
def test_dropout(submission, torch_rng):
    """Weights are dropped one by one in training alone, the rest is scaled up; returned are the weights before that."""
    # Heads of one feature and values of 1, 10 and 100: each number that comes out tells which weights were kept.
    state, (query, key, _) = draw(torch_rng, n=6, lq=20, lk=3, d=24)
    state = {**state, "in_proj_bias": 0 * state["in_proj_bias"], "out_proj.bias": 0 * state["out_proj.bias"]}
    state["out_proj.weight"] = torch.eye(24, dtype=torch.float64)
    state["in_proj_weight"] = torch.cat([0.2 * state["in_proj_weight"][:48], torch.eye(24, dtype=torch.float64)])
    value = torch.tensor([1.0, 10.0, 100.0], dtype=torch.float64)[:, None].expand(6, 3, 24)
    plain, first, again, other, next_one, last = submission.run(in_order, state, [query, key, value])
    expected = attend(state, query, key, value, 24)
    assert_close(plain[0], expected[0], rtol=1e-6, what="the output in evaluation")
    assert_close(last[0], expected[0], rtol=1e-6, what="the output in evaluation after training")
    for _, weights in (plain, first):
        assert_close(weights, expected[1], rtol=1e-6, what="the tensor of weights", hint="it is that before dropout")
    weights = expected[1].transpose(1, 2)  # (n, lq, heads, lk)
    patterns = torch.cartesian_prod(*[torch.tensor([0.0, 1 / 0.7], dtype=torch.float64)] * 3)
    possible = torch.einsum("nqhk,pk,k->nqhp", weights, patterns, value[0, :, 0])
    gaps, choice = (first[0][..., None] - possible).abs().min(dim=-1)
    assert_true(gaps.max() < 1e-6, "each weight must be either dropped or divided by 1 - dropout, and none otherwise")
    kept = (patterns[choice] > 0).double()
    share = kept.mean(dim=(0, 1, 2)).tolist()
    assert_true(
        all(abs(one - 0.7) < 0.08 for one in share), "the share of dropped weights must be dropout", f"kept {share}"
    )
    assert_true(len(torch.unique(choice)) == 8, "weights must be dropped one by one")
    assert_true(min(kept.std(dim=axis).mean().item() for axis in (0, 1, 2)) > 0.2, "samples, queries and heads differ")
    assert_equal(again[0], first[0], what="the output in training after the same torch.manual_seed")
    assert_true(not torch.equal(other[0], first[0]), "another seed must give another output in training")
    assert_true(not torch.equal(next_one[0], other[0]), "each call in training must draw anew")


@pytest.mark.edge_case("Shapes", "Heads")
@pytest.mark.parametrize(
    ("sizes", "n_heads"),
    [((1, 4, 5, 6), 2), ((3, 1, 1, 6), 3), ((2, 3, 4, 6), 1), ((2, 3, 4, 6), 6), ((1, 1, 1, 1), 1)],
    ids=["one sequence", "one token", "one head", "heads of one feature", "one of all"],
)
def test_sizes_of_one(submission, torch_rng, sizes, n_heads):
    """A single sequence, token, head or feature keeps its axis."""
    n, lq, lk, d = sizes
    state, inputs = draw(torch_rng, n, lq, lk, d)
    check(submission, state, inputs, n_heads, {}, attend(state, *inputs, n_heads))


@pytest.mark.edge_case("Dtype", "Shapes")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_dtypes_and_layouts(submission, torch_rng, dtype):
    """A module of any dtype gives results in it, for inputs that are not contiguous too."""
    state, (query, key, value) = draw(torch_rng, dtype=dtype)
    state = {name: (0.5 * one) for name, one in state.items()}
    tolerance = {torch.float32: 1e-4, torch.float64: 1e-9, torch.bfloat16: 0.08}[dtype]
    query, key = query.transpose(0, 1).contiguous().transpose(0, 1), key.repeat_interleave(2, dim=2)[:, :, ::2]
    turned = [query, key, value[:, :1].expand(3, 5, 6)]
    mask = torch.zeros(4, 5).masked_fill(torch.arange(5) == 3, -math.inf).to(dtype)
    for masks in ({}, {"attn_mask": mask}):
        output, weights = submission.run(drive, state, turned, 2, masks)
        assert_dtype(output, dtype, what="the output")
        assert_dtype(weights, dtype, what="the tensor of weights")
        expected = attend(state, *turned, 2, bias=masks.get("attn_mask"))
        assert_close(weights, expected[1], rtol=tolerance, atol=tolerance, what="the tensor of weights")
        assert_close(output, expected[0], rtol=tolerance, atol=2 * tolerance, what="the output")


def build(module, d_model, n_heads, options):
    """MultiHeadAttention(d_model, n_heads, **options)"""
    layer = module.MultiHeadAttention(d_model, n_heads, **options)
    return layer.out_proj.weight.detach().clone()


@pytest.mark.edge_case("Errors")
def test_errors(submission, torch_rng):
    """Options and masks that make no sense raise ValueError."""
    for when, d_model, n_heads, options in (
        ("4 heads do not divide 6 features", 6, 4, {}),
        ("there are 0 heads", 6, 0, {}),
        ("there are -2 heads", 6, -2, {}),
        ("dropout is 1", 6, 2, {"dropout": 1.0}),
        ("dropout is 1.5", 6, 2, {"dropout": 1.5}),
        ("dropout is -0.5", 6, 2, {"dropout": -0.5}),
    ):
        with raises(ValueError, when=when):
            submission.run(build, d_model, n_heads, options)
    state, inputs = draw(torch_rng)
    for when, masks in (
        ("attn_mask holds integers", {"attn_mask": torch.ones(4, 5, dtype=torch.int64)}),
        ("attn_mask holds bytes", {"attn_mask": torch.zeros(4, 5, dtype=torch.uint8)}),
        ("key_padding_mask holds integers", {"key_padding_mask": torch.zeros(3, 5, dtype=torch.uint8)}),
        ("key_padding_mask holds floats", {"key_padding_mask": torch.zeros(3, 5, dtype=torch.float64)}),
    ):
        with raises(ValueError, when=when):
            submission.run(drive, state, inputs, 2, masks)


def many_tokens(rng):
    """A state for 16 features, 8 sequences of 256 queries, and 8 keys for each."""
    shapes = {"in_proj_weight": (48, 16), "in_proj_bias": (48,), "out_proj.weight": (16, 16), "out_proj.bias": (16,)}
    state = {
        name: 0.2 * torch.from_numpy(rng.standard_normal(shape, dtype="float32")) for name, shape in shapes.items()
    }
    inputs = [torch.from_numpy(rng.standard_normal((8, length, 16), dtype="float32")) for length in (256, 8, 8)]
    return state, inputs, 8, {}


def judge_many(found, state, inputs, n_heads, masks):
    output, weights = found
    assert_shape(weights, (8, 8, 256, 8), what="the tensor of weights")
    module = torch.nn.MultiheadAttention(16, n_heads, batch_first=True)
    module.load_state_dict({name: one.cpu() for name, one in state.items()})
    with torch.no_grad():
        expected = module.eval()(*[one[:2].cpu() for one in inputs], average_attn_weights=False)
    assert_close(weights[:2], expected[1], rtol=1e-2, atol=1e-3, what="the tensor of weights")
    assert_close(output[:2], expected[0], rtol=1e-2, atol=1e-2, what="the output")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """All queries of all sequences are handled together."""
    hint = "one matrix product gives the scores of all queries"
    measure.cpu_ratio(drive, many_tokens, at_most=12.0, judge=judge_many, hint=hint)


def many_on_the_device(rng):
    state, inputs, n_heads, masks = many_tokens(rng)
    return {name: one.cuda() for name, one in state.items()}, [one.cuda() for one in inputs], n_heads, masks


@pytest.mark.gpu("Device")
def test_stays_on_the_device(submission, measure):
    """A module on CUDA gives its results there, and time and memory are near our own solution's."""
    measure.cuda(drive, many_on_the_device, judge=judge_many, at_most_time=10.0, at_most_memory=10.0, may_wait=True)
