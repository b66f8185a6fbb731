"""Measures a call on a CUDA device, from within the process that makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WARM_UPS = 3


def measure_call(call: Callable[[], Any]) -> dict[str, Any]:
    """One call's time, peak memory, devices and hidden synchronisations.

    Returns
    -------
    dict
        ``milliseconds`` between two events with all streams joined; ``peak_bytes`` allocated beyond what was there;
        ``devices`` of the tensors returned; ``synchronised``, the message of the first operation that made the host
        wait, or an empty string.
    """
    import torch

    for _ in range(WARM_UPS):
        call()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    value = call()
    torch.cuda.synchronize()
    end.record()
    end.synchronize()
    return {
        "milliseconds": float(start.elapsed_time(end)),
        "peak_bytes": int(torch.cuda.max_memory_allocated() - before),
        "devices": sorted({item.device.type for item in _tensors(value)}),
        "synchronised": _synchronisation(call),
    }


def _synchronisation(call: Callable[[], Any]) -> str:
    import torch

    torch.cuda.set_sync_debug_mode("error")
    try:
        call()
    except RuntimeError as error:
        if "synchroniz" not in str(error):
            raise
        return str(error).partition("\n")[0]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return ""


def _tensors(value: Any) -> list[Any]:
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [tensor for item in items for tensor in _tensors(item)]
