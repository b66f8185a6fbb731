"""Principal component analysis by the singular value decomposition of the centred data."""

import numpy as np


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
        raise NotImplementedError("implement PCA")

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
        raise NotImplementedError("implement PCA")

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
        raise NotImplementedError("implement PCA")

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
        raise NotImplementedError("implement PCA")
