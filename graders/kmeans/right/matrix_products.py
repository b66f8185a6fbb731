"""Moves the data to its mean, then takes distances from a matrix product; draws by cumulative sums."""

import numpy as np


def data(X):
    X = np.array(X, dtype=float)
    if X.ndim != 2 or np.isnan(X).any() or np.isinf(X).any():
        raise ValueError("X")
    return X


def distances(X, C):
    return np.maximum((X * X).sum(1)[:, None] - 2 * X @ C.T + (C * C).sum(1), 0)


def draw(X, k, generator):
    n = len(X)
    rows = np.zeros(k, int)
    left = np.full(n, np.inf)
    for j in range(k):
        weights = np.ones(n) if j == 0 else left.copy()
        if not weights.any():
            weights = 1.0 - np.isin(np.arange(n), rows[:j])
        total = np.cumsum(weights)
        rows[j] = np.searchsorted(total, generator.uniform() * total[-1], side="right")
        left = np.minimum(left, np.square(X - X[rows[j]]).sum(axis=-1))
    return rows


def kmeans_plusplus(X, n_clusters, *, seed=0):
    X = data(X)
    if n_clusters < 1 or n_clusters > X.shape[0]:
        raise ValueError("n_clusters")
    return draw(X, n_clusters, np.random.RandomState(seed + 17))


class KMeans:
    def __init__(self, n_clusters=8, *, init="k-means++", n_init=4, max_iter=300, seed=0):
        self.k, self.init, self.n_init, self.max_iter, self.seed = n_clusters, init, n_init, max_iter, seed
        self.fitted = False

    def fit(self, X):
        X = data(X)
        shift = X.mean(axis=0)
        X = X - shift
        given = not isinstance(self.init, str)
        if not 1 <= self.k <= len(X) or self.n_init < 1 or self.max_iter < 1:
            raise ValueError("options")
        if given and data(self.init).shape != (self.k, X.shape[1]):
            raise ValueError("init")
        if not given and self.init != "k-means++":
            raise ValueError("init")
        generator, best = np.random.RandomState(self.seed), np.inf
        for _ in range(1 if given else self.n_init):
            start = data(self.init) - shift if given else X[draw(X, self.k, generator)]
            labels, centers, inertia, count = self.run(X, start)
            if inertia < best:
                best = inertia
                self.labels_, self.cluster_centers_, self.inertia_, self.n_iter_ = (
                    labels,
                    centers + shift,
                    inertia,
                    count,
                )
        self.fitted, self.shift = True, shift
        return self

    def run(self, X, centers):
        old = np.full(len(X), -1)
        count = 0
        while True:
            count += 1
            far = distances(X, centers)
            # Ties by rounding: the lowest number that is as near as the nearest.
            least = far.min(axis=1, keepdims=True)
            labels = np.argmax(far <= least + 1e-12 * (1 + least), axis=1)
            own = np.square(X - centers[labels]).sum(axis=1)
            while True:
                sizes = np.bincount(labels, minlength=self.k)
                if sizes.all():
                    break
                worst = np.where(sizes[labels] >= 2, own, -np.inf).argmax()
                labels[worst] = np.argmin(sizes != 0)
            members = np.zeros((self.k, len(X)))
            members[labels, np.arange(len(X))] = 1.0
            centers = members @ X / members.sum(axis=1, keepdims=True)
            if (labels == old).all() or count == self.max_iter:
                break
            old = labels.copy()
        return labels, centers, np.square(X - centers[labels]).sum(), count

    def predict(self, X):
        if not self.fitted:
            raise RuntimeError("fit first")
        X = data(X)
        if X.shape[1] != self.cluster_centers_.shape[1]:
            raise ValueError("features")
        far = distances(X - self.shift, self.cluster_centers_ - self.shift)
        least = far.min(axis=1, keepdims=True)
        return np.argmax(far <= least + 1e-12 * (1 + least), axis=1)
