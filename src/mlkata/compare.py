"""Assertions on arrays and tensors that say where, by how much, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mlkata.describe import describe, is_array, is_frame, is_tensor, number, plain_type


class Mismatch(AssertionError):
    """A property does not hold.

    Parameters
    ----------
    broken : str
        The property, as a sentence that gives no value away.
    details : sequence of str
        Lines that show values: what was got, what was expected, where, by how much.
    """

    def __init__(self, broken: str, details: Sequence[str] = ()) -> None:
        super().__init__("\n".join([broken, *details]))
        self.broken = broken
        self.details = tuple(details)


def assert_close(
    actual: Any, expected: Any, *, what: str = "the result", rtol: float = 1e-5, atol: float = 1e-7, hint: str = ""
) -> None:
    """Numbers are the same up to ``atol + rtol * abs(expected)``; NaN equals NaN, and infinities must agree in sign.

    Parameters
    ----------
    actual, expected : number, array, tensor, Series, DataFrame, or (nested) list of numbers
        Shapes must be equal; dtype and device are not compared (see `assert_dtype`).
    what : str
        What the value is, as the subject of a sentence.
    rtol, atol : float
        Relative and absolute tolerance.
    hint : str
        Where to look, added to the sentence.

    Raises
    ------
    Mismatch
        With the first wrong index, both values there, the largest error and what was allowed.

    Examples
    --------
    >>> assert_close([0.1 + 0.2], [0.3])
    """
    import numpy as np

    got, want = _as_numbers(actual, what), _as_numbers(expected, "the expected value")
    assert_shape(got, want.shape, what=what, hint=hint)
    kind = np.complex128 if np.iscomplexobj(got) or np.iscomplexobj(want) else np.float64
    got, want = got.astype(kind), want.astype(kind)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(got - want)
        allowed = atol + rtol * np.abs(want)
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        right = same | (np.isfinite(got) & np.isfinite(want) & (error <= allowed))
    if right.all():
        return
    raise Mismatch(
        _sentence(what, "has wrong values", hint, _symptom(got, want)), _where(got, want, right, error, allowed)
    )


def assert_equal(actual: Any, expected: Any, *, what: str = "the result", hint: str = "") -> None:
    """Values are equal to the last bit: numbers, text, labels, containers, arrays; NaN equals NaN.

    Arrays and tensors are compared by shape and values, containers by length and item for item.

    Examples
    --------
    >>> assert_equal(["a", "b"], ["a", "b"])
    """
    if is_array(expected) or is_tensor(expected) or is_frame(expected):
        _assert_equal_arrays(actual, expected, what, hint)
    elif isinstance(expected, (list, tuple)):
        _assert_equal_sequences(actual, expected, what, hint)
    elif isinstance(expected, dict):
        _assert_equal_dicts(actual, expected, what, hint)
    elif not _same(actual, expected):
        details = [f"got {describe(actual)}, expected {describe(expected)}"]
        raise Mismatch(_sentence(what, "is wrong", hint), details)


def assert_shape(actual: Any, shape: Sequence[int], *, what: str = "the result", hint: str = "") -> None:
    """An array, tensor or Series has this shape.

    Examples
    --------
    >>> assert_shape([[1, 2, 3]], (1, 3))
    """
    found = tuple(_as_array(actual, what).shape) if not hasattr(actual, "shape") else tuple(actual.shape)
    if found != tuple(shape):
        raise Mismatch(_sentence(what, "has the wrong shape", hint), [f"shape {found}, expected {tuple(shape)}"])


def assert_dtype(actual: Any, dtype: Any, *, what: str = "the result", hint: str = "") -> None:
    """An array or tensor has this dtype, given as a dtype or by name ("float32")."""
    found, expected = _dtype_name(getattr(actual, "dtype", None)), _dtype_name(dtype)
    if found != expected:
        found = found or plain_type(actual)
        raise Mismatch(_sentence(what, "has the wrong dtype", hint), [f"dtype {found}, expected {expected}"])


def assert_finite(actual: Any, *, what: str = "the result", hint: str = "") -> None:
    """No value is NaN or infinite.

    Examples
    --------
    >>> assert_finite([0.0, 1e308])
    """
    import numpy as np

    values = _as_numbers(actual, what)
    wrong = ~np.isfinite(values)
    if wrong.any():
        index = _first_index(wrong)
        details = [
            f"{int(wrong.sum())} of {wrong.size} values, first at index {_index(index)}: {number(values[index])}"
        ]
        raise Mismatch(_sentence(what, "is not finite", hint), details)


def assert_true(condition: Any, broken: str, *details: str) -> None:
    """Any other property: `broken` is the sentence that the learner reads when it does not hold.

    Examples
    --------
    >>> assert_true(2 > 1, "the loss must fall")
    """
    if not condition:
        raise Mismatch(broken, details)


def assert_type(actual: Any, kind: type | tuple[type, ...], *, what: str = "the result", hint: str = "") -> None:
    """The value has this type; ``bool`` is not taken for ``int``.

    Examples
    --------
    >>> assert_type(1.0, float)
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(actual, kinds) or (isinstance(actual, bool) and bool not in kinds):
        names = " or ".join(item.__name__ for item in kinds)
        raise Mismatch(_sentence(what, "has the wrong type", hint), [f"type {plain_type(actual)}, expected {names}"])


