"""Hidden checks of scaled_dot_product_attention."""

import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true, raises


def attend(q, k, v, *, allowed=None, bias=None, scale=None):
    """Query by query in double precision, over the keys that it may see alone: outputs and weights."""
    q, k, v = q.double(), k.double(), v.double()
    lq, lk = q.shape[-2], k.shape[-2]
    lead = torch.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    q, k, v = (one.expand(*lead, *one.shape[-2:]).reshape(-1, *one.shape[-2:]) for one in (q, k, v))
    n = q.shape[0]
    allowed = torch.ones(lq, lk, dtype=torch.bool) if allowed is None else allowed
    allowed = allowed.expand(*lead, lq, lk).reshape(n, lq, lk)
    bias = torch.zeros((), dtype=torch.float64) if bias is None else bias.double()
    bias = bias.expand(*lead, lq, lk).reshape(n, lq, lk)
    outputs, every = [], []
    for head in range(n):
        for row in range(lq):
            seen = (allowed[head, row] & (bias[head, row] > -math.inf)).nonzero()[:, 0]
            weights = torch.zeros(lk, dtype=torch.float64)
            if len(seen):
                scores = scale * (k[head, seen] @ q[head, row]) + bias[head, row, seen]
                weights = weights.index_put((seen,), scores.softmax(0))
            every.append(weights)
            outputs.append(weights @ v[head])
    return torch.stack(outputs).reshape(*lead, lq, v.shape[-1]), torch.stack(every).reshape(*lead, lq, lk)


def causal(lq, lk):
    return torch.tensor([[j - i <= lk - lq for j in range(lk)] for i in range(lq)])


def draw(torch_rng, lead=(2, 3), lq=4, lk=6, d=5, dv=3):
    shapes = ((*lead, lq, d), (*lead, lk, d), (*lead, lk, dv))
    return [1.5 * torch.randn(shape, generator=torch_rng, dtype=torch.float64) for shape in shapes]


def draw_mask(torch_rng, shape):
    """A boolean mask that hides about half, but the first key from nobody."""
    mask = torch.rand(shape, generator=torch_rng) < 0.5
    mask[..., 0], mask[..., -1], mask[..., 1] = True, False, True
    return mask


def check(submission, q, k, v, expected, what="the output", rtol=1e-6, hint="", **options):
    found = submission.scaled_dot_product_attention(q, k, v, **options)
    assert_close(found, expected, rtol=rtol, atol=rtol, what=what, hint=hint)


@pytest.mark.correctness("Shapes", "Scale", "Arguments")
@pytest.mark.parametrize("lead", [(), (3,), (2, 3)], ids=["one head", "a batch", "batch and heads"])
def test_values(submission, torch_rng, lead):
    """Each output is the mean of the values, weighted by the softmax of the scaled scores; arguments stay."""
    q, k, v = draw(torch_rng, lead)
    seen = submission.scaled_dot_product_attention.observe(q, k, v)
    assert_close(seen.value, attend(q, k, v)[0], rtol=1e-6, atol=1e-8, what="the output")
    mask = draw_mask(torch_rng, (4, 6))
    for given in (mask, torch.randn(4, 6, generator=torch_rng).double().masked_fill(~mask, -math.inf)):
        seen = submission.scaled_dot_product_attention.observe(q, k, v, mask=given, is_causal=True)
        seen.assert_unchanged()


@pytest.mark.correctness("Scale")
@pytest.mark.parametrize("scale", [1.0, 0.0, -0.3])
def test_scale(submission, torch_rng, scale):
    """A scale that is given takes the place of one over the root of d."""
    q, k, v = draw(torch_rng)
    check(submission, q, k, v, attend(q, k, v, scale=scale)[0], scale=scale)
    check(submission, q, k, v, attend(q, k, v)[0], what="the output with the default scale")


@pytest.mark.correctness("Boolean mask", "Weights")
@pytest.mark.parametrize("shape", [(4, 6), (2, 1, 1, 6), (3, 4, 6), (2, 3, 4, 6)], ids=str)
def test_boolean_mask(submission, torch_rng, shape):
    """True lets a query see a key, whatever axes the mask lacks."""
    q, k, v = draw(torch_rng)
    mask = draw_mask(torch_rng, shape)
    output, weights = attend(q, k, v, allowed=mask)
    found = submission.scaled_dot_product_attention(q, k, v, mask=mask, return_weights=True)
    hint = "True means that the query may see the key"
    assert_close(found[1], weights, rtol=1e-6, atol=1e-8, what="the tensor of weights", hint=hint)
    assert_close(found[0], output, rtol=1e-6, atol=1e-8, what="the output")


