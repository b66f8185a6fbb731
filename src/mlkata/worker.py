"""Inside the walls: loads a submission, answers calls.

A worker is asked with plain data and answers with plain data, whether it lives in the process of the checks or in one
of its own: see `mlkata.links` for how requests reach it.
"""

from __future__ import annotations

import ctypes
import gc
import inspect
import linecache
import random
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from mlkata import probes
from mlkata.describe import is_array, is_frame, is_tensor

Ask = Callable[[int, tuple[Any, ...], dict[str, Any]], Any]
Answer = dict[str, Any]


class Worker:
    """Holds one submission.

    Parameters
    ----------
    path : str
        What the submission's source is called in tracebacks; it need not lie there.
    keep_frames : bool
        Leave the traceback of an exception on `last_error`, for a debugger in the same process.
    """

    def __init__(self, path: str, *, keep_frames: bool = False) -> None:
        self.path = path
        self.keep_frames = keep_frames
        self.last_error: BaseException | None = None
        self._module: ModuleType | None = None
        self._prepared: Callable[[], Any] | None = None
        self._values: list[Any] = []

    def answer(self, request: dict[str, Any]) -> Answer:
        """Carry out one request; whatever the submission raises becomes an answer."""
        try:
            act: Callable[[dict[str, Any]], Answer] = getattr(self, "_do_" + request["do"])
            return act(request)
        except BaseException as error:
            # An interrupt, or pytest's end of a check's time, is not the submission's.
            if type(error).__module__ == "builtins" and not isinstance(error, (Exception, SystemExit, GeneratorExit)):
                raise
            self.last_error = error if self.keep_frames else None
            return {"error": tell(error, self.path)}

    def _do_load(self, request: dict[str, Any]) -> Answer:
        source = request["source"]
        linecache.cache[self.path] = (len(source), None, source.splitlines(keepends=True), self.path)
        name = f"submission_{request['name']}"
        module = ModuleType(name)
        module.__file__ = self.path
        sys.modules[name] = module
        exec(compile(source, self.path, "exec", dont_inherit=True), module.__dict__)
        self._module = module
        found = {name: _signatures(getattr(module, name, None), methods) for name, methods in request["entry"].items()}
        return {"value": found}

    def _do_seed(self, request: dict[str, Any]) -> Answer:
        """Seed the global generators of all packages that are there."""
        seed = request["seed"]
        random.seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed)
        if "torch" in sys.modules:
            sys.modules["torch"].default_generator.manual_seed(seed)  # torch.manual_seed imports much beside
        return {"value": None}

    def _do_call(self, request: dict[str, Any]) -> Answer:
        return {"value": self._bound(request)()}

    def _do_observe(self, request: dict[str, Any]) -> Answer:
        """The value, the arguments after the call, and which of them share memory with the value."""
        args, kwargs = request["args"], request["kwargs"]
        value = self._bound(request)()
        named = {**{str(place): item for place, item in enumerate(args)}, **kwargs}
        shared = [name for name, item in named.items() if shares_memory(value, item)]
        after = {name: None if callable(item) else item for name, item in named.items()}
        return {"value": value, "after": after, "shared": shared}

    def _do_gradients(self, request: dict[str, Any]) -> Answer:
        """The value and its gradients with respect to named arguments, by torch's autograd."""
        import torch

        function, lead = self._function(request["target"])
        bound = inspect.signature(function).bind(*lead, *request["args"], **request["kwargs"])
        leaves = {name: bound.arguments[name].detach().requires_grad_() for name in request["wrt"]}
        bound.arguments.update(leaves)
        value = function(*bound.args, **bound.kwargs)
        if not isinstance(value, torch.Tensor) or not value.requires_grad:
            return {"value": value, "gradients": dict.fromkeys(leaves)}
        cotangent = request["cotangent"]
        weights = torch.ones_like(value) if cotangent is None else cotangent
        found = torch.autograd.grad(value, list(leaves.values()), grad_outputs=weights, allow_unused=True)
        return {"value": value, "gradients": dict(zip(leaves, found, strict=True))}

    def _do_prepare(self, request: dict[str, Any]) -> Answer:
        """Make a call, or several in a row with arguments of their own, ready, so that `go` does nothing else.

        With `trim`, memory that was freed is given back first: what the call takes would not show where it takes that.
        """
        self._values = []
        calls = [self._bound({**request, "args": args}) for args in request["series"]]
        self._prepared = lambda: [call() for call in calls]
        gc.collect()
        if request.get("trim"):
            ctypes.CDLL(None).malloc_trim(0)
        return {"value": None}

    def _do_go(self, request: dict[str, Any]) -> Answer:
        assert self._prepared is not None
        self._values = self._prepared()
        return {"value": None}

    def _do_fetch(self, request: dict[str, Any]) -> Answer:
        """What every prepared call returned: all of them, so that none could be left out."""
        values, self._values, self._prepared = self._values, [], None
        return {"value": values}

    def _do_count_lines(self, request: dict[str, Any]) -> Answer:
        """How many lines of the submission's own file the prepared call runs, up to a bound."""
        assert self._prepared is not None
        return {"value": count_lines(self._prepared, self.path, request["most"])}

    def _do_cuda(self, request: dict[str, Any]) -> Answer:
        from mlkata.cuda import measure_call

        assert self._prepared is not None
        return {"value": measure_call(self._prepared)}

    def _bound(self, request: dict[str, Any]) -> Callable[[], Any]:
        function, lead = self._function(request["target"])
        args, kwargs = request["args"], request["kwargs"]
        return lambda: function(*lead, *args, **kwargs)

    def _function(self, target: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if isinstance(target, str):
            return getattr(self._module, target), ()
        return probes.unpack(target), (self._module,)


class _EnoughError(Exception):
    pass


def count_lines(call: Callable[[], Any], path: str, most: int) -> int:
    """How many lines of the file at `path` a call runs; counting stops at `most`."""
    count = 0

    def local(frame: Any, event: str, arg: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
            if count >= most:
                raise _EnoughError
        return local

    def enter(frame: Any, event: str, arg: Any) -> Any:
        return local if frame.f_code.co_filename == path else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        call()
    except _EnoughError:
        pass
    finally:
        sys.settrace(before)
    return count


def shares_memory(value: Any, other: Any) -> bool:
    """Whether two values, or parts of them, lie in the same memory."""
    if not set(_containers(value)).isdisjoint(_containers(other)):
        return True
    mine, theirs = list(_buffers(value)), list(_buffers(other))
    return any(_overlap(one, two) for one in mine for two in theirs)


def tell(error: BaseException, path: str) -> dict[str, Any]:
    """An exception as plain data: type, builtin ancestors, message, and the lines of the file at `path` on its way."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [(frame.lineno or 0, frame.name, frame.line or "") for frame in frames if frame.filename == path]
    if isinstance(error, SyntaxError) and error.filename == path:
        own.append((error.lineno or 0, "", (error.text or "").strip()))
    ancestors = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    return {"type": type(error).__name__, "ancestors": ancestors, "message": _text(error), "frames": own[-5:]}


def _text(error: BaseException) -> str:
    try:
        if isinstance(error, SyntaxError):
            return str(error.msg)
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        return "".join(str(text))
    except Exception:
        return "(the exception has no text)"


def _signatures(entry: Any, methods: list[str]) -> dict[str, Any]:
    """What a submission's function, or a class and some of its methods, can be called with."""
    if entry is None:
        return {"kind": "missing"}
    if inspect.isclass(entry):
        found = {name: _method_parameters(entry, name) for name in methods if callable(getattr(entry, name, None))}
        return {"kind": "class", "parameters": _parameters(entry), "methods": found}
    if callable(entry):
        return {"kind": "function", "parameters": _parameters(entry)}
    return {"kind": type(entry).__name__}


def _method_parameters(owner: type, name: str) -> list[tuple[str, str, bool]] | None:
    """What is given to a method of an instance, so without `self`."""
    found = _parameters(getattr(owner, name))
    takes_self = not isinstance(inspect.getattr_static(owner, name), (staticmethod, classmethod))
    return found[1:] if found and takes_self and found[0][1].startswith("POSITIONAL") else found


def _parameters(function: Any) -> list[tuple[str, str, bool]] | None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [(item.name, item.kind.name, item.default is not item.empty) for item in parameters]


def _buffers(value: Any) -> Any:
    if is_tensor(value) and value.is_sparse:
        yield from (value._indices(), value._values())
    elif is_array(value) or is_tensor(value):
        yield value
    elif is_frame(value):
        columns = [value] if value.ndim == 1 else [value.iloc[:, place] for place in range(value.shape[1])]
        yield from (column.to_numpy(copy=False) if value.ndim == 2 else column.to_numpy() for column in columns)
    elif isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _buffers(item)


def _containers(value: Any) -> Any:
    """The ids of the containers in a value that can be written to."""
    if isinstance(value, (dict, list, set)):
        yield id(value)
    if isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _containers(item)


def _overlap(one: Any, two: Any) -> bool:
    import numpy as np

    if is_tensor(one) and is_tensor(two):
        first, second = one.untyped_storage(), two.untyped_storage()
        return bool(first.nbytes() and first.data_ptr() == second.data_ptr())
    parts = [_bytes_of(part) if is_tensor(part) and part.device.type == "cpu" else part for part in (one, two)]
    return all(is_array(part) for part in parts) and bool(np.may_share_memory(*parts))


def _bytes_of(tensor: Any) -> Any:
    """The memory that a tensor is a view of, as a numpy array, whatever the dtype."""
    import torch

    return torch.empty(0, dtype=torch.uint8).set_(tensor.detach().untyped_storage()).numpy()
