"""What a check holds: calls, probes and gradients of a submission, wherever that lives."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlkata import probes
from mlkata.compare import Mismatch
from mlkata.describe import is_array, is_frame, is_tensor
from mlkata.errors import SubmissionError, WireError, WorkerLost
from mlkata.links import Answer, Link

HEAVY = 4 << 20  # bytes of an answer: not kept beyond the check's own use of it


@dataclass
class Call:
    """One call that a check made, for the learner to read.

    Attributes
    ----------
    answer : dict or None
        What came back; None where nothing did, or too much to be kept.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    probe: Callable[..., Any] | None = None
    answer: Answer | None = None


@dataclass(frozen=True)
class Observed:
    """What became of a call.

    Attributes
    ----------
    value : object
        What was returned.
    before, after : dict
        The arguments, by position ("0") or keyword, before and after the call.
    shared : tuple of str
        The arguments that share memory with what was returned.
    """

    value: Any
    before: dict[str, Any]
    after: dict[str, Any]
    shared: tuple[str, ...]

    def assert_unchanged(self, *, hint: str = "") -> None:
        """No argument was written to.

        Raises
        ------
        Mismatch
            With the argument that was.
        """
        for name, value in self.before.items():
            if not callable(value) and not identical(value, self.after[name]):
                label = f"argument {int(name) + 1}" if name.isdigit() else f"the argument {name}"
                sentence = f"{label} was changed by the call: work on a copy"
                raise Mismatch(f"{sentence} ({hint})" if hint else sentence)

    def assert_fresh(self, *, hint: str = "") -> None:
        """What was returned shares no memory with an argument.

        Raises
        ------
        Mismatch
            With the argument that it shares memory with.
        """
        for name in self.shared:
            label = f"argument {int(name) + 1}" if name.isdigit() else f"the argument {name}"
            sentence = f"the result shares memory with {label}: return a new one"
            raise Mismatch(f"{sentence} ({hint})" if hint else sentence)


@dataclass
class Told:
    """What the submission raised, hung on the exception that the check sees as its attribute `told`."""

    type: str
    message: str
    frames: list[tuple[int, str, str]] = field(default_factory=list)