@pytest.mark.correctness("Additive mask", "Dtype")
@pytest.mark.parametrize(
    ("dtype", "kind", "rtol"),
    [
        (torch.float64, torch.float64, 1e-6),
        (torch.float64, torch.float32, 1e-6),
        (torch.float32, torch.float64, 1e-4),
        (torch.bfloat16, torch.float32, 0.02),
    ],
    ids=["float64", "float64 and a float32 mask", "float32 and a float64 mask", "bfloat16 and a float32 mask"],
)
def test_additive_mask(submission, torch_rng, dtype, kind, rtol):
    """Numbers, also of another float dtype, are added to the scaled scores; minus infinity hides."""
    q, k, v = (one.to(dtype) for one in draw(torch_rng))
    bias = torch.randn(3, 4, 6, generator=torch_rng).masked_fill(~draw_mask(torch_rng, (4, 6)), -math.inf).to(kind)
    check(submission, q, k, v, attend(q, k, v, bias=bias)[0], rtol=rtol, mask=bias)
    bias = 200 + torch.randn(2, 1, 4, 6, generator=torch_rng).to(kind)
    check(submission, q, k, v, attend(q, k, v, bias=bias, scale=0.2)[0], rtol=rtol, mask=bias, scale=0.2)


@pytest.mark.correctness("Causal")
@pytest.mark.parametrize(("lq", "lk"), [(5, 5), (3, 7), (1, 4)], ids=str)
def test_causal(submission, torch_rng, lq, lk):
    """The last query sees all keys, the one before it all but the last, and so on."""
    hint = "the last query is aligned with the last key"
    for n_keys in (lk, lk + 1):
        q, k, v = draw(torch_rng, (2,), lq=lq, lk=n_keys)
        output, weights = attend(q, k, v, allowed=causal(lq, n_keys))
        found = submission.scaled_dot_product_attention(q, k, v, is_causal=True, return_weights=True)
        assert_close(found[1], weights, rtol=1e-6, atol=1e-8, what="the tensor of weights", hint=hint)
        assert_close(found[0], output, rtol=1e-6, atol=1e-8, what="the output", hint=hint)


@pytest.mark.correctness("Causal", "Boolean mask", "Additive mask")
def test_causal_and_mask(submission, torch_rng):
    """A key is seen only if the mask and the order both allow it."""
    q, k, v = draw(torch_rng, lq=5, lk=6)
    mask, bias = draw_mask(torch_rng, (2, 1, 1, 6)), torch.randn(3, 5, 6, generator=torch_rng, dtype=torch.float64)
    expected = attend(q, k, v, allowed=mask & causal(5, 6))[0]
    check(submission, q, k, v, expected, what="the output with a boolean mask", mask=mask, is_causal=True)
    expected = attend(q, k, v, allowed=causal(5, 6), bias=bias)[0]
    check(submission, q, k, v, expected, what="the output with an additive mask", mask=bias, is_causal=True)


def assert_gradients(submission, torch_rng, q, k, v, bias=None, allowed=None, mask=None, atol=1e-8, **options):
    """Values and gradients of a weighted sum are those of the plain oracle."""
    leaves = {"q": q, "k": k, "v": v} | ({} if bias is None else {"mask": bias})
    leaves = {name: one.clone().requires_grad_() for name, one in leaves.items()}
    given = {"q": leaves["q"], "k": leaves["k"], "v": leaves["v"], "bias": leaves.get("mask")}
    output, _ = attend(**given, allowed=allowed, scale=options.get("scale"))
    upstream = torch.randn(output.shape, generator=torch_rng, dtype=torch.float64)
    expected = torch.autograd.grad(output, list(leaves.values()), upstream)
    wanted = {"mask": mask if bias is None else bias} if mask is not None or bias is not None else {}
    found, grads = submission.scaled_dot_product_attention.value_and_grad(
        q, k, v, wrt=tuple(leaves), cotangent=upstream, **wanted, **options
    )
    assert_close(found, output.detach(), rtol=1e-6, atol=1e-8, what="the output")
    for name, slope in zip(leaves, expected, strict=True):
        assert_finite(grads[name], what=f"the gradient of {name}", hint="a row of -inf makes NaN in the softmax")
        atol = max(atol, 1e-6) if slope.dtype == torch.float32 else atol
        assert_close(grads[name], slope, rtol=1e-5, atol=atol, what=f"the gradient of {name}")


