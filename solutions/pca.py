"""Principal component analysis by the singular value decomposition of the centred data."""

import numbers

import numpy as np

_NOTHING = 1e-12  # of the largest singular value: smaller ones are rounding


class PCA:
    """The directions in which data varies most, ``X - mean = U @ diag(s) @ components``.

    Parameters
    ----------
    n_components : int or float, optional
        How many components are kept, from 1 to ``min(n_samples, n_features)``; between 0 and 1, the fewest that hold
        at least this share of the variance; None keeps them all.
    whiten : bool, default False
        Scale the coordinates to variance 1.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        The mean of each feature.
    components_ : ndarray of shape (n_components, n_features)
        Orthonormal rows, the one with the largest variance first. Of each row the entry with the largest absolute value
        is positive; of entries equally large up to 1e-9 the first one.
    explained_variance_ : ndarray of shape (n_components,)
        The variance of each coordinate of the training data, divided by ``n_samples - 1``; 0 where the singular value
        is at most 1e-12 times the largest.
    explained_variance_ratio_ : ndarray of shape (n_components,)
        Its share in the variance of all features; 0 where there is no variance at all.

    References
    ----------
    Pearson, On Lines and Planes of Closest Fit to Systems of Points in Space, Philosophical Magazine 2(11), 1901.
    Jolliffe, Principal Component Analysis, 2nd edition, 2002, section 3.5.

    Examples
    --------
    >>> pca = PCA(1).fit([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    >>> pca.transform([[3.0, 4.0], [6.0, 8.0]]).round(6).tolist()
    [[0.0], [5.0]]
    """

    def __init__(self, n_components=None, *, whiten=False):
        self.n_components = n_components
        self.whiten = whiten

    def fit(self, X):
        """Find mean and components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype; two samples or more.

        Returns
        -------
        PCA
            Itself.

        Raises
        ------
        ValueError
            NaN or infinity in `X`, another shape, fewer than two samples, or an `n_components` that cannot be.
        """
        points = _finite_matrix(X)
        if len(points) < 2 or not points.shape[1]:
            raise ValueError(f"X must have two samples and one feature at least, found shape {points.shape}")
        mean = points.mean(axis=0)
        _, s, components = np.linalg.svd(points - mean, full_matrices=False)
        s[s <= _NOTHING * s[0]] = 0.0
        variance = s**2 / (len(points) - 1)
        ratio = variance / variance.sum() if s[0] > 0 else np.zeros(len(s))
        k = self._count(ratio)
        size = np.abs(components)
        first = np.argmax(size >= size.max(axis=1, keepdims=True) - 1e-9, axis=1)
        signs = np.sign(components[np.arange(len(components)), first])
        self.mean_, self.components_ = mean, (components * signs[:, None])[:k]
        self.explained_variance_, self.explained_variance_ratio_ = variance[:k], ratio[:k]
        return self

    def transform(self, X):
        """The coordinates of samples along the components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype; n_samples may be 0.

        Returns
        -------
        ndarray of shape (n_samples, n_components), float64
            Under `whiten` each divided by its standard deviation at `fit`, and 0 where that is 0.

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            NaN or infinity in `X`, or another number of columns than there are features.
        """
        points = self._checked(X, 1)
        coordinates = (points - self.mean_) @ self.components_.T
        if not self.whiten:
            return coordinates
        spread = np.sqrt(self.explained_variance_)
        return np.divide(coordinates, spread, out=np.zeros_like(coordinates), where=spread > 0)

    def inverse_transform(self, Z):
        """The samples that have these coordinates and lie in the space of the components.

        Parameters
        ----------
        Z : array-like of shape (n_samples, n_components)
            Coordinates as `transform` returns them.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float64

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            NaN or infinity in `Z`, or another number of columns than there are components.
        """
        coordinates = self._checked(Z, 0)
        if self.whiten:
            coordinates = coordinates * np.sqrt(self.explained_variance_)
        return coordinates @ self.components_ + self.mean_

    def _count(self, ratio):
        n = self.n_components
        if n is None:
            return len(ratio)
        if isinstance(n, numbers.Integral) and 1 <= n <= len(ratio):
            return int(n)
        if not isinstance(n, numbers.Integral) and 0 < n < 1:
            return min(int(np.searchsorted(ratio.cumsum(), n)) + 1, len(ratio))
        raise ValueError(f"n_components must be from 1 to {len(ratio)}, or a share between 0 and 1, found {n}")

    def _checked(self, X, axis):
        if not hasattr(self, "components_"):
            raise RuntimeError("this PCA has learnt nothing yet: call fit first")
        points, expected = _finite_matrix(X), self.components_.shape[axis]
        if points.shape[1] != expected:
            raise ValueError(f"expected {expected} columns, found {points.shape[1]}")
        return points


def _finite_matrix(X):
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f"the array must be two-dimensional and finite, found shape {points.shape}")
    return points
