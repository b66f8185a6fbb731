"""Whether two answers are wrong in the same way.

How near is near enough is taken from how far both are from the right answer, so that neither rounding nor the size of
a mistake matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlkata.describe import is_array, is_frame, is_tensor, plain_type

NEAR = 0.02  # of the distance to the right answer
ROUNDING = {True: 1e-5, False: 1e-9}  # of the largest value: in less than double precision, and in it

Answer = dict[str, Any]


def same_mistakes(theirs: Sequence[Answer], known: Sequence[Answer], right: Sequence[Answer]) -> bool:
    """Whether two rows of answers are wrong, and wrong alike.

    Parameters
    ----------
    theirs, known, right : sequence of dict
        What a submission, a known wrong answer and the reference answered to the same requests, as a worker answers;
        `right` may be longer.
    """
    if len(theirs) != len(known) or len(right) < len(theirs):
        return False
    rows = [
        (list(_leaves(one)), list(_leaves(two)), list(_leaves(three)))
        for one, two, three in zip(theirs, known, right, strict=False)
    ]
    if any(not _is_right(one, three) for one, _, three in rows):
        return all(_agree(*row) for row in rows)
    # All values are right: then the mistake lies in types, dtypes or shapes.
    labels = [tuple([leaf.label for leaf in leaves] for leaves in row) for row in rows]
    return any(one != three for one, _, three in labels) and all(one == two for one, two, _ in labels)


class _Leaf:
    """A number, an array or anything else that is no container, and where it stands."""

    def __init__(self, place: str, value: Any) -> None:
        self.place = place
        self.label = _label(value)
        self.numbers = _numbers(value)
        self.text = "" if self.numbers is not None else repr(value)
        self.is_coarse = any(name in self.label for name in ("float32", "float16"))


def _leaves(value: Any, place: str = "") -> Iterator[_Leaf]:
    if place == "" and isinstance(value, dict) and "error" in value:
        yield _Leaf("error", str(value["error"].get("type")) if isinstance(value["error"], dict) else "")
    elif isinstance(value, dict):
        for key in sorted(value, key=repr):
            if place or key != "raised":
                yield from _leaves(value[key], f"{place}/{key!r}")
    elif isinstance(value, (list, tuple)) and _numbers(value) is None:
        for number, item in enumerate(value):
            yield from _leaves(item, f"{place}/{number}")
    else:
        yield _Leaf(place or "/", value)


def _agree(theirs: list[_Leaf], known: list[_Leaf], right: list[_Leaf]) -> bool:
    """Whether two answers are the same, seen from the right one."""
    if [leaf.place for leaf in theirs] != [leaf.place for leaf in known]:
        return False
    truth = {leaf.place: leaf for leaf in right}
    return all(_is_same(one, two, truth.get(one.place)) for one, two in zip(theirs, known, strict=True))


def _is_same(one: _Leaf, two: _Leaf, right: _Leaf | None) -> bool:
    import numpy as np

    if one.numbers is None or two.numbers is None:
        return one.numbers is two.numbers and one.text == two.text
    apart = _distances(one.numbers, two.numbers)
    if apart is None:
        return False
    slack = ROUNDING[one.is_coarse or two.is_coarse]
    gap = None if right is None or right.numbers is None else _distances(one.numbers, right.numbers)
    if gap is None:
        return bool((apart <= slack * max(_size(one.numbers), _size(two.numbers))).all())
    # Where one is right the other must be; elsewhere they must be near each other, seen from the right one.
    rounding = slack * _size(right.numbers)  # type: ignore[union-attr]
    return bool(np.where(gap <= rounding, apart <= 2 * rounding, apart <= NEAR * gap + rounding / 10).all())


def _is_right(theirs: list[_Leaf], right: list[_Leaf]) -> bool:
    if [leaf.place for leaf in theirs] != [leaf.place for leaf in right]:
        return False
    return all(_is_same(one, two, None) for one, two in zip(theirs, right, strict=True))


def _distances(one: Any, two: Any) -> Any:
    """The differences of the finite numbers; None where shapes, NaN or infinities differ."""
    import numpy as np

    if one.shape != two.shape:
        return None
    finite = np.isfinite(one)
    if not np.array_equal(finite, np.isfinite(two)):
        return None
    if not np.array_equal(one[~finite], two[~finite], equal_nan=True):
        return None
    return np.abs(one[finite] - two[finite])


def _size(numbers: Any) -> float:
    import numpy as np

    return float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0)) or 1.0


def _numbers(value: Any) -> Any:
    """A value as an array of float64 or complex128; None where it is none."""
    import numpy as np

    try:
        if is_tensor(value):
            value = value.detach().cpu().to_dense().resolve_conj()
            value = value.numpy() if str(value.dtype) != "torch.bfloat16" else value.float().numpy()
        elif is_frame(value):
            value = value.to_numpy()
        elif not is_array(value) and not isinstance(value, (bool, int, float, complex, list, tuple, np.generic)):
            return None
        found = np.asarray(value)
        if found.dtype == object:
            found = found.astype(np.float64)
        if found.dtype.kind not in "biufc":
            return None
        return found.astype(np.complex128 if found.dtype.kind == "c" else np.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None


def _label(value: Any) -> str:
    """Type, dtype and shape; one number is like another, whatever holds it."""
    if isinstance(value, (bool, int, float, complex)):
        return "number"
    kind = str(getattr(value, "dtype", ""))
    shape = str(tuple(getattr(value, "shape", ())))
    return (
        "number"
        if shape == "()" and not is_tensor(value) and kind in ("float64", "int64")
        else (f"{plain_type(value)} {kind} {shape}")
    )
