"""As graders/smote/wrong/refuses_small_classes.py, in another hand."""

import numpy as np


def smote(X, y, *, k_neighbors=5, seed=None):
    data, labels = np.array(X, dtype=np.float64), np.array(y)
    if k_neighbors < 1:
        raise ValueError("one neighbour at least is needed")
    rng = np.random.default_rng(seed)
    names, counts = np.unique(labels, return_counts=True)
    X_out, y_out = data.copy(), labels.copy()
    for name, count in zip(names, counts, strict=True):
        n_new = counts.max() - count
        if n_new == 0:
            continue
        if count < 2:
            raise ValueError("a class of one row has no neighbours")
        if count <= k_neighbors:
            raise ValueError("a class is smaller than its neighbourhood")
        own = data[labels == name]
        distance = np.linalg.norm(own[:, np.newaxis] - own[np.newaxis], axis=-1)
        distance[np.arange(count), np.arange(count)] = np.inf
        order = distance.argsort(axis=1)[:, :k_neighbors]
        a = np.arange(n_new) % count
        b = order[a, rng.integers(0, k_neighbors, n_new)]
        g = rng.uniform(size=n_new)[:, np.newaxis]
        X_out = np.vstack([X_out, (1 - g) * own[a] + g * own[b]])
        y_out = np.append(y_out, np.repeat(name, n_new).astype(labels.dtype))
    return X_out, y_out
