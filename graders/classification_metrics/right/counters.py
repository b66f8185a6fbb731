"""Counts in dictionaries, one sample at a time, and combines precision and recall by hand; no numpy."""

from collections import Counter


def precision_recall_fbeta(y_true, y_pred, *, beta=1.0, average=None, labels=None, zero_division=0.0):
    if average not in {None, "micro", "macro", "weighted"} or beta < 0:
        raise ValueError("bad option")
    if getattr(y_true, "ndim", 1) != 1 or getattr(y_pred, "ndim", 1) != 1:
        raise ValueError("not one-dimensional")
    y_true = y_true.tolist() if hasattr(y_true, "tolist") else list(y_true)
    y_pred = y_pred.tolist() if hasattr(y_pred, "tolist") else list(y_pred)
    if not y_true or len(y_true) != len(y_pred):
        raise ValueError("lengths")
    if labels is None:
        classes = sorted(set(y_true).union(y_pred))
    else:
        classes = [each.item() if hasattr(each, "item") else each for each in labels]
    if not classes:
        raise ValueError("no classes")
    tp, fp, fn = Counter(), Counter(), Counter()
    for actual, said in zip(y_true, y_pred, strict=True):
        if actual == said:
            tp[actual] += 1
        else:
            fp[said] += 1
            fn[actual] += 1
    if average == "micro":
        return score(*(sum(count[c] for c in classes) for count in (tp, fp, fn)), beta, zero_division)
    rows = [score(tp[c], fp[c], fn[c], beta, zero_division) for c in classes]
    if average is None:
        return tuple([row[i] for row in rows] for i in range(3))
    weights = [1 if average == "macro" else tp[c] + fn[c] for c in classes]
    if sum(weights) == 0:
        return zero_division, zero_division, zero_division
    return tuple(sum(w * row[i] for w, row in zip(weights, rows, strict=True)) / sum(weights) for i in range(3))


def score(tp, fp, fn, beta, zero_division):
    precision = tp / (tp + fp) if tp + fp else zero_division
    recall = tp / (tp + fn) if tp + fn else zero_division
    if tp > 0:
        f = (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
    elif beta == 0:
        f = precision
    else:
        f = 0.0 if fp + fn else zero_division
    return precision, recall, f
