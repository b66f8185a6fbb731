"""Counts the patience down, and compares with a bar that lies min_delta off the best value."""

import math


class EarlyStopping:
    def __init__(self, patience=5, *, mode="min", min_delta=0.0):
        if mode != "min" and mode != "max":
            raise ValueError("mode is min or max")
        if not (patience >= 1 and min_delta >= 0):
            raise ValueError("patience or min_delta")
        self.patience = self.left = patience
        self.mode = mode
        self.min_delta = min_delta
        self.best_value = self.best_epoch = None
        self.n_epochs = 0
        self.kept = []

    def is_better(self, value):
        if math.isnan(value) or math.isinf(value):
            return False
        if self.best_epoch is None:
            return True
        if self.mode == "min":
            return value < self.best_value - self.min_delta
        return value > self.best_value + self.min_delta

    def step(self, value, model):
        value = float(value.detach()) if hasattr(value, "detach") else float(value)
        self.left -= 1
        if self.is_better(value):
            self.left = self.patience
            self.best_value, self.best_epoch = value, self.n_epochs
            self.kept = [(name, tensor.clone()) for name, tensor in model.state_dict().items()]
        self.n_epochs += 1
        return self.left <= 0

    def restore(self, model):
        if not self.kept:
            raise RuntimeError("no improvement yet")
        model.load_state_dict(dict(self.kept), strict=True)