class Submission:
    """A submission as a check sees it: its entries by name, and probes.

    ``submission.focal_loss(logits, targets)`` calls; so does ``submission.run(probe, ...)``, which ships the function
    `probe` to the submission and calls it there with the submission's module in front.
    """

    def __init__(self, link: Link, entry: Sequence[str]) -> None:
        self._link = link
        self._entry = tuple(entry)
        self._calls: list[Call] = []

    def __getattr__(self, name: str) -> Target:
        if name.startswith("_") or name not in self._entry:
            raise AttributeError(f"a submission has {', '.join(self._entry)}, run and probe; not {name}")
        return Target(self._link, self._calls, name)

    def probe(self, function: Callable[..., Any]) -> Target:
        """The same as an entry, for a function of the grader that drives the submission's module."""
        return Target(self._link, self._calls, function)

    def run(self, probe: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call a probe in the worker; it gets the submission's module as its first argument."""
        return self.probe(probe)(*args, **kwargs)

    def history(self) -> list[Call]:
        """The calls since `forget`."""
        return list(self._calls)

    def remember(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Note a call that was made elsewhere, for the learner to read."""
        self._calls.append(Call(name, args, kwargs))

    def forget(self) -> None:
        """Begin a new history of calls."""
        self._calls.clear()


class Target:
    """Something of a submission that can be called."""

    def __init__(self, link: Link, calls: list[Call], target: str | Callable[..., Any]) -> None:
        self._link = link
        self._calls = calls
        self._probe = None if isinstance(target, str) else target
        self._name = target if isinstance(target, str) else probes.title(target)
        self._packed = target if isinstance(target, str) else probes.pack(target)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the call returns, as plain data; what it raises, as the nearest builtin exception."""
        return self._ask("call", args, kwargs)["value"]

    def observe(self, *args: Any, **kwargs: Any) -> Observed:
        """The value, the arguments after the call, and what they share."""
        answer = self._ask("observe", args, kwargs)
        before, after, shared = _named(args, kwargs), answer.get("after"), answer.get("shared")
        if type(after) is not dict or after.keys() != before.keys() or type(shared) is not list:
            raise WorkerLost.nonsense()
        return Observed(answer["value"], before, after, tuple(name for name in before if name in shared))

    def value_and_grad(
        self, *args: Any, wrt: str | Sequence[str], cotangent: Any = None, **kwargs: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The value and its gradients by autograd.

        Parameters
        ----------
        *args, **kwargs
            Of the call.
        wrt : str or sequence of str
            Names of the parameters to differentiate by.
        cotangent : Tensor, optional
            For a value that is no scalar: the weights of the sum that is differentiated; ones by default.

        Returns
        -------
        value : Tensor
        gradients : dict
            A tensor for each name in `wrt`.

        Raises
        ------
        Mismatch
            No gradient reaches one of them.
        """
        names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
        answer = self._ask("gradients", args, kwargs, wrt=names, cotangent=cotangent)
        gradients = answer.get("gradients")
        if type(gradients) is not dict or gradients.keys() != set(names):
            raise WorkerLost.nonsense()
        for name in names:
            if gradients[name] is None:
                raise Mismatch(f"no gradient reaches {name}: was it detached, rounded, or turned into plain numbers?")
        return answer["value"], gradients

    def _ask(self, do: str, args: tuple[Any, ...], kwargs: dict[str, Any], **more: Any) -> Answer:
        call = Call(self._name, args, kwargs, self._probe)
        self._calls.append(call)
        request = {"do": do, "target": self._packed, "args": args, "kwargs": kwargs, **more}
        answer = self._link.ask(request)
        if _is_light(answer):
            call.answer = answer
        return checked(answer, self._name)


def seed_generators(submission: Submission, seed: int) -> None:
    """Seed the global generators where a submission lives: an answer that draws from them gives the same each time."""
    checked(submission._link.ask({"do": "seed", "seed": seed}), "seed")


def checked(answer: Answer, name: str) -> Answer:
    """The answer itself, or the exception that it tells of.

    Raises
    ------
    Mismatch
        What the call returned is no plain data.
    Exception
        The builtin exception nearest to the one that the submission raised, with its story as `told`.
    """
    if "not_plain" in answer:
        broken = f"{name} returned something that cannot be compared: return numbers, arrays or containers of them"
        raise Mismatch(broken, [_readable(answer["not_plain"], 300)])
    if "error" in answer:
        error = rebuild(answer["error"])
        if isinstance(answer.get("raised"), BaseException):
            raise error.with_traceback(answer["raised"].__traceback__)
        raise error
    if "value" not in answer:
        raise WorkerLost.nonsense()
    return answer


def _is_light(answer: Any) -> bool:
    """Whether a value takes little memory."""
    size, left = 0, [answer]
    while left and size <= HEAVY:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, (list, tuple, set)):
            left += value
        size += 64 + (value.nbytes if is_array(value) else 0)
        size += value.numel() * value.element_size() if is_tensor(value) else 0  # a sparse one as what it stands for
        size += len(value) if isinstance(value, (str, bytes, dict, list, tuple, set)) else 0
        size += int(value.size) * 8 if is_frame(value) else 0
    return size <= HEAVY


def rebuild(story: dict[str, Any]) -> Exception:
    """The builtin exception nearest to the one told of, with `told` hung on it."""
    try:
        frames = [(int(line), _readable(name, 100), _readable(text, 300)) for line, name, text in story["frames"][-5:]]
        told = Told(_readable(story["type"], 100), _readable(story["message"], 2000), frames)
        ancestors = [str(name) for name in story["ancestors"][:20]]
    except Exception:  # whatever a value that is no story raises when it is taken for one
        raise WorkerLost.nonsense() from None
    error: Exception = SubmissionError(f"{told.type}: {told.message}")
    for name in ancestors:
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception) and kind is not Exception:
            try:
                error = kind(told.message)
            except TypeError:
                continue
            break
    error.told = told  # type: ignore[attr-defined]
    return error


def identical(one: Any, two: Any) -> bool:
    """Whether two plain values are the same to the last bit, NaN and dtypes included."""
    from mlkata.wire import encode

    if is_array(one) or is_tensor(one) or is_frame(one) or isinstance(one, (list, tuple, dict)):
        try:
            return _contiguous(one) == _contiguous(two)
        except WireError:
            return False
    return bool(encode(one) == encode(two))


def _contiguous(value: Any) -> bytes:
    from mlkata.wire import decode, encode

    return bytes(encode(decode(encode(value))))


def _readable(text: Any, most: int) -> str:
    """The beginning of a text that a worker sent, without what would move a terminal's cursor."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in str(text)[:most])


def _named(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    return {**{str(place): value for place, value in enumerate(args)}, **kwargs}
