"""A synthetic row lies half-way between a row and its neighbour."""

import numpy as np

CAUGHT_BY = ("test_places_are_uniform",)


def smote(X, y, *, k_neighbors=5, seed=None):
    X, y = np.array(X, dtype=np.float64), np.array(y)
    if X.ndim != 2 or y.shape != (len(X),) or not len(X) or not np.isfinite(X).all():
        raise ValueError(f"expected finite rows with a label each, found the shapes {X.shape} and {y.shape}")
    if k_neighbors < 1:
        raise ValueError(f"k_neighbors must be at least 1, found {k_neighbors}")
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(y, return_counts=True)
    missing = counts.max() - counts
    if ((counts == 1) & (missing > 0)).any():
        raise ValueError("a class with a single row has no neighbours to go to")
    rows, labels = [X], [y]
    for name, n_new in zip(classes[missing > 0], missing[missing > 0], strict=True):
        rows.append(_between_neighbours(X[y == name], n_new, k_neighbors, rng))
        labels.append(np.full(n_new, name, dtype=y.dtype))
    return np.concatenate(rows), np.concatenate(labels)


def _between_neighbours(own, n_new, k_neighbors, rng):
    k = min(k_neighbors, len(own) - 1)
    squared = sum((column[:, None] - column) ** 2 for column in own.T)  # (n_own, n_own)
    np.fill_diagonal(squared, np.inf)
    nearest = np.argpartition(squared, k - 1, axis=1)[:, :k]
    start = rng.integers(len(own), size=n_new)
    end = nearest[start, rng.integers(k, size=n_new)]
    gap = 0.5
    return own[start] + gap * (own[end] - own[start])
