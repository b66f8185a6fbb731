"""Takes the small triangle of a QR decomposition apart, with scipy's older driver."""

import numpy as np
import scipy.linalg


class PCA:
    def __init__(self, n_components=None, *, whiten=False):
        self.n_components = n_components
        self.whiten = whiten
        self.mean_ = None

    def fit(self, X):
        X = matrix(X)
        n, d = X.shape
        if n < 2:
            raise ValueError("two samples, please")
        wanted = self.n_components
        if wanted is not None:
            is_share = isinstance(wanted, (float, np.floating))
            if (is_share and not 0 < wanted < 1) or (not is_share and wanted not in range(1, min(n, d) + 1)):
                raise ValueError("n_components")
        mean = np.average(X, axis=0)
        if n >= d:
            r = scipy.linalg.qr(X - mean, mode="economic")[1]
            _, s, rows = scipy.linalg.svd(r, lapack_driver="gesvd")
        else:
            q, r = scipy.linalg.qr((X - mean).T, mode="economic")
            turned, s, _ = scipy.linalg.svd(r, lapack_driver="gesvd")
            rows = (q @ turned).T
        s = np.where(s > s.max() * 1e-12, s, 0.0)
        self.explained_variance_ = (s / np.sqrt(n - 1)) ** 2
        total = self.explained_variance_.sum()
        self.explained_variance_ratio_ = self.explained_variance_ / (total or 1.0)
        if wanted is None:
            k = len(s)
        elif wanted < 1:
            k = 1 + np.count_nonzero(np.cumsum(self.explained_variance_ratio_)[:-1] < wanted)
        else:
            k = wanted
        large = np.round(np.abs(rows) / np.abs(rows).max(axis=1)[:, None], 10) >= 1 - 1.5e-9
        leading = np.take_along_axis(rows, large.argmax(axis=1)[:, None], axis=1)
        self.components_ = np.where(leading < 0, -rows, rows)[:k]
        self.explained_variance_ = self.explained_variance_[:k]
        self.explained_variance_ratio_ = self.explained_variance_ratio_[:k]
        self.mean_ = mean
        return self

    def _scale(self):
        if self.mean_ is None:
            raise RuntimeError("not fitted")
        return np.sqrt(self.explained_variance_) if self.whiten else np.ones(len(self.explained_variance_))

    def transform(self, X):
        scale, X = self._scale(), matrix(X)
        if X.shape[1] != self.mean_.size:
            raise ValueError("features")
        with np.errstate(divide="ignore"):
            inverse = np.where(scale == 0, 0.0, 1 / scale)
        return np.einsum("nd,kd,k->nk", X - self.mean_, self.components_, inverse, optimize=True)

    def inverse_transform(self, Z):
        scale, Z = self._scale(), matrix(Z)
        if Z.shape[1] != scale.size:
            raise ValueError("components")
        return self.mean_ + Z @ (scale[:, None] * self.components_)


def matrix(X):
    X = np.asarray(X).astype(np.float64)
    if X.ndim != 2 or np.isnan(X.sum()) or np.isinf(X).any():
        raise ValueError("no finite matrix")
    return X
