"""Gradient boosting with stumps, for squared loss and for log loss."""

import numpy as np


class GradientBoosting:
    """A sum of stumps, each fitted to the negative gradient of the loss at what the sum says so far.

    ``F_0`` is the best constant, and ``F_m(x) = F_(m-1)(x) + learning_rate * leaf_m(x)``.

    Parameters
    ----------
    loss : {"squared", "log"}
        Squared loss for numbers, log loss for two classes; there F is the log-odds of the second class.
    n_stages : int, default 100
        Stumps, at least 1.
    learning_rate : float, default 0.1
        The share of each stump's leaf values that is added; above 0.
    subsample : float, default 1.0
        The share of rows that each stump sees, above 0 and at most 1.
    seed : int, default 0
        Of the rows that are drawn.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Under log loss, the labels, sorted.
    train_loss_ : ndarray of shape (n_stages + 1,), float64
        The mean of ``(y - F) ** 2`` over all training rows, or of the negative log-likelihood in nats, for F_0 and
        after each stage.

    References
    ----------
    Friedman, Greedy Function Approximation: A Gradient Boosting Machine, Annals of Statistics 29(5), 2001, algorithms
    2 and 5.
    Friedman, Stochastic Gradient Boosting, Computational Statistics and Data Analysis 38(4), 2002.

    Examples
    --------
    >>> model = GradientBoosting(n_stages=2, learning_rate=0.5).fit([[1.0], [2.0], [3.0], [4.0]], [0.0, 0.0, 4.0, 4.0])
    >>> model.staged_raw([[1.0], [4.0]]).tolist()
    [[2.0, 2.0], [1.0, 3.0], [0.5, 3.5]]
    """

    def __init__(self, *, loss="squared", n_stages=100, learning_rate=0.1, subsample=1.0, seed=0):
        self.loss = loss
        self.n_stages = n_stages
        self.learning_rate = learning_rate
        self.subsample = subsample
        self.seed = seed

    def fit(self, X, y):
        """Fit all stages, in place of any that were there.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype.
        y : array-like of shape (n_samples,)
            Finite numbers, or under log loss labels of two kinds that can be sorted.

        Returns
        -------
        GradientBoosting
            Itself.

        Raises
        ------
        ValueError
            NaN or infinity, shapes other than these, no samples, not exactly two labels under log loss, or an option
            that makes no sense.
        """
        self._check_options()
        points, target = _finite_matrix(X), np.asarray(y)
        if target.shape != (len(points),) or not len(points):
            raise ValueError(f"X and y must have the same number of samples, not 0: {points.shape}, {target.shape}")
        is_log = self.loss == "log"
        classes = None
        if is_log:
            classes, target = np.unique(target, return_inverse=True)
            if len(classes) != 2:
                raise ValueError(f"log loss needs two classes, found {len(classes)}")
        target = target.astype(np.float64)
        if not np.isfinite(target).all():
            raise ValueError("y must be finite")
        mean = target.mean()
        start = np.log(mean / (1 - mean)) if is_log else mean
        raw, stumps, losses = np.full(len(target), start), [], []
        rng, n_drawn = np.random.default_rng(self.seed), max(1, int(self.subsample * len(target)))
        for _ in range(self.n_stages):
            losses.append(_mean_loss(target, raw, is_log))
            p = _sigmoid(raw) if is_log else None
            residual = target - p if is_log else target - raw
            curvature = p * (1 - p) if is_log else np.ones(len(target))
            rows = slice(None)
            if n_drawn < len(target):
                rows = rng.permutation(len(target))[:n_drawn]
            stump = _fit_stump(points[rows], residual[rows], curvature[rows])
            # Rows that the stump did not see move as well.
            raw = raw + self.learning_rate * _leaf(stump, points)
            stumps.append(stump)
        self.train_loss_ = np.array([*losses, _mean_loss(target, raw, is_log)])
        self.classes_, self._start, self._stumps, self._n_features = classes, start, stumps, points.shape[1]
        return self

    def staged_raw(self, X):
        """F_0, and F after each stage.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype; n_samples may be 0.

        Returns
        -------
        ndarray of shape (n_stages + 1, n_samples), float64

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            NaN or infinity in `X`, or another number of features than at `fit`.
        """
        if not hasattr(self, "_stumps"):
            raise RuntimeError("this GradientBoosting has learnt nothing yet: call fit first")
        points = _finite_matrix(X)
        if points.shape[1] != self._n_features:
            raise ValueError(f"X must have {self._n_features} features, as at fit, found {points.shape[1]}")
        steps = [self.learning_rate * _leaf(stump, points) for stump in self._stumps]
        return np.cumsum([np.full(len(points), self._start), *steps], axis=0)

    def predict_proba(self, X):
        """Under log loss, the probabilities of both classes after the last stage.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            As for `staged_raw`.

        Returns
        -------
        ndarray of shape (n_samples, 2), float64
            Columns in the order of `classes_`.

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            As for `staged_raw`, or another loss.
        """
        raw = self.staged_raw(X)[-1]
        if self.loss != "log":
            raise ValueError(f"there are no probabilities under the loss {self.loss!r}")
        return np.stack([_sigmoid(-raw), _sigmoid(raw)], axis=1)

    def predict(self, X):
        """F after the last stage, or under log loss the likelier class; the first where F is 0.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            As for `staged_raw`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Numbers in float64, or labels of the kind that `y` had.

        Raises
        ------
        RuntimeError, ValueError
            As for `staged_raw`.
        """
        raw = self.staged_raw(X)[-1]
        return self.classes_[(raw > 0).astype(int)] if self.loss == "log" else raw

    def _check_options(self):
        if self.loss not in ("squared", "log"):
            raise ValueError(f"loss must be squared or log, found {self.loss!r}")
        if self.n_stages < 1 or not self.learning_rate > 0 or not 0 < self.subsample <= 1:
            raise ValueError("n_stages must be at least 1, learning_rate above 0, subsample above 0 and at most 1")


