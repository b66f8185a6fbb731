"""As in the paper, the rows of a class are starts in turn; the synthetic rows of all classes are mixed."""

import numpy as np


def smote(X, y, *, k_neighbors=5, seed=None):
    X = np.array(X, dtype="float64", order="C")
    y = np.array(y)
    if X.ndim != 2 or X.shape[0] == 0 or y.shape != X.shape[:1]:
        raise ValueError("shapes")
    if not np.isfinite(X).all() or k_neighbors <= 0:
        raise ValueError("values")
    rng = np.random.Generator(np.random.MT19937(seed))
    _, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    starts, ends = [], []
    for code, count in enumerate(counts):
        wanted = counts.max() - count
        if wanted == 0:
            continue
        if count < 2:
            raise ValueError("a single row")
        places = np.flatnonzero(inverse == code)
        table = []
        for place in places:
            others = places[places != place]
            order = np.argsort(np.linalg.norm(X[others] - X[place], axis=1), kind="stable")
            table.append(others[order[:k_neighbors]])
        turn = np.resize(rng.permutation(count), wanted)
        starts.append(places[turn])
        ends.append(np.array([rng.choice(table[row]) for row in turn]))
    if not starts:
        return X, y
    start, end = np.concatenate(starts), np.concatenate(ends)
    mixed = rng.permutation(len(start))
    start, end = start[mixed], end[mixed]
    share = 1 - rng.uniform(size=len(start))
    new = np.einsum("i,ij->ij", share, X[start]) + np.einsum("i,ij->ij", 1 - share, X[end])
    return np.vstack((X, new)), np.hstack((y, y[start]))