@pytest.mark.correctness("Shapes", "Boolean mask", "Additive mask", "Large scores")
def test_gradients(submission, torch_rng):
    """Gradients reach queries, keys, values, and an additive mask, also beside hidden keys with large scores."""
    q, k, v = draw(torch_rng, (2,))
    assert_gradients(submission, torch_rng, q, k, v)
    mask = draw_mask(torch_rng, (4, 6))
    assert_gradients(submission, torch_rng, q, k, v, allowed=mask, mask=mask)
    bias = torch.randn(4, 6, generator=torch_rng, dtype=torch.float64)
    assert_gradients(submission, torch_rng, q, k, v, bias=bias)
    assert_gradients(submission, torch_rng, q, k, v, bias=bias.float(), is_causal=True, allowed=causal(4, 6))
    q[..., 0] = 100.0
    for size in (
        500.0,
        -500.0,
    ):  # scores of 1e5 that are hidden beside small ones, then of -1e5 beside hidden small ones
        k[..., 0] = torch.where(draw_mask(torch_rng, (6,)) == (size < 0), size, 0.0)
        mask = k[0, :, 0] == (0.0 if size > 0 else size)
        assert_gradients(submission, torch_rng, q, k, v, allowed=mask, mask=mask, scale=2.0, atol=1e-5)


@pytest.mark.edge_case("Nothing to see", "Causal")
@pytest.mark.parametrize("kind", ["boolean", "additive", "causal", "mask and causal"])
def test_nothing_to_see(submission, torch_rng, kind):
    """A query that sees no key gives 0 and passes on gradients of 0, without touching the others."""
    q, k, v = draw(torch_rng, (2,), lq=5, lk=3)
    mask = torch.tensor([[True, False, True], [False] * 3, [False, True, True], [False] * 3, [True] * 3])
    if kind == "boolean":
        options = {"allowed": mask, "mask": mask}
    elif kind == "additive":
        bias = torch.randn(5, 3, generator=torch_rng, dtype=torch.float64).masked_fill(~mask, -math.inf)
        options = {"bias": bias}
    elif kind == "causal":
        options = {"allowed": causal(5, 3), "is_causal": True}
    else:
        hidden = torch.tensor([False, True, True])
        options = {"allowed": causal(5, 3) & hidden, "mask": hidden, "is_causal": True}
    assert_gradients(submission, torch_rng, q, k, v, **options)
    oracle = {name: options.pop(name) for name in ("allowed", "bias") if name in options}
    expected = attend(q, k, v, **oracle)[1]
    options |= {"mask": oracle["bias"]} if "bias" in oracle else {}
    _, weights = submission.scaled_dot_product_attention(q, k, v, return_weights=True, **options)
    assert_close(weights, expected, rtol=1e-6, atol=1e-8, what="the tensor of weights", hint="no key, no weight")


def seeded(module, seed, q, k, v, options):
    """torch.manual_seed(seed); twice scaled_dot_product_attention(q, k, v, **options, return_weights=True)"""
    import torch

    torch.manual_seed(seed)
    first = module.scaled_dot_product_attention(q, k, v, **options, return_weights=True)
    return *first, module.scaled_dot_product_attention(q, k, v, **options, return_weights=True)[0]


@pytest.mark.edge_case("Dropout", "Weights")
@pytest.mark.parametrize(("p", "masked"), [(0.4, False), (0.75, False), (0.5, True)], ids=str)
def test_dropout(submission, torch_rng, p, masked):
    """Each weight on its own is 0 or 1 / (1 - p) times what it was, as often as p says, and seeds decide."""
    q, k, v = (one.float() for one in draw(torch_rng, (2, 4), lq=24, lk=24, d=5, dv=4))
    mask = torch.arange(24) != 3
    options = {"dropout_p": p} | ({"mask": mask, "is_causal": True} if masked else {})
    _, plain = attend(q, k, v, allowed=mask & causal(24, 24) if masked else None)
    output, weights, second = submission.run(seeded, 1, q, k, v, options)
    kept = weights != 0
    share = 1 - kept[plain > 0].double().mean().item()
    assert_true(
        abs(share - p) < 0.08, "the share of dropped weights must be dropout_p", f"got {share:.3f}, expected {p}"
    )
    expected = torch.where(kept, plain / (1 - p), 0.0)
    hint = "no sum is made 1 again"
    assert_close(weights, expected, rtol=1e-3, atol=1e-6, what="the tensor of kept weights", hint=hint)
    assert_close(output, expected @ v.double(), rtol=1e-3, atol=1e-4, what="the output from the kept weights")
    if not masked:
        rows = {tuple(row.tolist()) for row in kept.reshape(-1, 24)}
        columns = {tuple(row.tolist()) for row in kept.transpose(-2, -1).reshape(-1, 24)}
        what = "weights must be dropped one by one, not by rows, columns or heads"
        assert_true(min(len(rows), len(columns)) > 150, what)
    again = submission.run(seeded, 1, q, k, v, options)[0]
    assert_equal(again, output, what="the output after the same torch.manual_seed")
    other = submission.run(seeded, 2, q, k, v, options)[0]
    assert_true(not torch.equal(other, output), "another seed must give another output")
    assert_true(not torch.equal(second, output), "a second call, without a new seed, must give another output")


