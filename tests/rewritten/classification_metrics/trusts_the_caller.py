"""As graders/classification_metrics/wrong/trusts_the_caller.py, in another hand."""

from collections import Counter

import numpy as np


def divide(a, b, fallback):
    return a / b if b else float(fallback)


def three(tp, real, said, beta, fallback):
    square = beta * beta
    return (
        divide(tp, said, fallback),
        divide(tp, real, fallback),
        divide((1 + square) * tp, square * real + said, fallback),
    )


def precision_recall_fbeta(y_true, y_pred, *, beta=1.0, average=None, labels=None, zero_division=0.0):
    truth, guess = np.asarray(y_true), np.asarray(y_pred)
    truth, guess = truth.tolist(), guess.tolist()
    classes = sorted(set(truth) | set(guess)) if labels is None else np.asarray(labels).tolist()
    real, said = Counter(truth), Counter(guess)
    hits = Counter(t for t, g in zip(truth, guess, strict=False) if t == g)
    if average == "micro":
        sums = [sum(counter[name] for name in classes) for counter in (hits, real, said)]
        return three(*sums, beta, zero_division)
    rows = [three(hits[name], real[name], said[name], beta, zero_division) for name in classes]
    columns = list(zip(*rows, strict=True))
    if average is None:
        return tuple(np.array(column) for column in columns)
    weights = [real[name] for name in classes] if average == "weighted" else [1] * len(classes)
    return tuple(
        divide(sum(w * s for w, s in zip(weights, column, strict=True)), sum(weights), zero_division)
        for column in columns
    )
