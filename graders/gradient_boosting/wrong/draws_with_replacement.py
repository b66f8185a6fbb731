"""A subsample is drawn like a bootstrap sample, with replacement."""

import numpy as np

CAUGHT_BY = ("test_subsample", "test_thresholds_of_drawn_rows")


class GradientBoosting:
    def __init__(self, *, loss="squared", n_stages=100, learning_rate=0.1, subsample=1.0, seed=0):
        self.loss = loss
        self.n_stages = n_stages
        self.learning_rate = learning_rate
        self.subsample = subsample
        self.seed = seed

    def fit(self, X, y):
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
                rows = rng.integers(len(target), size=n_drawn)
            stump = _fit_stump(points[rows], residual[rows], curvature[rows])
            # Rows that the stump did not see move as well.
            raw = raw + self.learning_rate * _leaf(stump, points)
            stumps.append(stump)
        self.train_loss_ = np.array([*losses, _mean_loss(target, raw, is_log)])
        self.classes_, self._start, self._stumps, self._n_features = classes, start, stumps, points.shape[1]
        return self

    def staged_raw(self, X):
        if not hasattr(self, "_stumps"):
            raise RuntimeError("this GradientBoosting has learnt nothing yet: call fit first")
        points = _finite_matrix(X)
        if points.shape[1] != self._n_features:
            raise ValueError(f"X must have {self._n_features} features, as at fit, found {points.shape[1]}")
        steps = [self.learning_rate * _leaf(stump, points) for stump in self._stumps]
        return np.cumsum([np.full(len(points), self._start), *steps], axis=0)

    def predict_proba(self, X):
        raw = self.staged_raw(X)[-1]
        if self.loss != "log":
            raise ValueError(f"there are no probabilities under the loss {self.loss!r}")
        return np.stack([_sigmoid(-raw), _sigmoid(raw)], axis=1)

    def predict(self, X):
        raw = self.staged_raw(X)[-1]
        return self.classes_[(raw > 0).astype(int)] if self.loss == "log" else raw

    def _check_options(self):
        if self.loss not in ("squared", "log"):
            raise ValueError(f"loss must be squared or log, found {self.loss!r}")
        if self.n_stages < 1 or not self.learning_rate > 0 or not 0 < self.subsample <= 1:
            raise ValueError("n_stages must be at least 1, learning_rate above 0, subsample above 0 and at most 1")


def _fit_stump(points, residual, curvature):
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
