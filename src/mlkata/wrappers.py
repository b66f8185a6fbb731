"""The lines behind a reference that have it do one careless thing, or watch for occasions to."""

from __future__ import annotations

WRAPPERS = """
_mlkata_applied = False


def _mlkata_note():
    global _mlkata_applied
    _mlkata_applied = True


def _mlkata_wrap(function, before, after):
    import functools

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        args, kwargs = before(args, kwargs)
        result = function(*args, **kwargs)
        is_self = bool(args) and result is args[0] and not isinstance(result, list) and not hasattr(result, "shape")
        if (result is None or is_self) and after is not _mlkata_mutate:
            return result
        return after(result, args, kwargs)

    return wrapper


def _mlkata_same(args, kwargs):
    return args, kwargs


def _mlkata_is(value, kind):
    return type(value).__module__.split(".")[0] == kind


def _mlkata_map(value, change):
    if isinstance(value, dict):
        return {key: _mlkata_map(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [_mlkata_map(item, change) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if _mlkata_is(value, "pandas") and getattr(value, "ndim", 0) == 2:
        return value.apply(change)
    return change(value)


def _mlkata_data(args, kwargs):
    values = [*args, *kwargs.values()]
    return [value for value in values if hasattr(value, "shape") or isinstance(value, (list, tuple))]


def _mlkata_zero(value):
    _mlkata_note()
    if hasattr(value, "shape") and _mlkata_is(value, "torch"):
        return value.nan_to_num() * 0 if value.is_floating_point() else value.new_zeros(value.shape)
    if _mlkata_is(value, "pandas") and hasattr(value, "iloc"):
        return value.map(lambda item: type(item)())
    if hasattr(value, "shape"):
        import numpy

        return numpy.zeros_like(value)
    return type(value)() if isinstance(value, (bool, int, float, complex, str)) else value


def _mlkata_returns_zeros(function):
    return _mlkata_wrap(function, _mlkata_same, lambda result, args, kwargs: _mlkata_map(result, _mlkata_zero))


def _mlkata_first(result, args, kwargs):
    data = _mlkata_data(args, kwargs)
    if not data:
        return result
    _mlkata_note()
    return data[0]


def _mlkata_returns_its_input(function):
    return _mlkata_wrap(function, _mlkata_same, _mlkata_first)


def _mlkata_mutate(result, args, kwargs):
    for value in _mlkata_data(args, kwargs):
        if _mlkata_write(value):
            _mlkata_note()
            break
    return result


def _mlkata_write(value):
    if not (value if isinstance(value, (list, tuple)) else 0 not in value.shape):
        return False
    if isinstance(value, list):
        value.append(value[0])
    elif _mlkata_is(value, "torch") and 0 not in value.stride():
        value.data.copy_(value.data + 1 if value.dtype.is_floating_point else value.data.roll(1) + 1)
    elif hasattr(value, "iloc"):
        first, last = ((0,), (-1,)) if value.ndim == 1 else ((0, 0), (-1, 0))
        value.iloc[first] = value.iloc[last] if value.iloc[first] != value.iloc[last] else None
    elif _mlkata_is(value, "numpy") and value.flags.writeable and value.dtype.kind in "iufc":
        value += 1
    else:
        return False
    return True


def _mlkata_changes_its_input(function):
    return _mlkata_wrap(function, _mlkata_same, _mlkata_mutate)


def _mlkata_narrow(value):
    import numpy

    if isinstance(value, float) and not hasattr(value, "shape"):
        short = float(numpy.float32(value))
        if short != value and value == value:
            _mlkata_note()
        return short
    if not hasattr(value, "dtype") or "float64" not in str(value.dtype):
        return value
    _mlkata_note()
    return value.float() if _mlkata_is(value, "torch") else value.astype("float32")


def _mlkata_casts_to_float32(function):
    return _mlkata_wrap(function, _mlkata_same, lambda result, args, kwargs: _mlkata_map(result, _mlkata_narrow))


def _mlkata_whole(value):
    import math

    if isinstance(value, float) and not hasattr(value, "shape"):
        if not math.isfinite(value):
            return value
        _mlkata_note()
        return int(value)
    if not hasattr(value, "dtype") or "float" not in str(value.dtype):
        return value
    _mlkata_note()
    if _mlkata_is(value, "torch"):
        return value.detach().long()
    return value.fillna(0).astype("int64") if hasattr(value, "fillna") else value.astype("int64")


def _mlkata_casts_to_int(function):
    return _mlkata_wrap(function, _mlkata_same, lambda result, args, kwargs: _mlkata_map(result, _mlkata_whole))


def _mlkata_clear(value):
    import math

    if isinstance(value, float) and not hasattr(value, "shape"):
        if math.isfinite(value):
            return value
        _mlkata_note()
        return 0.0
    if not hasattr(value, "dtype") or "float" not in str(value.dtype):
        return value
    if _mlkata_is(value, "torch"):
        clean = value.nan_to_num()
        if not bool((clean == value).all()):
            _mlkata_note()
        return clean
    if hasattr(value, "fillna"):
        if bool(value.isna().any()):
            _mlkata_note()
        return value.fillna(0.0)
    import numpy

    clean = numpy.nan_to_num(value)
    if not bool(numpy.all(clean == value)):
        _mlkata_note()
    return clean


def _mlkata_clean(args, kwargs):
    return tuple(_mlkata_map(value, _mlkata_clear) for value in args), {
        name: _mlkata_map(value, _mlkata_clear) for name, value in kwargs.items()
    }


def _mlkata_clears_nan(function):
    return _mlkata_wrap(function, _mlkata_clean, lambda result, args, kwargs: result)


def _mlkata_does_nothing(function):
    import functools

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        _mlkata_note()

    return wrapper


def _mlkata_forgets(function, option):
    import inspect

    signature = inspect.signature(function)
    default = signature.parameters[option].default

    def forget(args, kwargs):
        bound = signature.bind(*args, **kwargs)
        if option in bound.arguments and bound.arguments[option] is not default:
            _mlkata_note()
            bound.arguments[option] = default
        return bound.args, bound.kwargs

    return forget


def _mlkata_ignores(function, option):
    return _mlkata_wrap(function, _mlkata_forgets(function, option), lambda result, args, kwargs: result)


_mlkata_occasions = set()


def _mlkata_watched(function, target, options):
    import copy
    import functools

    def look(name, act, *given):
        global _mlkata_applied
        _mlkata_applied = False
        try:
            act(*given)
        except Exception:
            _mlkata_note()
        if _mlkata_applied:
            _mlkata_occasions.add(f"{name}:{target.removesuffix('.__init__')}")

    forgetting = {f"ignores_{option}": _mlkata_forgets(function, option) for option in options}
    before = forgetting if target.endswith(".__init__") else {"clears_nan": _mlkata_clean, **forgetting}
    after = {
        "returns_zeros": lambda result, args, kwargs: _mlkata_map(result, _mlkata_zero),
        "returns_its_input": _mlkata_first,
        "casts_to_float32": lambda result, args, kwargs: _mlkata_map(result, _mlkata_narrow),
        "casts_to_int": lambda result, args, kwargs: _mlkata_map(result, _mlkata_whole),
    }

    def mutate(args, kwargs):
        for value in _mlkata_data(args, kwargs):
            if _mlkata_write(copy.deepcopy(value)):
                _mlkata_note()

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        for name, change in before.items():
            look(name, change, args, kwargs)
        result = function(*args, **kwargs)
        if not target.endswith(".__init__"):
            look("changes_its_input", mutate, args, kwargs)
            for name, change in after.items():
                given_back = _mlkata_wrap(lambda *args, **kwargs: result, _mlkata_same, change)
                look(name, functools.partial(given_back, *args, **kwargs))
        return result

    return wrapper
"""
