"""Keeps a deep copy of the whole model, and compares with infinite start values."""

import copy
import math

import torch


class EarlyStopping:
    best_epoch = None
    best_model = None

    def __init__(self, patience=5, *, mode="min", min_delta=0.0):
        if mode == "min":
            self.best = math.inf
        elif mode == "max":
            self.best = -math.inf
        else:
            raise ValueError(mode)
        if patience <= 0 or min_delta < 0:
            raise ValueError("out of range")
        self.mode, self.patience, self.min_delta = mode, patience, min_delta
        self.seen = self.waited = 0

    @property
    def best_value(self):
        return None if self.best_epoch is None else self.best

    def step(self, value, model):
        value = float(value)
        better = value + self.min_delta < self.best if self.mode == "min" else value - self.min_delta > self.best
        if better and math.isfinite(value):
            self.best, self.best_epoch, self.waited = value, self.seen, 0
            self.best_model = copy.deepcopy(model)
        else:
            self.waited += 1
        self.seen += 1
        return not self.waited < self.patience

    def restore(self, model):
        if self.best_model is None:
            raise RuntimeError("there was no best epoch")
        with torch.no_grad():
            for mine, theirs in zip(self.best_model.parameters(), model.parameters(), strict=True):
                theirs.copy_(mine)
            for mine, theirs in zip(self.best_model.buffers(), model.buffers(), strict=True):
                theirs.copy_(mine)
