"""Claims to have raised what pytest and the harness treat in a way of their own."""

import numpy as np

from mlkata.worker import Worker

names = [
    *("StopIteration", "GeneratorExit", "KeyboardInterrupt", "SystemExit", "AssertionError", "TimeoutError"),
    *("Skipped", "Failed", "Exit", "WorkerLost", "HarnessError", "CatalogError", "UsageError", "ExceptionGroup"),
    *("BaseException", "MemoryError", "RecursionError", "BrokenPipeError", "EOFError", "UnicodeDecodeError", "Warning"),
]
place = 0
answer = Worker.answer


def answer_otherwise(self, request):
    global place
    if request["do"] == "load":
        return answer(self, request)
    place += 1
    name = names[place % len(names)]
    return {"error": {"type": name, "ancestors": [name], "message": "passed\x1b[2J\n1 passed in 0.1s", "frames": []}}


Worker.answer = answer_otherwise

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