@contextmanager
def raises(kind: type[Exception] | tuple[type[Exception], ...], *, when: str) -> Iterator[None]:
    """The block raises this exception; `when` says in words what the call was given.

    Examples
    --------
    >>> with raises(ZeroDivisionError, when="the divisor is 0"):
    ...     1 / 0
    """
    names = " or ".join(item.__name__ for item in (kind if isinstance(kind, tuple) else (kind,)))
    try:
        yield
    except kind as error:
        if isinstance(error, NotImplementedError):
            raise
    except NotImplementedError:
        raise
    except Exception as error:
        if getattr(error, "told", None) is None:
            raise
        broken = f"{names} must be raised when {when}; another exception was"
        raise Mismatch(broken, [f"got {type(error).__name__}: {error}"]) from error
    else:
        raise Mismatch(f"{names} must be raised when {when}; nothing was raised")


def _as_array(value: Any, what: str) -> Any:
    import numpy as np

    if value is None:
        raise Mismatch(f"{what} is None: is a return statement missing?")
    if is_tensor(value):
        value = value.detach().cpu().to_dense()
        wide = str(value.dtype) in ("torch.bfloat16", "torch.float16")
        return (value.float() if wide else value).resolve_conj().resolve_neg().numpy()
    if is_frame(value):
        return value.to_numpy()
    if hasattr(value, "toarray"):
        return value.toarray()
    if isinstance(value, (list, tuple)):
        value = [_as_array(item, what) if is_tensor(item) else item for item in value]
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError):
        raise Mismatch(f"{what} is no regular array of numbers", [f"got {describe(value)}"]) from None


def _as_numbers(value: Any, what: str) -> Any:
    import numpy as np

    array = _as_array(value, what)
    if array.dtype == object:
        try:
            if any(item is None or isinstance(item, (str, bytes)) for item in array.flat):
                raise TypeError("numpy would take None for NaN, and read numbers out of text")
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            array = np.array("text")
    if array.dtype.kind not in "biufc":
        raise Mismatch(f"{what} does not consist of numbers", [f"got {describe(value)}"])
    return array


def _where(got: Any, want: Any, right: Any, error: Any, allowed: Any) -> list[str]:
    import numpy as np

    index = _first_index(~right)
    place = f" at index {_index(index)}" if got.ndim else ""
    details = [f"got {number(got[index])}, expected {number(want[index])}{place}"]
    if got.ndim:
        details.append(f"{int((~right).sum())} of {right.size} values are wrong")
    finite = np.where(np.isfinite(error) & ~right, error, -1.0)
    if finite.max() >= 0:
        worst = tuple(int(part) for part in np.unravel_index(int(finite.argmax()), finite.shape))
        place = f" at index {_index(worst)}" if got.ndim else ""
        details.append(f"largest error {finite[worst]:.3g}{place}, allowed {allowed[worst]:.3g}")
    return details