def _fit_stump(points, residual, curvature):
    """Feature, threshold, value on the left, value on the right; without a split everything is on the left."""
    n, total = len(points), residual.sum()
    best, best_score = None, -np.inf
    for feature in range(points.shape[1]):
        order = np.argsort(points[:, feature])
        x = points[order, feature]
        cuts = np.flatnonzero(x[:-1] < x[1:]) + 1  # samples on the left
        if not len(cuts):
            continue
        left = residual[order].cumsum()[cuts - 1]
        gains = left**2 / cuts + (total - left) ** 2 / (n - cuts) - total**2 / n
        place = np.argmax(gains >= gains.max() - 1e-9 * abs(gains.max()))
        if gains[place] > best_score + 1e-9 * abs(best_score) or best is None:
            best, best_score = (feature, (x[cuts[place] - 1] + x[cuts[place]]) / 2), gains[place]
    if best is None:
        return 0, np.inf, _step(residual, curvature), 0.0
    on_left = points[:, best[0]] <= best[1]
    return *best, _step(residual[on_left], curvature[on_left]), _step(residual[~on_left], curvature[~on_left])


def _step(residual, curvature):
    """One step of Newton's method; for squared loss the curvature is 1, and the step the mean."""
    return residual.sum() / curvature.sum() if curvature.sum() >= 1e-10 else 0.0


def _leaf(stump, points):
    feature, threshold, left, right = stump
    if not np.isfinite(threshold):
        return np.full(len(points), left)
    return np.where(points[:, feature] <= threshold, left, right)


def _sigmoid(raw):
    small = np.exp(-np.abs(raw))  # never overflows
    return np.where(raw >= 0, 1.0, small) / (1 + small)


def _mean_loss(target, raw, is_log):
    return (np.logaddexp(0.0, raw) - target * raw).mean() if is_log else ((target - raw) ** 2).mean()


def _finite_matrix(X):
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f"X must be two-dimensional and finite, found shape {points.shape}")
    return points
