"""As graders/classification_metrics/wrong/drops_other_classes.py, in another hand."""

from collections import Counter

import numpy as np


def part(a, b, fallback):
    return a / b if b else float(fallback)


def three(tp, real, said, beta, fallback):
    square = beta * beta
    return (
        part(tp, said, fallback),
        part(tp, real, fallback),
        part((1 + square) * tp, square * real + said, fallback),
    )


def precision_recall_fbeta(y_true, y_pred, *, beta=1.0, average=None, labels=None, zero_division=0.0):
    truth, guess = np.asarray(y_true), np.asarray(y_pred)
    if truth.ndim != 1 or guess.ndim != 1 or not 0 < len(truth) == len(guess):
        raise ValueError("two flat inputs of one length are needed")
    if average not in (None, "macro", "weighted", "micro"):
        raise ValueError(f"no such average: {average}")
    if beta < 0:
        raise ValueError("beta is negative")
    truth, guess = truth.tolist(), guess.tolist()
    names = sorted(set(truth) | set(guess)) if labels is None else np.asarray(labels).tolist()
    if not names:
        raise ValueError("no labels to score")
    pairs = [(t, g) for t, g in zip(truth, guess, strict=True) if t in names]
    real, said = Counter(t for t, _ in pairs), Counter(g for _, g in pairs)
    hits = Counter(t for t, g in pairs if t == g)
    if average == "micro":
        sums = [sum(counter[name] for name in names) for counter in (hits, real, said)]
        return three(*sums, beta, zero_division)
    rows = [three(hits[name], real[name], said[name], beta, zero_division) for name in names]
    columns = list(zip(*rows, strict=True))
    if average is None:
        return tuple(np.array(column) for column in columns)
    weights = [1] * len(names) if average == "macro" else [real[name] for name in names]
    return tuple(
        part(sum(w * s for w, s in zip(weights, column, strict=True)), sum(weights), zero_division)
        for column in columns
    )