@pytest.mark.edge_case("Dtype", "Large scores")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_dtypes_and_large_scores(submission, torch_rng, dtype):
    """Output and weights have the dtype of the queries, also where scores are beyond the range of float16."""
    q, k, v = draw(torch_rng, (1, 2), d=16)
    tolerance = {torch.float32: 1e-4, torch.float64: 1e-8}.get(dtype, 0.01)
    bias = torch.randn(4, 6, generator=torch_rng).to(dtype)
    large = torch.round(q.clone())
    large[..., 0], keys = 300.0, torch.round(k)
    keys[..., 0] = 300.0  # a score of 22,500 for every key, and 90,000 before the scale
    for queries, others, scale in ((q, k, None), (large, keys, None), (large, keys, 1.0)):
        given = [one.to(dtype) for one in (queries, others, v)]
        options = {} if scale is None else {"scale": scale}
        for mask in (None, bias, torch.arange(6) < 4):
            hides = {"allowed": mask} if mask is not None and mask.dtype == torch.bool else {"bias": mask}
            output, weights = attend(*given, **hides, **options)
            found = submission.scaled_dot_product_attention(*given, mask=mask, return_weights=True, **options)
            assert_dtype(found[0], dtype, what="the output")
            assert_dtype(found[1], dtype, what="the tensor of weights")
            far = tolerance if queries is q else max(tolerance, 0.02 if dtype == torch.float32 else tolerance)
            hint = "scores of float16 need float32"
            assert_close(found[0], output, rtol=far, atol=4 * far, what="the output", hint=hint)
            assert_close(found[1], weights, rtol=far, atol=far, what="the tensor of weights", hint=hint)
    spread = torch.tensor([[1000.0, 0.0], [0.0, 1000.0]], dtype=dtype)
    check(submission, spread, spread, spread / 1000, torch.eye(2), what="the output of one-sided scores", scale=1.0)
    hint = "a hidden key counts for nothing, whatever its score"
    for sign, seen in ((1, ~torch.eye(2, dtype=torch.bool)), (-1, torch.eye(2, dtype=torch.bool))):
        for mask in (seen, torch.zeros(2, 2).masked_fill(~seen, -math.inf)):
            what = f"the output beside hidden keys, with scores of 0 and {sign * 10**6:,}"
            found = submission.scaled_dot_product_attention(spread, sign * spread, spread / 1000, mask=mask, scale=1.0)
            assert_close(found, seen.double(), rtol=1e-6, atol=1e-6, what=what, hint=hint)


def in_other_layouts(module, q, k, v):
    """Keys and values of one head for all heads of queries, the latter transposed; then keys expanded to all heads"""
    turned = q.transpose(1, 2).contiguous().transpose(1, 2)
    shared = module.scaled_dot_product_attention(turned, k, v)
    wide = k.expand(-1, q.shape[1], -1, -1)
    return shared, module.scaled_dot_product_attention(turned, wide, v.expand(-1, q.shape[1], -1, -1))


@pytest.mark.edge_case("Shapes", "Sizes")
def test_broadcasting_and_layouts(submission, torch_rng):
    """One head of keys and values serves many heads of queries, contiguous or not."""
    q, _, _ = draw(torch_rng)
    _, k, v = draw(torch_rng, (2, 1))
    for what, found in zip(("broadcast", "expanded"), submission.run(in_other_layouts, q, k, v), strict=True):
        assert_close(found, attend(q, k, v)[0], rtol=1e-6, atol=1e-8, what=f"the output for {what} keys and values")
    check(submission, q[0, 0], k, v, attend(q[0, 0], k, v)[0], what="the output for queries without leading axes")
    q, v = q[:1], v[:, 0]  # leading axes (1, 3), (2, 1) and none
    check(submission, q, k, v[0], attend(q, k, v[0])[0], what="the output where queries are broadcast as well")


