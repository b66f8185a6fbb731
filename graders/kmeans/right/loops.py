"""Loops over clusters and over features; random numbers from the standard library; runs are compared one by one."""

import math
import random

import numpy as np


def kmeans_plusplus(X, n_clusters, *, seed=0):
    X = to_matrix(X)
    if n_clusters not in range(1, len(X) + 1):
        raise ValueError("n_clusters")
    return np.array(choose(X, n_clusters, random.Random(seed)), dtype=np.int32)


def choose(X, k, source):
    rows = [source.randrange(len(X))]
    while len(rows) < k:
        squares = [
            min(sum((a - b) ** 2 for a, b in zip(x, X[r].tolist(), strict=True)) for r in rows) for x in X.tolist()
        ]
        if max(squares) == 0:
            rows.append(source.choice([i for i in range(len(X)) if i not in rows]))
        else:
            rows.append(source.choices(range(len(X)), weights=squares)[0])
    return rows


def to_matrix(X):
    X = np.asarray(X)
    if X.ndim != 2:
        raise ValueError("dimensions")
    X = X.astype("float64")
    if not np.isfinite(X).all():
        raise ValueError("finite")
    return X


def to_center(X, center):
    total = np.zeros(len(X))
    for j in range(X.shape[1]):
        total += (X[:, j] - center[j]) ** 2
    return total


def assign(X, centers):
    far = np.array([to_center(X, center) for center in centers])
    return np.argmin(far, axis=0), np.min(far, axis=0)


class KMeans:
    def __init__(self, n_clusters=8, *, init="k-means++", n_init=4, max_iter=300, seed=0):
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed

    def fit(self, X):
        X = to_matrix(X)
        if self.n_clusters not in range(1, len(X) + 1) or min(self.n_init, self.max_iter) < 1:
            raise ValueError("options")
        starts = []
        if isinstance(self.init, str):
            if self.init != "k-means++":
                raise ValueError("init")
            source = random.Random(f"seed {self.seed}")
            for _ in range(self.n_init):
                starts.append(X[choose(X, self.n_clusters, source)])
        else:
            starts.append(to_matrix(self.init))
            if starts[0].shape != (self.n_clusters, X.shape[1]):
                raise ValueError("init")
        self.inertia_ = math.inf
        for start in starts:
            self.run(X, list(start))
        return self

    def run(self, X, centers):
        labels, n_iter, same = [], 0, False
        while n_iter < self.max_iter and not same:
            n_iter += 1
            new, own = assign(X, centers)
            for c in range(self.n_clusters):
                if not (new == c).any():
                    best = -1
                    for i in np.argsort(-own, kind="stable"):
                        if (new == new[i]).sum() > 1:
                            best = i
                            break
                    new[best] = c
            centers = [np.mean(X[new == c], axis=0) for c in range(self.n_clusters)]
            same = list(new) == list(labels)
            labels = new
        inertia = sum(to_center(X[labels == c], centers[c]).sum() for c in range(self.n_clusters))
        if inertia < self.inertia_:
            self.cluster_centers_, self.labels_ = np.array(centers), labels
            self.inertia_, self.n_iter_ = inertia, n_iter

    def predict(self, X):
        if getattr(self, "cluster_centers_", None) is None:
            raise RuntimeError("not fitted")
        X = to_matrix(X)
        if X.shape[1] != self.cluster_centers_.shape[1]:
            raise ValueError("features")
        return assign(X, self.cluster_centers_)[0]