def _symptom(got: Any, want: Any) -> str:
    import numpy as np

    if np.isnan(got).any() and not np.isnan(want).any():
        return "some are NaN"
    if np.isinf(got).any() and not np.isinf(want).any():
        return "some are infinite"
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        if got.size and (want != 0).all() and np.isfinite(got).all() and np.isfinite(want).all():
            ratio = got / want
            if np.allclose(ratio, -1.0, rtol=1e-4):
                return "the sign is turned round"
            if got.size > 1 and np.allclose(ratio, ratio.flat[0], rtol=1e-4):
                return "all are off by the same factor"
    return ""


def _assert_equal_arrays(actual: Any, expected: Any, what: str, hint: str) -> None:
    import numpy as np

    got, want = _as_array(actual, what), _as_array(expected, "the expected value")
    assert_shape(got, want.shape, what=what, hint=hint)
    numbers = all(part.dtype.kind in "biufc" for part in (got, want))
    if numbers:
        right = (got == want) | ((got != got) & (want != want))
    else:
        pairs = zip(got.reshape(-1).tolist(), want.reshape(-1).tolist(), strict=True)
        right = np.array([_same(one, other) for one, other in pairs], dtype=bool).reshape(want.shape)
    if not right.all():
        index = _first_index(~right)
        place = f" at index {_index(index)}" if got.ndim else ""
        details = [f"got {number(got[index])}, expected {number(want[index])}{place}"]
        details.append(f"{int((~right).sum())} of {right.size} values are wrong")
        raise Mismatch(_sentence(what, "has wrong values", hint), details)


def _assert_equal_sequences(actual: Any, expected: Sequence[Any], what: str, hint: str) -> None:
    if is_array(actual) or is_tensor(actual) or is_frame(actual):
        actual = _as_array(actual, what).tolist()
    if not isinstance(actual, (list, tuple)):
        raise Mismatch(
            _sentence(what, "has the wrong type", hint), [f"got {describe(actual)}, expected {describe(expected)}"]
        )
    if len(actual) != len(expected):
        raise Mismatch(
            _sentence(what, "has the wrong length", hint), [f"length {len(actual)}, expected {len(expected)}"]
        )
    for position, (one, other) in enumerate(zip(actual, expected, strict=True)):
        assert_equal(one, other, what=f"item {position} of {what}", hint=hint)


def _assert_equal_dicts(actual: Any, expected: dict[Any, Any], what: str, hint: str) -> None:
    if not isinstance(actual, dict) or set(actual) != set(expected):
        details = [f"got {describe(actual)}", f"expected the keys {describe(sorted(expected, key=str))}"]
        raise Mismatch(_sentence(what, "does not have the right keys", hint), details)
    for key in expected:
        assert_equal(actual[key], expected[key], what=f"{what}[{key!r}]", hint=hint)


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None or one is other:
        return one is other
    if tuple(getattr(one, "shape", ())) != tuple(getattr(other, "shape", ())):
        return False
    if isinstance(one, bool) != isinstance(other, bool) and not (is_array(one) or is_array(other)):
        return False
    try:
        return bool(one == other) or (one != one and other != other)
    except (TypeError, ValueError, RuntimeError):
        return False


def _sentence(what: str, verdict: str, hint: str, symptom: str = "") -> str:
    sentence = f"{what} {verdict}"
    if symptom:
        sentence += f" ({symptom})"
    return f"{sentence}: {hint}" if hint else sentence


def _first_index(mask: Any) -> tuple[int, ...]:
    import numpy as np

    return tuple(int(part) for part in np.unravel_index(int(np.argmax(mask)), mask.shape)) if mask.ndim else ()


def _index(index: tuple[int, ...]) -> str:
    return str(int(index[0])) if len(index) == 1 else str(tuple(int(part) for part in index))


def _dtype_name(dtype: Any) -> str:
    if dtype is None:
        return ""
    return getattr(dtype, "__name__", None) or str(dtype).removeprefix("torch.")