@pytest.mark.edge_case("Sizes", "Nothing to see", "Causal")
def test_sizes(submission, torch_rng):
    """One query, one key, no query, no key."""
    q, k, v = draw(torch_rng, (1, 2))
    check(
        submission, q[..., :1, :], k, v, attend(q[..., :1, :], k, v)[0], what="the output for one query", is_causal=True
    )
    expected = v[..., :1, :].expand(1, 2, 4, 3)
    check(submission, q, k[..., :1, :], v[..., :1, :], expected, what="the output for one key")
    mask = torch.tensor([[True], [False], [True], [False]])
    what = "the output for one key that not all queries see"
    check(submission, q, k[..., :1, :], v[..., :1, :], expected * mask, what=what, mask=mask)
    for options in ({}, {"is_causal": True}, {"mask": torch.ones(4, 0, dtype=torch.bool)}):
        expected = torch.zeros(1, 2, 4, 3)
        check(submission, q, k[..., :0, :], v[..., :0, :], expected, what="the output for no keys", **options)
        found = submission.scaled_dot_product_attention(q, k[..., :0, :], v[..., :0, :], return_weights=True, **options)
        assert_shape(found[1], (1, 2, 4, 0), what="the tensor of weights for no keys")
    for options in ({}, {"is_causal": True}, {"mask": torch.ones(0, 6, dtype=torch.bool)}):
        found = submission.scaled_dot_product_attention(q[..., :0, :], k, v, **options)
        assert_shape(found, (1, 2, 0, 3), what="the output for no queries")


@pytest.mark.edge_case("Other masks", "Dropout")
def test_bad_options(submission, torch_rng):
    """Integer masks and impossible probabilities raise ValueError."""
    q, k, v = draw(torch_rng)
    for dtype in (torch.int64, torch.uint8):
        with raises(ValueError, when=f"the mask has the dtype {str(dtype).removeprefix('torch.')}"):
            submission.scaled_dot_product_attention(q, k, v, mask=torch.ones(4, 6, dtype=dtype))
    for p in (-0.1, 1.0, 1.5):
        with raises(ValueError, when=f"dropout_p is {p}"):
            submission.scaled_dot_product_attention(q, k, v, dropout_p=p)


def heads(rng, lead, lq, lk, d):
    shapes = ((*lead, lq, d), (*lead, lk, d), (*lead, lk, d))
    return tuple(torch.from_numpy(rng.standard_normal(shape, dtype="float32")) for shape in shapes)


def many_queries(rng):
    return heads(rng, (8, 4), 256, 32, 16)


def many_keys(rng):
    return heads(rng, (2, 4), 256, 256, 64)


def judge_heads(found, q, k, v):
    expected = torch.nn.functional.scaled_dot_product_attention(q.cpu().double(), k.cpu().double(), v.cpu().double())
    assert_close(found, expected, rtol=1e-2, atol=1e-2, what="the output for many queries")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """All queries of a head are handled together."""
    hint = "one matrix product gives the scores of all queries"
    name = "scaled_dot_product_attention"
    measure.cpu_ratio(name, many_queries, at_most=15.0, judge=judge_heads, hint=hint)


@pytest.mark.performance("Memory")
def test_peak_memory(submission, measure):
    """Nothing is d times as large as the weights."""
    hint = "a matrix product sums while it multiplies"
    name = "scaled_dot_product_attention"
    measure.peak_memory(name, many_keys, at_most=5.0, judge=judge_heads, hint=hint)


def queries_on_the_device(rng):
    return tuple(one.cuda() for one in many_queries(rng))


@pytest.mark.gpu("Device")
@pytest.mark.parametrize("options", [{}, {"is_causal": True}], ids=["plain", "causal"])
def test_stays_on_the_device(submission, measure, options):
    """On CUDA the result stays there, the host never waits, and time and memory are near our own solution's."""

    def judge(found, q, k, v):
        allowed = causal(256, 32) if options else None
        expected = attend(q[0, 0].cpu(), k[0, 0].cpu(), v[0, 0].cpu(), allowed=allowed)[0]
        assert_close(found[0, 0], expected, rtol=1e-2, atol=1e-2, what="the output on the device")

    name = "scaled_dot_product_attention"
    measure.cuda(name, queries_on_the_device, judge=judge, options=options, at_most_time=10.0, at_most_memory=10.0)
