"""As graders/early_stopping/wrong/equal_is_better.py, in another hand."""

import copy

import numpy as np
import torch


class EarlyStopping:
    def __init__(self, patience=5, *, mode="min", min_delta=0.0):
        if mode != "min" and mode != "max":
            raise ValueError(f"unknown mode {mode}")
        if patience <= 0:
            raise ValueError("patience must be positive")
        if min_delta < 0:
            raise ValueError("min_delta must not be negative")
        self._patience = patience
        self._lower = mode == "min"
        self._delta = min_delta
        self.best_value = None
        self.best_epoch = None
        self._weights = None
        self._epoch = -1
        self._bad = 0

    def step(self, value, model):
        self._epoch += 1
        number = float(value.detach() if isinstance(value, torch.Tensor) else value)
        self._bad += 1
        if np.isfinite(number) and self._is_improvement(number):
            self._bad = 0
            self._remember(number, model)
        return self._bad >= self._patience

    def _is_improvement(self, number):
        if self.best_value is None:
            return True
        if self._lower:
            return self.best_value - number >= self._delta
        return number - self.best_value >= self._delta

    def _remember(self, number, model):
        self.best_value, self.best_epoch = number, self._epoch
        self._weights = copy.deepcopy(model.state_dict())

    def restore(self, model):
        if self.best_epoch is None:
            raise RuntimeError("no improvement so far")
        model.load_state_dict(self._weights)
