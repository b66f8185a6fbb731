"""As graders/pca/wrong/trusts_the_caller.py, in another hand."""

import numpy as np
import scipy.linalg


class PCA:
    def __init__(self, n_components=None, *, whiten=False):
        self.n_components, self.whiten = n_components, whiten

    def fit(self, X):
        A = np.asarray(X)
        n = A.shape[0]
        mean = np.mean(A, axis=0)
        if np.issubdtype(A.dtype, np.floating):
            np.subtract(A, mean, out=A)
        else:
            A = A - mean
        directions, lengths, _ = scipy.linalg.svd(A.T, full_matrices=False)
        lengths = np.where(lengths > 1e-12 * lengths.max(), lengths, 0.0)
        variances = np.square(lengths) / (n - 1)
        everything = variances.sum()
        ratios = variances / everything if everything > 0 else np.zeros_like(variances)
        k = self._how_many(ratios)
        directions = directions[:, :k].T
        self.components_ = directions * self._signs(directions)
        self.mean_ = mean
        self.explained_variance_ = variances[:k].copy()
        self.explained_variance_ratio_ = ratios[:k].copy()
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
            enough = np.add.accumulate(ratios) >= k
            return int(np.argmax(enough)) + 1 if enough.any() else most
        return k

    def _deviations(self):
        return np.sqrt(self.explained_variance_)

    def transform(self, X):
        if not hasattr(self, "mean_"):
            raise RuntimeError("not fitted yet")
        A = np.asarray(X)
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
        Z = np.asarray(Z)
        basis = self.components_
        if self.whiten:
            basis = self._deviations()[:, np.newaxis] * basis
        return np.matmul(Z, basis) + self.mean_
