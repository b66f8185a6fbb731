"""As graders/early_stopping/wrong/assigns_the_copy.py, in another hand."""

from math import isfinite

import torch


class EarlyStopping:
    def __init__(self, patience=5, *, mode="min", min_delta=0.0):
        if mode not in {"min", "max"}:
            raise ValueError("mode is min or max")
        if patience < 1 or min_delta < 0:
            raise ValueError("patience and min_delta are too small")
        self.patience, self.min_delta = patience, min_delta
        self.sign = -1 if mode == "min" else 1
        self.best_value = self.best_epoch = self.snapshot = None
        self.epochs = 0
        self.waited = 0

    def step(self, value, model):
        if torch.is_tensor(value):
            value = value.item()
        value = float(value)
        if self.better(value):
            self.best_value = value
            self.best_epoch = self.epochs
            self.snapshot = {key: tensor.detach().clone() for key, tensor in model.state_dict().items()}
            self.waited = 0
        else:
            self.waited += 1
        self.epochs += 1
        return self.waited >= self.patience

    def better(self, value):
        if not isfinite(value):
            return False
        if self.best_value is None:
            return True
        return self.sign * (value - self.best_value) > self.min_delta

    def restore(self, model):
        if self.snapshot is None:
            raise RuntimeError("nothing was kept yet")
        for key, tensor in self.snapshot.items():
            path, _, name = key.rpartition(".")
            owner = model.get_submodule(path)
            old = getattr(owner, name)
            if isinstance(old, torch.nn.Parameter):
                tensor = torch.nn.Parameter(tensor, requires_grad=old.requires_grad)
            setattr(owner, name, tensor)
