"""A state dict is a snapshot of the model."""

import math

CAUGHT_BY = (
    "test_restores_the_best_weights",
    "test_restores_more_than_once",
    "test_dtypes",
    "test_two_stoppers",
)


class EarlyStopping:
    def __init__(self, patience=5, *, mode="min", min_delta=0.0):
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be min or max, found {mode!r}")
        if patience < 1 or not min_delta >= 0:
            raise ValueError(f"patience must be at least 1 and min_delta 0, found {patience} and {min_delta}")
        self.patience, self.mode, self.min_delta = patience, mode, min_delta
        self.best_value = self.best_epoch = self.best_state = None
        self.epoch = self.n_bad = 0

    def step(self, value, model):
        # A tensor could change later, and would keep its graph.
        value = float(value.item() if hasattr(value, "item") else value)
        if self._improves(value):
            self.best_value, self.best_epoch, self.n_bad = value, self.epoch, 0
            self.best_state = model.state_dict()
        else:
            self.n_bad += 1
        self.epoch += 1
        return self.n_bad >= self.patience

    def restore(self, model):
        if self.best_state is None:
            raise RuntimeError("there is no best epoch to restore")
        model.load_state_dict(self.best_state)

    def _improves(self, value):
        if not math.isfinite(value):
            return False
        if self.best_value is None:
            return True
        gain = self.best_value - value if self.mode == "min" else value - self.best_value
        return gain > self.min_delta
