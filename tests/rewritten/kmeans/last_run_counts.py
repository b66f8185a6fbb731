"""As graders/kmeans/wrong/last_run_counts.py, in another hand."""

import random

import numpy as np


def kmeans_plusplus(X, n_clusters, *, seed=0):
    X = clean(X)
    enough(X, n_clusters)
    return np.array(draw_rows(X, n_clusters, random.Random(int(seed))), dtype=np.int64)


def clean(X):
    X = np.array(X, dtype=np.float64)
    if X.ndim != 2 or not np.isfinite(X).all():
        raise ValueError("a finite table is needed")
    return X


def enough(X, n_clusters):
    if n_clusters < 1 or n_clusters > len(X):
        raise ValueError("n_clusters does not fit the data")


def table_of_distances(X, centers):
    table = np.zeros((X.shape[0], len(centers)))
    for j in range(X.shape[1]):
        gap = X[:, j, None] - centers[:, j]
        table += gap * gap
    return table


def draw_rows(X, k, source):
    n = len(X)
    rows = [source.randrange(n)]
    while len(rows) < k:
        odds = table_of_distances(X, X[rows]).min(axis=1)
        if odds.max() == 0:
            rows.append(source.choice([i for i in range(n) if i not in rows]))
        else:
            rows.append(source.choices(range(n), weights=odds.tolist())[0])
    return rows


class KMeans:
    def __init__(self, n_clusters=8, *, init="k-means++", n_init=4, max_iter=300, seed=0):
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed

    def fit(self, X):
        X = clean(X)
        enough(X, self.n_clusters)
        if self.n_init < 1:
            raise ValueError("n_init must be positive")
        if self.max_iter < 1:
            raise ValueError("max_iter must be positive")
        if isinstance(self.init, str) and self.init != "k-means++":
            raise ValueError("unknown init")
        if isinstance(self.init, str):
            source = random.Random(int(self.seed))
            starts = [X[draw_rows(X, self.n_clusters, source)] for _ in range(self.n_init)]
        else:
            starts = [clean(self.init)]
            if starts[0].shape != (self.n_clusters, X.shape[1]):
                raise ValueError("init has the wrong shape")
        for start in starts:
            self.labels_, self.cluster_centers_, self.inertia_, self.n_iter_ = self.run(X, start)
        return self

    def run(self, X, centers):
        previous, count = None, 0
        while count < self.max_iter:
            count += 1
            table = table_of_distances(X, centers)
            labels = table.argmin(axis=1)
            far = table[np.arange(len(X)), labels]
            for cluster in range(len(centers)):
                if cluster in labels:
                    continue
                sizes = np.bincount(labels, minlength=len(centers))
                givers = np.flatnonzero(sizes[labels] >= 2)
                chosen = givers[far[givers].argmax()]
                labels[chosen], far[chosen] = cluster, 0.0
            centers = np.stack([X[labels == cluster].mean(axis=0) for cluster in range(len(centers))])
            if previous is not None and (labels == previous).all():
                break
            previous = labels
        return labels, centers, float(np.square(X - centers[labels]).sum()), count

    def predict(self, X):
        if not hasattr(self, "cluster_centers_"):
            raise RuntimeError("fit first")
        X = clean(X)
        if X.shape[1] != self.cluster_centers_.shape[1]:
            raise ValueError("wrong number of features")
        return table_of_distances(X, self.cluster_centers_).argmin(axis=1)
