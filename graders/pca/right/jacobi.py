"""One-sided Jacobi rotations in plain loops instead of a library's decomposition; projections sample by sample."""

import math

import numpy as np


def singular(B):
    """B (m x k, m >= k): rotates its columns until they are orthogonal; U, s, W with B = U diag(s) W^T."""
    B, W = B.copy(), np.eye(B.shape[1])
    for _ in range(60):
        largest = 0.0
        for i in range(B.shape[1] - 1):
            for j in range(i + 1, B.shape[1]):
                a, b, c = B[:, i] @ B[:, i], B[:, j] @ B[:, j], B[:, i] @ B[:, j]
                if c == 0 or a * b == 0 or abs(c) <= 1e-15 * math.sqrt(a * b):
                    continue
                largest = max(largest, abs(c) / math.sqrt(a * b))
                zeta = (b - a) / (2 * c)
                t = math.copysign(1, zeta) / (abs(zeta) + math.hypot(1, zeta))
                cosine = 1 / math.hypot(1, t)
                turn = np.array([[cosine, cosine * t], [-cosine * t, cosine]])
                B[:, [i, j]] = B[:, [i, j]] @ turn
                W[:, [i, j]] = W[:, [i, j]] @ turn
        if largest < 1e-14:
            break
    s = np.sqrt((B * B).sum(axis=0))
    order = np.argsort(-s)
    B, s, W = B[:, order], s[order], W[:, order]
    s = np.where(s <= 1e-12 * s[0], 0, s)
    return B, s, W


class PCA:
    def __init__(self, n_components=None, *, whiten=False):
        self.n_components, self.whiten, self.done = n_components, whiten, False

    def fit(self, X):
        X = read(X)
        n, d = X.shape
        most = min(n, d)
        k = self.n_components
        if n < 2 or (k is not None and (k <= 0 or k > most or (k >= 1 and isinstance(k, float)))):
            raise ValueError("cannot be")
        self.mean_ = np.array([math.fsum(column) / n for column in X.T.tolist()])
        C = X - self.mean_
        if d <= n:
            _, s, V = singular(C)
        else:
            B, s, _ = singular(C.T)
            V = complete([B[:, j] / s[j] for j in range(most) if s[j] > 0], most, d)
        variance = s**2 / (n - 1)
        total = variance.sum()
        ratio = variance / total if total else 0 * variance
        if k is None:
            k = most
        elif k < 1:
            kept = 0.0
            count = 0
            while kept < k and count < most:
                kept += ratio[count]
                count += 1
            k = count
        rows = []
        for v in V.T[: int(k)]:
            top = max(abs(v))
            place = next(j for j in range(d) if abs(v[j]) >= top - 1e-9)
            rows.append(v if v[place] > 0 else -v)
        self.components_ = np.array(rows)
        self.explained_variance_, self.explained_variance_ratio_ = variance[: int(k)], ratio[: int(k)]
        self.done = True
        return self

    def transform(self, X):
        if not self.done:
            raise RuntimeError("fit first")
        X = read(X)
        if X.shape[1] != len(self.mean_):
            raise ValueError("columns")
        Z = np.zeros((len(X), len(self.components_)))
        for i, x in enumerate(X):
            for j, v in enumerate(self.components_):
                spread = math.sqrt(self.explained_variance_[j]) if self.whiten else 1.0
                Z[i, j] = v @ (x - self.mean_) / spread if spread else 0.0
        return Z

    def inverse_transform(self, Z):
        if not self.done:
            raise RuntimeError("fit first")
        Z = read(Z)
        if Z.shape[1] != len(self.components_):
            raise ValueError("columns")
        X = np.tile(self.mean_, (len(Z), 1))
        for j, v in enumerate(self.components_):
            X += np.outer(Z[:, j] * (math.sqrt(self.explained_variance_[j]) if self.whiten else 1), v)
        return X


def complete(columns, k, d):
    """Gram and Schmidt with unit vectors, until there are k."""
    axis = 0
    while len(columns) < k:
        v = np.zeros(d)
        v[axis] = 1.0
        axis += 1
        for _ in range(2):
            for u in columns:
                v = v - (u @ v) * u
        if np.linalg.norm(v) > 1e-3 / d:
            columns.append(v / np.linalg.norm(v))
    return np.stack(columns, axis=1)


def read(X):
    X = np.array(X, dtype=float)
    if X.ndim != 2 or not np.all(np.isfinite(X)):
        raise ValueError("finite and two-dimensional, please")
    return X
