"""As graders/kmeans/wrong/trusts_the_caller.py, in another hand."""

import numpy as np


def kmeans_plusplus(X, n_clusters, *, seed=0):
    data = to_data(X)
    return pick(data, n_clusters, np.random.default_rng(seed))


def to_data(X):
    return np.asarray(X)


def gaps(data, center):
    away = data - center
    return np.einsum("nf,nf->n", away, away)


def pick(data, k, rng):
    n = data.shape[0]
    chosen = np.empty(k, dtype=int)
    free = np.ones(n, dtype=bool)
    closest = np.full(n, np.inf)
    for turn in range(k):
        mass = closest if turn and closest.any() else free.astype(float)
        steps = np.cumsum(mass / mass.max())
        row = int(np.searchsorted(steps, rng.random() * steps[-1], side="right"))
        chosen[turn] = row
        free[row] = False
        closest = np.fmin(closest, gaps(data, data[row]))
    return chosen


def assign(data, centers):
    distances = np.stack([gaps(data, center) for center in centers])
    return np.argmin(distances, axis=0), np.min(distances, axis=0)


def mend(labels, distances, k):
    for empty in range(k):
        members = np.bincount(labels, minlength=k)
        if members[empty]:
            continue
        allowed = np.where(members[labels] > 1, distances, -np.inf)
        farthest = int(np.argmax(allowed))
        labels[farthest] = empty
        distances[farthest] = 0.0


def means(data, labels, k):
    sums = np.zeros((k, data.shape[1]))
    for cluster in range(k):
        sums[cluster] = np.mean(data[labels == cluster], axis=0)
    return sums


class KMeans:
    def __init__(self, n_clusters=8, *, init="k-means++", n_init=4, max_iter=300, seed=0):
        self.n_clusters, self.init, self.n_init = n_clusters, init, n_init
        self.max_iter, self.seed = max_iter, seed

    def _starts(self, data):
        k = self.n_clusters
        if isinstance(self.init, str):
            rng = np.random.default_rng(self.seed)
            for _ in range(self.n_init):
                yield data[pick(data, k, rng)]
        else:
            yield to_data(self.init)

    def fit(self, X):
        data = to_data(X)
        results = []
        for start in self._starts(data):
            results.append(self._one_run(data, start))
        self.inertia_, self.n_iter_, self.cluster_centers_, self.labels_ = min(results, key=lambda result: result[0])
        return self

    def _one_run(self, data, centers):
        k, old, rounds = self.n_clusters, None, 0
        while rounds < self.max_iter:
            rounds += 1
            labels, distances = assign(data, centers)
            mend(labels, distances, k)
            centers = means(data, labels, k)
            if old is not None and not np.any(labels != old):
                break
            old = labels
        inertia = sum(gaps(data[labels == cluster], centers[cluster]).sum() for cluster in range(k))
        return float(inertia), rounds, centers, labels

    def predict(self, X):
        if "cluster_centers_" not in vars(self):
            raise RuntimeError("there are no centres yet")
        data = to_data(X)
        return assign(data, self.cluster_centers_)[0]
