"""As graders/optimal_threshold/wrong/strictly_above.py, in another hand."""

import numpy as np


def safe(top, bottom):
    return np.where(bottom == 0, 0.0, top / np.where(bottom == 0, 1, bottom))


def optimal_threshold(y_true, y_score, *, metric="f1", min_precision=None, min_recall=None, costs=None):
    y_true = np.array(y_true)
    y_score = np.array(y_score)
    if y_true.ndim != 1 or y_score.ndim != 1 or y_true.size == 0 or y_true.size != y_score.size:
        raise ValueError("y_true and y_score do not fit")
    if np.any((y_true != 0) & (y_true != 1)):
        raise ValueError("only 0 and 1 are labels")
    if not np.all(np.isfinite(y_score)):
        raise ValueError("scores have to be finite")
    cuts, slot = np.unique(y_score, return_inverse=True)
    everyone = np.bincount(slot)
    hits = np.bincount(slot[y_true == 1], minlength=len(cuts))
    total, positives = everyone.sum(), hits.sum()
    tp = positives - np.cumsum(hits)
    flagged = total - np.cumsum(everyone)
    cuts, tp, flagged = np.append(cuts.astype(float), np.inf), np.append(tp, 0), np.append(flagged, 0)
    fp = flagged - tp
    fn = positives - tp
    tn = total - tp - fp - fn
    precision = safe(tp, tp + fp)
    recall = safe(tp, tp + fn)
    if costs is not None:
        costs = np.asarray(costs, dtype=float)
        if costs.shape != (2, 2):
            raise ValueError("costs must be 2 x 2")
        loss = np.stack([tn, fp, fn, tp], axis=1) @ costs.ravel() / total
    elif metric == "f1":
        loss = -safe(2 * tp, 2 * tp + fp + fn)
    elif metric == "accuracy":
        loss = -(tp + tn) / total
    elif metric == "precision":
        loss = -precision
    elif metric == "recall":
        loss = -recall
    elif metric == "youden":
        loss = safe(fp, fp + tn) - recall
    else:
        raise ValueError(f"metric {metric!r} is not known")
    kept = np.ones(len(cuts), dtype=bool)
    if min_precision is not None:
        kept &= precision >= min_precision
    if min_recall is not None:
        kept &= recall >= min_recall
    if not kept.any():
        raise ValueError("nothing meets the constraints")
    loss, cuts = loss[kept], cuts[kept]
    at = loss.argmin()
    return float(cuts[at]), float(loss[at] if costs is not None else -loss[at])
