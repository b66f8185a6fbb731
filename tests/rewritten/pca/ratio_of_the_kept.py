"""As graders/pca/wrong/ratio_of_the_kept.py, in another hand."""

import numpy as np
import scipy.linalg


def matrix(A):
    A = np.array(A).astype("float64")
    if len(A.shape) != 2:
        raise ValueError("expected a matrix")
    if not np.all(np.isfinite(A)):
        raise ValueError("expected finite entries")
    return A


def shares(variances):
    total = np.sum(variances)
    return variances / total if total > 0 else np.zeros(len(variances))


class PCA:
    def __init__(self, n_components=None, *, whiten=False):
        self.n_components, self.whiten = n_components, whiten

    def fit(self, X):
        A = matrix(X)
        n = A.shape[0]
        if n < 2:
            raise ValueError("one sample has no variance")
        mean = np.mean(A, axis=0)
        A = A - mean
        directions, lengths, _ = scipy.linalg.svd(A.T, full_matrices=False)
        lengths = np.where(lengths > 1e-12 * lengths.max(), lengths, 0.0)
        variances = np.square(lengths) / (n - 1)
        k = self._how_many(shares(variances))
        directions = directions[:, :k].T
        self.components_ = directions * self._signs(directions)
        self.mean_ = mean
        self.explained_variance_ = variances[:k].copy()
        self.explained_variance_ratio_ = shares(variances[:k])
        return self

    def _signs(self, directions):
        size = np.abs(directions)
        near = size > np.amax(size, axis=1, keepdims=True) - 1e-9
        lead = np.take_along_axis(directions, near.argmax(axis=1)[:, np.newaxis], axis=1)
        return np.where(lead < 0, -1.0, 1.0)

    def _how_many(self, ratios):
        k, most = self.n_components, len(ratios)
        if k is None:
            return most
        if isinstance(k, float):
            if k <= 0 or k >= 1:
                raise ValueError("the share must be between 0 and 1")
            enough = np.add.accumulate(ratios) >= k
            return int(np.argmax(enough)) + 1 if enough.any() else most
        if k < 1 or k > most:
            raise ValueError("n_components is too small or too large")
        return k

    def _deviations(self):
        return np.sqrt(self.explained_variance_)

    def transform(self, X):
        if not hasattr(self, "mean_"):
            raise RuntimeError("not fitted yet")
        A = matrix(X)
        if A.shape[1] != len(self.mean_):
            raise ValueError("number of features")
        Z = np.einsum("nf,kf->nk", A - self.mean_, self.components_)
        if self.whiten:
            deviations = self._deviations()
            flat = deviations == 0
            Z = Z / np.where(flat, 1.0, deviations)
            Z[:, flat] = 0.0
        return Z

    def inverse_transform(self, Z):
        if not hasattr(self, "mean_"):
            raise RuntimeError("not fitted yet")
        Z = matrix(Z)
        if Z.shape[1] != len(self.components_):
            raise ValueError("number of components")
        basis = self.components_
        if self.whiten:
            basis = self._deviations()[:, np.newaxis] * basis
        return np.matmul(Z, basis) + self.mean_
