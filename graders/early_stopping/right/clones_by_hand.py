"""Signs instead of modes, tensors cloned by name and copied back one by one, and a list of all values."""

import torch


class EarlyStopping:
    def __init__(self, patience=5, *, mode="min", min_delta=0.0):
        signs = {"min": -1.0, "max": 1.0}
        if mode not in signs:
            raise ValueError("mode")
        if patience < 1:
            raise ValueError("patience")
        if min_delta < 0:
            raise ValueError("min_delta")
        self.sign, self.patience, self.min_delta = signs[mode], patience, min_delta
        self.history = []
        self.kept = {}
        self.best_value = None
        self.best_epoch = None

    def step(self, value, model):
        if isinstance(value, torch.Tensor):
            value = value.item()
        value = float(value)
        self.history.append(value)
        best = -float("inf") if self.best_value is None else self.sign * self.best_value
        here = self.sign * value
        if here - best > self.min_delta and here not in (float("inf"), -float("inf")):
            self.best_value = value
            self.best_epoch = len(self.history) - 1
            for name, tensor in model.state_dict().items():
                self.kept[name] = tensor.detach().clone()
        since = len(self.history) if self.best_epoch is None else len(self.history) - 1 - self.best_epoch
        return since >= self.patience

    @torch.no_grad()
    def restore(self, model):
        if not self.kept:
            raise RuntimeError("nothing kept")
        for name, tensor in model.state_dict().items():
            tensor.copy_(self.kept[name])
        return self.best_epoch
