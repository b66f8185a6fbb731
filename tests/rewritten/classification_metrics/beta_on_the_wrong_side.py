"""As graders/classification_metrics/wrong/beta_on_the_wrong_side.py, in another hand."""

import numpy as np


def precision_recall_fbeta(y_true, y_pred, *, beta=1.0, average=None, labels=None, zero_division=0.0):
    truth, guess = np.array(y_true), np.array(y_pred)
    if truth.ndim != 1 or guess.ndim != 1 or not 0 < len(truth) == len(guess):
        raise ValueError("two flat inputs of one length are needed")
    if average not in (None, "macro", "weighted", "micro"):
        raise ValueError(f"no such average: {average}")
    if beta < 0:
        raise ValueError("beta is negative")
    names = list(np.unique(np.concatenate([truth, guess])) if labels is None else np.asarray(labels))
    if not names:
        raise ValueError("no labels to score")

    def over(top, bottom):
        return float(top / bottom) if bottom != 0 else float(zero_division)

    def scores(tp, fp, fn):
        b2 = beta**2
        precision = over(tp, tp + fp)
        recall = over(tp, tp + fn)
        return precision, recall, over((1 + b2) * tp, (1 + b2) * tp + fn + b2 * fp)

    counts = np.empty((len(names), 3), dtype=np.int64)
    for i, name in enumerate(names):
        actual, claimed = truth == name, guess == name
        counts[i] = np.sum(actual & claimed), np.sum(claimed & ~actual), np.sum(actual & ~claimed)
    if average == "micro":
        return scores(*counts.sum(axis=0))
    table = np.array([scores(*row) for row in counts])
    if average == "macro":
        return tuple(table.mean(axis=0).tolist())
    if average == "weighted":
        support = counts[:, 0] + counts[:, 2]
        return tuple(over(np.dot(support, column), support.sum()) for column in table.T)
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()
